"""Rows shared out by time: the newest are kept aside, and what has no date is learned from."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from core.config import validate
from core.data.moments import read_moments
from core.data.parts import SharedOut, share_out


def shared(tmp_path: Path, dates: list[str], texts: list[str] | None = None, **split: Any) -> SharedOut:
    texts = texts or [f"text number {place}" for place in range(len(dates))]
    with (tmp_path / "t.csv").open("w", newline="", encoding="utf-8") as file:
        rows = [(text, "ab"[place % 2], date) for place, (text, date) in enumerate(zip(texts, dates, strict=True))]
        csv.writer(file).writerows([("text", "label", "day"), *rows])
    columns = {"text": "text", "label": "label"}
    data = {"source": str(tmp_path / "t.csv"), "columns": columns, "split": {"time": "day", **split}}
    return share_out(validate({"task": "text-classification", "data": data}))


def days(count: int) -> list[str]:
    """Not in order: the row with number k is of the day 7 k mod count."""
    return [str(np.datetime64("2024-01-01") + (7 * place) % count) for place in range(count)]


def test_the_newest_rows_are_kept_aside(tmp_path: Path) -> None:
    dates = days(100)
    parts = shared(tmp_path, dates, test=0.2).usable
    found = {name: [dates[row - 1] for row in getattr(parts, name).column("row").to_pylist()]
             for name in ("train", "validation", "test")}  # fmt: skip
    assert [len(found[name]) for name in ("train", "validation", "test")] == [70, 10, 20]
    assert max(found["train"]) < min(found["validation"]) and max(found["validation"]) < min(found["test"])


def test_rows_without_a_date_are_learned_from_and_said(tmp_path: Path) -> None:
    dates = days(100)
    dates[3] = dates[50] = ""
    found = shared(tmp_path, dates)
    finding = next(finding for finding in found.findings if finding.code == "no-date")
    assert (finding.count, finding.rows) == (2, (4, 51))
    assert {4, 51} <= set(found.usable.train.column("row").to_pylist())


def test_a_text_that_was_there_before_is_not_new(tmp_path: Path) -> None:
    texts = [f"text number {place}" for place in range(100)]
    dates = sorted(days(100))
    texts[99] = texts[0]
    train = shared(tmp_path, dates, texts).usable.train.column("row").to_pylist()
    assert {1, 100} <= set(train)


@pytest.mark.parametrize(("split", "code"), [({"time": "nope"}, "no-time-column"), ({"time": "text"}, "no-dates")])
def test_columns_without_dates_are_refused_in_words(tmp_path: Path, split: dict[str, str], code: str) -> None:
    found = shared(tmp_path, days(40), **split)
    assert found.parts is None and code in {finding.code for finding in found.findings}


@pytest.mark.parametrize(
    "values",
    [
        ["2023-12-31", "2024-01-02", "2024-02-01"],
        ["31/12/2023", "02/01/2024", "01/02/2024"],
        ["12/30/2023", "01/02/2024", "02/01/2024"],
        ["Sun, 31 Dec 2023 10:00:00 +0000", "Tue, 2 Jan 2024 09:00:00 -0500", "Thu, 1 Feb 2024 10:00:00 +0000"],
        ["1704000000", "1704200000", "1706700000"],
        ["2019", "2020", "2021"],
    ],
)
def test_dates_are_read_in_usual_ways(values: list[str]) -> None:
    moments = read_moments(pa.chunked_array([pa.array([*values, None, ""])]))
    assert (np.diff(moments[:3]) > 0).all() and np.isnan(moments[3:]).all()
