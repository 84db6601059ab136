"""Every setting, walked: it stands in the form, in the docs, in a config and on the command line, refuses what is out
of range on its field, and reaches the arguments of the Trainer that are really used.
"""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path
from typing import Any, get_origin

import pytest
import yaml

from core import capabilities, schema, settings_catalogue
from core import config as configs
from core.completion import refuse_lacking
from core.config import RunConfig, TrainingConfig, validate
from core.errors import ConfigError
from core.schema import Row
from core.settings.words import as_bool
from core.tasks import TASKS
from core.training.arguments import training_arguments
from core.training.owned import GONE, OWNED
from tests.making import PROJECT
from ui import forms

TASK = TASKS["text-classification"]
MINIMAL: dict[str, Any] = {"task": TASK.id, "data": {"source": "reviews.csv"}}
ROWS = [row for row in schema.rows(RunConfig) if not row.path.startswith("data.")]
TRAINING = [row for row in ROWS if row.path.startswith("training.")]

WORDS = {
    "metric_for_best_model": "loss",
    "optim_args": "momentum=0.5",
    "hub_model_id": "me/thing",
    "webhook": "https://example.org",
    "fsdp_config": '{"version": 2}',
}
"""What else may stand in settings of words than any words."""
WITH: dict[str, dict[str, Any]] = {
    "eval_steps": {"eval_strategy": "steps"},
    "save_steps": {"save_strategy": "steps", "eval_strategy": "no"},
    "optim_args": {"optim": "sgd"},
    "torch_compile_backend": {"torch_compile": True},
    "torch_compile_mode": {"torch_compile": True},
    "dataloader_prefetch_factor": {"dataloader_num_workers": 1},
    "dataloader_persistent_workers": {"dataloader_num_workers": 1},
    "num_cycles": {"lr_scheduler_type": "cosine"},
    "power": {"lr_scheduler_type": "polynomial"},
    "lr_end": {"lr_scheduler_type": "polynomial", "learning_rate": 0.9},
    "min_lr_rate": {"lr_scheduler_type": "cosine_with_min_lr"},
    "warmup_lr_rate": {"lr_scheduler_type": "cosine_warmup_with_min_lr"},
    "num_decay_steps": {"lr_scheduler_type": "warmup_stable_decay"},
    "warmup_type": {"lr_scheduler_type": "warmup_stable_decay"},
    "decay_type": {"lr_scheduler_type": "warmup_stable_decay"},
    "timescale": {"lr_scheduler_type": "inverse_sqrt"},
    "plateau_factor": {"lr_scheduler_type": "reduce_lr_on_plateau"},
    "plateau_patience": {"lr_scheduler_type": "reduce_lr_on_plateau"},
    "max_lr_rate": {"lr_scheduler_type": "greedy"},
    "tokens_per_step": {"max_length": 8},
}
"""What it takes for a setting to matter."""
_SAME = ("num_cycles", "power", "lr_end", "min_lr_rate", "warmup_lr_rate", "warmup_type", "decay_type", "timescale")
SCHEDULED = {name: name for name in (*_SAME, "num_decay_steps")}
SCHEDULED |= {"plateau_factor": "factor", "plateau_patience": "patience"}
"""Settings that are numbers of a schedule, and what the schedule calls them."""
CONSUMED = {
    "max_length",
    "auto_find_batch_size",
    "padding",
    "tokens_per_step",
    "probe",
    "eval_time_share",
    "early_stopping_patience",
    "early_stopping_threshold",
    "keep_checkpoints",
    "layerwise_lr_decay",
    "head_learning_rate",
    "freeze",
    "frozen_layers",
}
"""Settings that transformers does not know, which act elsewhere: see ``test_settings_effect`` and
``test_training_taught``."""


def other(row: Row) -> Any:
    """A value that may stand there and is not the one that stands there anyway."""
    if row.choices:
        return next(value for _, value in reversed(row.choices) if value != row.default)
    if row.type is bool:
        return not row.default
    if row.type is str:
        return WORDS.get(row.name, "something")
    if is_list(row):
        return ["something", "something else"]
    low, high = row.minimum or 0, row.maximum or 1e9
    fits = [1e-6, 0.25, 0.5, 2, 3, 7] if row.type is float else [low + 1, 2, 3, 9]
    return next(row.type(value) for value in reversed(fits) if low < value < high and value != row.default)


