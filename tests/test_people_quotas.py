"""What each of several people may use: the limits, who hears of them, and what ends a run that comes to one."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from core import ceilings, events, fairness, home, launchers, machine, orders, queue, spares
from core.data.sources import keep_upload
from core.errors import ConfigError, OverLimit
from core.estimate import Estimate
from core.hub.identity import carried
from core.people import audit, disk, hours, kept, quotas
from core.people.residents import settle
from core.people.types import person
from core.people.warden import Warden
from core.runs import Run, State, runs_in
from core.search.driver import Driver
from core.studio import Studio
from tests import light_worker
from tests.making import config, lock_held, run_with, started
from tests.searched import RATE, search
from ui.new_run.start import limits

ANNA, BEN = person("Anna"), person("ben")
HOUR = 3600.0
PATIENCE = 180.0


@pytest.fixture(autouse=True)
def anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits as they come, on one device, and nothing measured of another test."""
    monkeypatch.setattr(machine, "has_gpu", lambda: False)
    monkeypatch.setattr(disk, "_known", {})
    monkeypatch.delenv(ceilings.VARIABLE, raising=False)


@contextmanager
def at(who: str = "Anna") -> Iterator[Path]:
    with home.living_in(settle(person(who))):
        yield home.home()


def wait_until(happened: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def used_hours(place: Path, count: float, ago: float = 0.0) -> None:
    """Somebody has had a device for so long."""
    hour = str(int((time.time() - ago) // HOUR))
    kept.change(hours.FILE, lambda all_: all_.update({place.name: {"hours": {hour: count * HOUR}, "runs": {}}}))


def test_one_declaration_that_starter_and_administrator_change(monkeypatch: pytest.MonkeyPatch) -> None:
    assert quotas.NAMES == ("person_disk", "person_running", "person_waiting", "person_hours", "run_hours")
    place = home.of_person(ANNA.key)
    assert quotas.most(quotas.HOURS, place) == 40
    monkeypatch.setenv(ceilings.VARIABLE, "person_hours=10,person_disk=1GB")
    assert quotas.most(quotas.HOURS, place) == 10
    quotas.give(ANNA.key, quotas.HOURS, "100")
    quotas.give(ANNA.key, quotas.DISK, "2 GB")
    assert quotas.most(quotas.HOURS, place) == 100 and quotas.most(quotas.DISK, place) == 2_000_000_000
    assert quotas.most(quotas.HOURS, home.of_person(BEN.key)) == 10
    quotas.give(ANNA.key, quotas.HOURS, "")
    assert quotas.most(quotas.HOURS, place) == 10 and (kept.folder() / quotas.FILE).is_file()
    for name, text in (
        ("rows", "5"),
        ("nothing", "5"),
        (quotas.DISK, "much"),
        (quotas.HOURS, "-3"),
        (quotas.DISK, "1,rows=2"),
    ):
        with pytest.raises(ConfigError):
            quotas.give(ANNA.key, name, text)


def test_people_see_what_they_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ceilings.VARIABLE, "person_disk=20GB")
    studio = Studio()
    with at() as place:
        used_hours(place, 3 + 1 / 3)
        (place / "uploads").mkdir(parents=True)
        with open(place / "uploads" / "big", "wb") as file:
            file.truncate(4_100_000_000)
        run_with()
        line = quotas.line(place)
        assert line == (
            "4.1 of 20 GB of disk space · 0 of 2 runs at a time · 1 of 20 runs waiting · "
            "3 h 20 min of 40 h in the last 7 days"
        )
        assert studio.my_uses() == quotas.uses(place)
    assert studio.my_uses() == [], "whoever has the app alone has no such limit"
    with home.living_in(home.of_visitor("x")):
        assert studio.my_uses() == [], "nor has a visitor of a demo, who has bounds of their own"


def test_no_more_runs_wait_than_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ceilings.VARIABLE, "person_waiting=2")
    studio = Studio()
    with at():
        over = run_with(started(), events.Stopped(step=1, has_model=False))
        for _ in range(2):
            studio.start(config())
        for ask in (lambda: studio.start(config()), lambda: studio.again(over.id)):
            with pytest.raises(OverLimit, match="2 runs of yours wait already, of 2 that may") as refused:
                ask()
            assert "take some out of the queue" in refused.value.advice and "administrator" in refused.value.advice
    with at("ben"):
        assert studio.start(config())
    studio.start(config())
    with at():
        driver = Driver(studio)
        found = studio.search(search(RATE, n_trials=3))
        driver.look()
        driver.close()
        seen = studio.search_view(found)
        assert seen.state == "stopped" and [trial.run for trial in seen.trials if trial.run] == []


def test_no_more_runs_wait_than_may_however_many_are_started_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ceilings.VARIABLE, "person_waiting=3")
    studio, ready = Studio(), threading.Barrier(12)
    with at() as place:

        def start() -> str:
            ready.wait(60)
            try:
                return studio.start(config())
            except OverLimit as exc:
                return exc.title

        with ThreadPoolExecutor(12) as pool:
            said = [told.result() for told in [pool.submit(carried(start)) for _ in range(12)]]
        assert len([one for one in said if "wait already" in one]) == 9, said
        assert len(list(runs_in(place))) == 3


