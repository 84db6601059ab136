"""Does the table say itself which rows are to learn from and which to judge by?"""

from __future__ import annotations

import re

from core.config import SplitConfig
from core.data.guess_files import WORDS
from core.data.types import Column, Preview

SMALL_TABLE = 500
"""Rows. Below this, a fifth is kept aside for the final mark instead of a tenth."""

_COLUMN_WORDS = {"split", "set", "fold", "partition", "subset"}


def guess_split(preview: Preview) -> SplitConfig:
    """The split that a column of the table names (``split`` with ``train``, ``dev``, ``test``), else shares.

    A part that the column does not name is drawn from the rows to learn from. A small table keeps a larger share
    aside: a tenth of it would be too few rows to tell anything by.
    """
    for column in preview.columns:
        parts = _named_parts(column)
        if "train" in parts and len(parts) > 1:
            return SplitConfig.model_validate({"column": column.name, **parts})
    return SplitConfig(validation=0.15, test=0.2) if preview.rows < SMALL_TABLE else SplitConfig()


def _named_parts(column: Column) -> dict[str, str]:
    """Part -> the column's word for it; empty when the column is called otherwise or holds anything else."""
    if not _COLUMN_WORDS & {word.lower() for word in re.split(r"[^A-Za-z]+|(?<=[a-z])(?=[A-Z])", column.name)}:
        return {}
    parts: dict[str, str] = {}
    for value in column.examples:
        part = next((part for part, known in WORDS.items() if value.strip().lower() in known), None)
        if part is None or part in parts:
            return {}
        parts[part] = value.strip()
    return parts if len(column.examples) == column.distinct else {}
