"""The home folder: moved with all that is in it, or one that nothing can be written to."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import app
from core import cli, home, runs
from core.errors import StudioError
from core.runs import Run, State
from tests.making import config, run_with, started, stepped, write_csv

NOWHERE = ["/proc", "/dev/null/inside"]
"""Folders in which nobody can make a file."""


@pytest.mark.parametrize("place", NOWHERE)
def test_a_home_that_cannot_be_written_to_is_a_sentence(
    place: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TUNESMITH_HOME", place)
    with pytest.raises(StudioError, match="cannot be written to"):
        home.need_writable()
    assert app.main([]) == 1
    assert f"The home folder {place} cannot be written to." in capsys.readouterr().out
    assert cli.main(["list"]) != 0
    said = capsys.readouterr()
    assert f"The home folder {place} cannot be written to." in said.out + said.err and "Traceback" not in said.err


def moved(to: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.rename(home.home(), to)
    monkeypatch.setenv("TUNESMITH_HOME", str(to))


def test_runs_find_their_things_after_the_home_has_moved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    earlier = run_with(started(), stepped(1))
    earlier.model_path.mkdir()
    (earlier.checkpoints_path / "checkpoint-3").mkdir(parents=True)
    upload = home.uploads_dir() / "0123" / "table.csv"
    upload.parent.mkdir()
    write_csv(upload, ("text", "label"), [("a", "b")])
    elsewhere = write_csv(tmp_path / "own.csv", ("text", "label"), [("a", "b")])
    named = str(earlier.checkpoints_path / "checkpoint-3")
    waits = runs.create(config(upload, earlier.model_path, resume_from_checkpoint=named))
    other = runs.create(config(elsewhere, "starter/minilm"))
    (tmp_path / "runs of mine").mkdir()
    moved(tmp_path / "runs of mine" / "runs", monkeypatch)
    found, place = runs.find(waits.id).config, home.runs_dir() / earlier.id
    assert found.data.source == str(home.uploads_dir() / "0123" / "table.csv")
    assert found.model.checkpoint == str(place / "model")
    assert found.training.resume_from_checkpoint == str(place / "checkpoints" / "checkpoint-3")
    assert runs.find(other.id).config.data.source == str(elsewhere)
    assert {run.id: run.state for run in runs.all_runs()} == {
        earlier.id: State.INTERRUPTED,
        waits.id: State.QUEUED,
        other.id: State.QUEUED,
    }


def test_what_was_never_there_stays_named_as_it_was() -> None:
    run = runs.create(config("/nowhere/runs/table.csv", "starter/minilm"))
    assert Run(run.path).config.data.source == "/nowhere/runs/table.csv"
