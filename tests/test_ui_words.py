"""Numbers as people say them."""

from __future__ import annotations

import math

import pytest

from ui import words


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (0.42, "0.4 s"),
        (9.97, "10 s"),
        (59.6, "1 min"),
        (290, "4 min 50 s"),
        (3599.7, "1 h"),
        (7500, "2 h 5 min"),
        (86400 * 3 + 4 * 3600, "3 d 4 h"),
        (None, "–"),
        (math.nan, "–"),
    ],
)
def test_durations(seconds: float | None, said: str) -> None:
    assert words.duration(seconds) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (20, "less than a minute"),
        (62, "about a minute"),
        (245, "about 4 minutes"),
        (3600 * 2.5 + 70, "about 2 h 30 min"),
        (None, "an unknown time"),
    ],
)
def test_rough_times(seconds: float | None, said: str) -> None:
    assert words.about(seconds) == said


@pytest.mark.parametrize(
    ("bytes_", "said"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (34_000, "34 kB"),
        (999_600, "1 MB"),
        (1_100_000_000, "1.1 GB"),
        (24e12, "24 TB"),
        (None, "–"),
    ],
)
def test_sizes(bytes_: float | None, said: str) -> None:
    assert words.size(bytes_) == said


def test_counts_and_plurals() -> None:
    assert words.count(12752) == "12,752"
    assert words.plural(1, "row") == "1 row"
    assert words.plural(12752, "row") == "12,752 rows"
    assert words.plural(2, "class", "classes") == "2 classes"
    assert words.short(22_713_216) == "22.7 million"
    assert words.short(999_999_999) == "1 billion"
    assert words.short(8_200) == "8,200"


def test_marks() -> None:
    assert words.mark(0.912) == "91.2 %"
    assert words.mark(0.2334, "number") == "0.233"
    assert words.mark(0.00001234, "number") == "1.23e-5"
    assert [words.mark(24.1, "number"), words.mark(-812.04, "number")] == ["24.10", "-812.0"]
    assert words.mark(1275, "count") == "1,275"
    assert words.mark(None) == "–"
