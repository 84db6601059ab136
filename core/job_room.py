"""The part of the one door about rented machines: what they cost, how they stand, and giving them back."""

from __future__ import annotations

import re
import time
from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import Any

from core import events, locks, runs
from core.config import RunConfig
from core.errors import RunError
from core.figures import dollars
from core.hub.askers import Askers
from core.hub.identity import current
from core.jobs import agreement, parcel, record
from core.jobs.hardware import Hardware, hardware, hardware_of
from core.runs import Run
from core.said import said

_PAGE = "huggingface.co/settings/jobs"
COSTS = "{machine} costs {price} an hour, and is taken away after {hours} h at the latest: at most {most}."
ONE_GPU = "It has {count} GPUs, and this run uses one: set “Processes on each machine” to 0 for all."


@dataclass(frozen=True)
class Offer:
    """What a run would cost on a rented machine. Money in US dollars."""

    machine: Hardware
    hours: float
    """The time limit."""
    most: float
    """What it costs if it takes all of that."""
    goes_along: tuple[tuple[str, str], ...]
    """What is sent to the Hub: words of ``parcel.ALONG``, and the name that fills their gap."""
    leaves_idle: bool = False
    """It has several GPUs, and the run would use one."""

    @property
    def remark(self) -> str:
        """What should be known besides."""
        return ONE_GPU.format(count=self.machine.gpus) if self.leaves_idle else ""

    def in_words(self) -> str:
        """What a person agrees to, in a sentence."""
        price, most = dollars(self.machine.price), dollars(self.most)
        return COSTS.format(machine=self.machine.title, price=price, hours=f"{self.hours:g}", most=most)


class JobRoom:
    """What may be asked about runs on rented machines."""

    _askers: Askers

    @abstractmethod
    def _look_now(self) -> None:
        """See ``Studio``."""

    def hardware(self) -> tuple[Hardware, ...]:
        """The machines that the Hub rents out, the cheapest first. Raises ``HubError`` where it cannot be asked."""
        return hardware()

    def offer(self, config: RunConfig) -> Offer | None:
        """What this run would cost at the most, and what would be sent; None for one that computes here."""
        if not config.job.is_rented:
            return None
        agreement.refuse_what_cannot_go(config)
        machine = hardware_of(config.job.hardware)
        most = agreement.ceiling(config, machine)
        leaves_idle = machine.gpus > 1 and config.distribution.processes == 1
        return Offer(machine, config.job.time_limit, most, tuple(parcel.in_words(config)), leaves_idle)

    def rented(self, run_id: str) -> dict[str, Any] | None:
        """How the rented machine of a run stands, as far as is known; None where there was none: see ``told``."""
        return told(runs.find(run_id))

    def follow_as_me(self, run_id: str) -> None:
        """Whoever asks now is signed in: follow the run's machine as them. For one whose token is gone."""
        from core.hub.account import token_of
        from core.publishing.place import nobody

        run, job = _open(run_id), record.read(runs.find(run_id))
        if not token_of(current()):
            raise nobody()
        if locks.is_held(run.launcher_path):
            if job is None or not job.trouble:
                title = said("This run is followed already.")
                raise RunError(title, said("Load the page anew to see how it stands."))
            locks.kill_holder(run.launcher_path)  # as somebody whom the Hub may not answer any more
        self._askers.remember(run)
        self._look_now()

    def let_go(self, run_id: str) -> None:
        """Take a run for over that the Hub does not tell of any more. A person has looked there whether the machine is
        gone: nothing here can.
        """
        run = _open(run_id)
        locks.kill_holder(run.launcher_path)
        place = locks.acquire(run.launcher_path, timeout=10)
        if place is None:
            raise RunError(said("This run is still being followed."), said("Try again in a moment."))
        with place:
            job = record.read(run)
            log = events.EventLog(run.events_path)
            log.append(
                events.Failed(
                    title=said("Nothing is known of the rented machine any more."),
                    advice=said(
                        "Somebody has looked there and taken it for over. Whether it costs stands on {page}.",
                        page=_PAGE,
                    ),
                    cause=job.trouble if job else "",
                )
            )
            log.close()
            run.rented_path.unlink(missing_ok=True)
        self._askers.forget(run)

    def delete_job_repository(self, run_id: str) -> None:
        """Delete the private repository in which a run went to its machine and came back: for good."""
        from core.jobs.renting import Renting, explained

        run = runs.find(run_id)
        job = record.read(run)
        if job is None or job.repo_gone:
            raise RunError(said("This run has no private repository."), said("There is nothing to delete."))
        # The folder of a copied run may name anything.
        if not re.fullmatch(rf"[\w.-]+/tunesmith-{run.id}-[0-9a-f]{{6}}", job.repo):
            title = said("{repo} was not made for this run.", repo=job.repo)
            raise RunError(title, said("Look at it on the Hub, and delete it there."))
        if record.is_open(run):
            title = said("The rented machine works with this repository.")
            raise RunError(title, said("Wait until the run is over."))
        try:
            Renting().delete_repository(job.repo)
        except Exception as exc:
            raise explained(exc) from exc
        record.write(run, replace(job, repo_gone=True))


def told(run: Run) -> dict[str, Any] | None:
    """How the machine of a run stands, for its page; None where there was none."""
    job = record.read(run)
    if job is None:
        return None
    is_open, is_followed = record.is_open(run), locks.is_held(run.launcher_path)
    now = time.time()
    return {
        "machine": job.title,
        "hardware": job.hardware,
        "namespace": job.namespace,
        "price": job.price,
        "limit": job.limit,
        "most": job.price * job.limit / 3600,
        "cost": job.cost(now),
        "stage": job.stage,
        "message": job.message,
        "doing": job.doing,
        "url": job.url if job.url.startswith(("https://", "http://127.0.0.1")) else "",
        "id": job.id,
        "repo": "" if job.repo_gone else job.repo,
        "seconds": job.seconds,
        "asked": job.asked,
        "trouble": job.trouble if is_open else "",
        "open": is_open,
        "followed": is_followed,
    }


def _open(run_id: str) -> Run:
    run = runs.find(run_id)
    if not record.is_open(run):
        title = said("No rented machine is waited for in this run.")
        raise RunError(title, said("It is over, or computes on this machine."))
    return run
