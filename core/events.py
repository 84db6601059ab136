"""What happens in a run, as small typed records: the contract between the worker and everybody who watches.

One event is one line of ``events.jsonl``: ``{"v": 1, "kind": "stepped", "time": 1764000000.0, ...}``. ``time`` is in
seconds since the epoch. Numbers that are not finite are written as ``null``. Readers skip kinds they do not know and
leave a half-written last line for the next read.
"""

from __future__ import annotations

import errno
import json
import math
import os
import time as clock
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, ClassVar, Literal

from core import said

VERSION = 1

Kept = Literal["best", "last", "nothing"]
"""Of a run that is stopped: its best model so far, the model as it is now, or no model (a cancelled run)."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """The base of all events."""

    kind: ClassVar[str] = ""
    time: float = field(default_factory=clock.time)


@dataclass(frozen=True, kw_only=True)
class Started(Event):
    """The worker holds the lock and begins. ``resumed_from_step`` is set when it goes on from a checkpoint."""

    kind: ClassVar[str] = "started"
    device: str
    threads: int
    versions: dict[str, str]
    resumed_from_step: int | None = None
    data: str = ""
    """A hash of the files learned from: a run that is taken up again must not find other rows in its parts."""


@dataclass(frozen=True, kw_only=True)
class Phase(Event):
    """The run enters a phase; ``words`` is what a person reads."""

    kind: ClassVar[str] = "phase"
    name: Literal["preparing", "loading", "training", "judging", "saving"]
    words: str


@dataclass(frozen=True, kw_only=True)
class Noticed(Event):
    """Something a person should know: rows left out, texts cut, a choice made for them."""

    kind: ClassVar[str] = "noticed"
    level: Literal["info", "warning"]
    title: str
    detail: str = ""
    code: str = ""
    """A stable name for what programs look for, such as ``overfitting``; see ``core.training.signs``."""
    remedy: dict[str, Any] = field(default_factory=dict)
    """A change of config that would help, as in ``Failed``."""


@dataclass(frozen=True, kw_only=True)
class Planned(Event):
    """What the training will be. Rows are examples; steps are optimizer steps. A stream has 0 epochs, for nobody knows
    how long it is; its training rows are those that all steps take.
    """

    kind: ClassVar[str] = "planned"
    train_rows: int
    validation_rows: int
    test_rows: int
    total_steps: int
    num_train_epochs: float
    parameters: int
    main_metric: str
    train_tokens: int = 0
    """Tokens of one reading of the training examples, without padding; 0 where nobody knows."""
    seconds: float | None = None
    """The training with its checks, by what was measured before the first step; None where nothing was."""


@dataclass(frozen=True, kw_only=True)
class Stepped(Event):
    """A logged optimizer step. ``loss`` is the mean since the last one, ``grad_norm`` is before clipping."""

    kind: ClassVar[str] = "stepped"
    step: int
    epoch: float
    loss: float | None
    learning_rate: float | None
    grad_norm: float | None
    samples_per_second: float | None
    """Training examples a second since the last ``Stepped``, evaluation and saving not counted."""
    memory_bytes: int
    """Resident memory of the worker, or allocated memory of the GPU."""
    elapsed_s: float
    """Seconds of training, evaluation and saving included, over all times it was taken up."""
    eta_s: float | None
    """Seconds until the training ends, evaluation and saving included."""


@dataclass(frozen=True, kw_only=True)
class Evaluating(Event):
    """An evaluation goes on: ``done`` of ``total``."""

    kind: ClassVar[str] = "evaluating"
    split: Literal["validation", "test"]
    done: int
    total: int
    unit: Literal["batches", "rows"] = "batches"


@dataclass(frozen=True, kw_only=True)
class Evaluated(Event):
    """An evaluation on the validation part. ``metrics`` has the task's names, and ``loss``."""

    kind: ClassVar[str] = "evaluated"
    step: int
    epoch: float
    metrics: dict[str, float | None]
    runtime_s: float
    is_best: bool
    per_class: dict[str, float] = field(default_factory=dict)
    """F1 of single classes, of many those with the lowest; see ``Task.live_detail``."""


@dataclass(frozen=True, kw_only=True)
class Watching(Event):
    """These sentences are watched: of each its texts, and the kind of answer that it gets."""

    kind: ClassVar[str] = "watching"
    sentences: list[list[str]]
    output: str


@dataclass(frozen=True, kw_only=True)
class Watched(Event):
    """What the model says of the watched sentences at this step: see ``core.training.watching.brief``."""

    kind: ClassVar[str] = "watched"
    step: int
    epoch: float
    answers: list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Saved(Event):
    """A complete checkpoint stands in ``checkpoints/checkpoint-STEP``."""

    kind: ClassVar[str] = "saved"
    step: int


@dataclass(frozen=True, kw_only=True)
class Paused(Event):
    """Somebody asked for a pause: a checkpoint was written, the worker waits and keeps its memory."""

    kind: ClassVar[str] = "paused"
    step: int


