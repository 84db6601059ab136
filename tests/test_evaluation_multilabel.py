"""Scores of label sets are scikit-learn's; thresholds are the best there are; intervals agree with drawing rows."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

from core.errors import TrainingError
from core.evaluation import multilabel, resampling

LABELS = ("a", "b", "c", "d", "e", "f")


def rows(count: int, labels: int = 6, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """(probabilities, references): labels of unequal rarity, answers that are often right."""
    random = np.random.default_rng(seed)
    truth = random.random((count, labels)) < np.linspace(0.05, 0.5, labels)
    return 1 / (1 + np.exp(-random.normal(np.where(truth, 1.0, -1.5), 1))), truth.astype(int)


def test_the_numbers_are_those_of_scikit_learn() -> None:
    chances, truth = rows(200)
    thresholds = np.linspace(0.3, 0.6, 6)
    given = multilabel.decide(chances, thresholds)
    found = multilabel.live_metrics(chances, truth, thresholds)
    assert set(found) == {word.name for word in multilabel.WORDS}
    for average in ("micro", "macro"):
        assert found[f"f1_{average}"] == pytest.approx(sklearn_metrics.f1_score(truth, given, average=average))
    assert found["f1_samples"] == pytest.approx(
        sklearn_metrics.f1_score(truth, given, average="samples", zero_division=1)
    )
    assert found["precision_micro"] == pytest.approx(sklearn_metrics.precision_score(truth, given, average="micro"))
    assert found["recall_micro"] == pytest.approx(sklearn_metrics.recall_score(truth, given, average="micro"))
    assert found["hamming"] == pytest.approx(sklearn_metrics.hamming_loss(truth, given))
    assert found["subset_accuracy"] == pytest.approx(sklearn_metrics.accuracy_score(truth, given))
    for name, average in (("average_precision", "macro"), ("average_precision_micro", "micro")):
        expected = sklearn_metrics.average_precision_score(truth, chances, average=average)
        assert found[name] == pytest.approx(expected)


def test_what_does_not_occur_takes_no_part_and_is_no_warning(recwarn: pytest.WarningsRecorder) -> None:
    truth, chances = np.array([[1, 0, 0], [0, 0, 0]]), np.array([[0.9, 0.1, 0.2], [0.2, 0.3, 0.1]])
    found = multilabel.judge(chances, truth, ["a", "b", "c"])
    assert found["f1_macro"] == found["average_precision"] == found["f1_samples"] == found["subset_accuracy"] == 1
    assert found["per_class"]["b"]["average_precision"] is None
    nothing = multilabel.judge(chances, np.zeros_like(truth), ["a", "b", "c"])
    assert nothing["f1_micro"] == 0 and "average_precision" not in nothing
    assert multilabel.live_metrics(np.zeros((0, 3)), np.zeros((0, 3)))["subset_accuracy"] == 0
    json.dumps([found, nothing], allow_nan=False)
    assert not recwarn.list


def test_each_label_has_its_own_line() -> None:
    chances, truth = rows(100)
    thresholds = [0.5, 0.4, 0.5, 0.6, 0.5, 0.3]
    found = multilabel.judge(chances, truth, LABELS, thresholds)
    given = multilabel.decide(chances, thresholds)
    columns = sklearn_metrics.precision_recall_fscore_support(truth, given, zero_division=0)
    for place, label in enumerate(LABELS):
        line = found["per_class"][label]
        assert [line[name] for name in ("precision", "recall", "f1", "support")] == pytest.approx(
            [column[place] for column in columns]
        )
        assert line["threshold"] == thresholds[place]
    assert found["rows"] == 100 and found["answered"] == 6


class TestThresholds:
    def test_none_is_better_by_more_than_chance_makes_of_it(self) -> None:
        chances, truth = rows(150)
        found = multilabel.tune_thresholds(chances, truth)
        for label in range(6):
            tried = [*chances[:, label], 0.0, 1.0]
            best = max(sklearn_metrics.f1_score(truth[:, label], chances[:, label] >= one) for one in tried)
            given = chances[:, label] >= found[label]
            error = (best * (1 - best) / truth[:, label].sum()) ** 0.5
            assert sklearn_metrics.f1_score(truth[:, label], given) >= best - error - 1e-9

    def test_one_label_alone_gets_the_best_there_is(self) -> None:
        chances, truth = (values[:, 5:] for values in rows(150))
        (found,) = multilabel.tune_thresholds(chances, truth)
        best = max(sklearn_metrics.f1_score(truth, chances >= one) for one in [*chances[:, 0], 0.0])
        assert sklearn_metrics.f1_score(truth, chances >= found) == pytest.approx(best)

    def test_a_label_of_another_scale_leaves_the_common_one(self) -> None:
        chances, truth = rows(400)
        chances[:, 4] /= 10
        found = multilabel.tune_thresholds(chances, truth)
        assert found[4] < 0.1 and min(found[:4]) > 0.2
        given = multilabel.decide(chances, found)
        assert sklearn_metrics.f1_score(truth[:, 4], given[:, 4]) > 0.7

    def test_they_lie_midway(self) -> None:
        chances = np.array([[0.9], [0.8], [0.7], [0.65], [0.6], [0.2], [0.1]])
        assert multilabel.tune_thresholds(chances, [[1], [1], [1], [1], [1], [0], [0]]) == [pytest.approx(0.4)]

    def test_of_equally_good_ones_the_nearest_to_a_half_is_taken(self) -> None:
        # 2 x 6 / (6 + 12) with the first six, and 2 x 12 / (24 + 12) with 24: both two thirds
        truth = np.array([[1]] * 6 + [[0]] * 6 + [[1]] * 6 + [[0]] * 12)
        values = [0.95] * 6 + [0.8] * 6 + [0.4] * 12 + [0.05] * 6
        assert multilabel.tune_thresholds(np.array(values)[:, None], truth) == [pytest.approx(0.225)]

    def test_rare_labels_keep_the_common_one(self) -> None:
        chances, truth = rows(400)
        chances[:, 4] /= 10
        truth[:, 4] = 0
        truth[:4, 4] = 1
        flat = multilabel.tune_thresholds(chances.reshape(-1, 1), truth.reshape(-1, 1))
        assert multilabel.tune_thresholds(chances, truth)[4] == flat[0]

    def test_with_next_to_nothing_true_it_is_a_half(self) -> None:
        chances, truth = rows(20)
        assert multilabel.tune_thresholds(chances, np.zeros_like(truth)) == [0.5] * 6

    def test_what_they_gain_holds_on_other_rows(self) -> None:
        tuned, half = [], []
        for seed in range(10):
            chances, truth = rows(300, seed=seed)
            chances = chances**2  # too timid, as models of rare labels are
            found = multilabel.tune_thresholds(chances[:150], truth[:150])
            tuned.append(multilabel.live_metrics(chances[150:], truth[150:], found)["f1_micro"])
            half.append(multilabel.live_metrics(chances[150:], truth[150:])["f1_micro"])
        assert np.mean(tuned) > np.mean(half) + 0.02


class TestIntervals:
    def test_they_agree_with_drawing_rows(self) -> None:
        chances, truth = rows(300)
        given = multilabel.decide(chances)
        random = np.random.default_rng(1)
        drawn = [random.integers(0, 300, 300) for _ in range(800)]
        found = multilabel.judge(chances, truth, LABELS)["intervals"]
        for average in ("micro", "macro"):
            scores = [sklearn_metrics.f1_score(truth[one], given[one], average=average) for one in drawn]
            assert found[f"f1_{average}"] == pytest.approx(np.quantile(scores, [0.025, 0.975]), abs=0.01)

    def test_all_right_and_all_wrong_are_not_certain(self) -> None:
        truth = np.eye(3)[[0, 1, 2, 0, 1, 2, 0, 1]]
        right, wrong = (multilabel.judge(given, truth, LABELS[:3])["intervals"] for given in (truth, 1 - truth))
        assert right["f1_micro"] == right["f1_macro"] == pytest.approx([0.6756, 1], abs=1e-3)
        assert wrong["f1_micro"] == pytest.approx([0, 0.3244], abs=1e-3)

    def test_many_labels_and_rows_stay_quick(self) -> None:
        chances, truth = rows(10_000, 300)
        found = multilabel.judge(chances, truth, [str(number) for number in range(300)])["intervals"]
        assert found["f1_macro"][0] < found["f1_macro"][1]


def test_another_answerer_is_compared_row_by_row() -> None:
    chances, truth = rows(200)
    given, guessed = multilabel.decide(chances), np.zeros_like(truth)
    guessed[:, 5] = 1
    found = multilabel.paired(given, guessed, truth)
    assert found["clearly"] == "better"
    micro = [sklearn_metrics.f1_score(truth, one, average="micro") for one in (given, guessed)]
    assert found["difference"] == pytest.approx(micro[0] - micro[1])
    assert multilabel.paired(given, given, truth)["clearly"] == ""
    assert set(found) == set(resampling.paired(np.zeros((0, 1)), np.zeros((0, 1)), resampling.mean))


def test_a_ruined_model_is_named_as_such() -> None:
    ruined = np.full((4, 2), np.nan)
    with pytest.raises(TrainingError, match="not a number"):
        multilabel.judge(ruined, np.ones((4, 2)), ["a", "b"])
    assert multilabel.live_metrics(ruined, np.ones((4, 2)))["f1_micro"] == 0
