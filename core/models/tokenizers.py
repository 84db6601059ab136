"""Tokenizers as tasks need them: with a padding token, with a chat template, and able to tell who said which token.

A chat template turns a list of ``{"role", "content"}`` into one text with marks between the turns.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.errors import CheckpointError, DataError
from core.models.programs import trusting
from core.models.types import Note
from core.said import in_a_row, said, together

Message = Mapping[str, str]

CHATML_MARKS = ("<|im_start|>", "<|im_end|>")
CHATML = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' }}"
    "{% if message['role'] == 'assistant' %}"
    "{% generation %}{{ message['content'] + '<|im_end|>' }}{% endgeneration %}"
    "{% else %}{{ message['content'] + '<|im_end|>' }}{% endif %}"
    "{{ '\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
"""The most common form. The generation block marks the assistant's words, with the end of its turn."""


def load_tokenizer(folder: str | Path) -> Any:
    """The tokenizer of a checkpoint. Raises ``CheckpointError``."""
    from transformers import AutoTokenizer

    try:
        return AutoTokenizer.from_pretrained(folder, local_files_only=True, **trusting(folder))
    except (OSError, ValueError) as exc:
        raise CheckpointError(
            said("The checkpoint's tokenizer cannot be read."),
            said(
                "Its folder should hold tokenizer.json (or vocab files) beside config.json. Copy or download it again."
            ),
            cause=str(exc),
        ) from exc


def with_padding(tokenizer: Any) -> tuple[Any, tuple[Note, ...]]:
    """The tokenizer with a padding token: its own, else its end token, else a new one, which widens the vocabulary."""
    if tokenizer.pad_token is not None:
        return tokenizer, ()
    if tokenizer.eos_token is not None:
        tokenizer.pad_token = tokenizer.eos_token
        return tokenizer, (Note(said("The model has no padding token, so its end token fills up shorter texts.")),)
    tokenizer.add_special_tokens({"pad_token": "<pad>"})
    return tokenizer, (Note(said("The model has no padding token, so one was added to its vocabulary.")),)


def with_chat_template(tokenizer: Any) -> tuple[Any, tuple[Note, ...]]:
    """The tokenizer with its own chat template, or with ``CHATML`` where it has none, and with a padding token.

    With ChatML the end of a turn becomes the end token, and the former one pads. New marks widen the vocabulary.
    """
    if tokenizer.chat_template:
        return with_padding(tokenizer)
    new = [mark for mark in CHATML_MARKS if mark not in tokenizer.get_vocab()]
    former_end = tokenizer.eos_token
    tokenizer.add_special_tokens({"additional_special_tokens": list(CHATML_MARKS)}, replace_extra_special_tokens=False)
    tokenizer.eos_token = CHATML_MARKS[1]
    if tokenizer.pad_token is None:
        tokenizer.pad_token = former_end or tokenizer.eos_token
    tokenizer.chat_template = CHATML
    added = said(
        "The marks {marks} were added to its vocabulary."
        if len(new) > 1
        else "The mark {marks} were added to its vocabulary.",
        marks=in_a_row(*new),
    )
    return tokenizer, (
        Note(
            said("The model has no form for conversations of its own, so it learns a common one, ChatML."),
            together(
                added if new else "",
                said("Conversations are told apart by these marks; use the same form wherever you run the model."),
            ),
        ),
    )


def assistant_mask(
    tokenizer: Any, messages: Sequence[Message], max_length: int | None = None
) -> tuple[list[int], list[int]]:
    """The conversation as token ids, and 1 for each token that the assistant has to write, with the end of its turn.

    Works with any template: what stands between the rendered text before a turn and the text after it is that turn.
    Both lists are cut at ``max_length``. Raises ``DataError`` where the template does not take the conversation.
    """
    if not tokenizer.is_fast:
        raise CheckpointError(
            said("This model's tokenizer cannot tell where an answer begins."),
            said("Choose a checkpoint that holds tokenizer.json."),
        )
    text = render(tokenizer, messages)
    encoded = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True, truncation=False)
    ids, ends = encoded["input_ids"], [end for _, end in encoded["offset_mapping"]]
    mask = [0] * len(ids)
    for begin, stop in _turns(tokenizer, messages, text):
        for place in range(bisect_right(ends, begin), bisect_right(ends, stop)):
            mask[place] = 1
    return ids[:max_length], mask[:max_length]


