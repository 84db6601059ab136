"""Which processes of the program live below this one."""

import contextlib
import itertools
import time

import psutil

#: A process that has only just begun has no command line yet: it is about to become another program.
SOON = 60


def living(module: str = "core.") -> list[psutil.Process]:
    """Processes below this one that run a module whose name begins with ``module``, the oldest first.

    One that has ended, seen or not, is none: of other tests there may be some that nobody has asked for yet.
    """
    found = [child for child in psutil.Process().children(recursive=True) if _runs(child, module)]
    return sorted(found, key=psutil.Process.create_time)


def _runs(process: psutil.Process, module: str) -> bool:
    end = time.monotonic() + SOON
    with contextlib.suppress(psutil.NoSuchProcess):  # a zombie is one of these
        while not (command := process.cmdline()) and process.status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < end, f"{process} has no command line"
            time.sleep(0.01)
        return any(flag == "-m" and name.startswith(module) for flag, name in itertools.pairwise(command))
    return False
