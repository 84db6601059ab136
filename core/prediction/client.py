"""The app's side of prediction: one child process a model that is being tried, ended when idle or when others come."""

from __future__ import annotations

import json
import subprocess
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from core.errors import PredictionError
from core.runs import Run
from core.spares import Spares, dismiss

MODELS_AT_ONCE = 2


class Child:
    """One prediction worker. Questions are put one at a time."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._lock = threading.Lock()

    def ask(self, question: Mapping[str, Any], on_progress: Callable[[int, int], None] | None) -> dict[str, Any]:
        """The worker's answer. Raises ``ConnectionError`` when it is gone, ``PredictionError`` when it has none."""
        assert self.process.stdin is not None and self.process.stdout is not None
        with self._lock:
            self.process.stdin.write(json.dumps(question) + "\n")
            self.process.stdin.flush()
            for line in self.process.stdout:
                reply: dict[str, Any] = json.loads(line)
                if "progress" in reply:
                    if on_progress:
                        on_progress(*reply["progress"])
                    continue
                if "error" in reply:
                    raise PredictionError(**reply["error"])
                return reply
        raise ConnectionError("the prediction process has ended")


class Predictors:
    """Children by run, the least lately asked sent home first."""

    def __init__(self, spares: Spares) -> None:
        self._spares = spares
        self._children: OrderedDict[str, Child] = OrderedDict()
        self._lock = threading.Lock()

    def answers(self, run: Run, inputs: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
        """One answer for each input, in the form of the task's ``answers``."""
        answers: list[dict[str, Any]] = self._ask(run, {"inputs": list(inputs)}, None)["answers"]
        return answers

    def file(
        self, run: Run, source: str, output: Path, on_progress: Callable[[int, int], None] | None
    ) -> dict[str, int]:
        """Answer a whole table into ``output``; see ``core.prediction.files.predict_file``."""
        return self._ask(run, {"file": source, "output": str(output)}, on_progress)

    def close(self) -> None:
        with self._lock:
            children = list(self._children.values())
            self._children.clear()
        for child in children:
            dismiss(child.process)

    def forget(self, run: Run) -> None:
        """End the child of a run that is deleted or trained anew."""
        with self._lock:
            child = self._children.pop(run.id, None)
        if child is not None:
            dismiss(child.process)

    def _ask(
        self, run: Run, question: Mapping[str, Any], on_progress: Callable[[int, int], None] | None
    ) -> dict[str, Any]:
        if not run.has_model:
            raise PredictionError("This run has no trained model.", "Let it finish first, or stop it after a while.")
        for _ in range(2):
            child = self._child(run)
            try:
                return child.ask(question, on_progress)
            except (ConnectionError, ValueError, OSError) as exc:
                cause = f"{type(exc).__name__}: {exc}; exit code {child.process.poll()}"
                self.forget(run)
        raise PredictionError(
            "The process that holds the model ended twice.",
            "The machine may be short of memory; close other programs and try again.",
            cause=cause,
        )

    def _child(self, run: Run) -> Child:
        with self._lock:
            child = self._children.get(run.id)
            if child is None or child.process.poll() is not None:
                child = self._children[run.id] = Child(self._spares.take("predict", run.path))
            self._children.move_to_end(run.id)
            surplus = [self._children.popitem(last=False)[1] for _ in range(len(self._children) - MODELS_AT_ONCE)]
        for old in surplus:
            dismiss(old.process)
        return child
