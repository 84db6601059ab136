"""Runs that are killed again and again: one process that has the libraries imported forks a worker for each life.

Run as: ``python -m tests.lives '{"configs": [...], "kills": 50, "seed": 1}'``; prints what came of it as JSON.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from core import events, machine, runs, worker
from core.config import RunConfig, validate
from core.runs import Run
from core.training import checkpoints
from core.worker import EXIT_FAILED

LONGEST_LIFE = 120.0
"""Seconds after which something hangs."""
KINDS = ("started", "phase", "stepped", "evaluated", "saved")


class Told:
    """New events of a run, as they are written."""

    def __init__(self, run: Run) -> None:
        self._path, self._offset = run.events_path, events.size(run.events_path)

    def next(self) -> list[events.Event]:
        found, self._offset = events.read(self._path, self._offset)
        return found


def main(asked: dict[str, Any]) -> dict[str, Any]:
    """Kill until it was enough, each run taken up again until it ends; what differs from undisturbed runs is told."""
    worker.warm_up()
    import torch

    torch.set_num_threads(1)
    chance = random.Random(asked["seed"])
    configs = [validate(config) for config in asked["configs"]]
    undisturbed = [told(finished(runs.create(config))) for config in configs]
    story = Story(asked["kills"], chance)
    number = 0
    while story.kills_left:
        config = configs[number % len(configs)]
        run = story.whole_life(config)
        story.compare(run, told(run), undisturbed[number % len(configs)])
        number += 1
    return {"kills": story.kills, "runs": number, "resumed": story.resumed, "at": story.at, "faults": story.faults}


class Story:
    """What happened to all runs together."""

    def __init__(self, kills: int, chance: random.Random) -> None:
        self.kills_left, self.kills = kills, 0
        self.resumed = 0
        """Lives that began with a checkpoint; others were killed, or their runs were, before there was one."""
        self.at: Counter[str] = Counter()
        """What was written last when a kill came."""
        self.faults: list[str] = []
        self._chance = chance
        self._begun, self._expected = 0, cast(int | None, None)

    def whole_life(self, config: RunConfig) -> Run:
        run = runs.create(config)
        self._begun, self._expected = 0, None
        while True:
            child, told = born(run), Told(run)
            if not self.kills_left or not self._is_killed(child, self._fate(run, told)):
                self._end(child, run)
                return run
            self.kills_left, self.kills = self.kills_left - 1, self.kills + 1
            self._look_after(run)

    def _fate(self, run: Run, told: Told) -> Callable[[], bool]:
        """When a life ends: after some time, or in the midst of a save, or after so many events of a kind."""
        draw = self._chance.random()
        if draw < 0.3:
            until = time.monotonic() + self._chance.uniform(0.05, 1.5)
            return lambda: time.monotonic() > until
        if draw < 0.55:
            saves, seen = self._chance.randint(1, 3), False

            def is_saving() -> bool:
                nonlocal saves, seen
                there = (run.checkpoints_path / checkpoints.DRAFT).exists()
                saves, seen = saves - (there and not seen), there
                return saves <= 0

            return is_saving
        kind, left = self._chance.choice(KINDS), self._chance.randint(1, 4)

        def has_come() -> bool:
            nonlocal left
            left -= sum(event.kind == kind for event in told.next())
            return left <= 0

        return has_come

    def _is_killed(self, child: int, is_due: Callable[[], bool]) -> bool:
        """Whether it was killed before it came to its end."""
        delay = self._chance.choice([0.0, self._chance.uniform(0, 0.05)])
        began = time.monotonic()
        while time.monotonic() - began < LONGEST_LIFE:
            if os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                return False
            if is_due():
                time.sleep(delay)
                os.kill(child, signal.SIGKILL)
                ended = os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
                if ended is None or ended.si_code != os.CLD_KILLED:
                    return False
                os.waitpid(child, 0)
                return True
            time.sleep(0.001)
        raise TimeoutError(f"a life took more than {LONGEST_LIFE} s")

    def _look_after(self, run: Run) -> None:
        """After a kill: all that was announced is there and whole, and the next life goes on from the newest."""
        happened = self._read(run)
        last = happened[-1] if happened else None
        is_saving = (run.checkpoints_path / checkpoints.DRAFT).exists() and isinstance(last, events.Evaluated)
        self.at["saving" if is_saving else last.kind if last else "nothing"] += 1
        saved = [event.step for event in happened if isinstance(event, events.Saved)]
        newest = checkpoints.newest(run.checkpoints_path)
        if saved and (newest is None or checkpoints.step_of(newest) < max(saved)) and not run.has_model:
            self.faults.append(f"the checkpoint of step {max(saved)} is lost; {newest} is there")
        self._expected = checkpoints.step_of(newest) if newest else None

    def _end(self, child: int, run: Run) -> None:
        _, status = os.waitpid(child, 0)
        if os.waitstatus_to_exitcode(status):
            raise RuntimeError(run.log_path.read_text()[-3000:])
        self._read(run)

    def _read(self, run: Run) -> list[events.Event]:
        """Events of a life that is over. It went on from the newest checkpoint that was whole when it began."""
        happened, _ = events.read(run.events_path)
        begun = [event.resumed_from_step for event in happened if isinstance(event, events.Started)]
        if len(begun) > self._begun:
            self._begun = len(begun)
            self.resumed += begun[-1] is not None
            if begun[-1] != self._expected:
                self.faults.append(f"{run.id} went on from step {begun[-1]} instead of {self._expected}")
        return happened

    def compare(self, run: Run, now: dict[str, Any], then: dict[str, Any]) -> None:
        """Each step that was ever logged, each check, the model and its marks, beside those of an undisturbed run."""
        for name in now:
            if now[name] != then[name]:
                self.faults.append(f"{run.id}: {name} differs: {now[name]} instead of {then[name]}"[:600])


def born(run: Run) -> int:
    """A worker's process for one life of a run."""
    if events.size(run.events_path):
        run.again_path.touch()
    child = os.fork()
    if child:
        return child
    try:
        code = worker.train(run, machine.devices()[0].name)
    except BaseException:
        traceback.print_exc()
        code = EXIT_FAILED
    os._exit(code)


def finished(run: Run) -> Run:
    _, status = os.waitpid(born(run), 0)
    assert os.waitstatus_to_exitcode(status) == 0, run.log_path.read_text()
    return run


def told(run: Run) -> dict[str, Any]:
    """What must not depend on kills. A step that was logged more than once has to be the same each time."""
    happened, _ = events.read(run.events_path)
    steps = {(e.step, e.loss, e.learning_rate, e.grad_norm) for e in happened if isinstance(e, events.Stepped)}
    checks = {(e.step, tuple(sorted(e.metrics.items()))) for e in happened if isinstance(e, events.Evaluated)}
    report = run.report or {}
    return {
        "state": run.state.value,
        "losses": sorted(steps),
        "checks": sorted(checks),
        "weights": hash((run.model_path / "model.safetensors").read_bytes()) if run.has_model else None,
        "marks": report.get("metrics"),
        "steps": (report.get("steps"), report.get("best_step")),
    }


if __name__ == "__main__":
    print(json.dumps(main(json.loads(sys.argv[1] if len(sys.argv) > 1 else Path("/dev/stdin").read_text()))))
