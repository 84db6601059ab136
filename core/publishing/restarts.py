"""Events of a run that was taken up again: what counts, and what the restart made void."""

from __future__ import annotations

from collections.abc import Iterable

from core import events
from core.events import Event


def since_last_restart(happened: Iterable[Event]) -> list[Event]:
    """The events without the steps that were done again, and without notices of an earlier time: those come again."""
    kept: list[Event] = []
    for event in happened:
        if isinstance(event, events.Started):
            resumed = event.resumed_from_step or 0
            kept = [old for old in kept if _survives(old, resumed)]
        kept.append(event)
    return kept


def _survives(event: Event, resumed_from: int) -> bool:
    return isinstance(event, events.Stepped | events.Evaluated | events.Saved) and event.step <= resumed_from
