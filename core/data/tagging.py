"""Sentences whose words have tags: read from lists in any form people write them, and brought into one scheme.

The scheme is IOB2: ``B-X`` begins an entity of type X, ``I-X`` goes on with it, ``O`` is outside. Tags without
prefixes, such as parts of speech, stay as they are.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.data import written
from core.data.arrow_files import EARLY
from core.data.cleaning import class_name
from core.data.types import Finding
from core.evaluation.entities import OUTSIDE, Entity, check_tags, entities, is_plain
from core.said import Said, enumerated, said, said_many

NAMELESS = "ENTITY"
"""What entities are called where tags are B, I and O alone."""
_OTHER_SCHEMES = frozenset("ESLUM")
# Possessive, so that a long cell that is no list is refused at once.
_ITEM = re.compile(r"""'(?:[^'\\\n]|\\.)*+'|"(?:[^"\\\n]|\\.)*+"|[^\s,'"\[\]]++""")
_LIST = re.compile(rf"\[\s*+(?:(?:{_ITEM.pattern})\s*+,?\s*+)*+\]")

Tags = list[list[str]]


@dataclass(frozen=True)
class Sentences:
    """Rows that can be used, ``rows`` being their numbers in the table (from 1), and findings on all others.

    ``tokens`` and ``tags`` have one list a row, of equal lengths; a token stands in its text.
    """

    texts: list[str] = field(default_factory=list)
    tokens: list[list[str]] = field(default_factory=list)
    tags: Tags = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    findings: tuple[Finding, ...] = ()

    def add(self, row: int, text: str, tokens: list[str], tags: list[str]) -> None:
        """Keep one more row."""
        self.rows.append(row)
        self.texts.append(text)
        self.tokens.append(tokens)
        self.tags.append(tags)


@dataclass(frozen=True)
class Words:
    """What is said of rows that share a problem. ``title`` is said of so many rows."""

    title: Callable[[int], Said]
    meaning: Said
    fix: Said
    role: str = ""


class Problems:
    """Rows by what is wrong with them."""

    def __init__(self) -> None:
        self._rows: dict[str, list[int]] = defaultdict(list)

    def note(self, code: str, row: int) -> None:
        """A row has this problem. Its rows come in order; a second time in one row counts once."""
        if not self._rows[code] or self._rows[code][-1] != row:
            self._rows[code].append(row)

    def findings(self, words: dict[str, Words]) -> list[Finding]:
        """One warning for each problem that was noted, in the order of ``words``."""
        return [
            Finding(
                code,
                "warning",
                one.title(len(rows)),
                one.meaning,
                one.fix,
                len(rows),
                tuple(rows[:EARLY]),
                one.role,
            )
            for code, one in words.items()
            if (rows := self._rows.get(code))
        ]


# --- Cells -----------------------------------------------------------------------------------------------------------


def as_list(value: Any) -> list[str] | None:
    """A cell as a list of texts: a list, one written as JSON or as Python or numpy write it, or words between spaces.

    Missing cells and items are empty. None where it begins as a list and cannot be read as one.
    """
    if value is None:
        return []
    if not isinstance(value, str):
        return [item.strip() if isinstance(item, str) else class_name(item) for item in value]
    text = value.strip()
    if not (text.startswith("[") and text.endswith("]")):
        return text.split()
    found = written.as_json(text)
    if found is None:
        return _loosely_written(text)
    return None if any(isinstance(item, list | dict) for item in found) else [class_name(item) for item in found]


def _loosely_written(text: str) -> list[str] | None:
    """A list as Python or numpy prints it, its items perhaps without quotation marks; None where it is none."""
    if not _LIST.fullmatch(text):
        return None
    try:
        return [_item(item) for item in _ITEM.findall(text[1:-1])]
    except (ValueError, SyntaxError):  # an escape that there is not
        return None


def _item(text: str) -> str:
    return str(ast.literal_eval(text)).strip() if text[0] in "'\"" else text


# --- Sentences -------------------------------------------------------------------------------------------------------


