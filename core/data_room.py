"""The part of the one door that leads to tables: looking at them, checking them, sharing out their rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from core.config import RunConfig, validate
from core.data.origins import Origin
from core.data.types import Checkup, Guess, News, Preview, Progress, Sample
from core.tasks import TASKS

if TYPE_CHECKING:
    from core.data.parts import DataParts, SharedOut


class DataRoom:
    """What may be asked of data."""

    def samples(self) -> list[Sample]:
        """The tables that ship with the app."""
        from core.data.sources import samples

        return samples()

    def keep_upload(self, path: Path) -> str:
        """Copy an uploaded file into the home folder by its content; returns its ``data.source``."""
        from core.data.sources import keep_upload

        return keep_upload(path)

    def preview(self, place: str | Origin, progress: Progress | None = None) -> Preview:
        """The table at a glance; the first look at a big file takes a while, later ones do not."""
        from core.data.preview import preview

        return preview(place, progress)

    def guess(self, preview: Preview) -> list[Guess]:
        """Tasks that fit the table, best first; empty when none does."""
        guesses = [guess for task in TASKS.values() if (guess := task.guess(preview)) is not None]
        return sorted(guesses, key=lambda guess: guess.score, reverse=True)

    def checkup(self, config: RunConfig) -> Checkup:
        """What is wrong or noteworthy with the data, how the classes are filled, and how the rows are shared out."""
        return _shared_out(config).checkup

    def check(self, config: RunConfig) -> Iterator[News]:
        """The checks that take longer, as they find something. Who closes the iterator ends them."""
        from core.checks import check_news

        return check_news(config)

    def parts(self, config: RunConfig) -> DataParts:
        """The rows of a config's data, shared out. Raises ``DataError`` when they cannot be learned from."""
        return _shared_out(config).usable


def _shared_out(config: RunConfig) -> SharedOut:
    """The checked and shared-out rows of a config. The last is remembered, while its files stay as they are and only
    settings change that say nothing of the data.
    """
    from core.data.joined import last_change

    options = TASKS[config.task].options_of_data(config.options).model_dump_json()
    return _shared_out_once(config.task, config.data.model_dump_json(), options, last_change(config.data))


@lru_cache(maxsize=1)
def _shared_out_once(task: str, data: str, options: str, changed: int) -> SharedOut:
    from core.data.parts import share_out

    return share_out(validate({"task": task, "data": json.loads(data), "options": json.loads(options)}))
