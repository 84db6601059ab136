"""The app's side of prediction: which worker answers what, and when it goes home.

Single questions are put to a child that stays, one a run; a table gets a child of its own, so that nobody who types a
text waits for somebody's table. Memory stays bounded: few models are kept for questions, and one table is answered at
a time.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from core.data.types import Progress
from core.ensembles.making import members_of
from core.errors import PredictionError
from core.prediction.child import Child, Key, Kind, WorkerGone
from core.prediction.files import draft_of
from core.prediction.speed import Speed
from core.prediction.turns import Turns
from core.runs import Run
from core.said import restored, said, said_many
from core.spares import Spares

_DONE = {
    "training examples read": "{done} of {total} training examples read",
    "rows": "{done} of {total} rows",
    "done": "{done} of {total} done",
}
"""By what a job counts."""
MODELS_AT_ONCE = 2
"""Models kept for questions. There may be more for as long as more are being asked at the same moment."""
Replies = Generator[dict[str, Any], None, None]
"""Who closes it before its end breaks the answer off."""


class Predictors:
    """The children of one app."""

    def __init__(self, spares: Spares) -> None:
        self._spares = spares
        self._children: OrderedDict[Key, Child] = OrderedDict()
        """Those who may be asked, the least lately asked first. A child that is not in here ends after its answer."""
        self._closed = False
        self._lock = threading.Lock()
        self._tables = Turns()
        self._working: tuple[Path, str] | None = None
        """The run's folder and the name of the job that is being done."""

    def answers(self, run: Run, inputs: Sequence[Mapping[str, str]], untrained: bool = False) -> list[dict[str, Any]]:
        """One answer for each input, in the form of the task's ``answers``."""
        *_, reply = self._replies("ask", run, {"inputs": list(inputs)}, untrained)
        found: list[dict[str, Any]] = reply["answers"]
        return found

    def write(
        self, run: Run, inputs: Mapping[str, str], knobs: Mapping[str, Any], untrained: bool = False
    ) -> Iterator[dict[str, Any]]:
        """The answer to one input as it grows, each time whole so far; who closes this ends the writing."""
        question = {"write": dict(inputs), "knobs": dict(knobs)}
        with closing(self._replies("ask", run, question, untrained)) as replies:
            for reply in replies:
                yield from [reply["partial"]] if "partial" in reply else reply["answers"]

    def file(
        self, run: Run, source: str, output: Path, progress: Progress | None = None, fast: bool = False
    ) -> dict[str, Any]:
        """Answer a whole table into ``output``; see ``core.prediction.files.predict_file``."""
        speed = Speed()

        def say(share: float, words: str) -> None:
            if progress:
                progress(share, words)

        question = {"file": source, "output": str(output), "fast": fast}
        with self._tables.take(lambda before: say(0.0, _wait_for(before))):
            say(0.0, said("Loading the model"))
            try:
                with closing(self._replies("file", run, question)) as replies:
                    for reply in replies:
                        if "progress" in reply:
                            done, total = reply["progress"]
                            say(done / max(1, total), speed.words(done, total))
                return reply
            finally:
                draft_of(output).unlink(missing_ok=True)

    def quick(self, run: Run, job: str, details: Mapping[str, Any]) -> dict[str, Any]:
        """A job of ``core.prediction.jobs`` done by the worker that answers questions: for what takes a moment."""
        *_, reply = self._replies("ask", run, {"job": job, "details": dict(details)})
        done: dict[str, Any] = reply["done"]
        return done

    def job(self, run: Run, job: str, details: Mapping[str, Any], progress: Progress, unit: str) -> dict[str, Any]:
        """The same in a worker of its own, after the tables and jobs that were asked for before: for what takes long.

        ``unit`` is what its progress counts, such as ``rows``. Where ``progress`` raises, the worker ends at once.
        """
        with self._tables.take(lambda before: progress(0.0, _wait_for(before))):
            self._working = (run.path, job)
            try:
                progress(0.0, said("Loading the model"))
                with closing(self._replies("file", run, {"job": job, "details": dict(details)})) as replies:
                    for reply in replies:
                        if "progress" in reply:
                            done, total, *words = reply["progress"]
                            progress(
                                done / max(1, total), words[0] if words else said(_DONE[unit], done=done, total=total)
                            )
                return restored(reply["done"])
            finally:
                self._working = None

    def stop_job(self, run: Path, job: str) -> None:
        """End the worker that does this job for the run in this folder, in the middle of it. Whoever waits for it hears
        ``PredictionError``.
        """
        with self._lock:
            if self._working == (run, job) and (child := self._children.get(("file", run, False))):
                child.sent_home = True
                child.kill()

    def forget(self, run: Run) -> None:
        """End the children of a run that is deleted or trained anew. Who waits for their answer is told so."""
        with self._lock:
            leaving = self._send_home([child for child in self._children.values() if child.key[1] == run.path])
        _dismiss(leaving)

    def close(self) -> None:
        """End every child. Nothing is answered from here on."""
        with self._lock:
            self._closed = True
            leaving = self._send_home(list(self._children.values()))
        _dismiss(leaving)

    def _replies(self, kind: Kind, run: Run, question: Mapping[str, Any], untrained: bool = False) -> Replies:
        """What a child of this kind says to a question, the answer last."""
        # A worker may have left because nobody asked for long, or been killed: another one can answer as well, as long
        # as nothing was heard of the first. A table's worker is always a new one.
        for attempt in (1, 2) if kind == "ask" else (2,):
            heard = False
            try:
                with closing(self._ask(kind, run, question, untrained)) as replies:
                    for reply in replies:
                        heard = True
                        yield reply
                return
            except WorkerGone as exc:
                if heard or attempt == 2:
                    raise PredictionError(
                        said("The process that holds the model ended."),
                        said("The machine may be short of memory; close other programs and try again."),
                        cause=str(exc),
                    ) from exc

    def _ask(self, kind: Kind, run: Run, question: Mapping[str, Any], untrained: bool) -> Replies:
        child = self._borrow(kind, run, untrained)
        keep = kind == "ask"
        try:
            with closing(child.ask(question)) as replies:
                yield from replies
        except WorkerGone as exc:
            keep = False
            if child.sent_home:
                raise PredictionError(
                    said("The model was put away before it had answered."),
                    said("Its run was deleted or started again, or Tunesmith was closed."),
                ) from exc
            raise WorkerGone(f"{exc}; {child.last_words()}") from exc
        finally:
            self._give_back(child, keep)

    def _borrow(self, kind: Kind, run: Run, untrained: bool) -> Child:
        """The child to ask, started where there is none that is alive and has the run's present model."""
        stamp = _stamp(run)
        with self._lock:
            if self._closed:
                raise PredictionError(said("Tunesmith is closing."), said("Start it again to ask the model."))
            child = self._children.get((kind, run.path, untrained))
            outdated = child if child is not None and (child.is_dead or child.stamp != stamp) else None
            if child is None or outdated:
                child = Child(self._spares, kind, run, stamp, untrained)
                self._children[child.key] = child
            self._children.move_to_end(child.key)
            child.users += 1
            leaving = self._surplus()
            if outdated and not outdated.users:
                leaving.append(outdated)
        _dismiss(leaving)
        return child

    def _give_back(self, child: Child, keep: bool) -> None:
        with self._lock:
            child.users -= 1
            # Somebody may have put another child in its place: that one stays.
            if not keep and self._children.get(child.key) is child:
                del self._children[child.key]
            leaving = self._surplus()
            if not child.users and self._children.get(child.key) is not child:
                leaving.append(child)
        _dismiss(leaving)

    def _surplus(self) -> list[Child]:
        """Take out idle children for questions until few enough are left; one that is being asked always stays."""
        asked = [child for child in self._children.values() if child.key[0] == "ask"]
        idle = [child for child in asked if not child.users]
        leaving = idle[: max(0, len(asked) - MODELS_AT_ONCE)]
        for child in leaving:
            del self._children[child.key]
        return leaving

    def _send_home(self, children: Iterable[Child]) -> list[Child]:
        """Take out these children; those in the middle of an answer are killed. Returns the idle ones, to dismiss.

        Whoever asked a killed one clears up after it.
        """
        idle = []
        for child in children:
            child.sent_home = True
            del self._children[child.key]
            if child.users:
                child.kill()
            else:
                idle.append(child)
        return idle


def _dismiss(children: Iterable[Child]) -> None:
    for child in children:
        child.dismiss()


def _stamp(run: Run) -> tuple[int, ...]:
    """Which model a run has now, or its members have: it changes when one is trained anew, by whichever process."""
    try:
        asked = [run] if run.has_model or not run.can_answer else members_of(run)
        return tuple((one.model_path / "config.json").stat().st_mtime_ns for one in asked)
    except FileNotFoundError:
        raise PredictionError(
            said("This run has no trained model."), said("Let it finish first, or stop it after a while.")
        ) from None


def _wait_for(before: int) -> str:
    return said_many(
        before,
        "Waiting: another table will be answered first",
        "Waiting: {count} other tables will be answered first",
    )
