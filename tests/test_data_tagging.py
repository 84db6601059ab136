"""Lists of words and tags in every form people write them, and all tags in one scheme."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from core.data.tables import open_table
from core.data.tagging import Sentences, as_iob2, as_list, read_sentences
from core.data.types import Finding


def read(tokens: list[Any], tags: list[Any]) -> Sentences:
    columns = (pa.chunked_array([pa.array(values)]) for values in (tokens, tags))
    return read_sentences(*columns, "words", "marks")


def finding(found: Sentences, code: str) -> Finding:
    return next(finding for finding in found.findings if finding.code == code)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (["a", None, 3, 4.0], ["a", "", "3", "4"]),
        ('["it\'s", "ü"]', ["it's", "ü"]),
        ("['a', \"it's\"]", ["a", "it's"]),
        ("['a' 'b'\n 'c']", ["a", "b", "c"]),
        ("[0 1 12]", ["0", "1", "12"]),
        ("[0, 1]", ["0", "1"]),
        ("O  B-X O", ["O", "B-X", "O"]),
        ("[ x ] y", ["[", "x", "]", "y"]),
        ("[]", []),
        ("", []),
        (None, []),
        ('[["a"]]', None),
        ("['\\x']", None),
        ('["a]', None),
    ],
)
def test_a_cell_is_a_list_however_it_is_written(cell: Any, expected: list[str] | None) -> None:
    assert as_list(cell) == expected


def test_a_long_cell_that_is_no_list_is_refused_at_once() -> None:
    start = time.monotonic()
    assert as_list("[" + "a" * 100_000 + '"]') is None
    assert as_list("[" + "a " * 50_000 + '"]') is None
    assert time.monotonic() - start < 2


def test_rows_that_cannot_be_used_are_named_and_the_others_stay() -> None:
    tokens = ['["Rome", "is"]', '["Rome", "is"]', '[["Rome"]]', "", '["a"]', '["a"]', '["a"]', '["", "Oslo"]']
    tags = ['["B-X", "O"]', '["B-X"]', '["O"]', '["O"]', "", '[""]', '[["O"]]', '["O", "B-X"]']
    found = read(tokens, tags)
    assert found.rows == [1, 8]
    assert (found.tokens, found.tags) == ([["Rome", "is"], ["Oslo"]], [["B-X", "O"], ["B-X"]])
    assert found.texts == ["Rome is", "Oslo"]
    rows = {finding.code: finding.rows for finding in found.findings}
    assert rows == {
        "no-tokens": (4,),
        "no-tags": (5,),
        "unreadable-tokens": (3,),
        "unreadable-tags": (7,),
        "uneven": (2,),
        "missing-tag": (6,),
        "empty-token": (8,),
    }
    assert all(finding.fix and finding.meaning and finding.count == 1 for finding in found.findings)
    assert "`words`" in finding(found, "uneven").title and "`marks`" in finding(found, "uneven").title


def converted(*tags: str) -> Sentences:
    """Sentences of tags, as words between blanks."""
    return as_iob2(read([["w"] * len(one.split()) for one in tags], [one.split() for one in tags]), "tags")


def written(found: Sentences) -> list[str]:
    return [" ".join(tags) for tags in found.tags]


def test_iob2_stays_as_it_is_and_nothing_is_said() -> None:
    sentences = ("B-PER I-PER O B-LOC", "O O", "B-PER B-PER")
    found = converted(*sentences)
    assert written(found) == list(sentences)
    assert found.findings == ()


def test_iob1_is_rewritten_and_said() -> None:
    found = converted("I-PER I-PER O I-LOC", "I-PER B-PER I-PER")
    assert written(found) == ["B-PER I-PER O B-LOC", "B-PER B-PER I-PER"]
    assert [finding.code for finding in found.findings] == ["iob1"]


@pytest.mark.parametrize(
    ("tags", "expected"),
    [("B-X I-X E-X O S-Y", "B-X I-X I-X O B-Y"), ("B-X L-X O U-Y U-Y", "B-X I-X O B-Y B-Y")],
)
def test_other_schemes_are_rewritten_and_said(tags: str, expected: str) -> None:
    found = converted(tags)
    assert written(found) == [expected]
    assert [(finding.code, finding.severity) for finding in found.findings] == [("other-scheme", "info")]


def test_what_goes_on_with_nothing_begins_there_and_is_counted() -> None:
    found = converted("B-X O", "I-X O", "B-X I-Y")
    assert written(found) == ["B-X O", "B-X O", "B-X B-Y"]
    assert finding(found, "begins-inside").rows == (2, 3)


def test_tags_with_and_without_prefix_in_one_table() -> None:
    found = converted("B-X I-X", "X X O")
    assert written(found) == ["B-X I-X", "B-X I-X O"]
    assert finding(found, "without-prefix").rows == (2,)


def test_letters_alone_get_a_type() -> None:
    found = converted("B I O", "O B O")
    assert written(found) == ["B-ENTITY I-ENTITY O", "O B-ENTITY O"]
    assert finding(found, "nameless").severity == "info"


def test_parts_of_speech_are_left_alone() -> None:
    found = converted("DET NOUN VERB", "O I VERB")
    assert written(found) == ["DET NOUN VERB", "O I VERB"]
    assert found.findings == ()


def test_class_numbers_of_a_parquet_file_get_their_names(tmp_path: Path) -> None:
    from datasets import ClassLabel, Dataset, Features, List, Value

    names = ClassLabel(names=["O", "B-CITY"])
    rows = {"tokens": [["to", "Rome"], ["home"]], "ner_tags": [[0, 1], [0]], "mood": [1, -1]}
    features = Features(
        {"tokens": List(Value("string")), "ner_tags": List(names), "mood": ClassLabel(names=["low", "high"])}
    )
    path = tmp_path / "tagged.parquet"
    Dataset.from_dict(rows, features=features).to_parquet(path)
    loaded = open_table(str(path))
    assert loaded.table.to_pydict() == rows | {"ner_tags": [["O", "B-CITY"], ["O"]], "mood": ["high", None]}
    assert [finding.code for finding in loaded.meta.findings] == ["class-names"]
