"""Several people with one app: each in a home of their own, in which nothing of the others has a name."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from core import events, home, machine, queue, runs, spares
from core.config import CustomConfig
from core.data import sources
from core.errands import Errands
from core.errors import CheckpointError, ConfigError, DataError, RunError
from core.hub.identity import NOBODY, carried, each_step_as
from core.models import checkpoints
from core.runs import Run, State
from core.search.driver import Driver
from core.studio import Studio
from core.training.preparing import usable_length
from tests import light_worker
from tests.making import config, reviews, run_with, started, write_csv
from tests.searched import RATE, search

PATIENCE = 180.0


@contextmanager
def at(key: str) -> Iterator[Path]:
    """What is done inside is done for this person."""
    place = home.of_person(key)
    with home.living_in(place):
        yield place


def wait_until(happened: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_nobody_sees_the_runs_of_another() -> None:
    studio = Studio()
    with at("anna"):
        hers = run_with(started())
        assert [line.id for line in studio.runs()] == [hers.id]
    with at("ben"):
        his = run_with(started())
        assert [line.id for line in studio.runs()] == [his.id] and studio.runs_page().total == 1
        for ask in (
            studio.summary,
            studio.live,
            studio.config,
            studio.folder,
            studio.log,
            studio.report,
            studio.delete,
        ):
            with pytest.raises(RunError, match="There is no run"):
                ask(hers.id)
        with pytest.raises(RunError, match="in the trash"):
            studio.restore(hers.id)
        studio.delete(his.id)
    with at("anna"):
        assert studio.trash() == [] and studio.empty_trash() == 0
    assert studio.runs() == [], "the home of whoever runs the app alone is another one"


def test_uploads_models_and_files_of_another_cannot_be_named(tmp_path: Path) -> None:
    table = write_csv(tmp_path / "mine.csv", ["text", "label"], [["good", "yes"], ["bad", "no"]])
    studio = Studio()
    with at("anna") as place:
        kept = sources.keep_upload(table)
        assert Path(kept).is_relative_to(place) and sources.resolve(kept) == Path(kept)
        model = run_with(started()).model_path
        model.mkdir()
    with at("ben") as other:
        link = home.uploads_dir() / "link.csv"
        link.symlink_to(kept)
        given = home.shared_temp_dir() / "a-hash" / "table.csv"
        given.parent.mkdir()
        given.write_text("text,label\n")
        assert sources.resolve(str(given)) == given, "under a name that nobody can guess"
        folders = (str(given.parent), str(given.parents[1]))
        for source in (kept, str(table), str(link), f"{other}/uploads/../../anna/uploads", *folders):
            with pytest.raises(DataError, match="your own files"):
                sources.resolve(source)
            with pytest.raises(ConfigError, match="your own files"):
                studio.start(config(source))
        with pytest.raises(CheckpointError, match="There is no folder"):
            checkpoints.describe(str(model))
        with pytest.raises(ConfigError, match="your own files"):
            studio.start(config(checkpoint=model))
        with pytest.raises(ConfigError, match="own programs"):
            studio.start(config().model_copy(update={"custom": CustomConfig(collator="os:system")}))
        assert sources.resolve("sample/reviews").is_file() and studio.start(config())
    assert sources.resolve(kept) == Path(kept), "who runs the app alone may name any file"


def test_the_starter_can_be_learned_from_in_a_home_of_ones_own() -> None:
    """It lies among the program's packages, which nobody may name."""
    with at("anna"):
        folder = checkpoints.resolve("starter/minilm")
        with pytest.raises(CheckpointError, match="There is no folder"):
            checkpoints.describe(str(folder))
        shop = SimpleNamespace(config=config(max_length=32), notice=pytest.fail)
        assert usable_length(cast(Any, shop), folder) == 32


def test_searches_of_all_are_driven_each_in_its_own_home() -> None:
    wanted, studio = search(RATE, n_trials=2), Studio()
    driver = Driver(studio)
    found = {}
    for key in ("anna", "ben"):
        with at(key):
            found[key] = studio.search(wanted)
    driver.look()
    driver.close()
    for key, other in (("anna", "ben"), ("ben", "anna")):
        with at(key):
            assert [one.id for one in studio.searches()] == [found[key]]
            assert [run.config.origin.search for run in runs.all_runs()] == [found[key]]
            with pytest.raises(RunError, match="There is no search"):
                studio.search_view(found[other])
    assert studio.searches() == [] and studio.runs() == []


def test_what_goes_on_beside_the_page_keeps_to_its_home() -> None:
    seen: list[Path] = []

    def look() -> Iterator[Path]:
        yield home.home()
        seen.append(home.home())

    with at("anna") as place:
        work = carried(lambda: seen.append(home.home()))
        steps = each_step_as(NOBODY, look(), home.lived_in())
        errands = Errands()
        errands.begin("one", "kind", lambda progress: {"home": str(home.home())})
        wait_until(lambda: (told := errands.told("one", "kind")) and told.state == "done")
        told = errands.told("one", "kind")
    assert told is not None and told.result == {"home": str(place)}
    with at("ben"):
        assert errands.told("one", "kind") is None
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    home.unless_lived_in(home.of_person("nobody"))
    try:
        run_with(started())
        assert Studio().runs() and not list(home.root().glob("runs/*")), "what is not carried is nobody's"
    finally:
        home.unless_lived_in(None)
    assert list(steps) == [place] and seen == [place, place]
    assert home.home() == home.root()


def test_a_worker_is_told_whose_home_it_works_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "has_gpu", lambda: False)
    monkeypatch.setattr(spares, "_start", light_worker.start)
    studio = Studio()
    with at("anna") as place:
        hers = Run(home.runs_dir() / studio.start(config()))
        assert spares.environment()["TUNESMITH_HOME"] == str(place)
        assert spares.environment()["TUNESMITH_ROOT"] == str(home.root())
    with at("ben"):
        his = Run(home.runs_dir() / studio.start(config()))
        assert studio.summary(his.id).place == 2, "the devices are one, so the queue is"
        assert [line.place for line in studio.runs()] == [2]
    studio.open()
    try:
        wait_until(lambda: events.last(hers.events_path))
        begun = events.last(hers.events_path)
        assert isinstance(begun, events.Started) and begun.versions == {"home": str(place)}
        assert his.state is State.QUEUED and queue.free_devices() == []
        with at("anna"):
            studio.stop(hers.id)
        wait_until(lambda: events.size(his.events_path))
        with at("ben"):
            studio.stop(his.id)
        wait_until(lambda: queue.free_devices())
    finally:
        studio.close()
    assert "TUNESMITH_ROOT" not in spares.environment()


@pytest.mark.slow
def test_a_run_of_one_of_them_begins_with_the_starter_and_answers(tmp_path: Path) -> None:
    """The starter lies with the program and not among their own files."""
    studio = Studio().open()
    try:
        with at("anna"):
            brought = sources.keep_upload(write_csv(tmp_path / "mine.csv", ("text", "label"), reviews(60)))
            run = runs.find(studio.start(config(brought, max_steps=2, eval_strategy="no")))
            wait_until(lambda: run.state.is_over)
            assert run.state is State.FINISHED, run.log_path.read_text()
            assert studio.predict(run.id, {"text": "warm soup"})["label"] in ("bad", "good")
    finally:
        studio.close()
