"""What a run may be asked while it does not train: to stop, or to go. Judging a large part can take long."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.runs import Run


class Left(Exception):
    """The worker was asked to go (a termination signal). It saved what it had; the run can be taken up again."""


class StopAsked(Exception):
    """A person asked for a stop while the model was being judged."""


def listener(run: Run, reporter: Any) -> Callable[[], None]:
    """A function to call now and then: it raises ``Left`` or ``StopAsked`` when that was asked for.

    A stop that training has heard is not heard again: the model that it kept is to be judged.
    """

    def listen() -> None:
        if reporter.leave_requested:
            raise Left
        if run.stop_path.exists() and not reporter.stop_requested:
            raise StopAsked

    return listen
