"""A report speaks of the examples kept aside, and of the test part. Of rows that were judged later the same sentences
are said with the name of those rows in their place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.evaluation.types import Section
from core.said import Part, Said, english, filled, said

_OF_ITS, _ITS = "{of_them}", "{them}"
"""Stand for the name until all phrases are told, so that nothing is told twice."""
_COUNTED = "examples|texts|questions|rows|answers|conversations"
_PHRASES = (
    (r"(?<!Nothing was )(?:that were )?kept aside", _OF_ITS),
    (r"of the test part", _OF_ITS),
    (r"the test part", _ITS),
    (rf"\b([\d,]+) test ({_COUNTED})", rf"\1 \2 {_OF_ITS}"),
    (rf"test ({_COUNTED})", rf"\1 {_OF_ITS}"),
    (rf"Test ({_COUNTED})", f"Of {_ITS}"),
)
_OF = {
    "the training rows": "of the training rows",
    "the validation part": "of the validation part",
    "the test part": "of the test part",
    "the training rows of “{run}”": "of the training rows of “{run}”",
    "the validation part of “{run}”": "of the validation part of “{run}”",
    "the test part of “{run}”": "of the test part of “{run}”",
}
"""Some languages join the two words."""


def said_of(words: str, called: str) -> str:
    """The sentence of what is ``called`` so. What stands in backticks comes from the data and stays as it is."""
    if called in _OF and not isinstance(called, Said):
        called = said(called)
    names = {"of_them": _of(called), "them": called}
    if not isinstance(words, Said):
        pieces = words.split("`")
        return "`".join(piece if place % 2 else filled(_told(piece), names) for place, piece in enumerate(pieces))
    parts = [part for one in words.parts for part in _parts_of(one, names)]
    # What says nothing of which rows stays as it was said.
    return words if parts == words.parts else Said(english(parts), parts)


def told_of(text: str) -> str:
    """A text of our own with gaps where it must say which rows it means; the same where it says nothing of them."""
    pieces = text.split("`")
    return "`".join(piece if place % 2 else _told(piece) for place, piece in enumerate(pieces))


def _told(words: str) -> str:
    for pattern, instead in _PHRASES:
        words = re.sub(pattern, instead, words)
    return words


def _of(called: str) -> Said:
    match called:
        case Said(parts=[[text, gaps]]) if text in _OF:
            return said(_OF[text], **gaps)
    return said("of {rows}", rows=called)


def _parts_of(part: Part, names: Mapping[str, str]) -> list[Part]:
    match part:
        case [text, gaps, *form]:
            new = told_of(text)
            if new == _OF_ITS:
                return _of(names["them"]).parts
            if new == _ITS and isinstance(names["them"], Said):
                return names["them"].parts
            inner = {name: _inner(value, names) for name, value in gaps.items()}
            used = {name: names[name] for name in names if f"{{{name}}}" in new and new != text}
            made: Any = said(new, **used).parts[0]
            return [[new, {**inner, **made[1]}, *([form[0], told_of(form[1])] if form else [])]]
    return [part]


def _inner(value: Any, names: Mapping[str, str]) -> Any:
    match value:
        case {"said": parts}:
            return {"said": [part for one in parts for part in _parts_of(one, names)]}
    return value


def sections_of(sections: Sequence[Section], called: str, name: str) -> list[Section]:
    """The blocks of a judgement of this ``name``, told of what is ``called`` so. They open its rows."""
    return [
        replace(
            section,
            title=said_of(section.title, called),
            help=said_of(section.help, called),
            content={"judgement": name, **section.content, **_headings(section.content, called)},
        )
        for section in sections
    ]


def _headings(content: Mapping[str, Any], called: str) -> dict[str, Any]:
    """What a block says in words of its own: the heads of its columns, and advice."""
    told = {}
    if columns := content.get("columns"):
        plain = called if isinstance(called, Said) else called.replace("`", "")
        told["columns"] = [{**column, "label": said_of(column["label"], plain)} for column in columns]
    if items := content.get("items"):
        told["items"] = [{**item, "words": said_of(item["words"], called)} for item in items]
    return told
