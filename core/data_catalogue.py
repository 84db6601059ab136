"""What can be brought, how it is read and changed, and what is looked for in it: ``docs/data.md``, made from the
declarations themselves.

Run as:
    python -m core.data_catalogue
"""

from __future__ import annotations

import inspect
import json

from core.data.accepted import ACCEPTED
from core.data.check import CHECKS
from core.data.steps import Step, kinds
from core.data_config import ReadingConfig, StreamingConfig
from core.limits import limits, shown
from core.markdown import table
from core.schema import Row, Settings, rows

INTRODUCTION = f"""\
# Data

What can be learned from, how it is read, looked at and changed. This page is made from the program itself by
`make docs`.

## Where it may come from

`data: {{source: ...}}` in a `run.yaml` names one of these:

- a path on this machine: {ACCEPTED};
- `hf://datasets/owner/name`, a dataset of the Hugging Face Hub, with `subset:` (which table of it), `revision:` (a
  branch, a tag or a commit) and, under `split:`, the names of its splits;
- `sample/name`, a table that comes with Tunesmith.

A file is read once and kept as a memory-mapped table in the home folder, under a hash of its content. Every row is
accounted for: those that are used and those that are set aside, each with the reason, are as many as were read.
"""
READING = """\
## How a file is read

The content of a file says how it is written. Where that is read wrongly, `data: {reading: {...}}` says it; what is
left out there is as detected:
"""
STREAMING = """\
## Learning from a stream

For a dataset of the Hub that does not fit on the disk. With `data: {streaming: {...}}` rows are fetched while they are
learned from. The price: order is only as random as the buffer is large, only a bounded part is judged by, and the
network is needed until the end.
"""
STEPS = """\
## Changes of the table

The original file is never changed. What is changed stands as steps under `data: {steps: [...]}`, is made anew each
time the table is read, in this order, and can be taken back one by one.
"""
CHECKED = """\
## What is looked for

Before a start, and with `python -m core.cli check FILE`. What a task itself cannot use (empty texts, missing labels,
broken tags) is found first; then, in a process of its own:
"""


def page() -> str:
    """The whole page."""
    parts = [
        INTRODUCTION,
        READING,
        _settings(ReadingConfig) + "\n",
        STREAMING,
        _settings(StreamingConfig) + "\n",
        STEPS,
        *(_step(kind) for kind in kinds()),
        CHECKED,
        "\n".join(f"- {check.title}." for check in CHECKS) + "\n",
    ]
    return "\n".join(parts)


def _settings(section: type[Settings]) -> str:
    lines = [[f"`{row.path}`", row.setting.label, f"{row.setting.help} {_allowed(row)}"] for row in rows(section)]
    return table(["Setting", "Called", "What it says"], lines)


def _allowed(row: Row) -> str:
    if row.choices:
        return "; ".join(f"`{json.dumps(value)}`: {shown(row, value)}" for _, value in row.choices) + "."
    words = limits(row)
    return f"{words[:1].upper()}{words[1:]}{f' ({row.setting.unit})' if row.setting.unit else ''}."


def _step(kind: type[Step]) -> str:
    fields = {name: field for name, field in kind.model_fields.items() if name != "kind"}
    listed = ", ".join(
        f"`{name}`" if field.is_required() else f"`{name}` (`{json.dumps(field.default)}`)"
        for name, field in fields.items()
    )
    words = " ".join((inspect.getdoc(kind) or "").split()).replace("``", "`")
    return f"### `{kind.model_fields['kind'].default}`\n\n{words} Fields: {listed}.\n"


if __name__ == "__main__":
    print(page(), end="")
