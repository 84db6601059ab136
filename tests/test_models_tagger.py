"""Each word is asked for once, in the window that shows most around it, and what is said comes together again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.data.types import Target
from core.errors import DataError
from core.models import tagger, word_windows
from core.models.tagger import Reading, Sentence
from core.tasks.base import Context, Piece
from core.training.losses import IGNORED

LABELS = ("O", "B-X", "I-X")
TEXT = "the film was a quiet delight from start to end, my parcel came late and the box was broken"


def context(folder: Path, length: int = 64, labels: tuple[str, ...] = LABELS, **options: Any) -> Context:
    tokenizer, _ = tagger.load_tokenizer(str(folder), None)
    return Context(tokenizer, Target(labels, tuple(range(len(labels), 0, -1))), length, Reading(**options))


def words_of(text: str) -> list[str]:
    return text.replace(",", " ,").split()


def asked_words(encoded: dict[str, Any], tokenizer: Any) -> list[list[str]]:
    """The tokens that are asked for, piece by piece."""
    return [
        [tokenizer.convert_ids_to_tokens(token) for token, asked in zip(ids, marks, strict=True) if asked]
        for ids, marks in zip(encoded["input_ids"], encoded["asked"], strict=True)
    ]


@pytest.mark.parametrize("stride", [0, 4, 500])
@pytest.mark.parametrize("length", [8, 13, 64])
def test_every_word_is_asked_for_once(tiny_bert: Path, length: int, stride: int) -> None:
    here = context(tiny_bert, length, stride=stride)
    encoded = word_windows.encode({"text": [TEXT, "box", ""]}, here, "predict")
    count = len(words_of(TEXT))
    said: dict[int, list[int]] = {0: [], 1: [], 2: []}
    for row, words, asked in zip(encoded["row"], encoded["words"], encoded["asked"], strict=True):
        said[row] += words
        assert len(words) == sum(asked)
    assert said == {0: list(range(count)), 1: [0], 2: []}
    assert all(len(ids) <= length for ids in encoded["input_ids"])
    assert encoded["length"] == [count] * encoded["row"].count(0) + [1, 0]
    first = [token for piece in asked_words(encoded, here.tokenizer) for token in piece]
    pairs = zip(words_of(TEXT), first, strict=False)
    assert all(word.startswith(token) for word, token in pairs)


def test_a_word_is_asked_for_where_most_stands_around_it(tiny_bert: Path) -> None:
    here = context(tiny_bert, 12, stride=5)
    encoded = word_windows.encode({"text": [TEXT]}, here, "predict")
    assert len(encoded["row"]) > 2
    for place, marks in enumerate(encoded["asked"]):
        here_asked = np.flatnonzero(marks)
        if place:
            assert here_asked[0] > 2, "the first tokens of a later window have nothing before them"
        if place < len(encoded["row"]) - 1:
            assert here_asked[-1] < len(marks) - 2


def test_labels_stand_on_the_first_part_of_a_word(tiny_bert: Path) -> None:
    columns = {"tokens": [["slowfilm", "film"]], "tags": [["B-X", "I-X"]], "text": ["slowfilm film"]}
    first = word_windows.encode(columns, context(tiny_bert), "train")
    parts = len(first["input_ids"][0]) - 3
    assert first["labels"] == [[IGNORED, 1, *[IGNORED] * (parts - 1), 2, IGNORED]] and parts > 1
    assert set(first) == {"input_ids", "attention_mask", "token_type_ids", "labels", "row"}
    every = word_windows.encode(columns, context(tiny_bert, label_all_tokens=True), "train")
    assert every["labels"] == [[IGNORED, 1, *[2] * (parts - 1), 2, IGNORED]]


def test_a_tag_that_was_never_seen_is_refused_in_words(tiny_bert: Path) -> None:
    columns = {"tokens": [["film"]], "tags": [["B-Y"]], "text": ["film"]}
    with pytest.raises(DataError, match="B-Y"):
        word_windows.encode(columns, context(tiny_bert), "train")


def test_a_vocabulary_with_blanks_in_its_tokens(tiny_llama: Path) -> None:
    """Byte-level tokens begin with the blank before a word, and letters may be several tokens."""
    here = context(tiny_llama)
    encoded = word_windows.encode({"tokens": [["the", "film", "日本", "was", ","]]}, here, "predict")
    assert encoded["words"] == [[0, 1, 2, 3, 4]]
    first = asked_words(encoded, here.tokenizer)[0]
    assert first[1].startswith("Ġ") and first[3].startswith("Ġ")


def pieces(*rows: list[tuple[list[int], list[int]]], length: int) -> list[list[Piece]]:
    return [
        [
            Piece({"words": words, "length": length}, (np.array(numbers), np.full(len(numbers), 0.5)))
            for words, numbers in r
        ]
        for r in rows
    ]


def test_windows_come_together_and_silent_words_go_on(tiny_bert: Path) -> None:
    here = context(tiny_bert)
    both = pieces([([0, 1], [1, 2]), ([3], [0])], [([1], [1])], length=5)
    found = tagger.finish(both, here)
    assert [one.numbers.tolist() for one in found] == [[1, 2, 2, 0, 0], [0, 1, 2, 2, 2]]
    plain = tagger.finish(pieces([([1], [1])], length=3), context(tiny_bert, labels=("VERB", "NOUN")))
    assert plain[0].numbers.tolist() == [0, 1, 1]


def test_answers_are_places_in_the_text() -> None:
    text = "To New York and Rome"
    bounds = [(0, 2), (3, 6), (7, 11), (12, 15), (16, 20)]
    chances = np.array([0.9, 0.8, 0.6, 0.9, 0.7])
    said = Sentence(np.array([0, 2, 2, 0, 1]), chances, text, text.split(), bounds)
    (answer,) = tagger.answers([said], Target(LABELS))
    assert answer["tags"] == ["O", "B-X", "I-X", "O", "B-X"], "what goes on with nothing begins there"
    assert answer["tokens"] == text.split()
    places = [(text[span["start"] : span["end"]], span["label"]) for span in answer["spans"]]
    assert places == [("New York", "X"), ("Rome", "X")]
    assert [round(span["score"], 6) for span in answer["spans"]] == [0.7, 0.7]
    columns = tagger.answer_columns([answer])
    assert columns["tags"] == [answer["tags"]]
    assert columns["entities"][0][1] == {"text": "Rome", "label": "X", "start": 16, "end": 20}


@pytest.mark.parametrize(
    ("labels", "numbers", "expected"),
    [
        (("O", "X", "Y"), [1, 1, 2, 0, 1], [("X", 0, 2), ("Y", 2, 3), ("X", 4, 5)]),
        (("NOUN", "VERB"), [0, 0, 1], [("NOUN", 0, 1), ("NOUN", 1, 2), ("VERB", 2, 3)]),
    ],
)
def test_tags_without_prefixes(labels: tuple[str, ...], numbers: list[int], expected: list[Any]) -> None:
    assert tagger.runs([labels[number] for number in numbers], Target(labels)) == expected


@pytest.mark.parametrize("count", [0, 1, 20, 62, 63, 100, 1000])
def test_the_number_of_windows_is_known_beforehand(tiny_bert: Path, count: int) -> None:
    here = context(tiny_bert, 20, stride=6)
    encoded = word_windows.encode({"text": [" ".join(["film"] * count)]}, here, "predict")
    expected = word_windows.features([count + 2], 20, here.options)
    assert [len(ids) for ids in encoded["input_ids"]] == expected


def test_remarks_say_what_becomes_of_the_answer_layer(tiny_bert: Path) -> None:
    (note,) = tagger.remarks(tiny_bert, Target(LABELS, (9, 3, 1)), Reading())
    assert note.title.startswith("The model gets a new answer layer for 3 tags") and "1 types" not in note.detail
    assert tagger.remarks(None, Target(LABELS), Reading()) == ()
