"""One training that several contenders make alike: its rows in a file, its checkpoint, its settings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from core.config import RunConfig, TrainingConfig, validate
from tests.bench.texts import Texts

HELD_BACK = 40
"""Rows of the parts that are not learned from, each."""


@dataclass(frozen=True)
class Job:
    """``rows`` is a Parquet file with ``text``, ``part`` and, to be sorted into classes, ``label``.

    ``padding`` is the contender's own. ``logging_steps`` 0: as the contender does by itself.
    """

    name: str
    folder: str
    kind: Literal["sort", "write"]
    rows: str
    checkpoint: str
    max_length: int = 256
    batch_size: int = 16
    steps: int = 1000
    learning_rate: float = 5e-5
    seed: int = 42
    padding: str = ""
    probe: str = "no"
    """Of ours: ``choose`` to compute in whatever way is found fastest; else as the stock script does."""
    logging_steps: int = 0
    bf16: bool = False
    is_still: bool = False
    """Without dropout, to compare losses: ours computes in the usual way then, whatever is fastest."""


def write_rows(folder: Path, name: str, texts: Texts, held_back: int = HELD_BACK, checked: int | None = None) -> str:
    """The file of a job's rows. The last ``held_back`` are judged by, and ``checked`` before them (as many) are checked
    by; the others keep their order.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    count = len(texts.texts)
    checked = held_back if checked is None else checked
    parts = ["train"] * (count - checked - held_back) + ["validation"] * checked + ["test"] * held_back
    columns: dict[str, Any] = {"text": texts.texts, "part": parts}
    if texts.labels:
        # Numbered, so that whoever sorts them, and however, numbers the classes alike.
        numbers = {label: number for number, label in enumerate(sorted(set(texts.labels)))}
        columns["label"] = [f"{numbers[label]:03d} {label}" for label in texts.labels]
    path = folder / f"{name}.parquet"
    pq.write_table(pa.table(columns), path)
    return str(path)


def paddings() -> list[str]:
    """The ways to lay out batches that the setting offers, but ``packed``, which ``automatic`` is where it can be."""
    from typing import get_args

    return [str(choice) for choice in get_args(TrainingConfig.model_fields["padding"].annotation) if choice != "packed"]


def config_of(job: Job, callbacks: tuple[str, ...] = ()) -> RunConfig:
    """The same job as a run of ours."""
    sorts = job.kind == "sort"
    return validate(
        {
            "task": "text-classification" if sorts else "causal-language-modeling",
            "name": job.name,
            "data": {
                "source": job.rows,
                "columns": {"text": "text", **({"label": "label"} if sorts else {})},
                "split": {"column": "part", "train": "train", "validation": "validation", "test": "test"},
            },
            "model": {"checkpoint": job.checkpoint},
            "options": {} if sorts else {"group_texts": False},
            "training": {
                "max_steps": job.steps,
                "max_length": job.max_length,
                "per_device_train_batch_size": job.batch_size,
                "learning_rate": job.learning_rate,
                "weight_decay": 0.0,
                "warmup_steps": 0,
                "lr_scheduler_type": "linear",
                "seed": job.seed,
                "bf16": job.bf16,
                "eval_strategy": "no",
                "save_strategy": "no",
                "probe": "no" if job.is_still else job.probe,
                **({"padding": job.padding} if job.padding else {}),
                **({"logging_steps": job.logging_steps} if job.logging_steps else {}),
            },
            "custom": {"callbacks": callbacks},
        }
    )
