"""Checkpoints are complete or absent, and one that was damaged since is never taken for a whole one."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from core.training import checkpoints
from core.training.checkpoints import SEAL, STATE

WEIGHTS = "model.safetensors"


def draft(folder: Path, step: int, weights: bytes = b"weights") -> Path:
    path = folder / checkpoints.DRAFT / f"checkpoint-{step}"
    path.mkdir(parents=True)
    (path / WEIGHTS).write_bytes(weights)
    (path / STATE).write_text(json.dumps({"global_step": step}))
    checkpoints.seal(path, {"task": "a task"})
    return path


def kept(folder: Path, step: int, weights: bytes = b"weights") -> Path:
    checkpoints.commit(draft(folder, step, weights), folder / f"checkpoint-{step}")
    return folder / f"checkpoint-{step}"


def unsealed(folder: Path, step: int) -> Path:
    """As earlier versions wrote them: whole, as far as can be seen."""
    path = folder / f"checkpoint-{step}"
    path.mkdir()
    header = json.dumps({"a": {"dtype": "U8", "shape": [4], "data_offsets": [0, 4]}}).encode()
    (path / WEIGHTS).write_bytes(len(header).to_bytes(8, "little") + header + b"1234")
    (path / STATE).write_text(json.dumps({"global_step": step}))
    for name in ("optimizer.pt", "scheduler.pt", "rng_state.pth"):
        with zipfile.ZipFile(path / name, "w") as archive:
            archive.writestr("data", "x" * 100)
    return path


def test_what_is_being_written_is_not_found_and_what_is_whole_is(tmp_path: Path) -> None:
    being_written = draft(tmp_path, 20)
    assert checkpoints.newest(tmp_path) is None
    checkpoints.commit(being_written, tmp_path / "checkpoint-20")
    assert checkpoints.newest(tmp_path) == checkpoints.last(tmp_path) == tmp_path / "checkpoint-20"
    assert (tmp_path / "checkpoint-20" / WEIGHTS).read_bytes() == b"weights"
    assert checkpoints.about(tmp_path / "checkpoint-20") == {"task": "a task"}


def test_the_newest_is_the_one_of_the_highest_step(tmp_path: Path) -> None:
    for step in (9, 100, 20):
        kept(tmp_path, step)
    (tmp_path / "checkpoint-old").mkdir()
    newest = checkpoints.newest(tmp_path)
    assert newest is not None and checkpoints.step_of(newest) == 100


def test_writing_a_step_again_replaces_it(tmp_path: Path) -> None:
    kept(tmp_path, 5)
    kept(tmp_path, 5, b"newer")
    assert (tmp_path / "checkpoint-5" / WEIGHTS).read_bytes() == b"newer"
    assert [path.name for path in tmp_path.glob("*checkpoint*")] == ["checkpoint-5"]


def test_leftovers_of_a_killed_worker_are_cleared_and_nothing_whole_is_lost(tmp_path: Path) -> None:
    folder = tmp_path / "checkpoints"
    draft(folder, 7)
    # Killed between the two steps of replacing 5, after replacing 6, and while deleting 3.
    os.rename(kept(folder, 5), folder / ".replaced-checkpoint-5")
    kept(folder, 6)
    (folder / ".replaced-checkpoint-6").mkdir()
    (folder / ".gone-checkpoint-3").mkdir()
    checkpoints.clear_drafts(folder)
    assert [path.name for path in checkpoints.all_of(folder)] == ["checkpoint-5", "checkpoint-6"]
    assert len(list(folder.iterdir())) == 2
    assert checkpoints.newest(tmp_path / "missing") is None


def garbled(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1] + b"?")


DAMAGES: dict[str, Callable[[Path], object]] = {
    "is missing": lambda folder: (folder / WEIGHTS).unlink(),
    "bytes instead of": lambda folder: os.truncate(folder / WEIGHTS, 3),
    "is not what was written": lambda folder: garbled(folder / STATE),
    "list of its files cannot be read": lambda folder: os.truncate(folder / SEAL, 20),
    "optimizer.pt is missing": lambda folder: (folder / SEAL).unlink(),
}


@pytest.mark.parametrize("words", DAMAGES)
def test_a_broken_one_is_recognised_set_aside_and_the_one_before_is_taken(tmp_path: Path, words: str) -> None:
    kept(tmp_path, 10)
    DAMAGES[words](kept(tmp_path, 20))
    assert checkpoints.newest(tmp_path) == tmp_path / "checkpoint-10"
    (broken,) = checkpoints.set_aside(tmp_path)
    assert broken.step == 20 and words in broken.fault
    assert checkpoints.last(tmp_path) == tmp_path / "checkpoint-10" and not checkpoints.set_aside(tmp_path)
    assert checkpoints.dispensable(tmp_path, None) == [tmp_path / "broken-checkpoint-20"]


@pytest.mark.parametrize("name", ["", WEIGHTS, "optimizer.pt", "rng_state.pth", STATE])
def test_one_of_an_earlier_version_counts_when_it_looks_whole(tmp_path: Path, name: str) -> None:
    path = unsealed(tmp_path, 30)
    if name:
        os.truncate(path / name, (path / name).stat().st_size - 3)
    assert bool(checkpoints.fault(path)) == bool(name)
    assert checkpoints.about(path) == {}


def test_the_oldest_go_and_the_best_and_the_newest_stay(tmp_path: Path) -> None:
    for step in (1, 2, 3, 4):
        kept(tmp_path, step)
    best = tmp_path / "checkpoint-1"
    assert [path.name for path in checkpoints.dispensable(tmp_path, best)] == ["checkpoint-2", "checkpoint-3"]
    checkpoints.rotate(tmp_path, None, best)
    assert len(checkpoints.all_of(tmp_path)) == 4
    checkpoints.rotate(tmp_path, 3, best)
    assert [path.name for path in checkpoints.all_of(tmp_path)] == ["checkpoint-1", "checkpoint-3", "checkpoint-4"]
    checkpoints.rotate(tmp_path, 1, best)
    assert [path.name for path in checkpoints.all_of(tmp_path)] == ["checkpoint-1", "checkpoint-4"]


def test_what_a_kill_left_half_deleted_is_in_nobody_s_way(tmp_path: Path) -> None:
    rest = tmp_path / ".gone-checkpoints" / "checkpoint-2"
    rest.mkdir(parents=True)
    (rest / "model.safetensors").write_bytes(b"half")
    (tmp_path / "checkpoints" / "checkpoint-4").mkdir(parents=True)
    checkpoints.discard(tmp_path / "checkpoints")
    assert [path.name for path in tmp_path.iterdir() if path.name != "home"] == []
