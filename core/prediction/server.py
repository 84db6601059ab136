"""A prediction worker's conversation: one JSON line in, JSON lines out, until its input ends or nobody asks for long.

Questions: ``{"inputs": [{"text": ...}, ...]}``, ``{"file": SOURCE, "output": PATH, "fast": false}``,
``{"write": {"text": ...}, "knobs": {...}}`` or ``{"job": NAME, "details": {...}}`` (see ``core.prediction.jobs``).
``{"cancel": true}`` ends the writing of an answer early.
Answers: ``{"progress": [done, total]}`` (a job may add words) or ``{"partial": {the answer so far}}`` any number of
times, then one of ``{"answers": [...]}``, what ``predict_file`` returns, ``{"done": {...}}`` of a job, and
``{"error": {"title", "advice", "cause"}}``.
"""

from __future__ import annotations

import gc
import json
import os
import queue
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import IO, Any

from core.errors import explain
from core.prediction import jobs
from core.prediction.files import predict_file
from core.prediction.predictor import Predictor
from core.prediction.together import predictor_of
from core.runs import Run
from core.said import packed

IDLE_SECONDS = 600.0
PARTIAL_SECONDS = 0.05
"""The least time between two looks at a growing answer; a quick model writes faster than a page is drawn."""


def serve(run: Run, untrained: bool = False) -> int:
    """Answer until there is nobody left to answer."""
    replies = _take_over_stdout()
    lines = Lines()
    predictor: Predictor | None = None
    while (line := lines.next(IDLE_SECONDS)) is not None:
        question = json.loads(line)
        if "cancel" in question:  # the answer was whole before the word came
            continue
        try:
            predictor = predictor or _load(run, untrained)
            reply = _answer(predictor, question, replies, lines)
        except Exception as exc:
            traceback.print_exc()
            error = explain(exc)
            reply = {"error": error.as_record()}
        _say(replies, reply)
    return 0


def _load(run: Run, untrained: bool) -> Predictor:
    """The model. Libraries are imported for it: those make no garbage worth looking for, then or later on."""
    gc.disable()
    try:
        return predictor_of(run, untrained)
    finally:
        gc.enable()
        gc.freeze()


class Lines:
    """Standard input, line by line: a queue can be waited for with a limit and looked into, a pipe cannot."""

    def __init__(self) -> None:
        self._queue: queue.Queue[str | None] = queue.Queue()
        self._ended = False
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in sys.stdin:
            self._queue.put(line)
        self._queue.put(None)

    def next(self, seconds: float) -> str | None:
        """The next line; None when there is none for so long, or never will be."""
        if self._ended:
            return None
        try:
            return self._queue.get(timeout=seconds)
        except queue.Empty:
            return None

    def is_cancelled(self) -> bool:
        """Whether a word came since the question, which can only be that nobody waits for its answer any more."""
        try:
            self._ended = self._queue.get_nowait() is None
        except queue.Empty:
            return False
        return True


def _answer(predictor: Predictor, question: dict[str, Any], replies: IO[str], lines: Lines) -> dict[str, Any]:
    def progress(done: int, total: int, words: str = "") -> None:
        _say(replies, {"progress": [done, total, *filter(None, [words])]})

    if "write" in question:
        return _write(predictor, question, replies, lines)
    if "file" in question:
        return predict_file(predictor, question["file"], Path(question["output"]), progress, question["fast"])
    if "job" in question:
        return {"done": packed(jobs.do(question["job"], predictor, question["details"], progress))}
    rows = question["inputs"]
    roles = list(rows[0]) if rows else []
    return {"answers": predictor.answers({role: [row[role] for row in rows] for role in roles})}


def _write(predictor: Predictor, question: dict[str, Any], replies: IO[str], lines: Lines) -> dict[str, Any]:
    """The last of a growing answer; what comes before it is said along the way."""
    last: list[dict[str, Any]] = []
    said = float("-inf")
    growing = predictor.write(question["write"], question.get("knobs", {}))
    try:
        for record in growing:
            last = [record]
            if lines.is_cancelled():
                break
            if time.monotonic() - said >= PARTIAL_SECONDS:
                _say(replies, {"partial": record})
                said = time.monotonic()
    finally:
        growing.close()
    return {"answers": last}


def _take_over_stdout() -> IO[str]:
    """Keep the pipe for answers alone; whatever a library prints goes to standard error."""
    sys.stdout.flush()
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return replies


def _say(replies: IO[str], reply: dict[str, Any]) -> None:
    replies.write(json.dumps(reply, ensure_ascii=False) + "\n")
    replies.flush()
