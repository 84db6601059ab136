"""What is said of a model that guesses tokens: true when it is good, bad, blind, or hardly judged."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from core.evaluation import language_model_report as reporting
from core.models.causal import TokenScores

VOCABULARY = 100
ROWS, TOKENS = 40, 20


def scores(loss: float, rows: int = ROWS, right: int = 10) -> list[list[TokenScores]]:
    """Rows of two pieces whose tokens cost about ``loss`` each."""
    wanted = np.arange(TOKENS // 2, dtype=np.int32)
    spread = [loss + 0.01 * (row % 5) for row in range(rows)]
    return [
        [
            TokenScores(
                one * TOKENS / 2,
                TOKENS // 2,
                right // 2,
                TOKENS // 2,
                wanted,
                wanted,
                np.full(TOKENS // 2, one),
                wanted,
            )
            for _ in range(2)
        ]
        for one in spread
    ]


def report(
    loss: float, before: float | None = None, rows: int = ROWS, counts: Any = None, **test: Any
) -> dict[str, Any]:
    found = scores(loss, rows)
    former = None if before is None else reporting.judge(scores(before, rows), VOCABULARY, rows)
    counts = np.ones(VOCABULARY) if counts is None else counts
    return {
        "metrics": {"test": reporting.judge(found, VOCABULARY, rows) | test},
        "baselines": reporting.baselines(counts, found, former, VOCABULARY),
    }


class TestJudging:
    def test_pieces_of_a_row_are_added_up(self) -> None:
        found = reporting.judge(scores(2.0), VOCABULARY, ROWS)
        assert (found["rows"], found["tokens"]) == (ROWS, ROWS * TOKENS)
        assert found["loss"] == pytest.approx(2.02) and found["perplexity"] == pytest.approx(math.exp(2.02))
        assert found["token_accuracy"] == 0.5 and found["top5"] == 1.0
        assert "of_rows" not in found

    def test_it_is_noted_when_only_some_rows_were_judged(self) -> None:
        assert reporting.judge(scores(2.0), VOCABULARY, 900)["of_rows"] == 900

    def test_counting_guesses_by_frequency_alone(self) -> None:
        counts = np.array([6, 2, 0, 0])
        row = [TokenScores(0.0, 3, 0, 0, np.zeros(3), np.array([0, 1, 3]), np.zeros(3), np.arange(3))]
        found = reporting.unigram(counts, [row, []])
        assert found["nll"].tolist() == pytest.approx([-math.log(7 / 12 * 3 / 12 * 1 / 12), 0])
        assert found["tokens"].tolist() == [3, 0]
        assert found["top1"].tolist() == [1, 0]

    def test_a_judgement_of_other_tokens_is_not_compared(self) -> None:
        before = reporting.judge(scores(3.0, rows=7), VOCABULARY, 7)
        assert set(reporting.baselines(np.ones(VOCABULARY), scores(2.0), before, VOCABULARY)) == {"unigram"}

    def test_mistakes_are_the_most_surprising_texts(self) -> None:
        few = [TokenScores(99.0, 1, 0, 0, np.zeros(1), np.zeros(1), np.full(1, 99.0), np.zeros(1))]
        rows = [*scores(1.0, 2), few, *scores(5.0, 1)]
        table = pa.table({"text": ["one", "two", "three", "x" * 2000], "row": [3, 4, 5, 9]})
        worst, *others = reporting.mistakes(rows, table)
        assert (worst["row"], len(worst["text"]), worst["tokens"]) == (9, 1000, TOKENS)
        assert worst["perplexity"] == pytest.approx(math.exp(5.0))
        assert [record["row"] for record in others] == [4, 3]


class TestVerdict:
    def words(self, **kind: Any) -> str:
        return reporting.verdict(report(**kind), "next")

    def test_clearly_better(self) -> None:
        words = self.words(loss=2.0, before=3.0)
        assert words.startswith(
            "It is clearly less surprised by your texts than before training: perplexity 20.5 → 7.5."
        )
        assert "it named 50 % of 800 next words or parts of words right" in words
        assert "clearly better than mere counting" in words
        assert "So few" not in words

    def test_clearly_worse(self) -> None:
        assert "clearly surprise it more than before training" in self.words(loss=3.0, before=2.0)

    def test_no_change(self) -> None:
        assert "made no clear difference" in self.words(loss=2.0, before=2.0)

    def test_blind_before(self) -> None:
        assert "guessed blindly" in self.words(loss=2.0, before=4.7)
        assert "hardly better now" in self.words(loss=4.6, before=4.6)

    def test_worse_than_counting(self) -> None:
        counts = np.zeros(VOCABULARY)
        counts[: TOKENS // 2] = 1e6
        assert "worse than mere counting" in self.words(loss=4.0, before=4.2, counts=counts)

    def test_few_texts_and_chosen_ones(self) -> None:
        assert "So few texts (12) cannot tell how good it really is." in self.words(loss=2.0, before=3.0, rows=12)
        assert "Of 900 texts kept aside, 40" in self.words(loss=2.0, before=3.0, of_rows=900)

    def test_without_a_judgement_before(self) -> None:
        assert self.words(loss=2.0).startswith("Its perplexity on your texts is 7.5")

    def test_without_rows_or_without_a_test_part(self) -> None:
        assert "nothing can be said" in reporting.verdict({}, "hidden")
        only = {"metrics": {"validation": reporting.judge(scores(2.0), VOCABULARY, ROWS)}}
        assert "Nothing was kept aside" in reporting.verdict(only, "hidden")

    def test_huge_perplexity_stays_readable(self) -> None:
        assert "over a million" in self.words(loss=800.0, before=900.0)


def test_blocks() -> None:
    from core.evaluation.language_model import WORDS

    found = report(loss=2.0, before=3.0)
    sample = {"question": "Fog", "answer": "again", "reference": "since dawn", "row": 4}
    found["metrics"]["test"]["samples"] = [sample]
    found["baselines"]["before"]["samples"] = [{**sample, "answer": "Fog"}]
    found["mistakes"] = [{"text": "odd", "perplexity": 9.0, "tokens": 7, "row": 2}]
    table, texts, odd = reporting.blocks(found, WORDS)
    assert [column["label"] for column in table.content["columns"]] == [
        "This model",
        "Before training",
        "Counting words",
    ]
    assert texts.content["rows"] == [["Fog", "Fog", "again", "since dawn"]]
    assert odd.content["rows"] == [["odd", 9.0, 7, 2]]
    assert reporting.blocks({}, WORDS) == []
