"""Example code for models that write on: from a beginning, or in a conversation.

Settings are those that the playground begins with, and chance begins at the same seed: so the same question has the
same answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.prediction.generation import Knobs
from core.usage.code import Source, filled, parts
from core.usage.types import Usage

_KNOBS = Knobs()
_CHANCE = {
    "do_sample": True,
    "temperature": _KNOBS.temperature,
    "top_p": _KNOBS.top_p,
    "top_k": 0,
    "repetition_penalty": _KNOBS.repetition_penalty,
}
_SETTINGS = {"max_new_tokens": _KNOBS.max_new_tokens, **_CHANCE}
_BEGINNING = "Write the first words of a text here"
_QUESTION = "Write your question here."

_PIPELINE = """
from transformers import pipeline, set_seed

write = pipeline($pipeline, model=$place)
set_seed($seed)
"""
_GO_ON = """
text = $text
start = write.tokenizer.eos_token or write.tokenizer.bos_token or ""
settings = $settings
found = write(start + text, add_special_tokens=False, return_full_text=False, **settings)
print(text + found[0]["generated_text"])
"""
_REPLY = """
messages = $messages$otherwise
settings = $settings
found = write(messages, **settings)
print(found[0]["generated_text"][-1]["content"])
"""
_WITHOUT_SYSTEM = """
try:
    write.tokenizer.apply_chat_template(messages)
except Exception:  # the model's form for conversations has no place for the system's text
    first = messages[0]["content"] + "\\n\\n" + messages[1]["content"]
    messages = [{"role": "user", "content": first}, *messages[2:]]
"""
_MODEL = """
from threading import Thread

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, TextIteratorStreamer, set_seed

tokenizer = AutoTokenizer.from_pretrained($place)
model = AutoModelForCausalLM.from_pretrained($place).eval()
LENGTH, SETTINGS = $length, $settings
LIMIT = getattr(model.config, "max_position_embeddings", None) or 1_000_000
ROOM = LIMIT - min(LENGTH, max(1, LIMIT // 4))  # tokens to read, of all that the model can hold
"""
_STREAM = '''
def written(ids):
    """What the model writes after these tokens, each time it has grown."""
    streamer = TextIteratorStreamer(tokenizer, skip_prompt=True, skip_special_tokens=True)
    inputs = {"input_ids": torch.tensor([ids]), "attention_mask": torch.ones(1, len(ids), dtype=torch.long)}

    def work():
        try:
            set_seed($seed)
            most = min(LENGTH, LIMIT - len(ids))
            model.generate(**inputs, **SETTINGS, max_new_tokens=most, streamer=streamer)
        finally:
            streamer.text_queue.put(streamer.stop_signal)

    Thread(target=work, daemon=True).start()
    text = ""
    for piece in streamer:
        text += piece
        yield text
'''
_ANSWER_ON = '''
def answer(text):
    """The text, growing. Of a long one, the end is what is read."""
    text = text.rstrip()
    start = [token for token in (tokenizer.eos_token_id, tokenizer.bos_token_id) if token is not None][:1]
    ids = (start + tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])[-ROOM:]
    for more in written(ids):
        yield text + more
'''
_ANSWER_REPLY = '''
SYSTEM = $system


def rendered(turns):
    """The conversation as the model reads it, up to where it begins to write."""
    return tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)


def takes_system():
    """Whether the model's form for conversations has a place for the system's text."""
    try:
        rendered([{"role": "system", "content": "s"}, {"role": "user", "content": "a"}])
    except Exception:  # each form refuses it in its own way
        return False
    return True


TAKES_SYSTEM = takes_system()


def prompt(turns):
    """The turns as tokens, after the system's text."""
    if SYSTEM and TAKES_SYSTEM:
        turns = [{"role": "system", "content": SYSTEM}, *turns]
    elif SYSTEM:
        turns = [{"role": "user", "content": SYSTEM + "\\n\\n" + turns[0]["content"]}, *turns[1:]]
    return tokenizer(rendered(turns), add_special_tokens=False, verbose=False)["input_ids"]


def plain(content):
    """What was said, as text: it may come in blocks."""
    return content if isinstance(content, str) else "".join(block.get("text", "") for block in content)


def answer(message, history):
    """The growing reply to ``message``, after the turns of ``history``. A long conversation loses its oldest turns."""
    turns = [{"role": turn["role"], "content": plain(turn["content"])} for turn in history]
    turns.append({"role": "user", "content": message})
    starts = [place for place, turn in enumerate(turns) if turn["role"] == "user"]
    first = next((place for place in starts if len(prompt(turns[place:])) <= ROOM), starts[-1])
    yield from written(prompt(turns[first:])[-ROOM:])
'''


def snippet_on(pipeline: str) -> Callable[[Usage], str]:
    """A ``Task.snippet``: it prints the beginning and how it goes on."""

    def made(usage: Usage) -> str:
        text = (usage.example.get("text") or _BEGINNING).rstrip()
        return _by_pipeline(pipeline, usage, filled(_GO_ON, text=text, settings=_SETTINGS))

    return made


def serving_on(usage: Usage) -> str:
    """A ``Task.serving``: a generator of the growing text."""
    return parts(*_streaming(usage), _ANSWER_ON)


def snippet_reply(pipeline: str) -> Callable[[Usage], str]:
    """A ``Task.snippet``: it prints the reply to a conversation."""

    def made(usage: Usage) -> str:
        turns = conversation(usage)
        otherwise = Source(_WITHOUT_SYSTEM.rstrip() if turns[0]["role"] == "system" and _may_refuse(usage) else "")
        code = filled(_REPLY, messages=turns, otherwise=otherwise, settings=_SETTINGS)
        return _by_pipeline(pipeline, usage, code)

    return made


def serving_reply(usage: Usage) -> str:
    """A ``Task.serving``: a generator of the growing reply to (message, turns before it)."""
    return parts(*_streaming(usage), filled(_ANSWER_REPLY, system=_system(usage)))


def _by_pipeline(pipeline: str, usage: Usage, code: str) -> str:
    return f"{filled(_PIPELINE, pipeline=pipeline, place=usage.place, seed=_KNOBS.seed)}\n{code}\n"


def _streaming(usage: Usage) -> tuple[str, str]:
    return (
        filled(_MODEL, place=usage.place, length=_KNOBS.max_new_tokens, settings=_CHANCE),
        filled(_STREAM, seed=_KNOBS.seed),
    )


def conversation(usage: Usage) -> list[dict[str, Any]]:
    """The example's turns up to where the model is to reply, after the system's text that it was trained with."""
    from core.data import conversations

    asked = usage.example.get("messages") or _QUESTION
    (found,) = conversations.questions([asked])
    turns: list[dict[str, Any]] = json.loads(found) if found else [{"role": "user", "content": asked}]
    system = _system(usage)
    return turns if not system or turns[0]["role"] == "system" else [{"role": "system", "content": system}, *turns]


def _may_refuse(usage: Usage) -> bool:
    """Whether the model's form for conversations may refuse one: those that do say so by a function of their own."""
    try:
        return "raise_exception" in ((usage.folder or Path(usage.place)) / "chat_template.jinja").read_text("utf-8")
    except FileNotFoundError:
        return True


def _system(usage: Usage) -> str:
    return str(usage.manual.options.get("system_prompt") or "").strip()
