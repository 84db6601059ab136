"""A table comes back with its answers: every row in its place, nothing cut but the few rows to look at."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from core.config import validate
from core.errors import PredictionError
from core.prediction import files
from core.prediction.predictor import Predictor
from core.tasks import TASKS
from tests.making import write_csv


class Parrot:
    """Answers with the texts it was asked; one called "break" is too much for it."""

    def __init__(self, **columns: str) -> None:
        data = {"source": "a.csv", "columns": {**columns, "label": "mood"}}
        self.config = validate({"task": "text-classification", "data": data})
        self.task = TASKS["text-classification"]

    def answers(
        self, columns: Mapping[str, Sequence[str]], on_progress: Callable[[int, int], None] | None = None
    ) -> list[dict[str, Any]]:
        rows = list(zip(*columns.values(), strict=True))
        if ("break",) in rows:
            raise RuntimeError("broken")
        if on_progress and rows:
            on_progress(1, len(rows))
        return [{"label": "+".join(texts), "probability": 0.99996} for texts in rows]

    def in_turn(
        self, parts: Iterable[Mapping[str, Sequence[str]]], on_progress: Callable[[int, int], None]
    ) -> Iterator[list[dict[str, Any]]]:
        yield from (self.answers(columns, on_progress) for columns in parts)


def answer(parrot: Parrot, source: Path, heard: list[tuple[int, int]] | None = None) -> tuple[dict[str, Any], Path]:
    output = source.with_name("out.csv")
    said: list[tuple[int, int]] = [] if heard is None else heard
    reply = files.predict_file(
        cast(Predictor, parrot), str(source), output, lambda done, total: said.append((done, total))
    )
    return reply, output


def read(path: Path) -> list[dict[str, str]]:
    csv.field_size_limit(10_000_000)
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_row_comes_back_in_its_place(tmp_path: Path) -> None:
    rows = [(f"text {number}" if number % 3 else "", number) for number in range(5000)]
    source = write_csv(tmp_path / "in.csv", ("review", "prediction"), rows)
    heard: list[tuple[int, int]] = []

    reply, output = answer(Parrot(text="review"), source, heard)

    assert [row["model_prediction"] for row in read(output)] == [text for text, _ in rows]
    assert (reply["rows"], reply["skipped"], reply["unreadable"]) == (5000, 1667, 0)
    assert reply["columns"] == ["model_prediction", "probability"], "a name that the table has is left to it"
    assert heard == sorted(heard) and heard[0] == (1, 5000) and heard[-1] == (5000, 5000)


def test_the_first_rows_come_back_to_be_looked_at(tmp_path: Path) -> None:
    long = "word " * 60_000
    source = write_csv(tmp_path / "in.csv", ("review", "note"), [(long, ""), *(("short", "n"),) * 20])

    reply, output = answer(Parrot(text="review"), source)

    assert len(reply["head"]) == files.HEAD_ROWS
    assert list(reply["head"][0]) == ["review", "note", "prediction", "probability"]
    assert max(len(cell) for row in reply["head"] for cell in row.values()) == files.CELL_LENGTH + 1
    assert reply["head"][0]["note"] == "" and reply["head"][1]["prediction"] == "short"
    assert read(output)[0]["review"] == long, "only the look is cut"


def test_one_column_is_enough_for_one_text_only(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "in.csv", ("whatever",), [("a",), ("b",)])

    reply, _ = answer(Parrot(text="review"), source)
    assert [row["prediction"] for row in reply["head"]] == ["a", "b"]

    with pytest.raises(PredictionError, match="no column `premise`"):
        answer(Parrot(text="premise", text_pair="claim"), source)


def test_a_pair_is_found_by_its_columns_or_their_roles(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "in.csv", ("text_pair", "premise"), [("b", "a"), ("", "c")])

    reply, _ = answer(Parrot(text="premise", text_pair="claim"), source)

    assert [row["prediction"] for row in reply["head"]] == ["a+b", ""]
    assert reply["skipped"] == 1, "half a pair is nothing to answer"


def test_a_table_that_breaks_off_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "ROWS_A_SLICE", 2)
    source = write_csv(tmp_path / "in.csv", ("review",), [("a",), ("b",), ("break",)])

    with pytest.raises(RuntimeError, match="broken"):
        answer(Parrot(text="review"), source)

    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["in.csv"]
