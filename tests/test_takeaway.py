"""A report as files: whole, alone, and without a word of the table as HTML."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from core import cli, takeaway
from core.errors import RunError
from core.judging import readings
from core.runs import Run
from core.studio import Studio
from tests import shelf
from tests.making import run_with, started
from tests.report_blocks import NASTY, READING, blocks


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run whose report has a block of every kind."""
    monkeypatch.setattr(readings, "READINGS", (READING,))
    made = run_with(*shelf.finished())
    made.rename(f"mine {NASTY}")
    rows = {"train": 93, "validation": 12, "test": 120}
    report = shelf.report(NASTY) | {"planted": True, "rows": rows, "verdict": f"Right: {NASTY}"}
    (made.path / "report.json").write_text(json.dumps(report), encoding="utf-8")
    return made


def page_of(run: Run) -> str:
    return b"".join(Studio().report_html(run.id)).decode()


def test_the_page_holds_all_it_needs_and_no_text_as_html(run: Run) -> None:
    page = page_of(run)
    assert NASTY not in page and "<img" not in page.replace("‹img", "")
    assert "default-src 'none'" in page
    tags = re.sub(r"<script[^>]*>.*?</script>|<style>.*?</style>", "", page, flags=re.DOTALL)
    assert not re.search(r"<\w+[^>]*\s(src|href)=", tags)
    kept = json.loads(re.search(r'id="ts-report">(.*?)</script>', page, re.DOTALL)[1])  # type: ignore[index]
    assert kept["name"] == f"mine {NASTY}" and kept["verdict"] == f"Right: {NASTY}"
    shown = Studio().report_sections(run.id)
    assert [one["title"] for one in kept["sections"]] == [one.title for one in shown]
    assert {block.kind for block in blocks()} <= {one["kind"] for one in kept["sections"]}
    assert ["Rows", "93 for training, 12 for validation, 120 for the test"] in kept["facts"]


def test_every_script_finds_those_that_it_imports(run: Run) -> None:
    scripts = takeaway._scripts(takeaway.ENTRY)
    assert {"takeaway.js", "report.js", "charts.js", "dom.js"} <= set(scripts)
    wanted = {name for code in scripts.values() for name in re.findall(r'from "([^"]+)"', code)}
    assert wanted == {f"tunesmith/{name}" for name in scripts} - {f"tunesmith/{takeaway.ENTRY}"}


def test_the_command_writes_the_page_and_prints_the_rest(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def told(*arguments: str) -> tuple[int, str]:
        code = cli.main(["report", *arguments])
        return code, capsys.readouterr().out

    place = tmp_path / "report.html"
    assert told(run.id, "--html", str(place)) == (0, f"{place}\n")
    assert place.read_text(encoding="utf-8") == page_of(run)
    code, printed = told(run.id, "--json")
    whole: dict[str, Any] = json.loads(printed)
    assert code == 0 and whole["report"] == Studio().report(run.id)
    assert len(whole["sections"]) == len(Studio().report_sections(run.id))
    assert "In the text" in told(run.id)[1]
    assert told(run.id, "--html", str(tmp_path / "nowhere" / "x.html"))[0] == 1
    unjudged = run_with(started())
    assert told(unjudged.id)[0] == 1
    with pytest.raises(RunError, match="no report yet"):
        Studio().report_html(unjudged.id)
