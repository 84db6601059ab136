"""Other programs that train, where they are installed here: the same rows, model and steps, from start to end."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.bench.jobs import Job
from tests.bench.options import Options
from tests.bench.sets import sets

PATIENCE_S = 1800
NOT_HERE = "not installed here"
SECONDS_OF = "seconds from start to end"


def measure(folder: Path, options: Options) -> dict[str, Any]:
    """A sentence for each; what goes wrong in a peer is said, and ends nothing."""
    return {
        "autotrain-advanced": _told("autotrain", _autotrain, folder, options, "short"),
        "llamafactory": _told("llamafactory-cli", _llamafactory, folder, options, "documents"),
    }


def _told(program: str, command: Any, folder: Path, options: Options, name: str) -> str:
    found = shutil.which(program, path=str(Path(sys.executable).parent)) or shutil.which(program)
    if found is None:
        return NOT_HERE
    place = folder / program
    place.mkdir()
    job = replace(sets(place, replace(options, sets=(name,)))[name].job, steps=20 if options.quick else 100)
    began = time.monotonic()
    done = subprocess.run(
        [found, *command(job, place)], cwd=place, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:]
        return f"failed: {' '.join(last)[:200]}"
    return f"{time.monotonic() - began:.1f} {SECONDS_OF}; ours {_ours(job):.1f}"


def _ours(job: Job) -> float:
    """The same job by ours, the start of its process counted too."""
    from core import runs
    from core.spares import PROJECT, environment
    from tests.bench.jobs import config_of

    run = runs.create(config_of(replace(job, padding="")))
    began = time.monotonic()
    said = f'{{"job": "train", "run": "{run.path}"}}\n'
    worker = [sys.executable, "-m", "core.worker"]
    subprocess.run(worker, input=said, cwd=PROJECT, env=environment(), text=True, check=True)
    return time.monotonic() - began


def _rows(job: Job, place: Path) -> Any:
    import pandas as pd

    rows = pd.read_parquet(job.rows)
    return rows[rows["part"] == "train"].drop(columns="part")


def _autotrain(job: Job, place: Path) -> list[str]:
    rows = _rows(job, place)
    (place / "data").mkdir()
    rows.head(job.steps * job.batch_size).to_csv(place / "data" / "train.csv", index=False)
    return [
        "text-classification", "--train", "--project-name", "peer", "--model", job.checkpoint, "--data-path",
        str(place / "data"), "--train-split", "train", "--text-column", "text", "--target-column", "label", "--epochs",
        "1", "--batch-size", str(job.batch_size), "--lr", str(job.learning_rate), "--max-seq-length",
        str(job.max_length), "--seed", str(job.seed), "--eval-strategy", "no",
    ]  # fmt: skip


def _llamafactory(job: Job, place: Path) -> list[str]:
    rows = _rows(job, place)
    rows.to_json(place / "documents.jsonl", orient="records", lines=True)
    (place / "dataset_info.json").write_text(
        '{"documents": {"file_name": "documents.jsonl", "columns": {"prompt": "text"}}}', encoding="utf-8"
    )
    settings = {
        "stage": "pt", "do_train": "true", "finetuning_type": "full", "model_name_or_path": job.checkpoint,
        "dataset": "documents", "dataset_dir": str(place), "cutoff_len": job.max_length, "packing": "false",
        "output_dir": str(place / "peer"), "max_steps": job.steps, "per_device_train_batch_size": job.batch_size,
        "learning_rate": job.learning_rate, "seed": job.seed, "save_strategy": "no", "report_to": "none",
    }  # fmt: skip
    (place / "peer.yaml").write_text(
        "\n".join(f"{name}: {value}" for name, value in settings.items()), encoding="utf-8"
    )
    return ["train", str(place / "peer.yaml")]
