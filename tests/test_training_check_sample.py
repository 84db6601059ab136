"""Checks take no more of the time than is allowed: a fixed sample of the validation rows, settled once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from core import events, runs
from core.tasks import TASKS
from core.training.check_sample import FEWEST, Limit, evenly, sampled
from core.training.pace import Interval, Pace, between_checks
from core.training.shop import Workshop
from tests.making import config

ROWS = 12_000


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    wanted = config(tmp_path / "gone.csv", tmp_path)
    run = runs.create(wanted)
    return Workshop(run, events.EventLog(run.events_path), wanted, TASKS[wanted.task])


def settled(shop: Workshop, seconds: float, rows: int, seconds_a_row: float, total: int = ROWS) -> int:
    """How many rows are read, where so much is learned between two checks."""
    return Limit(shop, lambda: Interval(seconds, rows)).settle(total, lambda tried: tried * seconds_a_row)


def told(shop: Workshop) -> list[str]:
    return [event.title for event in events.read(shop.run.events_path)[0] if isinstance(event, events.Noticed)]


def test_checks_take_the_share_that_is_allowed_and_it_is_said(shop: Workshop) -> None:
    # A fifth of the time for checks is a quarter of that for learning: 25 s of 100 s, and 0.02 s a row.
    assert settled(shop, 100.0, 1000, 0.02) == 1250
    assert told(shop) == ["Checks read 1,250 of 12,000 validation rows."]


def test_a_run_that_is_taken_up_goes_on_with_its_sample(shop: Workshop) -> None:
    rows = settled(shop, 100.0, 1000, 0.02)
    assert settled(shop, 100.0, 1000, 0.5) == rows
    assert len(told(shop)) == 1


def test_before_the_first_step_all_rows_are_read_and_nothing_is_settled(shop: Workshop) -> None:
    assert Limit(shop, lambda: None).settle(ROWS, _never) == ROWS
    assert settled(shop, 100.0, 1000, 0.02) == 1250


def test_rows_that_are_few_beside_those_learned_from_are_all_read_without_a_trial(shop: Workshop) -> None:
    assert Limit(shop, lambda: Interval(100.0, 4 * ROWS)).settle(ROWS, _never) == ROWS
    assert told(shop) == []


def test_no_limit_and_few_rows_mean_all(shop: Workshop) -> None:
    assert Limit(shop, lambda: Interval(1.0, 10)).settle(FEWEST, _never) == FEWEST
    (shop.run.checkpoints_path / "validation_sample.json").unlink()
    free = shop.with_training(shop.config.training.model_copy(update={"eval_time_share": 1.0}))
    assert settled(free, 1.0, 10, 9.0) == ROWS


def test_a_slow_check_still_reads_enough_to_tell_models_apart(shop: Workshop) -> None:
    assert settled(shop, 1.0, 10, 9.0) == FEWEST


def _never(rows: int) -> float:
    raise AssertionError("nothing had to be tried")


def test_a_sample_has_its_share_of_each_class_and_is_the_same_each_time() -> None:
    kinds = np.repeat([0, 1, 2], [9000, 2900, 100])
    np.random.default_rng(0).shuffle(kinds)
    places = evenly(kinds, 1200, 42)
    assert (np.diff(places) > 0).all()
    assert np.abs(np.bincount(kinds[places]) - [900, 290, 10]).max() <= 1
    assert (places == evenly(kinds, 1200, 42)).all() and (places != evenly(kinds, 1200, 7)).any()


@pytest.mark.parametrize(("task", "column"), [("text-classification", ["a", "b"]), ("text-regression", [0.5, 2.0])])
def test_pieces_of_the_sampled_rows_come_with_their_places(task: str, column: list[Any]) -> None:
    from datasets import Dataset

    role = next(role.name for role in TASKS[task].roles if not role.is_input)
    examples = pa.table({"text": [str(row) for row in range(100)], role: column * 50})
    twice = Dataset.from_dict(
        {"input_ids": [[row] for row in range(100) for _ in "ab"], "row": sorted([*range(100)] * 2)}
    )
    some = sampled(examples, twice, TASKS[task], 20, 0)
    (chunk,) = some.chunks()
    assert some.examples.column(role).to_pylist().count(column[0]) == 10
    assert [some.examples.column("text")[row].as_py() for row in chunk["row"]] == [
        str(ids[0]) for ids in chunk["input_ids"]
    ]
    assert sorted(chunk["row"]) == sorted([*range(20)] * 2)
    assert sampled(examples, twice, TASKS[task], 100, 0).examples is examples


@pytest.mark.parametrize(("strategy", "steps"), [("steps", 30), ("epoch", 50)])
def test_what_is_learned_between_checks_is_told_by_the_mean_step(strategy: str, steps: int) -> None:
    class Said:
        eval_strategy, eval_steps, max_steps, num_train_epochs = strategy, 30, 150, 3
        train_batch_size, gradient_accumulation_steps, world_size = 8, 2, 1

    pace = Pace()
    pace.begin(0)
    assert between_checks(pace, Said, Said) is None
    pace.stepped(10)
    found, a_step = between_checks(pace, Said, Said), pace.a_step()
    assert found is not None and a_step is not None
    assert found.rows == steps * 16 and found.seconds == pytest.approx(steps * a_step)
