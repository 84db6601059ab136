"""Suggestions follow the data, and each says why."""

from __future__ import annotations

from typing import Any

import pytest

from core.models.types import Checkpoint
from core.suggest import suggest

CHECKPOINT = Checkpoint(id="x", title="x", summary="", path=None, max_length=512)


def values(train: int, validation: int, lengths: list[int], gpu: bool = False) -> dict[str, Any]:
    suggestions = suggest(train, validation, lengths, CHECKPOINT, gpu)
    assert all(suggestion.reason for suggestion in suggestions)
    return {suggestion.path.removeprefix("training."): suggestion.value for suggestion in suggestions}


def test_small_tables_are_read_more_often_than_big_ones() -> None:
    epochs = [values(rows, rows // 8, [10])["num_train_epochs"] for rows in (100, 500, 2000, 5000, 1_000_000)]
    assert epochs == sorted(epochs, reverse=True) and epochs[0] > epochs[-1] >= 1


@pytest.mark.parametrize(
    ("lengths", "gpu", "expected"),
    [([10] * 100, False, 32), ([100] * 100, False, 128), ([400] * 100, False, 256), ([400] * 100, True, 512)],
)
def test_the_maximum_length_fits_nearly_all_texts_within_what_the_machine_can(
    lengths: list[int], gpu: bool, expected: int
) -> None:
    assert values(1000, 100, lengths, gpu)["max_length"] == expected


def test_one_very_long_text_does_not_set_the_length_for_all() -> None:
    assert values(1000, 100, [20] * 500 + [9000])["max_length"] == 32


def test_checks_take_a_bounded_share_of_the_time() -> None:
    for train, validation in ((4304, 538), (100_000, 50), (300, 3000)):
        found = values(train, validation, [20])
        steps_an_epoch = -(-train // found["per_device_train_batch_size"])
        if found["eval_strategy"] == "epoch":
            continue
        checks = steps_an_epoch / found["eval_steps"]
        assert 2 <= round(checks) <= 10
        assert checks * validation <= 3 * 0.1 * train * 1.01


def test_checks_follow_the_steps_that_are_made() -> None:
    def found(**more: int) -> dict[str, Any]:
        return {one.path: one.value for one in suggest(4000, 100, [20], CHECKPOINT, False, 16, **more)}

    assert found()["training.eval_steps"] == 25
    assert found(accumulation=4)["training.eval_steps"] == 11, "63 steps an epoch"
    assert found(max_steps=60)["training.eval_steps"] == 30
    assert "training.num_train_epochs" not in found(max_steps=60)