@dataclass(frozen=True, kw_only=True)
class Continued(Event):
    """The pause is over. ``paused_s`` is how long it was, in seconds."""

    kind: ClassVar[str] = "continued"
    step: int
    paused_s: float


@dataclass(frozen=True, kw_only=True)
class Judged(Event):
    """The final mark on the held-out test part; the whole judgement is in ``report.json``."""

    kind: ClassVar[str] = "judged"
    metrics: dict[str, float | None]
    verdict: str


@dataclass(frozen=True, kw_only=True)
class Finished(Event):
    """The end, as planned (early stopping included). The model and the report are there."""

    kind: ClassVar[str] = "finished"
    train_runtime_s: float
    stopped_early: bool = False


@dataclass(frozen=True, kw_only=True)
class Stopped(Event):
    """The end, because a person asked. ``has_model`` says whether anything was kept, ``kept`` what it is."""

    kind: ClassVar[str] = "stopped"
    step: int
    has_model: bool
    kept: Kept = "best"


@dataclass(frozen=True, kw_only=True)
class Failed(Event):
    """The end, because something went wrong: ``core.errors.StudioError`` as data."""

    kind: ClassVar[str] = "failed"
    title: str
    advice: str
    cause: str
    remedy: dict[str, Any] = field(default_factory=dict)


KINDS: dict[str, type[Event]] = {
    event.kind: event
    for event in (
        Started, Phase, Noticed, Planned, Stepped, Evaluating, Evaluated, Watching, Watched, Saved, Paused, Continued,
        Judged, Finished, Stopped, Failed,
    )
}  # fmt: skip
ENDINGS = (Finished, Stopped, Failed)
FLUSHED = (*ENDINGS, Saved)
"""What must not be lost when the power goes: whatever a person was told for good."""


def encode(event: Event) -> str:
    """One line, with its newline."""
    record = said.packed({"v": VERSION, "kind": event.kind, **_finite(asdict(event))})
    return json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n"


def decode(line: str | bytes) -> Event | None:
    """The event of one line, or None for a kind or version this program does not know. Unknown fields are dropped."""
    record = said.restored(json.loads(line))
    cls = KINDS.get(record.get("kind", ""))
    if cls is None or record.get("v") != VERSION:
        return None
    known = {f.name for f in fields(cls)}
    return cls(**{key: value for key, value in record.items() if key in known})


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return value


class EventLog:
    """Appends events to a run's ``events.jsonl``. Only the holder of the run's lock may have one."""

    def __init__(self, path: Path) -> None:
        self._file = open(path, "ab", buffering=0)  # noqa: SIM115  (lives as long as the worker)
        self._cut = self._file.tell() > 0 and not _ends_with_newline(path)

    def append(self, event: Event) -> None:
        """Write one line in one call, so that no reader ever sees two events mixed.

        Raises ``OSError`` when the disk takes only a part of it; the next line then begins anew.
        """
        line = (b"\n" if self._cut else b"") + encode(event).encode()
        self._cut = True
        self._cut = self._file.write(line) < len(line)
        if self._cut:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if isinstance(event, FLUSHED):
            os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()


def read(path: Path, offset: int = 0) -> tuple[list[Event], int]:
    """Events after byte ``offset``, and the offset to go on from. A half-written last line waits for the next call."""
    block, end = read_lines(path, offset)
    return list(_decoded(block)), end


def read_lines(path: Path, offset: int = 0) -> tuple[bytes, int]:
    """The whole lines after byte ``offset``, undecoded, and the offset to go on from."""
    try:
        with open(path, "rb") as file:
            file.seek(offset)
            block = file.read()
    except FileNotFoundError:
        return b"", 0
    whole = block.rfind(b"\n") + 1
    return block[:whole], offset + whole


def size(path: Path) -> int:
    """Bytes written so far."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def first(path: Path) -> Event | None:
    """The oldest event."""
    try:
        with open(path, "rb") as file:
            return next(_decoded(file.readline()), None)
    except FileNotFoundError:
        return None


def last(path: Path, kind: type[Event] | tuple[type[Event], ...] = Event, window: int = 65536) -> Event | None:
    """The newest whole event (of a kind, or of several), looked for in the last ``window`` bytes: a long run costs no
    more.
    """
    try:
        with open(path, "rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - window))
            block = file.read()
    except FileNotFoundError:
        return None
    lines = block[: block.rfind(b"\n") + 1].splitlines()[1 if size > window else 0 :]
    for line in reversed(lines):
        found = next(_decoded(line), None)
        if isinstance(found, kind):
            return found
    return None


def _decoded(block: bytes) -> Iterator[Event]:
    for line in block.splitlines():
        try:
            event = decode(line)
        except (ValueError, TypeError):
            continue  # a line cut by a crash, completed with a newline by the next writer
        if event is not None:
            yield event


def _ends_with_newline(path: Path) -> bool:
    with open(path, "rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
