"""Conversations in the forms in which people keep them, brought into one.

Understood are lists of ``{"role", "content"}`` and of ``{"from", "value"}`` (as from ShareGPT), both also written out
in a cell of text, as JSON or as Python prints them, and texts with the marks of ChatML. In the one form each
conversation ends with an answer: ``messages`` is JSON of the turns before it, ``answer`` its words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.data import written
from core.data.types import Finding
from core.said import said, said_many, together

Turn = dict[str, str]

SPEAKERS = {
    "system": "system", "developer": "system",
    "user": "user", "human": "user", "prompter": "user",
    "assistant": "assistant", "gpt": "assistant", "bot": "assistant", "chatbot": "assistant", "ai": "assistant",
    "model": "assistant", "chatgpt": "assistant",
}  # fmt: skip
"""How the three who may speak are called."""
_ROLE_KEYS, _CONTENT_KEYS = ("role", "from"), ("content", "value")
_LIST_KEYS = ("messages", "conversations", "conversation")
_CHATML = re.compile(r"<\|im_start\|>[ \t]*(\w+)[ \t]*\n?(.*?)(?=<\|im_end\|>|<\|im_start\|>|\Z)", re.DOTALL)

_LEFT_OUT = said("Such rows are left out.")
_TITLES = {
    "unreadable": "{count} rows have no conversation that can be read in `{column}`.",
    "unknown-role": "{count} rows have a turn of somebody unknown in `{column}`.",
    "no-answer": "{count} rows have no turn of the assistant in `{column}`.",
    "empty-answer": "{count} rows have an empty answer in `{column}`.",
    "empty-question": "{count} rows have an empty turn of the user in `{column}`.",
    "no-question": "{count} rows have nobody asking before the answer in `{column}`.",
    "cut-ending": "{count} rows have turns after the last answer in `{column}`.",
    "merged-turns": "{count} rows have several turns of the same speaker in a row in `{column}`.",
    "late-system": "{count} rows have a system text that is not at the beginning in `{column}`.",
}
WORDS: dict[str, tuple[str, str]] = {
    "unreadable": (
        together(
            said("Each needs a list of turns, with who speaks (role or from) and what is said (content or value)."),
            _LEFT_OUT,
        ),
        said("Compare these rows with one that is read."),
    ),
    "unknown-role": (
        together(
            said("Turns are read of a system, a user and an assistant, by their usual names (human and gpt too)."),
            _LEFT_OUT,
        ),
        said("Rename who speaks, or take turns of tools and functions out."),
    ),
    "no-answer": (
        together(said("Without an answer there is nothing to learn from."), _LEFT_OUT),
        said("Add the answer, or leave it so."),
    ),
    "empty-answer": (
        together(said("A model that learns from it learns to say nothing."), _LEFT_OUT),
        said("Write the answer, or take the turn out."),
    ),
    "empty-question": (
        together(said("The answer after it would be an answer to nothing."), _LEFT_OUT),
        said("Write what was asked, or take the turn out."),
    ),
    "no-question": (
        together(said("A model answers to what somebody says."), _LEFT_OUT),
        said("Add the turn of the user, or leave it so."),
    ),
    "cut-ending": (said("Nothing answers to them, so they are cut off; the rest is learned from."), ""),
    "merged-turns": (said("They are put together as one turn, with an empty line between."), ""),
    "late-system": (said("It is moved there: models read it before everything else."), ""),
}
"""Code -> (what rows have, what it means and what was done, what to do)."""
_HARMLESS = ("cut-ending", "merged-turns", "late-system")


@dataclass
class Found:
    """Conversations in the one form, the places of their rows (from 0), and by the code of each problem its rows."""

    messages: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    problems: dict[str, list[int]] = field(default_factory=dict)


def conversations(cells: Iterable[Any]) -> Found:
    """All conversations of a column, given as Python values."""
    found = Found()
    for row, cell in enumerate(cells):
        turns = parse(cell)
        turns, problems = tidy(turns) if turns else ([], ["unreadable"])
        for problem in problems:
            found.problems.setdefault(problem, []).append(row)
        if turns:
            found.messages.append(as_json(turns[:-1]))
            found.answers.append(turns[-1]["content"])
            found.rows.append(row)
    return found


def questions(cells: Iterable[Any]) -> list[str]:
    """For each cell the turns up to the last of the user as JSON: what waits for an answer. Empty where nothing does.

    A cell that holds no conversation is itself what the user says.
    """
    found = []
    for cell in cells:
        turns = parse(cell)
        if turns is None and isinstance(cell, str) and cell.strip():
            turns = [{"role": "user", "content": cell}]
        asked, _ = _ordered([turn for turn in turns or [] if turn["role"] in SPEAKERS and turn["content"].strip()])
        while asked and asked[-1]["role"] != "user":
            asked.pop()
        found.append(as_json(asked) if asked else "")
    return found


def single_turns(prompts: Iterable[str]) -> list[str]:
    """Each prompt as a conversation of one turn, as JSON."""
    return [as_json([{"role": "user", "content": prompt}]) for prompt in prompts]


def parse(cell: Any) -> list[Turn] | None:
    """The turns of one cell as they stand there, or None where it holds no conversation."""
    if isinstance(cell, str):
        return _parse_text(cell.strip())
    if isinstance(cell, dict):
        held = next((cell[key] for key in _LIST_KEYS if cell.get(key)), None)
        return None if isinstance(held, dict) else parse(held)
    if not isinstance(cell, Sequence) or not cell:
        return None
    turns = [_turn(item) for item in cell]
    return None if any(turn is None for turn in turns) else [turn for turn in turns if turn]


def tidy(turns: Sequence[Turn]) -> tuple[list[Turn], list[str]]:
    """(turns that can be learned from, ending with an answer, or none; codes of ``WORDS`` for what was found)."""
    if any(turn["role"] not in SPEAKERS for turn in turns):
        return [], ["unknown-role"]
    spoken, problems = _ordered(turns)
    answers = [place for place, turn in enumerate(spoken) if turn["role"] == "assistant"]
    if not answers:
        return [], ["no-answer"]
    if answers[-1] + 1 < len(spoken):
        problems.append("cut-ending")
        spoken = spoken[: answers[-1] + 1]
    empty = {turn["role"] for turn in spoken if not turn["content"]}
    if empty:
        return [], ["empty-answer" if "assistant" in empty else "empty-question"]
    if "user" not in [turn["role"] for turn in spoken[: answers[-1]]]:
        return [], ["no-question"]
    return spoken, problems


def as_json(turns: Sequence[Turn]) -> str:
    """Turns as one line of text."""
    return json.dumps(list(turns), ensure_ascii=False)


def as_text(messages: str, answer: str = "") -> str:
    """What was said, without who said it: for lengths and for telling conversations apart."""
    spoken = [turn["content"] for turn in json.loads(messages)]
    return "\n".join([*spoken, answer] if answer else spoken)


def shown(messages: str) -> str:
    """The turns as people read them; a single one without its speaker."""
    turns = json.loads(messages)
    if len(turns) == 1:
        return str(turns[0]["content"])
    return "\n\n".join(f"{turn['role'].capitalize()}: {turn['content']}" for turn in turns)


def problem_findings(column: str, problems: dict[str, list[int]]) -> list[Finding]:
    """One finding for each kind of problem, in the order of ``WORDS``."""
    from core.data.cleaning import SHOWN_ROWS, of_one

    return [
        Finding(
            code,
            "info" if code in _HARMLESS else "warning",
            said_many(len(problems[code]), of_one(_TITLES[code]), _TITLES[code], column=column),
            meaning,
            fix,
            count=len(problems[code]),
            rows=tuple(row + 1 for row in problems[code][:SHOWN_ROWS]),
            role="messages",
        )
        for code, (meaning, fix) in WORDS.items()
        if code in problems
    ]


# --- One conversation ------------------------------------------------------------------------------------------------


def _parse_text(text: str) -> list[Turn] | None:
    if text[:1] in ("[", "{"):
        return parse(written.read(text))
    marked = [_named(role, content) for role, content in _CHATML.findall(text)]
    # What a template puts at the end for the model to go on from is no turn yet.
    while marked and marked[-1] == {"role": "assistant", "content": ""} and not text.endswith("<|im_end|>"):
        marked.pop()
    return marked or None


def _turn(item: Any) -> Turn | None:
    if not isinstance(item, dict):
        return None
    role = next((item[key] for key in _ROLE_KEYS if isinstance(item.get(key), str)), None)
    key = next((key for key in _CONTENT_KEYS if key in item), None)
    if role is None or key is None:
        return None
    content = item[key]
    if isinstance(content, list):
        parts = [part.get("text") if isinstance(part, dict) else part for part in content]
        content = "\n".join(part for part in parts if isinstance(part, str))
    return _named(role, "" if content is None else str(content))


def _named(role: str, content: str) -> Turn:
    plain = role.strip().lower()
    return {"role": SPEAKERS.get(plain, plain), "content": content.strip()}


def _ordered(turns: Sequence[Turn]) -> tuple[list[Turn], list[str]]:
    """The system's texts in front as one turn, and neighbours of one speaker as one; codes for what was changed."""
    problems = []
    system = [turn["content"] for turn in turns if turn["role"] == "system" and turn["content"]]
    spoken: list[Turn] = []
    for place, turn in enumerate(turns):
        if turn["role"] == "system":
            if any(before["role"] != "system" for before in turns[:place]):
                problems.append("late-system")
        elif spoken and spoken[-1]["role"] == turn["role"] and turn["content"] and spoken[-1]["content"]:
            spoken[-1] = {**turn, "content": f"{spoken[-1]['content']}\n\n{turn['content']}"}
            problems.append("merged-turns")
        else:
            spoken.append(dict(turn))
    first = [{"role": "system", "content": "\n\n".join(system)}] if system else []
    return first + spoken, list(dict.fromkeys(problems))