def read_sentences(tokens: Any, tags: Any, tokens_name: str, tags_name: str) -> Sentences:
    """Two columns (``pyarrow.ChunkedArray``) as sentences; texts are the tokens with a space between them."""
    found, problems = Sentences(), Problems()
    for row, (one, other) in enumerate(zip(tokens.to_pylist(), tags.to_pylist(), strict=True), start=1):
        words, marks = as_list(one), as_list(other)
        problem = _problem(words, marks)
        if problem or not words or not marks:
            problems.note(problem, row)
            continue
        if not all(words):
            problems.note("empty-token", row)
            marks = [mark for word, mark in zip(words, marks, strict=True) if word]
            words = [word for word in words if word]
        found.add(row, " ".join(words), words, marks)
    return Sentences(
        found.texts, found.tokens, found.tags, found.rows, tuple(problems.findings(_words(tokens_name, tags_name)))
    )


def _problem(words: list[str] | None, marks: list[str] | None) -> str:
    """The code of what makes a row useless; empty when it can be used."""
    if words is None or marks is None:
        return "unreadable-tokens" if words is None else "unreadable-tags"
    if not any(words):
        return "no-tokens"
    if not marks:
        return "no-tags"
    if len(words) != len(marks):
        return "uneven"
    return "" if all(marks) else "missing-tag"


def nothing_in(column: str) -> Callable[[int], Said]:
    """The title of ``Words`` on rows whose cell is empty."""
    return lambda count: said_many(
        count, "{count} row has nothing in `{column}`.", "{count} rows have nothing in `{column}`.", column=column
    )


def _words(tokens: str, tags: str) -> dict[str, Words]:
    def unreadable(name: str, role: str) -> Words:
        return Words(
            lambda count: said_many(
                count,
                "{count} row has something in `{column}` that cannot be read as a list.",
                "{count} rows have something in `{column}` that cannot be read as a list.",
                column=name,
            ),
            said("They are left out."),
            said(
                "Write lists as JSON, such as {example}, or put one space between the items.",
                example='["Anna", "sings"]',
            ),
            role,
        )

    return {
        "no-tokens": Words(
            nothing_in(tokens),
            said("There is nothing to read, so they are left out."),
            said("Fill in the words, or leave it so."),
            "tokens",
        ),
        "no-tags": Words(
            nothing_in(tags),
            said("Without tags there is nothing to learn from them, so they are left out."),
            said("Give each word a tag, `O` where there is nothing to mark."),
            "tags",
        ),
        "unreadable-tokens": unreadable(tokens, "tokens"),
        "unreadable-tags": unreadable(tags, "tags"),
        "uneven": Words(
            lambda count: said_many(
                count,
                "{count} row has more words in `{tokens}` than tags in `{tags}`, or fewer.",
                "{count} rows have more words in `{tokens}` than tags in `{tags}`, or fewer.",
                tokens=tokens,
                tags=tags,
            ),
            said("It is not known which tag belongs to which word, so they are left out."),
            said("Give every word exactly one tag, `O` where there is nothing to mark."),
            "tags",
        ),
        "missing-tag": Words(
            lambda count: said_many(
                count,
                "{count} row has a word without a tag in `{tags}`.",
                "{count} rows have a word without a tag in `{tags}`.",
                tags=tags,
            ),
            said("They are left out."),
            said("Give every word a tag, `O` where there is nothing to mark."),
            "tags",
        ),
        "empty-token": Words(
            lambda count: said_many(
                count,
                "{count} row has empty words in `{tokens}`.",
                "{count} rows have empty words in `{tokens}`.",
                tokens=tokens,
            ),
            said("The empty words are left out with their tags; the rest of the sentence is used."),
            said("Take them out of the table, or leave it so."),
            "tokens",
        ),
    }


# --- Schemes ---------------------------------------------------------------------------------------------------------


