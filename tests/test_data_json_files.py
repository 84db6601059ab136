"""JSON that is not in lines: lists of objects, objects around one, the form of SQuAD; nothing of a value is lost."""

from __future__ import annotations

import json
import random
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from core.data.dialect import LONGEST_CELL
from core.data.preview import preview
from core.data.tables import LoadedTable, open_table
from core.errors import DataError

INSTRUCTIONS = [
    {"instruction": "Add one.", "input": "2", "output": "3"},
    {"instruction": "Say “hello”, please.", "input": "", "output": "hello 😀\n[{"},
]
CHATS = [
    {"conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello!"}], "id": "a"},
    {"conversations": [{"from": "system", "value": "Be kind", "weight": 0.5}], "system": None},
]


def read(path: Path, content: str | Any, encoding: str = "utf-8") -> LoadedTable:
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    path.write_bytes(text.encode(encoding))
    return open_table(str(path))


def codes(loaded: LoadedTable) -> list[str]:
    return [finding.code for finding in loaded.meta.findings]


@pytest.mark.parametrize("name", ["table.json", "table.txt", "table.csv", "table.jsonl"])
@pytest.mark.parametrize("indent", [None, 2])
def test_a_list_of_objects(tmp_path: Path, name: str, indent: int | None) -> None:
    loaded = read(tmp_path / name, json.dumps(INSTRUCTIONS, indent=indent))
    assert loaded.meta.format == "json" and loaded.meta.findings == ()
    assert loaded.table.to_pylist() == INSTRUCTIONS


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_list_in_other_encodings(tmp_path: Path, encoding: str) -> None:
    assert read(tmp_path / "table.json", INSTRUCTIONS, encoding).table.to_pylist() == INSTRUCTIONS


@pytest.mark.parametrize("indent", [None, 2])
def test_an_object_that_holds_one_list(tmp_path: Path, indent: int | None) -> None:
    whole = {"version": "1.1", "about": {"by": [1, 2]}, "none": [], "data": INSTRUCTIONS, "size": 2}
    loaded = read(tmp_path / "table.json", json.dumps(whole, indent=indent))
    assert loaded.meta.format == "json" and loaded.meta.findings == ()
    assert loaded.table.to_pylist() == INSTRUCTIONS
    other = read(tmp_path / "table.json", json.dumps({"examples": INSTRUCTIONS}, indent=indent))
    assert codes(other) == ["json-holder"] and "“examples”" in other.meta.findings[0].title


def test_a_very_long_line_need_not_be_read_to_know_that_it_holds_the_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.data.formats._LONGEST_ROW", 60)
    loaded = read(tmp_path / "table.json", {"data": INSTRUCTIONS})
    assert loaded.meta.format == "json" and loaded.table.to_pylist() == INSTRUCTIONS
    assert read(tmp_path / "table.jsonl", CHATS[0]).table.to_pylist() == [CHATS[0]]


def test_one_object_on_one_line_is_a_row(tmp_path: Path) -> None:
    assert read(tmp_path / "table.json", INSTRUCTIONS[0]).meta.format == "jsonl"
    chat = read(tmp_path / "table.jsonl", CHATS[0])
    assert chat.meta.format == "jsonl" and chat.table.to_pylist() == [CHATS[0]]


def test_kinds_are_found_as_in_json_lines(tmp_path: Path) -> None:
    records = [{"id": number, "text": "x" * 1000, "n": 1} for number in range(12_000)]
    records += [{"id": "b-1", "n": 2.5, "more": {"a": [1]}}, {"id": True, "more": {"b": None}}]
    loaded = read(tmp_path / "table.json", records)
    assert loaded.meta.rows == 12_002 and codes(loaded) == ["mixed-kinds"]
    assert loaded.table.column("id").slice(11_999).to_pylist() == ["11999", "b-1", "true"]
    assert loaded.table.column("n").slice(11_999).to_pylist() == [1.0, 2.5, None]
    assert loaded.table.column("more").slice(12_000).to_pylist() == [{"a": [1], "b": None}, {"a": None, "b": None}]
    lines = read(tmp_path / "table.jsonl", "\n".join(map(json.dumps, records)))
    assert lines.table.equals(loaded.table) and lines.meta.findings == loaded.meta.findings


