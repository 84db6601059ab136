"""JSON values taken from a text one after the other, so that a file is never held whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TextIO

from core.data.dialect import LONGEST_CELL
from core.data.records import whole
from core.data.written import is_too_deep, too_deep
from core.errors import DataError
from core.said import said

_CHUNK = 1 << 20
_LONGEST_MARK = 16
"""Characters. No number, escape or literal that is cut off is longer than this."""
_NUMBER_TAIL = 2
"""Characters. Behind a number that seems to end there may stand a ``.`` or ``e+`` whose digits are not read yet."""
_WORDS = ("true", "false", "null", "NaN", "Infinity", "-Infinity")
_DECODER = json.JSONDecoder()


class JsonStream:
    """Reads ``text``, opened from ``path``. Every method raises ``DataError`` where the text is no JSON."""

    def __init__(self, path: Path, text: TextIO) -> None:
        self._path, self._text = path, text
        self._buffer, self._at = "", 0
        self._lines_above = self._dropped = 0

    @property
    def taken(self) -> int:
        """How many characters have been read so far."""
        return self._dropped + self._at

    def peek(self) -> str:
        """The next character that is no white space; empty at the end."""
        while True:
            while self._at < len(self._buffer):
                if not self._buffer[self._at].isspace():
                    return self._buffer[self._at]
                self._at += 1
            if not self._read_on():
                return ""

    def take(self, marks: str) -> str:
        """Go past the next character, which is one of ``marks``."""
        mark = self.peek()
        if not mark:
            raise self._cut_off()
        if mark not in marks:
            raise self._no_json(self._buffer.count("\n", 0, self._at), f"{mark!r} where one of {marks!r} should be")
        self._at += 1
        return mark

    def value(self) -> Any:
        """The next value, whole: an object, a list, a text, a number."""
        self.peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._buffer, self._at)
            except json.JSONDecodeError as exc:
                if not self._may_be_cut(exc):
                    raise self._no_json(exc.lineno - 1, exc.msg) from exc
                if self._read_on():
                    continue
                if self._ends_too_early(exc):
                    raise self._cut_off(exc.msg) from exc
                raise self._no_json(exc.lineno - 1, exc.msg) from exc
            except RecursionError as exc:
                raise self._too_deep() from exc
            if len(self._buffer) - end <= _NUMBER_TAIL and self._read_on():
                continue
            raw = self._buffer[self._at : end]
            if is_too_deep(raw, value):
                raise self._too_deep()
            self._at = end
            return whole(value) if "\\ud" in raw or "\\uD" in raw else value

    def _may_be_cut(self, exc: json.JSONDecodeError) -> bool:
        """Whether the text is only not read far enough."""
        return exc.msg.startswith("Unterminated string") or len(self._buffer[exc.pos :].strip()) <= _LONGEST_MARK

    def _ends_too_early(self, exc: json.JSONDecodeError) -> bool:
        """Whether more text, of which there is none, could have made this right."""
        rest = self._buffer[exc.pos :].strip()
        is_begun = any(word.startswith(rest) for word in _WORDS)
        return is_begun or exc.msg.startswith(("Unterminated string", "Invalid \\"))

    def _read_on(self) -> bool:
        """Drop what was taken and read more. False at the end, or when one value is absurdly long."""
        held = len(self._buffer) - self._at
        more = self._text.read(max(_CHUNK, held)) if held <= LONGEST_CELL else ""
        if not more:
            return False
        self._lines_above += self._buffer.count("\n", 0, self._at)
        self._dropped += self._at
        self._buffer, self._at = self._buffer[self._at :] + more, 0
        return True

    def _no_json(self, lines: int, cause: str) -> DataError:
        return DataError(
            said("Line {line} of {file} is not JSON.", line=self._lines_above + lines + 1, file=self._path.name),
            said(
                "Correct it, or export the table again. A list has commas between its items, and a text stands in "
                "double quotes."
            ),
            cause=cause,
        )

    def _too_deep(self) -> DataError:
        line = self._lines_above + self._buffer.count("\n", 0, self._at) + 1
        return too_deep(said("What begins in line {line} of {file}", line=line, file=self._path.name))

    def _cut_off(self, cause: str = "") -> DataError:
        return DataError(
            said("{file} is not complete JSON: it ends too early.", file=self._path.name),
            said("The file may have been cut off while it was written or copied: copy or export it again."),
            cause=cause,
        )
