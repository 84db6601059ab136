"""The step that mends labels: what it writes, which rows it takes out, and the parts that it leaves as they were."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.config import RunConfig, validate
from core.data.parts import DataParts, load_parts, share_out
from core.data.steps.mending import MendLabels
from core.errors import DataError
from tests.making import reviews, write_csv

PARTS = ("train", "validation", "test")


def config(source: Path, *steps: dict[str, Any], **split: Any) -> RunConfig:
    columns = {"text": "text", "label": "label"}
    return validate(
        {
            "task": "text-classification",
            "data": {"source": str(source), "columns": columns, "steps": steps, "split": split},
        }
    )


def places(parts: DataParts) -> dict[int, str]:
    """Row -> the part that it is in."""
    return {row: part for part in PARTS for row in getattr(parts, part).column("row").to_pylist()}


def labels(parts: DataParts) -> dict[int, Any]:
    """Row -> its label, or labels."""
    tables = [getattr(parts, part) for part in PARTS]
    name = "label" if "label" in tables[0].column_names else "labels"
    return {row["row"]: row[name] for table in tables for row in table.to_pylist()}


def test_rows_stay_in_their_parts_while_labels_change(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "reviews.csv", ("text", "label"), reviews(120))
    before = load_parts(config(source))
    moved = {row: "good" for row, label in labels(before).items() if label == "bad"}
    some = dict(list(moved.items())[:30])  # so many that a stratified split would share them out otherwise
    step = {"kind": "mend_labels", "column": "label", "changes": {"source": some}, "drops": {"source": [2, 5, 100_000]}}
    shared = share_out(config(source, step))
    after = shared.usable

    assert places(after) == {row: part for row, part in places(before).items() if row not in (2, 5)}
    assert labels(after) == {row: some.get(row, label) for row, label in labels(before).items() if row not in (2, 5)}
    assert after.target.counts[after.target.labels.index("good")] > before.target.counts[1]
    account = after.account
    assert account is not None and account.read == account.used + sum(count for _, count in account.aside)
    # Without the promise, other rows would be kept aside: that is why it is made.
    cells = [{"kind": "set_cell", "row": row, "column": "label", "value": "good"} for row in some]
    assert places(load_parts(config(source, *cells))) != places(before)


def test_leaks_and_files_of_their_own_stay_as_they_were(tmp_path: Path) -> None:
    rows = reviews(60)
    source = write_csv(tmp_path / "train.csv", ("text", "label"), [*rows[:40], rows[45], rows[46]])
    write_csv(tmp_path / "test.csv", ("text", "label"), rows[40:])
    leaks = {"kind": "drop_leaks"}
    before = load_parts(config(source, leaks, test="test.csv"))
    changes = {"source": {1: "good"}, "test": {1: "good", 2: "bad"}}
    step = {"kind": "mend_labels", "column": "label", "changes": changes, "drops": {"test": [6]}}
    after = load_parts(config(source, leaks, step, test="test.csv"))

    was, now = ([row["label"] for row in parts.test.to_pylist()] for parts in (before, after))
    assert was[:2] == ["bad", "good"] and now[:2] == ["good", "bad"] and len(now) == len(was) - 1
    # The copy of a test row stays out of the training rows, though that test row itself is gone.
    assert after.train.column("row").to_pylist() == before.train.column("row").to_pylist()
    assert before.account is not None and after.account is not None
    assert after.account.aside == (("taken out, as nobody could say its label", 1), *before.account.aside)


def several(source: Path, columns: Any, changes: dict[int, list[str]]) -> dict[int, Any]:
    step = {"kind": "mend_labels", "column": columns, "changes": {"source": changes}}
    data = {"source": str(source), "columns": {"text": "text", "labels": columns}, "steps": [step]}
    return labels(load_parts(validate({"task": "multi-label-classification", "data": data})))


def test_several_labels_are_written_as_the_table_writes_them(tmp_path: Path) -> None:
    texts = [text for text, _ in reviews(60)]
    cells = ["food", "service", "food;service", "delivery"] * 15
    separated = write_csv(tmp_path / "separated.csv", ("text", "labels"), zip(texts, cells, strict=True))
    found = several(separated, "labels", {1: ["delivery", "food", "service"], 2: ["delivery"]})
    assert found[1] == ["delivery", "food", "service"] and found[2] == ["delivery"] and found[3] == ["food", "service"]

    pq.write_table(pa.table({"text": texts, "labels": [cell.split(";") for cell in cells]}), tmp_path / "lists.parquet")
    assert several(tmp_path / "lists.parquet", "labels", {1: ["delivery", "food"]})[1] == ["delivery", "food"]

    flags = [[int(name in cell) for name in ("food", "service")] for cell in cells]
    flagged = write_csv(
        tmp_path / "flags.csv",
        ("text", "food", "service"),
        ([text, *row] for text, row in zip(texts, flags, strict=True)),
    )
    assert several(flagged, ["food", "service"], {1: ["service"]})[1] == ["service"]

    objects = [json.dumps({"food": 1, "service": int("service" in cell)}) for cell in cells]
    written = write_csv(tmp_path / "json.csv", ("text", "labels"), zip(texts, objects, strict=True))
    with pytest.raises(DataError, match="No row of the table has just these labels: service"):
        several(written, "labels", {1: ["service"]})


def test_a_number_stays_a_number(tmp_path: Path) -> None:
    source = tmp_path / "numbers.parquet"
    pq.write_table(pa.table({"text": [text for text, _ in reviews(40)], "label": [1.0, 2.0] * 20}), source)
    step = {"kind": "mend_labels", "column": "label", "changes": {"source": {1: "2"}}}
    parts = load_parts(config(source, step))
    assert parts.target.labels == ("1", "2") and labels(parts)[1] == "2"


def test_it_says_what_it_does() -> None:
    step = MendLabels(column="label", changes={"source": {1: "a"}, "test": {4: "b"}}, drops={"source": (3, 4, 5)})
    assert step.words == "Mends 2 labels and takes out 3 rows"
    assert MendLabels(column="label", drops={"test": (1,)}).words == "Takes out 1 row"
    assert MendLabels.model_validate(json.loads(step.model_dump_json())) == step
