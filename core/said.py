"""Sentences that the core makes from figures: English for everybody, and still told apart into words and gaps.

``said("{count} rows of {file}", count=12, file="a.csv")`` is a plain ``str`` with the English words. It also remembers
its text and what fills the gaps, so that a page can say the same in its reader's language (``ui.languages.told``). What
is made of such a sentence by ``+``, ``join`` or an f-string is English alone: ``together`` puts sentences in a row.

On the way through JSON the memory stands beside the words: ``packed`` and ``restored``. It is plain data, a list of
parts: a text as it is, or ``[text, gaps]``, or ``[text, gaps, number, one]`` where a number chooses the form. A gap is
a count, a text, ``{"figures": "0.312"}``, or ``{"said": parts}``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from numbers import Integral
from typing import Any, Self

from core import figures

GAP = re.compile(r"\{(\w+)\}")
KEY = "said"
"""Under this name a record in JSON keeps what its sentences remember."""

Part = str | list[Any]


class Said(str):
    """English words, and the ``parts`` that they were made of."""

    parts: list[Part]

    def __new__(cls, words: str = "", parts: list[Part] | None = None) -> Self:
        made = super().__new__(cls, words)
        made.parts = parts or []
        return made


class Figures(str):
    """A number as it is written in English, ``0.312``; other languages have other signs in it."""


def said(text: str, /, **gaps: object) -> Said:
    """A sentence, or a piece of one. A gap may be a count, ``Figures``, something that was itself said, or a text of
    data or a name, which stays as it is in every language.
    """
    kept = {name: _kept(value) for name, value in gaps.items()}
    return Said(filled(text, kept), [[text, kept] if kept else [text, {}]])


def said_many(number: int, one: str, many: str, /, **gaps: object) -> Said:
    """The same for a sentence that changes with a number; ``{count}`` stands for it. ``many`` is the key."""
    kept = {name: _kept(value) for name, value in {"count": number, **gaps}.items()}
    return Said(filled(one if number == 1 else many, kept), [[many, kept, int(number), one]])


def together(*sentences: str) -> Said:
    """Sentences in a row; empty ones are left out."""
    told = [sentence for sentence in sentences if sentence]
    return Said(" ".join(told), [part for sentence in told for part in _parts(sentence)])


def begun(words: str) -> str:
    """As the beginning of a sentence or a cell, in English: other languages write it as they begin."""
    written = words[:1].upper() + words[1:]
    return Said(written, words.parts) if isinstance(words, Said) else written


def enumerated(*names: str) -> str:
    """``a, b, c``"""
    told = names[0] if names else ""
    for name in names[1:]:
        told = said("{first}, {next}", first=told, next=name)
    return told


def first_of(names: Sequence[str], most: int) -> str:
    """``a, b, c and more``: the first names of many."""
    shown = enumerated(*names[:most])
    return said("{names} and more", names=shown) if len(names) > most else shown


def in_a_row(*names: str) -> str:
    """``a, b and c``: what is between them follows the language, and they do where they were said."""
    if len(names) < 2:
        return names[0] if names else ""
    before = names[0]
    for name in names[1:-1]:
        before = said("{first}, {next}", first=before, next=name)
    return said("{first} and {last}", first=before, last=names[-1])


def percent(share: float) -> Said:
    """A share from 0 to 1, as ``figures.percent`` writes it."""
    return share_of(figures.percent(share))


def share_of(written: str) -> Said:
    """``93 %``, ``under 0.1 %``, ``over 99.9 %``: a share that is written in English already."""
    *which, number, _ = written.split(" ")
    match which:
        case ["under"]:
            return said("under {number} %", number=Figures(number))
        case ["over"]:
            return said("over {number} %", number=Figures(number))
    return said("{number} %", number=Figures(number))


# --- Filling ---------------------------------------------------------------------------------------------------------


def filled(text: str, gaps: Mapping[str, Any], fill: Callable[[Any], str] | None = None) -> str:
    """A text with its gaps filled; what is not among ``gaps`` stays in its braces."""
    write = fill or _written
    return GAP.sub(lambda gap: write(gaps[gap[1]]) if gap[1] in gaps else gap[0], text)


def _written(value: Any) -> str:
    match value:
        case bool():
            return str(value)
        case int():
            return f"{value:,}"
        case {"figures": number}:
            return str(number)
        case {"said": parts}:
            return english(parts)
    return str(value)


def english(parts: list[Part]) -> str:
    """The words that parts stand for."""
    return " ".join(_english_of(part) for part in parts)


def _english_of(part: Part) -> str:
    match part:
        case [text, gaps]:
            return filled(text, gaps)
        case [many, gaps, number, one]:
            return filled(one if number == 1 else many, gaps)
    return str(part)


def _kept(value: object) -> Any:
    match value:
        case Said():
            return {"said": value.parts}
        case Figures():
            return {"figures": str(value)}
        case Integral() if not isinstance(value, bool):
            return int(value)
    return str(value)


def _parts(sentence: str) -> list[Part]:
    return sentence.parts if isinstance(sentence, Said) else [str(sentence)]


# --- Through JSON ----------------------------------------------------------------------------------------------------


def packed(record: dict[str, Any]) -> dict[str, Any]:
    """A record for JSON, with what its sentences remember, and where they stand, under ``KEY``."""
    found = [[list(path), sentence.parts] for path, sentence in _sentences(record, ())]
    return {**record, KEY: found} if found else record


def restored(record: dict[str, Any]) -> dict[str, Any]:
    """The record with its sentences in their places again. One from before there were any, or whose memory is not in
    this form, has plain words there. The record itself is changed.
    """
    kept = record.pop(KEY, None)
    for entry in kept if isinstance(kept, list) else ():
        match entry:
            case [[*path, last], [*parts]] if all(map(_is_part, parts)):
                _put(record, path, last, parts)
    return record


def _put(record: Any, path: list[Any], last: Any, parts: list[Part]) -> None:
    place = record
    for step in path:
        place = _step(place, step)
    words = _step(place, last)
    if type(words) is str:
        place[last] = Said(words, parts)


def _step(place: Any, step: Any) -> Any:
    if isinstance(place, dict) and isinstance(step, str):
        return place.get(step)
    if isinstance(place, list) and type(step) is int and 0 <= step < len(place):
        return place[step]
    return None


def _is_part(part: Any) -> bool:
    match part:
        case str():
            return True
        case [str(), dict(gaps)] | [str(), dict(gaps), int(), str()]:
            return all(map(_is_gap, gaps.values()))
    return False


def _is_gap(value: Any) -> bool:
    match value:
        case str() | int():
            return True
        case {"figures": str()}:
            return True
        case {"said": [*parts]}:
            return all(map(_is_part, parts))
    return False


def _sentences(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Said]]:
    match value:
        case Said():
            if value.parts:
                yield path, value
        case dict():
            for name, inner in value.items():
                yield from _sentences(inner, (*path, name))
        case list() | tuple():
            for place, inner in enumerate(value):
                yield from _sentences(inner, (*path, place))
