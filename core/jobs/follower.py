"""The process on this machine that goes with one run on a rented machine: it sends the run there, writes down what
happens, hands on what is asked of it, and brings back what was made. It outlives the app; when it is gone, another one
goes on from what the run's folder says.

The Hub alone says how the machine stands. Where it cannot be asked, that is what is written down, and nothing else.

Run as: ``python -m core.jobs.follower FOLDER``; a JSON line on standard input says as whom the Hub is asked.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from core import events, locks, notifying, orders
from core.errors import HubError, RunError, StudioError, explain
from core.hub.account import token_of
from core.hub.failures import is_passing, status_of
from core.hub.identity import Identity, become, current
from core.jobs import agreement, ending, parcel, record, results
from core.jobs.hardware import hardware_of
from core.jobs.output import Output
from core.jobs.record import Job
from core.jobs.renting import PAGE, Renting, explained
from core.publishing.patience import Patience, bear
from core.runs import Run
from core.said import said, together
from core.worker import EXIT_FAILED, EXIT_OK, EXIT_TAKEN

LOOK = "TUNESMITH_LOOK"
"""Seconds between two questions how the machine stands; for tests."""
_LONGEST_WAIT = 60.0
_LOOKS_FOR_IT = 12
"""So often the Hub is asked for a machine whose renting it did not confirm: one that was asked for may show late."""


def main() -> int:
    run = Run(Path(sys.argv[1]).absolute())
    order = json.loads(sys.stdin.readline() or "{}")
    lock, place = locks.acquire(run.launcher_path), None
    if lock is None:
        return EXIT_TAKEN
    with lock:
        if not (record.is_open(run) or run.is_wanted) or (place := locks.acquire(run.lock_path)) is None:
            return EXIT_TAKEN
        with place:
            become(Identity.of(order.get("identity")))
            bear(Patience(silence=60.0))
            return Follower(run).go()


class Follower:
    """One run and its machine."""

    def __init__(self, run: Run) -> None:
        self.run, self.hub = run, Renting()
        self.look = float(os.environ.get(LOOK, "5"))
        self.job = record.read(run) if record.is_open(run) else None
        self.stops = False
        """Whether it was seen that the run is to stop."""
        self.unsure: Exception | None = None
        """How asking for the machine has failed, where the Hub may have heard it all the same."""

    def go(self) -> int:
        """Follow it to its end. The exit code is that of a worker."""
        if self.job is None:
            try:
                if not self._send():
                    return EXIT_OK
            except Exception as exc:
                if record.is_open(self.run):  # a machine may cost: whoever comes next goes on from here
                    raise
                return self._give_up(exc if isinstance(exc, StudioError) else explained(exc))
        assert self.job is not None
        if not self.job.id and not self._find():
            return EXIT_FAILED
        if not self.job.is_gone:
            self._watch()
        return self._come_home()

    # There

    def _send(self) -> bool:
        """Make the private repository, put the parcel into it, and rent the machine; False where the run was stopped
        before that.
        """
        config, token, agreed = self.run.config, token_of(current()), agreement.given(self.run)
        self.run.again_path.unlink(missing_ok=True)
        if self.run.stop_path.exists():
            return self._leave()
        if not token:
            advice = said("Sign in on the page “Hub account”, or run: hf auth login. Then start it again.")
            raise HubError(said("Nobody is signed in on the Hub, so no machine can be rented."), advice)
        if agreed is None:
            title = said("Nobody has agreed to what this run costs.")
            raise RunError(title, said("Start it anew, and agree to the sum."))
        machine = hardware_of(config.job.hardware, fresh=True)
        agreement.need(config, agreed)
        agreement.take_back(self.run)
        owner = config.job.namespace or str(self.hub.api.whoami(token=token)["name"])
        mark = secrets.token_hex(8)
        job = Job(
            repo=f"{owner}/tunesmith-{self.run.id}-{mark[:6]}",
            mark=mark,
            namespace=owner,
            hardware=machine.name,
            title=machine.title,
            price=machine.price,
            limit=float(config.job.seconds),
            agreed=agreed,
            doing=said("What goes along is being put together"),
        )
        pieces = parcel.pack(self.run)
        self._through(lambda: self.hub.make_private(job.repo))
        self._note(job, doing=said("It is being sent to the private repository {repo}", repo=job.repo))
        commit = self._through(lambda: self.hub.send(job.repo, pieces))
        if self.run.stop_path.exists():
            return self._leave()
        self._note(job, doing=said("A machine is being asked for"))
        self.run.rented_path.touch()  # from here on it may cost, whatever happens to this process
        try:
            told = self.hub.rent(job, commit, token)
        except Exception as exc:
            if _is_refusal(exc):
                self.run.rented_path.unlink(missing_ok=True)
                raise
            self.unsure = exc
            return True
        self._take_in(told)
        return True

    def _leave(self) -> bool:
        self._write(events.Stopped(step=0, has_model=False, kept="nothing"), forget=True)
        return False

    def _through(self, ask: Callable[[], Any]) -> Any:
        return Patience().through(ask, lambda words: self._note(doing=words) if self.job else None)

    def _find(self) -> bool:
        """Whether there is a machine for it: what came of the question is not known here."""
        assert self.job is not None
        job, found, looks = self.job, None, 0
        for wait in self._patiently():
            try:
                found = self.hub.found(job)
            except Exception as exc:
                self._stumble(exc)
            else:
                looks += 1
                self._note(trouble="", doing=said("The Hub is asked whether it has rented out the machine"))
                if found is not None or looks == _LOOKS_FOR_IT:
                    break
            wait()
        if found is None:
            why = explained(self.unsure) if self.unsure else None
            title = why.title if why else said("The Hub has rented out no machine for this run.")
            advice = said(
                "Use the run again as a new one. Whether a machine runs all the same stands on {page}.", page=PAGE
            )
            advice = together(why.advice, advice) if why else advice
            self._give_up(HubError(title, advice, cause=why.cause if why else ""))
            return False
        self._take_in(found)
        return True

    # On the way

    def _watch(self) -> None:
        """Until the Hub says that the machine is gone."""
        assert self.job is not None
        output = Output(self.run, self.hub, self.job)
        output.start()
        for wait in self._patiently():
            try:
                self._take_in(self.hub.inspect(self.job))
            except Exception as exc:
                self._stumble(exc)
            if self.job.is_gone:
                break
            try:
                self._hand_on()
            except Exception as exc:  # how the machine stands is known all the same, and it is tried again
                self._note(doing=said("It could not be told yet: {reason}", reason=explained(exc).title))
            wait()
        output.finish()

    def _hand_on(self) -> None:
        assert self.job is not None
        self.stops = self.run.stop_path.exists()
        stop = f"stop-{orders.kept_of(self.run)}" if self.stops else ""
        if stop and stop not in self.job.sent:
            if stop == "stop-nothing" or not self.job.began:
                self.hub.cancel(self.job)
            else:
                self.hub.hand_on(self.job.repo, stop)
            self._note(sent=(*self.job.sent, stop))
        for what in orders.NOW:
            if (self.run.path / what).exists() and self.job.began:
                order = f"{what}-{int(time.time())}"
                self.hub.hand_on(self.job.repo, order)
                orders.take(self.run, what)  # not before the machine can hear it
                self._note(sent=(*self.job.sent, order))

    def _take_in(self, told: Any) -> None:
        """What the Hub has said of it just now."""
        durations = told.durations
        began = told.started_at.timestamp() if told.started_at else None
        seconds = float((durations and durations.running_secs) or 0.0)
        if began is not None and not seconds:
            end = told.finished_at.timestamp() if told.finished_at else time.time()
            seconds = max(0.0, end - began)
        stage = str(getattr(told.status.stage, "value", told.status.stage))
        self._note(
            id=told.id,
            url=told.url,
            stage=stage,
            message=told.status.message or "",
            began=began,
            seconds=seconds,
            asked=time.time(),
            trouble="",
            doing="",
        )

    def _stumble(self, exc: Exception) -> None:
        """It could not be asked: that is all that is known."""
        error = exc if isinstance(exc, StudioError) else explained(exc)
        if isinstance(exc, (AssertionError, AttributeError, TypeError, NameError)):
            error = explain(exc)
        print(f"{error.title} {error.cause}", file=sys.stderr, flush=True)
        self._note(trouble=str(error))

    def _patiently(self) -> Any:
        """Again and again, each time with the wait until the next; longer ones while the Hub cannot be asked."""
        waits = self.look

        def wait() -> None:
            nonlocal waits
            waits = min(_LONGEST_WAIT, waits * 1.5) if self.job and self.job.trouble else self.look
            end = time.monotonic() + waits
            while time.monotonic() < end:
                time.sleep(min(0.2, waits))
                if not self.stops and self.run.stop_path.exists():
                    return  # that is heard at once, and if it fails, tried again in turn

        while True:
            yield wait

    # And back

    def _come_home(self) -> int:
        """Bring back what was made, and write the last event."""
        assert self.job is not None
        self._note(doing=said("What was made is being fetched"))
        made, problem = "", None
        for wait in self._patiently():
            try:
                made = self._fetch()
                break
            except Exception as exc:
                if isinstance(exc, StudioError) or not (is_passing(exc) or status_of(exc) in (401, 403)):
                    problem = exc if isinstance(exc, StudioError) else explained(exc)
                    break
                self._stumble(exc)
            wait()
        last = ending.of(self.run, self.job, made, problem)
        self._write(last, forget=True)
        return EXIT_FAILED if isinstance(last, events.Failed) else EXIT_OK

    def _fetch(self) -> str:
        """All events of the machine, once everything else is in its place; empty where it sent nothing back."""
        assert self.job is not None
        revision = self.hub.has_results(self.job.repo)
        if not revision:
            return ""
        draft = results.fetch(self.run, self.hub.api, self.hub.repository(self.job.repo), revision)
        happened = (draft / results.EVENTS).read_text(encoding="utf-8")
        results.put_in_place(self.run, draft)
        return happened

    def _give_up(self, error: StudioError) -> int:
        print(f"{error.title} {error.cause}", file=sys.stderr, flush=True)
        cause, remedy = error.cause, error.remedy
        self._write(events.Failed(title=error.title, advice=error.advice, cause=cause, remedy=remedy), forget=True)
        return EXIT_FAILED

    def _write(self, event: events.Event, forget: bool = False) -> None:
        """The last event; the machine is gone, or there never was one."""
        self.run.again_path.unlink(missing_ok=True)
        log = events.EventLog(self.run.events_path)
        log.append(event)
        log.close()
        if forget and self.job is not None:
            self._note(doing="", trouble="")
        self.run.rented_path.unlink(missing_ok=True)
        notifying.tell(self.run)

    def _note(self, job: Job | None = None, **changes: Any) -> None:
        before = job or self.job
        assert before is not None
        self.job = replace(before, **changes)
        is_news = job is not None or (set(changes) & {"id", "sent"} and self.job != before)
        if self.job != before or job is not None:
            record.write(self.run, self.job, lasting=bool(is_news))


def _is_refusal(exc: Exception) -> bool:
    """Whether the Hub has said that it rents out nothing. All else leaves open whether a machine is on its way."""
    status = status_of(exc)
    return status is not None and 400 <= status < 500 and status != 408


if __name__ == "__main__":
    sys.exit(main())
