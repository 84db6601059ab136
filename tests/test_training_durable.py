"""Out of memory, out of room, out of luck: a run goes on, or stops with a word and can be taken up again."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from core import afterwards, events, home, machine, runs
from core.config import RunConfig
from core.errors import ConfigError, StudioError, TrainingError, explain
from core.publishing import card_training
from core.publishing.facts import facts_of
from core.runs import Run
from core.training import checkpoints
from tests.making import config, reviews, write_csv

pytestmark = pytest.mark.slow

BATCH, ACCUMULATION = "training.per_device_train_batch_size", "training.gradient_accumulation_steps"
EPOCH = 6
"""Steps."""


@pytest.fixture(autouse=True)
def _own_termination() -> Iterator[None]:
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def wanted(tmp_path: Path, tiny_bert: Path) -> Callable[..., RunConfig]:
    """The config of a run of two epochs."""
    table = write_csv(tmp_path / "reviews.csv", ("text", "label"), reviews(64))
    return lambda **training: config(
        table, tiny_bert, **{"learning_rate": 1e-3, "keep_checkpoints": True, "early_stopping_patience": 0, **training}
    )


def train(run: Run) -> StudioError | None:
    """As a worker does; returns what went wrong, which is the last event then."""
    from core.training import job

    log = events.EventLog(run.events_path)
    try:
        job.train(run, log)
    except Exception as exc:
        error = explain(exc)
        log.append(events.Failed(title=error.title, advice=error.advice, cause=error.cause, remedy=error.remedy))
        return error
    finally:
        log.close()
    return None


def happened(run: Run, kind: type[events.Event]) -> list[Any]:
    return [event for event in events.read(run.events_path)[0] if isinstance(event, kind)]


def losses(run: Run, after: int = 0) -> dict[int, float]:
    """Of the steps as they were last made."""
    return {event.step: event.loss for event in happened(run, events.Stepped) if event.step > after}


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """``memory["most"]`` examples fit into a batch, from step ``memory["from"]`` on (0 is the first)."""
    import torch

    from core.training.trainer import SafeTrainer

    limit, compute = {"most": 4, "from": 0}, SafeTrainer.compute_loss

    def compute_loss(self: Any, model: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        if len(inputs["input_ids"]) > limit["most"] and self.state.global_step >= limit["from"]:
            raise torch.OutOfMemoryError("Tried to allocate 20.00 GiB.")
        return compute(self, model, inputs, *args, **kwargs)

    monkeypatch.setattr(SafeTrainer, "compute_loss", compute_loss)
    return limit


@dataclass
class Seen:
    """How many examples and parts each step had, as it was last made."""

    examples: dict[int, int] = field(default_factory=dict)
    parts: dict[int, int] = field(default_factory=dict)
    is_short: bool = False
    """Memory runs out once, at the second part of a step."""


def _parts_seen(monkeypatch: pytest.MonkeyPatch) -> Seen:
    import torch

    from core.training.trainer import SafeTrainer

    seen, compute = Seen(), SafeTrainer.compute_loss

    def compute_loss(self: Any, model: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        step, rows = self.state.global_step, len(inputs["input_ids"])
        is_first = seen.examples.get(step, 0) % 8 == 0
        seen.examples[step] = rows if is_first else seen.examples[step] + rows
        seen.parts[step] = 1 if is_first else seen.parts[step] + 1
        if seen.is_short and seen.parts[step] == 2:
            seen.is_short, seen.examples = False, {}
            raise torch.OutOfMemoryError("Tried to allocate 20.00 GiB.")
        return compute(self, model, inputs, *args, **kwargs)

    monkeypatch.setattr(SafeTrainer, "compute_loss", compute_loss)
    return seen


class TestOutOfMemory:
    def test_halves_the_batch_doubles_the_accumulation_and_learns_the_same(
        self, wanted: Callable[..., RunConfig], memory: dict[str, int]
    ) -> None:
        undisturbed = runs.create(wanted(per_device_train_batch_size=4, gradient_accumulation_steps=2))
        run = runs.create(wanted(per_device_train_batch_size=8))
        assert train(undisturbed) is None and train(run) is None
        (noticed,) = [event for event in happened(run, events.Noticed) if event.code == "smaller-batch"]
        assert noticed.remedy == {BATCH: 4, ACCUMULATION: 2} and "8 examples: they now have 4" in noticed.title
        assert losses(run) == pytest.approx(losses(undisturbed), abs=1e-6) and len(losses(run)) == 2 * EPOCH
        assert run.report is not None and undisturbed.report is not None
        assert run.report["metrics"] == undisturbed.report["metrics"]
        assert run.report["batch"] == {"per_device_train_batch_size": 4, "gradient_accumulation_steps": 2}
        assert "| Batch size | 4 examples |" in "\n".join(card_training.training(facts_of(run, "anna/it")))
        planned = happened(run, events.Planned)
        assert {event.total_steps for event in planned} == {2 * EPOCH}

    def test_in_a_part_of_a_correction_takes_smaller_parts_of_the_same_examples(
        self, tmp_path: Path, tiny_bert: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        rows = [(text * (5 if number % 3 else 1), label) for number, (text, label) in enumerate(reviews(64))]
        table = write_csv(tmp_path / "uneven.csv", ("text", "label"), rows)
        usual = {"learning_rate": 1e-3, "num_train_epochs": 1, "padding": "split"}
        seen = _parts_seen(monkeypatch)
        undisturbed = runs.create(
            config(table, tiny_bert, per_device_train_batch_size=4, gradient_accumulation_steps=2, **usual)
        )
        assert train(undisturbed) is None
        wanted, seen.examples = seen.examples, {}
        seen.is_short = True
        run = runs.create(config(table, tiny_bert, per_device_train_batch_size=8, **usual))
        assert train(run) is None and not seen.is_short
        (noticed,) = [event for event in happened(run, events.Noticed) if event.code == "smaller-batch"]
        assert noticed.remedy == {BATCH: 4, ACCUMULATION: 2}
        assert seen.examples == wanted and set(list(wanted.values())[:-1]) == {8}
        assert losses(run) == pytest.approx(losses(undisturbed), abs=1e-6) and len(losses(run)) == EPOCH

    def test_in_the_midst_goes_on_from_the_newest_checkpoint_and_the_next_life_knows_what_fits(
        self, wanted: Callable[..., RunConfig], memory: dict[str, int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        memory["from"] = EPOCH + 2
        run = runs.create(wanted(per_device_train_batch_size=8))
        free = machine.disk_free
        # Room for the start and the first save, none for the second.
        monkeypatch.setattr(
            machine, "disk_free", lambda path: 1000 if max(losses(run), default=0) > EPOCH + 4 else free(path)
        )
        failed = train(run)
        assert isinstance(failed, TrainingError) and "nearly full" in failed.title
        assert f"checkpoint of step {EPOCH} is kept" in failed.advice and "take the run up again" in failed.advice
        assert [event.resumed_from_step for event in happened(run, events.Started)] == [None, EPOCH]
        monkeypatch.undo()
        assert train(run) is None
        told = [event for event in happened(run, events.Noticed) if event.code == "smaller-batch"]
        assert [event.remedy for event in told] == [{BATCH: 4, ACCUMULATION: 2}] * 2
        assert run.report is not None and run.report["batch"]["per_device_train_batch_size"] == 4
        assert len(losses(run)) == 2 * EPOCH

    def test_that_nothing_mends_is_said_and_what_would_is_one_click_away(
        self, wanted: Callable[..., RunConfig], memory: dict[str, int]
    ) -> None:
        memory["most"] = 0
        hopeless = train(runs.create(wanted(per_device_train_batch_size=1)))
        assert hopeless and "one example at a time" in hopeless.title and not hopeless.remedy
        memory.update({"most": 4, "from": EPOCH + 2})
        run = runs.create(wanted(per_device_train_batch_size=8, auto_find_batch_size=False))
        failed = train(run)
        assert failed and failed.remedy == {BATCH: 4, ACCUMULATION: 2}
        follower = afterwards.retrying(run)
        assert follower.step == EPOCH and f"step {EPOCH}" in follower.words
        again = runs.create(follower.config)
        assert train(again) is None
        assert happened(again, events.Started)[0].resumed_from_step == EPOCH
        assert sorted(losses(again)) == list(range(EPOCH + 1, 2 * EPOCH + 1))
        assert any(f"goes on from step {EPOCH} of" in event.title for event in happened(again, events.Noticed))


@pytest.mark.parametrize(("batch", "half"), [(8, 4), (6, 3), (9, 3), (5, 1), (2, 1)])
def test_a_smaller_batch_makes_the_same_steps(batch: int, half: int) -> None:
    from core.training.learning import smaller

    training = config(per_device_train_batch_size=batch, gradient_accumulation_steps=3).training
    new = smaller(training)
    assert new is not None and new.per_device_train_batch_size == half
    assert new.per_device_train_batch_size * new.gradient_accumulation_steps == 3 * batch
    assert smaller(config(per_device_train_batch_size=1).training) is None


class TestGoingOn:
    @pytest.fixture
    def done(self, wanted: Callable[..., RunConfig]) -> Run:
        run = runs.create(wanted(num_train_epochs=1, early_stopping_patience=2))
        assert train(run) is None
        return run

    def test_trains_longer_from_the_last_checkpoint_or_else_from_the_model(self, done: Run) -> None:
        longer = runs.create(afterwards.prolonged(done, 1))
        assert longer.config.training.num_train_epochs == 2 and longer.config.origin.run == done.id
        assert train(longer) is None
        assert sorted(losses(longer)) == list(range(EPOCH + 1, 2 * EPOCH + 1))
        words = " ".join(event.title + event.detail for event in happened(longer, events.Noticed))
        assert f"goes on from step {EPOCH} of a test" in words and f"over {2 * EPOCH} steps" in words
        rates = {event.step: event.learning_rate for event in happened(longer, events.Stepped)}
        assert rates[EPOCH + 1] > happened(done, events.Stepped)[-1].learning_rate, "the schedule was stretched"
        # Its own from here on: the other run may go, and files are shared, not taken.
        assert not checkpoints.fault(done.checkpoints_path / f"checkpoint-{EPOCH}")

        for path in checkpoints.all_of(done.checkpoints_path):
            checkpoints.discard(path)
        from_model = afterwards.prolonging(done, 1)
        for less in (0, -1, float("nan")):
            with pytest.raises(ConfigError, match="less than it has"):
                afterwards.prolonging(done, less)
        assert from_model.config.model.checkpoint == str(done.model_path) and "kept" in from_model.words
        note = afterwards.note_of(from_model.config)
        assert note is not None and "learns on from the model of a test" in note.title

    def test_with_another_rate_takes_it_at_once(self, wanted: Callable[..., RunConfig]) -> None:
        steady = {"lr_scheduler_type": "constant", "warmup_steps": 0}
        first = runs.create(wanted(num_train_epochs=1, **steady))
        assert train(first) is None
        checkpoint = first.checkpoints_path / f"checkpoint-{EPOCH}"
        run = runs.create(wanted(learning_rate=2e-4, resume_from_checkpoint=str(checkpoint), **steady))
        assert train(run) is None
        assert {event.learning_rate for event in happened(run, events.Stepped)} == {2e-4}
        assert any("0.0002 from here on, not 0.001" in event.detail for event in happened(run, events.Noticed))

    def test_is_refused_where_it_would_be_wrong(self, done: Run, wanted: Callable[..., RunConfig]) -> None:
        checkpoint = done.checkpoints_path / f"checkpoint-{EPOCH}"

        def refused(**training: Any) -> str:
            named = wanted(**{"resume_from_checkpoint": str(checkpoint), **training})
            error = train(runs.create(named))
            assert isinstance(error, ConfigError) and error.field == "training.resume_from_checkpoint"
            return error.title

        assert "takes 16" in refused(per_device_train_batch_size=16)
        assert "ends after" in refused(num_train_epochs=0.5)
        assert "There is no checkpoint" in refused(resume_from_checkpoint=str(checkpoint) + "0")
        alone = shutil.copytree(checkpoint, done.path / checkpoint.name)
        (alone / "scheduler.pt").unlink()
        checkpoints.seal(alone, checkpoints.about(checkpoint))
        assert "the model alone" in refused(resume_from_checkpoint=str(alone))
        table = Path(done.config.data.source)
        table.write_text(table.read_text() + "one more row,good\n")
        assert "learned from other rows" in refused()
        (checkpoint / "optimizer.pt").unlink()
        assert "is not whole: optimizer.pt is missing" in refused()

    def test_starts_from_its_model_with_other_data_and_other_labels(self, done: Run, tmp_path: Path) -> None:
        other = [(text, {"good": "fine", "bad": "poor"}[label]) for text, label in reviews(64)]
        run = runs.create(config(write_csv(tmp_path / "other.csv", ("text", "label"), other), done.model_path))
        assert train(run) is None and run.report is not None and run.report["labels"] == ["fine", "poor"]
        assert any("answer layer" in event.title for event in happened(run, events.Noticed))


def test_a_broken_checkpoint_is_skipped_with_a_word(wanted: Callable[..., RunConfig]) -> None:
    run = runs.create(wanted())
    assert train(run) is None
    newest = run.checkpoints_path / f"checkpoint-{2 * EPOCH}"
    (newest / "trainer_state.json").write_text("{")
    made = losses(run)
    assert train(run) is None
    assert happened(run, events.Started)[-1].resumed_from_step == EPOCH
    (noticed,) = [event for event in happened(run, events.Noticed) if "is broken" in event.title]
    assert f"step {2 * EPOCH} is broken: trainer_state.json has 1 bytes" in noticed.title
    assert f"step {EPOCH} is used instead" in noticed.detail
    assert losses(run) == made, "the same steps were made again"


def test_a_run_goes_on_where_its_home_has_moved_to(
    wanted: Callable[..., RunConfig], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = runs.create(wanted(num_train_epochs=1))
    assert train(run) is None
    run = runs.create(afterwards.prolonged(run, 1))
    os.rename(home.home(), tmp_path / "moved")
    monkeypatch.setenv("TUNESMITH_HOME", str(tmp_path / "moved"))
    run = runs.find(run.id)
    assert train(run) is None and sorted(losses(run)) == list(range(EPOCH + 1, 2 * EPOCH + 1))
    # Where it stood was written down by a worker that knew another place.
    checkpoints.discard(run.checkpoints_path / f"checkpoint-{2 * EPOCH}")
    os.rename(home.home(), tmp_path / "again")
    monkeypatch.setenv("TUNESMITH_HOME", str(tmp_path / "again"))
    run = runs.find(run.id)
    assert train(run) is None and run.has_model
    assert happened(run, events.Started)[-1].resumed_from_step == EPOCH


def test_weights_that_are_no_numbers_are_never_saved() -> None:
    from types import SimpleNamespace

    import torch

    from core.training.saving import refuse_broken_numbers

    model = torch.nn.Linear(2, 2)
    trainer = SimpleNamespace(
        model=model, state=SimpleNamespace(global_step=7), args=SimpleNamespace(learning_rate=1e-3)
    )
    refuse_broken_numbers(trainer)
    model.weight.data[0, 0] = float("nan")
    with pytest.raises(TrainingError, match="by step 7") as caught:
        refuse_broken_numbers(trainer)
    assert caught.value.remedy == {"training.learning_rate": 2e-4}
