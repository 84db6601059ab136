"""Rows that repeat another one, and equal questions with different answers, where answers are free texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.data.cleaning import rows_words
from core.data.leakage import text_keys
from core.data.types import Finding

_SMALL_SHARE = 0.01


def repetition_findings(table: Any, questions: Sequence[str], answers: Sequence[str], what: str) -> list[Finding]:
    """``table`` holds the usable rows with these columns and ``row``; ``what`` is asked: ``question``, ``text``."""
    import pandas as pd

    rows = table.column("row").to_numpy()
    keys = pd.DataFrame({"asked": text_keys(table, questions), "both": text_keys(table, [*questions, *answers])})
    copies = rows[keys.duplicated("both").to_numpy()]
    many = keys.drop_duplicates("both")["asked"].value_counts()
    torn = rows[keys["asked"].isin(many[many > 1].index).to_numpy()]
    findings = []
    if len(torn):
        findings.append(
            Finding(
                "several-answers",
                "info",
                f"{rows_words(len(torn))} a {what} that stands elsewhere with another answer.",
                "That is fine where several answers are right: the model learns to give any of them. They are kept in "
                "the same part of the data.",
                "Where only one of them is right, take the others out.",
                **_at(torn),
            )
        )
    if len(copies):
        findings.append(
            Finding(
                "duplicates",
                "info" if len(copies) < _SMALL_SHARE * len(rows) else "warning",
                f"{len(copies):,} row{'s are copies' if len(copies) > 1 else ' is a copy'} of another row.",
                "The model reads them more often than the others and learns them more by heart.",
                "Take the copies out of the table.",
                **_at(copies),
            )
        )
    return findings


def _at(rows: Any) -> dict[str, Any]:
    return {"count": len(rows), "rows": tuple(int(row) for row in rows[:20])}
