"""Text classification: what is guessed of a table, which rows can be used, and what is said of the others."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from core.data.types import Column, ColumnKind, Examples, Finding, Preview
from core.tasks import TASKS
from core.tasks.base import Context

TASK = TASKS["text-classification"]
ROWS = 1000


def column(
    name: str, kind: ColumnKind = "text", distinct: int = ROWS, examples: tuple[str, ...] = (), length: float = 0
) -> Column:
    examples = examples or ("the soup was cold today", "a kind waiter came late", "I will come again")
    length = length or sum(map(len, examples)) / len(examples)
    return Column(name, kind, 0, distinct, examples, length, int(length * 2))


def label(name: str, *values: str, distinct: int | None = None, kind: ColumnKind = "category") -> Column:
    return column(name, kind, distinct or len(values), values)


def guessed(*columns: Column, rows: int = ROWS) -> dict[str, str] | None:
    found = TASK.guess(Preview("table.csv", "table.csv", "csv", rows, 0, columns, ()))
    return found.columns if found else None


NUMBERS = ("1", "2", "3")
TOPIC = label("label", "DESC", "ENTY", "HUM", distinct=6)


class TestGuess:
    @pytest.mark.parametrize(
        ("columns", "expected"),
        [
            ([column("review"), label("sentiment", "good", "bad")], {"text": "review", "label": "sentiment"}),
            (
                [column("text"), TOPIC, label("fine_label", "DESC:def", "HUM:ind", distinct=47)],
                {"text": "text", "label": "label"},
            ),
            (
                [column("text"), label("label", "ham", "spam"), label("group", "hard", "easy")],
                {"text": "text", "label": "label"},
            ),
            (
                [column("text_a"), column("text_b"), column("score", "number", 40, ("4.5", "3.3")), TOPIC],
                {"text": "text_a", "text_pair": "text_b", "label": "label"},
            ),
            (
                [
                    column("id", "number", ROWS, NUMBERS),
                    column("idx", "number", ROWS, NUMBERS),
                    column("sentence1"),
                    column("sentence2"),
                    label("label", "0", "1", kind="number"),
                ],
                {"text": "sentence1", "text_pair": "sentence2", "label": "label"},
            ),
            (
                [column("premise"), column("hypothesis"), TOPIC],
                {"text": "premise", "text_pair": "hypothesis", "label": "label"},
            ),
            ([column("a column"), label("another", "x", "y")], {"text": "a column", "label": "another"}),
            ([column("Text"), label("isSpam", "True", "False", kind="boolean")], {"text": "Text", "label": "isSpam"}),
            ([column("comment"), label("rating", *NUMBERS, kind="number")], {"text": "comment", "label": "rating"}),
        ],
    )
    def test_finds_texts_and_label(self, columns: list[Column], expected: dict[str, str]) -> None:
        assert guessed(*columns) == expected
        assert guessed(*reversed(columns)) == expected

    @pytest.mark.parametrize(
        "other",
        [
            column("user_id", "number", 50, NUMBERS),
            column("date", "category", 30, ("2024-01-02", "2024-01-03")),
            column("url", "text", ROWS, ("https://example.org/a-long-path/one", "https://example.org/b")),
            label("split", "train", "test"),
            label("fold", "train", "validation"),
            column("score", "number", 30, ("0.25", "0.5")),
            column("year", "number", 8, ("2019", "2020")),
            column("email", "text", 900, ("somebody.with.a.name@example.org",)),
            column("file", "text", ROWS, ("folder/one/two/three/a_document.txt",)),
            column("tags", "list", 30, ("['a', 'b']",)),
            column("key", "text", ROWS, ("0f8fad5b-d9cb-469f-a165-70867728950e",)),
        ],
    )
    def test_other_columns_are_neither(self, other: Column) -> None:
        expected = {"text": "words", "label": "which"}
        assert guessed(other, column("words"), label("which", "a", "b", "c", "d", "e", distinct=12)) == expected

    def test_a_known_name_does_not_make_a_label_of_free_values(self) -> None:
        assert guessed(column("text"), column("target", distinct=980), label("kind", "a", "b")) == {
            "text": "text",
            "label": "kind",
        }

    def test_values_without_spaces_are_texts_if_they_are_long(self) -> None:
        chinese = column(
            "content", examples=("这部电影很好看我很喜欢它的音乐和画面我会再看一次这部电影很好看我很喜欢它的音乐",)
        )
        assert guessed(chinese, label("label", "好", "坏")) == {"text": "content", "label": "label"}

    def test_each_choice_has_its_reason(self) -> None:
        columns = (column("review", length=231), label("sentiment", "good", "bad"))
        found = TASK.guess(Preview("t", "t", "csv", 12752, 0, columns, ()))
        assert found and found.score > 0.5
        assert found.reasons == {
            "text": "`review` holds texts of 231 characters on average.",
            "label": "`sentiment` has 2 different values in 12,752 rows.",
        }

    def test_without_texts_it_does_not_fit(self) -> None:
        assert guessed(column("x", "number", 900, ("0.1", "0.2")), label("label", "a", "b")) is None
        assert guessed(column("messages", "list"), label("category", "AI", "food")) is None

    def test_without_classes_it_says_so_and_stands_back(self) -> None:
        preview = Preview(
            "t", "t", "csv", ROWS, 0, (column("text"), column("score", "number", 300, ("0.1", "2.5"))), ()
        )
        found = TASK.guess(preview)
        assert found and found.columns == {"text": "text"} and found.score < 0.3
        assert found.reasons["label"].startswith("No column has a handful of values")

    def test_a_label_with_one_class_is_still_recognised(self) -> None:
        found = TASK.guess(Preview("t", "t", "csv", ROWS, 0, (column("text"), label("label", "spam")), ()))
        assert found and found.columns["label"] == "label" and found.score < 0.3
        assert "one value only" in found.reasons["label"]


def examples(columns: dict[str, Any], **roles: str) -> Examples:
    return TASK.examples(pa.table(columns), {"text": "text", "label": "label"} | roles)


def finding(found: Examples, code: str) -> Finding:
    return next(finding for finding in found.findings if finding.code == code)


def texts(count: int) -> list[str]:
    return [f"text number {number}" for number in range(count)]


class TestExamples:
    def test_good_tables_have_no_findings(self) -> None:
        found = examples({"text": texts(20), "label": ["b", "a"] * 10})
        assert found.findings == ()
        assert found.table.column_names == ["text", "label", "row"]
        assert (found.target.labels, found.target.counts) == (("a", "b"), (10, 10))
        assert found.strata.tolist() == [1, 0] * 10
        assert found.table["row"].to_pylist() == list(range(1, 21))

    @pytest.mark.parametrize(
        ("values", "expected"),
        [
            ([10, 2, 1], ("1", "2", "10")),
            ([1, 0, -1], ("-1", "0", "1")),
            ([2.0, 10.0, 1.0], ("1", "2", "10")),
            (["1.0", "10.0", "2.0"], ("1", "2", "10")),
            (["1.0", "v10.0", "2.0"], ("1.0", "2.0", "v10.0")),
            (["10", "9", "8"], ("8", "9", "10")),
            (["class 10", "class 9", "Class 1"], ("Class 1", "class 9", "class 10")),
            ([True, False, True], ("False", "True")),
            ([0.5, 1.5, 0.5], ("0.5", "1.5")),
            (pa.array(["b", "a", "b"]).dictionary_encode(), ("a", "b")),
        ],
    )
    def test_values_of_any_kind_become_classes_in_a_natural_order(self, values: Any, expected: tuple[str, ...]) -> None:
        column = pa.chunked_array([values] * 10) if isinstance(values, pa.Array) else pa.array(values * 10)
        found = examples({"text": texts(30), "label": column})
        assert found.target.labels == expected
        assert found.table["label"].to_pylist() == [found.target.labels[code] for code in found.strata]

    def test_spaces_around_texts_and_labels_go_and_it_is_said(self) -> None:
        found = examples({"text": ["  a ", "b\n"] * 10, "label": ["x ", "y"] * 10})
        assert found.table["text"].to_pylist()[:2] == ["a", "b"]
        assert found.target.labels == ("x", "y")
        assert finding(found, "trimmed-label").count == 10

    def test_empty_texts_and_labels_are_left_out_counted_and_shown(self) -> None:
        values = texts(60)
        values[4], values[7] = "", "  "
        labels: list[str | None] = ["x", "y"] * 30
        labels[7], labels[9], labels[10] = None, None, " "
        found = examples({"text": values, "label": labels})
        empty_text, empty_label = finding(found, "empty-text"), finding(found, "empty-label")
        assert (empty_text.count, empty_text.rows) == (2, (5, 8))
        assert (empty_label.count, empty_label.rows) == (2, (10, 11))  # row 8 is counted once
        assert found.table.num_rows == 56 and 9 in found.table["row"].to_pylist()
        assert not {5, 8, 10, 11} & set(found.table["row"].to_pylist())

    def test_missing_numbers_are_empty_labels(self) -> None:
        found = examples({"text": texts(20), "label": pa.array([1.0, None, float("nan"), 0.0] * 5)})
        assert found.target.labels == ("0", "1") and finding(found, "empty-label").count == 10

    def test_at_most_twenty_rows_are_named(self) -> None:
        found = examples({"text": [""] * 50 + texts(20), "label": ["x", "y"] * 35})
        assert finding(found, "empty-text").count == 50
        assert finding(found, "empty-text").rows == tuple(range(1, 21))

    def test_pairs_need_both_texts(self) -> None:
        columns = {"text": texts(20), "other": ["", *texts(19)], "label": ["x", "y"] * 10}
        found = examples(columns, text_pair="other")
        assert found.table.column_names == ["text", "text_pair", "label", "row"]
        assert finding(found, "empty-text_pair").rows == (1,) and found.table.num_rows == 19

    def test_texts_may_be_numbers_and_categories(self) -> None:
        found = examples({"text": pa.array(texts(20)).dictionary_encode(), "label": pa.array([1, 2] * 10, pa.int8())})
        assert found.table["text"].to_pylist() == texts(20)
        assert examples({"text": list(range(20)), "label": [1, 2] * 10}).table["text"][3].as_py() == "3"


class TestErrors:
    @pytest.mark.parametrize(
        ("columns", "roles", "code"),
        [
            ({"text": texts(20), "label": ["x", "y"] * 10}, {"label": "nothing"}, "missing-column"),
            ({"text": texts(20), "label": ["x", "y"] * 10}, {"label": "text"}, "same-column"),
            ({"text": [["a"], ["b"]] * 10, "label": ["x", "y"] * 10}, {}, "nested-column"),
            ({"text": texts(20), "label": ["x"] * 20}, {}, "one-class"),
            ({"text": texts(20), "label": ["x"] * 10 + [""] * 10}, {}, "one-class"),
            ({"text": [""] * 20, "label": ["x", "y"] * 10}, {}, "no-rows"),
            ({"text": pa.nulls(20), "label": ["x", "y"] * 10}, {}, "no-rows"),
            ({"text": texts(20), "label": texts(20)}, {}, "too-many-classes"),
            ({"text": texts(4000), "label": [number % 1500 for number in range(4000)]}, {}, "too-many-classes"),
        ],
    )
    def test_what_cannot_be_learned_blocks_and_says_why(
        self, columns: dict[str, Any], roles: dict[str, str], code: str
    ) -> None:
        (error,) = examples(columns, **roles).errors
        assert error.code == code
        assert error.title and error.meaning and error.fix

    def test_a_role_without_a_column_is_asked_for(self) -> None:
        (error,) = TASK.examples(pa.table({"text": texts(4)}), {"text": "text"}).errors
        assert (error.code, error.role) == ("no-column", "label")

    def test_two_classes_may_be_many_for_very_few_rows(self) -> None:
        assert not examples({"text": texts(3), "label": ["x", "y", "x"]}).errors


class TestWarnings:
    def test_classes_that_occur_once_or_rarely_are_named(self) -> None:
        found = examples({"text": texts(64), "label": ["a", "b"] * 30 + ["once"] + ["few"] * 3})
        assert "`once`" in finding(found, "single-example").title
        assert "`few`" in finding(found, "few-examples").title

    def test_many_rare_classes_are_cut_short(self) -> None:
        found = examples({"text": texts(90), "label": ["a", "b"] * 40 + [f"rare {number}" for number in range(10)]})
        assert finding(found, "single-example").title.endswith("`rare 4` and 5 more.")

    def test_strong_imbalance_is_told_in_figures(self) -> None:
        found = examples({"text": texts(1100), "label": ["a"] * 1000 + ["b"] * 100})
        assert "`a` has 1,000 examples, `b` has 100" in finding(found, "imbalance").title
        assert not examples({"text": texts(100), "label": ["a"] * 80 + ["b"] * 20}).findings

    def test_copies_are_counted(self) -> None:
        found = examples({"text": [*texts(20), "text number 3", " text number 3 "], "label": ["x", "y"] * 11})
        copies = finding(found, "contradictions"), finding(found, "duplicates")
        assert copies[0].rows == (4, 21, 22)  # row 21 says x where rows 4 and 22 say y
        assert (copies[1].count, copies[1].rows) == (1, (22,))

    def test_pairs_are_copies_only_if_both_texts_are(self) -> None:
        columns = {"text": ["same"] * 20, "other": texts(20), "label": ["x", "y"] * 10}
        assert not examples(columns, text_pair="other").findings

    def test_few_copies_in_a_large_table_are_no_alarm(self) -> None:
        found = examples(
            {"text": [*texts(998), "text number 1", "text number 3"], "label": ["x", "y"] * 499 + ["y", "y"]}
        )
        assert finding(found, "duplicates").severity == "info"

    def test_labels_that_differ_only_in_capitals_are_named(self) -> None:
        found = examples({"text": texts(40), "label": ["Positive", "positive", "bad", "not  bad"] * 10})
        assert "`Positive` (10) and `positive` (10)" in finding(found, "similar-labels").title

    def test_texts_of_a_million_characters_are_noticed(self) -> None:
        found = examples({"text": [*texts(19), "a " * 600_000], "label": ["x", "y"] * 10})
        assert finding(found, "long-text").rows == (20,)

    def test_every_finding_says_what_it_means(self) -> None:
        found = examples(
            {
                "text": ["", "a " * 600_000, *texts(200), "text number 1", "text number 1"],
                "label": ["a", "", *["a"] * 150, *["b "] * 40, *["A"] * 7, *["c"] * 3, "once", "a"],
            }
        )
        assert len(found.findings) >= 7
        for one in found.findings:
            assert one.title.endswith(".") and one.meaning.endswith(".") and "  " not in one.title


def test_a_million_rows_take_seconds() -> None:
    import time

    rows = 1_000_000
    numbers = np.arange(rows)
    table = pa.table({"text": pa.array(numbers).cast(pa.large_string()), "label": pa.array(numbers % 7)})
    began = time.process_time()
    found = TASK.examples(table, {"text": "text", "label": "label"})
    assert found.table.num_rows == rows and time.process_time() - began < 15


def test_a_report_made_of_the_tasks_own_answers_can_be_written_and_shown() -> None:
    labels = ["good", "bad"] * 30
    found = examples({"text": [f"{label} {number}" for number, label in enumerate(labels)], "label": labels})
    train, test = found.table.slice(0, 40), found.table.slice(40)
    truth = found.strata[40:]
    logits = np.eye(2)[np.where(np.arange(20) < 3, 1 - truth, truth)] * 2
    context = Context(tokenizer=None, target=found.target, max_length=32, options=TASK.options())
    report = {
        "metrics": {"test": TASK.judge(logits, test, context)},
        "baselines": TASK.baselines(train, test, context, logits, None),
        "mistakes": TASK.mistakes(logits, test, context),
    }
    report["verdict"] = TASK.verdict(report)
    assert report == json.loads(json.dumps(report, allow_nan=False))
    assert report["verdict"].startswith("On 20 examples kept aside, the model was right 85 % of the time")
    assert set(TASK.metrics_of(logits, test, context)) == {metric.name for metric in TASK.metrics}
    assert [record["row"] for record in report["mistakes"]] == [41, 42, 43]
    drawn = {block.kind for block in TASK.sections(report)}
    assert drawn == {"scores", "table", "matrix", "examples", "curves", "threshold", "abstain"}


def test_the_main_metric_is_one_of_its_metrics() -> None:
    assert TASK.main_metric in [metric.name for metric in TASK.metrics]
    assert [role.name for role in TASK.inputs] == ["text", "text_pair"]
