"""The part of the one door that leads to the Hugging Face Hub."""

from __future__ import annotations

from collections.abc import Sequence

from core.data.hub.types import HubCard, HubDataset
from core.data.origins import Origin
from core.data.types import Preview, Progress


class HubRoom:
    """What may be asked of the Hub. Without a network every method raises ``DataError`` within three seconds."""

    def search_datasets(
        self,
        query: str = "",
        *,
        author: str = "",
        task: str = "",
        language: str = "",
        size: str = "",
        limit: int = 20,
    ) -> list[HubDataset]:
        """Datasets whose name or author fits, the most downloaded first."""
        from core.data.hub.search import search_datasets

        return search_datasets(query, author=author, task=task, language=language, size=size, limit=limit)

    def hub_card(self, repo: str, revision: str | None = None) -> HubCard:
        """Everything about one dataset, before anything of it is fetched. Raises ``DataError`` with what to do."""
        from core.data.hub.describe import hub_card

        return hub_card(repo, revision)

    def hub_preview(self, origin: Origin, rows: int = 20) -> Preview:
        """The first rows of a split, read as a stream: nothing is kept."""
        from core.data.hub.describe import hub_preview

        return hub_preview(origin, rows)

    def hub_fetch(self, origins: Sequence[Origin], progress: Progress | None = None) -> None:
        """Fetch splits of one dataset, so that ``open_table`` has them from then on. An exception raised by
        ``progress`` ends it, and what was fetched so far is taken up by the next try.
        """
        from core.data.hub.tables import hub_fetch

        hub_fetch(origins, progress)
