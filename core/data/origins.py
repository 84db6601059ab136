"""What a table is opened from: a source, how its file is read, and of a Hub dataset which part of it."""

from __future__ import annotations

from dataclasses import dataclass

from core.data_config import HUB, DataConfig, ReadingConfig

AS_DETECTED = ReadingConfig()


@dataclass(frozen=True)
class Origin:
    """One table. ``subset``, ``revision`` and ``split`` belong to a Hub dataset; ``split`` is one of its own."""

    source: str
    reading: ReadingConfig = AS_DETECTED
    subset: str | None = None
    revision: str | None = None
    split: str | None = None

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
    return Origin(data.source, data.reading, data.subset, data.revision, split)


def as_origin(place: str | Origin) -> Origin:
    """A plain source as an origin whose file is read as its content says."""
    return Origin(place) if isinstance(place, str) else place


def _is_hub(data: DataConfig) -> bool:
    return data.source.startswith(HUB)
