"""Batches in parts in a run's life: taken up again, with helpers, over processes; and when they must stay whole."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from core.tasks import TASKS
from tests.lessons import School
from tests.making import PROJECT

CHECKPOINTS: dict[str, Any] = {"save_strategy": "steps", "save_steps": 4, "save_total_limit": 10}
SAME = 1e-4


@pytest.fixture
def school(tiny_bert: Path, tmp_path: Path) -> School:
    return School(TASKS["text-classification"], tiny_bert, tmp_path, times=6)


@pytest.mark.slow
class TestTakenUpAgain:
    @pytest.mark.parametrize(
        ("batch", "times", "order"), [(8, 1, "random"), (4, 2, "random"), (4, 2, "group_by_length")]
    )
    def test_goes_on_with_the_very_same_losses(self, school: School, batch: int, times: int, order: str) -> None:
        settings = CHECKPOINTS | {
            "per_device_train_batch_size": batch,
            "gradient_accumulation_steps": times,
            "train_sampling_strategy": order,
            "num_train_epochs": 2,
            "padding": "split",
        }
        whole = school.learn(school.model(0.1), folder="whole", **settings)
        for step in (4, 8):  # in the midst of the first epoch, and of the second
            place = str(school.folder / "whole" / f"checkpoint-{step}")
            rest = school.learn(school.model(0.1), folder=f"rest{step}", resume=place, **settings)
            assert rest.steps == whole.steps[step:] and len(rest.steps) > 1

    def test_from_a_run_with_whole_batches(self, school: School) -> None:
        settings = CHECKPOINTS | {"per_device_train_batch_size": 4, "gradient_accumulation_steps": 2}
        whole = school.learn(folder="whole", padding="whole", **settings)
        place = str(school.folder / "whole" / "checkpoint-4")
        rest = school.learn(folder="rest", padding="split", resume=place, **settings)
        for one, other in zip(rest.steps, whole.steps[4:], strict=True):
            assert one == pytest.approx(other, rel=SAME)


@pytest.mark.slow
def test_helpers_bring_the_same_batches(school: School) -> None:
    alone = school.learn(padding="split", max_steps=3)
    helped = school.learn(padding="split", max_steps=3, dataloader_num_workers=2)
    assert helped.steps == alone.steps


@pytest.mark.slow
def test_two_processes_make_the_steps_of_one_and_tell_each_other_once_a_step(school: School) -> None:
    """Sequential order: chance deals the examples to two processes otherwise than to one."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    environment = {**os.environ, "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    place = school.folder / "steps.json"
    command = [sys.executable, "-c", _OF_TWO, str(school.checkpoint), str(school.folder), str(place)]
    workers = [
        subprocess.Popen(command, cwd=PROJECT, env={**environment, "RANK": rank, "LOCAL_RANK": rank})
        for rank in ("0", "1")
    ]
    try:
        assert [worker.wait(timeout=300) for worker in workers] == [0, 0]
    finally:
        for worker in workers:
            worker.kill()
    found = json.loads(place.read_text(encoding="utf-8"))
    one = school.learn(padding="whole", per_device_train_batch_size=12, **_TWO)
    assert found["exchanges"] == len(one.steps) == 3 and found["parts"] > 2 * 2 * 3, "nothing was cut"
    for ours, theirs in zip(found["steps"], one.steps, strict=True):
        assert tuple(ours) == pytest.approx(theirs, rel=SAME)
    # Corrections that go by tokens: an epoch has as many, of the very same examples.
    one = school.learn(padding="whole", **_BY_TOKENS)
    assert len(one.steps) > 3
    for ours, theirs in zip(found["by_tokens"], one.steps, strict=True):
        assert tuple(ours) == pytest.approx(theirs, rel=SAME)


_TWO: dict[str, Any] = {
    "train_sampling_strategy": "sequential",
    "max_steps": 3,
    "include_num_input_tokens_seen": "non_padding",
}
_BY_TOKENS: dict[str, Any] = {"tokens_per_step": 96, "per_device_train_batch_size": 3}
_OF_TWO = """
import json, sys
from pathlib import Path
from torch.distributed.algorithms.ddp_comm_hooks.default_hooks import allreduce_hook
from transformers import TrainerCallback
from core.tasks import TASKS
from tests.lessons import School
from tests.test_batching_kept import _BY_TOKENS, _TWO

checkpoint, folder, place = map(Path, sys.argv[1:])
import os
own = folder / os.environ["RANK"]
own.mkdir()
school = School(TASKS["text-classification"], checkpoint, own, times=6)
several = {
    "use_cpu": True, "ddp_backend": "gloo", "ddp_find_unused_parameters": "no", "ddp_bucket_cap_mb": 100
}
trainer = school.trainer(
    padding="split", per_device_train_batch_size=3, gradient_accumulation_steps=2, **_TWO, **several,
)
exchanges = []

def exchanged(state, bucket):
    exchanges.append(1)
    return allreduce_hook(state, bucket)

class Counting(TrainerCallback):
    def on_train_begin(self, args, state, control, **kwargs):
        trainer.model_wrapped.register_comm_hook(None, exchanged)

trainer.add_callback(Counting())
trainer.train()
found = {"steps": trainer.noted, "exchanges": len(exchanges), "parts": len(trainer.asked)}
trainer = school.trainer(folder="by_tokens", padding="split", **_BY_TOKENS, **several)
trainer.train()
if os.environ["RANK"] == "0":
    place.write_text(json.dumps({**found, "by_tokens": trainer.noted}))
"""


