"""A prediction worker's conversation: one JSON line in, JSON lines out, until its input ends or nobody asks for long.

Questions: ``{"inputs": [{"text": ...}, ...]}`` or ``{"file": SOURCE, "output": PATH}``.
Answers: ``{"progress": [done, total]}`` any number of times, then one of ``{"answers": [...]}``,
what ``predict_file`` returns, and ``{"error": {"title", "advice", "cause"}}``.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import traceback
from pathlib import Path
from typing import IO, Any

from core.errors import explain
from core.prediction.files import predict_file
from core.prediction.predictor import Predictor
from core.runs import Run

IDLE_SECONDS = 600.0


def serve(run: Run) -> int:
    """Answer until there is nobody left to answer."""
    replies = _take_over_stdout()
    questions = _questions()
    predictor: Predictor | None = None
    while True:
        try:
            line = questions.get(timeout=IDLE_SECONDS)
        except queue.Empty:
            return 0
        if line is None:
            return 0
        try:
            predictor = predictor or Predictor(run)
            reply = _answer(predictor, json.loads(line), replies)
        except Exception as exc:
            traceback.print_exc()
            error = explain(exc)
            reply = {"error": {"title": error.title, "advice": error.advice, "cause": error.cause}}
        _say(replies, reply)


def _answer(predictor: Predictor, question: dict[str, Any], replies: IO[str]) -> dict[str, Any]:
    def progress(done: int, total: int) -> None:
        _say(replies, {"progress": [done, total]})

    if "file" in question:
        return predict_file(predictor, question["file"], Path(question["output"]), progress)
    rows = question["inputs"]
    roles = list(rows[0]) if rows else []
    return {"answers": predictor.answers({role: [row[role] for row in rows] for role in roles})}


def _questions() -> queue.Queue[str | None]:
    """Lines of standard input as a queue, None at the end: a queue can be waited for with a limit, a pipe not."""
    lines: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        for line in sys.stdin:
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    return lines


def _take_over_stdout() -> IO[str]:
    """Keep the pipe for answers alone; whatever a library prints goes to standard error."""
    sys.stdout.flush()
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return replies


def _say(replies: IO[str], reply: dict[str, Any]) -> None:
    replies.write(json.dumps(reply, ensure_ascii=False) + "\n")
    replies.flush()
