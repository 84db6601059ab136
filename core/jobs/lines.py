"""Events in the output of a rented machine: each is one or more marked and numbered lines among what else is printed.

Numbers begin at 0. The Hub tells all of an output anew whenever its stream is opened: by their numbers, events that are
here already are known.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

MARK = "@tunesmith"
_LONGEST = 6000
"""Letters of one line: what shows output cuts longer ones."""


def whole_lines(text: str) -> list[str]:
    """The lines of ``events.jsonl``. A text may hold signs by which other programs part lines, such as U+2028."""
    return text.removesuffix("\n").split("\n") if text else []


def marked(number: int, line: str) -> Iterator[str]:
    """One line of ``events.jsonl`` as it is printed: in plain ASCII, which nothing on the way parts or spoils."""
    text = _plain(line.rstrip("\n"))
    pieces = [text[start : start + _LONGEST] for start in range(0, len(text), _LONGEST)] or [""]
    for place, piece in enumerate(pieces, 1):
        yield f"{MARK} {number} {place}/{len(pieces)} {piece}"


def _plain(line: str) -> str:
    try:
        return json.dumps(json.loads(line))
    except ValueError:  # cut by a full disk: it counts as a line all the same
        return ascii(line)


class Listener:
    """Puts the events of one output together again. What is no event comes back as it is."""

    def __init__(self) -> None:
        self._pieces: dict[int, list[str]] = {}

    def hear(self, line: str) -> tuple[int, str] | str | None:
        """(number, line of ``events.jsonl``); a line that is none; None while an event is not whole."""
        if not line.startswith(f"{MARK} "):
            return line
        try:
            _, said, places, piece = line.split(" ", 3)
            number, (place, total) = int(said), (int(part) for part in places.split("/"))
        except ValueError:
            return line
        pieces = self._pieces.setdefault(number, [])
        if place == len(pieces) + 1:
            pieces.append(piece)
        if len(pieces) < total:
            return None
        return number, "".join(self._pieces.pop(number))
