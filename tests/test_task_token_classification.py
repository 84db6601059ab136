"""Names and parts in texts: what is guessed of a table, which rows can be used, and a model that learns to mark."""

from __future__ import annotations

import json
import random
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from core import events, runs
from core.config import validate
from core.data.preview import preview
from core.data.types import Examples, Guess
from core.prediction.files import predict_file
from core.prediction.predictor import Predictor
from core.tasks import TASKS
from core.tasks.base import Task

TASK: Task = TASKS["token-classification"]


@pytest.fixture(autouse=True)
def _own_termination() -> Iterator[None]:
    """A run takes over the termination signal of its process; here that is the tests' own."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def guessed(tmp_path: Path, name: str, text: str) -> Guess | None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return TASK.guess(preview(str(path)))


def lines(*records: dict[str, Any]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


SENTENCES = (
    (["Anna", "sings", "in", "Rome"], ["B-PER", "O", "O", "B-LOC"]),
    (["We", "saw", "New", "York"], ["O", "O", "B-LOC", "I-LOC"]),
    (["Nobody", "came"], ["O", "O"]),
)
LONG = ([f"word{number}" for number in range(60)], ["O", "B-LOC", "I-LOC"] * 20)


class TestGuess:
    def test_lists_of_words_and_tags(self, tmp_path: Path) -> None:
        text = lines(*({"id": 1, "tokens": words, "ner_tags": tags} for words, tags in SENTENCES))
        found = guessed(tmp_path, "a.jsonl", text)
        assert found and found.columns == {"tokens": "tokens", "tags": "ner_tags"} and found.score >= 0.9
        assert "`B-LOC`" in found.reasons["tags"]

    def test_sentences_too_long_to_be_shown_whole(self, tmp_path: Path) -> None:
        text = lines(*({"words": LONG[0], "labels": LONG[1]} for _ in range(3)))
        found = guessed(tmp_path, "a.jsonl", text)
        assert found and found.columns == {"tokens": "words", "tags": "labels"}

    def test_numbers_and_parts_of_speech_are_told_by_their_names(self, tmp_path: Path) -> None:
        many = SENTENCES * 4
        numbers = lines(*({"tokens": words, "ner_tags": [len(tag) % 3 for tag in tags]} for words, tags in many))
        found = guessed(tmp_path, "a.jsonl", numbers)
        assert found and found.columns == {"tokens": "tokens", "tags": "ner_tags"} and found.score >= 0.5
        speech = lines(*({"words": words, "upos": ["NOUN", "VERB"] * (len(words) // 2)} for words, _ in many))
        found = guessed(tmp_path, "b.jsonl", speech)
        assert found and found.columns == {"tokens": "words", "tags": "upos"}

    @pytest.mark.parametrize("write", [json.dumps, repr, " ".join])
    def test_lists_in_cells_of_a_csv(self, tmp_path: Path, write: Any) -> None:
        quoted = [['"' + write(cell).replace('"', '""') + '"' for cell in pair] for pair in SENTENCES * 4]
        found = guessed(tmp_path, "a.csv", "\n".join(["sentence;tags", *map(";".join, quoted)]))
        assert found and found.columns == {"tokens": "sentence", "tags": "tags"}

    def test_conll(self, tmp_path: Path) -> None:
        text = "\n\n".join(
            "\n".join(f"{word}\t{tag}" for word, tag in zip(words, tags, strict=True)) for words, tags in SENTENCES * 8
        )
        found = guessed(tmp_path, "a.conll", text)
        assert found and found.columns == {"tokens": "tokens", "tags": "tags"}

    @pytest.mark.parametrize(
        ("name", "marks"),
        [
            ("spans", [{"start": 0, "end": 4, "label": "PER"}]),
            ("entities", [{"id": 1, "start_offset": 0, "end_offset": 4, "label": "PER"}]),
            ("label", [[0, 4, "PER"]]),
            ("labels", "[(0, 4, 'PER')]"),
            ("annotations", "[{'start': 0, 'end': 4, 'label': 'PER'}]"),
        ],
    )
    def test_texts_and_marks(self, tmp_path: Path, name: str, marks: Any) -> None:
        records = [{"id": n, "text": f"Anna sings in Rome for the {n}th time", name: marks} for n in range(5)]
        found = guessed(tmp_path, "a.jsonl", lines(*records, {"id": 9, "text": "Nobody came to the show", name: []}))
        assert found and found.columns == {"text": "text", "spans": name} and found.score >= 0.9

    @pytest.mark.parametrize(
        "record",
        [
            {"text": "Anna sings in Rome", "label": "music"},
            {"text": "Anna sings in Rome", "labels": ["music", "travel"]},
            {"question": "Who sings?", "context": "Anna sings.", "answers": {"text": ["Anna"], "answer_start": [0]}},
            {"messages": [{"role": "user", "content": "Who sings?"}, {"role": "assistant", "content": "Anna."}]},
            {"en": "Anna sings in Rome", "fr": "Anna chante bien fort"},
        ],
    )
    def test_other_tables_are_not_taken_for_it(self, tmp_path: Path, record: dict[str, Any]) -> None:
        assert guessed(tmp_path, "a.jsonl", lines(*[record] * 5)) is None


def examples(tokens: list[Any], tags: list[Any]) -> Examples:
    return TASK.examples(pa.table({"t": tokens, "y": tags}), {"tokens": "t", "tags": "y"}, TASK.options())


def codes(found: Examples) -> dict[str, tuple[int, ...]]:
    return {finding.code: finding.rows for finding in found.findings}


class TestExamples:
    def test_tags_in_order_with_types_for_people(self) -> None:
        found = examples([["a", "b", "c"]] * 8, [["B-Y", "I-Y", "O"], ["B-X10", "B-X2", "O"]] * 4)
        assert found.target.labels == ("O", "B-X2", "B-X10", "B-Y", "I-Y")
        assert found.target.shown == (("X2", 4), ("X10", 4), ("Y", 4))
        assert found.members.tolist()[0] == [True, False, False, True, True]
        assert found.table.column_names == ["tokens", "tags", "text", "row"]
        assert found.table["text"][0].as_py() == "a b c"

    def test_the_rarest_tag_shares_a_row_out(self) -> None:
        found = examples([["a", "b"]] * 9, [["B-X", "O"]] * 8 + [["B-X", "B-Y"]])
        assert [found.target.labels[place] for place in found.strata] == ["B-X"] * 8 + ["B-Y"]
        assert codes(found).keys() >= {"single-type"}

    def test_the_same_sentence_with_other_tags_is_counted(self) -> None:
        found = examples([["a", "b"], ["a", "b"], ["c"]], [["O", "B-X"], ["B-X", "O"], ["O"]])
        assert codes(found)["contradictions"] == (1, 2)

    @pytest.mark.parametrize(
        ("tokens", "tags", "code"),
        [
            ([["a", "b"]], [["O"]], "no-rows"),
            ([["a"], ["b"]], [["O"], ["O"]], "one-tag"),
            ([[str(n)] for n in range(1200)], [[f"B-{n}"] for n in range(1200)], "too-many-tags"),
        ],
    )
    def test_what_cannot_be_learned_is_an_error(self, tokens: Any, tags: Any, code: str) -> None:
        assert [finding.code for finding in examples(tokens, tags).errors] == [code]

    def test_half_a_way_is_not_enough(self) -> None:
        table = pa.table({"t": [["a"]], "x": ["a"]})
        assert TASK.examples(table, {"tokens": "t"}, TASK.options()).errors[0].role == "tags"
        assert TASK.examples(table, {"text": "x"}, TASK.options()).errors[0].role == "spans"

    def test_questions_are_texts_as_they_are_or_lists(self) -> None:
        table = pa.table({"x": ["  New York ", " ", None], "t": ['["a", "b"]', "", "c d"]})
        texts = TASK.questions(table, {"text": "x"})
        assert texts.columns["text"][0] == "  New York " and texts.usable == [0]
        words = TASK.questions(table, {"tokens": "t"})
        assert words.columns["tokens"] == [["a", "b"], [], ["c", "d"]] and words.usable == [0, 2]


PLACES = ("film", "soup", "phone", "parcel", "waiter", "bread", "box", "bill")
FILLERS = ("my", "great", "late", "and", "was", "cold")


def made_up(count: int) -> list[dict[str, Any]]:
    """What stands after "the" is a THING."""
    chance, rows = random.Random(1), []
    for number in range(count):
        thing = chance.choice(PLACES)
        before = " ".join(chance.choices(FILLERS, k=chance.randint(1, 9)))
        text = f"{before} the {thing} was {number % 10} {' '.join(chance.choices(FILLERS, k=number % 2))}"
        start = len(before) + 5
        rows.append({"text": text, "spans": [{"start": start, "end": start + len(thing), "label": "THING"}]})
    return rows


@pytest.mark.slow
def test_it_learns_to_mark_and_answers_in_the_form_it_is_asked(tiny_bert: Path, tmp_path: Path) -> None:
    import transformers

    from core.training import job

    path = tmp_path / "things.jsonl"
    path.write_text(lines(*made_up(400)), encoding="utf-8")
    config = validate(
        {
            "task": TASK.id,
            "data": {"source": str(path), "columns": {"text": "text", "spans": "spans"}},
            "model": {"checkpoint": str(tiny_bert)},
            "training": {"num_train_epochs": 12, "learning_rate": 5e-3, "max_length": 16},
        }
    )
    run = runs.create(config)
    log = events.EventLog(run.events_path)
    job.train(run, log)
    log.close()
    assert run.report and run.report["metrics"]["test"]["f1_micro"] > 0.95
    assert run.report["verdict"].startswith("In 40 texts kept aside")
    text = "cold the soup was 3 late and " * 5
    predictor = Predictor(run)
    (answer,) = predictor.answers({"text": [text]})
    assert [text[span["start"] : span["end"]] for span in answer["spans"]] == ["soup"] * 5, "in windows, too"
    pipe = transformers.pipeline("token-classification", model=str(run.model_path), aggregation_strategy="simple")
    groups = pipe("my great the soup was 3")
    assert [(one["entity_group"], one["start"], one["end"]) for one in groups] == [("THING", 13, 17)]
    asked = tmp_path / "asked.jsonl"
    asked.write_text(lines({"text": "my cold the soup"}, {"text": ""}), encoding="utf-8")
    reply = predict_file(predictor, str(asked), tmp_path / "answered.jsonl", lambda done, total: None)
    assert (reply["rows"], reply["skipped"], reply["columns"]) == (2, 1, ["tags", "entities"])
    assert "soup" in reply["head"][0]["entities"]
