"""Checkpoints are complete or absent: written under another name, flushed to disk, renamed when whole."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

DRAFT = ".draft"
"""Where a checkpoint is written before it has its name. Nothing looks for a checkpoint there."""

_NAME = re.compile(r"checkpoint-(\d+)")


def commit(draft: Path, final: Path) -> None:
    """Flush every file of ``draft`` to disk, then give the folder its name, in one step."""
    for file in draft.rglob("*"):
        if file.is_file():
            _flush(file)
    _flush(draft)
    if final.exists():
        shutil.rmtree(final)
    os.rename(draft, final)
    _flush(final.parent)


def newest(folder: Path) -> Path | None:
    """The checkpoint of the highest step, or None."""
    return next(reversed(all_of(folder)), None)


def all_of(folder: Path) -> list[Path]:
    """All checkpoints, by their steps."""
    return sorted((path for path in _children(folder) if _NAME.fullmatch(path.name)), key=step_of)


def hold(checkpoint: Path, place: Path) -> Path:
    """Hold on to a checkpoint at ``place``, which stays when the checkpoint goes; until then it takes no room.

    Files of a checkpoint are never changed, so both may be one and the same on the disk.
    """
    shutil.copytree(checkpoint, place, copy_function=_link)
    return place


def step_of(checkpoint: Path) -> int:
    """The optimizer step that stands in a checkpoint's name."""
    return int(checkpoint.name.rpartition("-")[2])


def clear_drafts(folder: Path) -> None:
    """Remove what a killed worker left half written."""
    shutil.rmtree(folder / DRAFT, ignore_errors=True)


def _children(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # not every file system can
        shutil.copy2(source, target)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
