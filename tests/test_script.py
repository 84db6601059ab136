"""A run taken away as a program of its own: it is executed, and finds the losses of the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.script import export
from core.tasks import OWN, TASKS
from tests import scripting


@pytest.fixture(autouse=True)
def _own_termination() -> Iterator[None]:
    yield from scripting.own_termination()


@pytest.mark.parametrize("name", sorted(task.id for task in OWN))
def test_it_finds_the_losses_of_its_run(
    name: str, tmp_path: Path, tiny_model: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With texts that are too long for the model, and steps of several batches, the last of them smaller."""
    task = TASKS[name]
    run = scripting.trained(scripting.config_of(task, tmp_path, tiny_model(task.family), gradient_accumulation_steps=4))
    files = export.write(run, tmp_path / "away")
    assert {path.name for path in files} == {path.name for path in (tmp_path / "away").iterdir()}
    scripting.well_formed(tmp_path / "away" / "train.py")
    scripting.executed(tmp_path / "away", monkeypatch)
    scripting.alike(run, tmp_path / "away")