def is_list(row: Row) -> bool:
    return get_origin(row.type) is tuple


def draft_with(row: Row, value: Any) -> dict[str, Any]:
    data: dict[str, Any] = {**MINIMAL, "training": dict(WITH.get(row.name, {}))}
    if row.path.startswith("hub."):
        data["hub"] = {"push_to_hub": True, "hub_model_id": "me/it"}
    if row.path.startswith("distribution."):
        data["distribution"] = {"machines": 10, "address": "10.0.0.5"}
    configs.put(data, row.path, value)
    return data


def value_in(config: RunConfig, path: str) -> Any:
    found = functools.reduce(getattr, path.split("."), config)
    return list(found) if isinstance(found, tuple) else found


# --- Where it can be set


def test_a_setting_stands_in_the_form_the_docs_the_config_and_the_command_line(tmp_path: Path) -> None:
    drawn = {one.path for one in (*forms.rows_of(TASK.id), *forms.WATCH_ROWS)}
    file = tmp_path / "run.yaml"
    for row in ROWS:
        value = other(row)
        wanted = validate(draft_with(row, value))
        assert row.path in drawn
        assert f"| `{row.path}` | {row.setting.label}" in DOCS
        assert value_in(validate(yaml.safe_load(wanted.to_yaml())), row.path) == value
        file.write_text(yaml.safe_dump(draft_with(row, row.default)))
        said = yaml.safe_dump(value, default_flow_style=True).removesuffix("\n...\n").strip()
        assert value_in(validate(configs.load(file, [f"{row.path}={said}"])), row.path) == value


DOCS = (PROJECT / "docs" / "settings.md").read_text(encoding="utf-8")


def test_the_page_of_the_settings_is_as_make_docs_writes_it() -> None:
    assert settings_catalogue.page() == DOCS, "run: make docs"
    assert all(f"| `{name}` |" in DOCS for name in (*OWNED, *GONE))


def test_the_basic_ten_come_first() -> None:
    basic = [row.name for row in TRAINING if row.setting.level == "basic"]
    assert basic == [row.name for row in TRAINING[:10]]
    assert basic[:2] == ["num_train_epochs", "learning_rate"] and basic[-1] == "seed"


# --- What it refuses


def test_what_is_out_of_range_is_refused_on_its_field() -> None:
    for row in ROWS:
        outside: list[Any] = ["sometimes"] if row.choices or row.type is not str else [["a list"], "x" * 10_000]
        outside = [7, [["a list"]], ["something"] * 10_000] if is_list(row) else outside
        outside += [row.minimum - 1] if row.minimum is not None else []
        outside += [row.maximum * 2 + 1] if row.maximum is not None else []
        for value in outside:
            with pytest.raises(ConfigError) as caught:
                validate(draft_with(row, value))
            assert caught.value.field == row.path, value


CLASHES: list[tuple[dict[str, Any], str, str]] = [
    ({"save_strategy": "steps"}, "save_strategy", "the best model has to be among"),
    ({"save_strategy": "best", "eval_strategy": "no"}, "save_strategy", "choose how progress is checked"),
    (
        {"eval_strategy": "steps", "eval_steps": 30, "save_strategy": "steps", "save_steps": 40},
        "save_steps",
        "of 30",
    ),
    ({"bf16": True, "fp16": True}, "fp16", "one kind of 16 bits"),
    ({"lr_scheduler_type": "polynomial", "lr_end": 0.5}, "lr_end", "less than the learning rate"),
    ({"lr_scheduler_type": "greedy", "eval_strategy": "no"}, "lr_scheduler_type", "goes by checks"),
    ({"optim": "sgd", "optim_args": "speed=3"}, "optim_args", "momentum"),
    ({"optim": "sgd", "optim_args": "nesterov=3"}, "optim_args", "none of its numbers"),
    ({"metric_for_best_model": "bleu"}, "metric_for_best_model", "choose one of: loss"),
]


