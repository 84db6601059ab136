"""What the programs that predict share: they answer ``{"from": a, "to": b}`` with what those texts took."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench.channel import Channel
from tests.bench.jobs import Job

Probabilities = Callable[[list[str]], list[list[float]]]
"""Of each class, in the order of their names, a text."""


def serve(make: Callable[[Job], Probabilities]) -> None:
    channel = Channel()
    job = Job(**json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    predict = make(job)
    texts = _texts(job)
    channel.tell(ready=True)
    while "end" not in (command := channel.hear()):
        asked = texts[command["from"] : command["to"]]
        wall, cpu = time.perf_counter(), time.process_time()
        found = predict(asked)
        taken = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
        channel.tell(**taken, probabilities=found)


def labels_of(job: Job) -> list[str]:
    found: list[str] = json.loads((Path(job.folder) / "labels.json").read_text(encoding="utf-8"))
    return found


def _texts(job: Job) -> list[Any]:
    import pyarrow.parquet as pq

    return list(pq.read_table(job.rows, columns=["text"])["text"].to_pylist())
