"""What visitors of a demo leave is removed, with what goes on for them; nothing else of the machine is touched."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from core import ceilings, events, home, locks, machine, orders, spares
from core.demo import keeping
from core.demo.studio import DemoStudio
from core.demo.sweeper import GRACE, Sweeper
from core.people.residents import settle
from core.people.types import person
from core.runs import Run, State
from tests import light_worker
from tests.demo_visits import at, shown_run
from tests.making import lock_held, run_with, started, write_csv
from tests.shelf import finished
from tests.test_demo_bounds import config

HOUR = 3600.0
PATIENCE = 180.0


@pytest.fixture(autouse=True)
def limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ceilings.VARIABLE, "")
    ceilings.take_those_of_a_demo()
    monkeypatch.setattr(machine, "has_gpu", lambda: False)
    monkeypatch.setattr(spares, "_start", light_worker.start)


def wait_until(happened: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def files_of(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() or path.is_symlink()}


def aged(place: Path, seconds: float) -> None:
    """As if all in it had been there for so long."""
    for path in [place, *place.rglob("*")]:
        os.utime(path, (time.time() - seconds,) * 2, follow_symlinks=False)


def test_an_hour_after_the_last_thing_all_is_removed_and_nothing_else(tmp_path: Path) -> None:
    mine, hers = run_with(*finished()), shown_run()
    with home.living_in(settle(person("Anna"))):
        run_with(started())
    stays = files_of(home.root())
    studio = DemoStudio()
    table = write_csv(tmp_path / "some.csv", ["text", "label"], [["x", "y"]])
    with at("visitor-old") as old:
        kept = Path(studio.keep_upload(table))
        run, thrown = run_with(*finished()), run_with(started())
        run.model_path.mkdir()
        (run.model_path / "model.safetensors").write_bytes(b"weights")
        (run.path / "link").symlink_to(mine.path)
        (home.cache_dir() / "tokens").write_bytes(b"cached")
        studio.delete(thrown.id)
        assert Path(studio.folder(run.id)) == run.path and kept.is_relative_to(old)
    with at("visitor-new") as new:
        later = run_with(*finished())
    aged(old, HOUR - 30)
    (given, fresh) = (home.shared_temp_dir() / name for name in ("given", "fresh"))
    for folder in (given, fresh):
        folder.mkdir()
        (folder / "table.csv").write_text("a,b")
    aged(given, HOUR - 30)
    now = time.time()
    sweeper = Sweeper(studio.forget, lambda: now)
    assert keeping.until(old) == pytest.approx(now + 30, abs=5)
    sweeper.look()
    assert later.path.is_dir() and run.path.is_dir() and given.is_dir(), "not yet"
    now += 60
    sweeper.look()
    assert not old.exists() and not given.exists() and keeping.until(old) is None
    assert not list((home.root() / "leaving").iterdir()), "nothing is left where things go"
    assert later.path.is_dir() and (fresh / "table.csv").is_file() and keeping.guests() == [new]
    assert stays <= files_of(home.root()) and mine.report is None and hers.has_model


def test_reading_again_or_training_on_keeps_things_longer() -> None:
    with at("visitor-anna") as place:
        run = run_with(*finished())
    aged(place, HOUR - 30)
    (run.path / "name.txt").touch()
    assert keeping.until(place) == pytest.approx(time.time() + 30, abs=5), "only what is made counts"
    run.events_path.touch()
    assert keeping.until(place) == pytest.approx(time.time() + HOUR, abs=5)


def test_a_home_in_which_nothing_is_made_goes_sooner() -> None:
    with at("visitor-anna") as place:
        (home.cache_dir() / "sample").touch()
    assert keeping.until(place) is None and not keeping.is_left(place, time.time() + 600)
    Sweeper(lambda run: None, lambda: time.time() + keeping.EMPTY_SECONDS + 60).look()
    assert keeping.guests() == []


def test_a_training_that_goes_on_is_ended_with_its_home() -> None:
    studio = DemoStudio().open()
    try:
        with at("visitor-anna") as place:
            run = Run(home.runs_dir() / studio.start(config()))
        wait_until(lambda: run.state is State.RUNNING and events.size(run.events_path))
        holder = locks.holder(run.lock_path)
        assert holder is not None
        Sweeper(studio.forget, lambda: time.time() + 2 * HOUR).look()
        assert not place.exists()
        wait_until(lambda: not locks.is_held(home.root() / "device-cpu.lock"))
        with at("visitor-ben"):
            next_one = Run(home.runs_dir() / studio.start(config()))
        wait_until(lambda: next_one.state is State.RUNNING)
    finally:
        studio.close()
    assert keeping.guests() == [] and not next_one.path.exists(), "the end of the app is the end of all that is theirs"


def test_what_an_earlier_demo_has_left_goes_at_the_start() -> None:
    with at("visitor-anna") as place:
        run = run_with(started())
    (place / "uploads").mkdir()
    mine = run_with(*finished())
    (home.root() / "leaving" / "half").mkdir(parents=True)
    with lock_held(run.lock_path) as worker:
        assert run.state is State.RUNNING
        studio = DemoStudio().open()
        try:
            assert worker.wait(PATIENCE) != 0 and home.visitors() == []
        finally:
            studio.close()
    assert not list((home.root() / "leaving").iterdir()) and mine.path.is_dir()


def test_a_training_that_takes_too_long_keeps_its_model_and_says_why() -> None:
    with at("visitor-anna"):
        run = run_with(started())
    begun = time.time()
    now = begun + 299
    sweeper = Sweeper(lambda run: None, lambda: now)
    with lock_held(run.lock_path) as worker:
        sweeper.look()
        assert not run.stop_path.exists()
        now = begun + 310
        sweeper.look()
        assert orders.kept_of(run) == "best"
        assert orders.why_stopped(run).startswith("A demo gives 5 minutes to a training. Install Tunesmith")
        now = begun + 300 + GRACE + 10
        sweeper.look()
        assert worker.wait(PATIENCE) != 0, "one that does not listen is ended"


def test_a_training_that_fills_the_disk_is_stopped() -> None:
    with at("visitor-anna"):
        run = run_with(started())
    (run.path / "checkpoints").mkdir()
    (run.path / "checkpoints" / "big").write_bytes(bytes(3000))
    ceilings.set_limits(["home=2kb"])
    with lock_held(run.lock_path):
        Sweeper(lambda run: None).look()
    assert orders.why_stopped(run).startswith("A demo gives each visitor 2 kB of the disk.")
