"""Every setting of a run, with its limits and when it matters: ``docs/settings.md``, made from the declarations
themselves.

Run as:
    python -m core.settings_catalogue
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby

from core.capabilities import IN_WORDS
from core.config import RunConfig
from core.limits import limits
from core.markdown import table
from core.schema import Row, rows
from core.training.owned import GONE, OWNED

INTRODUCTION = """\
# Settings

Every setting of a run, as the form groups them. This page is made from the program itself by `make docs`.

Each can be set in the form, in a `run.yaml`, and on the command line:

```
python -m core.cli train run.yaml --set training.learning_rate=1e-4 --set training.optim=adafactor
```

What stands under `training:` has the name that it has in `transformers.TrainingArguments`, wherever it is there. The
form shows the *basic* ones; the *advanced* and the *expert* ones are folded away. What is out of range is refused, on
its field. Settings that one task alone has are listed with it in [tasks.md](tasks.md), those of the table in
[data.md](data.md).
"""
OTHERS = """\
## Arguments that are no settings

`TrainingArguments` has more than these. The others are what a run must rely on, or have become another setting. A
config that names one of them is refused, with these words:
"""
OLD = """\
## Names of earlier versions

Guides still show names that `transformers` no longer has. They are refused too, and it is said what to use:
"""
NAMES = {"": "The run"}
"""Headings of settings whose section has none."""


def page() -> str:
    """The whole page."""
    parts = [INTRODUCTION]
    declared = (row for row in rows(RunConfig) if not row.path.startswith("data."))
    for heading, group in groupby(declared, key=lambda row: row.group):
        parts += [f"## {heading or NAMES['']}\n", _settings(group) + "\n"]
    parts += [OTHERS, _reasons(OWNED) + "\n", OLD, _reasons(GONE) + "\n"]
    return "\n".join(parts)


def _settings(group: Iterator[Row]) -> str:
    head = ["Setting", "Called", "What it says", "As it comes", "Level", "Not used"]
    return table(
        head,
        [
            [
                f"`{row.path}`",
                row.setting.label,
                f"{row.setting.help} {allowed(row)}",
                f"`{json.dumps(row.default)}`",
                row.setting.level,
                unused(row),
            ]
            for row in group
        ],
    )


def allowed(row: Row) -> str:
    """What may stand there, as a sentence: of choices each value with its words, and what it takes."""
    if row.choices:
        return "; ".join(_choice(row, words, value) for words, value in row.choices) + "."
    words = limits(row)
    return f"{words[:1].upper()}{words[1:]}{f' ({row.setting.unit})' if row.setting.unit else ''}."


def _choice(row: Row, words: str, value: object) -> str:
    needs = row.setting.choice_needs.get(value, "")
    said = f": {words}" if words != value else ""
    return f"`{json.dumps(value)}`{said}{f' (takes {IN_WORDS[needs]})' if needs else ''}"


def unused(row: Row) -> str:
    """When it is not used, as the form says it then, and what the machine has to have."""
    needs = row.setting.needs
    said = [when.otherwise for when in row.setting.conditions]
    return " ".join([*said, *([f"Takes {IN_WORDS[needs]}."] if needs else [])])


def _reasons(arguments: dict[str, str]) -> str:
    lines = [[f"`{name}`", f"{words[:1].upper()}{words[1:]}."] for name, words in sorted(arguments.items())]
    return table(["Argument", "Why, or what instead"], lines)


if __name__ == "__main__":
    print(page(), end="")
