"""What a draft leaves out of a Hub dataset: the subset, the commit, and which splits are for what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from core.data.guess_files import part_of
from core.data.hub.contents import contents_of, settled
from core.data.hub.tables import hub_fetch, open_split
from core.data.origins import Origin
from core.data.types import Progress
from core.data_config import HEAD_ROWS, StreamingConfig


@dataclass(frozen=True)
class Secret:
    """A split that cannot judge, because its answers are missing, as in competitions. ``column`` is one that lacks."""

    split: str
    column: str


def origin_in(data: Mapping[str, Any]) -> Origin:
    """The settled origin of a draft's data, whose ``source`` is a Hub dataset. Raises ``DataError``."""
    split = data.get("split")
    named = split.get("train") if isinstance(split, Mapping) and not split.get("column") else None
    return settled(
        Origin(
            data["source"],
            subset=data.get("subset"),
            revision=data.get("revision"),
            split=named,
            head=_head(data.get("streaming")),
        )
    )


def _head(streaming: Any) -> int:
    """How many of the first rows stand for all, where a draft says that it learns from a stream."""
    if streaming is None:
        return 0
    try:
        return StreamingConfig.model_validate(streaming).head_rows
    except ValidationError:  # the config as a whole says what is wrong, and where
        return HEAD_ROWS


def has_subsets(origin: Origin) -> bool:
    """Whether a settled origin's dataset has several tables."""
    return len(contents_of(origin.repo, str(origin.revision)).subsets) > 1


def parts_by_name(origin: Origin) -> dict[str, str]:
    """Part (train, validation, test) -> the split of that name, beside the settled origin's own, which is train."""
    subset = contents_of(origin.repo, str(origin.revision)).subset(str(origin.subset))
    parts = {"train": str(origin.split)}
    for split in subset.splits if subset else ():
        part = part_of(split.name)
        if part is not None and part not in parts and split.name not in parts.values():
            parts[part] = split.name
    return parts


def secret_splits(
    origin: Origin, splits: Sequence[str], answers: Sequence[str], progress: Progress | None = None
) -> list[Secret]:
    """Which of the splits have no answers in a column that the settled origin's own has. All are fetched."""
    hub_fetch([origin, *(replace(origin, split=split) for split in splits)], progress)
    train = open_split(origin).table
    found = []
    for split in splits:
        table = open_split(replace(origin, split=split)).table
        lacking = (name for name in answers if not _is_blank(train, name) and _is_blank(table, name))
        found += [Secret(split, name) for name in lacking][:1]
    return found


def _is_blank(table: Any, name: str) -> bool:
    """Whether a column says nothing: missing, empty, or -1 in all rows, which stands for "kept secret"."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if name not in table.column_names:
        return True
    column = table.column(name)
    if column.null_count == len(column):
        return True
    if pa.types.is_integer(column.type):
        low_high = pc.min_max(column)
        return bool(low_high["min"].as_py() == low_high["max"].as_py() == -1)
    return False
