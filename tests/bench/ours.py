"""A training of ours, from its run's folder on, that goes as far as it is told.

Run as: ``python -m tests.bench.ours JOB.json [meter]``; see ``tests.bench.contender``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from core import events, runs
from core.worker import keep_one_device, warm_up
from tests.bench.channel import Channel, peak_bytes
from tests.bench.jobs import Job, config_of


def main(path: Path) -> None:
    channel = Channel()
    keep_one_device()
    warm_up()
    from core.probing import measuring
    from core.training import job
    from tests.bench import gate

    gate.channel = channel
    # What the probe chooses is measured also where a training is so short that it would leave it.
    measuring.SHORT_RUN_SECONDS = measuring.EASY_OPERATIONS = 0.0
    run = runs.create(config_of(Job(**json.loads(path.read_text())), ("tests.bench.gate:Gate",)))
    log = events.EventLog(run.events_path)
    job.train(run, log)
    log.close()
    channel.tell(peak_bytes=peak_bytes(), metrics=_metrics(run), precision=_precision(run, measuring.NAME))


def _precision(run: runs.Run, name: str) -> str:
    """What the probe of the run has chosen to compute in; empty where it has chosen nothing."""
    found = run.path / name
    way = json.loads(found.read_text(encoding="utf-8"))["way"] if found.is_file() else {}
    return str(way.get("precision") or "")


def _metrics(run: runs.Run) -> dict[str, float]:
    found = (run.report or {}).get("metrics", {}).get("test", {})
    return {name: value for name, value in found.items() if isinstance(value, float)}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
