"""A report speaks of the examples kept aside, and of the test part. Of rows that were judged later the same sentences
are said with the name of those rows in their place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.evaluation.types import Section

_ITS = "\0"
"""Stands for the name until all phrases are told, so that nothing is told twice."""
_COUNTED = "examples|texts|questions|rows|answers|conversations"
_PHRASES = (
    (r"(?:that were )?kept aside", f"of {_ITS}"),
    (r"the test part", _ITS),
    (rf"\b([\d,]+) test ({_COUNTED})", rf"\1 \2 of {_ITS}"),
    (rf"test ({_COUNTED})", rf"\1 of {_ITS}"),
    (rf"Test ({_COUNTED})", rf"Of {_ITS}"),
)


def said_of(words: str, called: str) -> str:
    """The sentence of what is ``called`` so. What stands in backticks comes from the data and stays as it is."""
    pieces = words.split("`")
    told = "`".join(piece if place % 2 else _told(piece) for place, piece in enumerate(pieces)).replace(_ITS, called)
    # What says nothing of which rows can still be said in every language.
    return words if told == words else told


def _told(words: str) -> str:
    for pattern, instead in _PHRASES:
        words = re.sub(pattern, instead, words)
    return words


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
        plain = called.replace("`", "")
        told["columns"] = [{**column, "label": said_of(column["label"], plain)} for column in columns]
    if items := content.get("items"):
        told["items"] = [{**item, "words": said_of(item["words"], called)} for item in items]
    return told
