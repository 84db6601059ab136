"""Pieces of a text marked inside it, as HTML: whatever the text holds, and however the pieces lie to each other.

Offsets count characters as Python does, so an emoji is one. Whitespace stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from html import escape

HUES = 12
SALT = b"tunesmith 4199"
"""Chosen so that the common names of people, places and organisations get colours of their own."""


@dataclass(frozen=True)
class Piece:
    """A stretch of a text. ``label`` stands behind it in small type; ``said`` is told on hover and read aloud."""

    start: int
    end: int
    label: str = ""
    said: str = ""


def text(whole: str, pieces: Sequence[Piece], css: str = "") -> str:
    """The text with the pieces marked. One that lies over the end of another goes on as a second mark behind it."""
    # A browser makes one character of CR LF; as many characters as before keep the offsets true.
    plain = whole.replace("\r\n", " \n").replace("\r", "\n")
    within = [replace(piece, start=max(0, piece.start), end=min(len(plain), piece.end)) for piece in pieces]
    drawn = _between(plain, 0, len(plain), _ordered(within))
    return f'<p class="nr-written {css}">{drawn}</p>'


def hue(label: str) -> int:
    """The colour of a label, in degrees: the same one in every answer, whatever else was found."""
    return blake2b(label.encode(errors="surrogatepass"), digest_size=4, salt=SALT).digest()[0] % HUES * (360 // HUES)


def _ordered(pieces: Sequence[Piece]) -> list[Piece]:
    """From the left, longer ones first, without those that hold nothing."""
    return sorted((one for one in pieces if one.start < one.end), key=lambda one: (one.start, -one.end))


def _between(whole: str, start: int, end: int, pieces: list[Piece]) -> str:
    """``whole[start:end]`` as HTML; the pieces are in order and lie inside it."""
    drawn, at = "", start
    while pieces:
        first, *others = pieces
        inside = [replace(one, end=min(one.end, first.end)) for one in others if one.start < first.end]
        beyond = [replace(one, start=max(one.start, first.end)) for one in others if one.end > first.end]
        drawn += escape(whole[at : first.start]) + _mark(first, _between(whole, first.start, first.end, inside))
        at, pieces = first.end, _ordered(beyond)
    return drawn + escape(whole[at:end])


def _mark(piece: Piece, inner: str) -> str:
    if not piece.label:
        return f'<mark class="nr-mark"{_title(piece.said)}>{inner}{_unseen(piece.said)}</mark>'
    name = f"<small>{escape(piece.label)}{_unseen(piece.said)}</small>"
    title = _title(f"{piece.label}, {piece.said}" if piece.said else piece.label)
    return f'<mark class="nr-mark nr-hued" style="--hue:{hue(piece.label)}"{title}>{inner}{name}</mark>'


def _title(words: str) -> str:
    return f' title="{escape(words)}"' if words else ""


def _unseen(words: str) -> str:
    """Words for those who listen."""
    return f'<span class="nr-unseen"> ({escape(words)}) </span>' if words else ""
