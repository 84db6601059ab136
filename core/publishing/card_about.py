"""What a model card says first: what the model is, what goes in and comes out, and how to use it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.markdown import code, escaped, fenced, made_table, prose
from core.publishing.facts import Facts
from core.publishing.licences import in_words as licence_words
from core.tasks.base import Kind
from core.usage import samples
from core.usage.snippets import example_code

_YOURS = re.compile(r"\b[Yy]our texts\b")
_IN_A_TABLE = 30
_MOST_CLASSES = 500
_SHORT_PROGRAM = 40
"""Lines."""
_ANSWERS: dict[Kind, str] = {
    "text": "a text that it writes",
    "label": "one of the classes below, with how likely it holds each of them",
    "labels": "any number of the labels below, also none, with how likely it holds each of them",
    "spans": "the pieces of the text that are of one of the types below",
    "number": "a number",
    "answer": "the piece of the text that answers the question, or nothing where the text does not hold the answer",
    "fills": "words that fit into the gap, with how likely it holds each of them",
    "chat": "the next turn of the conversation",
    "image": "a picture",
}


def about(facts: Facts) -> list[str]:
    """The title, one sentence on what it is, and the verdict."""
    from core.publishing.card_data import table_words

    base = facts.base
    start = f"[{escaped(base.name)}]({base.page})" if base.page else code(base.name)
    licence = f" ({licence_words(base.licence)})" if base.licence and base.licence != "other" else ""
    made = f"{start}{licence}, fine-tuned on {table_words(facts)} for **{escaped(facts.task.title.lower())}**."
    # On a page it speaks to whoever brought the table.
    verdict = _YOURS.sub(_theirs, facts.report.get("verdict") or "")
    said = (
        [f"> **How good it is.** {prose(verdict)}"]
        if verdict
        else ["> **Nobody has measured how good it is**: see Results."]
    )
    return [f"# {escaped(facts.title)}", made, *said]


def _theirs(found: re.Match[str]) -> str:
    return f"{'T' if found[0][0] == 'Y' else 't'}he texts of its table"


def what_it_does(facts: Facts) -> list[str]:
    """The task in words, what goes in, what comes out, and the classes."""
    task = facts.task
    summary = task.summary.removeprefix("Learns to ")
    said = f"It was trained to {summary}" if summary != task.summary else task.summary
    reads = ", ".join(
        f"{escaped(role.label)}{'' if role.required else ' (optional)'}" for role in samples.asked(task, facts.run)
    )
    lines = [f"- **In**: {reads}", f"- **Out**: {_ANSWERS[task.output]}{_range(facts)}"]
    return ["## What it does", escaped(said), "\n".join(lines), *_classes(facts)]


def _range(facts: Facts) -> str:
    target = facts.target
    if facts.task.output != "number" or facts.manual is None:
        return ""
    return (
        f". Those it learned from lay between {target.low:g} and {target.high:g}, {target.mean:.3g} on average; it can "
        "go a little beyond"
    )


def _classes(facts: Facts) -> Iterator[str]:
    """The classes with how many training examples each had; a long list without its counts."""
    if facts.task.output not in ("label", "labels", "spans"):
        return
    shown = facts.target.shown
    counted = any(count for _, count in shown)
    if counted and len(shown) <= _IN_A_TABLE:
        lines = [[code(label, in_table=True), f"{count:,}"] for label, count in shown]
        yield made_table(["Class", "Training examples"], lines, [1])
    elif shown:
        more = f" and {len(shown) - _MOST_CLASSES:,} more" if len(shown) > _MOST_CLASSES else ""
        yield f"Its {len(shown):,} classes: {', '.join(code(label) for label, _ in shown[:_MOST_CLASSES])}{more}."


# --- How to use it ---------------------------------------------------------------------------------------------------


def how_to_use(facts: Facts) -> list[str]:
    """A few lines that run; where a task has none of its own, how the folder is loaded."""
    if facts.run.has_model and (snippet := example_code(facts.run, facts.repo or ".")):
        return ["## How to use it", *_folded(snippet), *_where(facts)]
    place, kind = facts.repo or ".", facts.task.auto_class
    if not kind:
        return [
            "## How to use it",
            f"The task {code(facts.task.id)} is one of its maker's own, without a ready example. The folder is loaded "
            "with `from_pretrained` of the transformers library; `tunesmith.json` says how the model wants to be fed.",
        ]
    lines = [
        f"from transformers import {kind}, AutoTokenizer",
        "",
        f'tokenizer = AutoTokenizer.from_pretrained("{place}")',
        f'model = {kind}.from_pretrained("{place}")',
    ]
    return ["## How to use it", fenced("\n".join(lines), "python"), *_where(facts)]


def _folded(snippet: str) -> list[str]:
    """A long program folds, so that the results are not out of sight."""
    shown, lines = fenced(snippet, "python"), snippet.strip().count("\n") + 1
    if lines <= _SHORT_PROGRAM:
        return [shown]
    return [
        "This program says exactly what the model said when it was measured, with the packages torch and transformers "
        f"{'and peft' if 'from peft ' in snippet else 'alone'}:",
        f"<details>\n<summary>The program ({lines} lines)</summary>\n\n{shown}\n\n</details>",
    ]


def _where(facts: Facts) -> list[str]:
    return (
        []
        if facts.repo
        else ["Run it in the folder of the model, or write the path of that folder in place of the point."]
    )
