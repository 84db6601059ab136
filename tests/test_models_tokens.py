"""How long texts are, measured before anything is loaded."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from core.models.checkpoints import describe
from core.models.tokens import LONGEST_TEXT_READ, SEPARATORS, sample_lengths
from core.models.types import Checkpoint


def test_tokens_are_those_of_the_checkpoint(tiny_bert: Path) -> None:
    table = pa.table({"text": ["warm bread", ""], "other": ["the soup", "x"]})
    assert sample_lengths(describe(str(tiny_bert)), table.select(["text"]), ["text"]) == [2 + SEPARATORS, SEPARATORS]
    assert sample_lengths(describe(str(tiny_bert)), table, ["text", "other"])[0] == 4 + SEPARATORS + 1


def test_very_long_texts_are_measured_in_part_and_counted_whole(tiny_bert: Path) -> None:
    text = "warm bread " * LONGEST_TEXT_READ
    (length,) = sample_lengths(describe(str(tiny_bert)), pa.table({"text": [text]}), ["text"])
    assert length == pytest.approx(2 * LONGEST_TEXT_READ, rel=0.01)


def test_without_a_tokenizer_words_tell() -> None:
    unknown = Checkpoint("somebody/model", "model", "", None)
    assert sample_lengths(unknown, pa.table({"text": ["one two three four five"]}), ["text"]) == [7 + SEPARATORS]
