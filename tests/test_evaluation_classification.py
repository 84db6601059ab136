"""The judgement of a split, the baselines, the mistakes and the answers."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest
from sklearn import metrics as sklearn_metrics

from core.data.types import Target
from core.errors import TrainingError
from core.evaluation import baselines, classification, metrics

TARGET = Target(("ham", "spam", "offer"), (5, 4, 3))
NAMES = list(metrics.METRICS)


def logits_for(answers: list[int], classes: int = 3, sure: float = 3.0) -> np.ndarray:
    logits = np.zeros((len(answers), classes))
    logits[np.arange(len(answers)), answers] = sure
    return logits


def table(texts: list[str], labels: list[str], **more: list[str]) -> pa.Table:
    return pa.table({"text": texts, **more, "label": labels, "row": range(1, len(texts) + 1)})


def test_a_judgement_is_scikit_learns_and_can_be_written() -> None:
    truth, given = np.array([0, 0, 1, 1, 1, 2]), [0, 1, 1, 1, 0, 1]
    found = classification.judge(logits_for(given), truth, TARGET, NAMES)
    json.dumps(found, allow_nan=False)
    assert found["rows"] == 6 and found["answered"] == 2
    assert found["accuracy"] == sklearn_metrics.accuracy_score(truth, given)
    assert found["f1_macro"] == pytest.approx(sklearn_metrics.f1_score(truth, given, average="macro"))
    chances = np.exp(logits_for(given)) / np.exp(logits_for(given)).sum(1, keepdims=True)
    assert found["loss"] == pytest.approx(sklearn_metrics.log_loss(truth, chances))
    assert found["confusion_matrix"] == {
        "labels": ["ham", "spam", "offer"],
        "counts": [[1, 1, 0], [1, 2, 0], [0, 1, 0]],
    }
    assert found["per_class"]["spam"] == pytest.approx({"precision": 0.5, "recall": 2 / 3, "f1": 4 / 7, "support": 3})
    assert found["per_class"]["offer"]["recall"] == 0
    assert found["confusions"][0] == {"truth": "ham", "answer": "spam", "count": 1}
    low, high = found["intervals"]["accuracy"]
    assert low < 0.5 < high


def test_a_class_that_the_rows_do_not_have_takes_no_part_in_the_average() -> None:
    found = classification.judge(logits_for([0, 1]), np.array([0, 1]), TARGET, NAMES)
    assert found["f1_macro"] == 1 and found["per_class"]["offer"]["support"] == 0


def test_very_many_classes_have_no_matrix_but_their_mix_ups() -> None:
    many = Target(tuple(f"c{number}" for number in range(300)), (1,) * 300)
    found = classification.judge(logits_for([1, 1, 2], 300), np.array([0, 1, 2]), many, NAMES)
    assert found["confusion_matrix"] is None
    assert found["confusions"] == [{"truth": "c0", "answer": "c1", "count": 1}]


def test_a_ruined_model_is_named_as_such() -> None:
    with pytest.raises(TrainingError, match="not a number"):
        classification.judge(np.full((2, 3), np.nan), np.array([0, 1]), TARGET, NAMES)
    assert classification.live_metrics(np.full((2, 3), np.nan), [0, 1], ["accuracy"]) == {"accuracy": 0.5}
    ruined = np.array([[np.inf, -np.inf, np.nan], [np.nan, 1e38, 0.0]])
    assert set(classification.live_metrics(ruined, [0, 1], NAMES)) == set(NAMES)


def test_live_and_in_the_report_the_metrics_are_the_same() -> None:
    truth, logits = np.array([0, 1, 2, 1, 0]), np.random.default_rng(0).normal(size=(5, 3))
    live, found = classification.live_metrics(logits, truth, NAMES), classification.judge(logits, truth, TARGET, NAMES)
    assert live == {name: found[name] for name in NAMES}
    assert found["roc_auc"] == pytest.approx(
        sklearn_metrics.roc_auc_score(truth, classification.probabilities(logits), multi_class="ovr")
    )


def test_mistakes_are_the_surest_wrong_answers_first() -> None:
    rows = table(["a", "b", "c", "d" * 5000], ["ham", "spam", "ham", "offer"])
    logits = np.array([[1.0, 2, 0], [0, 5, 0], [0, 0, 4], [3, 0, 0]])
    found = classification.mistakes(logits, rows, TARGET, ["text"])
    assert [record["row"] for record in found] == [3, 4, 1]
    assert (found[0]["truth"], found[0]["answer"], found[0]["text"]) == ("ham", "offer", "c")
    assert found[0]["probability"] == pytest.approx(np.exp(4) / (np.exp(4) + 2))
    assert len(found[1]["text"]) == 1000 and found[1]["text"].endswith("…")


def test_there_are_at_most_fifty_mistakes() -> None:
    rows = table(["x"] * 80, ["ham"] * 80)
    assert len(classification.mistakes(logits_for([1] * 80), rows, TARGET, ["text"])) == 50


def test_answers_are_sorted_and_become_columns() -> None:
    found = classification.answers(np.array([[0.0, 2, 1], [9, 0, 0]]), TARGET)
    assert list(found[0]["scores"]) == ["spam", "offer", "ham"]
    assert sum(found[0]["scores"].values()) == pytest.approx(1)
    assert classification.answer_columns(found) == {
        "prediction": ["spam", "ham"],
        "probability": [pytest.approx(0.665241), pytest.approx(0.999753)],
    }


class TestBaselines:
    train = table(
        ["free money now", "win money now", "see you at lunch", "lunch at noon", "noon is fine", "special price"] * 5,
        ["spam", "spam", "ham", "ham", "ham", "offer"] * 5,
    )
    test = table(["money money", "lunch today", "a special price"], ["spam", "ham", "offer"])

    def test_both_are_judged_like_a_model(self) -> None:
        found = baselines.classification_baselines(self.train, self.test, TARGET, ["text"], NAMES)
        assert list(found) == [baseline.name for baseline in baselines.CLASSIFICATION if baseline.name != "zero_shot"]
        assert found["most_frequent"]["answer"] == "ham"
        assert found["most_frequent"]["accuracy"] == pytest.approx(1 / 3)
        assert found["most_frequent"]["loss"] == pytest.approx(-(np.log(1 / 3) + np.log(1 / 2) + np.log(1 / 6)) / 3)
        assert found["tfidf_logistic_regression"]["accuracy"] == 1
        assert "comparison" not in found["most_frequent"]

    def test_they_are_compared_with_the_model_row_by_row(self) -> None:
        found = baselines.classification_baselines(
            self.train, self.test, TARGET, ["text"], NAMES, logits_for([1, 0, 0])
        )
        comparison = found["most_frequent"]["comparison"]
        assert (comparison["only_model"], comparison["only_other"], comparison["clearly"]) == (1, 0, "")

    def test_pairs_are_read_together(self) -> None:
        train = table(["x"] * 20, ["ham", "spam"] * 10, text_pair=["lunch", "money"] * 10)
        test = table(["x", "x"], ["ham", "spam"], text_pair=["lunch", "money"])
        found = baselines.classification_baselines(train, test, TARGET, ["text", "text_pair"], NAMES)
        assert found["tfidf_logistic_regression"]["accuracy"] == 1

    def test_texts_without_spaces_or_words_can_be_counted_too(self) -> None:
        train = table(["这部电影很好看我很喜欢它的音乐和画面" * 2, "😡😡"] * 10, ["ham", "spam"] * 10)
        test = table(["电影很好看", "😡"], ["ham", "spam"])
        found = baselines.classification_baselines(train, test, TARGET, ["text"], NAMES)
        assert found["tfidf_logistic_regression"]["accuracy"] == 1

    def test_a_class_that_only_the_test_part_has_is_a_mistake_not_a_crash(self) -> None:
        train = self.train.filter(pa.compute.not_equal(self.train["label"], "offer"))
        found = baselines.classification_baselines(train, self.test, TARGET, ["text"], NAMES)
        assert found["tfidf_logistic_regression"]["per_class"]["offer"]["recall"] == 0

    def test_one_class_to_learn_from_leaves_one_answer(self) -> None:
        found = baselines.classification_baselines(self.test.slice(1, 1), self.test, TARGET, ["text"], NAMES)
        assert found["tfidf_logistic_regression"]["answered"] == 1

    def test_large_tables_are_sampled_and_it_is_said(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(baselines, "TRAIN_ROWS", 20)
        found = baselines.classification_baselines(self.train, self.test, TARGET, ["text"], NAMES)
        assert found["tfidf_logistic_regression"]["note"] == "It learned from 20 of the 30 training examples."
        assert found["most_frequent"]["note"] == ""
