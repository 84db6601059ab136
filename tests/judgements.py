"""Judgements of every task, made up by the functions that make the real ones: what cards and pages are drawn from."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

from core.data.types import Target
from core.evaluation import (
    language_model,
    multilabel,
    regression_report,
    rewriting,
    sections,
    squad_report,
    tagging,
)
from core.tasks.base import Task
from tests import shelf

SECRET = "Mrs Okonkwo of Elm Street 5 owes us 300 pounds"
"""Stands wherever a report keeps a text of the table."""
CLASSES = ("bad", "good", "so so")


def target_of(task: Task) -> Target:
    """What a model of this task has learned to answer."""
    match task.output:
        case "label" | "labels":
            return Target(CLASSES, (40, 50, 3), rows=93 if task.output == "labels" else 0)
        case "spans":
            tags = ("O", "B-town", "I-town", "B-date")
            return Target(tags, (90, 30, 4, 12), ranges=(("town", 30), ("date", 12)))
        case "number":
            return Target(mean=2.9, spread=1.1, low=1.0, high=5.0)
        case _:
            return Target()


def report_of(task: Task) -> dict[str, Any]:
    """A whole ``report.json``, with ``SECRET`` in all of its texts."""
    found = _judged(task)
    for one in (found["metrics"]["test"], *found["baselines"].values()):
        if "samples" in one or task.output in ("text", "chat", "fills"):
            words = {"question": SECRET, "answer": SECRET, "reference": SECRET, "source": SECRET, "target": SECRET}
            one["samples"] = [words | {"row": 1}]
    found |= {
        "version": 1,
        "task": task.id,
        "checkpoint": "starter/minilm",
        "labels": list(target_of(task).labels),
        "rows": {"train": 93, "validation": 12, "test": 12, "unusable": 4},
        "examples": [{role.name: json.dumps([{"role": "user", "content": SECRET}]) if role.kind == "chat" else SECRET}
                     for role in task.asked] * 2,
        "train_runtime": 65.0,
        "steps": 30,
        "best_step": 20,
        "epochs": 3.0,
        "max_length": 32,
        "parameters": 22_700_000,
        "memory_bytes": 1_100_000_000,
        "hardware": {"device": "CPU, 2 cores", "system": "Linux x86_64", "python": "3.11.7"},
        "versions": {"tunesmith": "0.1.0", "torch": "2.13.0", "transformers": "5.23.0"},
    }  # fmt: skip
    found["verdict"] = task.verdict(found)
    whole: dict[str, Any] = json.loads(json.dumps(_shown(found), default=float))
    assert sections.judged(whole)[1]
    return whole


def _judged(task: Task) -> dict[str, Any]:
    import numpy as np

    match task.output:
        case "label":
            made = shelf.report(SECRET)
            made["baselines"]["most_frequent"]["answer"] = "good"
            return {name: made[name] for name in ("metrics", "baselines", "confusion_matrix", "mistakes")}
        case "labels":
            truth = np.arange(36).reshape(12, 3) % 2
            chances = np.abs(truth - 0.3)
            return _beside(multilabel.judge(chances, truth, CLASSES), multilabel.judge(1 - chances, truth, CLASSES))
        case "number":
            marks, judge = np.linspace(1, 5, 12), regression_report.judge
            return _beside(judge(marks + 0.3, marks, target_of(task)), judge(marks * 0 + 3, marks, target_of(task)))
        case "spans":
            true, given = [["B-town", "I-town", "O", "B-date"]] * 12, [["B-town", "O", "O", "O"]] * 12
            return _beside(tagging.judge(given, true, False), tagging.judge([["O"] * 4] * 12, true, False))
        case "answer":
            asked, golds = ["Who opened it?"] * 12, [["Nora"]] * 12
            judge_answers = squad_report.judge
            return _beside(judge_answers(["Nora"] * 9 + [""] * 3, asked, golds), judge_answers([""] * 12, asked, golds))
        case _ if task.main_metric == "loss" and task.pipeline_tag == "text2text-generation":
            texts = [f"a text put right, number {row}" for row in range(12)]
            outputs = [SimpleNamespace(text=text, nll=4.0, tokens=8) for text in texts]
            found = rewriting.judge(outputs, texts, texts, range(12))
            return _beside(found, found, name="copy")
        case _:
            now = language_model.judge([20.0] * 12, [10] * 12, [4] * 12, [6] * 12) | {"vocabulary": 1000}
            former = language_model.judge([40.0] * 12, [10] * 12, [2] * 12, [4] * 12) | {"vocabulary": 1000}
            return _beside(now, former, name="before")


def _beside(found: dict[str, Any], other: dict[str, Any], name: str = "other") -> dict[str, Any]:
    clearly = {"comparison": {"clearly": "", "difference": 0.0}, "title": "Another way", "help": "Answers something."}
    return {"metrics": {"validation": found, "test": found}, "baselines": {name: other | clearly}, "mistakes": []}


def _shown(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shown(inner) for key, inner in value.items() if not str(key).startswith("_")}
    return [_shown(inner) for inner in value] if isinstance(value, list) else value
