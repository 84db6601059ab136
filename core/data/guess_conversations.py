"""Which columns of a table hold conversations, or questions with their answers: by their form first, then by names."""

from __future__ import annotations

import re

from core.data.types import Column, Preview
from core.said import said

Found = tuple[dict[str, str | tuple[str, ...]], dict[str, str], float]
"""Columns by role, a reason for each, and how sure that is."""

_FIELDS = ({"role", "content"}, {"from", "value"})
_WRITTEN = re.compile(r"""\s*\[\s*\{\s*(["'])(role|content|from|value)\1\s*:""")
_CHATML = "<|im_start|>"
_INSTRUCTIONS = (("instruction", "instructions", "task"), ("output", "response", "answer", "completion", "target"))
_INPUTS = ("input", "context", "inputs")
_PAIRS = (
    (("prompt", "user_prompt"), ("response", "completion", "answer", "output", "reply", "chosen", "assistant")),
    (("user", "human", "customer"), ("assistant", "bot", "gpt", "agent", "chatbot", "ai", "response", "reply")),
    (("message", "utterance", "query", "request"), ("response", "reply", "completion")),
    (("question",), ("response", "reply")),
)


def conversations(preview: Preview) -> Found | None:
    """A column that holds whole conversations."""
    for column in preview.columns:
        how = _form(column)
        if how:
            return (
                {"messages": column.name},
                {"messages": said("`{column}` holds conversations: {how}.", column=column.name, how=how)},
                0.97,
            )
    return None


def questions_and_answers(preview: Preview) -> Found | None:
    """A column of instructions or prompts and one of free texts that answer them, by their usual names."""
    named = {column.name.strip().lower(): column for column in preview.columns if _is_text(column)}
    instruction, output = (_first(named, names) for names in _INSTRUCTIONS)
    if instruction and output:
        columns: dict[str, str | tuple[str, ...]] = {"instruction": instruction, "output": output}
        reasons: dict[str, str] = {
            "instruction": said("`{column}` is called like an instruction, and its texts differ.", column=instruction),
            "output": said("`{column}` is called like the answer to one.", column=output),
        }
        given = next((named[name].name for name in _INPUTS if name in named), None)
        if given:
            columns["input"] = given
            reasons["input"] = said("`{column}` is called like what an instruction is about.", column=given)
        return columns, reasons, 0.9
    for prompts, responses in _PAIRS:
        prompt, response = _first(named, prompts), _first(named, responses)
        if prompt and response:
            reasons = {
                "prompt": said("`{column}` is called like what somebody says.", column=prompt),
                "response": said("`{column}` is called like an answer, and its texts differ.", column=response),
            }
            return {"prompt": prompt, "response": response}, reasons, 0.85
    return None


def _form(column: Column) -> str:
    if any(fields <= set(column.fields) for fields in _FIELDS):
        return said("lists of turns with {first} and {second}", first=column.fields[0], second=column.fields[1])
    examples = column.examples
    if column.kind not in ("text", "category") or not examples:
        return ""
    if sum(_WRITTEN.match(text) is not None for text in examples) > len(examples) / 2:
        return said("lists of turns, written out as text")
    if sum(_CHATML in text for text in examples) > len(examples) / 2:
        return said("texts with the marks of ChatML")
    return ""


def _is_text(column: Column) -> bool:
    return column.kind in ("text", "category")


def _first(named: dict[str, Column], names: tuple[str, ...]) -> str | None:
    """The first column of such a name whose texts are free: classes return, and are sorted into, not answered with."""
    return next((named[name].name for name in names if name in named and named[name].kind == "text"), None)
