"""Asking the Hub's inference service: what is sent for each kind of answer, by its client and by curl."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.models.gaps import SIGN
from core.prediction.generation import Knobs
from core.tasks.base import Kind, Task
from core.usage.code import Source, filled, literal
from core.usage.types import Snippet, Usage

SERVICE = "https://router.huggingface.co/hf-inference/models"
NOTE = (
    "The Hub's free service hosts only some models, and a new one often not at once. For any other there are Inference "
    "Endpoints, which cost money. Put a token of yours with the right to call it into the environment variable HF_TOKEN"
)
_KNOBS = Knobs()
_WRITTEN = {
    "max_new_tokens": _KNOBS.max_new_tokens,
    "do_sample": True,
    "temperature": _KNOBS.temperature,
    "top_p": _KNOBS.top_p,
    "repetition_penalty": _KNOBS.repetition_penalty,
}
_CLIENT = """
import os

from huggingface_hub import InferenceClient

client = InferenceClient(provider="hf-inference", api_key=os.environ["HF_TOKEN"])
found = client.$method(
$arguments
)
$printed
"""
_CURL = """
curl {url} \\
  -H "Authorization: Bearer $HF_TOKEN" \\
  -H "Content-Type: application/json" \\
  -d {body}
"""


@dataclass(frozen=True)
class Question:
    """One question to the service. ``given`` stands first in a call of the client; ``inputs`` is the same for curl."""

    given: Mapping[str, Any]
    inputs: Any
    settings: Mapping[str, Any]
    printed: str
    method: str = ""
    """Of the client; where it is empty, the one that is called like the pipeline."""


def snippets(task: Task, usage: Usage) -> list[Snippet]:
    """How the service is asked by its client and by curl; nothing where it cannot answer for such a model."""
    asked = _ASKED.get(task.output)
    question = asked(usage) if asked else None
    if question is None or not hasattr(_client(), question.method or task.pipeline_tag.replace("-", "_")):
        return []
    note = f"{NOTE}, from an account that may read this private model." if usage.is_private else f"{NOTE}."
    return [
        Snippet("The Hub's inference service", "python", _by_client(task, usage, question), note),
        Snippet("curl", "bash", _by_curl(usage, question), note),
    ]


def _client() -> Any:
    from huggingface_hub import InferenceClient

    return InferenceClient


def _by_client(task: Task, usage: Usage, question: Question) -> str:
    given = {**question.given, **question.settings, "model": usage.place}
    arguments = "\n".join(f"    {name}={literal(value)}," for name, value in given.items())
    method = question.method or task.pipeline_tag.replace("-", "_")
    values = {"method": Source(method), "arguments": Source(arguments), "printed": Source(question.printed)}
    return filled(_CLIENT, **values) + "\n"


def _by_curl(usage: Usage, question: Question) -> str:
    url, body = f"{SERVICE}/{usage.place}", {"inputs": question.inputs, "parameters": dict(question.settings)}
    if question.method:
        url, body = f"{url}/v1/chat/completions", {"model": usage.place, **question.given, **question.settings}
    return _CURL.strip().format(url=shlex.quote(url), body=shlex.quote(_json(body))) + "\n"


def _json(value: Any) -> str:
    """JSON in which signs that cannot be seen are written as their numbers."""
    return "".join(
        sign if sign.isprintable() else json.dumps(sign)[1:-1] for sign in json.dumps(value, ensure_ascii=False)
    )


# --- By the kind of answer -------------------------------------------------------------------------------------------

_SCORES = 'for answer in found:\n    print(f"{answer.score:.6f}  {answer.label}")'


def _label(usage: Usage) -> Question | None:
    return _classes(usage, {"top_k": max(1, len(usage.manual.target.labels))}, _SCORES)


def _labels(usage: Usage) -> Question | None:
    settings = {"function_to_apply": "sigmoid", "top_k": max(1, len(usage.manual.target.labels))}
    return _classes(usage, settings, _SCORES)


def _number(usage: Usage) -> Question | None:
    return _classes(usage, {"function_to_apply": "none"}, "print(found[0].score)")


def _classes(usage: Usage, settings: Mapping[str, Any], printed: str) -> Question | None:
    """The service takes one text; a model that reads pairs cannot be asked there."""
    if "text_pair" in usage.example:
        return None
    text = usage.example.get("text") or "Write your text here."
    return Question({"text": text}, text, settings, printed)


def _spans(usage: Usage) -> Question | None:
    text = usage.example.get("text") or "Write your text here."
    printed = 'for one in found:\n    print(f"{one.score:.6f}  {one.entity_group}  {one.word}")'
    return Question({"text": text}, text, {"aggregation_strategy": "first"}, printed)


def _answer(usage: Usage) -> Question | None:
    from core.data.answer_findings import UNANSWERED

    asked = {name: usage.example.get(name) or f"Write the {name} here." for name in ("question", "context")}
    silent = UNANSWERED in usage.manual.target.labels
    longest = usage.manual.options.get("max_answer_length", 30)
    settings = {"handle_impossible_answer": silent, "max_answer_len": longest}
    return Question(asked, asked, settings, 'print(f"{found.score:.6f}  {found.answer}")')


def _fills(usage: Usage) -> Question | None:
    mask = _mask_token(usage)
    if mask is None:
        return None
    text = (usage.example.get("gapped") or f"Write your text with a {SIGN} here.").replace(SIGN, mask)
    printed = 'for word in found:\n    print(f"{word.score:.6f}  {word.token_str}")'
    # Of a text with several gaps the client reads nothing but lists.
    return Question({"text": text}, text, {"top_k": 5}, printed) if text.count(mask) == 1 else None


def _text(usage: Usage) -> Question | None:
    text = usage.example.get("text") or "Write the first words of a text here"
    return Question({"prompt": text}, text, _WRITTEN, "print(found)")


def _chat(usage: Usage) -> Question | None:
    from core.usage.writing import conversation

    settings = {"max_tokens": _KNOBS.max_new_tokens, "temperature": _KNOBS.temperature, "top_p": _KNOBS.top_p}
    given = {"messages": conversation(usage)}
    return Question(given, None, settings, "print(found.choices[0].message.content)", "chat_completion")


_ASKED: Mapping[Kind, Callable[[Usage], Question | None]] = {
    "label": _label,
    "labels": _labels,
    "number": _number,
    "spans": _spans,
    "answer": _answer,
    "fills": _fills,
    "text": _text,
    "chat": _chat,
}


def _mask_token(usage: Usage) -> str | None:
    """How this model's vocabulary writes a gap, from its small files alone."""
    if usage.folder is None:
        return None
    try:
        config = json.loads((usage.folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    mask = config.get("mask_token")
    return str(mask["content"] if isinstance(mask, dict) else mask) if mask else None
