"""Entities and their scores are those of seqeval, also where tags are not as they should be."""

from __future__ import annotations

import json
import random
import warnings
from itertools import chain
from typing import Any

import numpy as np
import pytest
from seqeval import metrics as seqeval
from seqeval.metrics.sequence_labeling import get_entities

from core.evaluation import entities

IOB = ["O", "O", "O", "B-PER", "I-PER", "B-LOC", "I-LOC", "I-ORG"]
BIOES = [*IOB, "E-PER", "S-PER", "E-LOC", "S-LOC"]
BARE = ["O", "O", "B", "I"]


def sentences(tags: list[str], count: int, seed: int) -> list[list[str]]:
    chance = random.Random(seed)
    return [[chance.choice(tags) for _ in range(chance.randint(1, 15))] for _ in range(count)]


def muddled(rows: list[list[str]], tags: list[str], seed: int) -> list[list[str]]:
    """The same with every third tag replaced by any."""
    chance = random.Random(seed)
    return [[chance.choice(tags) if chance.random() < 0.33 else tag for tag in row] for row in rows]


def both(tags: list[str], count: int = 60, seed: int = 0) -> tuple[list[list[str]], list[list[str]]]:
    truth = sentences(tags, count, seed)
    return muddled(truth, tags, seed + 1), truth


@pytest.mark.parametrize("tags", [IOB, BIOES, BARE], ids=["iob", "bioes", "bare"])
@pytest.mark.parametrize("seed", range(20))
def test_entities_are_those_of_seqeval(tags: list[str], seed: int) -> None:
    for row in sentences(tags, 30, seed):
        assert entities.entities(row) == [(kind, start, end + 1) for kind, start, end in get_entities(row)]


@pytest.mark.parametrize("tags", [IOB, BIOES, BARE], ids=["iob", "bioes", "bare"])
@pytest.mark.parametrize("seed", range(5))
def test_scores_are_those_of_seqeval(tags: list[str], seed: int) -> None:
    given, truth = both(tags, seed=seed)
    found = entities.judge(given, truth)
    for average in ("micro", "macro"):
        for name in ("precision", "recall", "f1"):
            expected = getattr(seqeval, f"{name}_score")(truth, given, average=average, zero_division=0)
            assert found[f"{name}_{average}"] == pytest.approx(expected)
    assert found["token_accuracy"] == pytest.approx(seqeval.accuracy_score(truth, given))
    report: dict[str, Any] = seqeval.classification_report(truth, given, output_dict=True, zero_division=0)
    for kind, line in found["per_class"].items():
        assert [line[name] for name in ("precision", "recall", "f1", "support")] == pytest.approx(
            [report[kind][name] for name in ("precision", "recall", "f1-score", "support")]
        )
    assert set(report) - {"micro avg", "macro avg", "weighted avg"} == set(found["per_class"])


def test_a_type_that_was_only_answered_or_only_asked_for_counts() -> None:
    given, truth = [["B-LOC", "O"], ["O", "O"]], [["O", "O"], ["O", "B-PER"]]
    found = entities.live_metrics(given, truth)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert found["f1_macro"] == seqeval.f1_score(truth, given, average="macro") == 0
    assert entities.judge(given, truth)["per_class"]["LOC"]["support"] == 0


def test_without_entities_the_scores_are_nought_and_no_warning(recwarn: pytest.WarningsRecorder) -> None:
    nothing = [["O", "O"], ["O"]]
    found = entities.judge(nothing, nothing, plain=False)
    assert (found["f1_micro"], found["f1_macro"], found["token_accuracy"]) == (0, 0, 1)
    assert found["intervals"]["f1_micro"] is None
    assert entities.judge([], [])["rows"] == 0
    json.dumps(found, allow_nan=False)
    assert not recwarn.list


