"""The most memory that was taken since a moment, in bytes: of the GPU, else of this process."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

_RESET_PEAK = "5"
"""Written to ``/proc/self/clear_refs`` it sets the process's highest memory back: man 5 proc, since Linux 4.0."""


class Highest:
    """``begin``, then ``bytes``. None where this system does not tell."""

    def __init__(self, is_cuda: bool) -> None:
        self._is_cuda = is_cuda

    def begin(self) -> None:
        """From now on."""
        if self._is_cuda:
            import torch

            torch.cuda.reset_peak_memory_stats()
            return
        with suppress(OSError):  # it is then the highest since the process began: a little too much, never too little
            Path("/proc/self/clear_refs").write_text(_RESET_PEAK)

    def bytes(self) -> int | None:
        """The highest since then."""
        if self._is_cuda:
            import torch

            return int(torch.cuda.max_memory_allocated())
        try:
            lines = Path("/proc/self/status").read_text().splitlines()
        except OSError:
            return None
        found = next((line.split()[1] for line in lines if line.startswith("VmHWM:")), None)
        return None if found is None else 1024 * int(found)
