"""``kill -9`` at any moment: the run goes on from its newest checkpoint, as if nothing had been."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.making import PROJECT, config, reviews, write_csv

KILLS = 50
SEED = int(os.environ.get("TUNESMITH_KILLS_SEED", "20261123"))


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_fifty_kills_change_nothing(tmp_path: Path, tiny_bert: Path) -> None:
    table = write_csv(tmp_path / "reviews.csv", ("text", "label"), reviews(60))
    # The last epoch is not whole; checks stand at its end, or now and then; and losses are logged between checkpoints.
    common = {"num_train_epochs": 2.5, "learning_rate": 2e-3, "per_device_train_batch_size": 6, "logging_steps": 3}
    configs = [
        config(table, tiny_bert, **common),
        config(table, tiny_bert, **common, eval_strategy="steps", eval_steps=4, gradient_accumulation_steps=2),
    ]
    asked = {"configs": [one.model_dump(mode="json") for one in configs], "kills": KILLS, "seed": SEED}
    lives = subprocess.run(
        [sys.executable, "-m", "tests.lives", json.dumps(asked)], cwd=PROJECT, capture_output=True, text=True
    )
    assert lives.returncode == 0, lives.stderr[-4000:]
    story = json.loads(lives.stdout)
    print(f"seed {SEED}: {story['kills']} kills in {story['runs']} runs, when this was written last: {story['at']}")
    assert story["faults"] == [], f"seed {SEED}"
    assert story["kills"] == KILLS and story["resumed"] >= KILLS / 4
    assert {"saving", "stepped", "phase"} <= story["at"].keys()
