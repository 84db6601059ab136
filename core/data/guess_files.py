"""Several files at once: which one to learn from, which to check with, which to judge by. Their names say it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from core.config import SplitConfig
from core.data.unpacking import inner_name
from core.errors import DataError
from core.said import said

WORDS = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "val", "dev", "development", "eval"),
    "test": ("test", "testing", "heldout", "holdout"),
}


def guess_files(sources: Sequence[str]) -> tuple[str, SplitConfig]:
    """The table to learn from, and a split that names the others. One file needs no name.

    Raises ``DataError`` when the names of several files do not say which is for what.
    """
    if len(sources) == 1:
        return sources[0], SplitConfig()
    parts: dict[str, str] = {}
    for source in sources:
        part = part_of(_stem(source))
        if part is None and "train" not in parts and not any(part_of(_stem(one)) == "train" for one in sources):
            part = "train"  # reviews.csv beside reviews_test.csv
        if part is None or part in parts:
            raise DataError(
                said("The names of these files do not say which is for what."),
                said(
                    "Name them train, validation and test, as in reviews_train.csv and reviews_test.csv; or give one "
                    "file."
                ),
            )
        parts[part] = source
    if "train" not in parts:
        raise DataError(
            said("None of these files is to learn from."),
            said("Give one whose name holds “train”, as in reviews_train.csv."),
        )
    return parts.pop("train"), SplitConfig.model_validate(parts)


def _stem(source: str) -> str:
    """A file's name without its endings: ``train.csv.gz`` is train."""
    return Path(inner_name(Path(source).name)).stem


def part_of(stem: str) -> str | None:
    """``train``, ``validation`` or ``test`` when a word of the file's name says so."""
    named = re.split(r"[^a-z]+", stem.lower())
    return next((part for part, words in WORDS.items() if any(word in words for word in named)), None)
