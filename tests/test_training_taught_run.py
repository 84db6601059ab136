"""What settings of learning do in a whole run, and what a tracker gets of it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from copy import deepcopy
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from core import events, runs
from core.config import validate
from core.errors import ConfigError
from core.runs import Run
from tests.making import reviews, write_csv


class TestTheLeastImprovement:
    def test_ends_a_run_that_creeps(self) -> None:
        from transformers import TrainerControl

        from core.training.early_stopping import EarlyStoppingCallback

        def steps_until_it_stops(threshold: float) -> int:
            callback, control = EarlyStoppingCallback(2, threshold), TrainerControl()
            args = SimpleNamespace(
                metric_for_best_model="f1", greater_is_better=True, eval_strategy="steps", load_best_model_at_end=True
            )
            state: Any = SimpleNamespace(best_metric=None, global_step=0, eval_steps=1, stateful_callbacks={})
            callback.on_train_begin(args, state, control)
            for step in range(1, 9):
                state.global_step, mark = step, 0.5 + step / 100
                callback.on_evaluate(args, state, control, {"eval_f1": mark})
                state.best_metric = mark
                if control.should_training_stop:
                    return step
            return 0

        assert steps_until_it_stops(0.0) == 0 and steps_until_it_stops(0.02) == 3


class TestTrackers:
    @pytest.mark.parametrize("name", ["trackio", "wandb"])
    def test_that_are_not_installed_are_refused_before_the_training(self, name: str) -> None:
        from core.training.trackers import require

        if find_spec(name):
            pytest.skip(f"{name} is installed")
        with pytest.raises(ConfigError) as refused:
            require(name)
        assert f"tunesmith[{name}]" in refused.value.advice and refused.value.remedy == {"training.report_to": "none"}


class Spy:
    """A callback of one's own that looks at what a run really uses."""

    seen: dict[str, Any] = {}  # noqa: RUF012  (one run at a time)

    def __new__(cls) -> Any:
        from transformers import TrainerCallback

        class Looking(TrainerCallback):
            def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
                model = kwargs["model"]
                cls.seen = {"args": args, "before": deepcopy(model.state_dict()), "data": kwargs["train_dataloader"]}

            def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
                cls.seen["groups"] = [(group["initial_lr"], group["lr"]) for group in kwargs["optimizer"].param_groups]
                cls.seen["after"] = deepcopy(kwargs["model"].state_dict())
                cls.seen["hooks"] = len(kwargs["model"].get_input_embeddings()._forward_hooks)
                cls.seen["model"] = kwargs["model"]
                cls.seen["is_exact"] = torch.are_deterministic_algorithms_enabled()

        return Looking()


@pytest.fixture
def _own_process() -> Iterator[None]:
    """A run takes over its process: the termination signal, and how torch computes. Here that is the tests' own."""
    before, variables = signal.getsignal(signal.SIGTERM), dict(os.environ)
    yield
    signal.signal(signal.SIGTERM, before)
    torch.use_deterministic_algorithms(False)
    os.environ.clear()
    os.environ.update(variables)


def trained(table: Path, checkpoint: Path, model: dict[str, Any], **training: Any) -> Run:
    from core.training import job

    run = runs.create(
        validate(
            {
                "task": "text-classification",
                "data": {"source": str(table), "columns": {"text": "text", "label": "label"}},
                "model": {"checkpoint": str(checkpoint), **model},
                "training": {"num_train_epochs": 2, "per_device_train_batch_size": 16, "max_length": 32, **training},
                "custom": {"callbacks": ["tests.test_training_taught_run:Spy"]},
            }
        )
    )
    log = events.EventLog(run.events_path)
    try:
        job.train(run, log)
    finally:
        log.close()
    return run


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "reviews.csv", ("text", "label"), reviews(80))


@pytest.mark.slow
@pytest.mark.usefixtures("_own_process")
def test_a_run_uses_them_all(table: Path, tiny_bert: Path) -> None:
    run = trained(
        table,
        tiny_bert,
        {"dropout": 0.3},
        learning_rate=1e-3,
        layerwise_lr_decay=0.5,
        head_learning_rate=4e-3,
        freeze="layers",
        frozen_layers=1,
        label_smoothing_factor=0.1,
        neftune_noise_alpha=5,
        report_to="tensorboard",
        data_seed=7,
        full_determinism=True,
        early_stopping_threshold=0.02,
    )
    seen: Any = Spy.seen
    happened = events.read(run.events_path)[0]
    assert {initial for initial, _ in seen["groups"]} == {1e-3, 4e-3}, "what is lower is frozen"
    logged = [event.learning_rate for event in happened if isinstance(event, events.Stepped)]
    assert max(rate or 0 for rate in logged) == pytest.approx(1e-3)
    moved = {name for name, tensor in seen["after"].items() if not torch.equal(tensor, seen["before"][name])}
    frozen = {name for name in seen["before"] if name.startswith(("bert.embeddings.", "bert.encoder.layer.0."))}
    assert moved and not moved & frozen and "classifier.weight" in moved
    assert seen["model"].config.hidden_dropout_prob == 0.3
    assert seen["hooks"] == 1 and not seen["model"].get_input_embeddings()._forward_hooks, "noise only while it trains"
    assert seen["is_exact"] and seen["args"].data_seed == 7 and seen["data"].batch_sampler.sampler.initial_seed == 7
    titles = [event.title for event in happened if isinstance(event, events.Noticed)]
    assert any("parameters are trained" in title for title in titles) and any("Dropout" in title for title in titles)
    assert not [event for event in happened if isinstance(event, events.Noticed) and event.code], "a false alarm"
    assert_the_curve_is_in(run)


def assert_the_curve_is_in(run: Run) -> None:
    from tensorboardX.proto.event_pb2 import Event

    (file,) = (run.path / "tensorboard").iterdir()
    block = file.read_bytes()
    found: dict[tuple[str, int], float] = {}
    while block:  # length, its checksum, the record, its checksum
        length = int.from_bytes(block[:8], "little")
        event = Event.FromString(block[12 : 12 + length])
        found |= {(value.tag, event.step): value.simple_value for value in event.summary.value}
        block = block[16 + length :]
    steps = [event for event in events.read(run.events_path)[0] if isinstance(event, events.Stepped)]
    assert steps and all(found["train/loss", event.step] == pytest.approx(event.loss) for event in steps)
    assert any(name == "eval/loss" for name, _ in found)
