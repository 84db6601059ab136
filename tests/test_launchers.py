"""How runs are started: who starts which, on how many devices, with which files, and what is said when one fails."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from core import events, locks, machine, runs
from core.completion import refuse_lacking
from core.config import RunConfig, validate
from core.errors import ConfigError, RunError, TrainingError
from core.launchers import LAUNCHERS, failing, files, launcher_of, several_processes, spread_of
from core.launchers.base import Begun, Launcher
from core.launchers.failing import Failure
from core.machine import Device
from core.runs import Run, State
from core.spares import Spares
from core.studio import Studio
from core.supervisor import Supervisor
from tests.making import config, lock_held, run_with


def spread(**wanted: Any) -> RunConfig:
    return validate({**config().model_dump(mode="json"), "distribution": wanted})


class Ended(Begun):
    """Ends at once, as one that does nothing."""

    def poll(self) -> int | None:
        return 3

    def last_words(self) -> str:
        return ""


class Noting(Launcher):
    """Notes what it is asked to start."""

    id = "noting"
    title = "A note"
    started: list[tuple[str, list[str]]]

    def __init__(self, takes: int) -> None:
        self.started, self.takes = [], takes

    def devices(self, config: RunConfig, run: Run | None = None) -> int:
        return self.takes

    def start(self, run: Run, devices: Sequence[Device], identity: Mapping[str, Any] | None) -> Begun:
        self.started.append((run.id, [device.name for device in devices]))
        return Ended()

    def end(self, run: Run) -> bool:
        return False


@pytest.fixture
def gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with three."""
    monkeypatch.setattr(machine, "has_gpu", lambda: True)
    monkeypatch.setattr(machine, "_count_gpus", lambda: 3)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


