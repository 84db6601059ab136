"""Texts in pieces: nothing is lost, nothing is guessed twice, and what is judged is bounded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from core.data.types import Target
from core.models import blocks, framed_texts, tokenizers
from core.schema import Settings
from core.tasks.base import Context

MARK = 0


def guessed(pieces: dict[str, list[Any]]) -> list[list[int]]:
    """The tokens of each row that are guessed: all of a piece but its first."""
    rows: list[list[int]] = [[] for _ in range(max(pieces["row"]) + 1)]
    for row, labels in zip(pieces["row"], pieces["labels"], strict=True):
        rows[row] += labels[1:]
    return rows


class TestWindows:
    @pytest.mark.parametrize("length", [2, 3, 5, 100])
    def test_each_token_is_guessed_once(self, length: int) -> None:
        rows = [[1], [2, 3], list(range(4, 17)), [18] * 9]
        pieces = blocks.windows(rows, MARK, length, ended=False)
        assert guessed(pieces) == rows
        assert all(2 <= len(ids) <= length for ids in pieces["input_ids"])

    def test_an_end_is_learned_too(self) -> None:
        assert guessed(blocks.windows([[1, 2, 3]], MARK, 3, ended=True)) == [[1, 2, 3, MARK]]

    def test_a_very_long_text_is_read_from_its_beginning(self) -> None:
        pieces = blocks.windows([list(range(1, 100))], MARK, 5, ended=False, most=2)
        assert guessed(pieces) == [list(range(1, 9))]

    def test_a_vocabulary_without_marks_has_no_guess_for_the_first_token(self) -> None:
        assert guessed(blocks.windows([[1, 2, 3]], None, 10, ended=True)) == [[2, 3]]

    def test_an_empty_text_makes_no_piece(self) -> None:
        assert blocks.windows([[], [1]], MARK, 4, ended=False)["row"] == [1]

    @pytest.mark.parametrize("length", [8, 9, 10])
    def test_their_lengths_are_known_before(self, length: int) -> None:
        rows = [[1] * size for size in (1, 7, 8, 9, 20, 41)]
        pieces = blocks.windows(rows, MARK, length, ended=False)
        foretold = blocks.window_lengths([len(row) + 1 for row in rows], length)
        assert [len(ids) for ids in pieces["input_ids"]] == foretold


class TestJoined:
    def test_all_texts_stand_in_a_row_with_a_mark_between(self) -> None:
        pieces = blocks.joined([[1, 2], [3], [4, 5, 6]], MARK, 4)
        assert pieces["input_ids"] == [[MARK, 1, 2, MARK], [3, MARK, 4, 5], [6, MARK]]
        assert pieces["row"] == [0, 1, 2]
        assert pieces["labels"] == pieces["input_ids"]

    def test_a_last_piece_with_nothing_to_guess_is_left_out(self) -> None:
        assert blocks.joined([[1, 2, 3]], MARK, 4)["input_ids"] == [[MARK, 1, 2, 3]]

    def test_their_lengths_are_known_before(self) -> None:
        assert blocks.joined_lengths([3, 4, 5], 5) == [5, 5, 2]


class TestFramed:
    """``tiny_bert`` puts [CLS] and [SEP] around a text."""

    def pieces(self, folder: Path, texts: list[str], length: int = 8, **options: Any) -> dict[str, list[Any]]:
        tokenizer = tokenizers.load_tokenizer(folder)
        return framed_texts.encode(texts, tokenizer, length, judged=False, **options)

    def test_long_texts_are_cut_evenly_and_nothing_is_lost(self, tiny_bert: Path) -> None:
        text = "the film was a quiet delight from start to end"
        whole = self.pieces(tiny_bert, [text], 64)["input_ids"][0][1:-1]
        pieces = self.pieces(tiny_bert, ["soup", text], 8)
        of_text = [ids for row, ids in zip(pieces["row"], pieces["input_ids"], strict=True) if row == 1]
        assert [token for ids in of_text for token in ids[1:-1]] == whole
        assert max(map(len, of_text)) <= 8 and max(map(len, of_text)) - min(map(len, of_text)) <= 1
        assert {(ids[0], ids[-1]) for ids in pieces["input_ids"]} == {(of_text[0][0], of_text[0][-1])}

    def test_short_texts_share_a_piece(self, tiny_bert: Path) -> None:
        tokenizer = tokenizers.load_tokenizer(tiny_bert)
        pieces = self.pieces(tiny_bert, ["the film", "the soup", "the waiter"], 8, group=True)
        assert tokenizer.decode(pieces["input_ids"][0]) == "[CLS] the film [SEP] the soup [SEP] [SEP]"
        assert all(len(ids) <= 8 for ids in pieces["input_ids"])
        assert set(map(tuple, pieces["token_type_ids"])) <= {(0,) * size for size in range(9)}

    def test_words_of_texts_in_one_piece_are_told_apart(self, tiny_bert: Path) -> None:
        pieces = self.pieces(tiny_bert, ["the film", "the soup"], 16, group=True, with_words=True)
        numbers = [word for word in pieces["words"][0] if word >= 0]
        assert len(numbers) == len(set(numbers)) == 4
        assert len(pieces["words"][0]) == len(pieces["input_ids"][0])

    def test_an_empty_text_makes_no_piece(self, tiny_bert: Path) -> None:
        assert self.pieces(tiny_bert, ["", "soup"])["row"] == [1]

    def test_their_lengths_are_known_before(self) -> None:
        assert framed_texts.lengths_of_pieces([4, 8, 9, 20], 8, group=False) == [4, 8, 6, 6, 8, 8, 8]
        assert framed_texts.lengths_of_pieces([4, 4, 4], 8, group=True) == [8, 5]


class TestJudgedRows:
    def context(self, folder: Path) -> Context:
        return Context(tokenizers.load_tokenizer(folder), Target(), 32, Settings())

    def table(self, rows: int, text: str) -> pa.Table:
        texts = [f"{text} {number}" for number in range(rows)]
        return pa.table({"text": pa.array(texts, pa.large_string()), "row": list(range(1, rows + 1))})

    def test_few_texts_are_all_judged(self, tiny_bert: Path) -> None:
        table = self.table(50, "the soup")
        assert blocks.judged_rows(table, self.context(tiny_bert)) is table
        assert blocks.rows_before(table) == 50

    def test_of_many_some_are_and_they_are_spread_over_all(self, tiny_bert: Path) -> None:
        table = self.table(20_000, "the film was a quiet delight from start to end")
        chosen = blocks.judged_rows(table, self.context(tiny_bert))
        assert blocks.rows_before(chosen) == 20_000
        tokens = sum(map(len, blocks.token_ids(self.context(tiny_bert).tokenizer, chosen["text"].to_pylist())))
        assert 0.8 * blocks.TOKENS_JUDGED < tokens < 1.2 * blocks.TOKENS_JUDGED
        rows = chosen["row"].to_pylist()
        assert rows[0] == 1 and rows[-1] == 20_000 and rows == sorted(set(rows))

    @pytest.mark.parametrize("rows", [9, 200])
    def test_of_a_few_very_long_ones_the_beginnings_are(self, tiny_bert: Path, rows: int) -> None:
        context = self.context(tiny_bert)
        table = self.table(rows, "the film was a quiet delight from start to end " * 700)
        chosen = blocks.judged_rows(table, context)
        assert chosen.num_rows == min(rows, 30) and blocks.rows_before(chosen) == rows
        assert table["text"][0].as_py().startswith(chosen["text"][0].as_py())
        ids = blocks.token_ids(context.tokenizer, chosen["text"].to_pylist())
        pieces = blocks.windows(ids, MARK, context.max_length, ended=False, most=blocks.PIECES_JUDGED)
        tokens = sum(map(len, guessed(pieces)))
        assert tokens <= 1.2 * blocks.TOKENS_JUDGED
        # No more than is needed is left out.
        assert tokens > 0.8 * min(blocks.TOKENS_JUDGED, chosen.num_rows * blocks.PIECES_JUDGED * context.max_length)

    def test_nothing_stays_nothing(self, tiny_bert: Path) -> None:
        assert blocks.judged_rows(self.table(0, ""), self.context(tiny_bert)).num_rows == 0