def as_iob2(sentences: Sentences, role: str) -> Sentences:
    """The same with all tags in one scheme, and with findings on what had to be read in another way."""
    if is_plain({tag for tags in sentences.tags for tag in tags}):
        return sentences
    scheme, problems = _Scheme(), Problems()
    written = []
    for row, tags in zip(sentences.rows, sentences.tags, strict=True):
        found = entities(tags)
        scheme.look(tags, found)
        for problem in check_tags(tags):
            problems.note("begins-inside" if has_prefix(problem.tag) else "without-prefix", row)
        written.append(iob2(found, len(tags)))
    findings = (*sentences.findings, *scheme.findings(role, problems))
    return Sentences(sentences.texts, sentences.tokens, written, sentences.rows, findings)


def iob2(found: Iterable[Entity], length: int) -> list[str]:
    """Entities of one sentence as tags, one for each of its ``length`` words."""
    tags = [OUTSIDE] * length
    for kind, begin, stop in found:
        name = NAMELESS if kind == "_" else kind
        tags[begin:stop] = [f"B-{name}", *[f"I-{name}"] * (stop - begin - 1)]
    return tags


def has_prefix(tag: str) -> bool:
    """Whether a tag has one of the known prefixes, or is one."""
    return tag[:1] in {"B", "I", *_OTHER_SCHEMES} and tag[1:2] in ("", "-")


class _Scheme:
    """What is seen of the tags of a whole table."""

    def __init__(self) -> None:
        self._others: set[str] = set()
        self._is_nameless = False
        self._begun_inside = 0
        self._begun_apart = 0
        """Entities with a ``B-`` that is not needed to tell them from a neighbour of their own type."""

    def look(self, tags: Sequence[str], found: Sequence[Entity]) -> None:
        before: Entity = ("", -1, -1)
        self._others |= {tag[0] for tag in tags if tag[0] in _OTHER_SCHEMES and has_prefix(tag)}
        for entity in found:
            kind, begin, _ = entity
            self._is_nameless |= kind == "_"
            touches = before[0] == kind and before[2] == begin
            self._begun_apart += tags[begin][0] == "B" and not touches
            self._begun_inside += tags[begin][0] == "I"
            before = entity

    def findings(self, role: str, problems: Problems) -> list[Finding]:
        found = []
        words = dict(_TAG_WORDS)
        if self._others:
            seen = enumerated(*(f"`{letter}-`" for letter in sorted(self._others)))
            title = said("Some tags begin with {letters}, as in the schemes BIOES and BILOU.", letters=seen)
            found.append(_converted("other-scheme", title, role))
        if self._begun_inside and not self._begun_apart:
            title = said("Entities begin with `I-`, as in the scheme IOB1; `B-` stands only between two of one type.")
            found.append(_converted("iob1", title, role))
            del words["begins-inside"]
        if self._is_nameless:
            title, meaning = (
                said("The tags name no types of entities."),
                said("Their type is called {type} here.", type=NAMELESS),
            )
            found.append(Finding("nameless", "info", title, meaning, role=role))
        return [*found, *problems.findings(words)]


_TAG_WORDS = {
    "begins-inside": Words(
        lambda count: said_many(
            count,
            "{count} row has tags that go on with something that was not begun: `I-` without `B-` before it.",
            "{count} rows have tags that go on with something that was not begun: `I-` without `B-` before it.",
        ),
        said("They are read as the beginning, as seqeval and most others do."),
        said("Let each begin with `B-`, if that is what is meant; else correct the tags."),
        "tags",
    ),
    "without-prefix": Words(
        lambda count: said_many(
            count,
            "{count} row has tags without `B-` or `I-`, while others have one.",
            "{count} rows have tags without `B-` or `I-`, while others have one.",
        ),
        said("Words beside each other with such a tag are read as one entity of that type."),
        said("Write all tags in the same way."),
        "tags",
    ),
}


def _converted(code: str, title: str, role: str) -> Finding:
    meaning = said(
        "They were rewritten: `B-` where something begins and `I-` where it goes on. That changes nothing else."
    )
    return Finding(code, "info", title, meaning, role=role)
