"""Multi-label classification: what is guessed of a table, which rows can be used, and how answers are given."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from core.data.types import Column, ColumnKind, Examples, Finding, Preview, Target
from core.errors import TrainingError
from core.tasks import TASKS
from core.tasks.base import Context

TASK = TASKS["multi-label-classification"]
ROWS = 1000
WORDY = ("the soup was cold today", "a kind waiter came late", "I will come again")
TARGET = Target(("a", "b", "c"), (4, 4, 4))


def column(
    name: str, *examples: str, kind: ColumnKind = "text", distinct: int = ROWS, fields: tuple[str, ...] = ()
) -> Column:
    shown = examples or WORDY
    return Column(name, kind, 0, distinct, shown, sum(map(len, shown)) / len(shown), 200, fields)


def flag(name: str, *examples: str) -> Column:
    return column(name, *(examples or ("0", "1")), kind="number", distinct=2)


TAGS = ("sport|news", "news", "music|sport", "music", "sport", "news|music|sport")


def guessed(*columns: Column, head: tuple[dict[str, str], ...] = ()) -> tuple[Any, float] | None:
    found = TASK.guess(Preview("t.csv", "t.csv", "csv", ROWS, 0, columns, head))
    return (found.columns, round(found.score, 2)) if found else None


class TestGuess:
    @pytest.mark.parametrize(
        ("labels", "least"),
        [
            (column("tags", *TAGS), 0.9),
            (column("things", *TAGS), 0.7),
            (column("things", *(tag.replace("|", ", ") for tag in TAGS)), 0.5),
            (column("genres", "Drama, Crime", "Comedy", "Western, War", kind="category", distinct=90), 0.9),
            (column("labels", '["a", "b"]', '["c"]', "[]"), 0.9),
            (column("x", "<python><pandas>", "<java>", "<python><java>"), 0.7),
            (column("topics", '["a"]', kind="list", fields=("string",)), 0.9),
            (column("y", '["a"]', kind="list", fields=("string",)), 0.6),
            (column("labels", "[1, 2]", kind="list", fields=("number",)), 0.9),
        ],
    )
    def test_one_column_of_labels(self, labels: Column, least: float) -> None:
        found = guessed(column("id", "1", "2", kind="number"), labels, column("text"))
        assert found and found[0] == {"text": "text", "labels": labels.name} and found[1] > least

    def test_columns_that_say_yes_or_no(self) -> None:
        flags = [flag("toxic"), flag("insult", "False", "True"), flag("threat", "no", "yes")]
        others = (column("id", "1", "2", kind="number"), column("split", "train", "test", kind="category", distinct=2))
        assert guessed(column("comment"), *flags, *others) == (
            {"text": "comment", "labels": ("toxic", "insult", "threat")},
            0.95,
        )
        two = guessed(column("comment"), *flags[:2])
        assert two and two[1] < 0.5
        assert guessed(column("comment"), flag("spam")) is None

    @pytest.mark.parametrize(
        "other",
        [
            column("label", "good", "bad", kind="category", distinct=2),
            column("summary", "A quiet film, and a good one.", "Late, cold and broken.", "No, thank you, not again."),
            column("tokens", '["the", "soup"]', kind="list", fields=("string",)),
            column("messages", "[]", kind="list", fields=("role", "content")),
            column("vector", "[0.1, 0.2]", kind="list", fields=("number",)),
            column("numbers", "1;2", "3;4", "5;6", "1;6"),
            column("place", "Ulm, Germany", "Rome, Italy", "Oslo, Norway"),
        ],
    )
    def test_other_columns_are_no_labels(self, other: Column) -> None:
        assert guessed(column("text"), other) is None

    def test_words_and_their_tags_are_another_matter(self) -> None:
        lists = [column(name, '["a"]', kind="list", fields=("string",)) for name in ("tokens", "ner_tags")]
        found = guessed(column("sentence"), *lists)
        assert found and found[1] <= 0.3

    def test_without_a_text_it_does_not_fit(self) -> None:
        assert guessed(column("tags", *TAGS)) is None


# --- Rows ------------------------------------------------------------------------------------------------------------


def texts(count: int) -> list[str]:
    return [f"text number {number}" for number in range(count)]


def examples(labels: Any, **more: Any) -> Examples:
    return TASK.examples(
        pa.table({"text": texts(len(labels)), "labels": labels} | more), {"text": "text", "labels": "labels"}
    )


def finding(found: Examples, code: str) -> Finding:
    return next(finding for finding in found.findings if finding.code == code)


def codes(found: Examples) -> set[str]:
    return {finding.code for finding in found.findings}


LABELS = ["a|b", "b", "c|a", "b|c"] * 6


class TestExamples:
    def test_good_tables_are_only_told_how_they_were_read(self) -> None:
        found = examples(LABELS)
        assert codes(found) == {"labels-form"} and "“|”" in finding(found, "labels-form").title
        assert (found.target.labels, found.target.counts) == (("a", "b", "c"), (12, 18, 12))
        assert found.table["labels"].to_pylist()[:3] == [["a", "b"], ["b"], ["a", "c"]]
        assert found.members.tolist()[:2] == [[True, True, False], [False, True, False]]

    def test_rows_are_shared_out_by_their_rarest_label(self) -> None:
        found = examples(["a|b", "b", "", "b|c"] + ["b"] * 20 + ["a"] * 3)
        assert found.strata.tolist()[:4] == [0, 1, 3, 2]

    def test_rows_without_a_label_are_learned_from_and_it_is_said(self) -> None:
        found = examples(["", None, *LABELS])
        said = finding(found, "no-label")
        assert (said.severity, said.count, said.rows) == ("info", 2, (1, 2))
        assert found.table.num_rows == 26 and found.table["labels"].to_pylist()[:2] == [[], []]

    def test_labels_that_cannot_be_read_are_left_out(self) -> None:
        found = examples(['["a", "b"]', '["b"'] + ['["a"]', '["b"]'] * 8)
        said = finding(found, "unreadable-labels")
        assert (said.count, said.rows) == (1, (2,)) and said.fix
        assert found.table["row"].to_pylist()[:2] == [1, 3] and found.table.num_rows == 17

    def test_columns_of_yes_and_no(self) -> None:
        table = pa.table({"t": texts(12), "x": [1, 0, None] * 4, "y": ["yes", "maybe", "no"] * 4, "z": [0] * 12})
        found = TASK.examples(table, {"text": "t", "labels": ("x", "y", "z")})
        assert finding(found, "unreadable-labels").rows == (2, 5, 8, 11)
        assert finding(found, "unknown-labels").rows == (3, 6, 9, 12)
        assert "`z`" in finding(found, "label-never-given").title
        assert found.target.labels == ("x", "y") and found.table.num_rows == 4

    def test_empty_texts_are_left_out(self) -> None:
        table = pa.table({"text": ["", *texts(19)], "labels": (LABELS * 2)[:20]})
        found = TASK.examples(table, {"text": "text", "labels": "labels"})
        assert finding(found, "empty-text").rows == (1,) and found.table["row"][0].as_py() == 2

    def test_rare_alike_and_everlasting_labels_are_named(self) -> None:
        found = examples([f"{labels}|Always|always" for labels in LABELS] + ["d|Always|always"])
        assert "`d`" in finding(found, "few-examples").title
        assert "`Always`" in finding(found, "label-everywhere").title
        assert "`Always` (25) and `always` (25)" in finding(found, "similar-labels").title

    def test_one_label_a_row_fits_another_task_better(self) -> None:
        assert "exactly one class" in finding(examples(["a", "b"] * 10), "one-label-a-row").meaning

    def test_equal_texts_with_other_labels_are_contradictions(self) -> None:
        table = pa.table({"text": [*texts(22), "text number 0", "text number 1"], "labels": [*LABELS[:22], "a", "b"]})
        found = TASK.examples(table, {"text": "text", "labels": "labels"})
        assert (
            finding(found, "contradictions").rows == (1, 23) and "same labels" in finding(found, "contradictions").fix
        )
        assert finding(found, "duplicates").rows == (24,)

    @pytest.mark.parametrize(
        ("labels", "code"),
        [
            ([""] * 12, "no-labels"),
            (["a"] * 12, "one-label"),
            (["a", ""] * 6, "one-label"),
            ([[{"name": "a"}]] * 12, "no-labels"),
            ([f"{number}a|{number}b" for number in range(12)], "too-many-labels"),
            (['["a"'] * 3 + ['["a"]'] * 20, "one-label"),
        ],
    )
    def test_what_cannot_be_learned_blocks_and_says_why(self, labels: list[Any], code: str) -> None:
        (error,) = examples(labels).errors
        assert error.code == code and error.title and error.meaning and error.fix

    def test_a_role_without_a_column_is_asked_for(self) -> None:
        (error,) = TASK.examples(pa.table({"text": texts(4)}), {"text": "text"}).errors
        assert (error.code, error.role) == ("no-column", "labels")

    def test_every_finding_says_what_it_means(self) -> None:
        found = examples(['["a", "B"]', "", '["a"', *['["a", "b"]', '["c"]'] * 9, '["d"]'])
        assert len(found.findings) >= 5
        for one in found.findings:
            assert one.title.endswith(".") and one.meaning.endswith(".") and "  " not in one.title + one.meaning


# --- Answers ---------------------------------------------------------------------------------------------------------


def context(tokenizer: Any = None, **learned: Any) -> Context:
    return Context(tokenizer, TARGET, 16, TASK.options(), learned=learned)


def table_of(*labels: list[str]) -> Any:
    kind = pa.large_list(pa.large_string())
    return pa.table(
        {"text": texts(len(labels)), "labels": pa.array(labels, kind), "row": list(range(1, len(labels) + 1))}
    )


def test_rows_become_numbers_of_labels_and_zeros_and_ones(tiny_bert: Path) -> None:
    from transformers import AutoTokenizer

    here = context(AutoTokenizer.from_pretrained(tiny_bert))
    encoded = TASK.encode(table_of(["c", "a"], [], ["b"]).to_pydict(), here, "train")
    assert encoded["label_numbers"] == [[2, 0], [-1], [1]] and "labels" not in TASK.encode(
        {"text": ["x"]}, here, "predict"
    )
    pieces = [{name: encoded[name][row] for name in TASK.model_inputs if name in encoded} for row in range(3)]
    batch = TASK.collator(here, "train")(pieces)
    assert batch["labels"].tolist() == [[1.0, 0.0, 1.0], [0.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    assert int(TASK.loss.items(batch)) == 3


def test_thresholds_are_chosen_on_validation_and_decide() -> None:
    truth = [["a"], ["a", "b"], ["b"], [], ["c"], ["a", "c"]] * 4
    logits = np.where(np.array([[name in row for name in "abc"] for row in truth]), -1.0, -3.0)
    table = table_of(*truth)
    learned = TASK.tune(logits, table, context())
    assert json.loads(json.dumps(learned)) == learned and all(0.04 < limit < 0.3 for limit in learned["thresholds"])
    assert TASK.judge(logits, table, context())["f1_micro"] == 0  # nothing reaches a half
    judged = TASK.judge(logits, table, context(**learned))
    assert judged["f1_micro"] == judged["subset_accuracy"] == 1 and judged["hamming"] == 0
    assert TASK.metrics_of(logits, table, context())["f1_micro"] == 1  # live, with thresholds that suit these rows
    given = TASK.answers(logits, context(**learned))
    assert [set(record["labels"]) for record in given] == [set(row) for row in truth]
    predictions, references = TASK.comparable(logits, table, context(**learned))
    assert (predictions == references).all()


def test_an_answer_has_labels_scores_and_thresholds() -> None:
    (record,) = TASK.answers(np.array([[0.0, 3.0, -3.0]]), context(thresholds=[0.6, 0.5, 0.01]))
    assert record["labels"] == ["b", "c"] and list(record["scores"]) == ["b", "a", "c"]
    assert record["scores"]["a"] == pytest.approx(0.5) and record["thresholds"] == {"a": 0.6, "b": 0.5, "c": 0.01}
    columns = TASK.answer_columns([record])
    assert columns["prediction"] == [["b", "c"]]
    assert json.loads(columns["probabilities"][0]) == pytest.approx({"b": 0.9526, "a": 0.5, "c": 0.0474})
    with pytest.raises(TrainingError, match="not a number"):
        TASK.answers(np.array([[np.nan, 0, 0]]), context())


def test_a_report_made_of_the_tasks_own_answers_can_be_written_and_shown() -> None:
    rows = [["a"], ["b"], ["a", "c"], []] * 30
    words = [" ".join([*row, "and"]) + f" {number}" for number, row in enumerate(rows)]
    table = table_of(*rows).set_column(0, "text", pa.array(words, pa.large_string()))
    train, test = table.slice(0, 80), table.slice(80)
    truth = np.array([[name in row for name in "abc"] for row in rows[80:]])
    logits = np.where(truth, 2.0, -2.0)
    logits[0], logits[2, 2] = [-4.0, 4.0, -2.0], -0.5
    here = context(thresholds=[0.5, 0.5, 0.5])
    report: dict[str, Any] = {
        "metrics": {"test": TASK.judge(logits, test, here)},
        "baselines": TASK.baselines(train, test, here, logits, None),
        "mistakes": TASK.mistakes(logits, test, here),
    }
    report["verdict"] = TASK.verdict(report)
    assert report == json.loads(json.dumps(report, allow_nan=False))
    assert {metric.name for metric in TASK.metrics} <= set(report["metrics"]["test"])
    assert report["verdict"].startswith(
        "On 40 examples kept aside, the model found 95 % of the labels, and 97 % of those"
    )
    assert "clearly better than always giving the most common labels" in report["verdict"]
    assert [(record["row"], record["missed"], record["extra"]) for record in report["mistakes"]] == [
        (81, ["a"], ["b"]),
        (83, ["c"], []),
    ]
    blocks = TASK.sections(report)
    kinds = [block.kind for block in blocks]
    assert kinds == ["scores", "table", "examples", "curves", "table", "threshold", "curves", "curves"]
    assert [column["label"] for column in blocks[0].content["columns"]][1:] == [
        "Always the most common labels",
        "Word counting",
    ]
    counting, common = (report["baselines"][name] for name in ("tfidf_one_vs_rest", "common_labels"))
    assert counting["f1_micro"] > 0.9 > common["f1_micro"] > 0.4 and common["answer"] == ["a"]


def test_a_model_that_gives_nothing_is_told_so() -> None:
    table = table_of(["a"], ["b"])
    report = {"metrics": {"test": TASK.judge(np.full((2, 3), -5.0), table, context())}}
    assert "gave no label at all" in TASK.verdict(report) and "So few examples (2)" in TASK.verdict(report)
    assert TASK.verdict({"metrics": {}}).startswith("There were no examples")


def test_the_main_metric_is_one_of_its_metrics() -> None:
    assert TASK.main_metric in [metric.name for metric in TASK.metrics] and TASK.output == "labels"
