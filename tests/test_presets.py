"""Presets are changes that one can see: of settings that there are, each with a reason, and nothing else."""

from __future__ import annotations

from functools import reduce
from typing import Any

import pytest

from core import presets
from core.config import shape_of, validate
from core.presets import ACCUMULATION, ADAPTER, BATCH, CHECKPOINTING, EPOCHS, LENGTH, PRESETS, RATE, TOUCHED, Facts
from core.schema import rows
from core.tasks import TASKS

TASK = next(iter(TASKS))
ROWS = {row.path: row for row in rows(shape_of(TASK))}
SUGGESTED: dict[str, Any] = {path: row.default for path, row in ROWS.items()} | {EPOCHS: 4.0, LENGTH: 256}
FACTS = Facts(rows=5000, lengths=(20,) * 90 + (300,) * 10, parameters=20_000_000, has_gpu=False)


def chosen(preset: str, facts: Facts = FACTS, **values: Any) -> dict[str, Any]:
    now = SUGGESTED | {path: value for path, value in values.items() if path in SUGGESTED}
    return {one.path: one.value for one in presets.changes(preset, now, SUGGESTED, facts)}


def test_presets_touch_settings_that_there_are() -> None:
    assert set(TOUCHED) <= set(ROWS)


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("has_gpu", [False, True])
@pytest.mark.parametrize("count", [40, 5000])
def test_each_change_says_why_changes_something_and_may_stand_so(preset: str, has_gpu: bool, count: int) -> None:
    facts = Facts(count, FACTS.lengths if count > 40 else (), 400_000_000, has_gpu)
    now = SUGGESTED | {BATCH: 32, RATE: 1e-4}

    found = presets.changes(preset, now, SUGGESTED, facts)

    assert found, "a preset that changes nothing of this is none"
    data: dict[str, Any] = {"task": TASK, "data": {"source": "a.csv"}, "training": {}}
    for one in found:
        assert one.path in TOUCHED and one.reason.endswith(".") and one.value != now[one.path]
        section, name = one.path.split(".")
        data.setdefault(section, {})[name] = one.value
    config = validate(data)
    assert all(reduce(getattr, one.path.split("."), config) == one.value for one in found)


def test_a_small_memory_keeps_the_number_of_examples_for_a_correction() -> None:
    small = chosen("small", **{BATCH: 24, ACCUMULATION: 2})

    assert small[BATCH] * small[ACCUMULATION] == 48
    assert small[CHECKPOINTING] is True
    assert ADAPTER not in small, "a small model is trained whole"
    large = Facts(5000, FACTS.lengths, 1_000_000_000, has_gpu=True)
    adapted = chosen("small", large)
    assert adapted[ADAPTER] == "lora" and adapted[RATE] > ROWS[RATE].default, "an adapter takes larger corrections"


def test_balanced_goes_back_to_what_was_suggested_and_leaves_other_choices_alone() -> None:
    assert chosen("balanced") == {}
    assert chosen("balanced", **{EPOCHS: 9.0, RATE: 0.1, "training.seed": 7}) == {EPOCHS: 4.0, RATE: ROWS[RATE].default}


def test_quick_and_best_go_opposite_ways() -> None:
    quick, best = chosen("quick"), chosen("best")

    assert quick[EPOCHS] < SUGGESTED[EPOCHS] < best[EPOCHS]
    assert quick[LENGTH] < SUGGESTED[LENGTH]
    assert best[RATE] < SUGGESTED[RATE]
    streamed = Facts(5000, (), 1, False, is_stream=True)
    assert EPOCHS not in {**chosen("quick", streamed), **chosen("best", streamed)}, "a stream has no epochs"