def render(tokenizer: Any, messages: Sequence[Message], *, prompt: bool = False) -> str:
    """The conversation as the model reads it; with ``prompt``, up to where the assistant begins to write.

    Raises ``DataError`` with the template's own words where it does not take the conversation.
    """
    try:
        return str(tokenizer.apply_chat_template(list(messages), tokenize=False, add_generation_prompt=prompt))
    except Exception as exc:  # a template is a small program that the checkpoint brings along: it may fail in any way
        has_system = any(message.get("role") == "system" for message in messages)
        raise DataError(
            said("The model's form for conversations does not take this one: {reason}.", reason=str(exc).rstrip(".")),
            said("Take the system message out, or choose another model.")
            if has_system
            else said("Most models want a user and an assistant to speak in turn, beginning with the user."),
            cause=f"{type(exc).__name__}: {exc}",
        ) from exc


def _turns(tokenizer: Any, messages: Sequence[Message], text: str) -> list[tuple[int, int]]:
    """Where each turn of the assistant begins and stops in ``text``, in characters."""
    found: list[tuple[int, int]] = []
    for number, message in enumerate(messages):
        if message.get("role") == "assistant":
            floor = found[-1][1] if found else 0
            begin = _beginning(tokenizer, messages, number, text, floor)
            found.append((begin, _stop(tokenizer, messages, number, text, begin)))
    return found


def _beginning(tokenizer: Any, messages: Sequence[Message], number: int, text: str, floor: int) -> int:
    """Where turn ``number`` begins: after what a model is given to answer it, else where its words stand."""
    given = _attempt(tokenizer, messages[:number], prompt=True)
    if given and text.startswith(given):
        return len(given)
    # An empty beginning may be refused, and some templates prompt for thoughts that past turns do not show.
    before = _attempt(tokenizer, messages[:number])
    floor = max(floor, len(before)) if before and text.startswith(before) else floor
    place = text.find(_words(messages[number]), floor)
    if place < 0:
        raise _unclear(number)
    return place


def _stop(tokenizer: Any, messages: Sequence[Message], number: int, text: str, begin: int) -> int:
    """Where turn ``number`` stops: with its end mark, but without the line break that templates put after it."""
    words, until = _words(messages[number]), render(tokenizer, messages[: number + 1])
    if text.startswith(until):
        stop = len(until)
    else:
        # The last turn is rendered in another way than past ones, so only its words and what closes them count.
        place, closing = text.find(words, begin), until[until.rfind(words) + len(words) :]
        if place < 0:
            raise _unclear(number)
        stop = place + len(words)
        stop += _common(closing, text[stop:])
    turn = text[begin:stop].rstrip()
    marks = tuple(token.content for token in tokenizer.added_tokens_decoder.values() if token.special)
    return begin + len(turn) if marks and turn.endswith(marks) else stop


def _attempt(tokenizer: Any, messages: Sequence[Message], *, prompt: bool = False) -> str | None:
    """``render``, or None for a beginning that the template refuses although it takes the whole."""
    try:
        return render(tokenizer, messages, prompt=prompt)
    except DataError:
        return None


def _words(message: Message) -> str:
    return str(message.get("content") or "").strip()


def _common(first: str, second: str) -> int:
    """How many characters both begin with."""
    pairs = enumerate(zip(first, second, strict=False))
    return next((place for place, (one, other) in pairs if one != other), min(len(first), len(second)))


def _unclear(number: int) -> DataError:
    return DataError(
        said(
            "In the form that this model reads, the assistant's words in turn {turn} cannot be found.", turn=number + 1
        ),
        said("The model's template changes them. Take that turn out, or choose another model."),
    )
