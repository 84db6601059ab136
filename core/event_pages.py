"""The events of a run by pages, for readers who come back with the offset that they were given."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import events, said

PAGE_BYTES = 500_000
"""So much of the file is read for one page, and to the end of a line that is longer."""


@dataclass(frozen=True)
class EventPage:
    """Some events in their order. ``cursor`` is the byte to go on from."""

    records: list[dict[str, Any]]
    """As they stand in the file, of the kinds and the version that this program knows."""
    cursor: int
    more: bool
    """Others follow already."""
    anew: bool
    """``since`` lay behind the end: another file has taken this one's place, and is told from its beginning."""


def page(path: Path, since: int = 0, most: int = PAGE_BYTES) -> EventPage:
    """The events after byte ``since``. A half-written last line waits for the next call."""
    size = events.size(path)
    anew = since > size
    start = 0 if anew else since
    try:
        with open(path, "rb") as file:
            file.seek(start)
            block = file.read(most)
            if b"\n" not in block:
                block += file.readline()
    except FileNotFoundError:
        block = b""
    whole = block[: block.rfind(b"\n") + 1]
    cursor = start + len(whole)
    return EventPage(list(filter(None, map(_record, whole.splitlines()))), cursor, bool(whole) and cursor < size, anew)


def _record(line: bytes) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except ValueError:
        return None  # a line cut by a crash, or an offset in the middle of one
    is_known = isinstance(record, dict) and record.get("v") == events.VERSION and record.get("kind") in events.KINDS
    if not is_known:
        return None
    record.pop(said.KEY, None)  # for pages in other languages
    return record
