"""Scripts of models that learn to answer as the assistants of conversations do."""

from __future__ import annotations

import re

from core.models import chat
from core.models.tokenizers import CHATML, CHATML_MARKS
from core.script import models
from core.script.losses import NEEDS, SMOOTHING, by_tokens, smoothing
from core.script.types import ScriptFacts, ScriptParts
from core.script.writing import COLLATE
from core.usage.code import Source, filled, parts

_ENCODE = '''
def encode(rows):
    """Conversations as tokens, of which those of the assistant are learned."""
    pieces = {"input_ids": [], "labels": []}
    for asked, answer in zip(rows["messages"], rows["answer"]):
        messages = [*json.loads(asked), {"role": "assistant", "content": answer}]
        try:
            ids, learned = learnable($messages)
        except TemplateError:  # the model's form does not take this conversation
            ids, learned = [], []
        if not any(learned[1:]):
            ids, learned = [tokenizer.pad_token_id], [False]
        pieces["input_ids"].append(ids)
        pieces["labels"].append([token if is_learned else -100 for token, is_learned in zip(ids, learned)])
    return pieces


def render(messages, **options):
    """A conversation as the model reads it."""
    return tokenizer.apply_chat_template(messages, tokenize=False, **options)


def learnable(messages):
    """(token ids, whether each is one that the assistant has to write). What is too long loses its oldest turns."""
    messages = shortened(messages)
    text = render(messages)
    read = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    ids, ends = read["input_ids"], [end for _, end in read["offset_mapping"]]
    learned = [False] * len(ids)
    for begin, stop in answers_in(messages, text):
        for place in range(bisect_right(ends, begin), bisect_right(ends, stop)):
            learned[place] = True
    return cut(ids, learned)


def answers_in(messages, text):
    """Where each answer begins and stops in the text of a conversation, with the mark at its end."""
    marks = tuple(token.content for token in tokenizer.added_tokens_decoder.values() if token.special)
    for number, message in enumerate(messages):
        if message["role"] == "assistant":
            begin = len(render(messages[:number], add_generation_prompt=True))
            stop = len(render(messages[: number + 1]))
            turn = text[begin:stop].rstrip()
            yield begin, begin + len(turn) if marks and turn.endswith(marks) else stop


def shortened(messages):
    """Without the oldest turns where they do not fit; what the system says stays, and the rest begins with a user."""
    system = [message for message in messages[:1] if message["role"] == "system"]
    rest = messages[len(system) :]
    starts = [0, *(place for place, message in enumerate(rest) if place and message["role"] == "user")]
    for start in starts:
        kept = [*system, *rest[start:]]
        if len(tokenizer(render(kept), add_special_tokens=False)["input_ids"]) <= MAX_LENGTH:
            break
    return kept


def cut(ids, learned):
    """At most MAX_LENGTH tokens: the last answer from its beginning, with as much before it as there is room for."""
    first = len(ids) - 1 - learned[::-1].index(True) if True in learned else 0
    while first > 0 and learned[first - 1]:
        first -= 1
    start = max(0, min(len(ids) - MAX_LENGTH, first - MAX_LENGTH // 4))
    return ids[start : start + MAX_LENGTH], learned[start : start + MAX_LENGTH]
'''
_WITH_SYSTEM = '''
def with_system(messages):
    """The conversation after SYSTEM, where it has no such text of its own."""
    return messages if messages[0]["role"] == "system" else [{"role": "system", "content": SYSTEM}, *messages]
'''
_WITHOUT_SYSTEM = '''
def with_system(messages):
    """The conversation with what the system says before the first words of the user: the model's form has no other
    place for it."""
    if SYSTEM and messages[0]["role"] != "system":
        messages = [{"role": "system", "content": SYSTEM}, *messages]
    if messages[0]["role"] != "system":
        return messages
    first, *messages = messages
    place = next((place for place, message in enumerate(messages) if message["role"] == "user"), 0)
    said = f"{first['content']}\\n\\n{messages[place]['content']}"
    return [*messages[:place], {**messages[place], "content": said}, *messages[place + 1 :]]
'''
_CHATML = """
# The model has no form for conversations of its own, so it learns a common one, ChatML.
former_end = tokenizer.eos_token
marks = {"additional_special_tokens": $marks}
tokenizer.add_special_tokens(marks, replace_extra_special_tokens=False)
tokenizer.eos_token = $end
if tokenizer.pad_token is None:
    tokenizer.pad_token = former_end or tokenizer.eos_token
tokenizer.chat_template = CHATML
"""
_TWO_TURNS = [
    {"role": "user", "content": "a"},
    {"role": "assistant", "content": "b"},
    {"role": "user", "content": "c"},
    {"role": "assistant", "content": "d"},
]


def script(facts: ScriptFacts) -> ScriptParts:
    """For a ``Task.script``."""
    tokenizer, system = facts.tokenizer, facts.options.system_prompt.strip()
    takes, is_chatml = chat.takes_system(tokenizer), tokenizer.chat_template == CHATML
    changes = bool(system) or not takes
    constants = {"SYSTEM": (system, "")} if changes else {}
    if is_chatml:
        constants["CHATML"] = (_lines(CHATML), "")
    return ScriptParts(
        functions=parts(
            filled(_ENCODE, messages=Source("with_system(messages)" if changes else "messages")),
            (_WITH_SYSTEM if takes else _WITHOUT_SYSTEM) if changes else "",
            COLLATE,
            by_tokens(facts, shifted=True),
        ),
        constants={**constants, **smoothing(facts)},
        tokenizer=filled(_CHATML, marks=list(CHATML_MARKS), end=CHATML_MARKS[1]) if is_chatml else models.PADDED,
        model=models.loaded(facts),
        collator="collate",
        transformers=(facts.auto_class,),
        modules=("from bisect import bisect_right", "from jinja2 import TemplateError", NEEDS),
        expressed=("system_prompt", "max_new_tokens", SMOOTHING),
        leaves_out=() if _grows(tokenizer) else ("the model's way to write past answers otherwise than new ones",),
    )


def _lines(template: str) -> Source:
    """A template as texts one below the other, cut between its statements."""
    pieces = re.split(r"(?<=[%}]})(?={)", template)
    return Source("(\n" + "".join(f"    {filled('$it', it=piece)}\n" for piece in pieces) + ")")


def _grows(tokenizer: object) -> bool:
    """Whether a conversation begins with what it was before its last turn, which the script rests on."""
    from core.models.tokenizers import render

    whole = render(tokenizer, _TWO_TURNS)
    beginnings = [render(tokenizer, _TWO_TURNS[:number], prompt=number % 2 == 1) for number in (1, 2, 3)]
    return all(whole.startswith(beginning) for beginning in beginnings)
