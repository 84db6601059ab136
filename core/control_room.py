"""The part of the one door about runs that go on or have ended: to steer them, and to go on from them."""

from __future__ import annotations

from abc import abstractmethod

from core import orders, runs
from core.config import RunConfig
from core.errors import RunError
from core.launchers import Spread, launcher_of, spread_of
from core.launchers.several_processes import ask
from core.orders import Now
from core.runs import Run, State
from core.said import said


class ControlRoom:
    """What may be asked of a run beside its start and its end."""

    @abstractmethod
    def start(self, config: RunConfig) -> str:
        """See ``Studio.start``."""

    def pause(self, run_id: str) -> None:
        """Let a run rest after its present step. It writes a checkpoint, and keeps its memory and its device."""
        run = _going(run_id)
        if run.rented_path.exists():
            raise RunError(
                said("A rented machine that rests costs as much as one that works."), said("Stop the run instead.")
            )
        run.pause_path.touch()

    def go_on(self, run_id: str) -> None:
        """End the pause of a run."""
        _going(run_id).pause_path.unlink(missing_ok=True)

    def ask_now(self, run_id: str, what: Now) -> None:
        """Have progress checked, or a checkpoint written, after the present step."""
        orders.ask(_going(run_id), what)

    def retry(self, run_id: str) -> str:
        """A new run with the change that would mend this one's failure, from its last good checkpoint where the change
        allows it. Returns its id. Raises ``RunError`` when no such change is known.
        """
        from core.afterwards import retried

        return self.start(retried(runs.find(run_id)))

    def longer(self, run_id: str, epochs: float) -> str:
        """A new run that trains a finished one for so many epochs more. Returns its id."""
        from core.afterwards import prolonged

        return self.start(prolonged(runs.find(run_id), epochs))

    def spread(self, run_id: str) -> Spread:
        """How a run is spread over processes and machines."""
        return spread_of(runs.find(run_id))

    def spread_anew(self, run_id: str, processes: int) -> None:
        """Have a run that is over go on with so many processes when it is taken up again. Each step rests on the same
        examples as before. Raises ``RunError`` while it goes on.
        """
        run = runs.find(run_id)
        if not run.state.is_over:
            raise RunError(
                said("This run goes on now."), said("Stop it first, then take it up with another number of processes.")
            )
        ask(run, processes)
        if why := launcher_of(run.config, run).missing(run.config, run):
            ask(run, None)
            raise RunError(said("So many processes cannot be started on this machine."), why)

    def move(self, run_id: str, place: int) -> None:
        """Give a run that waits another place in the queue, from 1."""
        from core.queue import move

        move(_waiting(run_id), place)


def _going(run_id: str) -> Run:
    run = runs.find(run_id)
    if run.state is not State.RUNNING:
        raise RunError(said("This run does not go on now."), said("It waits, or it is over already."))
    return run


def _waiting(run_id: str) -> Run:
    run = runs.find(run_id)
    if run.state is not State.QUEUED:
        raise RunError(
            said("This run does not wait any more."), said("It has begun, or it was taken out of the queue.")
        )
    return run
