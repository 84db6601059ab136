"""What is to be judged later, beside a run's own test part: which rows, and how the judgement of them is called."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import Field, ValidationError

from core import runs
from core.data.sources import PASTED, resolve, title_of
from core.data.types import Part
from core.data_config import HUB
from core.errors import RunError
from core.judging import kept
from core.runs import Run
from core.said import said
from core.schema import Settings

_PARTS: dict[Part, str] = {
    "train": "the training rows",
    "validation": "the validation part",
    "test": "the test part",
}
_PARTS_OF: dict[Part, str] = {
    "train": "the training rows of “{run}”",
    "validation": "the validation part of “{run}”",
    "test": "the test part of “{run}”",
}
_ROWS: dict[Part, str] = {"train": "training rows", "validation": "validation part", "test": "test part"}
LONGEST_NAME = 56
KNOWN = said("learned from by this model")
STRANGE = said("with a label that the model does not know")
TOO_MANY = said("not judged, to be done in bearable time")
"""Why rows are set aside."""


class What(Settings):
    """Rows to judge: a part of the run's own data, the same of another run's, or a file.

    ``columns`` (role to column) are those of the file, where it calls them otherwise than the training table does.
    """

    part: Part = "test"
    run: str = ""
    """Another run, whose part is meant; its own where this is empty."""
    file: str = ""
    """A place as in ``data.source``; nothing else counts where this is not empty."""
    columns: dict[str, str | tuple[str, ...]] = Field(default_factory=dict)
    without_known: bool | None = None
    """Whether rows that the model learned from are left out. None: only where they are another run's."""

    @property
    def leaves_known_out(self) -> bool:
        if self.without_known is not None:
            return self.without_known
        return bool(self.run) and not self.file

    @property
    def learned_from(self) -> bool:
        """Whether these are the very rows that the model learned from."""
        return not self.file and not self.run and self.part == "train"

    @property
    def title(self) -> str:
        """``reviews-june.csv``, ``the validation part``: by itself, in no case that a sentence asks for."""
        if self.file:
            return title_of(self.file)
        rows = said("the {rows}", rows=said(_ROWS[self.part]))
        return said("{rows} of “{run}”", rows=rows, run=runs.find(self.run).name) if self.run else rows

    @property
    def called(self) -> str:
        """The same inside a sentence, after “examples of”: a file's name stands apart in backticks there."""
        if self.file:
            return f"`{self.title.replace('`', '')}`"
        return said(_PARTS_OF[self.part], run=runs.find(self.run).name) if self.run else said(_PARTS[self.part])

    @property
    def slug(self) -> str:
        """The same as a name for files."""
        if self.file:
            return slug(Path(self.title).stem if self.title != PASTED else self.title)
        return slug(f"{runs.find(self.run).name} {self.part}" if self.run else self.part)


def what_of(details: Mapping[str, Any]) -> What:
    """Plain data as a ``What``. Raises ``RunError`` where it is none or its run is not there, and ``DataError`` where
    its file is not.
    """
    try:
        found = What.model_validate(dict(details))
    except ValidationError as exc:
        parts = ", ".join(get_args(Part))
        raise RunError(
            said("It is not clear which rows to judge."),
            said("Name a file, or one of: {parts}.", parts=parts),
            cause=str(exc),
        ) from exc
    if found.run:
        runs.find(found.run)
    if found.file and not found.file.startswith(HUB):
        resolve(found.file)
    return found


def named(run: Run, name: str, what: What) -> str:
    """The name of a new judgement: the one that was given, else one that says what was judged; none that is taken."""
    wanted = slug(name) or what.slug or "rows"
    taken = {path.stem for path in (run.path / kept.FOLDER).glob("*") if not path.name.startswith(".")}
    number, found = 1, wanted
    while found in taken:
        number += 1
        found = f"{wanted}-{number}"
    return found


def slug(words: str) -> str:
    """``Reviews (June)`` -> ``reviews-june``."""
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")[:LONGEST_NAME].strip("-")
