"""Writing on: what is learned from, what is judged, and how a beginning goes on."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from core.data.types import Target
from core.errors import PredictionError
from core.models import blocks
from core.prediction.generation import Knobs
from core.prediction.inference import run_model
from core.tasks import TASKS
from core.tasks.base import Context

TASK = TASKS["causal-language-modeling"]
TEXTS = ["the soup was cold and the waiter was rude", "warm", "great phone, the battery lasts two days " * 6]


def context_of(folder: Path, **options: Any) -> Context:
    tokenizer, _ = TASK.load_tokenizer(str(folder), None)
    return Context(tokenizer, Target(), 32, TASK.options(**options))


@pytest.fixture
def context(tiny_llama: Path) -> Context:
    return context_of(tiny_llama)


@pytest.fixture
def model(tiny_llama: Path, context: Context) -> Any:
    return TASK.build_model(str(tiny_llama), context).model


class TestLearning:
    def test_texts_are_put_together_for_learning_alone(self, context: Context) -> None:
        end = context.tokenizer.eos_token_id
        (first, *_) = TASK.encode({"text": TEXTS[:2]}, context, "train")["input_ids"]
        assert first[0] == end and first.count(end) > 1
        judged = TASK.encode({"text": TEXTS}, context, "evaluate")
        assert judged["row"][:2] == [0, 1] and judged["row"].count(2) > 1
        assert all(ids.count(end) <= 1 for ids in judged["input_ids"])

    def test_by_itself_each_text_learns_to_end(self, tiny_llama: Path) -> None:
        context = context_of(tiny_llama, group_texts=False)
        end = context.tokenizer.eos_token_id
        pieces = TASK.encode({"text": TEXTS}, context, "train")
        assert pieces["input_ids"][0][0] == pieces["input_ids"][0][-1] == end

    def test_how_many_pieces_is_known_before(self, context: Context) -> None:
        lengths = [len(ids) + 1 for ids in blocks.token_ids(context.tokenizer, TEXTS)]
        pieces = TASK.encode({"text": TEXTS}, context, "train")["input_ids"]
        assert abs(len(TASK.features(lengths, 32, context.options)) - len(pieces)) <= 1

    def test_each_token_is_judged_once_whatever_the_length(self, model: Any, context: Context) -> None:
        table = pa.table({"text": TEXTS, "row": [1, 2, 3]})
        found = TASK.judge(run_model(model, TASK, context, table.to_pydict(), "evaluate").rows, table, context)
        assert found["tokens"] == sum(map(len, blocks.token_ids(context.tokenizer, TEXTS)))
        assert found["_tokens"].min() >= 1

    def test_logits_of_a_few_pieces_at_a_time_say_the_same(
        self, model: Any, context: Context, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import torch

        pieces = TASK.encode({"text": TEXTS}, context, "evaluate")
        batch = TASK.collator(context, "evaluate")(
            [{name: pieces[name][place] for name in ("input_ids", "labels")} for place in range(len(pieces["row"]))]
        )
        with torch.inference_mode():
            whole = [score.nll for score in blocks.next_token_scores(model.eval(), batch)]
            monkeypatch.setattr(blocks, "_LOGITS_AT_ONCE", 1)
            parted = [score.nll for score in blocks.next_token_scores(model, batch)]
        assert parted == pytest.approx(whole, rel=1e-5)

    def test_a_model_that_converses_is_told_of(self, tiny_chat: Path, tiny_llama: Path) -> None:
        (note,) = TASK.remarks(tiny_chat, Target(), TASK.options())
        assert "conversations" in note.title
        assert TASK.remarks(tiny_llama, Target(), TASK.options()) == TASK.remarks(None, Target(), TASK.options()) == ()


class TestWriting:
    def test_a_text_grows_and_equal_knobs_write_the_same(self, model: Any, context: Context) -> None:
        knobs = Knobs(max_new_tokens=12)
        said = [record["text"] for record in TASK.write(model, {"text": "the soup was"}, context, knobs)]  # type: ignore[misc]
        assert said and all(later.startswith(earlier.rstrip("�")) for earlier, later in pairwise(said))
        assert [record["text"] for record in TASK.write(model, {"text": "the soup was"}, context, knobs)] == said  # type: ignore[misc]

    def test_a_very_long_beginning_leaves_room_to_write(self, model: Any, context: Context) -> None:
        knobs = Knobs(max_new_tokens=5, temperature=0)
        assert list(TASK.write(model, {"text": "the soup was cold " * 200}, context, knobs))  # type: ignore[misc]

    def test_nothing_to_go_on_from_is_said(self, model: Any, context: Context) -> None:
        with pytest.raises(PredictionError, match="no beginning"):
            list(TASK.write(model, {"text": "  "}, context, Knobs()))  # type: ignore[misc]

    def test_tables_get_a_continuation(self, tiny_llama: Path, model: Any) -> None:
        context = context_of(tiny_llama, max_new_tokens=4)
        outputs = run_model(model, TASK, context, {"text": ["the soup was", TEXTS[2]]}, "predict").rows
        found = TASK.answers(outputs, context)
        assert [set(record) for record in found] == [{"text"}] * 2
        assert TASK.answer_columns(found) == {"continuation": [record["text"] for record in found]}

    def test_samples_stand_beside_the_true_text(self, model: Any, context: Context) -> None:
        table = pa.table({"text": [*TEXTS, "a kind waiter and good soup all day"], "row": [5, 6, 7, 8]})
        found = TASK.samples(model, table, context)  # type: ignore[misc]
        assert [record["row"] for record in found] == [5, 7, 8]
        assert all(set(record) == {"question", "answer", "reference", "row"} for record in found)
        assert TEXTS[0].startswith(found[0]["question"]) and found[0]["reference"] in TEXTS[0]
        assert TASK.samples(model, table.slice(0, 0), context) == []  # type: ignore[misc]
