"""Rows that repeat another one, and equal questions with different answers, where answers are free texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.data.cleaning import of_one
from core.data.leakage import text_keys
from core.data.types import Finding
from core.said import said, said_many

_SMALL_SHARE = 0.01
_TORN = {
    "question": "{count} rows have a question that stands elsewhere with another answer.",
    "source": "{count} rows have a source that stands elsewhere with another answer.",
}


def repetition_findings(table: Any, questions: Sequence[str], answers: Sequence[str], what: str) -> list[Finding]:
    """``table`` holds the usable rows with these columns and ``row``; ``what`` is asked: ``question``, ``source``."""
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
                said_many(len(torn), of_one(_TORN[what]), _TORN[what]),
                said(
                    "That is fine where several answers are right: the model learns to give any of them. They are kept "
                    "in the same part of the data."
                ),
                said("Where only one of them is right, take the others out."),
                **_at(torn),
            )
        )
    if len(copies):
        findings.append(
            Finding(
                "duplicates",
                "info" if len(copies) < _SMALL_SHARE * len(rows) else "warning",
                said_many(
                    len(copies), "{count} row is a copy of another row.", "{count} rows are copies of another row."
                ),
                said("The model reads them more often than the others and learns them more by heart."),
                said("Take the copies out of the table."),
                **_at(copies),
            )
        )
    return findings


def _at(rows: Any) -> dict[str, Any]:
    return {"count": len(rows), "rows": tuple(int(row) for row in rows[:20])}
