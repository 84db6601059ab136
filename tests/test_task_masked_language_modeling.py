"""Filling gaps: what can be asked, what is learned from, what is answered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from core.config import validate
from core.data.types import Target
from core.errors import ConfigError, PredictionError
from core.models.causal import IGNORED
from core.prediction.inference import run_model
from core.tasks import TASKS
from core.tasks.base import Context

TASK = TASKS["masked-language-modeling"]
TEXTS = ["the soup was cold and the waiter was rude", "warm bread", "great phone, the battery lasts two days " * 6]


@pytest.fixture
def context(tiny_bert: Path) -> Context:
    return context_of(tiny_bert)


def context_of(folder: Path, **options: Any) -> Context:
    tokenizer, _ = TASK.load_tokenizer(str(folder), None)
    return Context(tokenizer, Target(), 32, TASK.options(**options))


@pytest.fixture
def model(tiny_bert: Path, context: Context) -> Any:
    return TASK.build_model(str(tiny_bert), context).model


class TestQuestions:
    def test_only_texts_with_a_gap_can_be_asked(self) -> None:
        table = pa.table({"note": ["the ___ was cold", "no gap here", None, "a [mask] phone", "two __ only"]})
        asked = TASK.questions(table, {"text": "note"})
        assert list(asked.usable) == [0, 3]
        assert asked.columns["text"][0] == "the ___ was cold"

    def test_a_gap_can_be_asked_by_its_own_role(self, model: Any, context: Context) -> None:
        output = run_model(model, TASK, context, {"gapped": ["the ___ was cold"]}, "predict")
        (answer,) = TASK.answers(output.rows, context)
        assert answer["text"] == "the ___ was cold" and len(answer["masks"]) == 1
        assert answer["filled"] == f"the {answer['masks'][0][0]['token']} was cold"

    def test_without_a_gap_it_is_said_what_to_write(self, context: Context) -> None:
        with pytest.raises(PredictionError, match="no gap"):
            TASK.encode({"gapped": ["the soup was cold"]}, context, "predict")

    def test_examples_bring_a_gap_to_try(self) -> None:
        found = TASK.examples(pa.table({"text": [*TEXTS, None]}), {"text": "text"}, None)
        assert found.table["gapped"].to_pylist()[0] == "the soup was ___ and the waiter was rude"
        assert all("___" in text for text in found.table["gapped"].to_pylist())
        assert TASK.asked[0].name == "gapped"

    def test_gaps_of_all_pieces_come_in_order(self, model: Any, context: Context) -> None:
        text = f"the ___ {'was cold ' * 30} a ___ phone"
        (answer,) = TASK.answers(run_model(model, TASK, context, {"text": [text]}, "predict").rows, context)
        assert len(answer["masks"]) == 2 and "___" not in answer["filled"]
        columns = TASK.answer_columns([answer])
        best = [mask[0]["token"] for mask in answer["masks"]]
        assert columns == {"filled": [answer["filled"]], "words": [", ".join(best)]}


class TestLearning:
    def test_long_texts_are_read_in_pieces_and_nothing_is_lost(self, context: Context) -> None:
        pieces = TASK.encode({"text": TEXTS}, context, "train")
        assert pieces["row"][:2] == [0, 1] and pieces["row"].count(2) >= 2
        lengths = [len(context.tokenizer(text)["input_ids"]) for text in TEXTS]
        assert TASK.features(lengths, 32, TASK.options()) == [len(ids) for ids in pieces["input_ids"]]

    def test_judged_texts_are_never_put_together(self, tiny_bert: Path) -> None:
        context = context_of(tiny_bert, group_texts=True)
        assert TASK.encode({"text": ["warm bread", "soup"]}, context, "evaluate")["row"] == [0, 1]
        assert TASK.encode({"text": ["warm bread", "soup"]}, context, "train")["row"] == [0]

    def test_the_hidden_share_counts_for_learning_alone(self, tiny_bert: Path) -> None:
        pieces = TASK.encode({"text": TEXTS[2:]}, context_of(tiny_bert), "evaluate")
        piece = {name: pieces[name][0] for name in ("input_ids", "attention_mask")}

        def hidden(purpose: Any, **options: Any) -> int:
            labels = TASK.collator(context_of(tiny_bert, **options), purpose)([piece])["labels"]
            return int(labels.ne(IGNORED).sum())

        assert hidden("evaluate") == hidden("evaluate", mlm_probability=0.6) < hidden("train", mlm_probability=0.6)

    def test_two_checks_of_one_model_say_the_same(self, model: Any, tiny_bert: Path) -> None:
        rows: dict[str, list[Any]] = {"text": TEXTS, "row": [1, 2, 3]}
        losses = [
            run_model(model, TASK, Context(c.tokenizer, c.target, 32, c.options, seed), rows, "evaluate").loss
            for seed, c in ((1, context_of(tiny_bert)), (2, context_of(tiny_bert)))
        ]
        assert losses[0] == losses[1]

    def test_a_row_without_known_tokens_is_judged_by_nothing(self, model: Any, context: Context) -> None:
        outputs = run_model(model, TASK, context, {"text": ["漢", "warm bread"], "row": [1, 2]}, "evaluate").rows
        judged = TASK.judge(outputs, pa.table({"text": ["漢", "warm bread"], "row": [1, 2]}), context)
        assert judged["rows"] == 2 and judged["tokens"] == 1
        predictions, references = TASK.comparable(outputs, None, context)
        assert len(predictions) == len(references) == 1

    def test_a_share_of_nothing_or_everything_is_refused(self) -> None:
        with pytest.raises(ConfigError):
            validate({"task": TASK.id, "data": {"source": "x.txt"}, "options": {"mlm_probability": 0}})
