"""Answers are those that each row would get alone, in the rows' own order, however they were computed together."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.models.first_token import READERS_OF_THE_FIRST, first_token_only
from core.prediction import inference
from core.prediction.batches import ahead, fitting_threads, halved, planned, tokens_at_once
from core.prediction.predictor import Predictor
from tests.trying import run_with_model

WORDS = ["the", "warm", "bread", "was", "good", "and", "a", "kind", "waiter", "brought", "us", "dull", "soup"]


def texts(rows: int) -> list[str]:
    chance = np.random.default_rng(0)
    return [" ".join(chance.choice(WORDS, length)) for length in chance.integers(1, 28, rows)]


def test_answers_are_those_of_each_row_alone_and_in_its_place(tiny_bert: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    predictor = Predictor(run_with_model(tiny_bert))
    rows = texts(60)
    alone = np.concatenate([predictor.outputs({"text": [text]}, "predict") for text in rows])
    heard: list[tuple[int, int]] = []
    monkeypatch.setattr(inference, "ROWS_AT_A_TIME", 25)
    monkeypatch.setattr(inference.slices, "__defaults__", (25,))

    together = predictor.outputs({"text": rows}, "predict", lambda done, total: heard.append((done, total)))

    assert np.abs(together - alone).max() < 1e-6
    assert np.ptp(alone, axis=0).max() > 1e-4, "answers that are all alike would be in any order"
    assert together.dtype == np.float32
    assert heard == sorted(heard) and heard[-1] == (60, 60)


@pytest.mark.parametrize("name", READERS_OF_THE_FIRST)
def test_the_first_token_alone_gives_the_same_answer(name: str) -> None:
    import transformers

    model_class = getattr(transformers, name)
    small = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    torch.manual_seed(0)
    model = model_class(model_class.config_class(vocab_size=40, num_labels=3, **small)).eval()
    ids = torch.randint(5, 40, (3, 9))
    mask = torch.tensor([[1] * 9, [1] * 4 + [0] * 5, [1] * 7 + [0] * 2])
    with torch.inference_mode():
        for attention_mask in (mask, torch.ones_like(mask)):
            whole = model(ids, attention_mask=attention_mask).logits
            with first_token_only(model) as is_so:
                said = model(ids, attention_mask=attention_mask, output_hidden_states=True)
            assert is_so and said.hidden_states[-1].shape[1] == 1
            assert (said.logits - whole).abs().max() < 1e-6
        assert (model(ids, attention_mask=mask, output_hidden_states=True).hidden_states[-1].shape[1]) == 9


def test_a_model_that_reads_all_tokens_is_left_as_it_is(tiny_bert: Path) -> None:
    from transformers import AutoModelForTokenClassification

    with first_token_only(AutoModelForTokenClassification.from_pretrained(tiny_bert)) as is_so:
        assert not is_so


def test_batches_hold_like_lengths_and_no_more_than_suits_the_machine(tiny_bert: Path) -> None:
    model = Predictor(run_with_model(tiny_bert)).model
    lengths = np.random.default_rng(0).integers(1, 256, 2000).tolist()
    batches = planned(model, lengths)
    assert sorted(place for batch in batches for place in batch) == list(range(2000))
    padded = [len(batch) * max(lengths[place] for place in batch) for batch in batches]
    assert max(padded) <= tokens_at_once(model) and sum(padded) < 1.05 * sum(lengths)
    assert max(map(len, planned(model, lengths, most=3))) == 3


def test_a_short_question_is_no_work_for_several_threads(tiny_bert: Path) -> None:
    model, before = Predictor(run_with_model(tiny_bert)).model, torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        for tokens, threads in ((10, 1), (10**9, 2)):
            with fitting_threads(model, tokens):
                assert torch.get_num_threads() == threads
            assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_out_of_memory_the_batch_is_halved() -> None:
    def compute(places: list[int]) -> list[int]:
        if len(places) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return [10 * place for place in places]

    assert [place for places, _ in halved(compute, [*range(7)]) for place in places] == [*range(7)]
    assert [said for _, found in halved(compute, [*range(7)]) for said in found] == [10 * place for place in range(7)]
    with pytest.raises(ValueError, match="broken"):
        halved(_broken, [1, 2])


def _broken(places: list[int]) -> Any:
    raise ValueError("broken")


def test_the_next_is_made_while_the_present_one_is_used_and_no_more_than_that() -> None:
    made: list[int] = []
    second = threading.Event()

    def source() -> Any:
        for number in range(4):
            made.append(number)
            if number == 1:
                second.set()
            yield number

    coming = ahead(source())
    assert next(coming) == 0 and second.wait(60)
    assert len(made) == 2
    coming.close()
    assert len(made) <= 2, "whoever stops asks for nothing more"
    assert list(ahead(source())) == [0, 1, 2, 3]
    with pytest.raises(ZeroDivisionError):
        list(ahead(1 // number for number in (1, 0)))
