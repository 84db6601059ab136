"""What goes with a script: its rows, its words, its way out by the command line, the page and the Hub."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from core import cli, home
from core.errors import RunError
from core.publishing import checked
from core.publishing.card import card_files
from core.runs import Run
from core.script import export
from core.script.shaping import frozen
from core.tasks import TASKS
from tests import scripting
from tests.making import run_with
from tests.scripting import config_of, trained

SORTING = "text-classification"
OPTIONS = {"class_weights": "balanced", "focal_gamma": 1.5, "oversampling": 0.9}


@pytest.fixture(autouse=True)
def _own_termination() -> object:
    yield from scripting.own_termination()


def test_options_of_the_loss_and_of_the_model_are_in_it(
    tmp_path: Path, tiny_bert: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Weights, focal loss, smoothed labels, repeated rows, a frozen layer, other dropouts; checks by the plain loss."""
    training = {"label_smoothing_factor": 0.1, "freeze": "layers", "frozen_layers": 1, "lr_scheduler_type": "cosine"}
    config = config_of(TASKS[SORTING], tmp_path, tiny_bert, options=OPTIONS, **training)
    model = config.model.model_copy(update={"dropout": 0.3})
    run = trained(config.model_copy(update={"model": model}))
    export.write(run, tmp_path / "away")
    text = (tmp_path / "away" / "train.py").read_text(encoding="utf-8")
    assert "leaves out" not in text
    assert all(name in text for name in ("WEIGHTS", "FOCAL_GAMMA", "SMOOTHING", "FROZEN", "hidden_dropout_prob=0.3"))
    assert 'lr_scheduler_type="cosine"' in text
    scripting.well_formed(tmp_path / "away" / "train.py")
    scripting.executed(tmp_path / "away", monkeypatch)
    scripting.alike(run, tmp_path / "away")


@pytest.fixture
def run(tmp_path: Path, tiny_model: Callable[[str], Path]) -> Run:
    """A run that leaves things to be said: long texts in pieces, and layers that learn at rates of their own."""
    training = {"layerwise_lr_decay": 0.9, "num_train_epochs": 1}
    task = TASKS[SORTING]
    return trained(config_of(task, tmp_path, tiny_model(task.family), options={"long_texts": "windows"}, **training))


def test_it_runs_by_itself_and_leaves_by_every_door(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "away"
    assert cli.main(["script", run.id, "--output", str(folder)]) == 0
    assert "train.py" in capsys.readouterr().out
    alone(folder)
    says_what_it_leaves_out(folder)
    holds_the_rows(folder)
    as_a_zip(run, folder)
    for_the_hub(run, folder)


def alone(folder: Path) -> None:
    """In a process of its own, in its own folder, with the installed packages alone."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "OMP_NUM_THREADS")}
    answer = subprocess.run(
        [sys.executable, "-P", "train.py"],
        cwd=folder,
        env=kept | {"HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert "test_loss" in answer.stdout
    assert (folder / "model" / "model.safetensors").is_file()
    steps, _ = scripting.losses_of_script(folder)
    assert steps and all(loss > 0 for loss in steps.values())


def says_what_it_leaves_out(folder: Path) -> None:
    head = (folder / "train.py").read_text(encoding="utf-8").split('"""')[1].replace("\n", " ")
    assert "This script leaves out" in head
    assert "“Long texts” (windows)" in head and "“Less for lower layers” (0.9)" in head
    assert "losses are those of the run" not in head


def holds_the_rows(folder: Path) -> None:
    for part, times in scripting.TIMES.items():
        rows = [json.loads(line) for line in (folder / f"{part}.jsonl").read_text(encoding="utf-8").splitlines()]
        assert len(rows) == times * len(TASKS[SORTING].sample_rows)
        assert {row["label"] for row in rows} == {row["label"] for row in TASKS[SORTING].sample_rows}
    assert "torch==" in (folder / "requirements.txt").read_text(encoding="utf-8")
    assert "has changed" not in (folder / "README.md").read_text(encoding="utf-8")


def as_a_zip(run: Run, folder: Path) -> None:
    archive = zipfile.ZipFile(io.BytesIO(b"".join(export.zipped(run))))
    names = {Path(name).name for name in archive.namelist()}
    assert names == {
        "train.py",
        "train.jsonl",
        "validation.jsonl",
        "test.jsonl",
        "requirements.txt",
        "run.yaml",
        "README.md",
    }
    assert archive.read(f"{run.id}-script/train.py") == (folder / "train.py").read_bytes()


def for_the_hub(run: Run, folder: Path) -> None:
    """The script stands beside the model, without places of this machine, and the card says so."""
    items = {item.name: item for item in card_files(run)}
    text = bytes(items["train.py"].content).decode()
    assert run.config.model.checkpoint not in text and run.config.model.checkpoint in (folder / "train.py").read_text()
    assert "`train.py` is the same training" in bytes(items["README.md"].content).decode()
    checked.check(list(items.values()))


def test_a_run_without_a_script_says_why() -> None:
    run = run_with()
    assert not export.has_script(run)
    with pytest.raises(RunError, match="no script"):
        export.write(run, home.home() / "away")


def test_what_is_frozen_is_named_by_its_beginnings() -> None:
    import torch

    model = torch.nn.Sequential(
        torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Linear(2, 2)), torch.nn.Linear(2, 2)
    )
    model[0].requires_grad_(False)
    model[1].bias.requires_grad_(False)
    assert frozen(model) == ("0.", "1.bias")
