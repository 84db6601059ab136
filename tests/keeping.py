"""Keeping runs for real, against a small Hub: what its tests share."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core import home as homes
from core.errands import Errand
from core.hub.identity import Identity, asking_as
from core.runs import Run
from core.studio import Studio
from tests.small_hub import SmallHub

REPO = "anna/tunesmith-runs"
PATIENCE_SECONDS = 120.0


@pytest.fixture
def hub(small_hub: SmallHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallHub:
    small_hub.lfs_above = 100_000
    for name, value in small_hub.environment(tmp_path / "huggingface").items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("HF_TOKEN", raising=False)
    return small_hub


@pytest.fixture
def studio() -> Iterator[Studio]:
    door = Studio()
    yield door
    door.close()


def through(told: Any) -> Errand:
    end = time.monotonic() + PATIENCE_SECONDS
    while (now := told()) is None or now.state == "going":
        assert time.monotonic() < end, now
        time.sleep(0.02)
    return now


def keep(studio: Studio, run: Run, token: str) -> Errand:
    with asking_as(Identity("token", token)):
        studio.keep(run.id)
        return through(lambda: studio.keeping(run.id))


def bring_back(studio: Studio, run_id: str, token: str) -> Errand:
    with asking_as(Identity("token", token)):
        studio.bring_back(run_id)
        return through(lambda: studio.bringing_back(run_id))


def files_of(hub: SmallHub) -> dict[str, bytes]:
    head = hub.repo(REPO, "models").branches["main"]
    return {name: blob.place.read_bytes() for name, blob in head.files.items()}


def left_behind() -> list[Path]:
    return list(homes.runs_dir().iterdir())
