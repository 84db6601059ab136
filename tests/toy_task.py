"""A tenth task, as somebody might bring it: does a text have few vowels or many? ``TUNESMITH_TASKS`` adds it to an app.

It is small because it stands on another task; what it has of its own is what the form, the columns and the playground
must take as it comes: a role for several columns, two ways to fill the roles, and settings that no other task has.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from pydantic import Field

from core.data.columns import several
from core.data.types import Examples, Guess, Preview
from core.schema import Setting, When
from core.tasks.base import Columns, Questions, Role
from core.tasks.text_classification import TASK as SORTING

VOWELS = "aeiou"
ROLES = (
    Role("text", "Texts", "The columns with the texts; several are read one after the other.", "text", many=True),
    Role("amount", "Amount", "The column that says few or many.", "label", required=False, is_input=False),
    Role("vowels", "Vowels", "The column with the number of vowels.", "number", required=False, is_input=False),
)
WAYS = (("text", "amount"), ("text", "vowels"))
SAMPLE_ROWS = tuple(
    {"word": word, "vowels": sum(letter in VOWELS for letter in word)}
    for word in ("sky", "queue", "rhythm", "audio", "strength", "idea", "lynx", "aurora", "crypt", "onomatopoeia")
)


class Options(SORTING.options):  # type: ignore[name-defined]
    """Where few ends and many begins."""

    own_border: Annotated[
        bool, Setting("Border of my own", "Say yourself from how many vowels on a text has many.")
    ] = False
    border: Annotated[
        int,
        Setting(
            "Border",
            "A text with this many vowels or more has many of them.",
            unit="vowels",
            when=When("own_border", (True,), "Half of the rows are called many, so this number is not used."),
        ),
    ] = Field(4, ge=1, le=1000)


def guess(preview: Preview) -> Guess | None:
    """A column called vowels or amount, and columns of texts beside it."""
    answer = next((name for name in ("amount", "vowels") if preview.column(name)), None)
    texts = tuple(column.name for column in preview.columns if column.name != answer and column.kind != "number")
    if answer is None or not texts:
        return None
    return Guess("counting-vowels", {"text": texts, answer: answer}, {answer: f"`{answer}` is called so."}, 0.95)


def examples(table: Any, columns: Columns, options: Any) -> Examples:
    """The texts joined and a class for each; the rest is sorting."""
    import pyarrow as pa

    plain = {"text": _joined(table, columns)}
    if "amount" in columns:
        plain["label"] = table.column(columns["amount"])
    elif "vowels" in columns:
        plain["label"] = _few_or_many(table.column(columns["vowels"]).cast(pa.float64()), options)
    return SORTING.examples(pa.table(plain), {name: name for name in plain}, SORTING.options())


def questions(table: Any, columns: Columns) -> Questions:
    """Rows with a text in any of the columns."""
    texts = _joined(table, columns).to_pylist()
    return Questions({"text": texts}, [row for row, text in enumerate(texts) if text])


def _joined(table: Any, columns: Columns) -> Any:
    import pyarrow as pa

    from core.data.cleaning import as_text

    texts = [as_text(table.column(name)).to_pylist() for name in several(columns["text"])]
    return pa.array([" ".join(row).strip() for row in zip(*texts, strict=True)], pa.large_string())


def _few_or_many(numbers: Any, options: Any) -> Any:
    import pyarrow.compute as pc

    border = options.border if options.own_border else pc.quantile(numbers, 0.5)[0].as_py()
    return pc.if_else(pc.greater_equal(numbers, border), "many", "few")


TASK = replace(
    SORTING,
    id="counting-vowels",
    title="Counting vowels",
    summary="Learns whether a text has few vowels or many.",
    roles=ROLES,
    ways=WAYS,
    sample_rows=SAMPLE_ROWS,
    options=Options,
    data_options=("own_border", "border"),
    guess=guess,
    examples=examples,
    questions=questions,
)
