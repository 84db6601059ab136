"""From a config to what is learned from and what is kept aside, in every way a split can be given."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.config import RunConfig, validate
from core.data.parts import DataParts, load_parts, share_out
from core.data.types import Checkup, Finding
from core.errors import ConfigError, DataError
from core.studio import Studio
from core.tasks import TASKS

COLUMNS = {"text": "text", "label": "label"}


def table(rows: int, start: int = 0, **columns: Any) -> dict[str, list[Any]]:
    """Different texts in two classes, every third row of class b."""
    numbers = range(start, start + rows)
    found: dict[str, list[Any]] = {"text": [f"a text, number {n}" for n in numbers]}
    return {**found, "label": ["b" if n % 3 == 0 else "a" for n in numbers], **columns}


def save(path: Path, columns: Mapping[str, list[Any]]) -> str:
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return str(path)


def config(source: str, columns: Mapping[str, str] = COLUMNS, **split: Any) -> RunConfig:
    data = {"source": source, "columns": dict(columns), "split": split}
    return validate({"task": "text-classification", "data": data})


def other(task: str, source: str, columns: Mapping[str, str]) -> RunConfig:
    """A config of another task whose test part is test.csv."""
    return validate({"task": task, "data": {"source": source, "columns": columns, "split": {"test": "test.csv"}}})


def sizes(parts: DataParts) -> tuple[int, int, int]:
    return parts.train.num_rows, parts.validation.num_rows, parts.test.num_rows


def check(config: RunConfig) -> Checkup:
    return share_out(config).checkup


def codes(findings: tuple[Finding, ...]) -> set[str]:
    return {finding.code for finding in findings}


def row_numbers(parts: DataParts) -> list[int]:
    return [row for part in (parts.train, parts.validation, parts.test) for row in part.column("row").to_pylist()]


def test_shares_are_complete_disjoint_stratified_and_repeatable(tmp_path: Path) -> None:
    source = save(tmp_path / "t.csv", table(1000))
    parts = load_parts(config(source))
    assert sizes(parts) == (800, 100, 100) and parts.unusable == 0
    assert sorted(row_numbers(parts)) == list(range(1, 1001))
    assert parts.target.labels == ("a", "b") and parts.target.counts == (532, 268)
    for part in (parts.train, parts.validation, parts.test):
        assert part.column_names == ["text", "label", "row"]
        assert part.column("label").to_pylist().count("b") / part.num_rows == pytest.approx(0.334, abs=0.01)
        for text, row in zip(part.column("text").to_pylist(), part.column("row").to_pylist(), strict=True):
            assert text == f"a text, number {row - 1}"
    assert load_parts(config(source)).test.equals(parts.test)
    assert not load_parts(config(source, seed=1)).test.equals(parts.test)
    assert parts.findings == ()


@pytest.mark.parametrize(
    ("split", "expected"),
    [
        ({"train": "train", "validation": "dev", "test": "test"}, (300, 60, 40)),
        ({"train": "train", "validation": "dev"}, (270, 60, 30)),
        ({"train": "train", "test": "test"}, (270, 30, 40)),
        ({"train": "train"}, (240, 30, 30)),
        ({"validation": "dev", "test": "test"}, (320, 60, 40)),
        ({"test": "test"}, (342, 38, 40)),
        ({"train": "train", "validation": "dev", "test": 0.2}, (240, 60, 60)),
    ],
)
def test_a_split_column_in_all_combinations(
    tmp_path: Path, split: dict[str, Any], expected: tuple[int, int, int]
) -> None:
    words = ["train"] * 300 + [" dev "] * 60 + ["test"] * 40 + [""] * 20
    parts = load_parts(config(save(tmp_path / "t.csv", table(420, part=words)), column="part", **split))
    assert sizes(parts) == expected
    assert parts.unusable == 420 - sum(expected)
    assert len(set(row_numbers(parts))) == sum(expected)
    assert ("in-no-part" in codes(parts.findings)) == ("train" in split)
    if split.get("test") == "test":
        assert parts.test.column("row").to_pylist() == list(range(361, 401))
    if split.get("validation") == "dev":
        assert parts.validation.column("row").to_pylist() == list(range(301, 361))


@pytest.mark.parametrize(
    ("split", "expected"),
    [
        ({"validation": "dev.csv", "test": "test.csv"}, (300, 60, 40)),
        ({"test": "test.csv"}, (270, 30, 40)),
        ({"validation": "dev.csv", "test": 0.2}, (240, 60, 60)),
    ],
)
def test_other_files_beside_the_source(tmp_path: Path, split: dict[str, Any], expected: tuple[int, int, int]) -> None:
    source = save(tmp_path / "train.csv", table(300))
    save(tmp_path / "dev.csv", table(60, 300))
    save(tmp_path / "test.csv", table(40, 360))
    parts = load_parts(config(source, **split))
    assert sizes(parts) == expected and parts.unusable == 0
    if split["test"] == "test.csv":
        assert parts.test.column("row").to_pylist() == list(range(1, 41))
        assert parts.test.column("text")[0].as_py() == "a text, number 360"


def test_files_of_different_kinds_and_folders(tmp_path: Path) -> None:
    labels = [n % 2 for n in range(50)]
    source = save(tmp_path / "train.csv", table(50, label=labels))
    (tmp_path / "else").mkdir()
    elsewhere = tmp_path / "else" / "test.parquet"
    pq.write_table(pa.table({"more": labels, **table(50, 50, label=labels)}), elsewhere)
    for name in ("else/test.parquet", str(elsewhere)):
        parts = load_parts(config(source, test=name))
        assert sizes(parts) == (45, 5, 50)
        assert parts.target.labels == ("0", "1") and sum(parts.target.counts) == 45


def test_row_numbers_are_those_of_the_file_also_after_rows_that_do_not_fit(tmp_path: Path) -> None:
    lines = [f"text {n},{'ab'[n % 2]}" for n in range(1, 201)]
    lines[4], lines[99], lines[149] = "too,many,cells", "too few", "no label,"
    (tmp_path / "t.csv").write_text("text,label\n" + "\n".join(lines) + "\n")
    parts = load_parts(config(str(tmp_path / "t.csv")))
    assert parts.unusable == 3 and sum(sizes(parts)) == 197
    for part in (parts.train, parts.validation, parts.test):
        for text, row in zip(part.column("text").to_pylist(), part.column("row").to_pylist(), strict=True):
            assert text == f"text {row}"
    rows = {finding.code: finding.rows for finding in parts.findings}
    assert rows["row-width"] == (5, 100) and rows["empty-label"] == (150,)


def test_the_same_text_to_learn_from_and_to_judge_by(tmp_path: Path) -> None:
    source = save(tmp_path / "train.csv", table(100))
    test = table(40, 100)
    test["text"][3], test["text"][7] = "  A TEXT, number 5 ", "a text, number 6"
    save(tmp_path / "test.csv", test)
    found = next(f for f in load_parts(config(source, test="test.csv")).findings if f.code == "leakage")
    assert (found.severity, found.count, found.rows) == ("warning", 2, (4, 8))
    # In pairs, one equal text is no leak.
    for name, start in (("train.csv", 0), ("test.csv", 100)):
        save(tmp_path / name, table(100, start, first=["the same"] * 100))
    pairs = config(source, {"text": "first", "text_pair": "text", "label": "label"}, test="test.csv")
    assert "leakage" not in codes(load_parts(pairs).findings)


def test_a_test_part_too_small_to_tell(tmp_path: Path) -> None:
    small = check(config(save(tmp_path / "t.csv", table(290))))
    assert small.parts is not None and small.parts.test == 29 and "small-test" in codes(small.findings)
    assert "small-test" not in codes(check(config(save(tmp_path / "t.csv", table(300)))).findings)


def test_too_few_rows_are_an_error(tmp_path: Path) -> None:
    few = config(save(tmp_path / "t.csv", table(9)))
    found = check(few)
    assert found.blocks and found.parts is None and found.labels == (("a", 6), ("b", 3))
    with pytest.raises(DataError, match="Only 9 rows can be used") as caught:
        load_parts(few)
    assert "At least 10" in caught.value.advice
    assert sizes(load_parts(config(save(tmp_path / "t.csv", table(10))))) == (8, 1, 1)


def test_errors_of_the_task_come_before_the_split(tmp_path: Path) -> None:
    one_class = config(save(tmp_path / "t.csv", table(100, label=["a"] * 100)))
    assert check(one_class).blocks
    with pytest.raises(DataError, match="only one class"):
        load_parts(one_class)
    no_column = config(save(tmp_path / "t.csv", table(100)), {"text": "nothing", "label": "label"}, test="t.csv")
    assert "missing-column" in codes(check(no_column).findings)


def test_what_a_split_names_but_is_not_there(tmp_path: Path) -> None:
    source = save(tmp_path / "t.csv", table(100, part=["train"] * 90 + ["test"] * 10))
    for split, words in (
        ({"column": "set"}, "no column `set`"),
        ({"column": "part", "train": "train", "test": "dev"}, "has `dev` in the column `part`"),
        ({"test": "nowhere.csv"}, "There is no file"),
    ):
        with pytest.raises(DataError, match=words):
            load_parts(config(source, **split))
    save(tmp_path / "other.csv", {"text": ["a"] * 20, "class": ["b"] * 20})
    with pytest.raises(DataError, match=r"other\.csv has no column `label`"):
        load_parts(config(source, test="other.csv"))
    save(tmp_path / "empty.csv", {"text": [""] * 20, "label": ["b"] * 20})
    with pytest.raises(DataError, match="test part has no usable row") as caught:
        load_parts(config(source, test="empty.csv"))
    assert "rows that have Text and Label, or" in caught.value.advice
    with pytest.raises(ConfigError, match="names no column"):
        load_parts(config(source, train="train"))


def test_a_class_that_is_never_learned(tmp_path: Path) -> None:
    source = save(tmp_path / "train.csv", table(100))
    test = table(40, 100)
    test["label"][0] = test["label"][1] = "c"
    save(tmp_path / "test.csv", test)
    found = next(f for f in load_parts(config(source, test="test.csv")).findings if f.code == "unseen-class")
    assert (found.severity, found.count) == ("warning", 2) and "1 class has" in found.title and "`c`" in found.title


def test_where_rows_have_several_labels_they_are_called_so(tmp_path: Path) -> None:
    columns = {"text": "text", "labels": "label"}
    source = save(tmp_path / "train.csv", table(100, label=["a|b", "b"] * 50))
    save(tmp_path / "test.csv", table(40, 100, label=["a|c|d"] * 2 + ["a"] * 38))
    found = {
        finding.code: finding for finding in load_parts(other("multi-label-classification", source, columns)).findings
    }
    unseen, lacking = found["unseen-class"], found["test-lacks-class"]
    assert unseen.title == "2 labels have no training example: `c` and `d`." and unseen.count == 2
    assert "those 2 rows wrong" in unseen.meaning
    assert lacking.title == "The test part has no example of 1 label: `b`."


@pytest.mark.parametrize(("texts", "words"), [(1, "All rows belong to one text"), (2, "All rows belong to 2 texts")])
def test_rows_of_too_few_texts_cannot_be_shared_out(tmp_path: Path, texts: int, words: str) -> None:
    rows = {
        "question": [f"Who is number {n}?" for n in range(40)],
        "context": [f"Ada is here, and Bo too, {n % texts}." for n in range(40)],
        "answer": ["Ada", "Bo"] * 20,
    }
    columns = {"question": "question", "context": "context", "answers": "answer"}
    data = {"source": save(tmp_path / "t.csv", rows), "columns": columns}
    (error,) = [
        f for f in check(validate({"task": "question-answering", "data": data})).findings if f.severity == "error"
    ]
    assert error.title.startswith(words) and "(Text)" in error.title and "other texts" in error.fix


def test_examples_get_the_options_that_their_task_names_and_no_others(tmp_path: Path) -> None:
    for task in TASKS.values():
        assert set(task.data_options) <= set(task.options.model_fields)
    source = save(
        tmp_path / "t.csv",
        {"q": [f"n {n}?" for n in range(40)], "c": [f"Ada {n}" for n in range(40)], "a": ["Ada"] * 40},
    )
    data = {"source": source, "columns": {"question": "q", "context": "c", "answers": "a"}}
    options = {"max_answer_length": 7, "doc_stride": 3}
    task = TASKS["question-answering"]
    found = task.options_of_data(validate({"task": task.id, "data": data, "options": options}).options)
    assert (found.max_answer_length, found.doc_stride) == (7, task.options().doc_stride)


def test_only_a_setting_of_the_data_makes_the_table_be_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = save(
        tmp_path / "t.csv",
        {"q": [f"n {n}?" for n in range(40)], "c": [f"Ada {n}" for n in range(40)], "a": ["Ada"] * 40},
    )
    data = {"source": source, "columns": {"question": "q", "context": "c", "answers": "a"}}
    task, calls = TASKS["question-answering"], []

    def counted(table: Any, columns: Any, options: Any) -> Any:
        calls.append(options.max_answer_length)
        return task.examples(table, columns, options)

    monkeypatch.setitem(TASKS, task.id, replace(task, examples=counted))
    studio = Studio()
    for options in (
        {},
        {"doc_stride": 3},
        {"n_best_size": 4},
        {"max_answer_length": 7},
        {"max_answer_length": 7, "doc_stride": 9},
    ):
        config = validate({"task": task.id, "data": data, "options": options})
        assert not studio.checkup(config).blocks and studio.parts(config).train.num_rows == 32
    assert calls == [30, 7]


def test_what_was_noticed_in_each_file_names_it(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_bytes(Path(save(tmp_path / "x.csv", table(100))).read_bytes() + b"a,b,c\n")
    save(tmp_path / "test.csv", table(40, 100))
    parts = load_parts(config(str(tmp_path / "train.csv"), test="test.csv"))
    assert parts.unusable == 1
    assert parts.findings[0].title.startswith("train.csv: 1 row has more or fewer cells")


def test_a_text_with_very_many_copies_is_learned_from_and_swells_no_other_part(tmp_path: Path) -> None:
    texts = [f"a text, number {n}" for n in range(400)] + ["thank you"] * 200
    source = save(tmp_path / "table.csv", {"text": texts, "label": ["a", "b"] * 300})
    for seed in range(5):
        parts = load_parts(config(source, validation=0.1, test=0.1, seed=seed))
        assert "thank you" not in parts.test.column("text").to_pylist() + parts.validation.column("text").to_pylist()
        assert 35 <= parts.test.num_rows <= 45
