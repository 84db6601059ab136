"""Exact match and F1 of answers, against numbers that the official scripts gave for the same answers."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from core.evaluation import squad
from core.evaluation.squad_baselines import first_words, squad_baselines

SOME_WITHOUT_ANSWER = [
    # answer, right answers, exact match and F1 by evaluate-v2.0.py
    ("", ["a.  theatre  the  an-other  mat."], 0, 0),
    ("", ["naïve"], 0, 0),
    ("sat;  naïve", ["sat;  naïve"], 1, 1),
    ("a don't", ["on naïve U.S. the “quoted”"], 0, 0),
    ("don't  sat;  中文  中文  sat;", ["don't a U.S. “quoted”"], 0, 0.25),
    ("", [], 1, 1),
    ("naïve  $5", [""], 0, 0),
    ("the", [], 1, 1),
    ("theatre ...", [], 0, 0),
    ("The  café", ["café,"], 1, 1),
    ("The 中文 don't on cat,", ["...", "an-other  a."], 0, 0),
    ("...", ["The"], 1, 1),
    ("an-other 中文 don't 中文", ["U.S. cat, an-other"], 0, 0.285714),
    ("$5  The  U.S.  “quoted”  -", [""], 0, 0),
    ("- 1,000 don't", ["U.S.  don't"], 0, 0.5),
    ("1,000  a.", ["theatre  a.", "1000"], 1, 1),
    ("cat,  theatre  sat;  on", ["sat;  an-other", "on"], 0, 0.4),
    ("sat;", ["the  on  sat;  $5  an-other"], 0, 0.4),
    ("sat;", [], 0, 0),
]
ALL_ANSWERED = [
    # the same by evaluate-v1.1.py
    ("the", ["The"], 1, 0),
    ("", ["naïve"], 0, 0),
    ("cat, theatre  sat", ["Sat; an-other", "the cat"], 0, 0.5),
    ("Saint Bernadette", ["Saint Bernadette Soubirous", "Bernadette"], 0, 0.8),
    ("1,000 U.S.", ["1000 us"], 1, 1),
]


@pytest.mark.parametrize("cases", [SOME_WITHOUT_ANSWER, ALL_ANSWERED], ids=["v2.0", "v1.1"])
def test_rows_are_scored_as_by_the_official_scripts(cases: list[tuple[str, list[str], int, float]]) -> None:
    answers, golds, exact, f1 = zip(*cases, strict=True)
    found = squad.row_scores(answers, golds)
    assert found["exact_match"].tolist() == list(exact)
    assert found["f1"] == pytest.approx(f1, abs=1e-6)
    live = squad.live_metrics(answers, golds)
    assert (live["exact_match"], live["f1"]) == pytest.approx((np.mean(exact), np.mean(f1)), abs=1e-6)


def test_questions_with_and_without_an_answer_are_told_apart() -> None:
    answers, golds, exact, f1 = zip(*SOME_WITHOUT_ANSWER, strict=True)
    found = squad.judge(answers, golds)
    silent = np.array([not texts for texts in golds])
    assert found["unanswerable"] == silent.sum() == 4
    assert found["no_answer_accuracy"] == 0.5
    assert found["has_answer_f1"] == pytest.approx(np.array(f1)[~silent].mean(), abs=1e-6)
    assert found["has_answer_exact_match"] == pytest.approx(np.array(exact)[~silent].mean())
    names = {word.name for word in (*squad.WORDS, *squad.NO_ANSWER_WORDS)}
    assert set(found) == names | {"rows", "unanswerable", "intervals"}
    json.dumps(found, allow_nan=False)
    assert set(squad.live_metrics([""], [[]])) == {"f1", "exact_match", "no_answer_accuracy"}
    assert squad.judge([], []) == {"rows": 0, "unanswerable": 0, "intervals": {}}


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("The  Cat's\tan-Apple, a THE.", "cats anapple"),
        ("“Quoted”", "“quoted”"),
        ("an a the", ""),
        ("Theatre Anna\u00a0A", "theatre anna"),
        ("ÉCOLE", "école"),
    ],
)
def test_answers_are_normalized(text: str, normal: str) -> None:
    assert squad.normalize_answer(text) == normal


def test_the_best_of_several_right_answers_counts() -> None:
    assert squad.live_metrics(["blue whale"], [["whale", "a Blue Whale!"]]) == {"exact_match": 1, "f1": 1}


class TestIntervals:
    def test_they_hold_the_score(self) -> None:
        answers = ["one two"] * 30
        golds = [["one two"]] * 12 + [["one"]] * 10 + [["three"]] * 8
        found = squad.judge(answers, golds)
        for name in ("f1", "exact_match"):
            low, high = found["intervals"][name]
            assert 0 < low < found[name] < high < 1

    def test_all_right_and_all_wrong_are_not_certain(self) -> None:
        assert squad.judge(["x"] * 12, [["x"]] * 12)["intervals"]["f1"] == pytest.approx([0.7575, 1], abs=1e-3)
        assert squad.judge(["x"] * 12, [["y"]] * 12)["intervals"]["f1"] == pytest.approx([0, 0.2425], abs=1e-3)
        low, high = squad.judge(["x y"], [["x"]])["intervals"]["f1"]
        assert low == high == pytest.approx(2 / 3)

    def test_another_answerer_is_compared_row_by_row(self) -> None:
        golds = [["one two"]] * 40
        better, worse = ["one two"] * 30 + ["no"] * 10, ["one"] * 25 + ["no"] * 15
        assert squad.paired(better, worse, golds)["clearly"] == "better"
        assert squad.paired(better, better, golds)["clearly"] == ""


class TestBestThreshold:
    def test_it_is_the_last_chance_worth_an_answer(self) -> None:
        golds = [["x"], ["x"], [], []]
        assert squad.best_threshold(["x", "x", "x", "x"], [0.1, 0.2, 0.6, 0.9], golds) == (0.2, 1.0)
        assert squad.best_threshold(["x", "x", "x", "x"], [0.1, 0.6, 0.2, 0.9], golds) == (0.1, 0.75)

    def test_rows_of_equal_chance_go_together(self) -> None:
        assert squad.best_threshold(["x", "x", "x"], [0.5, 0.5, 0.7], [["x"], [], ["x"]]) == (0.7, pytest.approx(2 / 3))

    def test_where_silence_is_best_nothing_is_answered(self) -> None:
        threshold, f1 = squad.best_threshold(["x", "x"], [0.0, 0.5], [[], ["y"]])
        assert threshold < 0 and f1 == 0.5
        assert squad.best_threshold([], [], []) == (0, 0)


def test_simple_ways_read_the_training_examples_once_and_use_their_usual_length() -> None:
    reads: list[str] = []

    class Counted(dict[str, Any]):
        def __getitem__(self, name: str) -> Any:
            reads.append(name)
            return super().__getitem__(name)

    train = Counted({"answers": pa.array([["two words"], [], ["one two three four"]])})
    rows = [
        {"question": "Who sings?", "context": f"In {n} it rained. Ada sings well.", "answers": ["Ada"]}
        for n in range(9)
    ]
    found = squad_baselines(train, pa.Table.from_pylist(rows), ["Ada"] * 9, with_silence=True)
    assert reads == ["answers"]
    assert list(found) == ["first_words", "nearest_sentence", "no_answer"]
    assert found["nearest_sentence"]["f1"] == pytest.approx(0.5) and found["first_words"]["f1"] == 0
    assert first_words("  In 5 it  rained.", 3) == "In 5 it"
