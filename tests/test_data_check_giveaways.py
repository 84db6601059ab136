"""The data check on what gives the answer away, on dates and on lengths."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.data.check.dates import times
from core.data.check.giveaways import giveaways
from core.data.check.lengths import length_histogram, unusual_lengths
from tests.check_making import config_of, found, mended, subject_of, texts_config
from tests.making import reviews, write_csv


def _with(folder: Path, name: str, values: list[Any], rows: int = 120) -> Path:
    table = [(text, label, value) for (text, label), value in zip(reviews(rows), values, strict=True)]
    return write_csv(folder / "t.csv", ["text", "label", name], table)


def test_an_unused_column_that_tells_the_answer_is_named(tmp_path: Path) -> None:
    folders = [f"{label}-{place % 3}" for place, (_, label) in enumerate(reviews(120))]
    finding = found(config_of(_with(tmp_path, "folder", folders)), giveaways)["column-tells-answer"]
    assert finding.severity == "info"
    assert "`folder` tells the answer" in finding.title


def test_a_column_that_only_goes_along_with_the_answer_is_not(tmp_path: Path) -> None:
    often = [label if place % 7 else "other" for place, (_, label) in enumerate(reviews(120))]
    assert not found(config_of(_with(tmp_path, "often", often)), giveaways)
    assert not found(config_of(_with(tmp_path, "number", list(range(120)))), giveaways)


def test_an_input_that_tells_the_answer_is_a_warning(tmp_path: Path) -> None:
    groups = [f"{label} group" for _, label in reviews(120)]
    columns = {"text": "text", "text_pair": "group", "label": "label"}
    finding = found(config_of(_with(tmp_path, "group", groups), columns), giveaways)["input-tells-answer"]
    assert (finding.severity, finding.role) == ("warning", "text_pair")


def test_numbers_of_rows_are_no_texts(tmp_path: Path) -> None:
    path = _with(tmp_path, "id", [f"row-{number:05d}" for number in range(120)])
    assert "id-as-input" in found(config_of(path, {"text": "id", "label": "label"}), giveaways)


def test_a_mark_in_front_of_one_class_is_named_with_its_rows(tmp_path: Path) -> None:
    rows = [(f"[SPAM] {text}" if label == "bad" else text, label) for text, label in reviews(120)]
    path = write_csv(tmp_path / "t.csv", ["text", "label"], rows)
    finding = found(config_of(path), giveaways)["word-tells-answer"]
    assert "“spam” in nearly every text of “bad”" in finding.title
    assert (finding.count, finding.rows[:2]) == (60, (1, 3))


def test_words_that_people_use_are_no_marks(tmp_path: Path) -> None:
    rows = [(f"how many {text}" if label == "bad" and place % 4 else text, label)
            for place, (text, label) in enumerate(reviews(120))]  # fmt: skip
    assert not found(config_of(write_csv(tmp_path / "t.csv", ["text", "label"], rows)), giveaways)


@pytest.mark.parametrize(
    "form",
    ["2021-{month:02d}-{day:02d}", "2021-{month:02d}-{day:02d}T10:30:00Z", "{day:02d}.{month:02d}.2021",
     "Mon, {day} Mar 2021 08:00:{month:02d} +0200", "{month:02d}/{day:02d}/2021"],
)  # fmt: skip
def test_dates_suggest_a_split_by_time(tmp_path: Path, form: str) -> None:
    days = [form.format(month=1 + number // 28 % 12, day=1 + number % 28) for number in range(120)]
    config = config_of(_with(tmp_path, "sent", days))
    finding = found(config, times)["dates"]
    assert "`sent` holds dates, from 2021-" in finding.title
    after = mended(config, finding.fixes[0])
    assert after.data.split.time == "sent"
    assert not found(after, times)


def test_classes_that_change_over_time_are_told(tmp_path: Path) -> None:
    rows = [(text, "old" if place < 100 else "new", f"2021-{1 + place // 28:02d}-{1 + place % 28:02d}")
            for place, (text, _) in enumerate(reviews(200))]  # fmt: skip
    path = write_csv(tmp_path / "t.csv", ["text", "label", "day"], rows)
    finding = found(config_of(path), times)["dates"]
    assert "100 % of the oldest fifth" in finding.meaning or "0 % of the oldest fifth" in finding.meaning


@pytest.mark.parametrize("values", [[f"1.{n}.{n % 7}" for n in range(120)], list(range(120)), ["2021-01-01"] * 120])
def test_versions_numbers_and_a_single_day_are_no_dates(tmp_path: Path, values: list[Any]) -> None:
    assert not found(config_of(_with(tmp_path, "version", values)), times)


def test_texts_that_stand_out_by_their_length_are_shown(tmp_path: Path) -> None:
    usual = [f"{text} and so it went on for quite a while" for text, _ in reviews(60)]
    config = texts_config(tmp_path, ["n/a", "long " * 1000, *usual], rows=20)
    findings = found(config, unusual_lengths)
    assert findings["far-shorter"].rows == (1,)
    assert findings["far-longer"].rows == (2,)


def test_lengths_are_counted_in_bars_up_to_what_the_model_reads(tmp_path: Path) -> None:
    bars = length_histogram(subject_of(texts_config(tmp_path, ["long " * 1000], rows=100)))
    assert sum(bars.counts) == 101
    assert len(bars.edges) == len(bars.counts) + 1 <= 42
    assert bars.counts[-1] >= 1
    assert bars.limit == 4 * texts_config(tmp_path, []).training.max_length
