"""The probe: what it finds, what it leaves behind (nothing), what is kept of it, and what is foretold by it."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core import events, machine, runs
from core.config import CustomConfig, RunConfig, TrainingConfig
from core.models.types import Checkpoint
from core.probing import kept
from core.probing.fitting import fitted
from core.probing.foretelling import foretold
from core.probing.found import Probed, Way
from core.runs import Run
from core.training.batching.planning import Cost, parts_of
from tests.making import config, reviews, write_csv
from tests.probed import COST, FOUND

TRAINING = TrainingConfig(num_train_epochs=3, per_device_train_batch_size=16, max_length=128)
MINILM = Checkpoint(id="x", title="x", summary="", path=None, parameters=22_713_216, hidden_size=384, layers=6)
USUAL = 1 / (6 * 384)


# --- Figures


def test_costs_are_found_again_in_times_that_are_a_little_off() -> None:
    chance = random.Random(0)
    shapes = [(1, 12), (4, 64), (8, 64), (2, 256)]
    times = [COST.of(*shape) * chance.uniform(0.97, 1.03) for shape in shapes]
    call, token, pair = fitted([(rows * width, rows * width**2) for rows, width in shapes], times, USUAL)
    assert call == pytest.approx(COST.call, rel=0.25) and token == pytest.approx(COST.token, rel=0.1)
    assert Cost(call, token, pair).of(16, 128) == pytest.approx(COST.of(16, 128), rel=0.06)


def test_where_texts_are_short_a_pair_costs_what_is_expected() -> None:
    shapes = [(1, 10), (4, 12), (16, 12), (6, 20)]
    times = [0.03 + 8e-4 * rows * width for rows, width in shapes]
    _, token, pair = fitted([(rows * width, rows * width**2) for rows, width in shapes], times, USUAL)
    assert USUAL / 8 <= pair / token <= USUAL * 8
    assert fitted([(1, 1), (2, 2)], [3.0, 1.0], USUAL)[1] >= 0, "nothing takes less than no time"


def test_batches_are_cut_alike_after_two_probes() -> None:
    again = replace(FOUND, cost=Cost(call=0.028, token=8.3e-4, pair=9.4e-7))
    assert again.cutting == FOUND.cutting
    assert Cost(0.0, 1.0, 0.0) != replace(FOUND, cost=Cost(0.0, 0.0, 0.0)).cutting, "never nothing at all"


def test_an_epoch_is_the_sum_of_its_parts() -> None:
    lengths = [random.Random(number).randint(5, 120) for number in range(640)]
    split, whole = (foretold(replace(FOUND, laid=laid), TRAINING, lengths, 640, 0) for laid in ("parts", "whole"))
    random.Random(0).shuffle(shuffled := list(lengths))
    batches = [shuffled[start : start + 16] for start in range(0, 640, 16)]
    rest = 640 * FOUND.row + 40 * FOUND.correction
    assert whole.epoch_s == pytest.approx(sum(COST.of(len(batch), max(batch)) for batch in batches) + rest)
    in_parts = [(batch, part) for batch in batches for part in parts_of(batch, FOUND.cutting, 16 * max(batch))]
    assert split.epoch_s == pytest.approx(
        sum(COST.of(len(part), max(batch[place] for place in part)) for batch, part in in_parts) + rest
    )
    packed = foretold(replace(FOUND, laid="packed", packed_tokens=2048), TRAINING, lengths, 640, 0)
    assert packed.epoch_s < split.epoch_s < whole.epoch_s
    assert split.training_s == pytest.approx(3 * split.epoch_s)
    assert foretold(FOUND, TRAINING, lengths, 640, 100).training_s > split.training_s, "checks take time"
    assert split.highest_bytes is not None and whole.highest_bytes is not None
    assert split.highest_bytes <= whole.highest_bytes


# --- What is kept


def test_what_was_found_holds_for_a_run_like_it_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    run = config()
    assert kept.known(run, MINILM) is None
    kept.keep(run, MINILM, FOUND)
    assert kept.known(run, MINILM) == FOUND
    assert kept.known(config(learning_rate=1e-3, num_train_epochs=9), MINILM) == FOUND
    assert kept.known(config(optim="sgd"), MINILM) is None
    assert kept.known(config(probe="measure"), MINILM) is None, "it computes in another way"
    assert kept.known(run, replace(MINILM, layers=12)) is None
    with monkeypatch.context() as other:
        other.setattr(machine, "cores", lambda: 64)
        assert kept.known(run, MINILM) is None, "another machine"
    with monkeypatch.context() as other:
        other.setattr(kept, "_version", lambda package: "0.0")
        assert kept.known(run, MINILM) is None, "another torch"
    for file in kept._path(run, MINILM).parent.iterdir():
        file.write_text("{", encoding="utf-8")
    assert kept.known(run, MINILM) is None


def test_longer_texts_and_what_a_busy_machine_said_are_measured_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    assert kept.holds(FOUND, 70) and not kept.holds(FOUND, 200)
    crowded = replace(FOUND, share=0.4)
    monkeypatch.setattr(machine, "is_busy", lambda: False)
    assert not kept.holds(crowded, 20)
    monkeypatch.setattr(machine, "is_busy", lambda: True)
    assert kept.holds(crowded, 20), "it would be no better now"


# --- In a run


class FailsAtFirst:
    """A collator that a probe finds no memory with."""

    def __init__(self, context: Any, purpose: str) -> None:
        from core.tasks import TASKS

        self._collate = TASKS["text-classification"].collator(context, purpose)
        self._calls = 0

    def __call__(self, pieces: list[dict[str, Any]]) -> Any:
        self._calls += 1
        if self._calls == 1:
            raise MemoryError
        return self._collate(pieces)


@pytest.fixture(scope="module")
def runs_of_two_kinds(tmp_path_factory: pytest.TempPathFactory, tiny_bert: Path) -> Iterator[dict[str, Run]]:
    """A training that was measured first, the same one that was not, and one that could not be."""
    import signal

    from core.probing import measuring

    table = write_csv(tmp_path_factory.mktemp("table") / "reviews.csv", ("text", "label"), reviews(60))
    before = signal.getsignal(signal.SIGTERM)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TUNESMITH_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setattr(measuring, "SHORT_RUN_SECONDS", 0.0)
        patch.setattr(measuring, "EASY_OPERATIONS", 0.0)
        made: dict[str, Run] = {}
        for probe in ("no", "measure"):
            made[probe] = trained(config(table, tiny_bert, probe=probe, logging_steps=1, padding="split"))
        fails = config(table, tiny_bert, max_steps=1, eval_strategy="no", save_strategy="no")
        made["fails"] = trained(
            fails.model_copy(update={"custom": CustomConfig(collator="tests.test_probing:FailsAtFirst")})
        )
        yield made
    signal.signal(signal.SIGTERM, before)


def trained(wanted: RunConfig) -> Run:
    from core.training import job

    run = runs.create(wanted)
    log = events.EventLog(run.events_path)
    job.train(run, log)
    log.close()
    return run


def happened(run: Run, kind: type[events.Event]) -> list[Any]:
    return [event for event in events.read(run.events_path)[0] if isinstance(event, kind)]


@pytest.mark.slow
def test_a_training_that_was_measured_learns_the_same_to_the_last_bit(runs_of_two_kinds: dict[str, Run]) -> None:
    plain, measured = (
        [(one.step, one.loss, one.grad_norm) for one in happened(runs_of_two_kinds[probe], events.Stepped)]
        for probe in ("no", "measure")
    )
    assert measured == plain and len(plain) > 5
    weights = [(runs_of_two_kinds[one].model_path / "model.safetensors").read_bytes() for one in ("no", "measure")]
    assert weights[0] == weights[1]


@pytest.mark.slow
def test_a_run_says_what_was_measured_before_its_first_step(runs_of_two_kinds: dict[str, Run]) -> None:
    run = runs_of_two_kinds["measure"]
    (planned,) = happened(run, events.Planned)
    assert planned.seconds > 0
    assert any(one.title.startswith("An epoch takes") for one in happened(run, events.Noticed))
    found = Probed.of(json.loads((run.path / "probe.json").read_text(encoding="utf-8")))
    cost = found.cost
    assert cost.call + cost.token + cost.pair > 0, "which of them, a model so small does not tell on a busy machine"
    assert found.way == Way() and found.widest <= 32 and 0 < found.forward <= 1
    assert happened(runs_of_two_kinds["no"], events.Planned)[0].seconds is None


@pytest.mark.slow
def test_a_probe_that_fails_is_said_and_fails_no_run(runs_of_two_kinds: dict[str, Run]) -> None:
    run = runs_of_two_kinds["fails"]
    (warned,) = [one for one in happened(run, events.Noticed) if "could not be measured" in one.title]
    assert warned.level == "warning" and "usual way" in warned.detail
    assert happened(run, events.Finished) and run.has_model


@pytest.mark.slow
def test_the_fastest_way_is_looked_for_and_leaves_nothing_behind(tmp_path: Path, tiny_bert: Path) -> None:
    import torch
    from torch.nn.utils.rnn import pad_sequence
    from transformers import AutoModelForSequenceClassification, TrainingArguments

    from core.probing import probe as probing
    from core.probing import taking
    from core.tasks import TASKS
    from core.training.trainer import SafeTrainer

    model = AutoModelForSequenceClassification.from_pretrained(tiny_bert, num_labels=2)
    collate: Any = lambda pieces: {  # noqa: E731
        "input_ids": pad_sequence([torch.tensor(piece["input_ids"]) for piece in pieces], batch_first=True),
        "labels": torch.tensor([piece["labels"] for piece in pieces]),
    }
    arguments = TrainingArguments(output_dir=str(tmp_path), use_cpu=True, report_to=[], disable_tqdm=True)
    pieces: Any = [{"input_ids": [1 + number] * (3 + number), "labels": number % 2} for number in range(20)]
    task = TASKS["text-classification"]
    check: Any = lambda model, stepped: ({}, 0)  # noqa: E731
    trainer = SafeTrainer(
        model=model, args=arguments, train_dataset=pieces, data_collator=collate, loss=task.loss, check=check
    )
    before = {name: one.clone() for name, one in model.state_dict().items()}
    chance, threads = torch.get_rng_state(), torch.get_num_threads()
    wish = probing.Wish([3, 12, 22], 8, tokens=1e6, shortest=0.0, precisions=("bf16",), attentions=True)
    found = probing.probe(trainer, wish)
    assert found is not None and found.cost.of(8, 22) > 0 and found.correction > 0 and found.times >= 1
    assert found.memory is None or found.memory.fixed > 0
    assert torch.equal(chance, torch.get_rng_state()) and threads == torch.get_num_threads()
    assert all(torch.equal(before[name], one) for name, one in model.state_dict().items())
    assert model.config._attn_implementation == "sdpa" and trainer.optimizer is None
    assert all(one.grad is None for one in model.parameters())
    assert probing.probe(trainer, replace(wish, shortest=1e9)) is None

    taking.take(trainer, replace(found, way=Way(attention="eager", precision="bf16")))
    assert model.config._attn_implementation == "eager"
    assert trainer.accelerator.mixed_precision == "bf16" and arguments.bf16
    seen: list[Any] = []
    model.bert.encoder.register_forward_hook(lambda module, given, out: seen.append(out[0].dtype))
    model.bert.encoder.layer[0].intermediate.dense.register_forward_hook(
        lambda module, given, out: seen.append(out.dtype)
    )
    trainer.accelerator.prepare(model)(**collate(pieces[:1]))
    assert torch.bfloat16 in seen
