"""Foreign failures are translated into what happened and what to do."""

from __future__ import annotations

import errno

import pytest

from core.errors import CheckpointError, DataError, StudioError, TrainingError, explain


class OutOfMemoryError(RuntimeError):
    """Named as torch names it."""


class SafetensorError(Exception):
    """Named as safetensors names it."""


@pytest.mark.parametrize(
    ("failure", "kind", "title", "advice"),
    [
        (OutOfMemoryError("CUDA out of memory. Tried"), TrainingError, "ran out of memory", "batch size"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), TrainingError, "ran out of memory", "batch size"),
        (MemoryError(), TrainingError, "ran out of memory", "batch size"),
        (OSError(errno.ENOSPC, "No space left on device"), StudioError, "disk is full", "trash"),
        (RuntimeError("write failed: No space left on device (os error 28)"), StudioError, "disk is full", "trash"),
        (PermissionError(errno.EACCES, "no", "/x"), StudioError, "/x", "access"),
        (SafetensorError("MetadataIncompleteBuffer"), CheckpointError, "damaged", "again"),
        (ConnectionError("Name or service not known"), StudioError, "network", "starter model"),
        (FileNotFoundError(errno.ENOENT, "no", "/y.csv"), StudioError, "/y.csv", "moved"),
        (ZeroDivisionError("x"), StudioError, "unexpected", "log"),
    ],
)
def test_a_failure_becomes_what_happened_and_what_to_do(
    failure: Exception, kind: type[StudioError], title: str, advice: str
) -> None:
    error = explain(failure)
    assert type(error) is kind
    assert title in error.title and advice in error.advice
    assert type(failure).__name__ in error.cause


def test_a_message_as_long_as_a_book_is_cut() -> None:
    assert len(explain(ValueError("x" * 100_000)).cause) <= 4000


def test_what_is_meant_for_people_stays_as_it_is() -> None:
    error = DataError("a", "b")
    assert explain(error) is error and str(error) == "a b"


def test_no_part_of_an_error_repeats_a_token() -> None:
    token = "hf_" + "a1b2c3d4e5f6"
    error = StudioError(f"It was {token}.", f"It says: {token}.", cause=f"Error: {token}")
    assert token not in f"{error} {error.args} {error.cause}"
