"""What a model card says of results: the scores beside those of simple answerers, class by class, and the picture.

Drawn from the same blocks as the page of a report. Those that show rows of the table (mistakes, answers side by side)
are left out: they would publish texts that somebody may have given in confidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core import figures
from core.evaluation.extra import extra_sections
from core.evaluation.streamed import stream_sections
from core.evaluation.types import Section
from core.markdown import code, escaped, made_table, prose
from core.publishing.facts import Facts
from core.publishing.picture import MOST, PICTURE

LONGEST_TABLE = 100
_WRITTEN = "\u2e7f"
"""Up to here the picture's font knows most letters."""


def results(facts: Facts) -> list[str]:
    """Paragraphs of Markdown; words that say why where nothing was judged."""
    if not facts.judgement:
        return ["## Results", _not_judged(facts)]
    return ["## Results", *_whence(facts), *(text for block in blocks(facts) for text in _drawn(block, facts))]


def blocks(facts: Facts) -> list[Section]:
    """The blocks of the report that hold figures alone."""
    found = [*facts.task.sections(facts.report), *stream_sections(facts.report), *extra_sections(facts.report)]
    return [block for block in found if block.kind in ("scores", "table", "matrix", "slices")]


def _not_judged(facts: Facts) -> str:
    if facts.version == "last":
        return (
            "This is the model of the newest checkpoint of its run. **It was not judged**: the marks of the run belong "
            "to its best model, which is another one. Measure it on examples of your own before you rely on it."
        )
    return (
        "**This model was not judged.** Its training was stopped before that, so nothing is known of how good it is. "
        "Measure it on examples of your own before you rely on it."
    )


def _whence(facts: Facts) -> list[str]:
    """On which rows, and how they were chosen."""
    rows = facts.judgement.get("rows", 0)
    if facts.part == "validation":
        return [
            f"Measured on {rows:,} validation examples, which also chose the best version of the model: on new texts "
            "it is likely to do somewhat worse."
        ]
    split = facts.config.data.split
    how = "drawn by chance from the table"
    if split.column is not None:
        how = f"those that the column {code(split.column)} says"
    elif isinstance(split.test, str):
        how = "a part of the dataset of its own" if facts.dataset else "a file of their own"
    elif split.time is not None:
        how = f"the newest of the table by the column {code(split.time)}"
    return [
        f"Measured once, at the end, on {rows:,} examples that took no part in the training: {how}. "
        "What stands beside the model was measured on the same examples."
    ]


def _drawn(block: Section, facts: Facts) -> list[str]:
    match block.kind:
        case "scores":
            return _scores(block, facts)
        case "matrix":
            return _matrix(block)
        case _:
            return [f"### {escaped(block.title)}", prose(block.help), *_table(block)]


def _scores(block: Section, facts: Facts) -> list[str]:
    columns, rows = block.content["columns"], block.content["rows"]
    main = {metric.label for metric in facts.task.metrics if metric.name == facts.task.main_metric}
    lines = [
        [f"**{row['label']}**" if row["label"] in main else escaped(row["label"]), *_values(row)]
        for row in rows
        if any(value["value"] is not None for value in row["values"])
    ]
    headers = ["", *(escaped(column["label"]) for column in columns)]
    means = [f"- **{escaped(column['label'])}**: {prose(column['help'])}" for column in columns[1:] if column["help"]]
    means += [f"- {escaped(row['label'])}: {prose(row['help'])}" for row in rows if row["help"]]
    shown = ["In bold: the figure by which the best version of the model was chosen."] if main else []
    return [
        made_table(headers, lines, range(1, len(headers))),
        " ".join([prose(block.help), *shown]),
        "\n".join(["<details>", "<summary>What the columns and the figures mean</summary>", "", *means, "</details>"]),
    ]


def _values(row: dict[str, Any]) -> list[str]:
    return [_value(value, row["style"]) for value in row["values"]]


def _value(value: dict[str, float | None], style: str) -> str:
    """``75.0 % (58.9–86.3)``: the value, and where the true one most likely lies."""
    shown = figures.mark(value["value"], style)
    if value["low"] is None or value["high"] is None:
        return shown
    low, high = (figures.mark(end, style).removesuffix(" %") for end in (value["low"], value["high"]))
    return f"{shown} ({low}–{high})"


def _table(block: Section) -> list[str]:
    columns, rows = block.content["columns"], block.content["rows"]
    lines = [
        [_cell(cell, column["style"]) for cell, column in zip(row, columns, strict=True)]
        for row in rows[:LONGEST_TABLE]
    ]
    if block.kind == "slices":
        ends = zip(rows, block.content["low"], block.content["high"], strict=True)
        ranged = [{"value": row[-1], "low": low, "high": high} for row, low, high in ends]
        lines = [[*line[:-1], _value(one, columns[-1]["style"])] for line, one in zip(lines, ranged, strict=False)]
    numbers = [place for place, column in enumerate(columns) if column["style"] != "text"]
    rest = len(rows) - len(lines)
    more = [f"And {rest:,} more, in no order that means anything."] if rest else []
    return [made_table([escaped(column["label"]) for column in columns], lines, numbers), *more]


def _cell(cell: Any, style: str) -> str:
    if cell is None or isinstance(cell, int | float):
        return figures.mark(cell, style)
    return escaped(str(cell))


def _matrix(block: Section) -> list[str]:
    labels = block.content["labels"]
    shown = prose(block.help)
    if len(labels) > MOST:
        shown = f"Of many classes, the picture shows the {MOST} that were mixed up most."
    if any(sign > _WRITTEN for label in labels for sign in label):
        shown += " A class that the picture cannot write has its number in the order of the rows there."
    return [f"### {escaped(block.title)}", f"![{_alt(labels)}]({PICTURE})", shown]


def _alt(labels: Sequence[str]) -> str:
    """For people who hear a page: what the picture is; its figures stand in the tables beside it."""
    named = ", ".join(labels[:6]) + (f" and {len(labels) - 6} more" if len(labels) > 6 else "")
    return escaped(f"Confusion matrix of {len(labels)} classes ({named}): rows are the truth, columns the answers")
