"""The process that holds the library ``datasets``: questions come in, one JSON record a line, and answers go out.

A question's ``do`` says what is asked: ``contents``, ``sample``, ``head`` or ``fetch``; ``asker`` as whom the Hub is
asked for it (``Identity.as_record``). Before its ``answer`` or ``error`` there may be ``progress``. The process ends
when its input does, in the middle of an answer too.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from typing import IO, Any

from core.said import packed, said

_BEAT_SECONDS = 0.5
_FASTEST_SECONDS = 0.1


def main() -> int:
    """Answer until the input ends."""
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what libraries print is no reply
    questions: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_listen, args=(questions,), daemon=True).start()
    with tempfile.TemporaryDirectory() as nowhere:
        # The library takes owner/name for a local folder where there is one of that name.
        os.chdir(nowhere)
        from core.data.hub import loading, reading

        todo: dict[str, Callable[..., Any]] = {
            "contents": loading.contents,
            "sample": loading.sample,
            "fetch": loading.fetch,
            "head": reading.write_head,
        }
        while True:
            _answer(json.loads(questions.get()), todo, _Mouth(replies))


def _listen(questions: queue.Queue[str]) -> None:
    for line in sys.stdin:
        questions.put(line)
    os._exit(0)


def _answer(question: dict[str, Any], todo: dict[str, Callable[..., Any]], mouth: _Mouth) -> None:
    from core.data.hub.failures import explained
    from core.hub.identity import MACHINE, Identity, asking_as, hide_the_machines

    do, repo, asker = question.pop("do"), question["repo"], Identity.of(question.pop("asker"))
    done = threading.Event()
    beat = threading.Thread(target=mouth.beat, args=(done,), daemon=True)
    beat.start()
    hide_the_machines(asker != MACHINE)
    try:
        with asking_as(asker):
            answer = {"answer": todo[do](**question, progress=mouth.progress)}
    except Exception as exc:
        error = explained(exc, repo, question.get("commit"))
        answer = {"error": error.as_record()}
    done.set()
    beat.join()  # what it says after the answer would be taken for a word on the next question
    mouth.say(answer)


class _Mouth:
    """Says one line at a time. Progress is said now and then, and again while nothing comes, so that whoever waits
    can break it off.
    """

    def __init__(self, replies: IO[str]) -> None:
        self._replies = replies
        self._lock = threading.Lock()
        self._last: tuple[float, str] = (0.0, said("Asking the Hub"))
        self._said = time.monotonic()

    def progress(self, fraction: float, words: str) -> None:
        self._last = (fraction, words)
        if time.monotonic() - self._said > _FASTEST_SECONDS:
            self.say(packed({"progress": self._last}))

    def beat(self, done: threading.Event) -> None:
        """Repeat the last progress while there is none, until ``done``."""
        while not done.wait(_BEAT_SECONDS):
            if time.monotonic() - self._said > _BEAT_SECONDS and not done.is_set():
                self.say(packed({"progress": self._last}))

    def say(self, record: dict[str, Any]) -> None:
        with self._lock:
            self._replies.write(json.dumps(record) + "\n")
            self._replies.flush()
            self._said = time.monotonic()


if __name__ == "__main__":
    sys.exit(main())
