"""Runs with answers of their own to made-up rows, for tests of comparisons."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core import runs
from core.config import validate
from core.judging import kept
from core.runs import Run
from tests import shelf

LABELS = ("bad", "good", "so so")
Rows = dict[str, Any]


def rows(
    numbers: Sequence[int], right: float, seed: int = 0, truths: dict[int, str] | None = None, text: str = "row"
) -> Rows:
    """Kept rows of these numbers, answered rightly with this chance. ``truths`` are other labels of some of them."""
    random = np.random.default_rng(seed)
    truth = [(truths or {}).get(number, LABELS[number % 3]) for number in numbers]
    hit = random.random(len(numbers)) < right
    answer = [one if ok else LABELS[(LABELS.index(one) + 1) % 3] for one, ok in zip(truth, hit, strict=True)]
    return {
        "text": [f"{text} {number}" for number in numbers],
        "row": list(numbers),
        "label": truth,
        "truth": truth,
        "answer": answer,
        "error": [float(a != b) for a, b in zip(answer, truth, strict=True)],
        "probability": random.random(len(numbers)).round(3).tolist(),
    }


def judged(folder: Path, name: str, answers: Rows | None, **changes: Any) -> Run:
    """A finished run that has kept these answers. ``changes``: of its config, ``__`` is a dot."""
    import pyarrow as pa

    run = shelf.put(folder, name, *shelf.finished(), judged=shelf.report())
    data = run.config.model_dump(mode="json")
    for path, value in changes.items():
        *sections, last = path.split("__")
        inner = data
        for section in sections:
            inner = inner[section]
        inner[last] = value
    runs.write_atomically(run.path / "config.yaml", validate(data).to_yaml())
    if answers is not None:
        kept.write(run, "test", pa.table(answers))
    return run
