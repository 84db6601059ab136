"""How much energy the processor took while a run went on, from its own counters (RAPL), where they may be read.

Linux shows them as ``/sys/class/powercap/*/energy_uj``, in microjoules; most systems let only root read them. They
count all that the processors do, for whomever. Nothing is estimated: without counters, with a GPU, or in a run that was
taken up again, nothing is said. Source: https://docs.kernel.org/power/powercap/powercap.html
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

POWERCAP = Path("/sys/class/powercap")
SOURCE = "the processor's own counters: all that ran on it, without a GPU, disks and screens"
SAMPLE_SECONDS = 60.0
"""A counter begins anew after some 260 kJ, which takes a processor of 500 W nine minutes."""
_JOULES_A_KWH = 3.6e6


@dataclass
class _Counter:
    """One processor. ``last`` and ``total`` in microjoules."""

    file: Path
    overflow: int
    last: int
    total: int = 0

    def sample(self) -> None:
        now = int(self.file.read_text())
        self.total += now - self.last if now >= self.last else now + self.overflow - self.last
        self.last = now


class Meter:
    """Counts from ``begin`` to ``end``."""

    def __init__(self, folder: Path = POWERCAP) -> None:
        self._counters = _counters(folder)
        self._over = threading.Event()
        self._broken = False

    def begin(self) -> None:
        if self._counters:
            threading.Thread(target=self._watch, name="energy", daemon=True).start()

    def end(self) -> dict[str, Any] | None:
        """``{"kwh", "source"}``, or None where nothing could be measured."""
        self._over.set()
        self._sample()
        if not self._counters or self._broken:
            return None
        joules = sum(counter.total for counter in self._counters) / 1e6
        return {"kwh": joules / _JOULES_A_KWH, "source": SOURCE}

    def _watch(self) -> None:
        while not self._over.wait(SAMPLE_SECONDS):
            self._sample()

    def _sample(self) -> None:
        try:
            for counter in self._counters:
                counter.sample()
        except (OSError, ValueError):  # a counter that goes away leaves a figure that is too low
            self._broken = True


def measuring(is_resumed: bool) -> Meter | None:
    """What measures a run from now on; None where it would not tell the whole of it."""
    import torch

    if is_resumed or torch.cuda.is_available():
        return None
    meter = Meter()
    meter.begin()
    return meter


def _counters(folder: Path) -> list[_Counter]:
    """Those of whole processors: their parts (cores, memory controllers) are counted in them."""
    found = []
    try:
        for zone in sorted(folder.glob("*:*")):
            if (zone / "name").read_text().strip().startswith("package"):
                file, most = zone / "energy_uj", int((zone / "max_energy_range_uj").read_text())
                found.append(_Counter(file, most, int(file.read_text())))
    except (OSError, ValueError):
        return []
    return found
