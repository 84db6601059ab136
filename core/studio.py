"""The one door. Everything that a page, the command line or an API may ask is a method here.

The app's process calls these; none of them imports torch, transformers or datasets. Failures are ``StudioError``s.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.config import RunConfig
from core.data.types import Examples, Finding, Guess, Preview, Progress, Sample
from core.models.types import Checkpoint
from core.runs import Run, State
from core.tasks.base import Section

@dataclass(frozen=True)
class Suggestion:
    """A value for a setting that suits the data and the machine, and why."""

    path: str
    value: Any
    reason: str


@dataclass(frozen=True)
class Parts:
    """How many examples go where, and how many cannot be used."""

    train: int
    validation: int
    test: int
    unusable: int


@dataclass(frozen=True)
class Checkup:
    """The data check: findings, the class counts, the parts."""

    findings: tuple[Finding, ...]
    labels: tuple[tuple[str, int], ...]
    parts: Parts | None
    """None while an error stands."""

    @property
    def blocks(self) -> bool:
        return any(finding.severity == "error" for finding in self.findings)


@dataclass(frozen=True)
class Estimate:
    """What a run will take. Seconds and bytes; ``basis`` says where the numbers come from."""

    seconds: float
    memory_bytes: int
    disk_bytes: int
    steps: int
    basis: str
    fits: bool
    advice: str = ""


@dataclass(frozen=True)
class RunSummary:
    """One line in the list of runs. ``metric`` is on the test part where there is a report, else the best so far."""

    id: str
    name: str
    state: State
    task: str
    """The task's title."""
    checkpoint: str
    source: str
    created: float
    seconds: float | None
    """Time of training, or since it began."""
    metric_label: str
    metric: float | None
    metric_style: str
    has_model: bool
    place: int | None = None
    """Place in the queue, from 1, while it waits."""


class Studio:
    """Data, models, runs and predictions, behind one door."""

    # Data
    def samples(self) -> list[Sample]: ...
    def keep_upload(self, path: Path) -> str:
        """Copy an uploaded file into the home folder by content; returns its ``data.source``."""
    def preview(self, source: str, progress: Progress | None = None) -> Preview: ...
    def guess(self, preview: Preview) -> list[Guess]:
        """Proposals, best first; empty when no task fits."""
    def checkup(self, config: RunConfig) -> Checkup: ...

    # Models
    def checkpoints(self, task: str) -> list[Checkpoint]: ...
    def describe(self, checkpoint: str) -> Checkpoint: ...

    # Settings
    def complete(self, draft: Mapping[str, Any]) -> tuple[RunConfig, list[Suggestion]]:
        """Fill what a draft leaves out (columns, settings) with what suits the data; returns the reasons too."""
    def estimate(self, config: RunConfig) -> Estimate: ...

    # Runs
    def start(self, config: RunConfig) -> str: ...
    def runs(self) -> list[RunSummary]: ...
    def summary(self, run_id: str) -> RunSummary: ...
    def config(self, run_id: str) -> RunConfig: ...
    def live(self, run_id: str, since: int = 0) -> dict[str, Any]: ...
    def report(self, run_id: str) -> dict[str, Any] | None: ...
    def report_sections(self, run_id: str) -> list[Section]: ...
    def log(self, run_id: str) -> str: ...
    def stop(self, run_id: str) -> None: ...
    def again(self, run_id: str) -> None:
        """Take up a run that was interrupted, stopped or failed, from its last complete checkpoint."""
    def rename(self, run_id: str, name: str) -> None: ...
    def delete(self, run_id: str) -> None: ...
    def trash(self) -> list[RunSummary]: ...
    def restore(self, run_id: str) -> None: ...
    def empty_trash(self) -> int: ...

    # Predictions
    def predict(self, run_id: str, inputs: Mapping[str, str]) -> dict[str, Any]: ...
    def predict_file(self, run_id: str, path: Path, progress: Progress | None = None) -> Path: ...
