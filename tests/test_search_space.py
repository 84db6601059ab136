"""What may be searched, within which limits, and how a search is written down."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from core.config import validate
from core.errors import ConfigError
from core.search.config import checked
from core.search.past import spent
from core.search.space import beginning, complaint, grid, grid_size, offered, proposed, searchable, trial_config
from core.tasks import TASKS
from tests.making import config
from tests.searched import BATCH, RATE, search

EPOCHS = {"path": "training.num_train_epochs", "kind": "int", "low": 1, "high": 3}


def test_a_search_is_read_as_it_was_written() -> None:
    wanted = search(RATE, BATCH, EPOCHS, name="rates", minutes=30.0, sampler="random", seed=7)
    again = checked(yaml.safe_load(wanted.to_yaml()))
    assert again == wanted
    assert type(again.base) is type(wanted.base) and again.base.options == wanted.base.options


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (RATE | {"high": 5}, "Learning rate cannot be 5.0: give a number above 0 and at most 1"),
        (RATE | {"low": 0}, "begins above 0"),
        (RATE | {"low": 1}, "has to be below"),
        (RATE | {"high": float("nan")}, "smallest and a largest"),
        (RATE | {"path": "training.no_such"}, "no setting that can be searched"),
        (RATE | {"path": "data.split.test"}, "no setting that can be searched"),
        (RATE | {"path": "training.freeze"}, "has no numbers"),
        (EPOCHS | {"high": 2.5}, "whole numbers only"),
        (BATCH | {"choices": [8]}, "two different values"),
        (BATCH | {"choices": [8, "many"]}, "Batch size cannot be many"),
        (BATCH | {"choices": [0, 8]}, "Batch size cannot be 0"),
    ],
)
def test_what_no_run_could_have_is_refused_with_the_limits_of_the_setting(span: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError) as refused:
        search(span)
    assert words in refused.value.title


def test_a_search_needs_an_end_different_settings_and_checks_to_compare() -> None:
    for more, words in (
        ({"n_trials": None}, "how many trials"),
        ({"space": [RATE, RATE]}, "only once"),
        ({"n_trials": 1}, "Trials: give a whole number from 2 to 1,000"),
        (
            {"base": config(eval_strategy="no", early_stopping_patience=0, save_strategy="no")},
            "compared by their checks",
        ),
    ):
        with pytest.raises(ConfigError) as refused:
            checked({"base": config(), "space": [RATE], **more})
        assert words in refused.value.title


@pytest.mark.parametrize("task", list(TASKS))
def test_every_task_offers_ranges_that_its_own_runs_can_have(task: str) -> None:
    columns = {role.name: role.name for role in TASKS[task].roles if role.required}
    base = validate({"task": task, "data": {"source": "sample/x", "columns": columns}})
    spans = offered(base)
    assert complaint(base, spans) == ""
    assert [span.path for span in spans[: len(proposed(base))]] == [span.path for span in proposed(base)]
    assert beginning(base, proposed(base)) is not None, "a search tries what it began from first"
    known = {row.path for row in searchable(task)}
    assert {span.path for span in spans} <= known and not any(path.startswith("data.") for path in known)


def test_an_adapter_has_its_rank_searched() -> None:
    base = config().model_dump() | {"adapter": {"method": "lora", "r": 4}}
    ranks = next(span for span in proposed(validate(base)) if span.path == "adapter.r")
    assert ranks.choices == (4, 8, 16, 32, 64)


def test_a_trial_is_the_run_with_other_values_that_bothers_nobody() -> None:
    draft = config(keep_checkpoints=True).model_dump() | {"notify": {"webhook": "https://example.org/x"}}
    wanted = search(RATE, EPOCHS, base=validate(draft))
    values = {"training.learning_rate": 0.0000123456, "training.num_train_epochs": 2}
    trial = trial_config(wanted.base, wanted.space, values, kind="trial", search="s", trial=3)
    assert (trial.training.learning_rate, trial.training.num_train_epochs) == (1.23e-5, 2)
    assert trial.data == wanted.base.data and trial.origin.trial == 3
    assert not trial.notify.webhook and not trial.training.keep_checkpoints and not trial.hub.push_to_hub


def test_a_grid_has_every_combination_once() -> None:
    space = search(RATE, BATCH, EPOCHS | {"high": 2}).space
    points = grid(space, seed=1)
    assert len(points) == grid_size(space) == 3 * 2 * 2 == len({tuple(point.values()) for point in points})
    assert {point["training.learning_rate"] for point in points} == {1e-5, 3.16e-5, 1e-4}
    assert grid(space, seed=1) == points != grid(space, seed=2)


def test_time_at_work_counts_once_where_trials_go_side_by_side() -> None:
    assert spent([(0, 10), (5, 15), (20, 25)]) == 20
    assert spent([]) == 0
