"""What a table is opened from: a source, how its file is read, and of a Hub dataset which part of it."""

from __future__ import annotations

from dataclasses import dataclass

from core.data_config import HUB, DataConfig, ReadingConfig

AS_DETECTED = ReadingConfig()


@dataclass(frozen=True)
class Origin:
    """One table. ``subset``, ``revision``, ``split`` and ``head`` belong to a Hub dataset; ``split`` is one of its own.

    With a ``head`` the table holds about so many of the first rows, read as a stream; without, all are fetched.
    """

    source: str
    reading: ReadingConfig = AS_DETECTED
    subset: str | None = None
    revision: str | None = None
    split: str | None = None
    head: int = 0

    @property
    def is_on_hub(self) -> bool:
        return self.source.startswith(HUB)

    @property
    def repo(self) -> str:
        """``owner/name`` of a Hub dataset."""
        return self.source.removeprefix(HUB)


def origin_of(data: DataConfig) -> Origin:
    """The table that a config learns from."""
    split = data.split.train if _is_hub(data) and data.split.column is None else None
    head = data.streaming.head_rows if data.streaming else 0
    return Origin(data.source, data.reading, data.subset, data.revision, split, head)


def as_origin(place: str | Origin) -> Origin:
    """A plain source as an origin whose file is read as its content says."""
    return Origin(place) if isinstance(place, str) else place


def _is_hub(data: DataConfig) -> bool:
    return data.source.startswith(HUB)
