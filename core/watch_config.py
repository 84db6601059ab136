"""The part of a config about sentences that are answered again and again while the model learns."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import field_validator

from core.said import in_a_row, said
from core.schema import Setting, Settings

if TYPE_CHECKING:
    from core.tasks.base import Role, Task

MOST = 10
LONGEST = 2000
"""Characters of one text."""
_EXAMPLE = "{text: Where is my parcel?}"
BETWEEN = "|"
"""Stands between the two texts of a sentence that is written as one line."""

Sentence = str | dict[str, str]
"""A text, or texts by role."""


class WatchConfig(Settings):
    """Texts of one's own whose answers are looked at before the first step and at each check."""

    group: ClassVar[str] = "While it learns"

    sentences: Annotated[
        tuple[Sentence, ...],
        Setting(
            "Sentences to watch",
            f"Up to {MOST} texts that the model answers at each check, so that you see it learn. One a line; two "
            f"texts that are read together have a {BETWEEN} between them.",
        ),
    ] = ()

    @field_validator("sentences", mode="before")
    @classmethod
    def _are_sentences(cls, given: Any) -> tuple[Sentence, ...]:
        found = given.splitlines() if isinstance(given, str) else given
        if not isinstance(found, list | tuple):
            raise ValueError(said("give a list of texts"))
        sentences = tuple(one for one in map(_sentence, found) if one)
        if len(sentences) > MOST:
            raise ValueError(
                said("at most {most} sentences can be watched; these are {count}", most=MOST, count=len(sentences))
            )
        return sentences


def _sentence(given: Any) -> Sentence:
    """One sentence without blanks around its texts; an empty one is empty."""
    if isinstance(given, Mapping):
        found = {str(role): _text(text) for role, text in given.items()}
        return {role: text for role, text in found.items() if text}
    return _text(given)


def _text(given: Any) -> str:
    if isinstance(given, list | tuple | Mapping) or given is None:
        raise ValueError(said("each sentence is a text, or texts by role such as {example}", example=_EXAMPLE))
    if len(text := str(given).strip()) > LONGEST:
        raise ValueError(
            said(
                "a sentence to watch has at most {most} characters; “{text}…” has {count}",
                most=LONGEST,
                text=text[:40],
                count=len(text),
            )
        )
    return text


def asked_roles(task: Task, columns: Mapping[str, Any]) -> list[Role]:
    """What a sentence must hold for a run of this task that learns from these columns."""
    used = [role for role in task.asked if task.asks or role.name in columns]
    return used or [role for role in task.asked if role.required]


def questions(watch: WatchConfig, roles: Sequence[Role]) -> list[dict[str, str]]:
    """Each sentence as text by role, as a model is asked. Raises ``ValueError`` on the first that does not fit."""
    return [{role.name: _as_asked(role, text) for role, text in _by_role(one, roles)} for one in watch.sentences]


def _by_role(sentence: Sentence, roles: Sequence[Role]) -> list[tuple[Role, str]]:
    names = [role.name for role in roles]
    if isinstance(sentence, str):
        parts = [part.strip() for part in sentence.split(BETWEEN, len(roles) - 1)] if len(roles) > 1 else [sentence]
        sentence = dict(zip(names, parts, strict=False))
        lacking = [role for role in roles if not sentence.get(role.name)]
        if lacking:
            wanted = f" {BETWEEN} ".join(role.label.lower() for role in roles)
            raise ValueError(
                said("“{text}” is not enough for this task; write it as: {wanted}", text=parts[0][:60], wanted=wanted)
            )
    if foreign := [name for name in sentence if name not in names]:
        raise ValueError(
            said(
                "{name} is nothing that this run reads; a sentence holds {names}",
                name=foreign[0],
                names=in_a_row(*names),
            )
        )
    if lacking := [role for role in roles if role.name not in sentence]:
        raise ValueError(said("a sentence to watch lacks its {role}", role=lacking[0].name))
    return [(role, sentence[role.name]) for role in roles]


def _as_asked(role: Role, text: str) -> str:
    """A conversation is asked for as its messages; a plain text is its first one."""
    if role.kind != "chat" or text.startswith("["):
        return text
    return json.dumps([{"role": "user", "content": text}], ensure_ascii=False)
