"""The data check as the app sees it: findings as they come from a process of its own, and kept once it is through."""

from __future__ import annotations

import hashlib
import json
import queue
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO

from core import children, home
from core.config import RunConfig
from core.data.check import VERSION
from core.data.check.languages import spoken_by
from core.data.joined import data_hash
from core.data.types import News
from core.errors import DataError
from core.hub.identity import current
from core.runs import write_atomically
from core.said import restored, said
from core.tasks import TASKS

BEAT = 0.5
"""Seconds."""


def check_news(config: RunConfig) -> Iterator[News]:
    """What the checks find, as they find it; at once where the same data was checked before.

    While a check takes long, the last word is said again each half second (without findings): so nobody who wants to
    close the iterator has to wait. Closing it ends the process. Raises ``DataError`` when the check itself fails.
    """
    kept = _kept_path(config)
    known = _known(kept)
    if known is not None:
        yield from known
        return
    heard: list[News] = []
    for news in _from_child(config):
        if news.findings or news.done == news.total:
            heard.append(news)
        yield news
    write_atomically(kept, json.dumps([news.as_record() for news in heard]))


def _from_child(config: RunConfig) -> Iterator[News]:
    process = children.start("core.data.check.child", quiet=False)
    assert process.stdin is not None and process.stdout is not None
    try:
        question = {"asker": current().as_record(), "config": config.model_dump(mode="json")}
        process.stdin.write(json.dumps(question) + "\n")
        process.stdin.flush()
        last = News(0, 0, said("the table itself"))
        for line in _lines(process.stdout):
            if line is None:
                yield last
                continue
            record = json.loads(line)
            if "error" in record:
                raise DataError(**restored(record["error"]))
            if "end" in record:
                return
            yield (news := News.of(record))
            last = replace(news, findings=())
        raise DataError(
            said("The data check ended before it was through."),
            said("The machine may be short of memory; close other programs and check again."),
            cause=f"exit code {process.wait()}",
        )
    finally:
        children.end(process)


def _lines(stream: IO[str]) -> Iterator[str | None]:
    """The lines of a stream as they come, and None each half second without one."""
    arrived: queue.SimpleQueue[str] = queue.SimpleQueue()

    def read() -> None:
        for line in stream:
            arrived.put(line)
        arrived.put("")

    threading.Thread(target=read, daemon=True).start()
    while True:
        try:
            line = arrived.get(timeout=BEAT)
        except queue.Empty:
            yield None
            continue
        if not line:
            return
        yield line


def _kept_path(config: RunConfig) -> Path:
    """Where the findings of a config's data are kept: by all that they depend on."""
    options = TASKS[config.task].options_of_data(config.options).model_dump_json()
    spoken = spoken_by(config.model.checkpoint)
    facts = [VERSION, config.task, data_hash(config.data), config.data.model_dump_json(), options, spoken]
    name = hashlib.blake2b(json.dumps(facts).encode(), digest_size=16).hexdigest()
    folder = home.cache_dir() / "checks"
    folder.mkdir(exist_ok=True)
    return folder / f"{name}.json"


def _known(kept: Path) -> list[News] | None:
    try:
        return [News.of(record) for record in json.loads(kept.read_text(encoding="utf-8"))]
    except (FileNotFoundError, ValueError):
        return None
