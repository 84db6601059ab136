"""Perplexity by the other columns of the table: the same as on the kept rows, and only where it means something."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from core.config import validate
from core.data.parts import DataParts
from core.data.types import Target
from core.judging.readings import sources
from core.judging.readings.base import Facts
from core.tasks import TASKS
from core.tasks.base import Context
from tests.making import config, write_csv

ROWS = 80


@pytest.fixture
def facts(tmp_path: Path) -> Facts:
    """Letters are three times as hard as diaries, whatever their number; two notes are too few to tell of."""
    kinds = [("letter", "diary")[row % 2] if row > 1 else "note" for row in range(ROWS)]
    texts = [f"text number {row} of many" for row in range(ROWS)]
    lines = [(text, kind, "en", row) for row, (text, kind) in enumerate(zip(texts, kinds, strict=True))]
    place = write_csv(tmp_path / "texts.csv", ["text", "kind", "language", "number"], lines)
    task = next(one for one in TASKS.values() if one.output == "fills")
    tokens = np.arange(ROWS) % 7 + 3
    loss = np.where(np.array(kinds) == "letter", 3.0, 1.0) + np.linspace(-0.1, 0.1, ROWS)
    kept = pa.table({"text": texts, "row": np.arange(1, ROWS + 1), "nll": loss * tokens, "tokens": tokens})
    chosen = validate(
        {**config(place).model_dump(mode="json", exclude={"options"}), "task": task.id, "data": {
            "source": str(place), "columns": {"text": "text"}, "split": {"validation": 0.2, "test": 0.2}}}
    )  # fmt: skip
    parts = DataParts(kept, kept, kept, Target(), (), 0)
    report: dict[str, Any] = {"metrics": {"test": {"rows": ROWS, "perplexity": 7.0}}}
    return Facts(chosen, task, parts, Context(None, Target(), 32, task.options()), None, kept, report)


def test_it_is_that_of_the_kept_rows(facts: Facts) -> None:
    (found,) = sources.read(facts) or []
    assert found["column"] == "kind", "one language, and as many numbers as rows, tell nothing apart"
    letters, diaries, rest = sorted(found["samples"], key=lambda one: -one["value"] * (one["name"] != "all others"))
    assert (letters["name"], diaries["name"], rest["rows"]) == ("letter", "diary", 2)
    rows = facts.kept.to_pylist()
    chosen = [rows[number - 1] for number in letters["where"][0][2]]
    assert len(chosen) == letters["rows"] == ROWS // 2 - 1
    nll, tokens = (sum(row[name] for row in chosen) for name in ("nll", "tokens"))
    assert letters["value"] == pytest.approx(np.exp(nll / tokens)) and letters["tokens"] == tokens
    assert diaries["high"] < letters["low"] and rest["low"] is None
    (block,) = sources.sections({sources.NAME: [found]})
    assert (block.kind, block.title) == ("slices", "By “kind”")
    assert block.content["columns"][-1]["label"] == "Perplexity"


def test_a_mark_that_is_no_perplexity_has_none(facts: Facts) -> None:
    from dataclasses import replace

    assert sources.read(replace(facts, report={"metrics": {"test": {"rows": ROWS, "f1": 0.5}}})) is None
    assert sources.read(replace(facts, kept=facts.kept.drop_columns(["nll"]))) is None
