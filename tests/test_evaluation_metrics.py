"""One declaration serves the training and ``evaluate``; the numbers are scikit-learn's."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

from core.errors import StudioError
from core.evaluation import metrics

TRUTH = np.array([0, 0, 1, 1, 2, 2, 2, 0])
GIVEN = np.array([0, 1, 1, 1, 2, 0, 2, 0])
CHANCES = np.random.default_rng(0).dirichlet([1, 1, 1], 8)


def answers(name: str) -> np.ndarray:
    return CHANCES if metrics.METRICS[name].needs == "probabilities" else GIVEN


def test_the_numbers_are_those_of_scikit_learn() -> None:
    found = metrics.compute(metrics.METRICS, GIVEN, TRUTH, CHANCES)
    assert found["accuracy"] == sklearn_metrics.accuracy_score(TRUTH, GIVEN)
    for average in ("macro", "weighted"):
        assert found[f"f1_{average}"] == sklearn_metrics.f1_score(TRUTH, GIVEN, average=average)
    assert found["precision_macro"] == sklearn_metrics.precision_score(TRUTH, GIVEN, average="macro")
    assert found["recall_macro"] == sklearn_metrics.recall_score(TRUTH, GIVEN, average="macro")
    assert found["mcc"] == sklearn_metrics.matthews_corrcoef(TRUTH, GIVEN)
    assert found["roc_auc"] == pytest.approx(sklearn_metrics.roc_auc_score(TRUTH, CHANCES, multi_class="ovr"))
    assert found["average_precision"] == pytest.approx(sklearn_metrics.average_precision_score(TRUTH, CHANCES))


def test_two_classes_are_ranked_like_one_against_the_other() -> None:
    truth, chances = TRUTH > 1, CHANCES[:, :2] / CHANCES[:, :2].sum(1, keepdims=True)
    found = metrics.compute(["roc_auc", "average_precision"], truth, truth, chances)
    assert found["roc_auc"] == pytest.approx(sklearn_metrics.roc_auc_score(truth, chances[:, 1]))
    both = [sklearn_metrics.average_precision_score(truth == side, chances[:, side]) for side in (0, 1)]
    assert found["average_precision"] == pytest.approx(np.mean(both))


def test_a_class_that_the_truth_lacks_takes_no_part_and_is_no_warning(recwarn: pytest.WarningsRecorder) -> None:
    rows = TRUTH < 2
    found = metrics.compute(["roc_auc", "average_precision", "mcc"], GIVEN[rows], TRUTH[rows], CHANCES[rows])
    each = [sklearn_metrics.roc_auc_score(TRUTH[rows] == number, CHANCES[rows][:, number]) for number in (0, 1)]
    assert found["roc_auc"] == pytest.approx(np.mean(each))
    alone = metrics.compute(metrics.METRICS, GIVEN[:2], TRUTH[:2], CHANCES[:2])
    assert "roc_auc" not in alone and alone["mcc"] == 0
    assert not recwarn.list


def test_probabilities_that_are_needed_are_asked_for() -> None:
    with pytest.raises(ValueError, match="roc_auc is computed from probabilities"):
        metrics.compute(["roc_auc"], GIVEN, TRUTH)


def test_every_metric_has_one_plain_sentence() -> None:
    for metric in metrics.METRICS.values():
        assert metric.words.help.endswith(".") and metric.words.help.count(".") == 1


def test_a_class_that_is_never_answered_is_no_warning(recwarn: pytest.WarningsRecorder) -> None:
    assert metrics.compute(["precision_macro"], np.zeros(4, int), np.array([0, 0, 1, 1])) == {"precision_macro": 0.25}
    assert not recwarn.list


def test_the_training_does_not_pay_for_evaluate() -> None:
    code = (
        "import sys; from core.evaluation import metrics; metrics.compute(['f1_macro'], [0, 1], [0, 1]);"
        "assert not {'evaluate', 'torch', 'transformers'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


class TestInTheFormOfEvaluate:
    @pytest.mark.parametrize("name", list(metrics.METRICS))
    def test_each_gives_the_same_number(self, name: str) -> None:
        loaded = metrics.load(name)
        assert loaded.name == name and loaded.description
        plain = metrics.compute([name], GIVEN, TRUTH, CHANCES)
        given = answers(name)
        assert loaded.compute(predictions=given, references=TRUTH) == pytest.approx(plain)
        loaded.add_batch(predictions=given[:5], references=TRUTH[:5])
        loaded.add_batch(predictions=given[5:], references=TRUTH[5:])
        assert loaded.compute() == pytest.approx(plain)

    def test_they_can_be_combined(self) -> None:
        import evaluate

        both = evaluate.combine([metrics.load("accuracy"), metrics.load("f1_macro")])
        expected = metrics.compute(["accuracy", "f1_macro"], GIVEN, TRUTH)
        assert both.compute(predictions=GIVEN, references=TRUTH) == pytest.approx(expected)

    def test_probabilities_are_refused_instead_of_cut_to_zero(self) -> None:
        with pytest.raises(StudioError, match="class numbers"):
            metrics.load("accuracy").compute(predictions=[0.2, 0.9], references=[0, 1])

    def test_class_numbers_are_refused_where_probabilities_are_needed(self) -> None:
        with pytest.raises(StudioError, match="probability of every class"):
            metrics.load("roc_auc").compute(predictions=GIVEN, references=TRUTH)

    def test_no_answers_are_refused_in_words(self) -> None:
        with pytest.raises(StudioError, match="at least one"):
            metrics.load("accuracy").compute(predictions=[], references=[])

    def test_a_metric_that_cannot_be_fetched_says_what_to_do(self) -> None:
        with pytest.raises(StudioError, match=r"rouge.*need no network: accuracy"):
            metrics.load("rouge")

    def test_a_strangers_program_is_not_run_unasked(self) -> None:
        with pytest.raises(StudioError, match="program of somebody else"):
            metrics.load("somebody/metric")