class TestWholeWhereItMust:
    def test_by_what_is_known_of_a_model(self, school: School) -> None:
        import torch

        from core.training.batching.apart import why_whole

        training = school.set().training
        model = school.model()
        assert why_whole(training, model) is None
        for name in ("neftune_noise_alpha", "deepspeed"):
            wanted = training.model_copy(update={name: 5.0 if name == "neftune_noise_alpha" else "zero2.json"})
            assert why_whole(wanted, model) is not None
        model.config.output_router_logits = True
        note = why_whole(training, model)
        assert note is not None and "experts" in note.detail
        model.config.output_router_logits = False
        model.extra = torch.nn.BatchNorm1d(4)
        note = why_whole(training, model)
        assert note is not None and "batch normalization" in note.detail

    def test_by_a_trial_which_leaves_all_as_it_was(self, school: School) -> None:
        import torch

        from core.training.batching.apart import padding_matters

        collate, loss, pieces = school.scored()
        model = school.model(0.1).train()
        before = torch.get_rng_state()
        assert padding_matters(model, collate, loss, pieces) is None
        assert model.training and torch.get_rng_state().equal(before)

        def blind(some: list[dict[str, Any]]) -> dict[str, Any]:
            """Without the mask a model takes padding for words."""
            return {name: value for name, value in collate(some).items() if name != "attention_mask"}

        note = padding_matters(model, blind, loss, pieces)
        assert note is not None and "longer one" in note.detail
        assert padding_matters(model, blind, loss, [pieces[0]] * 3) is None, "where all are alike"


class TestWhatIsSaid:
    @pytest.mark.parametrize("order", ["sequential", "group_by_length"])
    @pytest.mark.parametrize("name", ["text-classification", "sequence-to-sequence"])
    def test_is_what_the_batches_of_an_epoch_hold(
        self, name: str, order: str, tiny_model: Callable[[str], Path], tmp_path: Path
    ) -> None:
        from core.training.batching.told import padding_of, padding_told

        school = School(TASKS[name], tiny_model(TASKS[name].family), tmp_path, times=3)
        shares = {}
        for padding in ("whole", "split"):
            trainer = school.trainer(padding=padding, train_sampling_strategy=order, per_device_train_batch_size=7)
            shares[padding] = _padding(trainer, writes=name == "sequence-to-sequence")
        found = padding_of(trainer, trainer.data_collator)
        assert (found.computed, found.whole) == pytest.approx((shares["split"], shares["whole"]))
        assert shares["split"] < shares["whole"]
        told = padding_told(trainer)["padding"]
        assert told == pytest.approx({"computed": shares["split"], "whole": shares["whole"]}, abs=1e-4)

    def test_in_a_sentence_with_the_examples_of_a_whole_correction(self, school: School) -> None:
        from core.training.batching.told import about

        training: dict[str, Any] = {
            "padding": "split", "per_device_train_batch_size": 4, "gradient_accumulation_steps": 3
        }  # fmt: skip
        shop: Any = SimpleNamespace(config=school.set(**training))
        note = about(shop, school.trainer(**training))
        assert note is not None
        assert note.title.startswith("Each correction's 12 examples are computed in parts of like length: about ")
        whole: Any = SimpleNamespace(config=school.set(padding="whole"))
        note = about(whole, school.trainer(padding="whole"))
        assert note is not None and note.title == "Each batch is computed as one."


def _padding(trainer: Any, writes: bool) -> float:
    """The share of padding in all batches of an epoch, as they come to the model."""
    from core.training.batching.trainer import parts

    batches = [part for batch in trainer.get_train_dataloader() for part in parts(batch)]
    computed = sum(batch["input_ids"].numel() + writes * batch["labels"].numel() for batch in batches)
    words = sum(int(batch["attention_mask"].sum() + writes * (batch["labels"] >= 0).sum()) for batch in batches)
    return 1 - words / computed
