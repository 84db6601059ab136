"""The tables that ship with the app are whole, distinct and worth learning from."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

FOLDER = Path(__file__).resolve().parent.parent / "assets" / "samples"
INDEX: list[dict[str, str]] = yaml.safe_load((FOLDER / "samples.yaml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Table:
    header: list[str]
    rows: list[list[str]]

    @property
    def labels(self) -> Counter[str]:
        return Counter(row[-1] for row in self.rows)

    @property
    def inputs(self) -> list[tuple[str, ...]]:
        width = max(1, len(self.header) - 1)
        return [tuple(cell.casefold() for cell in row[:width]) for row in self.rows]


def read(entry: dict[str, str]) -> Table:
    with open(FOLDER / entry["file"], encoding="utf-8", newline="") as file:
        if entry["file"].endswith(".jsonl"):
            records = [json.loads(line) for line in file]
            cells = [[v if isinstance(v, str) else json.dumps(v) for v in record.values()] for record in records]
            return Table(list(records[0]), cells)
        if entry["file"].endswith(".txt"):
            return Table(["text"], [[text] for text in file.read().strip().split("\n\n")])
        header, *rows = csv.reader(file, strict=True)
    return Table(header, rows)


each_sample = pytest.mark.parametrize("entry", INDEX, ids=lambda entry: entry["id"])
each_sample_of_classes = pytest.mark.parametrize(
    "entry",
    [e for e in INDEX if e["file"].endswith(".csv") and len(read(e).labels) <= 10],
    ids=lambda entry: entry["id"],
)


@each_sample
def test_entry_says_what_a_person_needs_to_choose(entry: dict[str, str]) -> None:
    assert set(entry) == {"id", "file", "title", "summary", "licence"}
    assert all(entry.values())
    assert int(re.findall(r"\d+", entry["summary"])[0]) == len(read(entry).rows)


@each_sample
def test_every_row_is_complete_and_there_only_once(entry: dict[str, str]) -> None:
    table = read(entry)
    assert {len(row) for row in table.rows} == {len(table.header)}
    assert all(cell == cell.strip() and cell for row in table.rows for cell in row)
    assert [text for text, times in Counter(table.inputs).items() if times > 1] == []


@each_sample_of_classes
def test_no_class_is_rare(entry: dict[str, str]) -> None:
    table = read(entry)
    assert 200 <= len(table.rows) <= 500
    assert min(table.labels.values()) >= 50
    assert max(table.labels.values()) <= 1.5 * min(table.labels.values())


@each_sample_of_classes
def test_rows_are_mixed(entry: dict[str, str]) -> None:
    """The first rows, which a preview shows, hold every class."""
    table = read(entry)
    assert {row[-1] for row in table.rows[:20]} == set(table.labels)


@each_sample
def test_texts_are_not_made_from_a_template(entry: dict[str, str]) -> None:
    """Few single texts begin with the same three words."""
    table = read(entry)
    first = [row[0].removeprefix('[{"role": "user", "content": "') for row in table.rows]
    openings = Counter(" ".join(text.casefold().split()[:3]) for text in first)
    pairs = len(table.header) == 3  # pairs share sentences on purpose
    assert openings.most_common(1)[0][1] <= (6 if pairs else 4), openings.most_common(3)


def test_every_table_is_listed() -> None:
    assert {path.name for path in FOLDER.glob("*.*") if path.suffix != ".yaml"} == {entry["file"] for entry in INDEX}
    assert len({entry["id"] for entry in INDEX}) == len(INDEX)


def test_marks_are_on_whole_words_and_every_kind_is_seen_early() -> None:
    rows = [json.loads(line) for line in (FOLDER / "travel.jsonl").read_text(encoding="utf-8").splitlines()]
    kinds = Counter(span["label"] for row in rows for span in row["spans"])
    assert set(kinds) == {"CITY", "DATE", "TIME", "PERSON"} and min(kinds.values()) >= 25
    assert {span["label"] for row in rows[:20] for span in row["spans"]} == set(kinds)
    assert any(not row["spans"] for row in rows)
    for row in rows:
        for span in row["spans"]:
            text, marked = row["text"], row["text"][span["start"] : span["end"]]
            assert marked == marked.strip() and marked
            around = text[: span["start"]][-1:] + text[span["end"] :][:1]
            assert not any(letter.isalnum() for letter in around), marked
