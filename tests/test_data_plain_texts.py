"""Tables of nothing but texts: what is found in them, and what is said of rows that teach little."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from core.data import plain_texts
from core.data.preview import preview
from core.data.types import Examples, Finding
from core.tasks import TASKS

TASKS_OF_TEXTS = ("masked-language-modeling", "causal-language-modeling")
LONG = "The lamp was lit at dusk and burned until the fog rose from the sea. " * 5


@pytest.fixture(params=TASKS_OF_TEXTS)
def task(request: pytest.FixtureRequest) -> Any:
    return TASKS[request.param]


def read(*texts: str | None) -> Examples:
    return TASKS["causal-language-modeling"].examples(pa.table({"log": list(texts)}), {"text": "log"}, None)


def the(code: str, found: Examples) -> Finding:
    return next(finding for finding in found.findings if finding.code == code)


def codes(found: Examples) -> set[str]:
    return {finding.code for finding in found.findings}


def entries(count: int) -> list[str]:
    return [f"{number}. {LONG}" for number in range(count)]


class TestGuess:
    def test_plain_text_is_for_these_tasks_and_filling_gaps_comes_first(self, tmp_path: Path) -> None:
        path = tmp_path / "log.txt"
        path.write_text("\n\n".join(entries(12)), encoding="utf-8")
        guesses = sorted(
            filter(None, (task.guess(preview(str(path))) for task in TASKS.values())), key=lambda g: -g.score
        )
        assert [guess.task for guess in guesses[:2]] == list(TASKS_OF_TEXTS)
        assert all(guess.columns == {"text": "text"} and guess.reasons["text"] for guess in guesses[:2])

    def test_lines_of_single_words_are_texts_too(self, task: Any, tmp_path: Path) -> None:
        path = tmp_path / "words.txt"
        path.write_text("oil\nflour\nonions\n" * 10, encoding="utf-8")
        assert task.guess(preview(str(path))) is not None

    def test_labels_leave_them_little_hope(self, task: Any, tmp_path: Path) -> None:
        alone, labelled = tmp_path / "alone.csv", tmp_path / "labelled.csv"
        rows = [(f'"{text}"', "fog" if number % 2 else "gale") for number, text in enumerate(entries(30))]
        alone.write_text("text\n" + "\n".join(text for text, _ in rows), encoding="utf-8")
        labelled.write_text("text,label\n" + "\n".join(map(",".join, rows)), encoding="utf-8")
        assert task.guess(preview(str(labelled))).score < task.guess(preview(str(alone))).score <= 0.3
        sorting = TASKS["text-classification"].guess(preview(str(labelled)))
        assert sorting is not None and sorting.score > task.guess(preview(str(labelled))).score

    def test_numbers_alone_are_nothing_to_read(self, task: Any, tmp_path: Path) -> None:
        path = tmp_path / "numbers.csv"
        path.write_text("a,b\n1,2\n3,4\n", encoding="utf-8")
        assert task.guess(preview(str(path))) is None


class TestExamples:
    def test_texts_are_cleaned_and_keep_their_rows(self) -> None:
        found = read("  one entry ", None, "another entry", " ")
        assert found.table["text"].to_pylist() == ["one entry", "another entry"]
        assert found.table["row"].to_pylist() == [1, 3]
        assert the("empty-text", found).rows == (2, 4)

    def test_enough_good_texts_need_no_word(self) -> None:
        assert codes(read(*entries(80))) == set()

    def test_little_text_is_said_with_what_to_expect(self) -> None:
        finding = the("little-text", read(*entries(12)))
        assert finding.severity == "warning" and "ten pages" in finding.title and finding.fix

    def test_a_few_long_documents_cannot_be_shared_out(self) -> None:
        found = read(*[LONG * 20] * 3)
        (error,) = found.errors
        assert error.title == "There are only 3 long texts." and "empty line" in error.fix

    def test_thirty_long_documents_can(self) -> None:
        assert not read(*[f"{number} {LONG * 20}" for number in range(30)]).errors

    def test_copies_are_counted_with_their_share(self) -> None:
        finding = the("duplicates", read("a fine night", "A fine night ", "a gale", "fog again"))
        assert (finding.count, finding.rows) == (1, (2,)) and "25 %" in finding.title

    def test_single_words_are_pointed_out(self) -> None:
        few = the("single-word", read("a fine night", None, "fog", "gale from the west"))
        assert (few.severity, few.rows) == ("info", (3,))
        assert the("single-word", read("oil", "flour", "two letters")).severity == "warning"

    def test_scripts_without_blanks_are_no_single_words(self) -> None:
        assert "single-word" not in codes(read("今夜は風が強い", "ฝนตกหนักมากในคืนนี้", "夜里有雾"))

    def test_no_text_at_all_is_an_error(self) -> None:
        assert [error.code for error in read(None, " ").errors] == ["no-text"]

    def test_a_million_rows_take_seconds(self) -> None:
        import time

        texts = pa.chunked_array([[f"entry {number} of a long log" for number in range(200_000)]] * 5)
        began = time.monotonic()
        found = plain_texts.examples(
            pa.table({"text": texts}), {"text": "text"}, TASKS["causal-language-modeling"].roles
        )
        assert the("duplicates", found).count == 800_000
        assert time.monotonic() - began < 60
