"""Reading workbooks in a process of its own: what their reader does not survive must not end the app.

The reader is written in Rust, and a workbook that no memory holds ends its whole process. A question comes in as one
JSON record; progress and an answer go out, one record a line.
"""

from __future__ import annotations

import json
import resource
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core import children
from core.data.arrow_files import Imported, portion
from core.data.origins import AS_DETECTED
from core.data.types import Finding, Progress
from core.data.workbooks import read_workbook
from core.data_config import ReadingConfig
from core.errors import DataError, explain
from core.said import packed, restored, said

MOST_MEMORY = 4 << 30
"""Bytes of address space. The largest sheet that is let in takes about 1 GB, and the libraries reserve as much."""


def import_workbook(
    path: Path, target: Path, progress: Progress | None = None, chosen: ReadingConfig = AS_DETECTED
) -> Imported:
    """``read_workbook`` in another process. An exception raised by ``progress`` ends it, and is passed on.

    Raises ``DataError`` also where that process does not come to an answer.
    """
    report = portion(progress, 0.0, 1.0)
    process = children.start("core.data.workbook_child")
    assert process.stdin is not None and process.stdout is not None
    try:
        question = {"path": str(path), "target": str(target), "chosen": chosen.model_dump(), "memory": MOST_MEMORY}
        process.stdin.write(json.dumps(question) + "\n")
        process.stdin.flush()
        for line in process.stdout:
            record = json.loads(line)
            if "error" in record:
                raise DataError(**restored(record["error"]))
            if "answer" in record:
                return _imported(record["answer"])
            report(*restored(record)["progress"])
        raise DataError(
            said("{file} could not be opened as a workbook: its reader broke down.", file=path.name),
            said(
                "It may be damaged, or need more memory than there is. Open it in your spreadsheet program and save "
                "the sheet as CSV UTF-8."
            ),
            cause=f"exit code {process.wait()}",
        )
    finally:
        children.end(process)


def _imported(record: dict[str, Any]) -> Imported:
    """What was imported, from its JSON record, in which tuples are lists."""
    return Imported(
        rows=record["rows"],
        findings=tuple(Finding.of(finding) for finding in record["findings"]),
        skipped=tuple(record["skipped"]),
        read_as=ReadingConfig.model_validate(record["read_as"]),
        sheets=tuple(record["sheets"]),
    )


def main() -> int:
    """Read the workbook that the first line of the input names."""
    question = json.loads(sys.stdin.readline())
    if sys.platform == "linux":  # others know no such limit, or refuse it
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        limit = question["memory"] if most == resource.RLIM_INFINITY else min(most, question["memory"])
        resource.setrlimit(resource.RLIMIT_AS, (limit, most))
    chosen = ReadingConfig.model_validate(question["chosen"])
    try:
        found = read_workbook(Path(question["path"]), Path(question["target"]), _report, chosen)
        findings = [finding.as_record() for finding in found.findings]
        _say({"answer": {**asdict(found), "findings": findings, "read_as": found.read_as.model_dump()}})
    except MemoryError:
        return 1
    except Exception as exc:
        error = explain(exc)
        _say({"error": error.as_record()})
    return 0


def _report(fraction: float, words: str) -> None:
    _say(packed({"progress": (fraction, words)}))


def _say(record: dict[str, object]) -> None:
    print(json.dumps(record), flush=True)


if __name__ == "__main__":
    sys.exit(main())
