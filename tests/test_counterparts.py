"""Whether changed training examples helped: the same run with and without them, side by side in the report."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from core import events, runs
from core.config import validate
from core.counterparts import augmentation_sections, counterparts
from core.evaluation.types import Section
from core.runs import Run
from core.studio import Studio
from core.tasks import TASKS
from tests.making import config, started

FIGURES = {"rows": 100, "repeated": 12, "word_dropout": 0.0864, "word_swap": 0.0, "token_masking": 0.0}


def judgement(f1: float, spread: float = 0.05) -> dict[str, Any]:
    line = {"precision": f1, "recall": f1, "f1": f1, "support": 60}
    ends = [f1 - spread, f1 + spread]
    return {
        "rows": 120, "f1_macro": f1, "accuracy": f1, "intervals": {"f1_macro": ends, "accuracy": ends}, "answered": 2,
        "per_class": {"good": line, "bad": line},
    }  # fmt: skip


def run_of(f1: float, data: str = "as it was", spread: float = 0.05, **settings: Any) -> Run:
    """A finished run with this mark. ``settings`` are options, and ``seed`` or ``name``."""
    whole = config().model_dump()
    whole["name"] = settings.pop("name", f"run {f1}")
    whole["training"]["seed"] = settings.pop("seed", 42)
    whole["options"] |= settings
    run = runs.create(validate(whole))
    log = events.EventLog(run.events_path)
    log.append(replace(started(), data=data))
    log.append(events.Finished(train_runtime_s=1.0, stopped_early=False))
    log.close()
    report: dict[str, Any] = {"task": whole["task"], "metrics": {"test": judgement(f1, spread)}}
    if settings.get("word_dropout") or settings.get("oversampling"):
        report["augmentation"] = FIGURES
    (run.path / "report.json").write_text(json.dumps(report))
    return run


def shown(run: Run) -> list[Section]:
    assert run.report is not None
    return augmentation_sections(run, run.report)


def test_runs_that_change_nothing_say_nothing() -> None:
    assert shown(run_of(0.8)) == []
    run_of(0.7)
    assert shown(run_of(0.8)) == []


def test_what_was_done_is_said_with_a_way_to_find_out_whether_it_helped() -> None:
    (section,) = shown(run_of(0.8, word_dropout=0.1, oversampling=0.5))
    assert section.kind == "table" and section.content["rows"] == [
        ["Leave out words", "10 %", "9 % of the words, others in each epoch"],
        ["Repeat rare classes", "50 %", "12 copies added to 100 examples"],
    ]
    assert "start the same run once more with all of these settings at 0" in section.help


@pytest.mark.parametrize(
    ("with_it", "without", "spread", "words"),
    [
        (0.82, 0.80, 0.05, "“With: leave out words 10 %” is a little better, which may be chance."),
        (0.70, 0.80, 0.05, "“Without” is a little better, which may be chance."),
        (0.90, 0.60, 0.05, "“With: leave out words 10 %” is clearly better."),
        (0.60, 0.90, 0.05, "“Without” is clearly better."),
        (0.80, 0.80, 0.05, "No difference."),
    ],
)
def test_the_same_run_without_stands_beside_it(with_it: float, without: float, spread: float, words: str) -> None:
    mine, other = run_of(with_it, spread=spread, word_dropout=0.1), run_of(without, spread=spread)
    done, beside = shown(mine)
    assert "not known" not in done.help and beside.kind == "scores" and words in beside.help
    assert [column["label"] for column in beside.content["columns"]] == ["This model", "Without"]
    f1 = next(row for row in beside.content["rows"] if row["label"] == "Macro F1")
    assert [value["value"] for value in f1["values"]] == [with_it, without]
    (backwards,) = shown(other)
    assert [column["label"] for column in backwards.content["columns"]] == ["This model", "With: leave out words 10 %"]
    assert words in backwards.help


def test_only_runs_that_differ_in_nothing_else_are_compared() -> None:
    mine = run_of(0.8, word_dropout=0.1)
    plain, other = run_of(0.7), run_of(0.75, word_swap=0.1)
    run_of(0.9, seed=7), run_of(0.9, data="changed since"), run_of(0.9, long_texts="windows")
    run_of(0.9, word_dropout=0.1, name="once more")
    unfinished = run_of(0.9)
    (unfinished.path / "report.json").unlink()
    assert [one.id for one in counterparts(mine)] == [plain.id, other.id]


def test_the_report_of_a_run_holds_the_comparison() -> None:
    mine = run_of(0.8, word_dropout=0.1)
    sections = [section.title for section in Studio().report_sections(mine.id)]
    assert sections[0] == "Scores" and "Changes of the training examples" in sections
    run_of(0.7)
    assert "With and without changed examples" in [one.title for one in Studio().report_sections(mine.id)]


def test_tasks_without_such_settings_are_left_alone() -> None:
    others = [task for task in TASKS.values() if "word_dropout" not in task.options.model_fields]
    assert all(task.augmented is None for task in others)
