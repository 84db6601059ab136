"""What was read can be written back in the form it came in, slice by slice, and read again."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from core.data.accepted import ENDINGS
from core.data.tables import open_table
from core.data.writers import open_writer, suffix
from core.errors import DataError

TABLE = pa.table(
    {
        "text": ["a, b", 'say "hi"\nthen\tgo', None, "", "007"],
        "n": [1, 2, None, 4, 5],
        "score": [0.5, float("nan"), None, 1e-7, 2.0],
        "good": [True, False, None, True, True],
        "day": [date(2024, 1, 31), None, None, None, None],
        "messages": [[{"role": "user", "content": "Grüße 😀"}], [], None, [{"role": "a", "content": None}], []],
        "answers": [{"text": ["x"], "answer_start": [3]}, {"text": [], "answer_start": []}, None, None, None],
    }
)


def write(path: Path, format: str, table: Any, rows_a_slice: int = 2) -> Path:
    writer = open_writer(format, path, table.schema)
    for start in range(0, table.num_rows, rows_a_slice):
        writer.write(table.slice(start, rows_a_slice))
    writer.close()
    return path


@pytest.mark.parametrize("format", ["csv", "tsv", "jsonl", "json", "parquet", "conll", "text"])
def test_a_written_file_is_recognised_by_its_name(format: str) -> None:
    assert any(suffix(format) in endings for endings in ENDINGS.values())


@pytest.mark.parametrize(("format", "delimiter"), [("csv", ","), ("text", ","), ("tsv", "\t")])
def test_csv_has_lists_and_objects_as_json(tmp_path: Path, format: str, delimiter: str) -> None:
    path = write(tmp_path / f"out{suffix(format)}", format, TABLE)
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=delimiter))
    assert [row["text"] for row in rows] == ["a, b", 'say "hi"\nthen\tgo', "", "", "007"]
    assert [row["n"] for row in rows] == ["1", "2", "", "4", "5"]
    assert json.loads(rows[0]["messages"]) == [{"role": "user", "content": "Grüße 😀"}]
    assert "😀" in rows[0]["messages"]
    assert [row["messages"] for row in rows[1:3]] == ["[]", ""]
    assert json.loads(rows[0]["answers"]) == {"text": ["x"], "answer_start": [3]}
    again = open_table(str(path))
    assert again.table.column_names == TABLE.column_names and again.meta.rows == 5


@pytest.mark.parametrize("format", ["jsonl", "json"])
def test_json_lines_have_native_values_and_are_always_valid(tmp_path: Path, format: str) -> None:
    path = write(tmp_path / f"out{suffix(format)}", format, TABLE)

    def no_such_number(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    lines = path.read_text(encoding="utf-8").split("\n")[:-1]
    rows = [json.loads(line, parse_constant=no_such_number) for line in lines]
    wanted = TABLE.to_pylist()
    wanted[0]["day"] = "2024-01-31"
    wanted[1]["score"] = None
    assert rows == wanted
    again = open_table(str(path))
    assert again.meta.format == "jsonl"
    assert again.table.column("messages").to_pylist() == TABLE.column("messages").to_pylist()
    assert again.table.column("answers").to_pylist() == TABLE.column("answers").to_pylist()


def test_parquet_keeps_all_types(tmp_path: Path) -> None:
    again = open_table(str(write(tmp_path / "out.parquet", "parquet", TABLE)))
    assert again.table.schema.types == TABLE.schema.types
    assert again.table.drop_columns("score").to_pylist() == TABLE.drop_columns("score").to_pylist()


def test_conll_comes_back_as_it_was_with_a_column_more(tmp_path: Path) -> None:
    source = tmp_path / "in.conll"
    source.write_text("EU NNP B-ORG\nrejects VBZ O\n\n# DT O\nNew\u00a0York NN B-LOC\n. . O\n\n" * 3, encoding="utf-8")
    table = open_table(str(source)).table
    predicted = [["B-ORG", "O"], ["O", "I-LOC", "O"]] * 3
    answered = table.append_column("model_tags", pa.array(predicted)).append_column("sure", pa.array([0.25, None] * 3))
    path = write(tmp_path / "out.conll", "conll", answered)
    assert path.read_text(encoding="utf-8").startswith("# sure = 0.25\nEU\tNNP\tB-ORG\tB-ORG\nrejects\tVBZ\tO\tO\n\n")
    again = open_table(str(path)).table
    assert again.column_names == ["tokens", "column_2", "column_3", "tags"]
    assert again.column("tokens").to_pylist() == table.column("tokens").to_pylist()
    assert again.column("column_3").to_pylist() == table.column("tags").to_pylist()
    assert again.column("tags").to_pylist() == predicted


def test_conll_marks_what_was_not_answered(tmp_path: Path) -> None:
    table = pa.table(
        {
            "tokens": [["a", "b\tc", ""], ["d"]],
            "tags": [["O", "B-X"], None],
            "spans": [[{"start": 0, "end": 1}], []],
            "note": ["two\nlines", None],
        }
    )
    path = write(tmp_path / "out.conll", "conll", table)
    assert path.read_text(encoding="utf-8") == (
        '# spans = [{"start": 0, "end": 1}]\n# note = two lines\na\tO\nb c\tB-X\n_\t_\n\n# spans = []\nd\t_\n\n'
    )


def test_conll_refuses_what_it_cannot_say(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no lists of tokens"):
        open_writer("conll", tmp_path / "out.conll", TABLE.schema)
    with pytest.raises(DataError, match="1 tokens and 2 values"):
        write(tmp_path / "out.conll", "conll", pa.table({"tokens": [["a"]], "tags": [["O", "O"]]}))


@pytest.mark.parametrize("format", ["csv", "jsonl", "parquet"])
def test_an_earlier_file_is_replaced(tmp_path: Path, format: str) -> None:
    path = tmp_path / f"out{suffix(format)}"
    path.write_text("something much longer than what follows\n" * 100)
    write(path, format, pa.table({"text": ["a", "b"], "n": [1, 2]}))
    assert [str(row["text"]) for row in open_table(str(path)).table.to_pylist()] == ["a", "b"]
