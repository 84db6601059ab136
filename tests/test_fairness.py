"""The queue where several people wait: whose run is next, what may be moved, and how long it will take in words."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from core import events, home, machine, queue
from core.data.sources import keep_upload
from core.runs import Run
from core.studio import Studio
from core.waiting_time import expect, standing, until_each
from tests.making import config, lock_held, reviews, run_with, started, write_csv
from tests.shelf import finished, step_at


@pytest.fixture(autouse=True)
def one_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "has_gpu", lambda: False)
    monkeypatch.delenv("TUNESMITH_DEVICES", raising=False)


def queued(age: int, *keys: str) -> list[Run]:
    """A run of each of these people that waits, one made after the other; the first is so many seconds old."""
    made = []
    for number, key in enumerate(keys):
        with home.living_in(home.of_person(key)):
            run = run_with()
        moment = time.time() - age + number
        os.utime(run.path / "config.yaml", (moment, moment))
        made.append(run)
    return made


def test_people_take_turns_and_the_oldest_run_decides_among_equals() -> None:
    a1, a2, a3, b1, c1 = queued(100, "anna", "anna", "anna", "ben", "cleo")
    assert queue.waiting() == [a1, b1, c1, a2, a3]


def test_who_has_a_device_waits_and_so_does_who_had_one_lately() -> None:
    with home.living_in(home.of_person("anna")):
        run_with(*finished())  # 300 seconds
        run_with(*finished())
        going = run_with(started())
    with home.living_in(home.of_person("ben")):
        run_with(*finished())
    a1, b1, c1 = queued(100, "anna", "ben", "cleo")
    assert queue.waiting() == [c1, b1, a1], "though Anna's run is older than Ben's"
    with lock_held(going.lock_path):
        (c2,) = queued(50, "cleo")
        assert queue.waiting() == [c1, b1, c2, a1], "a device that one has now counts most"
    old = time.time() - 2 * 24 * 3600
    for run in (home.of_person("anna") / "runs").iterdir():
        if (run / "events.jsonl").exists():
            os.utime(run / "events.jsonl", (old, old))
    assert queue.waiting().index(a1) < queue.waiting().index(b1), "what was used long ago is forgotten"


def test_only_ones_own_runs_give_way() -> None:
    a1, b1, a2, b2, a3 = queued(100, "anna", "ben", "anna", "ben", "anna")
    assert queue.waiting() == [a1, b1, a2, b2, a3]
    queue.move(a3, 4)  # one up: Ben's run stands there
    assert queue.waiting() == [a1, b1, a3, b2, a2]
    queue.move(a2, 1)
    assert queue.waiting() == [a2, b1, a1, b2, a3]
    queue.move(a2, 2)  # one down
    assert queue.waiting() == [a1, b1, a2, b2, a3]
    with home.living_in(home.of_person("ben")):
        studio = Studio()
        assert [(line.id, line.place) for line in studio.runs()] == [(b2.id, 4), (b1.id, 2)]


def test_the_time_until_ones_turn_is_told_in_words() -> None:
    going = run_with(started())
    log = events.EventLog(going.events_path)
    log.append(step_at(100))  # 200 seconds are left
    log.close()
    a1, a2, a3 = queued(100, "anna", "anna", "anna")
    expect(a1, 600)
    with ExitStack() as held:
        held.enter_context(lock_held(going.lock_path))
        held.enter_context(lock_held(queue.device_lock("cpu")))
        first, second, third = until_each(queue.waiting())
        assert first == pytest.approx(200, abs=60) and second == pytest.approx(800, abs=60) and third is None
        with home.living_in(home.of_person("anna")):
            studio = Studio()
            told = {line.id: line.standing for line in studio.runs()}
            assert told[a2.id] == studio.summary(a2.id).standing == studio.live(a2.id)["standing"]
            assert told[a2.id] in {f"second in the queue, about {minutes} minutes" for minutes in (12, 13, 14)}
            assert told[a3.id] == "third in the queue"
    assert until_each([a1, a2]) == [0.0, 600.0] and standing(1, 0.0) == "first in the queue"
    assert standing(12, 3.0) == "number 12 in the queue, less than a minute" and standing(None, 5.0) == ""


def test_a_run_that_has_to_wait_is_reckoned(tmp_path: Path) -> None:
    table, studio = write_csv(tmp_path / "mine.csv", ["text", "label"], reviews()), Studio()
    with lock_held(queue.device_lock("cpu")), home.living_in(home.of_person("anna")):
        run = Run(home.runs_dir() / studio.start(config(keep_upload(table))))
        deadline = time.monotonic() + 60
        while not (run.path / "expected").exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)
    assert float((run.path / "expected").read_text()) > 0
