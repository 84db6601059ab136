"""A table comes back in the form in which it came: its own values as they were, the answers with types of their own."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from core.config import validate
from core.errors import DataError, PredictionError
from core.prediction import files
from core.prediction.predictor import Predictor
from core.tasks import TASKS
from core.tasks.base import Questions, Role, Task
from tests.making import write_csv


def questions(table: Any, columns: Mapping[str, Any]) -> Questions:
    """Texts, or lists of tokens; several columns are put together."""
    if "text" in columns:
        asked = [str(value or "").split() for value in table.column(columns["text"]).to_pylist()]
    else:
        names = columns["tokens"]
        several = [table.column(name).to_pylist() for name in ([names] if isinstance(names, str) else names)]
        asked = [[token for part in row for token in part or []] for row in zip(*several, strict=True)]
    return Questions({"tokens": asked}, [row for row, tokens in enumerate(asked) if tokens])


def answer_columns(found: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    return {
        "tags": [["B" if token.istitle() else "O" for token in record["tokens"]] for record in found],
        "share": [record["share"] for record in found],
        "spans": [[{"start": 0, "label": "X"}] if record["share"] else [] for record in found],
    }


TOKENS = Role("tokens", "Tokens", "", "text", many=True, nested=True)
TAGGER: Task = replace(
    TASKS["text-classification"],
    roles=(TOKENS, Role("tags", "Tags", "", "labels", is_input=False)),
    asks=(Role("text", "Text", "", "text"),),
    ways=(("tokens", "tags"),),
    questions=questions,
    answer_columns=answer_columns,
)


class Tagger:
    """Finds the words that begin with a capital letter."""

    def __init__(self, column: str | list[str] = "tokens", task: Task = TAGGER) -> None:
        self.task = task
        base = validate(
            {"task": "text-classification", "data": {"source": "a.csv", "columns": {"text": "text", "label": "label"}}}
        )
        columns = {"tokens": tuple(column) if isinstance(column, list) else column, "tags": "tags"}
        self.config = base.model_copy(update={"data": base.data.model_copy(update={"columns": columns})})

    def answers(
        self, columns: Mapping[str, Sequence[Any]], on_progress: Callable[[int, int], None] | None = None
    ) -> list[dict[str, Any]]:
        return [
            {"tokens": tokens, "share": sum(token.istitle() for token in tokens) / len(tokens)}
            for tokens in columns["tokens"]
        ]

    def in_turn(
        self, parts: Iterable[Mapping[str, Sequence[Any]]], on_progress: Callable[[int, int], None]
    ) -> Iterator[list[dict[str, Any]]]:
        yield from (self.answers(columns, on_progress) for columns in parts)


def answer(source: Path, output: str = "out", tagger: Tagger | None = None) -> tuple[dict[str, Any], Path]:
    reply = files.predict_file(
        cast(Predictor, tagger or Tagger()), str(source), source.with_name(output), lambda done, total: None
    )
    return reply, Path(reply["output"])


def write_lines(path: Path, *rows: Mapping[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


ROWS = (
    {"id": 1, "tokens": [], "meta": {"by": "me"}},
    {"id": 2, "tokens": ["in", "Rome"], "meta": {"by": "you"}},
    {"id": 3, "tokens": ["no"], "meta": None},
)


def test_json_lines_keep_lists_objects_and_numbers(tmp_path: Path) -> None:
    reply, output = answer(write_lines(tmp_path / "in.jsonl", *ROWS))

    rows = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
    assert output.name == "out.jsonl"
    assert [row["id"] for row in rows] == [1, 2, 3] and rows[1]["meta"] == {"by": "you"}
    assert [row["tags"] for row in rows] == [None, ["O", "B"], ["O"]]
    assert [row["share"] for row in rows] == [None, 0.5, 0.0]
    assert [row["spans"] for row in rows] == [None, [{"start": 0, "label": "X"}], []]
    assert reply["columns"] == ["tags", "share", "spans"] and reply["skipped"] == 1
    assert reply["head"][1]["tags"] == '["O", "B"]' and reply["head"][1]["share"] == "0.5000"


def test_one_json_list_comes_back_as_lines(tmp_path: Path) -> None:
    source = tmp_path / "in.json"
    source.write_text(json.dumps(list(ROWS)))

    assert answer(source)[1].name == "out.jsonl"


@pytest.mark.parametrize("rows_a_slice", [1, 2, 100])
def test_parquet_has_types_even_where_the_first_rows_have_no_answer(
    tmp_path: Path, rows_a_slice: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    monkeypatch.setattr(files, "ROWS_A_SLICE", rows_a_slice)
    parquet.write_table(pa.table({"id": [1, 2, 3], "tokens": [row["tokens"] for row in ROWS]}), tmp_path / "in.parquet")

    _, output = answer(tmp_path / "in.parquet")

    table = parquet.read_table(output)
    assert output.name == "out.parquet"
    assert table.schema.field("share").type == pa.float64() and table.schema.field("id").type == pa.int64()
    assert pa.types.is_list(table.schema.field("tags").type)
    assert table.column("tags").to_pylist() == [None, ["O", "B"], ["O"]]


def test_parquet_without_a_single_answer_is_still_whole(tmp_path: Path) -> None:
    from pyarrow import parquet

    source = write_lines(tmp_path / "in.jsonl", {"tokens": []}, {"tokens": ["x"]})
    tagger = Tagger(task=replace(TAGGER, questions=lambda table, columns: Questions({"tokens": [[], []]}, [])))

    reply, output = answer(source, "out.parquet", tagger)

    assert reply["skipped"] == 2
    assert parquet.read_table(output).column("tags").to_pylist() == [None, None]


def test_conll_gets_the_tags_as_its_last_column(tmp_path: Path) -> None:
    source = tmp_path / "in.conll"
    source.write_text("Anna\tB-PER\nslept\tO\n\nin\tO\nRome\tB-LOC\n\n")

    _, output = answer(
        source,
        tagger=Tagger(task=replace(TAGGER, answer_columns=lambda found: {"tags": answer_columns(found)["tags"]})),
    )

    assert output.name == "out.conll"
    lines = [line.split("\t") for line in output.read_text().splitlines() if line]
    assert [(line[0], line[-1]) for line in lines] == [("Anna", "B"), ("slept", "O"), ("in", "O"), ("Rome", "B")]
    assert [line[1] for line in lines] == ["B-PER", "O", "O", "B-LOC"], "what stood there before stays"


def test_csv_and_plain_text_have_lists_as_json(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "in.csv", ("text",), [("in Rome",), ("no",)])
    _, output = answer(source)
    with open(output, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert output.name == "out.csv"
    assert [(row["tags"], row["share"]) for row in rows] == [('["O", "B"]', "0.5000"), ('["O"]', "0.0000")]

    plain = tmp_path / "in.txt"
    plain.write_text("in Rome\nno\n")
    assert answer(plain, "plain")[1].name == "plain.csv"


@pytest.mark.parametrize(
    ("name", "begins"), [("a.csv", b'"id"'), ("a.tsv", b'"id"\t'), ("a.JSONL", b"{"), ("a.parquet", b"PAR1")]
)
def test_the_end_of_the_wanted_name_wins(tmp_path: Path, name: str, begins: bytes) -> None:
    reply, output = answer(write_lines(tmp_path / "in.jsonl", *ROWS), name)

    assert output.name == name and reply["output"] == str(output)
    assert output.read_bytes().startswith(begins)
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == sorted(["in.jsonl", name])


def test_conll_is_refused_where_there_are_no_tokens(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no lists of tokens"):
        answer(write_csv(tmp_path / "in.csv", ("text",), [("a",)]), "out.conll")
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["in.csv"]


def test_several_columns_that_play_one_role_are_all_needed(tmp_path: Path) -> None:
    both = write_lines(tmp_path / "both.jsonl", {"first": ["A"], "last": ["b"]})
    half = write_lines(tmp_path / "half.jsonl", {"first": ["A"], "note": ["b"]})
    tagger = Tagger(["first", "last"])

    assert answer(both, tagger=tagger)[0]["head"][0]["tags"] == '["B", "O"]'
    with pytest.raises(PredictionError, match="no column `first, last`"):
        answer(half, tagger=tagger)


def test_a_model_can_be_given_what_it_asks_for_when_it_is_tried(tmp_path: Path) -> None:
    named = write_csv(tmp_path / "named.csv", ("id", "text"), [(1, "in Rome")])
    alone = write_csv(tmp_path / "alone.csv", ("sentence",), [("in Rome",)])
    tokens = write_lines(tmp_path / "tokens.jsonl", {"words": ["in", "Rome"]})
    by_role = write_lines(tmp_path / "by_role.jsonl", {"tokens": ["in", "Rome"], "text": "x"})

    for source in (named, tokens, by_role):
        assert answer(source, tagger=Tagger("elsewhere"))[0]["head"][0]["tags"] == '["O", "B"]', source.name
    assert answer(alone, tagger=Tagger("elsewhere"))[0]["head"][0]["tags"] == '["O", "B"]'
    plain = replace(TAGGER, roles=(replace(TOKENS, nested=False), *TAGGER.roles[1:]))
    with pytest.raises(PredictionError, match="no column `elsewhere`"):
        answer(tokens, tagger=Tagger("elsewhere", plain))


def test_what_is_only_read_comes_back_in_a_form_that_is_written(tmp_path: Path) -> None:
    import gzip

    import pyarrow as pa

    from tests.workbook_making import table, write_workbook

    write_workbook(tmp_path / "in.xlsx", {"One": table(("text",), ("in Rome",))})
    tagger = Tagger("text", replace(TAGGER, asks=(Role("text", "Text", "", "text"),)))
    for name in ("out", "out.xlsx", "out.csv.gz"):
        output = answer(tmp_path / "in.xlsx", name, tagger)[1]
        assert output.name == "out.csv" and "in Rome" in output.read_text(encoding="utf-8")
    (tmp_path / "in.jsonl.gz").write_bytes(gzip.compress(b'{"tokens": ["in", "Rome"]}\n'))
    assert answer(tmp_path / "in.jsonl.gz")[1].name == "out.jsonl"
    with pa.OSFile(str(tmp_path / "in.arrow"), "wb") as sink:
        made = pa.table({"tokens": [["in", "Rome"]]})
        with pa.ipc.new_file(sink, made.schema) as writer:
            writer.write_table(made)
    assert answer(tmp_path / "in.arrow", "out.arrow")[1].name == "out.parquet"