def test_other_schemes_for_first_and_last_are_read_too() -> None:
    assert entities.entities(["U-PER", "B-LOC", "I-LOC", "L-LOC", "O", "U-PER", "U-PER"]) == [
        ("PER", 0, 1),
        ("LOC", 1, 4),
        ("PER", 5, 6),
        ("PER", 6, 7),
    ]
    assert entities.entities(["B-X-Y", "M-X-Y", "E-X-Y"]) == [("X-Y", 0, 3)]


class TestPlainTags:
    truth = (["NOUN", "VERB", "DET"], ["DET", "NOUN"])
    given = (["NOUN", "NOUN", "DET"], ["DET", "VERB"])

    def test_tags_are_scored_token_by_token(self) -> None:
        from sklearn.metrics import precision_recall_fscore_support

        found = entities.judge(self.given, self.truth)
        assert found["plain"] and found["f1_micro"] == found["token_accuracy"] == pytest.approx(3 / 5)
        expected = precision_recall_fscore_support(
            list(chain(*self.truth)), list(chain(*self.given)), labels=["DET", "NOUN", "VERB"], zero_division=0
        )
        for place, line in enumerate(found["per_class"].values()):
            assert list(line.values()) == pytest.approx([column[place] for column in expected])

    def test_outside_is_no_tag_of_its_own(self) -> None:
        found = entities.judge([["PER", "O", "O"]], [["PER", "O", "LOC"]])
        assert set(found["per_class"]) == {"PER", "LOC"} and found["recall_micro"] == 0.5

    @pytest.mark.parametrize(
        ("tags", "plain"),
        [
            (["O", "B-PER"], False),
            (["O", "I-PER"], False),
            (["B", "I", "O"], False),
            (["NOUN", "O"], True),
            (["S", "B", "V", "NN"], True),
            (["PRP$", "-LRB-", "."], True),
        ],
    )
    def test_they_are_told_by_their_tags(self, tags: list[str], plain: bool) -> None:
        assert entities.is_plain(tags) is plain


class TestCheck:
    @pytest.mark.parametrize(
        "tags",
        [["B-PER", "I-PER", "O", "B-LOC", "B-LOC"], ["S-PER", "B-LOC", "I-LOC", "E-LOC"], ["B", "I", "O"], [], ["O"]],
    )
    def test_sound_tags_pass(self, tags: list[str]) -> None:
        assert entities.check_tags(tags) == []

    def test_each_problem_is_said_with_its_place(self) -> None:
        found = entities.check_tags(["I-PER", "I-PER", "O", "B-LOC", "I-PER", "PERSON", "o"])
        assert [(problem.place, problem.tag) for problem in found] == [
            (0, "I-PER"),
            (4, "I-PER"),
            (5, "PERSON"),
            (6, "o"),
        ]
        assert found[0].words == "`I-PER` goes on with an entity, but no `B-PER` stands before it."
        assert found[2].words == "`PERSON` is neither O nor begins with B- or I-."


class TestIntervals:
    def test_they_agree_with_drawing_sentences(self) -> None:
        given, truth = both(IOB, 150)
        chance = np.random.default_rng(0)
        scores = []
        for _ in range(300):
            rows = chance.integers(0, 150, 150)
            scores.append(seqeval.f1_score([truth[row] for row in rows], [given[row] for row in rows]))
        found = entities.judge(given, truth)["intervals"]
        assert found["f1_micro"] == pytest.approx(np.quantile(scores, [0.025, 0.975]), abs=0.015)
        assert found["token_accuracy"][0] < seqeval.accuracy_score(truth, given) < found["token_accuracy"][1]

    def test_all_right_is_not_certain(self) -> None:
        truth = [["B-PER", "O"]] * 12
        assert entities.judge(truth, truth)["intervals"]["f1_micro"] == pytest.approx([0.7575, 1], abs=1e-3)

    def test_another_answerer_is_compared_by_sentence(self) -> None:
        given, truth = both(IOB)
        worse = muddled(given, IOB, 9)
        assert entities.paired(given, worse, truth)["clearly"] == "better"
        assert entities.paired(given, given, truth)["clearly"] == ""
