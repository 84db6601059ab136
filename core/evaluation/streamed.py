"""What a report says of a stream that was learned from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.evaluation.types import Section


def stream_sections(report: Mapping[str, Any]) -> list[Section]:
    """Where the rows of the stream went; empty where none was learned from."""
    found = report.get("stream")
    if not found:
        return []
    judged = report["rows"]["test"]
    words = f"Judged on {judged:,} rows, learned from {found['learned']:,} rows of a stream."
    if found["rounds"]:
        words += f" It came to its end {_times(found['rounds'])} and began anew, so some rows were learned from again."
    rows = [["learned from", found["learned"]]]
    rows += [[f"passed over: {reason}", count] for reason, count in found["aside"].items()]
    rows += [["held back when training ended", found["read"] - sum(count for _, count in rows)]]
    columns = [{"label": "Rows that were read", "style": "text"}, {"label": "Rows", "style": "number"}]
    content = {"columns": columns, "rows": [*(row for row in rows if row[1]), ["all", found["read"]]]}
    return [Section("table", "Rows of the stream", words, content)]


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number:,} times"
