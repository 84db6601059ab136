"""The data check as the app and the command line run it: news from a process of its own, kept, and fixes written."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from core import config as configs
from core import home
from core.check_command import in_words
from core.cli import main
from core.config import RunConfig, validate
from core.data.check import CHECKS
from core.data.parts import load_parts
from core.data.types import Finding, Fix, News
from core.studio import Studio
from tests import processes


@pytest.fixture
def table(tmp_path: Path) -> Path:
    rows = [(f"the {place} horses ran {place * 7919} miles over {place * 31} hills", "ab"[place % 2])
            for place in range(60)]  # fmt: skip
    rows += rows[:5] + [(text.upper() + "!!", label) for text, label in rows[10:14]]
    with (tmp_path / "t.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("text", "label"), *rows])
    return tmp_path / "t.csv"


def config_of(table: Path) -> RunConfig:
    columns = {"text": "text", "label": "label"}
    return validate({"task": "text-classification", "data": {"source": str(table), "columns": columns}})


def test_news_come_one_after_the_other_and_are_kept(table: Path) -> None:
    studio, config = Studio(), config_of(table)
    news = list(studio.check(config))
    titles = [check.title for check in CHECKS]
    assert [title for title in dict.fromkeys(one.title for one in news) if title in titles] == titles
    assert [one.done for one in news] == sorted(one.done for one in news)
    assert news[-1].done == news[-1].total == len(CHECKS)
    found = {finding.code: finding for one in news for finding in one.findings}
    assert found["near-duplicates"].count == 4 and found["near-duplicates"].fixes[0].steps
    assert any((home.cache_dir() / "checks").iterdir())
    again = {finding.code: finding for one in studio.check(config) for finding in one.findings}
    assert [in_words(finding) for finding in again.values()] == [in_words(finding) for finding in found.values()]
    steps = [dict(step) for step in again["near-duplicates"].fixes[0].steps]
    assert steps == [{"kind": "drop_near_duplicates", "columns": ["text"], "equal": ["label"], "similarity": 0.8}]


def test_a_closed_check_leaves_no_process(table: Path) -> None:
    before = set(processes.living())
    news = Studio().check(config_of(table))
    assert isinstance(next(news), News)
    news.close()  # type: ignore[attr-defined]
    assert set(processes.living()) <= before


def checked(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code = main(["check", *arguments, "--json"])
    found: dict[str, Any] = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    return code, found


def test_the_command_line_tells_all_and_writes_the_fixes(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written = tmp_path / "run.yaml"
    fixes = ["--fix", "duplicates", "--fix", "near-duplicates:1", "--write", str(written)]
    code, found = checked(capsys, str(table), *fixes)
    by_code = {finding["code"]: finding for finding in found["findings"]}
    assert code == 0 and by_code["duplicates"]["fixes"][0]["words"] == "Take out the 5 copies"
    account = {"a copy of another row": 5, "nearly a copy of another row": 4}
    assert found["account"]["read"] == 69 and dict(found["account"]["aside"]) == account
    code, again = checked(capsys, str(written))
    assert not {"duplicates", "near-duplicates"} & {finding["code"] for finding in again["findings"]}
    # The page asks the same door, and the worker loads the same parts.
    config = validate(configs.load(written))
    page, worker = Studio().parts(config), load_parts(config)
    for part in ("train", "validation", "test"):
        assert getattr(page, part).equals(getattr(worker, part))
    assert page.train.num_rows + page.validation.num_rows + page.test.num_rows == again["account"]["used"] == 60
    assert len(config.data.steps) == 2


def test_all_fixes_at_once(table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written = tmp_path / "run.yaml"
    code, _ = checked(capsys, str(table), "--fix", "all", "--fix", "near-duplicates:2", "--write", str(written))
    config = validate(configs.load(written))
    kinds = [step.kind for step in config.data.steps]  # type: ignore[union-attr]
    assert code == 0 and "drop_duplicates" in kinds and "drop_near_duplicates" not in kinds
    assert config.data.split.keep_together == "similar"


@pytest.mark.parametrize(
    "arguments", [["--fix", "duplicates"], ["--write", "x.yaml"], ["--fix", "nonsense", "--write", "x.yaml"],
                  ["--fix", "duplicates:9", "--write", "x.yaml"]],
)  # fmt: skip
def test_what_cannot_be_fixed_is_said(
    table: Path, arguments: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(table.parent)
    assert main(["check", str(table), *arguments]) == 2
    assert "fix" in capsys.readouterr().err and not (table.parent / "x.yaml").exists()


def test_a_finding_in_words_has_its_rows_and_fixes() -> None:
    finding = Finding("copies", "info", "3 rows.", "Meaning.", count=3, rows=(1, 2), fixes=(Fix("One"), Fix("Two")))
    assert in_words(finding).splitlines() == [
        "info: 3 rows. Meaning.",
        "    rows 1, 2 and 1 more",
        "    1. One  (--fix copies)",
        "    2. Two  (--fix copies:2)",
    ]
