"""Searches whose trials were never trained: what workers would write is written here, and the driver looks at it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from core import events, home, runs
from core.config import RunConfig
from core.runs import Run
from core.search.config import SearchConfig, checked
from core.search.driver import Driver
from core.search.searches import Search, find
from core.search.table import SearchView
from core.studio import Studio
from tests.making import config, started
from tests.shelf import home_of

STEPS = 30
RATE = {"path": "training.learning_rate", "kind": "float", "low": 1e-5, "high": 1e-4, "log": True}
BATCH = {"path": "training.per_device_train_batch_size", "kind": "choice", "choices": [8, 16]}


def search(*space: dict[str, Any], base: RunConfig | None = None, **more: Any) -> SearchConfig:
    return checked({"base": base or config(), "space": list(space or (RATE, BATCH)), **more})


class Bench:
    """A search, driven look by look."""

    def __init__(self, studio: Studio, **more: Any) -> None:
        self.studio = studio
        self.id = studio.search(search(RATE, BATCH, **more))
        self.driver = Driver(studio, self.id)
        self.driver.look()

    @property
    def folder(self) -> Search:
        return find(self.id)

    @property
    def view(self) -> SearchView:
        return self.studio.search_view(self.id)

    def newest(self) -> Run:
        run = self.view.trials[-1].run
        assert run
        return runs.find(run)

    def happens(self, *more: events.Event) -> None:
        """The newest trial's worker writes this, and the driver sees it."""
        log = events.EventLog(self.newest().events_path)
        for event in more:
            log.append(event)
        log.close()
        self.driver.look()

    def finishes(self, *marks: float) -> None:
        self.happens(started(), planned(), *checks(*marks), events.Finished(train_runtime_s=1.0))


def planned() -> events.Planned:
    return events.Planned(
        train_rows=80, validation_rows=20, test_rows=20, total_steps=STEPS, num_train_epochs=3, parameters=1,
        main_metric="f1_macro",
    )  # fmt: skip


def checks(*marks: float) -> list[events.Evaluated]:
    def check(epoch: int, mark: float) -> events.Evaluated:
        metrics: dict[str, float | None] = {"f1_macro": mark, "accuracy": mark, "loss": 1.0}
        return events.Evaluated(step=10 * epoch, epoch=float(epoch), metrics=metrics, runtime_s=0.1, is_best=True)

    return [check(epoch, mark) for epoch, mark in enumerate(marks, start=1)]


def put(app_home: Path, bench: Bench, judged: dict[str, Any]) -> str:
    """The search in the home of a running app, its runs first: no driver may find it without them. Returns its id."""
    bench.driver.close()
    best = bench.view.best
    for trial in bench.view.trials:
        run = runs.find(trial.run or "")
        if trial.number == best:
            (run.path / "report.json").write_text(json.dumps(judged), encoding="utf-8")
        _move(run.path, app_home, "runs")
    _move(bench.folder.path, app_home, "searches")
    return bench.id


def avoid(app_home: Path) -> None:
    """Let no run that is made here have the name of one in the home of a running app, where it will be put."""
    with home_of(app_home):
        taken = [path.name for path in home.runs_dir().iterdir()]
    for name in taken:
        (home.trash_dir() / name).mkdir(exist_ok=True)


def _move(folder: Path, app_home: Path, name: str) -> None:
    with home_of(app_home):
        place = {"runs": home.runs_dir, "searches": home.searches_dir}[name]()
    os.rename(folder, place / folder.name)