def test_settings_that_do_not_go_together_are_refused_on_a_field() -> None:
    for given, name, words in CLASHES:
        found = forms.problems({**MINIMAL, "training": given})
        assert list(found) == [f"training.{name}"]
        assert words in found[f"training.{name}"].lower()


def test_an_argument_that_is_no_setting_is_refused_with_what_to_use() -> None:
    for name, words in (OWNED | GONE).items():
        with pytest.raises(ConfigError) as caught:
            validate({**MINIMAL, "training": {name: 1}})
        assert caught.value.field == f"training.{name}"
        assert words in caught.value.title


def test_words_of_yaml_that_mean_no_are_understood() -> None:
    given = {"eval_strategy": False, "save_strategy": False, "report_to": None, "greater_is_better": True}
    training = validate({**MINIMAL, "training": given}).training
    assert (training.eval_strategy, training.save_strategy, training.report_to) == ("no", "no", "none")
    assert training.greater_is_better == "yes" and not training.keeps_best and training.patience == 0


def test_what_the_machine_lacks_is_refused_before_a_start(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ampere", "bitsandbytes"):
        monkeypatch.setitem(capabilities.CAPABILITIES, name, lambda: "It is not here.")
    for given in ({"tf32": True}, {"optim": "lion_8bit"}):
        with pytest.raises(ConfigError, match="cannot be used on this machine") as caught:
            refuse_lacking(validate({**MINIMAL, "training": given}))
        assert caught.value.field == f"training.{next(iter(given))}" and "It is not here." in caught.value.advice
    refuse_lacking(validate({**MINIMAL, "training": {"optim": "sgd"}}))
    row = next(row for row in TRAINING if row.name == "tf32")
    assert schema.why_not(row, {"training.use_cpu": True}) == "It is computed on the CPU."
    assert schema.why_not(row, {}) == "It is not here."
    assert set(capabilities.IN_WORDS) == set(capabilities.CAPABILITIES)


# --- Where it goes


def test_each_argument_of_transformers_is_a_setting_or_has_a_reason() -> None:
    from transformers import TrainingArguments

    arguments = {one.name for one in dataclasses.fields(TrainingArguments)}
    settings = set(TrainingConfig.model_fields)
    assert arguments - settings == set(OWNED)
    assert settings - arguments == (CONSUMED - {"auto_find_batch_size"}) | set(SCHEDULED) | {"max_lr_rate"}
    assert not set(GONE) & (arguments | settings)


@pytest.mark.parametrize("row", [row for row in TRAINING if row.name not in CONSUMED], ids=lambda row: row.name)
def test_a_setting_reaches_the_arguments_really_used(row: Row, tmp_path: Path) -> None:
    value = other(row)
    training = validate(draft_with(row, value)).training
    if row.name in ("deepspeed", "ddp_backend") or (row.name == "tf32" and capabilities.missing("ampere")):
        # They are taken as they are where the machine has what they need, and complain where it has not.
        with pytest.raises((ValueError, ImportError), match=r"(?i)tf32|deepspeed|process group"):
            training_arguments(training, TASK, tmp_path, 100)
        return
    arguments = training_arguments(training, TASK, tmp_path, 100)
    if row.name in SCHEDULED:
        assert arguments.lr_scheduler_kwargs[SCHEDULED[row.name]] == value
    elif row.name == "max_lr_rate":
        assert arguments.lr_scheduler_kwargs["max_lr"] == pytest.approx(value * training.learning_rate)
    elif row.name == "report_to":
        assert arguments.report_to == [value]
    elif row.name == "fsdp_config":
        assert arguments.fsdp_config == yaml.safe_load(value)
    elif row.name == "dataloader_pin_memory":
        assert arguments.dataloader_pin_memory is False
    else:
        expected = as_bool(value) if row.default == "automatic" and value in ("yes", "no") else value
        assert getattr(arguments, row.name) == expected
