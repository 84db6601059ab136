"""The lock that says a worker lives. The system frees it when its holder dies, however it dies.

POSIX record locks are used because they are not inherited: a data loader that outlives a killed worker does not keep
its lock. They are also freed when the holder closes *any* descriptor of the file, so a worker must never open its own
lock file a second time.
"""

from __future__ import annotations

import fcntl
import os
import signal
import struct
import time
from pathlib import Path
from typing import IO


def acquire(path: Path, timeout: float = 2.0) -> IO[bytes] | None:
    """Take the lock and return the open file that holds it, or None when another process has it.

    A reader that asks ``is_held`` takes the lock for an instant; ``timeout`` (seconds) waits that out.
    """
    file = open(path, "ab")  # noqa: SIM115  (held until the process ends)
    deadline = time.monotonic() + timeout
    while True:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return file
        except OSError:
            if time.monotonic() > deadline:
                file.close()
                return None
            time.sleep(0.02)


def is_held(path: Path) -> bool:
    """Whether a living process, other than this one, holds the lock."""
    try:
        with open(path, "rb") as file:
            fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def holder(path: Path) -> int | None:
    """The process that holds the lock, as the system knows it now; None where nobody does, or it is not on this
    machine.
    """
    form = "hhqqi4x"  # struct flock of 64-bit Linux
    try:
        with open(path, "rb") as file:
            asked = struct.pack(form, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
            kind, _, _, _, process = struct.unpack(form, fcntl.fcntl(file, fcntl.F_GETLK, asked))
    except FileNotFoundError:
        return None
    return None if kind == fcntl.F_UNLCK or process <= 0 else int(process)


def kill_holder(path: Path) -> bool:
    """End at once whoever holds the lock; whether there was somebody."""
    process = holder(path)
    if process is None:
        return False
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True
