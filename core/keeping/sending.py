"""A run goes into the private repository of whoever asks: in one commit, into a folder of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from core.errors import HubError
from core.hub.account import account
from core.hub.failures import page_of
from core.keeping.contents import REPOSITORY, items_of, place_of
from core.publishing.card import CARD
from core.publishing.patience import Patience
from core.publishing.place import Place, nobody
from core.publishing.push import Parcel, Tell, send
from core.publishing.types import Item, Publishing
from core.runs import Run
from core.said import said

_CARD = b"""\
# Runs of Tunesmith

One folder a run, kept to be brought back: settings, what happened, report, model. Keep this repository private: the
judged rows are texts of the tables that were learned from.
"""


def repository_of_asker() -> Publishing:
    """Where the runs of whoever asks are kept. Raises ``HubError`` where nobody is signed in, or the Hub is away."""
    found = account()
    if found is None:
        raise nobody()
    return Publishing(f"{found.name}/{REPOSITORY}", private=True)


def keep(run: Run, tell: Tell, patience: Patience) -> dict[str, Any]:
    """Keep it; what stood there of the same run is replaced. Returns only after the Hub has shown that all is there."""
    wanted = repository_of_asker()

    def items(say: Any) -> list[Item]:
        return [*items_of(run), Item(CARD, _CARD)]

    def fitted(found: Sequence[Item], place: Place) -> list[Item]:
        need_private(wanted.repo, place)
        return [item for item in found if item.name != CARD or CARD not in place.files]

    def outdated(place: Place, sent: Iterable[str]) -> list[str]:
        under, kept = place_of(run.id), set(sent)
        return sorted(name for name in place.files if name.startswith(under) and name not in kept)

    parcel = Parcel(items, fitted, outdated, title=f"Keep {run.id}", shown=False)
    return asdict(send(parcel, wanted, tell, patience))


def need_private(repo: str, place: Place) -> None:
    """Raise ``HubError`` where everybody could see what is kept there."""
    if not place.private:
        advice = said(
            "Make it private ({page}) or give it another name; then try again.", page=f"{page_of(repo)}/settings"
        )
        raise HubError(said("{repo} is public, so nothing was sent there.", repo=repo), advice)
