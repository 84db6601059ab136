"""What a visitor of a demo may train, ask and use: the door itself refuses the rest, and says what to do instead."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from core import ceilings, home
from core.config import RunConfig, put, validate
from core.demo import shown
from core.demo.opened import LENT, OPEN
from core.demo.studio import AT_ONCE, DemoStudio
from core.errors import ConfigError, DataError, PredictionError, RunError, StudioError
from core.people.types import NOBODY
from core.studio import Studio
from tests.demo_visits import at, shown_run
from tests.making import write_csv


@pytest.fixture(autouse=True)
def limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ceilings.VARIABLE, "")
    ceilings.take_those_of_a_demo()


@pytest.fixture
def place() -> Iterator[Path]:
    with at("visitor-anna") as folder:
        yield folder


def config(source: str = "sample/reviews", **columns: str) -> RunConfig:
    """A training that a demo has room for."""
    data = {"source": source, "columns": columns or {"text": "review", "label": "sentiment"}}
    small = {"num_train_epochs": 1, "max_length": 32}
    return validate({"task": "text-classification", "name": "a test", "data": data, "training": small})


def with_(path: str, value: Any) -> RunConfig:
    data = config().model_dump(mode="json")
    put(data, path, value)
    if path == "hub.push_to_hub":
        put(data, "hub.hub_model_id", "somebody/reviews")
    return validate(data)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("model.checkpoint", "distilbert/distilbert-base-uncased", "models that come with the app"),
        ("model.checkpoint", "/etc", "models that come with the app"),
        ("data.source", "hf://datasets/owner/name", "samples, or on a table that you upload"),
        ("data.source", "/etc/passwd", "samples, or on a table that you upload"),
        ("data.source", "sample/../../secret.csv", "no sample"),
        ("model.revision", "main", "model.revision cannot be set"),
        ("training.report_to", "wandb", "training.report_to cannot be set"),
        ("training.dataloader_num_workers", 4, "dataloader_num_workers cannot be set"),
        ("training.resume_from_checkpoint", "/tmp/checkpoint-5", "resume_from_checkpoint cannot be set"),
        ("adapter.method", "lora", "adapter.method cannot be set"),
        ("hub.push_to_hub", True, "hub.push_to_hub cannot be set"),
        ("notify.webhook", "https://example.org/told", "notify.webhook cannot be set"),
        ("notify.command", "true", "notify.command cannot be set"),
        ("evaluation.metrics", ["mcc_metric"], "evaluation.metrics cannot be set"),
        ("distribution.processes", 2, "distribution.processes cannot be set"),
        ("job.hardware", "t4-small", "job.hardware cannot be set"),
        ("custom.callbacks", ["os:system"], "custom.callbacks cannot be set"),
        ("training.max_length", 512, "384 tokens of a text"),
        ("training.num_train_epochs", 900, "and a demo gives 5"),
    ],
)
def test_what_is_too_much_is_refused_with_what_to_do(place: Path, path: str, value: Any, words: str) -> None:
    studio = DemoStudio()
    with pytest.raises((ConfigError, DataError), match=words) as said:
        studio.start(with_(path, value))
    assert said.value.advice, "what to do instead"
    assert studio.runs() == []


def test_a_small_training_is_taken_one_at_a_time_and_so_many_an_hour(place: Path) -> None:
    now = [1000.0]
    studio = DemoStudio(lambda: now[0])
    for _ in range(3):
        first = studio.start(config())
        with pytest.raises(RunError, match="one at a time"):
            studio.start(config())
        studio.delete(first)
    with pytest.raises(RunError, match="3 trainings within an hour") as said:
        studio.start(config())
    assert "Come back in about" in said.value.advice
    with at("visitor-ben"):
        assert studio.start(config()), "others may"
    studio.restore(first)
    with pytest.raises(RunError, match="in the trash"):
        studio.restore(first)
    studio.delete(first)
    now[0] += 3601
    again = studio.start(config())
    with pytest.raises(RunError, match="one at a time"):
        studio.restore(first)
    assert [run.id for run in studio.runs()] == [again]
    with pytest.raises(RunError, match="not part of the demo"):
        studio.again(again)


def test_the_queue_the_rows_and_the_disk_have_an_end(place: Path, tmp_path: Path) -> None:
    ceilings.set_limits(["queue=1", "home=1000kb"])
    studio = DemoStudio()
    with pytest.raises(RunError, match="your things here take"):
        studio.start(config())
    ceilings.set_limits(["home=2GB", "rows=100"])
    with pytest.raises(ConfigError, match="300 rows to use, and a demo takes 100"):
        studio.start(config())
    table = write_csv(
        tmp_path / "many.csv", ["text", "label"], [[f"text {n}", "yes" if n % 2 else "no"] for n in range(101)]
    )
    with pytest.raises(DataError, match="more than 100 rows"):
        studio.start(config(studio.keep_upload(table), text="text", label="label"))
    ceilings.set_limits(["rows=1000"])
    with at("visitor-ben"):
        studio.start(config())
    with pytest.raises(RunError, match="1 runs wait already"):
        studio.start(config())
    ceilings.set_limits(["home=1kb"])
    with pytest.raises(RunError, match="This file needs"):
        studio.keep_upload(write_csv(tmp_path / "other.csv", ["text"], [["x" * 2000]]))
    with pytest.raises(RunError, match="This table needs"):
        studio.keep_paste("text\n" + "x" * 2000)


def test_a_visitor_without_a_home_makes_nothing(tmp_path: Path) -> None:
    studio = DemoStudio()
    table = write_csv(tmp_path / "some.csv", ["text"], [["x"]])
    with at(NOBODY):
        for make, given in ((studio.start, config()), (studio.keep_upload, table), (studio.keep_paste, "a\nb")):
            with pytest.raises(RunError, match="30 visitors keep something here"):
                cast(Any, make)(given)


def test_what_is_suggested_has_room(place: Path) -> None:
    ceilings.set_limits(["minutes=1", "tokens=16"])
    studio = DemoStudio()
    whole, reasons = studio.complete({"data": {"source": "sample/feedback"}})
    said = {one.path: one.reason for one in reasons}
    assert whole.training.max_length == 16 and said["training.max_length"] == "A demo reads no more of a text."
    plain, _ = Studio().complete({"data": {"source": "sample/feedback"}})
    if whole.training.num_train_epochs < plain.training.num_train_epochs:  # this machine is too slow for all of them
        assert said["training.num_train_epochs"] == "A training of a demo takes 1 minutes at the most."
    mine, _ = studio.complete({"data": {"source": "sample/feedback"}, "training": {"max_length": 32}})
    assert mine.training.max_length == 32, "what somebody says is left, and refused at the start"


def test_whatever_is_not_opened_is_closed(place: Path) -> None:
    asked = {name for name in dir(Studio) if not name.startswith("_") and callable(getattr(Studio, name))}
    assert asked >= OPEN | LENT and not OPEN & LENT
    studio = DemoStudio()
    closed = asked - OPEN - LENT
    assert {
        "search",
        "publish",
        "ensemble",
        "again",
        "longer",
        "retry",
        "hub_fetch",
        "install",
        "predict_file",
    } <= closed
    for name in closed:
        with pytest.raises(RunError, match="This is not part of the demo"):
            getattr(studio, name)("anything")


def test_shown_runs_are_read_by_all_and_changed_by_none() -> None:
    run = shown_run()
    other = shown_run("Not shown any more")
    shown.show([str(run.path)])
    studio = DemoStudio()
    for key in ("visitor-anna", "visitor-ben"):
        with at(key):
            assert [line.name for line in studio.shown()] == ["Finished reviews"] and studio.runs() == []
            assert studio.summary(run.id).has_model and studio.report(run.id) and studio.report_sections(run.id)
            assert b"Finished reviews" in b"".join(studio.report_html(run.id))
            changes: Any = (
                studio.delete,
                studio.stop,
                lambda name: studio.rename(name, "mine"),
                studio.log,
                lambda name: list(studio.take_home(name)),
                studio.model_folder,
                studio.again,
                lambda name: studio.delete_judgement(name, "x"),
            )
            for change in changes:
                with pytest.raises(RunError, match=r"There is no run|not part of the demo"):
                    change(run.id)
            with pytest.raises(RunError, match="There is no run"):
                studio.summary(other.id)
    assert run.name == "Finished reviews" and run.report and run.has_model
    for wrong in ("2026-01-01-no-run", "/etc"):
        with pytest.raises(ConfigError, match="no run"):
            shown.show([wrong])
    with pytest.raises(ConfigError, match="no model or no report"):
        (other.path / "report.json").unlink()
        shown.show([str(home.root() / "runs")])


def test_questions_are_short_and_only_so_many_at_once(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with home.living_in(None):
        run = shown_run()
    studio = DemoStudio()
    long = {"text": "x" * 10_001}
    for ask in (
        lambda: studio.predict(run.id, long),
        lambda: studio.answers(run.id, [{"text": "x" * 6000}] * 2),
        lambda: list(studio.write(run.id, long, {})),
        lambda: studio.why(run.id, long),
    ):
        with pytest.raises(PredictionError, match="letters, and a demo takes 10,000"):
            ask()
    monkeypatch.setattr("core.demo.studio.PATIENCE", 0.01)
    for _ in range(AT_ONCE):
        assert studio._questions.acquire(blocking=False)
    with pytest.raises(PredictionError, match="Many people ask"):
        studio.predict(run.id, {"text": "good"})
    studio._questions.release()
    with pytest.raises(StudioError) as said:
        studio.predict(run.id, {"text": "good"})
    assert "Many people" not in said.value.title, "a place that was given back is taken"
    assert studio._questions.acquire(blocking=False), "and given back when the model cannot answer"
