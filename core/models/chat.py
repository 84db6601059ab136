"""Conversations as tokens, under the form that a model's tokenizer has for them.

TRL's ``SFTTrainer`` is not used, because nothing of it would serve better here. It learns from the assistant's turns
alone only where the form marks them itself (``assistant_only_loss``), which few do, and leaves the end of a turn out
where the mark does; ``learnable`` finds both under any form. Its packing saves padding, but puts a varying number of
conversations into a batch, so that batch size and learning rate no longer mean what they say, and it needs attention
that keeps neighbours apart. Its Trainer would take the place of ours, and with it the losses that add up over
micro-batches and the checkpoints that are whole.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from core.errors import DataError
from core.models.causal import IGNORED
from core.models.tokenizers import assistant_mask, render

Turn = dict[str, str]

_SHORT = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
_PROMPT_SHARE = 4
"""Where a single answer is too long, at most this part of the room is kept for what was asked."""


def has_template(folder: Path) -> bool:
    """Whether the tokenizer in a folder has a form for conversations, from its small files alone."""
    if (folder / "chat_template.jinja").is_file() or (folder / "chat_templates").is_dir():
        return True
    try:
        config = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return False
    return bool(config.get("chat_template"))


def encode(tokenizer: Any, conversations: Sequence[Sequence[Turn]], max_length: int) -> dict[str, list[Any]]:
    """A piece for each conversation; ``labels`` are ``IGNORED`` but for what the assistant has to write.

    One that the form does not take becomes a piece with nothing to learn. Raises ``DataError`` where it takes none.
    """
    encoded: dict[str, list[Any]] = {"input_ids": [], "labels": []}
    refusals = []
    for turns in conversations:
        found = None
        try:
            found = learnable(tokenizer, turns, max_length)
        except DataError as exc:
            refusals.append(exc)
        ids, mask = found or ([tokenizer.pad_token_id], [0])
        encoded["input_ids"].append(ids)
        encoded["labels"].append([token if learned else IGNORED for token, learned in zip(ids, mask, strict=True)])
    if refusals and len(refusals) == len(conversations):
        raise refusals[0]
    return encoded


def learnable(tokenizer: Any, turns: Sequence[Turn], max_length: int) -> tuple[list[int], list[int]] | None:
    """(token ids, 1 for each that the assistant has to write), at most ``max_length``; None where it writes none.

    What is too long loses its oldest turns first; the system's and the last answer with its question stay. What is
    then still too long is cut between tokens: the question from its left, the answer at its end.
    Raises ``DataError`` where the form does not take the conversation.
    """
    kept = _shortened(turns, lambda rest: len(_ids(tokenizer, render(tokenizer, rest))) <= max_length)
    ids, mask = assistant_mask(tokenizer, kept)
    if len(ids) > max_length:
        ids, mask = _cut(ids, mask, max_length)
    return (ids, mask) if any(mask[1:]) else None


def prompt_ids(tokenizer: Any, turns: Sequence[Turn], limit: int | None) -> list[int]:
    """The conversation up to where the assistant begins to write, as token ids, cut to ``limit`` like ``learnable``.

    Raises ``DataError`` where the form does not take the conversation.
    """

    def ids_of(rest: Sequence[Turn]) -> list[int]:
        return _ids(tokenizer, render(tokenizer, rest, prompt=True))

    if limit is None:
        return ids_of(turns)
    return ids_of(_shortened(turns, lambda rest: len(ids_of(rest)) <= limit))[-limit:]


def prompts(tokenizer: Any, conversations: Sequence[Sequence[Turn]], limit: int) -> dict[str, list[Any]]:
    """``prompt_ids`` of each conversation, and its ``row`` (from 0); one that the form does not take has none."""
    encoded: dict[str, list[Any]] = {"input_ids": [], "row": []}
    for row, turns in enumerate(conversations):
        try:
            ids = prompt_ids(tokenizer, turns, limit)
        except DataError:
            continue
        encoded["input_ids"].append(ids)
        encoded["row"].append(row)
    return encoded


def takes_system(tokenizer: Any) -> bool:
    """Whether the form has a place for a text of the system."""
    try:
        render(tokenizer, [{"role": "system", "content": "s"}, *_SHORT])
    except DataError:
        return False
    return True


def with_system(turns: Sequence[Turn], system: str, takes: bool) -> list[Turn]:
    """The turns with ``system`` in front where they have no such text of their own.

    A form that does not take it (``takes``) gets it at the beginning of the first turn of the user.
    """
    found = [dict(turn) for turn in turns]
    if system and found[0]["role"] != "system":
        found.insert(0, {"role": "system", "content": system})
    if takes or found[0]["role"] != "system":
        return found
    first = found.pop(0)
    place = next((place for place, turn in enumerate(found) if turn["role"] == "user"), 0)
    found[place]["content"] = f"{first['content']}\n\n{found[place]['content']}"
    return found


def end_of_turn(tokenizer: Any) -> int | None:
    """The special token that closes an answer in this form, where it has one."""
    ids, mask = assistant_mask(tokenizer, _SHORT)
    last = next((token for token, learned in zip(reversed(ids), reversed(mask), strict=True) if learned), None)
    return last if last in tokenizer.added_tokens_decoder else None


def _shortened(turns: Sequence[Turn], fits: Callable[[list[Turn]], bool]) -> list[Turn]:
    """Without the oldest turns where they do not fit: the rest begins with a user again, and keeps the last one."""
    system = [turn for turn in turns[:1] if turn["role"] == "system"]
    rest = list(turns[len(system) :])
    asked = [place for place, turn in enumerate(rest) if turn["role"] == "user"]
    starts = [0, *(place for place in asked if place)]
    for start in starts:
        if fits([*system, *rest[start:]]):
            return [*system, *rest[start:]]
    return [*system, *rest[starts[-1] :]]


def _cut(ids: list[int], mask: list[int], max_length: int) -> tuple[list[int], list[int]]:
    """A window that holds the last answer from its beginning, with as much before it as there is room for."""
    last = len(mask) - 1 - mask[::-1].index(1) if 1 in mask else 0
    first = last
    while first > 0 and mask[first - 1]:
        first -= 1
    start = max(0, min(len(ids) - max_length, first - max_length // _PROMPT_SHARE))
    return ids[start : start + max_length], mask[start : start + max_length]


def _ids(tokenizer: Any, text: str) -> list[int]:
    found: list[int] = tokenizer(text, add_special_tokens=False, truncation=False)["input_ids"]
    return found
