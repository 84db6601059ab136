"""Long texts: cut just as the tokenizer would, kept at both ends, or read in pieces whose answers are averaged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from transformers import AutoTokenizer

from core.models import long_texts
from core.models.long_texts import LongTexts, Way
from core.remarks import about_long_texts
from core.schema import Settings
from core.tasks.base import Piece, Purpose

NUMBERS = " ".join(["film", "soup", "bread", "phone", "parcel", "waiter", "box", "bill"] * 6)
TEXTS = ["", "good", "the film was a quiet delight", NUMBERS, "ünïcödé 日本 🙂 soup"]
FAMILIES = ("encoder", "decoder", "seq2seq")


def encoded(
    tokenizer: Any, way: Way, length: int = 16, purpose: Purpose = "predict", *, words: bool = False, **columns: Any
) -> dict[str, list[Any]]:
    return long_texts.encode(columns, tokenizer, length, way, purpose, with_words=words)


@pytest.fixture
def bert(tiny_bert: Path) -> Any:
    return AutoTokenizer.from_pretrained(tiny_bert)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("pair", [False, True])
def test_cutting_by_hand_is_what_the_tokenizer_does(family: str, pair: bool, tiny_model: Callable[[str], Path]) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tiny_model(family))
    columns: dict[str, Any] = {"text": TEXTS, "text_pair": TEXTS[::-1]} if pair else {"text": TEXTS}
    ways: tuple[Way, ...] = ("cut", "head_tail", "windows")
    for length in (8, 13, 16, 64):
        plain = encoded(tokenizer, "cut", length, **columns)
        for way in ways:
            by_hand = encoded(tokenizer, way, length, words=way == "cut", **columns)
            for name, values in plain.items():
                for row, value in enumerate(values):
                    fits = len(plain["input_ids"][row]) < length
                    if way == "cut" or fits:
                        assert by_hand[name][by_hand["row"].index(row)] == value, (family, way, length, name, row)
            assert max(map(len, by_hand["input_ids"])) <= length


def test_both_ends_are_kept(bert: Any) -> None:
    (whole,), (kept,) = (encoded(bert, "head_tail", n, text=[NUMBERS])["input_ids"] for n in (512, 18))
    assert len(kept) == 18 and kept[0] == bert.cls_token_id and kept[-1] == bert.sep_token_id
    assert kept[1:5] == whole[1:5] and kept[5:-1] == whole[-13:-1]


def test_of_a_pair_the_longer_text_gives_way(bert: Any) -> None:
    found = encoded(bert, "head_tail", 16, text=["good soup"], text_pair=[NUMBERS])
    short = bert("good soup", add_special_tokens=False)["input_ids"]
    (ids,), (types,) = found["input_ids"], found["token_type_ids"]
    assert ids[1 : 1 + len(short)] == short and len(ids) == 16
    assert types == [0] * (len(short) + 2) + [1] * (16 - len(short) - 2)
    for piece in encoded(bert, "windows", 16, text=[NUMBERS], text_pair=["good soup"])["input_ids"]:
        assert piece[-1 - len(short) : -1] == short and len(piece) == 16


def test_pieces_overlap_and_leave_nothing_out(bert: Any) -> None:
    words = bert(NUMBERS, add_special_tokens=False)["input_ids"]
    found = encoded(bert, "windows", 16, text=["good", NUMBERS])
    assert found["row"][0] == 0 and set(found["row"][1:]) == {1}
    pieces = [ids[1:-1] for ids in found["input_ids"][1:]]
    assert all(len(piece) == 14 for piece in pieces)
    assert pieces[0] == words[:14] and pieces[-1] == words[-14:]
    starts = [next(s for s in range(last, len(words)) if words[s : s + 14] == piece)
              for last, piece in zip(range(len(pieces)), pieces, strict=True)]  # fmt: skip
    assert len(pieces) == -(-(len(words) - 3) // 11) and starts == sorted(starts)


def test_the_pieces_of_a_row_are_bounded(bert: Any) -> None:
    long = " ".join([NUMBERS] * 60)
    assert len(encoded(bert, "windows", 16, "train", text=[long])["row"]) == long_texts.PIECES_LEARNED
    found = encoded(bert, "windows", 16, "evaluate", text=[long])
    assert len(found["row"]) == long_texts.PIECES_READ
    ends = bert(long, add_special_tokens=False)["input_ids"]
    assert found["input_ids"][0][1:-1] == ends[:14] and found["input_ids"][-1][1:-1] == ends[-14:]


def test_words_have_numbers_that_leave_gaps_where_texts_do(bert: Any) -> None:
    found = encoded(bert, "cut", 32, words=True, text=["good soup"], text_pair=["kind waiter"])
    (words,), (ids,) = found["words"], found["input_ids"]
    assert [words[place] for place, token in enumerate(ids) if token in bert.all_special_ids] == [-1] * 3
    assert sorted(set(words)) == [-1, 0, 1, 3, 4]
    (ends,) = encoded(bert, "head_tail", 18, words=True, text=[NUMBERS])["words"]
    assert max(np.diff(ends[1:-1])) > 1


def test_the_answers_of_the_pieces_are_averaged() -> None:
    def pieces(*outputs: list[float]) -> list[Piece]:
        return [Piece({}, np.array(output)) for output in outputs]

    found = long_texts.averaged([pieces([1.0, 2.0]), pieces([0.0, 4.0], [2.0, 0.0])], None)  # type: ignore[arg-type]
    assert found.tolist() == [[1.0, 2.0], [1.0, 2.0]]


@pytest.mark.parametrize("way", ["cut", "head_tail", "windows"])
def test_the_estimate_counts_what_is_learned_from(way: Way, bert: Any) -> None:
    texts = ["good", NUMBERS, " ".join([NUMBERS] * 9)]
    lengths = [len(ids) for ids in bert(texts)["input_ids"]]
    pieces = encoded(bert, way, 16, "train", text=texts)["input_ids"]
    assert long_texts.features(lengths, 16, LongTexts(long_texts=way)) == [len(piece) for piece in pieces]


class TestWordsBeforeTheStart:
    def said(self, way: Way, *lengths: int) -> tuple[str, str]:
        options = LongTexts(long_texts=way)
        (note,) = about_long_texts(lengths, long_texts.features(lengths, 16, options), 16, options)
        return note.level, f"{note.title} {note.detail}"

    def test_nothing_is_said_of_short_texts(self) -> None:
        assert about_long_texts([5, 16], [5, 16], 16, LongTexts()) == []
        assert about_long_texts([], [], 16, LongTexts()) == []

    def test_what_is_cut_is_a_warning_that_names_the_choice(self) -> None:
        level, words = self.said("cut", 16, 16, 16, 32)
        assert level == "warning" and words.startswith("25 % of your texts are longer than 16 tokens.")
        assert "20 % of all text is not read" in words
        assert "“read in pieces and average” for “Long texts”" in words and "“keep beginning and end”" in words

    def test_small_shares_are_no_zero(self) -> None:
        assert "cut there: under 1 % of all text" in self.said("cut", *[16] * 200, 20)[1]
        assert self.said("cut", *[16] * 200, 20)[1].startswith("Under 1 % of")

    def test_what_is_left_out_of_the_middle_is_said(self) -> None:
        level, words = self.said("head_tail", 16, 16, 16, 32)
        assert (
            level == "info" and "beginning and the end are read: 20 % of all text, from their middle, is not" in words
        )

    def test_pieces_lose_nothing_and_cost_time(self) -> None:
        level, words = self.said("windows", 16, 16, 16, 32)
        assert level == "info" and "the whole text counts" in words and "1.5 pieces for each text" in words
        assert "8 pieces" not in words
        assert (
            "(25 % of all), 8 pieces spread over the text are learned from" in self.said("windows", 16, 16, 9, 900)[1]
        )

    def test_tasks_without_the_choice_are_told_by_what_they_read(self) -> None:
        (cut,) = about_long_texts([16, 32], [16, 16], 16, Settings())
        (whole,) = about_long_texts([16, 32], [16, 16, 16], 16, Settings())
        assert cut.level == "warning" and "Long texts" not in cut.detail
        assert whole.detail == "They are read in pieces, so nothing is lost."
