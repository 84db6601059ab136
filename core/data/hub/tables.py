"""Splits of Hub datasets as tables: in the cache like every other, fetched when they are not there."""

from __future__ import annotations

from collections.abc import Sequence

from core.data.hub.contents import commit_of, settled
from core.data.hub.fetch import fetch_settled
from core.data.hub.heads import read_heads
from core.data.hub.places import table_digest, table_folder, title_of_split
from core.data.origins import Origin
from core.data.tables import LoadedTable, load_folder
from core.data.types import Progress


def open_split(origin: Origin, progress: Progress | None = None) -> LoadedTable:
    """The table of a split, or of its head; it is fetched first where it is not there.

    Raises ``DataError`` when there is no such split, or when it is not there and cannot be fetched.
    """
    place = settled(origin)
    loaded = _load(place)
    if loaded is None:
        _bring([place], progress)
        loaded = _load(place)
    assert loaded is not None, "what was fetched can be loaded"
    return loaded


def hub_fetch(origins: Sequence[Origin], progress: Progress | None = None) -> None:
    """Fetch splits of one dataset, all that are not there, in one go."""
    missing = [place for place in (settled(origin) for origin in origins) if _load(place) is None]
    if missing:
        _bring(missing, progress)


def digest_of_split(origin: Origin) -> str:
    """A short name for what the table of an origin holds."""
    return table_digest(settled(origin))


def change_of_split(origin: Origin) -> int:
    """A number that changes when the origin's revision comes to stand for another commit."""
    return int(commit_of(origin)[:15], 16)


def _bring(places: Sequence[Origin], progress: Progress | None) -> None:
    read_heads([place for place in places if place.head], progress)
    whole = [place for place in places if not place.head]
    if whole:
        fetch_settled(whole, progress)


def _load(place: Origin) -> LoadedTable | None:
    path = f"{place.source}@{place.revision}"
    return load_folder(table_folder(place), path, title_of_split(place))
