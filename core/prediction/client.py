"""The app's side of prediction: which worker answers what, and when it goes home.

Single questions are put to a child that stays, one a run; a table gets a child of its own, so that nobody who types a
text waits for somebody's table. Memory stays bounded: few models are kept for questions, and one table is answered at
a time.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from core.data.types import Progress
from core.errors import PredictionError
from core.prediction.child import Child, Kind, WorkerGone
from core.prediction.files import draft_of
from core.prediction.turns import Turns
from core.runs import Run
from core.spares import Spares

MODELS_AT_ONCE = 2
"""Models kept for questions. There may be more for as long as more are being asked at the same moment."""


class Predictors:
    """The children of one app."""

    def __init__(self, spares: Spares) -> None:
        self._spares = spares
        self._children: OrderedDict[tuple[Kind, str], Child] = OrderedDict()
        """Those who may be asked, the least lately asked first. A child that is not in here ends after its answer."""
        self._closed = False
        self._lock = threading.Lock()
        self._tables = Turns()

    def answers(self, run: Run, inputs: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
        """One answer for each input, in the form of the task's ``answers``."""
        question = {"inputs": list(inputs)}
        try:
            reply = self._ask("ask", run, question)
        except WorkerGone:
            # It may have left because nobody asked for long, or been killed: another one can answer as well.
            reply = self._ask_for_the_last_time("ask", run, question)
        found: list[dict[str, Any]] = reply["answers"]
        return found

    def file(self, run: Run, source: str, output: Path, progress: Progress | None = None) -> dict[str, Any]:
        """Answer a whole table into ``output``; see ``core.prediction.files.predict_file`` for the reply."""

        def say(share: float, words: str) -> None:
            if progress:
                progress(share, words)

        def note(done: int, total: int) -> None:
            say(done / max(1, total), f"{done:,} of {total:,} rows answered")

        question = {"file": source, "output": str(output)}
        with self._tables.take(lambda before: say(0.0, _wait_for(before))):
            say(0.0, "Loading the model")
            try:
                return self._ask_for_the_last_time("file", run, question, note)
            finally:
                draft_of(output).unlink(missing_ok=True)

    def forget(self, run: Run) -> None:
        """End the children of a run that is deleted or trained anew. Who waits for their answer is told so."""
        with self._lock:
            leaving = self._send_home([child for child in self._children.values() if child.key[1] == run.id])
        _dismiss(leaving)

    def close(self) -> None:
        """End every child. Nothing is answered from here on."""
        with self._lock:
            self._closed = True
            leaving = self._send_home(list(self._children.values()))
        _dismiss(leaving)

    def _ask_for_the_last_time(
        self, kind: Kind, run: Run, question: Mapping[str, Any], on_progress: Callable[[int, int], None] | None = None
    ) -> dict[str, Any]:
        try:
            return self._ask(kind, run, question, on_progress)
        except WorkerGone as exc:
            raise PredictionError(
                "The process that holds the model ended.",
                "The machine may be short of memory; close other programs and try again.",
                cause=str(exc),
            ) from exc

    def _ask(
        self, kind: Kind, run: Run, question: Mapping[str, Any], on_progress: Callable[[int, int], None] | None = None
    ) -> dict[str, Any]:
        child = self._borrow(kind, run)
        keep = kind == "ask"
        try:
            return child.ask(question, on_progress)
        except WorkerGone as exc:
            keep = False
            if child.sent_home:
                raise PredictionError(
                    "The model was put away before it had answered.",
                    "Its run was deleted or started again, or Tunesmith was closed.",
                ) from exc
            raise WorkerGone(f"{exc}; {child.last_words()}") from exc
        finally:
            self._give_back(child, keep)

    def _borrow(self, kind: Kind, run: Run) -> Child:
        """The child to ask, started where there is none that is alive and has the run's present model."""
        stamp = _stamp(run)
        with self._lock:
            if self._closed:
                raise PredictionError("Tunesmith is closing.", "Start it again to ask the model.")
            child = self._children.get((kind, run.id))
            outdated = child if child is not None and (child.is_dead or child.stamp != stamp) else None
            if child is None or outdated:
                child = Child(self._spares, kind, run, stamp)
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


def _stamp(run: Run) -> int:
    """Which model a run has now: it changes when the run is trained anew, by whichever process."""
    try:
        return (run.model_path / "config.json").stat().st_mtime_ns
    except FileNotFoundError:
        raise PredictionError(
            "This run has no trained model.", "Let it finish first, or stop it after a while."
        ) from None


def _wait_for(before: int) -> str:
    tables = "another table" if before == 1 else f"{before} other tables"
    return f"Waiting: {tables} will be answered first"
