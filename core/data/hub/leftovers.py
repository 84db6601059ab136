"""Downloads that were broken off and never taken up again: removed after a week."""

from __future__ import annotations

import contextlib
import shutil
import time
from pathlib import Path

from core import home, locks

_STALE_SECONDS = 7 * 24 * 3600


def sweep(spared: Path) -> None:
    """Remove the files of old downloads. ``spared`` is the folder of the download that begins now."""
    for files in (home.cache_dir() / "hub").glob("*/*/files"):
        with contextlib.suppress(OSError):  # another download may end at this moment, and none fails for old files
            if files.parent != spared and time.time() - _last_change(files) > _STALE_SECONDS:
                _remove(files)


def _remove(files: Path) -> None:
    """Remove a folder that nobody works on. Its lock stays: a file that comes and goes keeps nobody out."""
    lock = locks.acquire(files.parent / "lock", timeout=0)
    if lock is not None:
        with lock:
            shutil.rmtree(files, ignore_errors=True)


def _last_change(folder: Path) -> float:
    """When something in a folder was last written, in seconds since the epoch."""
    return max(path.stat().st_mtime for path in (folder, *folder.rglob("*")))
