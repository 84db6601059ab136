"""What a report says of a stream that was learned from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.evaluation.types import Section
from core.said import said, said_many, together


def stream_sections(report: Mapping[str, Any]) -> list[Section]:
    """Where the rows of the stream went; empty where none was learned from."""
    found = report.get("stream")
    if not found:
        return []
    judged = report["rows"]["test"]
    words = said(
        "Judged on {judged} rows, learned from {learned} rows of a stream.", judged=judged, learned=found["learned"]
    )
    if found["rounds"]:
        again = said_many(
            found["rounds"],
            "It came to its end once and began anew, so some rows were learned from again.",
            "It came to its end {count} times and began anew, so some rows were learned from again.",
        )
        words = together(words, again)
    rows = [[said("learned from"), found["learned"]]]
    rows += [[said("passed over: {reason}", reason=reason), count] for reason, count in found["aside"].items()]
    rows += [[said("held back when training ended"), found["read"] - sum(count for _, count in rows)]]
    columns = [{"label": said("Rows that were read"), "style": "text"}, {"label": said("Rows"), "style": "number"}]
    content = {"columns": columns, "rows": [*(row for row in rows if row[1]), [said("all"), found["read"]]]}
    return [Section("table", said("Rows of the stream"), words, content)]
