"""Checkpoints are complete or absent."""

from __future__ import annotations

from pathlib import Path

from core.training import checkpoints


def draft(folder: Path, step: int) -> Path:
    path = folder / checkpoints.DRAFT / f"checkpoint-{step}"
    path.mkdir(parents=True)
    (path / "model.safetensors").write_bytes(b"weights")
    return path


def test_what_is_being_written_is_not_found_and_what_is_whole_is(tmp_path: Path) -> None:
    being_written = draft(tmp_path, 20)
    assert checkpoints.newest(tmp_path) is None
    checkpoints.commit(being_written, tmp_path / "checkpoint-20")
    assert checkpoints.newest(tmp_path) == tmp_path / "checkpoint-20"
    assert (tmp_path / "checkpoint-20" / "model.safetensors").read_bytes() == b"weights"


def test_the_newest_is_the_one_of_the_highest_step(tmp_path: Path) -> None:
    for step in (9, 100, 20):
        checkpoints.commit(draft(tmp_path, step), tmp_path / f"checkpoint-{step}")
    (tmp_path / "checkpoint-old").mkdir()
    newest = checkpoints.newest(tmp_path)
    assert newest is not None and checkpoints.step_of(newest) == 100


def test_writing_a_step_again_replaces_it(tmp_path: Path) -> None:
    checkpoints.commit(draft(tmp_path, 5), tmp_path / "checkpoint-5")
    again = draft(tmp_path, 5)
    (again / "model.safetensors").write_bytes(b"newer")
    checkpoints.commit(again, tmp_path / "checkpoint-5")
    assert (tmp_path / "checkpoint-5" / "model.safetensors").read_bytes() == b"newer"


def test_leftovers_of_a_killed_worker_are_cleared(tmp_path: Path) -> None:
    folder = tmp_path / "checkpoints"
    draft(folder, 7)
    checkpoints.clear_drafts(folder)
    assert list(folder.iterdir()) == []
    assert checkpoints.newest(tmp_path / "missing") is None
