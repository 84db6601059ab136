"""The part of the one door that leads to the Hugging Face Hub."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.data.hub.types import HubCard, HubDataset
from core.data.origins import Origin
from core.data.types import Preview, Progress
from core.hub.types import Account, HubModel, ModelFacts, Recommendation


class HubRoom:
    """What may be asked of the Hub, as whoever is asking (``core.hub.identity``). Without a network every method raises
    ``DataError`` (of data) or ``HubError`` (of all else) within three seconds.
    """

    def account(self) -> Account | None:
        """Who is signed in; None where nobody is. Raises ``HubError`` when the Hub refuses the token."""
        from core.hub.account import account

        return account()

    def expect_network(self) -> None:
        """Ask again in earnest: a network that was found dead a moment ago is tried anew."""
        from core.data.hub.network import forget_refusal

        forget_refusal()

    # Models

    def search_models(
        self,
        query: str = "",
        *,
        task: str,
        author: str = "",
        language: str = "",
        licence: str = "",
        size: str = "",
        limit: int = 20,
    ) -> list[HubModel]:
        """Models that a run of this task can start from and whose name fits, the most downloaded first.

        ``size`` is a range of parameters as the Hub takes it: ``min:0,max:500M``.
        """
        from core.models.search import search_models

        return search_models(
            query, task=task, author=author, language=language, licence=licence, size=size, limit=limit
        )

    def model_facts(self, repo: str, revision: str | None = None, draft: Mapping[str, Any] | None = None) -> ModelFacts:
        """Everything about one model before it is downloaded. ``draft``, a config with gaps, names the task and the
        user's table: they decide on warnings, times and the share of unknown words.
        """
        from core.models.facts import model_facts

        return model_facts(self, repo, revision, draft)

    def recommended(self, task: str, language: str = "", rows: int | None = None) -> list[Recommendation]:
        """A short list for a task, the language of the texts (as ``en``) and its rows. No network needed."""
        from core.models.recommended import recommended

        return recommended(task, language, rows)

    # Datasets

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