def test_the_full_queue_says_when(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ceilings.VARIABLE, "queue=1")
    studio = Studio()
    studio.start(config())
    with pytest.raises(OverLimit, match="1 runs wait already") as refused:
        studio.start(config())
    assert refused.value.again_in == 0.0, "a device is free for the one that waits"


def test_what_is_kept_counts_for_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ceilings.VARIABLE, "person_disk=700kB")
    files = [tmp_path / f"{number}.csv" for number in range(3)]
    for file in files:
        file.write_text(f"text,label\n{file.stem}" + "x" * 300_000)
    studio = Studio()
    with at() as place:
        run = run_with(started(), events.Stopped(step=1, has_model=False))
        (run.path / "model.bin").write_bytes(b"x" * 50_000)
        before = disk.used(place)
        keep_upload(files[0])
        assert disk.used(place) == before + files[0].stat().st_size == disk.measured(place), "it counts at once"
        keep_upload(files[1])
        with pytest.raises(OverLimit, match=r"has no room, and needs 300 kB: you use 65\d kB of 700 kB") as refused:
            keep_upload(files[2])
        assert "empty the trash" in refused.value.advice
        assert keep_upload(files[0]), "what is there already needs no more"
        monkeypatch.setenv(ceilings.VARIABLE, "person_disk=500kB")
        with pytest.raises(OverLimit, match="This run has no room"):
            studio.start(config())
        studio.delete(run.id)
        assert disk.used(place) > 650_000, "the trash counts too"
        studio.empty_trash()
        assert disk.used(place) < 610_000
    with at("ben"):
        keep_upload(files[2])
    monkeypatch.setenv(ceilings.VARIABLE, "person_disk=1")
    keep_upload(files[2])  # whoever has the app alone


def test_the_disk_is_measured_beside_the_questions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "a").write_bytes(b"x" * 1000)
    (tmp_path / "link").symlink_to("/usr")
    assert 1000 <= disk.used(tmp_path) < 1100, "links are not followed"
    (tmp_path / "b").write_bytes(b"x" * 500)
    before = disk.used(tmp_path)
    monkeypatch.setattr(disk, "FRESH_SECONDS", 0.0)
    assert disk.used(tmp_path) == before, "nobody waits for it"
    wait_until(lambda: disk.used(tmp_path) == before + 500)
    disk.came(tmp_path, 70)
    assert disk.used(tmp_path) >= before + 570 or not disk._known[tmp_path].is_going_on


def test_hours_are_counted_and_grow_old() -> None:
    now = time.time()
    with at() as place:
        run = run_with(events.Started(device="CPU", threads=1, versions={}))
    ledger = hours.Ledger()
    ledger.count({run: 2}, now + 100)
    ledger.count({run: 2}, now + 200)
    assert hours.used(place, now + 200) == pytest.approx(400, abs=4), "two devices count twice"
    ledger = hours.Ledger()
    ledger.count({run: 2}, now + 500)
    assert hours.used(place, now + 500) == pytest.approx(1000, abs=4), "also while no app was there to count"
    assert ledger.took(run, now + 500) == pytest.approx(500, abs=4)
    log = events.EventLog(run.events_path)
    log.append(events.Stopped(step=1, has_model=False))
    log.close()
    ledger.count({}, now + 9000)
    assert hours.used(place, now + 9000) == pytest.approx(1000, abs=4), "its last word ends it"
    assert ledger.took(run) == 0 and not kept.read(hours.FILE)[place.name]["runs"]
    os.rename(run.path, place / "elsewhere")  # deleting gives nothing back
    assert hours.used(place, now + 6.9 * 24 * HOUR) == pytest.approx(1000, abs=4)
    assert hours.used(place, now + 7.1 * 24 * HOUR) == 0
    back = hours.again_in(place, 900, now + 500)
    assert back is not None and 6.9 * 24 * HOUR < back < 7.1 * 24 * HOUR and hours.again_in(place, 0) is None


def test_who_has_used_up_the_hours_waits() -> None:
    studio = Studio()
    with at() as place:
        waiting = run_with()
        used_hours(place, 40.5, ago=24 * HOUR)
        with pytest.raises(OverLimit, match="You have used 40 h 30 min of the 40 h on devices") as refused:
            studio.start(config())
        assert refused.value.again_in == pytest.approx(6 * 24 * HOUR, abs=2 * HOUR)
        words = "first in the queue; your 40 h of the last 7 days are used up; it begins in "
        assert studio.summary(waiting.id).standing in (f"{words}5 d 23 h", f"{words}6 d")
    with at("ben"):
        assert studio.start(config())


