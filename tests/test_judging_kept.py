"""The judged rows by pages: the rows that hold, in the wanted order, whichever part of the file they stand in."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import RunError
from core.judging import kept
from core.judging.kept import Condition
from core.runs import Run
from tests.making import run_with

ROWS = [
    {
        "text": f"text {number}",
        "row": number + 1,
        "truth": "abc"[number % 3],
        "answer": "abc"[number // 5 % 3],
        "error": (number * 7 % 10) / 10,
        "wrong": ["mail"] if number % 4 == 0 else [],
        "probabilities": [0.5, 0.5],
    }
    for number in range(50)
]
SHOWN = [{name: value for name, value in row.items() if name != "probabilities"} for row in ROWS]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    import pyarrow as pa

    monkeypatch.setattr(kept, "GROUP", 7)
    made = run_with()
    kept.write(made, "test", pa.Table.from_pylist(ROWS))
    return made


@pytest.mark.parametrize(
    ("where", "holds"),
    [
        ([], lambda row: True),
        ([("truth", "==", "a"), ("answer", "!=", "a")], lambda row: row["truth"] == "a" != row["answer"]),
        ([("error", ">=", 0.5), ("error", "<", 0.9)], lambda row: 0.5 <= row["error"] < 0.9),
        ([("row", "in", [3, 50, 8, 99])], lambda row: row["row"] in (3, 50, 8)),
        ([("text", "has", "T 1")], lambda row: "t 1" in row["text"]),
        ([("wrong", "has", "mail")], lambda row: row["wrong"]),
        ([("truth", "==", "d")], lambda row: False),
    ],
)
def test_a_page_holds_the_rows_that_fit(run: Run, where: list[Condition], holds: Any) -> None:
    fitting = [row for row in SHOWN if holds(row)]
    assert kept.page(run, "test", where).rows == fitting
    found = kept.page(run, "test", where, start=4, count=6, order="-error")
    assert found.total == len(fitting)
    assert found.rows == sorted(fitting, key=lambda row: (-float(str(row["error"])), row["row"]))[4:10]


def test_what_is_not_there_is_said(run: Run) -> None:
    for where, order in (([("wrongness", "==", 1)], ""), ([], "wrongness"), ([("error", "like", 1)], "")):
        with pytest.raises(RunError):
            kept.page(run, "test", where, order=order)
    with pytest.raises(RunError, match="were not kept"):
        kept.page(run, "validation")
    with pytest.raises(RunError, match="no judgement"):
        kept.page(run, "../test")
