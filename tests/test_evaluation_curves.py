"""Curves, thresholds and kept rows of classifications: every number of a report can be had again from its rows."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy.special import expit
from sklearn import metrics

from core.data.types import Target
from core.evaluation import curves, thresholds
from core.judging import kept
from core.tasks import TASKS
from core.tasks.base import Context

CLASSES, TAGS = TASKS["text-classification"], TASKS["multi-label-classification"]
LABELS = ("mail", "money", "quality")


def context(task: Any, labels: tuple[str, ...] = LABELS, **learned: Any) -> Context:
    return Context(None, Target(labels, (1,) * len(labels)), 32, task.options(), learned=learned)


def answered(rows: int, classes: int = 3) -> tuple[Any, Any]:
    """(logits that know something, class numbers), the first class rarer than the others."""
    rng = np.random.default_rng(0)
    truth = rng.choice(classes, rows, p=np.append(0.1, np.full(classes - 1, 0.9 / (classes - 1))))
    logits = rng.normal(size=(rows, classes))
    logits[np.arange(rows), truth] += 1.5
    return logits, truth


def written(table: pa.Table) -> pa.Table:
    """As it comes back from a Parquet file."""
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return pq.read_table(io.BytesIO(sink.getvalue()))


def table(labels: Any, column: str) -> pa.Table:
    texts = [f"text {number}" for number in range(len(labels))]
    kind = pa.large_list(pa.large_string()) if column == "labels" else pa.large_string()
    return pa.table({"text": texts, column: pa.array(labels, kind), "row": np.arange(len(labels)) + 1})


def test_numbers_of_a_report_on_classes_come_from_its_rows() -> None:
    logits, truth = answered(600)
    here, rows = context(CLASSES), table([LABELS[one] for one in truth], "label")
    found = CLASSES.judge(logits, rows, here)
    again = written(kept.together(rows, CLASSES.kept(logits, rows, here, CLASSES)))

    right, given = (np.array(again[name].to_pylist()) for name in ("truth", "answer"))
    chances = np.array(again["probabilities"].to_pylist())
    error, sure = again["error"].to_numpy(), again["probability"].to_numpy()
    of = {label: place for place, label in enumerate(LABELS)}
    numbers = np.array([of[label] for label in right])
    assert found["accuracy"] == metrics.accuracy_score(right, given) == pytest.approx(1 - error.mean())
    assert found["f1_macro"] == pytest.approx(metrics.f1_score(right, given, average="macro"))
    assert found["roc_auc"] == pytest.approx(metrics.roc_auc_score(numbers, chances, multi_class="ovr"))
    assert (
        found["loss"]
        == pytest.approx(metrics.log_loss(numbers, chances))
        == pytest.approx(again["loss"].to_numpy().mean())
    )
    assert found["calibration"]["brier"] == pytest.approx(metrics.brier_score_loss(numbers, chances))
    assert found["confusion_matrix"]["counts"] == metrics.confusion_matrix(right, given, labels=LABELS).tolist()
    assert sure == pytest.approx(chances.max(1))

    everything = metrics.roc_auc_score(np.eye(3)[numbers], chances, average="micro")
    first, *others = found["curves"]["roc"]
    assert (first["label"], first["auc"]) == ("", pytest.approx(everything))
    for line, pure, place in zip(others, found["curves"]["precision_recall"][1:], range(3), strict=True):
        assert line["auc"] == pytest.approx(metrics.roc_auc_score(numbers == place, chances[:, place]))
        assert pure["average_precision"] == pytest.approx(
            metrics.average_precision_score(numbers == place, chances[:, place])
        )
    for limit, *counts in found["thresholds"][0]["stops"]:
        yes = chances[:, 0] >= limit
        assert counts == metrics.confusion_matrix(numbers == 0, yes, labels=[True, False]).T.ravel().tolist()
    for limit, spoken, good in found["abstain"]:
        assert (spoken, good) == ((sure >= limit).sum(), ((sure >= limit) & (error == 0)).sum())


def test_numbers_of_a_report_on_labels_come_from_its_rows() -> None:
    rng = np.random.default_rng(3)
    truth = rng.random((300, 3)) < [0.1, 0.4, 0.6]
    logits = rng.normal(size=truth.shape) + 2.0 * truth - 1
    here = context(TAGS, thresholds=[0.3, 0.5, 0.6])
    rows = table([[LABELS[place] for place in np.flatnonzero(row)] for row in truth], "labels")
    found = TAGS.judge(logits, rows, here)
    again = written(kept.together(rows, TAGS.kept(logits, rows, here, TAGS)))

    def members(column: str) -> Any:
        return np.array([[label in text.split(", ") for label in LABELS] for text in again[column].to_pylist()])

    right, given, chances = members("truth"), members("answer"), np.array(again["probabilities"].to_pylist())
    assert (right == truth).all() and chances == pytest.approx(expit(logits))
    assert found["f1_micro"] == pytest.approx(metrics.f1_score(right, given, average="micro"))
    assert found["hamming"] == pytest.approx(again["error"].to_numpy().mean())
    assert found["subset_accuracy"] == (again["error"].to_numpy() == 0).mean()
    assert found["average_precision"] == pytest.approx(metrics.average_precision_score(right, chances, average="macro"))
    assert found["calibration"]["loss"] == pytest.approx(metrics.log_loss(right.ravel(), chances.ravel()))
    assert found["calibration"]["loss"] == pytest.approx(again["loss"].to_numpy().mean() / 3)
    assert [one["at"] for one in found["thresholds"]] == [0.3, 0.5, 0.6]
    for row, wrong in zip(right != given, again["wrong"].to_pylist(), strict=True):
        assert [LABELS[place] for place in np.flatnonzero(row)] == wrong


def test_a_drawn_curve_has_the_corners_of_the_whole_one() -> None:
    logits, truth = answered(20_000, 2)
    scores = logits[:, 1] - logits[:, 0]
    false, true, _ = metrics.roc_curve(truth, scores)
    points = np.array(curves.roc(scores, truth)["points"])
    assert len(false) > len(points) == curves.POINTS <= 300
    assert {tuple(point) for point in points} <= set(zip(false.round(5), true.round(5), strict=True))
    assert points[0].tolist() == [0, 0] and points[-1].tolist() == [1, 1]
    assert metrics.auc(*points.T) == pytest.approx(metrics.roc_auc_score(truth, scores), abs=1e-3)

    x, y = np.repeat([0.0, 0.5, 1.0], 400), np.concatenate([np.linspace(0, 0.9, 400), np.full(400, 0.9), np.ones(400)])
    places = curves.thinned(x, y, most=10)
    assert len(places) <= 10
    assert {(x[place], y[place]) for place in places} == {(0.0, 0.0), (0.0, 0.9), (0.5, 0.9), (1.0, 1.0)}


def test_of_many_classes_the_rarest_the_worst_and_the_most_frequent_are_shown() -> None:
    support, f1 = [5, 900, 0, 30, 40, 50, 800, 60, 6], [0.9, 0.9, 0, 0.1, 0.8, 0.2, 0.9, 0.8, 0.8]
    assert curves.chosen(support, f1) == [0, 1, 3, 5, 6, 8]
    assert curves.chosen([3, 0, 2], [1, 0, 1]) == [0, 2]


def test_a_class_that_is_not_there_has_no_curve_and_a_probability_of_one_is_a_yes() -> None:
    found = curves.drawn(np.array([[0.9, 0.1], [0.8, 0.2]]), np.array([[1, 0], [1, 0]]), ("a", "b"), [0, 1])
    assert found == {"roc": [], "precision_recall": []}
    assert thresholds.stops([1.0, 0.0], [1, 0])[-1] == [1.0, 1, 0, 0, 1]
    assert thresholds.stops([1.0, 0.0], [1, 0])[0] == [0.0, 1, 1, 0, 0]


def test_blocks_open_the_rows_that_they_count() -> None:
    logits, truth = answered(200)
    here, rows = context(CLASSES), table([LABELS[one] for one in truth], "label")
    report = {"metrics": {"validation": CLASSES.judge(logits, rows, here)}, "options": {"calibrate": True}}
    blocks = {section.title: section.content for section in CLASSES.sections(report)}
    per_class, matrix, mixed = (
        blocks[title] for title in ("Class by class", "What was taken for what", "Most frequent mix-ups")
    )
    assert per_class["judgement"] == matrix["judgement"] == mixed["judgement"] == "validation"
    assert matrix["opens"] is True
    assert per_class["opens"][0] == [["truth", "==", "mail"], ["error", ">", 0]]
    true, given, *_ = mixed["rows"][0]
    assert mixed["opens"][0] == [["truth", "==", true], ["answer", "==", given]]


def test_rows_are_found_by_one_of_several_labels(tmp_path: Any) -> None:
    from tests.making import run_with

    run = run_with()
    wrong = pa.array([["mail"], [], ["money", "mail"], ["e-mail"]], pa.large_list(pa.large_string()))
    kept.write(run, "test", pa.table({"row": [1, 2, 3, 4], "wrong": wrong}))
    page = kept.page(run, "test", [("wrong", "has", "mail")])
    assert [record["row"] for record in page.rows] == [1, 3] and page.total == 2


def test_what_is_kept_of_many_classes_stays_small() -> None:
    labels = tuple(f"class number {number}" for number in range(150))
    logits, truth = answered(3_000, 150)
    found = CLASSES.judge(logits, table([labels[one] for one in truth], "label"), context(CLASSES, labels))
    deep = {name: found[name] for name in ("calibration", "curves", "thresholds", "abstain")}
    assert len(found["thresholds"]) == 12
    assert len(json.dumps(deep)) < 150_000