def test_a_run_that_comes_to_a_limit_is_stopped_with_its_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ceilings.VARIABLE, "run_hours=2")
    now = time.time()
    with at() as place:
        run = run_with(events.Started(device="CPU", threads=1, versions={}))
    alone = run_with(started())
    warden = Warden()
    with ExitStack() as held:
        for one in (run, alone):
            held.enter_context(lock_held(one.lock_path))
        warden.look(now + HOUR)
        assert not run.stop_path.exists()
        warden.look(now + 2 * HOUR + 5)
        assert orders.kept_of(run) == "best" and not alone.stop_path.exists()
        with home.living_in(place):
            told = Studio().live(run.id)
        assert told["stopping"] == "best"
        assert told["why"].startswith(
            "It was stopped after 2 h: a run may go on for 2 h without a break. Start it again"
        )
        run.stop_path.unlink()
        monkeypatch.setenv(ceilings.VARIABLE, "person_hours=2")
        warden.look(now + 2 * HOUR + 20)
        assert "you have used 2 h of the 2 h on devices that you have" in orders.why_stopped(run)
    noted = next(audit.lines(kind="limit reached"))
    assert (noted.who, noted.on) == ("Tunesmith", run.id) and "of Anna" in noted.detail


def test_only_so_many_go_on_at_a_time_and_others_pass_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ceilings.VARIABLE, "person_running=1")
    monkeypatch.setenv("TUNESMITH_DEVICES", "2")
    monkeypatch.setattr(spares, "_start", light_worker.start)
    studio = Studio()
    with at():
        first, second = (Run(home.runs_dir() / studio.start(config())) for _ in range(2))
    with at("ben"):
        his = Run(home.runs_dir() / studio.start(config()))
    studio.open()
    try:
        wait_until(lambda: first.state is State.RUNNING and his.state is State.RUNNING)
        assert second.state is State.QUEUED
        with at() as place:
            assert studio.summary(second.id).standing == (
                "first in the queue; begins when fewer than 1 of your runs go on"
            )
            assert [use.words for use in quotas.uses(place)][1] == "1 of 1 runs at a time"
            studio.stop(first.id)
        wait_until(lambda: second.state is State.RUNNING)
    finally:
        for who, run in (("Anna", second), ("ben", his)):
            with at(who):
                studio.stop(run.id)
        wait_until(lambda: not queue.going())
        studio.close()


def test_what_computes_elsewhere_takes_no_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    studio, now = Studio(), time.time()
    monkeypatch.setattr(launchers, "devices_of", lambda wanted: 0)
    takes = launchers.for_start
    monkeypatch.setattr(launchers, "for_start", lambda run: (takes(run)[0], 0))
    with at() as place:
        used_hours(place, 100)
        run = Run(home.runs_dir() / studio.start(config()))
        assert "used up" not in studio.summary(run.id).standing
        warden = Warden()
        with lock_held(run.lock_path):
            warden.look(now + 30 * HOUR)
        assert not run.stop_path.exists() and hours.used(place, now) == 100 * HOUR


def test_devices_count_not_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    with at():
        wide = run_with(started())
        a1 = run_with()
    with at("ben"):
        narrow = [run_with(started()) for _ in range(2)]
        b1 = run_with()
    takes = launchers.for_start
    monkeypatch.setattr(launchers, "for_start", lambda run: (takes(run)[0], 4 if run == wide else 1))
    with ExitStack() as held:
        for run in (wide, *narrow):
            held.enter_context(lock_held(run.lock_path))
        assert fairness.by_turns([a1, b1]) == [b1, a1]


def test_before_the_start_is_said_what_a_run_would_use_up() -> None:
    empty = {name: 0 for name in Estimate.__dataclass_fields__}
    small = replace(Estimate(**empty), seconds=60.0, disk_bytes=1000)  # type: ignore[arg-type]
    assert limits([], small) == "", "one person has the app"
    with at() as place:
        used_hours(place, 39)
        uses = quotas.uses(place)
    assert "39 of 40 h in the last 7 days" in limits(uses, small) and "nr-warning" not in limits(uses, small)
    long = replace(small, seconds=2 * HOUR)
    assert limits(uses, long).count("nr-warning") == 1 and "it is stopped then" in limits(uses, long)
    assert "nr-warning" not in limits(uses, long, elsewhere=True)
    assert "more disk space than you have left" in limits(uses, replace(small, disk_bytes=30_000_000_000))