class TestWhoStartsIt:
    def test_is_settled_by_the_number_of_processes_unless_one_is_named(self) -> None:
        assert launcher_of(spread()).id == "one-process"
        assert launcher_of(spread(processes=2)).id == "several-processes"
        assert launcher_of(spread(processes=2, launcher="one-process")).id == "one-process"
        assert launcher_of(spread(processes=0)).id == "one-process", "one for each GPU, and there is none"
        with pytest.raises(ConfigError, match="choose one of: one-process, several-processes"):
            spread(launcher="abacus")

    def test_may_be_a_launcher_of_ones_own_which_is_not_run_when_a_config_is_read(self) -> None:
        wanted = spread(launcher="examples.slurm:LAUNCHER")
        assert launcher_of(wanted).id == "slurm" and launcher_of(wanted).devices(wanted) == 0
        with pytest.raises(ConfigError, match="cannot be imported"):
            launcher_of(spread(launcher="nowhere.at_all:LAUNCHER"))

    def test_is_no_more_than_one_process_a_core(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(machine, "has_gpu", lambda: False)
        monkeypatch.setattr(machine, "cores", lambda: 4)
        refuse_lacking(spread(processes=4))
        with pytest.raises(ConfigError) as refused:
            refuse_lacking(spread(processes=5))
        assert "this machine has 4 cores" in refused.value.advice

    @pytest.mark.usefixtures("gpus")
    def test_takes_a_gpu_for_each_process(self) -> None:
        several = LAUNCHERS["several-processes"]
        assert several.devices(spread(processes=0)) == 3 == several_processes.processes(spread(processes=0))
        assert several.missing(spread(processes=3)) == ""
        with pytest.raises(ConfigError) as refused:
            refuse_lacking(spread(processes=4))
        assert refused.value.field == "distribution.processes" and "this machine has 3 GPUs" in refused.value.advice
        refuse_lacking(spread(processes=2, strategy="fsdp"))
        with pytest.raises(ConfigError, match="deepspeed"):
            refuse_lacking(spread(processes=2, strategy="deepspeed_zero2"))

    def test_of_several_machines_each_has_its_command(self) -> None:
        run = runs.create(spread(processes=2, machines=3, address="10.0.0.5"))
        told = spread_of(run)
        assert told.processes == 6 and told.in_words().startswith("6 processes on 3 machines; each holds the whole")
        assert [words.rpartition(" ")[2] for words in told.commands] == ["1", "2"]
        assert all(f"-m core.launchers.head {run.path}" in words for words in told.commands)

    @pytest.mark.parametrize(
        ("wanted", "field"),
        [
            ({"machines": 2}, "address"),
            ({"machines": 2, "address": "a b"}, "address"),
            ({"machine_rank": 1}, "machine_rank"),
            ({"machines": 2, "address": "one", "processes": 0}, "processes"),
        ],
    )
    def test_what_cannot_meet_is_refused_on_its_field(self, wanted: dict[str, Any], field: str) -> None:
        with pytest.raises(ConfigError) as refused:
            spread(**wanted)
        assert refused.value.field == f"distribution.{field}"


class TestTheQueue:
    def test_waits_for_all_devices_that_the_next_run_needs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TUNESMITH_DEVICES", "2")
        monkeypatch.setattr(machine, "has_gpu", lambda: False)
        large, small = Noting(2), Noting(1)
        monkeypatch.setitem(LAUNCHERS, "large", large)
        monkeypatch.setitem(LAUNCHERS, "small", small)
        first, second = (runs.create(spread(launcher=name)) for name in ("large", "small"))
        for run, made in ((first, 1), (second, 2)):
            os.utime(run.path / "config.yaml", ns=(made * 10**18, made * 10**18))
        supervisor = Supervisor(Spares())
        with lock_held(machine_lock("cpu")):
            supervisor._start_next()
        assert large.started == [] and small.started == [], "nobody smaller slips past it"
        supervisor._start_next()
        assert large.started == [(first.id, ["cpu", "cpu-2"])] and small.started == []

    def test_does_not_hold_back_what_computes_elsewhere(self, monkeypatch: pytest.MonkeyPatch) -> None:
        elsewhere = Noting(0)
        monkeypatch.setitem(LAUNCHERS, "elsewhere", elsewhere)
        run = runs.create(spread(launcher="elsewhere"))
        supervisor = Supervisor(Spares())
        with lock_held(machine_lock("cpu")):
            supervisor._start_next()
            assert elsewhere.started == [(run.id, [])]
            monkeypatch.setattr(Noting, "is_alive", lambda self, run: True)
            supervisor._bury_the_dead()
            supervisor._start_next()
        assert len(elsewhere.started) == 1, "it was on its way"

    def test_what_cannot_be_started_holds_up_nobody(self, monkeypatch: pytest.MonkeyPatch) -> None:
        class Broken(Noting):
            def start(self, run: Run, devices: Sequence[Device], identity: Mapping[str, Any] | None) -> Begun:
                raise FileNotFoundError(2, "No such file or directory", "sbatch")

        sound = Noting(1)
        monkeypatch.setitem(LAUNCHERS, "broken", Broken(0))
        monkeypatch.setitem(LAUNCHERS, "sound", sound)
        broken, behind = (runs.create(spread(launcher=name)) for name in ("broken", "sound"))
        os.utime(broken.path / "config.yaml", (10**9, 10**9))
        Supervisor(Spares())._start_next()
        assert broken.state is State.FAILED and [name for name, _ in sound.started] == [behind.id]
        last = events.last(broken.events_path)
        assert isinstance(last, events.Failed) and "sbatch" in last.cause

        rented = runs.create(spread(launcher="broken"))
        rented.rented_path.touch()
        with pytest.raises(FileNotFoundError):
            Supervisor(Spares())._launch(rented, LAUNCHERS["broken"], [])
        assert rented.state is State.RUNNING, "a machine that may cost is never taken for gone"

    @pytest.mark.usefixtures("gpus")
    def test_a_run_that_cannot_be_started_here_fails_with_the_reason(self) -> None:
        run = runs.create(spread(processes=9))
        Supervisor(Spares())._start_next()
        last = events.last(run.events_path)
        assert run.state is State.FAILED and isinstance(last, events.Failed) and "has 3 GPUs" in last.cause


def machine_lock(name: str) -> Path:
    from core.queue import device_lock

    return device_lock(name)


class TestAnotherNumberOfProcesses:
    def test_is_asked_for_and_what_makes_a_step_stays(self) -> None:
        run = runs.create(spread(processes=4))
        several_processes.note_beginning(run)
        with pytest.raises(RunError, match="goes on now"):
            Studio().spread_anew(run.id, 2)
        several_processes.ask(run, 2)
        assert several_processes.processes(run.config, run) == 2 and several_processes.began_with(run) == 4
        several_processes.ask(run, None)
        assert several_processes.processes(run.config, run) == 4

    def test_several_machines_have_the_same_number_each(self) -> None:
        run = runs.create(spread(processes=2, machines=2, address="one"))
        with pytest.raises(ConfigError, match="cannot be shared"):
            several_processes.ask(run, 3)

    def test_a_step_rests_on_the_examples_of_all_processes(self) -> None:
        from core.training.distributed import as_one

        run = runs.create(spread(processes=4))
        assert as_one(run).training.gradient_accumulation_steps == 4
        assert as_one(run_with()) == run_with().config


class TestFiles:
    def test_say_what_accelerate_starts(self) -> None:
        run = runs.create(spread(processes=2, machines=2, address="one", port=29999, strategy="fsdp", offload=True))
        said = yaml.safe_load(files.write(run, 1, 2, 4).read_text())
        assert (said["num_processes"], said["num_machines"], said["machine_rank"]) == (4, 2, 1)
        assert (said["main_process_ip"], said["main_process_port"]) == ("one", 29999)
        assert not (run.path / files.FSDP).exists(), "the first machine writes it"
        files.write(run, 0, 2, 4)
        assert '"cpu_offload": true' in (run.path / files.FSDP).read_text()
        zero = files.deepspeed(spread(processes=2, strategy="deepspeed_zero3", offload=True).distribution)
        assert zero["zero_optimization"]["stage"] == 3 and "offload_param" in zero["zero_optimization"]


class TestWhyItFailed:
    def test_is_told_by_the_one_that_failed_first(self) -> None:
        own = Failure(1, 2.0, "The disk is full.", "Free some.", "OSError")
        forsaken = Failure(0, 1.0, "Something went wrong.", "", "RuntimeError: Connection closed by peer")
        said = failing.reason([forsaken, own], {0: 1, 1: 1}, 2)
        assert said.title == "The disk is full. (process 2 of 2)" and said.advice == "Free some."
        both = [Failure(rank, 2.0 - rank, "The numbers broke.", "", "") for rank in range(2)]
        assert failing.reason(both, {1: 1}, 2).title == "The numbers broke.", "it happened to all"

    def test_is_told_of_the_system_where_nobody_said_anything(self) -> None:
        forsaken = Failure(0, 1.0, "Something went wrong.", "", "RuntimeError: Connection closed by peer")
        said = failing.reason([forsaken], {2: -9}, 4, "the end of the log")
        assert said.title.startswith("Process 3 of 4 was killed by the system")
        assert "SIGKILL" in said.cause and "the end of the log" in said.cause
        assert failing.reason([], {0: -15, 1: 1}, 2).title == "Process 2 of 2 ended, and the others with it."
        assert "ended by the signal 60" in failing.reason([], {0: -60}, 2).title
        assert failing.reason([forsaken], {0: 1}, 2).title == "Process 1 of 2 ended, and the others with it."

    def test_ends_the_run_of_this_life_once(self) -> None:
        run = run_with(events.Failed(title="of an earlier life", advice="", cause=""))
        since = events.size(run.events_path)
        failing.note(run, 1, TrainingError("It broke.", "Mend it."))
        assert failing.tell(run, since, {1: 1}, 2) == 1
        last = events.last(run.events_path)
        assert isinstance(last, events.Failed) and last.title == "It broke. (process 2 of 2)"
        written = events.size(run.events_path)
        assert failing.tell(run, since, {1: -9}, 2) == 1 and events.size(run.events_path) == written
        failing.clear(run)
        assert failing.tell(run, written, {0: 143, 1: 143}, 2) == 143, "asked to go, it has not failed"


def test_who_holds_a_lock_can_be_ended(tmp_path: Path) -> None:
    place = tmp_path / "lock"
    assert locks.holder(place) is None and not locks.kill_holder(place)
    with lock_held(place) as holder:
        assert locks.holder(place) == holder.pid
        assert locks.kill_holder(place)
        assert holder.wait(60) == -9
    deadline = time.monotonic() + 60
    while locks.is_held(place):
        assert time.monotonic() < deadline
