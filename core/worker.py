"""The process that does the heavy work: it trains one run, or answers questions put to one trained model.

It imports the heavy libraries and then waits for its job, one JSON line on standard input, so that a click finds it
ready; one whose job is there already imports what that takes, and no more. ``{"job": "train", "run": FOLDER, "device":
NAME}`` cuts it loose: it outlives the app. ``{"job": "predict", "run": FOLDER}`` keeps it talking over its pipes until
the app goes or it has been idle for long; with ``"untrained": true`` it is the model before the training that talks.
``"identity"`` says as whom the Hub is asked (``Identity.as_record``): it comes this way only, and is never written
anywhere. ``"home"`` is the home that the run lies in, where that is not the shared one. End of input without a job
ends it.

Run as: ``echo '{"job": "train", "run": "/path/to/runs/2026-11-22-brave-otter"}' | python -m core.worker``
"""

from __future__ import annotations

import gc
import json
import os
import select
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core import events, home, locks, machine, notifying
from core.errors import explain
from core.hub.askers import told
from core.hub.identity import Identity, become
from core.queue import device_lock
from core.redaction import redacted
from core.runs import Run

POLITENESS = 10
"""Niceness: the app's pages and the person's other programs go first."""

RESERVE_BYTES = 65536

EXIT_OK, EXIT_FAILED, EXIT_TAKEN, EXIT_LEFT = 0, 1, 3, 143


def main() -> int:
    os.nice(POLITENESS)
    gc.disable()  # for as long as libraries are imported, see ``warm_up``
    keep_one_device()
    if not _is_told():
        warm_up()
    line = sys.stdin.readline()
    if not line:
        return EXIT_OK
    job = json.loads(line)
    be_quiet() if job["job"] == "predict" else warm_up()
    settle(job)
    run = Run(Path(job["run"]))
    if job["job"] == "train":
        return train(run, job.get("device", machine.devices()[0].name))
    from core.prediction.server import serve

    return serve(run, untrained=job.get("untrained", False))


def settle(job: Mapping[str, Any]) -> None:
    """Be whoever the job is done for, in their home."""
    become(Identity.of(job.get("identity")))
    if "home" in job:
        home.move_into(Path(job["home"]))


def keep_one_device() -> None:
    """See one GPU at the most: the first of those that this process may see, none where it may see none.

    The Trainer takes every GPU that it sees and splits each batch among them (``DataParallel``), for which losses,
    batch sizes and times here are not made. Whoever starts a worker lets it see the one that it is meant for.
    """
    # torch reads it once, so it has to be set before the first import.
    visible = os.environ.get("CUDA_VISIBLE_DEVICES", "0")
    os.environ["CUDA_VISIBLE_DEVICES"] = visible.split(",")[0]


def _is_told() -> bool:
    """Whether its job, or the end of its input, is there already."""
    return bool(select.select([sys.stdin], [], [], 0)[0])


def take_large_pages() -> None:
    """Have PyTorch ask Linux for memory in pages of 2 MB: a gradient of all words is new memory in each step, and to be
    given it in pages of 4 kB took a tenth of the time of a step on short texts.
    """
    os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")


def be_quiet() -> None:
    """Have transformers print nothing but errors, and send nothing anywhere."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    # A checkpoint with pickled weights would otherwise be sent to a conversion service.
    os.environ.setdefault("DISABLE_SAFETENSORS_CONVERSION", "1")
    import transformers

    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()


def warm_up() -> None:
    """Import what every job needs, quietly. No tensor is made, no accelerator is touched.

    Whole imports make no garbage worth looking for, and looking takes a sixth of their time; afterwards, what they
    made is never looked at again: the Trainer has all objects searched where it begins, which took 0.4 s.
    """
    gc.disable()
    take_large_pages()
    be_quiet()
    import datasets
    import sklearn.feature_extraction.text
    import sklearn.linear_model  # noqa: F401

    import core.training.arguments
    import core.training.early_stopping
    import core.training.job
    import core.training.learning
    import core.training.reporter
    import core.training.signs.teller
    import core.training.trackers
    import core.training.trainer
    import core.training.watching  # noqa: F401
    from core.models.starters import import_architecture

    import_architecture()
    datasets.disable_progress_bars()
    gc.enable()
    gc.collect()
    gc.freeze()


def train(run: Run, device: str) -> int:
    """Train ``run`` to its last event, on the device of this name. The exit code is 0 only when the run finished or was
    stopped as asked.
    """
    detach(run.log_path)
    # One training at a time on this device, whoever starts them; and none that another worker has done meanwhile.
    place, lock = locks.acquire(device_lock(device)), locks.acquire(run.lock_path)
    if place is None or lock is None or not run.is_wanted:
        return EXIT_TAKEN
    run.again_path.unlink(missing_ok=True)
    log = events.EventLog(run.events_path)
    reserve = run.path / ".reserve"
    reserve.write_bytes(bytes(RESERVE_BYTES))
    from core.training import asking, checkpoints, job

    try:
        job.train(run, log)
    except asking.Left:  # nothing has ended: whoever sees the worker go tells of it
        return EXIT_LEFT
    except Exception as exc:
        error = told(explain(exc))
        # Room first, then the last word, then the details: on a full disk each write may be the last that fits.
        checkpoints.clear_drafts(run.checkpoints_path)
        reserve.unlink(missing_ok=True)
        log.append(events.Failed(title=error.title, advice=error.advice, cause=error.cause, remedy=error.remedy))
        print(redacted(traceback.format_exc()), file=sys.stderr)
        notifying.tell(run)
        return EXIT_FAILED
    finally:
        reserve.unlink(missing_ok=True)
        log.close()
    notifying.tell(run)
    return EXIT_OK


def detach(log_path: Path) -> None:
    """Let go of the app's pipes: from here on words go to the run's own log, and the app may end."""
    sys.stdout.flush()
    log = os.open(log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    os.close(nothing)


if __name__ == "__main__":
    sys.exit(main())
