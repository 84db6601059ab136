"""Small makers that several tests share: configs, tables, runs with a past."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core import events, runs
from core.config import RunConfig, validate
from core.runs import Run

PROJECT = Path(__file__).resolve().parent.parent

GOOD = ("great", "kind", "warm", "quiet delight", "good", "early")
BAD = ("dull", "rude", "cold", "slow", "bad", "broken")
THINGS = ("film", "waiter", "soup", "phone", "parcel", "box", "bread", "battery", "password", "account")


def reviews(rows: int = 120) -> list[tuple[str, str]]:
    """Distinct little texts with a label that can be learned from them."""
    texts = []
    for number in range(rows):
        words, label = (GOOD, "good") if number % 2 else (BAD, "bad")
        thing, other = THINGS[number % 10], THINGS[(number // 10) % 10]
        texts.append(
            (f"the {thing} was {words[number % 6]} and the {other} was {words[(number // 6) % 6]}, no {number}", label)
        )
    return texts


def write_csv(path: Path, header: Iterable[str], rows: Iterable[Iterable[Any]]) -> Path:
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
    return path


def config(
    source: Path | str = "sample/reviews", checkpoint: Path | str = "starter/minilm", **training: Any
) -> RunConfig:
    """A config for the little reviews."""
    return validate(
        {
            "task": "text-classification",
            "name": "a test",
            "data": {
                "source": str(source),
                "columns": {"text": "text", "label": "label"},
                "split": {"validation": 0.15, "test": 0.15},
            },
            "model": {"checkpoint": str(checkpoint)},
            "training": {"num_train_epochs": 2, "per_device_train_batch_size": 8, "max_length": 32, **training},
        }
    )


def run_with(*happened: events.Event, **training: Any) -> Run:
    """A run's folder with these events."""
    run = runs.create(config(**training))
    if happened:
        log = events.EventLog(run.events_path)
        for event in happened:
            log.append(event)
        log.close()
    return run


def started(resumed_from_step: int | None = None) -> events.Started:
    return events.Started(device="CPU", threads=1, versions={}, resumed_from_step=resumed_from_step)


def stepped(step: int, loss: float | None = 0.5) -> events.Stepped:
    return events.Stepped(
        step=step,
        epoch=step / 10,
        loss=loss,
        learning_rate=1e-5,
        grad_norm=1.0,
        samples_per_second=20.0,
        memory_bytes=1,
        elapsed_s=1.0,
        eta_s=None,
    )


@contextmanager
def lock_held(path: Path) -> Iterator[subprocess.Popen[str]]:
    """The lock at ``path``, held by another living process, as a worker holds it."""
    code = (
        "import sys; from pathlib import Path; from core import locks; "
        f"lock = locks.acquire(Path({str(path)!r})); print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code], cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None and holder.stdout.readline() == "held\n"
    try:
        yield holder
    finally:
        holder.kill()
        holder.wait()
