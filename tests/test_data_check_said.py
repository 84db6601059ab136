"""What the data check finds, in the reader's language: through a process and a file, and never anything of the data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.config import RunConfig
from core.data.types import Finding
from core.studio import Studio
from tests.check_making import config_of
from tests.making import reviews, write_csv
from ui import pieces
from ui.languages import LANGUAGES, speaking, told

HARMFUL = "<b>{count}</b> Runs"
"""The name of a column, and that of a class: words that have a translation, markup, and a gap."""


@pytest.fixture
def config(tmp_path: Path) -> RunConfig:
    rows = [*reviews(120), *reviews(3), ("", "bad"), ("write to anna@example.org", "good"), ("a <br> here", "bad")]
    path = write_csv(tmp_path / "moods.csv", ("text", HARMFUL), [*rows, ("the only one of its kind", HARMFUL)])
    return config_of(path, {"text": "text", "label": HARMFUL})


def whole(finding: Finding) -> list[str]:
    return [finding.title, finding.meaning, finding.fix, *(fix.words for fix in finding.fixes)]


def test_findings_are_told_in_each_language_whatever_they_went_through(config: RunConfig) -> None:
    studio = Studio()
    first = [finding for news in studio.check(config) for finding in news.findings]  # from a process
    kept = [finding for news in studio.check(config) for finding in news.findings]  # from a file
    found = {one.code: one for one in (*studio.checkup(config).findings, *kept) if one.code != "no-header"}
    assert [whole(one) for one in first] == [whole(one) for one in kept]
    assert {"empty-text", "single-example", "duplicates", "html", "personal-email"} <= found.keys()
    english = {code: whole(finding) for code, finding in found.items()}
    for language in (one for code, one in LANGUAGES.items() if code != "en"):
        with speaking(language):
            for code, finding in found.items():
                for words in filter(None, whole(finding)):
                    assert told(words) != str(words), (language.code, code, words)
    assert {code: [told(words) for words in one] for code, one in english.items()} == english
    with speaking(LANGUAGES["de"]):
        assert told(found["duplicates"].title) == "3 Zeilen sind Kopien anderer Zeilen."
        assert told(found["duplicates"].fixes[0].words) == "Die 3 Kopien herausnehmen"
        assert told(found["personal-email"].title) == (
            "1 Zeile enthält eine E-Mail-Adresse in `text`; zum Beispiel a•••@e•••.org."
        )


def test_news_of_the_check_are_told_too(config: RunConfig) -> None:
    news = list(Studio().check(config))
    with speaking(LANGUAGES["fr"]):
        assert "Recherche de quasi-copies" in {told(one.title) for one in news}


def test_labels_and_columns_stay_as_they_are_and_are_no_markup(config: RunConfig) -> None:
    single = next(one for one in Studio().checkup(config).findings if one.code == "single-example")
    again = Finding.of(json.loads(json.dumps(single.as_record())))
    assert again == single
    with speaking(LANGUAGES["de"]):
        assert told(again.title) == f"1 Klasse kommt nur einmal vor: `{HARMFUL}`."
        drawn = pieces.findings([again])
    assert "<code>&lt;b&gt;{count}&lt;/b&gt; Runs</code>" in drawn and "<b>{count}" not in drawn


def test_a_finding_from_before_stays_english() -> None:
    old = {"code": "html", "severity": "info", "title": "3 rows.", "meaning": "They are.", "rows": [1], "fixes": []}
    with speaking(LANGUAGES["de"]):
        assert told(Finding.of(old).title) == "3 rows."
