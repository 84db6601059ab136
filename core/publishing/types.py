"""What is published, and how far it has come: plain records, safe to show, to keep and to send."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Extra = Literal["checkpoints", "logs", "onnx", "adapter"]
"""What may go up beside the model: the checkpoints that are still there, the curves for TensorBoard, an ONNX copy, the
adapter that was merged into it."""
EXTRAS: tuple[Extra, ...] = ("checkpoints", "logs", "onnx", "adapter")
Kind = Literal["model", "space"]


@dataclass(frozen=True)
class Publishing:
    """What somebody wants to publish. Private unless they say otherwise."""

    repo: str
    """``owner/name``."""
    private: bool = True
    """For a repository that is new; one that is there stays as it is."""
    as_pull_request: bool = False
    version: Literal["best", "last"] = "best"
    """The best model, which the report is about; or that of the newest checkpoint, which nobody has judged."""
    include: tuple[Extra, ...] = ()
    message: str = ""
    """Of the commit; a good one is made where it is empty."""
    demo_of: str = ""
    """Of a demo (a Space): the model repository that it serves."""

    @property
    def kind(self) -> Kind:
        return "space" if self.demo_of else "model"


@dataclass(frozen=True)
class Item:
    """One file that goes up, into a zip, or onto a disk: a file of this machine, or what stands in it."""

    name: str
    """Its place in the repository, with forward slashes."""
    content: Path | bytes

    @property
    def size(self) -> int:
        """Bytes."""
        return self.content.stat().st_size if isinstance(self.content, Path) else len(self.content)


Stage = Literal["preparing", "uploading", "committing", "done", "failed", "cancelled"]


@dataclass(frozen=True)
class Published:
    """What stands on the Hub, after the Hub has confirmed it: kept in the run's folder."""

    repo: str
    kind: Kind
    url: str
    """The page of the repository, or of the pull request."""
    commit: str
    private: bool
    as_pull_request: bool
    when: float
    """Seconds since the epoch."""


@dataclass(frozen=True)
class Publication:
    """One attempt to publish, as it stands."""

    run: str
    wanted: Publishing
    stage: Stage
    words: str = ""
    """What is being done now, in words."""
    done_bytes: int = 0
    total_bytes: int = 0
    title: str = ""
    """Of a failure: what happened, and below, what to do. The model is kept, and it can be tried again."""
    advice: str = ""
    cause: str = ""
    """What the libraries said of it, without tokens; empty where that adds nothing."""
    result: Published | None = None

    @property
    def is_over(self) -> bool:
        return self.stage in ("done", "failed", "cancelled")
