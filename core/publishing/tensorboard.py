"""The curves of a run as TensorBoard reads them, made from its events: the Hub draws them on a page of their own.

Run as ``python -m core.publishing.tensorboard RUN_FOLDER FILE``, it writes the file: a process of its own, because the
writer's library imports torch, which the app never loads.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from core import events
from core.errors import StudioError
from core.publishing.restarts import since_last_restart
from core.publishing.types import Item
from core.runs import Run
from core.said import said
from core.spares import PROJECT, environment

PATIENCE_S = 600.0
_FORM = "brain.Event:2"
"""What the first record of such a file says of itself."""

Moment = tuple[float, int, dict[str, float]]
"""(seconds since the epoch, step, name of each curve -> its value then)"""


def log_items(run: Run, folder: Path) -> list[Item]:
    """The file of the curves, written into ``folder``, at its place in a repository; nothing where nothing was logged.

    Its name is that of the libraries without the name of the machine. Raises ``StudioError`` when it cannot be written.
    """
    begun = next((when for when, _, _ in moments(run)), None)
    if begun is None:
        return []
    file = folder / f"events.out.tfevents.{begun:.0f}.tunesmith"
    command = [sys.executable, "-m", "core.publishing.tensorboard", str(run.path.absolute()), str(file.absolute())]
    try:
        done = subprocess.run(
            command,
            cwd=PROJECT,
            env=environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
    except subprocess.TimeoutExpired as exc:
        raise _not_written(f"It took more than {PATIENCE_S / 60:.0f} minutes.") from exc
    if done.returncode != 0:
        raise _not_written(done.stderr[-2000:])
    return [Item(f"runs/{run.id}/{file.name}", file)]


def _not_written(cause: str) -> StudioError:
    return StudioError(
        said("The training logs for TensorBoard could not be made."),
        said(
            "Check that the disk has room, then try again; or publish without the logs: the model does not need them."
        ),
        cause=cause,
    )


def moments(run: Run) -> Iterator[Moment]:
    """All that was logged, in the order of time, named as the Trainer's own logs name it."""
    for event in since_last_restart(events.read(run.events_path)[0]):
        if isinstance(event, events.Stepped | events.Evaluated):
            values = {name: value for name, value in _values(event) if value is not None}
            if values:
                yield event.time, event.step, values


def _values(event: events.Stepped | events.Evaluated) -> Iterator[tuple[str, float | None]]:
    match event:
        case events.Stepped():
            yield "train/loss", event.loss
            yield "train/learning_rate", event.learning_rate
            yield "train/grad_norm", event.grad_norm
            yield "train/epoch", event.epoch
        case events.Evaluated():
            yield from ((f"eval/{name}", value) for name, value in event.metrics.items())
            yield "eval/runtime", event.runtime_s


def write(run: Run, file: Path) -> None:
    """Write the curves into ``file``. Loads torch."""
    from tensorboardX.proto.event_pb2 import Event
    from tensorboardX.proto.summary_pb2 import Summary
    from tensorboardX.record_writer import RecordWriter

    writer = RecordWriter(str(file))
    for number, (when, step, values) in enumerate(moments(run)):
        if number == 0:
            writer.write(Event(wall_time=when, file_version=_FORM).SerializeToString())
        summary = Summary(value=[Summary.Value(tag=name, simple_value=value) for name, value in values.items()])
        writer.write(Event(wall_time=when, step=step, summary=summary).SerializeToString())
    writer.close()


def main() -> int:
    folder, file = sys.argv[1:]
    write(Run(Path(folder)), Path(file))
    return 0


if __name__ == "__main__":
    sys.exit(main())
