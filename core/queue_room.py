"""The part of the one door about the queue: whether anything is free, who is where in it, and for how long."""

from __future__ import annotations

import logging
import threading
from abc import abstractmethod

from core import home, queue, runs
from core.config import RunConfig
from core.errors import StudioError
from core.estimate import Estimate
from core.hub.identity import carried
from core.runs import Run
from core.waiting_time import expect, standings

log = logging.getLogger(__name__)


class QueueRoom:
    """What may be asked about the runs that wait: everybody's, as the devices are one."""

    @abstractmethod
    def estimate(self, config: RunConfig) -> Estimate:
        """See ``Studio.estimate``."""

    def is_busy(self) -> bool:
        """Whether every device has a run."""
        return not queue.free_devices()

    def _place(self, run_id: str) -> tuple[int | None, str]:
        """The place in the queue, from 1, and the same in words with the time until its turn."""
        waiting = queue.waiting()
        run = runs.find(run_id)
        if run not in waiting:
            return None, ""
        number = waiting.index(run)
        return number + 1, standings(waiting)[number]

    def _reckon(self, run: Run) -> None:
        """Note in the background how long a run will take that has to wait: those behind it are told then when their
        turn comes.
        """
        if not self.is_busy():
            return
        with home.living_in(home.home()):
            work = carried(self._expect)
        threading.Thread(target=work, args=(run,), name="reckoning", daemon=True).start()

    def _expect(self, run: Run) -> None:
        try:
            expect(run, self.estimate(run.config).seconds)
        except (StudioError, OSError) as exc:  # those behind it hear their place without a time
            log.info("how long %s will take cannot be told: %s", run.id, exc)