@pytest.mark.parametrize("name", ["chat.json", "chat.jsonl"])
def test_chats_keep_all_keys_even_those_that_come_late(tmp_path: Path, name: str) -> None:
    many = [CHATS[0]] * 40_000 + [CHATS[1]]
    content = "\n".join(map(json.dumps, many)) if name.endswith("l") else json.dumps(many)
    path = tmp_path / name
    loaded = read(path, content)
    first, last = loaded.table.slice(0, 1).to_pylist()[0], loaded.table.slice(40_000).to_pylist()[0]
    assert [list(turn.values()) for turn in first["conversations"]] == [["human", "Hi", None], ["gpt", "Hello!", None]]
    assert last["conversations"] == [{"from": "system", "value": "Be kind", "weight": 0.5}]
    assert (first["id"], last["id"]) == ("a", None) and "system" in first
    column = preview(str(path)).columns[0]
    assert (column.kind, column.fields) == ("list", ("from", "value", "weight"))
    assert json.loads(column.examples[0]) == first["conversations"]


def test_values_of_several_kinds_inside_are_kept_as_json_text(tmp_path: Path) -> None:
    turns = [{"role": "user", "content": "Hi"}], [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}]
    loaded = read(tmp_path / "chat.json", [{"messages": turn} for turn in turns])
    assert codes(loaded) == ["mixed-kinds"]
    assert [json.loads(cell) for cell in loaded.table.column("messages").to_pylist()] == list(turns)


def test_half_characters_become_question_marks(tmp_path: Path) -> None:
    loaded = read(tmp_path / "table.json", '[{"text": "sch\\u00f6n \\ud83d\\ude00 \\ud83d", "more": ["\\uDE00"]}]')
    assert loaded.table.to_pylist() == [{"text": "schön 😀 ?", "more": ["?"]}]


def test_every_way_of_cutting_the_text_reads_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = random.Random(3)
    records = [
        {"n": drawn.random() * 10 ** drawn.randint(-9, 9), "i": drawn.randint(-99, 99999), "b": drawn.random() < 0.5}
        | {"text": "".join(drawn.choices('ab"\\\n{}[],: é😀', k=drawn.randint(0, 40))), "none": None, "l": [1, 22, 333]}
        for _ in range(40)
    ]
    content = json.dumps({"version": 12345.678, "numbers": [1, 22, 333], "data": records, "end": True}, indent=1)
    whole = read(tmp_path / "table.json", content).table
    for size in (1, 2, 3, 7, 64):
        monkeypatch.setattr("core.data.json_stream._CHUNK", size)
        assert read(tmp_path / "table.json", content + " " * size).table.equals(whole)
    assert whole.to_pylist() == [{**record, "none": None} for record in records]


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    (tmp_path / "table.json").write_text(json.dumps([{"text": f"{n} " + "x" * 500, "n": n} for n in range(80_000)]))
    tracemalloc.start()
    assert open_table(str(tmp_path / "table.json")).meta.rows == 80_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 36e6 < (tmp_path / "table.json").stat().st_size


# --- SQuAD -----------------------------------------------------------------------------------------------------------


def article(title: str | None, *qas: dict[str, Any]) -> dict[str, Any]:
    return {"title": title, "paragraphs": [{"context": f"About {title}.", "qas": [qa]} for qa in qas]}


ANSWERED = {"id": "q1", "question": "Who?", "answers": [{"text": "Anna", "answer_start": 6}, {"text": "A", "answer_start": 6}]}  # fmt: skip  # noqa: E501
IMPOSSIBLE = {"id": "q2", "question": "When?", "answers": [], "is_impossible": True, "plausible_answers": [{"text": "x"}]}  # fmt: skip  # noqa: E501
UNTOLD = {"id": 3, "question": "Where?"}


@pytest.mark.parametrize("indent", [None, 4])
def test_squad_becomes_one_row_a_question(tmp_path: Path, indent: int | None) -> None:
    whole = {"version": "v2.0", "data": [article("Anna", ANSWERED, IMPOSSIBLE), article("None"), article(None, UNTOLD)]}
    loaded = read(tmp_path / "dev-v2.0.json", json.dumps(whole, indent=indent))
    assert loaded.meta.format == "json" and codes(loaded) == ["squad"]
    assert "3 questions" in loaded.meta.findings[0].title
    assert loaded.table.to_pylist() == [
        {
            "id": "q1",
            "title": "Anna",
            "context": "About Anna.",
            "question": "Who?",
            "answers": {"text": ["Anna", "A"], "answer_start": [6, 6]},
        },
        {
            "id": "q2",
            "title": "Anna",
            "context": "About Anna.",
            "question": "When?",
            "answers": {"text": [], "answer_start": []},
        },
        {"id": "3", "title": None, "context": "About None.", "question": "Where?", "answers": None},
    ]
    answers = preview(str(tmp_path / "dev-v2.0.json")).column("answers")
    assert answers is not None and answers.fields == ("text", "answer_start")


