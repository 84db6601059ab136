"""Runs on rented machines of a small Hub: everything is real but the money, and what ``uv`` would install."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from core import runs
from core.config import RunConfig, validate
from core.hub.identity import Identity, asking_as
from core.runs import Run, State
from core.studio import Studio
from tests import processes
from tests.making import PROJECT, config, reviews, write_csv
from tests.small_hub import SmallHub
from tests.small_hub.jobs import Job

PATIENCE = 180.0


@pytest.fixture
def hub(small_hub: SmallHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallHub]:
    """For this process, and for those that it starts."""
    from huggingface_hub import constants

    for name, value in small_hub.environment(tmp_path / "huggingface").items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("TUNESMITH_LOOK", "0.3")
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setattr(constants, "ENDPOINT", small_hub.url)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    files = constants.HUGGINGFACE_CO_URL_TEMPLATE.replace("https://huggingface.co", small_hub.url)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", files)
    small_hub.jobs.environment = {"TUNESMITH_LOOK": "0.3", "OMP_NUM_THREADS": "1"}
    yield small_hub
    for follower in processes.living("core.jobs."):
        follower.kill()


@pytest.fixture
def light_hub(hub: SmallHub) -> SmallHub:
    """Machines on which nothing is learned: see ``tests.light_aboard``."""
    hub.jobs.instead = {"core.jobs.aboard": "tests.light_aboard"}
    hub.jobs.environment["PYTHONPATH"] = str(PROJECT)
    return hub


def light(folder: Path, name: str, hours: float = 1.0) -> RunConfig:
    """A run for such a machine; its name says how it goes."""
    wanted = rented(folder, Path("starter/minilm"), hours).model_dump(mode="json")
    return validate({**wanted, "name": name})


def rented(folder: Path, checkpoint: Path, hours: float = 1.0, **training: Any) -> RunConfig:
    """A small run that is to go to a rented machine, of a table and a model of this machine."""
    table = write_csv(folder / "reviews.csv", ("text", "label"), reviews())
    wanted = config(table, checkpoint, **training).model_dump(mode="json")
    return validate({**wanted, "job": {"hardware": "t4-small", "time_limit": hours}})


def begin(studio: Studio, wanted: RunConfig, token: str, agreed: float | None = 1.0) -> Run:
    """Start it as somebody who has agreed to a sum."""
    with asking_as(Identity("token", token)):
        return runs.find(studio.start(wanted, agreed))


def wait_for(what: Callable[[], Any], why: Callable[[], Any] = lambda: "") -> Any:
    """What comes of it, once it is true of anything."""
    end = time.monotonic() + PATIENCE
    while not (found := what()):
        assert time.monotonic() < end, why()
        time.sleep(0.05)
    return found


def job_of(hub: SmallHub) -> Job:
    """The newest machine that was rented."""
    return wait_for(lambda: list(hub.jobs.all.values()))[-1]  # type: ignore[no-any-return]


def over(run: Run) -> State:
    """How it has ended."""
    wait_for(lambda: run.state.is_over, lambda: (run.path / "job.json").read_text(encoding="utf-8"))
    return run.state


@contextmanager
def open_studio() -> Iterator[Studio]:
    """An app for a while."""
    studio = Studio().open()
    try:
        yield studio
    finally:
        studio.close()
