"""How a run on a rented machine has ended: by its own last event where that came back, else by what the Hub says."""

from __future__ import annotations

import re

from core import events
from core.errors import StudioError
from core.figures import dollars, duration
from core.jobs.lines import whole_lines
from core.jobs.output import count, decoded
from core.jobs.record import Job
from core.runs import Run
from core.said import Figures, said, together

_TIME = re.compile(r"time ?out|timed out|time limit|deadline", re.IGNORECASE)
_MEMORY = re.compile(r"out of memory|oom|exit code:? 137|\b137\b", re.IGNORECASE)


def of(run: Run, job: Job, made: str, problem: StudioError | None) -> events.Event:
    """The last event. ``made`` are all events that the machine has sent back: what was not heard is added first.

    ``problem``: why nothing of it could be brought here.
    """
    last = _catch_up(run, made)
    if problem is not None:
        gone = together(problem.advice, said("The machine is gone and costs nothing any more."))
        return events.Failed(title=problem.title, advice=gone, cause=problem.cause)
    if last is not None:
        return last
    if job.stage == "CANCELED" and run.stop_path.exists():
        return events.Stopped(step=_step(run), has_model=False, kept="nothing")
    title, advice = _reason(job)
    cause = f"{job.stage}: {job.message or 'the Hub says nothing more'}"
    return events.Failed(title=title, advice=advice, cause=cause)


def _catch_up(run: Run, made: str) -> events.Event | None:
    """Add what was not heard on the way; returns the last word of the run, which is not added yet."""
    log = events.EventLog(run.events_path)
    last = None
    for line in whole_lines(made)[count(run) :]:
        event = decoded(line)
        if isinstance(event, events.ENDINGS):
            last = event
        elif event is not None:
            log.append(event)
    log.close()
    return last


def _reason(job: Job) -> tuple[str, str]:
    ran = said(
        "It ran for {time} and cost about {cost}.",
        time=Figures(duration(job.seconds)),
        cost=Figures(dollars(job.cost(0.0))),
    )
    if _TIME.search(job.message) or (job.seconds and job.seconds >= job.limit):
        advice = said("Use the run again as a new one, with a higher time limit or a faster machine.")
        title = said("The time limit of the rented machine was reached before the model was here.")
    elif _MEMORY.search(job.message):
        advice = said("Use the run again as a new one, with smaller batches or a larger machine.")
        title = said("The rented machine ran out of memory.")
    elif job.stage == "CANCELED":
        advice = said("Use the run again as a new one.")
        title = said("The rented machine was given back before the run was done.")
    elif job.stage == "COMPLETED":
        advice = said("The technical log says more.")
        title = said("The rented machine has ended without sending a model back.")
    else:
        advice = said("The technical log, and its page on the Hub ({page}), say more.", page=job.url)
        title = said("The rented machine failed.")
    return title, together(advice, ran)


def _step(run: Run) -> int:
    last = events.last(run.events_path, events.Stepped)
    return last.step if isinstance(last, events.Stepped) else 0
