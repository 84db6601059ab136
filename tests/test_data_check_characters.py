"""The data check on signs that do not belong in texts, on HTML and on white space, and the steps that clean them."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from core.data.check import written
from core.data.check.characters import unusual_characters
from core.data.check.markup import left_in_markup, needless_space
from core.data.mending import CLEANING
from core.data.mending.columns import mended, to_mend
from tests.check_making import config_of, found, proves, texts_config, values
from tests.making import reviews, write_csv


@pytest.mark.parametrize(
    ("what", "before", "after"),
    [
        ("mojibake", "dÃ©jÃ  vu", "déjà vu"),
        ("mojibake", "it is notâ€™s", "it is not’s"),
        ("html", "un<b>believ</b>able<br>and&nbsp;new, a < b <3", "unbelievable\nand new, a < b <3"),
        ("html", "<p>Hi</p><p>you</p><script>alert(1)</script>", "Hi\n\nyou"),
        ("html", "Bob <bob@site.org> wrote <i>this</i>", "Bob <bob@site.org> wrote this"),
        ("html", "R &amp; D, &amp;lt; 5", "R & D, < 5"),
        ("control", "a\x00b \x1b[31mred\x1b[0m it\x92s", "ab red it’s"),
        ("control", "one page\x0canother", "one page\nanother"),
        ("invisible", "pay\u200bpal soft\u00adly \ufefftold x\u202ey", "paypal softly told xy"),
        ("whitespace", "  a \t b\u00a0c \n\n\n\n d ", "a b c\n\nd"),
    ],
)
def test_texts_are_cleaned_once_and_for_all(what: str, before: str, after: str) -> None:
    column = pa.chunked_array([pa.array([before, None, "plain"], pa.large_string())])
    assert to_mend(column, CLEANING[what]).tolist() == [True, False, False]
    clean = mended(column, CLEANING[what])
    assert clean.to_pylist() == [after, None, "plain"]
    assert mended(clean, CLEANING[what]) is clean


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("mojibake", "déjà vu, naïve café, £5, Äpfel für Örtchen, 你好，世界, Привет"),
        ("html", "a < b and c > d, <3, cp <src> <dst> --title <title>, List<String>, <unk>, AT&T &copy 3, R&D"),
        ("control", "tabs\tand\r\nlines"),
        ("invisible", "👩\u200d👩\u200d👧 می\u200cخواهم क्\u200dष שלום\u200f 🏴\U000e0067\U000e0062\U000e007f ☕\ufe0f"),
    ],
)
def test_what_looks_odd_but_is_right_is_left_alone(what: str, text: str) -> None:
    column = pa.chunked_array([pa.array([text])])
    assert not to_mend(column, CLEANING[what]).any()
    assert mended(column, CLEANING[what]) is column


def test_texts_inside_of_lists_and_records_are_cleaned_where_they_stand() -> None:
    rows = [[{"role": "user", "content": "<b>Hi</b>"}], None, [], [{"role": "user", "content": None}]]
    column = pa.chunked_array([pa.array([[], *rows, [{"role": "a", "content": "x &amp; y"}]]).slice(1)])
    assert to_mend(column, CLEANING["html"]).tolist() == [True, False, False, False, True]
    clean = mended(column, CLEANING["html"])
    assert clean.type == column.type
    assert clean.to_pylist() == [
        [{"role": "user", "content": "Hi"}], *rows[1:], [{"role": "a", "content": "x & y"}]
    ]  # fmt: skip


def test_lost_letters_are_counted_and_said_to_be_lost(tmp_path: Path) -> None:
    config = texts_config(tmp_path, ["a caf\ufffd by the sea", "fine and dandy", "na\ufffdve"])
    finding = found(config, unusual_characters)["lost-letters"]
    assert (finding.count, finding.rows, finding.severity) == (2, (1, 3), "warning")
    assert "for good" in finding.meaning
    after = proves(config, unusual_characters, "lost-letters")
    assert values(after)[0] == "fine and dandy"


def test_misread_letters_are_shown_and_mended(tmp_path: Path) -> None:
    config = texts_config(tmp_path, ["a cafÃ© by the sea", "un café à Paris"])
    finding = found(config, unusual_characters)["misread-letters"]
    assert (finding.count, finding.rows) == (1, (1,))
    assert "`cafÃ©` for `café`" in finding.title
    assert "different encodings" in finding.meaning
    assert values(proves(config, unusual_characters, "misread-letters"))[0] == "a café by the sea"


@pytest.mark.parametrize(
    ("code", "text"),
    [("control-characters", "ring the \x07 bell"), ("invisible-characters", "pay\u200bpal"), ("no-words", "-- ?!")],
)
def test_other_signs_go_with_one_click(tmp_path: Path, code: str, text: str) -> None:
    config = texts_config(tmp_path, ["good :)", text])
    finding = found(config, unusual_characters)[code]
    assert (finding.count, finding.rows) == (1, (2,))
    proves(config, unusual_characters, code)


def test_clean_texts_give_no_findings(tmp_path: Path) -> None:
    config = texts_config(tmp_path, ["naïve café 👩\u200d👧", "x < y, <3 :-)"])
    for check in (unusual_characters, left_in_markup, needless_space):
        assert not found(config, check)


def test_html_and_white_space_go_with_one_click(tmp_path: Path) -> None:
    config = texts_config(tmp_path, ["<p>One</p><p>two &amp; three</p>", f"far{' ' * 60}away"])
    assert found(config, left_in_markup)["html"].rows == (1,)
    assert values(proves(config, left_in_markup, "html"))[0] == "One\n\ntwo & three"
    assert found(config, needless_space)["much-white-space"].rows == (2,)
    assert values(proves(config, needless_space, "much-white-space"))[1] == "far away"


def test_texts_with_marks_that_count_characters_are_not_offered_to_be_changed(tmp_path: Path) -> None:
    rows = [(f"Row {number}<br>in Rome", '[{"start": 0, "end": 3, "label": "ROW"}]') for number in range(30)]
    path = write_csv(tmp_path / "marks.csv", ["text", "spans"], rows)
    config = config_of(path, {"text": "text", "spans": "spans"}, "token-classification")
    finding = found(config, left_in_markup)["html"]
    assert finding.count == 30
    assert finding.fixes == ()


def test_findings_in_two_columns_are_one_finding(tmp_path: Path) -> None:
    rows = [(text, "fine", label) for text, label in reviews(60)]
    rows[4] = ("a &amp; b", "fine", "bad")
    rows[5] = ("fine", "<b>c</b>", "good")
    config = config_of(
        write_csv(tmp_path / "pairs.csv", ["one", "two", "label"], rows),
        {"text": "one", "text_pair": "two", "label": "label"},
    )
    finding = found(config, left_in_markup)["html"]
    assert (finding.count, finding.rows) == (2, (5, 6))
    assert "`one` and `two`" in finding.title
    proves(config, left_in_markup, "html")


def test_of_a_very_large_table_a_drawn_part_is_looked_at_and_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(written, "MOST_ROWS", 50)
    config = texts_config(tmp_path, [f"a caf\ufffd by the sea, day {day}" for day in range(50)], rows=50)
    finding = found(config, unusual_characters)["lost-letters"]
    assert 10 < finding.count < 40
    assert all(row <= 50 for row in finding.rows)
    assert "50 of the 100 rows, drawn by chance" in finding.meaning
    assert found(config, unusual_characters)["lost-letters"] == finding
