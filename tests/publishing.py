"""Runs that can be published, made up with tiny weights, and publishing them for real against a small Hub."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from core import events
from core.data.types import Target
from core.hub.identity import Identity, asking_as
from core.models import manual
from core.publishing.publications import PUBLICATIONS
from core.publishing.types import Publication, Publishing
from core.runs import Run
from tests import shelf
from tests.making import run_with, started, stepped

LABELS = ("bad", "good", "so so")
WEIGHTS = "model.safetensors"
SIZE = 1_200_000
"""Bytes of weights: enough to go one by one, and the way of large files."""
PATIENCE_SECONDS = 120.0


def trained(size: int = SIZE) -> Run:
    """A finished run with a judgement and a model folder like those that workers write, of random numbers."""
    run = run_with(started(), stepped(1), events.Finished(train_runtime_s=1.0))
    folder = run.model_path
    folder.mkdir()
    (folder / WEIGHTS).write_bytes(weights(size))
    names = {str(number): label for number, label in enumerate(LABELS)}
    write(folder / "config.json", {"model_type": "bert", "id2label": names, "label2id": {}})
    write(folder / "tokenizer.json", {"model": {"vocab": {"[UNK]": 0, "/root/": 1}}})
    write(folder / "tokenizer_config.json", {"tokenizer_class": "BertTokenizer"})
    manual.write(folder, manual.Manual("text-classification", 32, Target(LABELS, (40, 50, 30))))
    report = shelf.report() | {"labels": list(LABELS), "examples": [{"text": "a secret of a customer"}]}
    for judged in (report, *report["metrics"].values(), *report["baselines"].values()):
        judged.pop("confusion_matrix", None)  # drawing it takes longer than all the rest
    write(run.path / "report.json", report)
    return run


def weights(size: int) -> bytes:
    """A whole safetensors file of one random tensor of ``size`` bytes."""
    header = json.dumps({"a": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}).encode()
    return len(header).to_bytes(8, "little") + header + os.urandom(size)


def with_checkpoint(run: Run, step: int, size: int = 2_000) -> Path:
    """A checkpoint beside the model, with the pickles that a trainer leaves in one."""
    folder = run.checkpoints_path / f"checkpoint-{step}"
    folder.mkdir(parents=True)
    (folder / WEIGHTS).write_bytes(weights(size))
    shutil.copy(run.model_path / "config.json", folder)
    write(folder / "trainer_state.json", {"best_model_checkpoint": str(folder), "global_step": step})
    for name in ("training_args.bin", "optimizer.pt", "rng_state.pth", "scheduler.pt"):
        (folder / name).write_bytes(b"\x80\x02}q\x00.")
    return folder


def write(path: Path, data: object) -> None:
    path.write_text(json.dumps(data), encoding="utf-8")


def publish(
    run: Run, wanted: Publishing, token: str, meanwhile: Callable[[Publication], None] = lambda now: None
) -> Publication:
    """Publish to its end. ``meanwhile`` sees how it goes."""
    with asking_as(Identity("token", token)):
        PUBLICATIONS.begin(run, wanted)
    end = time.monotonic() + PATIENCE_SECONDS
    while not (now := PUBLICATIONS.of(run.id) or _none()).is_over:
        assert time.monotonic() < end, now
        meanwhile(now)
        time.sleep(0.01)
    return now


def prints(folder: Path) -> dict[str, str]:
    """A hash of every file in a folder."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def _none() -> Publication:
    raise AssertionError("nothing was begun")
