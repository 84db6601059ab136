"""What is asked of the judged rows that any run keeps."""

from __future__ import annotations

from core.evaluation.types import Section
from core.judging import kept
from core.runs import Run


def judged_rows_are_kept(run: Run, sections: list[Section]) -> None:
    """Every judged row stays with its truth and answer, and what a report opens leads to some of them."""
    for part in ("test", "validation"):
        table = kept.read(run, part)
        assert {"row", "truth", "answer", "error"} <= set(table.column_names)
        assert table.num_rows == (run.report or {})["metrics"][part]["rows"]
        assert min(table.column("error").drop_null().to_pylist()) >= 0
    for section in sections:
        opened = section.content.get("opens")
        if not isinstance(opened, list):
            continue
        for cells, where in zip(section.content["rows"], opened, strict=True):
            assert where is None or kept.page(run, "test", where).total or 0 in cells, (section.title, cells)