def test_squad_without_any_answer_has_the_same_columns(tmp_path: Path) -> None:
    one = read(tmp_path / "a.json", {"data": [article("A", IMPOSSIBLE)]}).table.schema
    assert read(tmp_path / "b.json", {"data": [article("A", ANSWERED)]}).table.schema == one


@pytest.mark.parametrize(
    "broken",
    [
        {"id": "q9", "question": "Why is it so?", "answers": [{"text": "x"}]},
        {"id": "q9", "question": "Why is it so?", "answers": "x"},
        {"id": "q9", "question": "Why is it so?", "answers": [{"text": "x", "answer_start": "six"}]},
    ],
)
def test_a_broken_question_is_named(tmp_path: Path, broken: dict[str, Any]) -> None:
    with pytest.raises(DataError, match=r"the question “Why is it so\?” is not written as in SQuAD") as caught:
        read(tmp_path / "a.json", {"data": [article("A", ANSWERED), article("B", broken)]})
    assert "answer_start" in caught.value.advice


# --- Refused ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "title"),
    [
        ('["a", "b"]', "Item 1 of the list in table.json is not an object."),
        ('[{"a": 1}, [2]]', "Item 2 of the list in table.json is not an object."),
        ("[]", "table.json holds no list of objects."),
        ('{\n"columns": ["a"],\n"data": [[1]]}', "table.json holds no list of objects."),
        ('{\n"text": {"0": "a"},\n"label": {"0": "b"}}', "table.json holds no list of objects."),
        ('{"train": [{"a": 1}], "test": [{"a": 1}]}', "table.json holds several lists of objects: train and test."),
        ('{"data": [{"title": "A", "paragraphs": [{"context": "c", "qas": []}]}]}', "table.json holds no question."),
        ('[{"a": 1},\n {"a": 2}\n {"a": 3}]', "Line 3 of table.json is not JSON."),
        ('[{"a": 1},\n {"a": nope},' + '{"a": 3},\n' * 9, "Line 2 of table.json is not JSON."),
        ('[{"a": 1},\n {"a": "2', "table.json is not complete JSON: it ends too early."),
        ('[{"a": 1},\n {"a": 2}', "table.json is not complete JSON: it ends too early."),
        ('{\n"data": [{"a": 1}', "table.json is not complete JSON: it ends too early."),
        ('{\n"a": 1\n}\n{\n"a": 2\n}', "table.json goes on after the end of its first object or list."),
        ("[1, 2]\n[3, 4]\n", "Item 1 of the list in table.json is not an object."),
    ],
)
def test_what_is_no_table_is_refused_with_the_way_to_change_it(tmp_path: Path, content: str, title: str) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path / "table.json", content)
    assert caught.value.title == title and caught.value.advice


def test_an_error_far_down_names_its_line(tmp_path: Path) -> None:
    lines = [json.dumps({"text": "x" * 80, "n": number}) for number in range(60_000)]
    lines[45_678] = lines[45_678].replace('"n"', "n")
    with pytest.raises(DataError, match=r"^Line 45,680 of table\.json is not JSON\."):
        read(tmp_path / "table.json", "[\n" + ",\n".join(lines) + "\n]")


def test_a_quote_that_never_closes_does_not_fill_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert LONGEST_CELL > 1e7
    monkeypatch.setattr("core.data.json_stream.LONGEST_CELL", 1 << 20)
    with pytest.raises(DataError, match="is not complete JSON"):
        read(tmp_path / "table.json", '[{"text": "open, ' + "x" * 9_000_000)


def test_csv_cells_that_hold_json_stay_text(tmp_path: Path) -> None:
    cell = json.dumps([{"from": "human", "value": "Hi"}])
    quoted = cell.replace('"', '""')
    loaded = read(tmp_path / "chat.csv", f'messages,label\n"{quoted}",a\n')
    assert loaded.table.to_pylist() == [{"messages": cell, "label": "a"}]
