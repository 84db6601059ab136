"""Errors that are meant for people, and the one place that translates foreign failures into them.

StudioError               anything a person should read: what happened, what to do
├── DataError             the table cannot be read or learned from
├── CheckpointError       the model to start from is missing or broken
├── ConfigError           a setting is missing or out of range
├── RunError              a run cannot do this in its present state
│   ├── Missing           there is no such run, or not this file of it
│   └── OverLimit         as much is used, runs or waits as may
├── TrainingError         the training itself went wrong
├── PredictionError       a trained model could not answer
└── HubError              something about the Hugging Face Hub: signing in, publishing, a model there
"""

from __future__ import annotations

import errno
from collections.abc import Mapping
from typing import Any

from core.redaction import redacted
from core.said import packed, said, together


class StudioError(Exception):
    """What happened (``title``), what to do about it (``advice``), and the technical cause, if there is one.

    ``remedy`` is a change of config, as ``{"training.learning_rate": 2e-5}``, where the cure is known.
    """

    def __init__(
        self,
        title: str,
        advice: str = "",
        *,
        cause: str = "",
        remedy: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(redacted(title))
        self.title = redacted(title)
        self.advice = redacted(advice)
        self.cause = redacted(cause)
        self.remedy = dict(remedy or {})

    def __str__(self) -> str:
        return together(self.title, self.advice)

    def as_record(self) -> dict[str, Any]:
        """Plain data for JSON, as a child process replies; ``core.said.restored`` makes it arguments again."""
        return packed({"title": self.title, "advice": self.advice, "cause": self.cause})


class DataError(StudioError):
    """The table cannot be read, or cannot be learned from."""


class CheckpointError(StudioError):
    """The model to start from is missing or broken."""


class ConfigError(StudioError):
    """A setting is missing or out of range. ``field`` is its path, for example ``training.learning_rate``."""

    def __init__(self, title: str, advice: str = "", *, field: str = "", **rest: Any) -> None:
        super().__init__(title, advice, **rest)
        self.field = field


class RunError(StudioError):
    """A run cannot do what was asked in its present state, or does not exist."""


class Missing(RunError):
    """There is no such run, or it does not have what was asked for."""


class OverLimit(RunError):
    """As much is used, runs or waits as may. ``again_in`` is in how many seconds it may be otherwise, where that is
    known.
    """

    def __init__(self, title: str, advice: str = "", *, again_in: float | None = None) -> None:
        super().__init__(title, advice)
        self.again_in = again_in


class TrainingError(StudioError):
    """The training itself went wrong."""


class PredictionError(StudioError):
    """A trained model could not answer."""


class HubError(StudioError):
    """The Hugging Face Hub refused something, or did not answer. Nothing on this machine is lost by it."""


LONGEST_CAUSE = 4000
"""Characters: some libraries put a whole file into their message."""


def explain(exc: BaseException) -> StudioError:
    """Translate any failure into a ``StudioError``; one that already is comes back as it is.

    Foreign exceptions are recognised by type name and message, so that no heavy library is imported to explain one.
    """
    if isinstance(exc, StudioError):
        return exc
    cause = f"{type(exc).__name__}: {exc}".strip()[:LONGEST_CAUSE]
    text = cause.lower()
    if is_out_of_memory(exc):
        return TrainingError(
            said("The machine ran out of memory."),
            said("Halve the batch size or the maximum text length and start again; closing other programs helps too."),
            cause=cause,
        )
    if (isinstance(exc, OSError) and exc.errno in (errno.ENOSPC, errno.EDQUOT)) or "no space left on device" in text:
        return StudioError(
            said("The disk is full."),
            said(
                "Delete runs that are no longer needed (and empty the trash), or free space elsewhere, then start "
                "again."
            ),
            cause=cause,
        )
    if isinstance(exc, PermissionError) or (isinstance(exc, OSError) and exc.errno == errno.EROFS):
        return StudioError(
            said("This file or folder may not be read or written: {path}.", path=exc.filename or exc),
            said("Give Tunesmith access to it, or choose another place."),
            cause=cause,
        )
    if "safetensor" in text or "unexpected eof" in text:
        return CheckpointError(
            said("The model's weights file is damaged or incomplete."),
            said("Download or copy the checkpoint again, then start the run again."),
            cause=cause,
        )
    if isinstance(exc, ConnectionError) or any(word in text for word in _NETWORK_WORDS):
        return StudioError(
            said("The network did not answer."),
            said("Check the connection, or choose a starter model or a local folder: those need no network."),
            cause=cause,
        )
    if isinstance(exc, FileNotFoundError):
        return StudioError(
            said("A file is missing: {path}.", path=exc.filename or exc),
            said("Check that it still exists and was not moved."),
            cause=cause,
        )
    return StudioError(
        said("Something unexpected went wrong."),
        said(
            "The technical log of the run has the details; starting again often helps. If it keeps happening, "
            "report it."
        ),
        cause=cause,
    )


_NETWORK_WORDS = (
    "connecterror",
    "connectionerror",
    "connecttimeout",
    "localentrynotfound",
    "offlinemodeisenabled",
    "offline mode is enabled",
    "name or service not known",
    "couldn't connect to",
)


def is_out_of_memory(exc: BaseException) -> bool:
    """Whether memory ran out, of this machine or of its GPU."""
    text = f"{type(exc).__name__}: {exc}".lower()
    return (
        isinstance(exc, MemoryError)
        or type(exc).__name__ == "OutOfMemoryError"
        or "out of memory" in text
        or "can't allocate memory" in text
        or "cublas_status_alloc_failed" in text
    )
