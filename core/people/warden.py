"""What people use while runs go on: their time on devices is counted, and a run that comes to a limit is stopped."""

from __future__ import annotations

import time

from core import home, launchers, orders
from core.people import audit, quotas
from core.people.hours import Ledger
from core.people.residents import owner
from core.resting import state_of
from core.runs import Run, State, everyones_runs

LOOKS_EVERY = 2.0
"""Seconds between two looks: a run that is shorter may not be counted."""


class Warden:
    """Kept by the supervisor, whose thread looks from time to time."""

    def __init__(self, every: float = LOOKS_EVERY) -> None:
        self._ledger = Ledger()
        self._every = every
        self._looked = 0.0

    def look(self, now: float | None = None) -> None:
        """Count, and stop what may go on no longer."""
        now = time.time() if now is None else now
        if now - self._looked < self._every:
            return
        self._looked = now
        going = {run: launchers.for_start(run)[1] for run in everyones_runs() if _is_personal_and_going(run)}
        self._ledger.count(going, now)
        for run, devices in going.items():
            if not devices or run.stop_path.exists():
                continue  # what computes elsewhere takes nobody's time here
            if why := quotas.why_stop(run, self._ledger.took(run, now)):
                self._stop(run, why)

    def _stop(self, run: Run, why: str) -> None:
        orders.stop(run, "best", why)
        place = home.whose(run.path)
        whose = owner(place)
        audit.note("limit reached", run.id, f"of {whose.name if whose else place.name}: {why}", audit.OURSELVES)


def _is_personal_and_going(run: Run) -> bool:
    return quotas.is_limited(home.whose(run.path)) and state_of(run) is State.RUNNING
