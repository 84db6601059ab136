"""How far a search is: what it has used of its trials and its time, and whether anything new may begin."""

from __future__ import annotations

from collections.abc import Sequence

from core import machine
from core.search.past import past_of, spent
from core.search.searches import Search
from core.search.space import grid_size
from core.search.tried import Tried

FAILURES = 3
"""A search gives up when so many trials have failed and none has come to anything."""


def places() -> int:
    """How many runs can go on at a time on this machine."""
    return len(machine.devices())


def used_seconds(tried: Sequence[Tried]) -> float:
    """How long the runs of a search have been at work, by their own events; those at the same time count once."""
    pasts = [past_of(trial.notes["run"]) for trial in tried if "run" in trial.notes]
    return spent([time for past in pasts if past is not None for time in past.times])


def gave_up(tried: Sequence[Tried]) -> bool:
    """Whether it goes on failing: the reason lies in what all its trials have in common."""
    states = [trial.state for trial in tried if trial.counts]
    return states.count("fail") >= FAILURES and not {"complete", "pruned"} & set(states)


def is_over(search: Search, tried: Sequence[Tried]) -> bool:
    """Whether nothing new begins, going by trials, time, the grid and failures. Trials may still go on."""
    config = search.config
    counted = sum(trial.counts for trial in tried)
    if config.n_trials is not None and counted >= config.n_trials:
        return True
    if config.sampler == "grid" and counted >= grid_size(config.space):
        return True
    if gave_up(tried):
        return True
    return config.minutes is not None and used_seconds(tried) >= 60 * config.minutes
