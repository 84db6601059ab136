"""Runs that have a model to try, made in a moment: a tiny checkpoint with an answer layer, and no training."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from core import runs
from core.config import validate
from core.runs import Run

LABELS = ("bad", "good")


def run_with_model(
    checkpoint: Path, favourite: str = "good", *roles: str, task: str = "text-classification", name: str = ""
) -> Run:
    """A run whose ``model/`` answers ``favourite`` to everything; ``roles`` are its text columns (just ``text``)."""
    columns = {role: role for role in (*(roles or ("text",)), "label")}
    run = runs.create(
        validate(
            {
                "task": task,
                "name": name,
                "data": {"source": "gone.csv", "columns": columns},
                "model": {"checkpoint": str(checkpoint)},
                "training": {"max_length": 32},
            }
        )
    )
    give_model(run, checkpoint, favourite)
    return run


def give_model(run: Run, checkpoint: Path, favourite: str) -> None:
    """Put the checkpoint into ``model/``, with an answer layer that prefers ``favourite``, as a training ends."""
    import numpy as np
    from safetensors.numpy import load_file, save_file

    draft = run.path / ".model.draft"
    shutil.copytree(checkpoint, draft)
    config = json.loads((draft / "config.json").read_text())
    width = config["hidden_size"]
    config["architectures"] = ["BertForSequenceClassification"]
    config["id2label"] = dict(enumerate(LABELS))
    config["label2id"] = {label: number for number, label in enumerate(LABELS)}
    (draft / "config.json").write_text(json.dumps(config))
    body = {f"bert.{name}": tensor for name, tensor in load_file(checkpoint / "model.safetensors").items()}
    layer = {
        "classifier.weight": np.random.default_rng(0).normal(0, 0.02, (len(LABELS), width)).astype("float32"),
        "classifier.bias": np.array([2.0 * (label == favourite) for label in LABELS], dtype="float32"),
    }
    save_file({**body, **layer}, draft / "model.safetensors", metadata={"format": "pt"})
    if run.model_path.exists():
        shutil.rmtree(run.model_path)
    draft.rename(run.model_path)
