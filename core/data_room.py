"""The part of the one door that leads to tables: looking at them, checking them, sharing out their rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from core.config import RunConfig, validate
from core.data.browse import ClassRows, RowsPage, Wanted, WholeRow
from core.data.columns import names, several
from core.data.origins import Origin
from core.data.steps.rows import FileRole
from core.data.types import Checkup, Guess, News, Preview, Progress, Sample
from core.tasks import TASKS

if TYPE_CHECKING:
    import numpy as np

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

    def keep_paste(self, text: str) -> str:
        """Keep a table that was pasted from a spreadsheet in the home folder; returns its ``data.source``."""
        from core.data.sources import keep_text

        return keep_text(text)

    def glance(self, place: str | Origin) -> Preview | None:
        """The first rows of a large file in a moment, while ``preview`` still reads it; None where none is needed."""
        from core.data.preview import glance

        return glance(place)

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

    def language(self, config: RunConfig) -> str:
        """The code of the language that most texts to learn from are in, as ``en``; empty where that is not clear."""
        from core.data.check.languages import main_language
        from core.models.tokens import sample_texts

        return main_language(sample_texts(self.parts(config).train, list(TASKS[config.task].read_columns), 200))

    def rows(self, config: RunConfig, wanted: Wanted, start: int = 0, count: int = 25) -> RowsPage:
        """``count`` of the wanted rows from the place ``start``, as they stand after the config's steps."""
        from core.data import browse

        found = _places_once(*_facts(config), wanted)
        return browse.page(_shared_out(config), names(config.data.columns), config.data.steps, found, start, count)

    def row(self, config: RunConfig, file: FileRole, number: int) -> WholeRow | None:
        """One row in full, to be edited; None where it was taken out."""
        from core.data import browse

        return browse.whole(_shared_out(config), names(config.data.columns), file, number)

    def labels(self, config: RunConfig) -> tuple[str, ...]:
        """The classes that usable rows have, in their order; empty where there are none to learn."""
        return _shared_out(config).target.labels

    def class_rows(self, config: RunConfig) -> ClassRows:
        """A few texts of each class, and the column in which classes can be renamed."""
        from core.data import browse

        task, shared = TASKS[config.task], _shared_out(config)
        answers = [
            column
            for role in task.roles
            if not role.is_input and role.kind in ("label", "labels", "spans")
            for column in several(config.data.columns.get(role.name))
        ]
        texts = [name for name in task.read_columns if name in shared.examples.table.column_names]
        return browse.class_rows(shared, answers, texts)


def _shared_out(config: RunConfig) -> SharedOut:
    """The checked and shared-out rows of a config. The last is remembered, while its files stay as they are and only
    settings change that say nothing of the data.
    """
    return _shared_out_once(*_facts(config))


def _facts(config: RunConfig) -> tuple[str, str, str, int]:
    """All on which a config's rows depend: task, data, the options that are read with them, the files' last change."""
    from core.data.joined import last_change

    options = TASKS[config.task].options_of_data(config.options).model_dump_json()
    return config.task, config.data.model_dump_json(), options, last_change(config.data)


@lru_cache(maxsize=1)
def _shared_out_once(task: str, data: str, options: str, changed: int) -> SharedOut:
    from core.data.parts import share_out

    return share_out(_config(task, data, options))


@lru_cache(maxsize=4)
def _places_once(task: str, data: str, options: str, changed: int, wanted: Wanted) -> np.ndarray:
    """Where the wanted rows stand; remembered, so that turning pages does not search again."""
    from core.data import browse

    config = _config(task, data, options)
    shared = _shared_out_once(task, data, options, changed)
    return browse.places(shared, names(config.data.columns), config.data.steps, wanted)


def _config(task: str, data: str, options: str) -> RunConfig:
    return validate({"task": task, "data": json.loads(data), "options": json.loads(options)})
