"""What our worker costs over a bare ``Trainer`` script, same work and arguments, as a ratio of times."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from core import home, runs
from core.config import RunConfig, put, validate
from core.spares import PROJECT, environment
from core.studio import Studio

REPEATS = 3


def measure() -> dict[str, Any]:
    """Training seconds of ours and of the bare script, alternating; the ratios of their medians and of their best."""
    studio = Studio().open()
    config = _config(studio)
    ours, bare = [], []
    for _ in range(REPEATS):
        bare.append(_bare_seconds(config))
        ours.append(_our_seconds(studio, config))
    studio.close()
    return {
        "ours_s": [round(value, 2) for value in ours],
        "bare_s": [round(value, 2) for value in bare],
        "ratio": round(median(ours) / median(bare), 3),
        "ratio_of_best": round(min(ours) / min(bare), 3),
    }


def _config(studio: Studio) -> RunConfig:
    config, _ = studio.complete({"data": {"source": "sample/feedback"}})
    data = config.model_dump()
    put(data, "training.num_train_epochs", 4.0)
    put(data, "training.early_stopping_patience", 0)
    return validate(data)


def _our_seconds(studio: Studio, config: RunConfig) -> float:
    run = runs.find(studio.start(config))
    while not run.state.is_over:
        time.sleep(0.5)
    report = run.report
    if report is None:
        raise RuntimeError(run.log_path.read_text()[-2000:])
    return float(report["train_runtime"])


def _bare_seconds(config: RunConfig) -> float:
    path = home.temp_dir() / "bench.json"
    path.write_text(config.model_dump_json())
    command = [sys.executable, str(Path(__file__).with_name("bare.py")), str(path)]
    done = subprocess.run(
        command, cwd=PROJECT, env={**environment(), "PYTHONPATH": str(PROJECT)}, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return float(json.loads(done.stdout.splitlines()[-1])["train_runtime"])
