"""What a run's folder says of the machine that was rented for it: ``job.json``, and the file ``rented``.

``rented`` is there from just before the Hub is asked for a machine until the Hub has said that it is gone and what it
made is here: as long as it is there, the run counts as going on, whatever else is known. Neither holds a token.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from core.errors import StudioError
from core.runs import Run, write_atomically
from core.said import packed, restored, said

FILE = "job.json"
GONE = ("COMPLETED", "CANCELED", "ERROR", "DELETED")
"""Stages in which the Hub bills nothing any more."""


@dataclass(frozen=True)
class Job:
    """One rented machine. Times are seconds since the epoch, money is in US dollars."""

    repo: str
    """The private repository (a dataset) that the run went along in, and comes back in."""
    mark: str
    """A label of the Job by which it is found again where the Hub's answer was lost."""
    namespace: str
    """Who pays."""
    hardware: str
    title: str
    """The hardware in words."""
    price: float
    """An hour."""
    limit: float
    """Seconds after which the Hub takes the machine away."""
    agreed: float
    """What somebody has agreed to pay at the most."""
    id: str = ""
    """Empty until the Hub has answered."""
    url: str = ""
    """Its page on the Hub."""
    stage: str = ""
    """As the Hub has it; empty until it has told one."""
    message: str = ""
    """What the Hub adds to the stage."""
    began: float | None = None
    """When the machine began to run, which is when it began to cost."""
    seconds: float = 0.0
    """How long it has run, as the Hub counts."""
    asked: float | None = None
    """When the Hub last told how it stands."""
    trouble: str = ""
    """Why it could not be asked since; empty while it can."""
    doing: str = ""
    """What is done now, in words."""
    sent: tuple[str, ...] = ()
    """What was asked of the run and has been handed on to the machine."""
    repo_gone: bool = False
    """The private repository was deleted."""

    @property
    def is_gone(self) -> bool:
        """Whether the Hub has said that the machine is gone."""
        return self.stage in GONE

    def cost(self, now: float) -> float:
        """What it has cost so far, as far as can be known: while the Hub cannot be asked, as if it still ran."""
        if self.began is None:
            return 0.0
        seconds = self.seconds
        if not self.is_gone and self.asked is not None:
            seconds += max(0.0, now - self.asked)
        return self.price * min(seconds, max(self.limit, self.seconds)) / 3600


def path_of(run: Run) -> Path:
    return run.path / FILE


def is_open(run: Run) -> bool:
    """Whether a machine may be running, and costing, for this run."""
    return run.rented_path.exists()


def read(run: Run) -> Job | None:
    """What is known; None where no machine was ever rented for it."""
    try:
        found = restored(json.loads(path_of(run).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except ValueError as exc:
        title = said("What is known of the rented machine (job.json) cannot be read.")
        advice = said(
            "Look at your Jobs on the Hub (huggingface.co/settings/jobs), and stop it there if it still runs."
        )
        raise StudioError(title, advice, cause=str(exc)) from exc
    known: dict[str, Any] = {one.name: found[one.name] for one in fields(Job) if one.name in found}
    return Job(**known | {"sent": tuple(known.get("sent", ()))})


def write(run: Run, job: Job, lasting: bool = True) -> None:
    """Note how it stands. What is noted every few seconds need not survive that the power goes (``lasting``)."""
    text = json.dumps(packed(asdict(job)), indent=1)
    if lasting:
        return write_atomically(path_of(run), text)
    draft = run.path / f".{FILE}.{os.getpid()}.draft"
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, path_of(run))
