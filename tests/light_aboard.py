"""What runs on a rented machine of the tests, all of it real but the learning: the heavy libraries are left out.

``python -m tests.light_aboard PARCEL`` is ``core.jobs.aboard`` as it was sent; started with a run's folder and a number
it is in the place of what trains. The name of the run says how it goes: ``finish``, ``wait`` (until it is asked to
stop), ``fail`` or ``die``.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from core import events, orders
from core.runs import Run


def main() -> int:
    if len(sys.argv) == 3:
        return learn(Run(Path(sys.argv[1])), json.loads(sys.stdin.readline()))
    from core.jobs import aboard

    aboard.HEAD = "tests.light_aboard"
    return aboard.main()


def learn(run: Run, order: dict[str, Any]) -> int:
    """Write what a training writes."""
    assert order["identity"]["secret"] and "HF_TOKEN" not in os.environ
    log, name = events.EventLog(run.events_path), run.config.name
    print(f"It is {name}, and the token is {order['identity']['secret']}.")
    log.append(events.Started(device="NVIDIA T4", threads=1, versions={"core": events.__file__}))
    log.append(events.Phase(name="training", words="Training"))
    log.append(events.Noticed(level="info", title="A long one", detail="x" * 15_000))
    number = 0
    while name == "wait" and not run.stop_path.exists():
        number += 1
        log.append(stepped(number))
        time.sleep(0.05)
    if name == "die":
        return 1
    if name == "fail":
        log.append(events.Failed(title="The loss is no number any more.", advice="Learn slower.", cause="nan"))
        return 1
    model = run.model_path
    model.mkdir()
    header = json.dumps({"a": {"dtype": "U8", "shape": [4], "data_offsets": [0, 4]}}).encode()
    (model / "model.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + b"1234")
    (model / "config.json").write_text("{}", encoding="utf-8")
    (model / "training_args.bin").write_bytes(b"\x80\x02.")
    (run.path / "report.json").write_text("{}", encoding="utf-8")
    is_stopped = run.stop_path.exists()
    end = events.Stopped(step=number, has_model=True, kept=orders.kept_of(run))
    log.append(end if is_stopped else events.Finished(train_runtime_s=1.0))
    return 0


def stepped(number: int) -> events.Stepped:
    return events.Stepped(
        step=number, epoch=0.0, loss=1.0, learning_rate=0.1, grad_norm=1.0, samples_per_second=1.0, memory_bytes=1,
        elapsed_s=1.0, eta_s=None,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
