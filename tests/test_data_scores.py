"""Numbers as people write them, and what is said of a column of scores."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core.data import score_findings
from core.data.scores import Scores, read_scores


def read(*values: Any) -> Scores:
    return read_scores(pa.chunked_array([pa.array(values)]))


def numbers(*values: Any) -> list[float | None]:
    return [None if np.isnan(value) else value for value in read(*values).values.tolist()]


def places(mask: np.ndarray) -> list[int]:
    return np.flatnonzero(mask).tolist()


class TestReading:
    @pytest.mark.parametrize(
        ("written", "meant"),
        [
            ("4", 4.0),
            (" -4.5 ", -4.5),
            ("\u22124.5", -4.5),
            ("+.5", 0.5),
            ("1e-3", 0.001),
            ("3,5", 3.5),
            ("0,125", 0.125),
            ("1,234", 1234.0),
            ("1,234,567.5", 1234567.5),
            ("1.234.567,5", 1234567.5),
            ("1.234,5", 1234.5),
            ("1 234,5", 1234.5),
            ("1\u202f234", 1234.0),
            ("12'345.5", 12345.5),
            ("85 %", 85.0),
            ("12,5%", 12.5),
            ("$3.50", 3.5),
            ("4 stars", 4.0),
            ("4/5", 4.0),
            ("3.5 out of 5", 3.5),
            ("Rating: 4.", 4.0),
        ],
    )
    def test_one_number(self, written: str, meant: float) -> None:
        assert numbers(written) == [meant]

    @pytest.mark.parametrize(
        "written",
        ["good", "2024-01-02", "02.01.2024", "10:30", "3-4", "A4", "v1.2", "1.2.3", "3 5", "from 2 to 4", "0x10", "½"],
    )
    def test_what_is_no_single_number_is_not_guessed(self, written: str) -> None:
        found = read("1", written, None)
        assert (places(found.unreadable), places(found.missing)) == ([1], [2])
        assert np.isnan(found.values[1:]).all()

    @pytest.mark.parametrize("written", ["", "  ", "-", "NaN", "n/a", "None"])
    def test_ways_to_say_nothing(self, written: str) -> None:
        found = read("1", written)
        assert (places(found.missing), places(found.unreadable)) == ([1], [])

    @pytest.mark.parametrize("written", ["inf", "-Infinity", "1e400", "1e31", "∞"])
    def test_infinite(self, written: str) -> None:
        found = read("1", written)
        assert places(found.infinite) == [1] and np.isnan(found.values[1])

    def test_other_rows_tell_what_a_comma_means(self) -> None:
        assert numbers("1,234", "2,5") == [1.234, 2.5]
        assert numbers("1,234", "2.5") == [1234.0, 2.5]
        assert numbers("1,234", "2,345.5") == [1234.0, 2345.5]

    def test_habits_are_marked(self) -> None:
        found = read("3,5", "4", "85 %", "4 stars", "1,234.5")
        assert (places(found.commas), places(found.percents), places(found.words)) == ([0], [2], [3])

    def test_typed_columns(self) -> None:
        assert numbers(1, None, 3) == [1.0, None, 3.0]
        assert numbers(True, False) == [1.0, 0.0]
        found = read(0.5, float("inf"), float("nan"), 1e31, None)
        assert (places(found.infinite), places(found.missing)) == ([1, 3], [2, 4])
        days = read_scores(pa.chunked_array([pa.array(pd.date_range("2024-01-01", periods=2))]))
        assert places(days.unreadable) == [0, 1]
        assert numbers(*pa.array(["2,5", "3"]).dictionary_encode().to_pylist()) == [2.5, 3.0]


class TestFindings:
    def found(self, *values: Any) -> dict[str, Any]:
        column = pa.chunked_array([pa.array(values)])
        readable = np.ones(len(column), dtype=bool)
        findings = score_findings.score_findings("stars", column, read_scores(column), readable)
        return {finding.code: finding for finding in findings}

    def test_rows_that_are_left_out_are_named(self) -> None:
        found = self.found("1", None, "good", "inf", "", "bad")
        assert set(found) == {"empty-score", "unreadable-score", "infinite-score"}
        assert found["empty-score"].rows == (2, 5)
        assert found["unreadable-score"].rows == (3, 6)
        assert found["unreadable-score"].title == "2 rows have no single number in `stars`, such as `good`."
        assert found["infinite-score"].rows == (4,)
        assert all(finding.severity == "warning" and finding.fix for finding in found.values())

    def test_what_was_interpreted_is_said(self) -> None:
        found = self.found("4 stars", "3,5")
        assert {code: finding.severity for code, finding in found.items()} == {
            "words-in-score": "info",
            "decimal-comma": "info",
        }
        assert "`4 stars`" in found["words-in-score"].title

    def test_percent_signs_here_and_there(self) -> None:
        assert set(self.found("85 %", "70%")) == {"percent-sign"}
        mixed = self.found("85 %", "70%", "0.9")["some-percent-signs"]
        assert (mixed.severity, mixed.rows) == ("warning", (3,))

    def test_nothing_is_said_of_plain_numbers(self) -> None:
        assert self.found("1", "2.5") == {} == self.found(1, 2)

    def test_one_score_for_all_blocks(self) -> None:
        (error,) = score_findings.blocking("stars", np.array([3.0, 3.0]))
        assert (error.severity, error.title) == ("error", "Every score in `stars` is 3.")
        assert score_findings.blocking("stars", np.zeros(0))[0].code == "no-rows"
        assert score_findings.blocking("stars", np.array([3.0, 4.0])) == []

    def test_few_whole_scores_may_be_classes(self) -> None:
        values = np.array([0.0, 1.0, 2.0] * 5)
        (few,) = score_findings.spread_findings("label", values, np.arange(15))
        assert (few.code, few.severity) == ("few-scores", "info")
        assert score_findings.spread_findings("label", values / 2, np.arange(15)) == []

    def test_scores_far_from_all_others(self) -> None:
        values = np.array([*np.linspace(1, 5, 99), 400.0])
        (far,) = score_findings.spread_findings("stars", values, np.arange(1, 101))
        assert (far.code, far.rows, far.severity) == ("far-scores", (100,), "info")
        assert "up to 400" in far.title
        assert score_findings.spread_findings("stars", values[:-1], np.arange(1, 100)) == []

    def test_contradictions_and_copies(self) -> None:
        table = pa.table(
            {"text": ["a", "b", "a", "c", "b", "a"], "score": [1.0, 2.0, 4.0, 3.0, 2.0, 1.0], "row": [1, 2, 3, 4, 5, 7]}
        )
        found = {finding.code: finding for finding in score_findings.repetition_findings(table, ["text"])}
        assert found["contradictions"].rows == (1, 3, 7)
        assert "up to 3 apart" in found["contradictions"].title
        assert found["duplicates"].rows == (5, 7)
        pairs = table.append_column("text_pair", pa.array(["1", "2", "3", "4", "5", "6"]))
        assert score_findings.repetition_findings(pairs, ["text", "text_pair"]) == []


class TestAtAGlance:
    def test_ranges_have_round_ends_and_hold_every_score(self) -> None:
        values = np.random.default_rng(0).uniform(1, 5, 500)
        found = score_findings.ranges(values)
        assert [name for name, _ in found][:2] == ["1 to 1.5", "1.5 to 2"]
        assert sum(count for _, count in found) == 500

    @pytest.mark.parametrize(("low", "high"), [(0, 1), (-3.75, 3.55), (1e-5, 9e-5), (0, 987_654), (-1000, -10)])
    def test_about_eight_ranges_on_any_scale(self, low: float, high: float) -> None:
        ends = score_findings.edges(low, high)
        assert 5 <= len(ends) - 1 <= 12
        assert ends[0] <= low + 1e-12 and ends[-1] >= high - 1e-12
        assert np.allclose(np.diff(ends), ends[1] - ends[0])

    def test_few_scores_stand_one_by_one(self) -> None:
        assert score_findings.ranges(np.array([1.0, 2.0, 2.0, 2.5])) == (("1", 1), ("2", 2), ("2.5", 1))

    def test_groups_are_alike_in_size_and_in_order(self) -> None:
        values = np.random.default_rng(0).normal(size=200)
        groups = score_findings.quantile_groups(values)
        assert np.bincount(groups).tolist() == [20] * 10
        assert values[groups == 0].max() < values[groups == 9].min()
        assert set(score_findings.quantile_groups(np.array([1.0, 2.0]))) == {0}
        assert np.bincount(score_findings.quantile_groups(np.array([1.0] * 90 + [2.0] * 10))).min() > 0
