"""A whole run with any number of labels a text: it learns, chooses thresholds, and serves the plain pipeline."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from core import runs
from core.prediction.predictor import Predictor
from core.runs import Run, State
from core.studio import Studio
from tests.making import BAD, GOOD, THINGS, write_csv

pytestmark = pytest.mark.slow


def tagged(rows: int = 240) -> list[tuple[str, str]]:
    """Little texts with the tags good, bad and that of each thing they speak of."""
    made = []
    for number in range(rows):
        things = sorted({THINGS[number % 3], THINGS[(number // 3) % 4]})
        words, mood = (GOOD, "good") if number % 2 else (BAD, "bad")
        text = " and ".join(f"the {thing} was {words[number % 6]}" for thing in things)
        made.append((f"{text}, no {number}", "; ".join([mood, *things] if number % 10 else things)))
    return made


def ended(run: Run) -> State:
    deadline = time.monotonic() + 400
    while not run.state.is_over:
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.2)
    return run.state


def test_a_run_learns_chooses_thresholds_and_answers(tiny_bert: Path, tmp_path: Path) -> None:
    table = write_csv(tmp_path / "tagged.csv", ("text", "tags"), tagged())
    studio = Studio().open()
    try:
        draft = {
            "data": {"source": str(table), "split": {"validation": 0.2, "test": 0.2}},
            "model": {"checkpoint": str(tiny_bert)},
            "training": {
                "num_train_epochs": 8,
                "learning_rate": 5e-3,
                "per_device_train_batch_size": 8,
                "max_length": 32,
            },
            "options": {"oversampling": 0.8, "word_dropout": 0.05},
        }
        config, _ = studio.complete(draft)
        assert config.task == "multi-label-classification" and config.data.columns == {"text": "text", "labels": "tags"}
        run = runs.find(studio.start(config))
        assert ended(run) is State.FINISHED, run.log_path.read_text()
        report = run.report
        assert report is not None and report["metrics"]["test"]["f1_micro"] > 0.7, report["verdict"]
        assert report["baselines"]["common_labels"]["comparison"]["clearly"] == "better"
        thresholds = {label: line["threshold"] for label, line in report["metrics"]["validation"]["per_class"].items()}
        assert set(thresholds.values()) != {0.5}, "chosen on the validation part"
        assert report["augmentation"]["repeated"] > 0 and 0.02 < report["augmentation"]["word_dropout"] < 0.1
        titles = [section.title for section in studio.report_sections(run.id)]
        assert titles[:2] == ["Scores", "Examples it may have known"]
        assert {"Label by label", "Changes of the training examples"} <= set(titles)
        (answer,) = Predictor(run).answers({"text": ["the soup was cold and the film was dull, no 900"]})
        assert answer["thresholds"] == thresholds and answer["labels"]
        assert set(answer["labels"]) == {
            label for label, score in answer["scores"].items() if score >= thresholds[label]
        }
        assert_the_plain_pipeline_says_the_same(run.model_path, answer)
    finally:
        studio.close()


def assert_the_plain_pipeline_says_the_same(folder: Path, answer: dict[str, Any]) -> None:
    from transformers import pipeline

    classify = pipeline("text-classification", model=str(folder), top_k=None, device="cpu")
    (scores,) = classify(["the soup was cold and the film was dull, no 900"])
    assert {one["label"]: one["score"] for one in scores} == pytest.approx(answer["scores"], abs=1e-5)
