"""Texts that tiny models write: streamed, stopped, repeatable, and many at once."""

from __future__ import annotations

import copy
import threading
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch

from core.errors import PredictionError
from core.models import heads
from core.models.tokenizers import load_tokenizer, with_padding
from core.prediction import generation
from core.prediction.generation import Knobs, RewritingKnobs, generate_batch, stream

AUTO = {"tiny_llama": "AutoModelForCausalLM", "tiny_t5": "AutoModelForSeq2SeqLM"}
AUTO["tiny_encoder_decoder"] = AUTO["tiny_t5"]


def loaded(folder: Path, auto: str) -> tuple[Any, Any]:
    tokenizer, _ = with_padding(load_tokenizer(folder))
    return heads.load(auto, str(folder)).eval(), tokenizer


@pytest.fixture
def writer(tiny_llama: Path) -> tuple[Any, Any]:
    return loaded(tiny_llama, AUTO["tiny_llama"])


def asked(tokenizer: Any, *texts: str) -> dict[str, Any]:
    found = tokenizer(list(texts), return_tensors="pt", padding=True)
    return {name: found[name] for name in ("input_ids", "attention_mask")}


def whole(writer: tuple[Any, Any], text: str = "warm bread", **knobs: Any) -> str:
    model, tokenizer = writer
    return list(stream(model, tokenizer, asked(tokenizer, text), Knobs(max_new_tokens=20, **knobs)))[-1]


@pytest.mark.parametrize("fixture", AUTO)
def test_a_text_grows_until_it_is_whole(fixture: str, request: pytest.FixtureRequest) -> None:
    model, tokenizer = loaded(request.getfixturevalue(fixture), AUTO[fixture])
    inputs = asked(tokenizer, "the soup was cold")
    seen = list(stream(model, tokenizer, inputs, Knobs(temperature=0, max_new_tokens=12, repetition_penalty=1)))
    assert len(seen) >= 1 and all(later.startswith(earlier) for earlier, later in pairwise(seen))
    assert seen[-1].strip() == generate_batch(model, tokenizer, inputs, 12)[0]


def test_equal_seeds_give_equal_texts(writer: tuple[Any, Any]) -> None:
    torch.manual_seed(1)
    first = whole(writer, temperature=1.5, seed=3)
    torch.manual_seed(2)
    assert whole(writer, temperature=1.5, seed=3) == first
    assert len({whole(writer, temperature=1.5, seed=seed) for seed in range(4)}) > 1


def test_chance_goes_on_where_it_was(writer: tuple[Any, Any]) -> None:
    torch.manual_seed(5)
    undisturbed = torch.rand(3).tolist()
    torch.manual_seed(5)
    whole(writer, temperature=1.0)
    assert torch.rand(3).tolist() == undisturbed


def test_temperature_0_leaves_nothing_to_chance(writer: tuple[Any, Any]) -> None:
    assert len({whole(writer, temperature=0, seed=seed) for seed in range(3)}) == 1


def test_it_stops_at_a_text_and_does_not_show_it(writer: tuple[Any, Any]) -> None:
    free = whole(writer, temperature=1.0)
    middle = free[len(free) // 2 : len(free) // 2 + 3]
    cut = whole(writer, temperature=1.0, stop=f"never said|{middle}")
    assert cut == free[: free.index(middle)]


@pytest.mark.parametrize(
    ("text", "safe"), [("so far", "so far"), ("so far\n", "so far"), ("so\nUs", "so"), ("so\nUx", "so\nUx"), ("", "")]
)
def test_half_a_stop_text_is_held_back(text: str, safe: str) -> None:
    assert generation._before_half_a_stop(text, ["\nUser:"]) == safe


def test_it_stops_writing_when_nobody_reads(writer: tuple[Any, Any]) -> None:
    model, tokenizer = writer
    model.generation_config.eos_token_id = None
    running = set(threading.enumerate())
    texts = stream(model, tokenizer, asked(tokenizer, "warm"), Knobs(temperature=2, top_p=1, max_new_tokens=120))
    next(texts)
    began = time.monotonic()
    texts.close()  # type: ignore[attr-defined]
    assert set(threading.enumerate()) <= running and time.monotonic() - began < 5


def test_what_goes_wrong_reaches_the_reader(writer: tuple[Any, Any]) -> None:
    model, tokenizer = writer
    too_far = {"input_ids": torch.tensor([[1, 999_999]]), "attention_mask": torch.ones(1, 2, dtype=torch.long)}
    with pytest.raises(IndexError):
        list(stream(model, tokenizer, too_far, Knobs()))


def test_no_text_is_longer_than_the_model_can_read(writer: tuple[Any, Any]) -> None:
    model, tokenizer = writer
    limit = model.config.max_position_embeddings
    full = {name: torch.ones(1, limit - 2, dtype=torch.long) for name in ("input_ids", "attention_mask")}
    list(stream(model, tokenizer, full, Knobs(max_new_tokens=50)))
    over = {name: torch.ones(1, limit, dtype=torch.long) for name in ("input_ids", "attention_mask")}
    with pytest.raises(PredictionError, match="fills all"):
        list(stream(model, tokenizer, over, Knobs()))


def test_texts_side_by_side_are_as_if_alone(writer: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    model, tokenizer = writer
    monkeypatch.setattr(generation, "AT_ONCE", 2)
    texts = ["the film", "what a dull film, slow and far too long", "warm bread and soup"]
    alone = [generate_batch(model, tokenizer, asked(tokenizer, text), 10)[0] for text in texts]
    assert generate_batch(model, tokenizer, asked(tokenizer, *texts), 10) == alone


def words(tokenizer: Any, tokens: int) -> str:
    text = "warm bread and soup " * tokens
    found: str = tokenizer.decode(tokenizer(text)["input_ids"][:tokens])
    return found


def test_a_full_text_loses_its_beginning_and_leaves_others_their_room(
    writer: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    model, tokenizer = writer
    model.generation_config.eos_token_id = None
    limit = model.config.max_position_embeddings
    made: list[tuple[int, int]] = []
    generate = model.generate

    def spied(**given: Any) -> Any:
        made.append((given["input_ids"].shape[1], given["generation_config"].max_new_tokens))
        return generate(**given)

    monkeypatch.setattr(model, "generate", spied)
    texts = ["warm bread", words(tokenizer, limit - 20), words(tokenizer, limit), words(tokenizer, 3 * limit)]
    sizes = [len(tokenizer(text)["input_ids"]) for text in texts]
    for wanted in (10, 60):
        alone = [generate_batch(model, tokenizer, asked(tokenizer, text), wanted)[0] for text in texts]
        assert generate_batch(model, tokenizer, asked(tokenizer, *texts), wanted) == alone and all(alone)
    assert all(read + written <= limit for read, written in made)
    # A quarter of what the model can read is for the answer, or all that is wanted.
    assert [written for _, written in made[5:9]] == [60, limit - sizes[1] if sizes[1] < 0.75 * limit else 32, 32, 32]


@pytest.mark.parametrize("fixture", AUTO)
def test_a_model_keeps_its_own_settings(fixture: str, request: pytest.FixtureRequest) -> None:
    model, tokenizer = loaded(request.getfixturevalue(fixture), AUTO[fixture])
    model.generation_config.update(do_sample=True, temperature=0.3, num_beams=1, top_k=7)
    before, config = copy.deepcopy(model.generation_config.to_dict()), model.config.to_dict()
    list(stream(model, tokenizer, asked(tokenizer, "soup"), Knobs(temperature=1.3, max_new_tokens=4)))
    twice = [generate_batch(model, tokenizer, asked(tokenizer, "soup"), 8) for _ in range(2)]
    assert twice[0] == twice[1]
    assert (model.generation_config.to_dict(), model.config.to_dict()) == (before, config)


def test_beams_are_followed_to_their_end(tiny_t5: Path) -> None:
    model, tokenizer = loaded(tiny_t5, AUTO["tiny_t5"])
    inputs = asked(tokenizer, "the soup was cold")
    (only,) = stream(model, tokenizer, inputs, RewritingKnobs(num_beams=3, max_new_tokens=8))
    assert only == generate_batch(model, tokenizer, inputs, 8, num_beams=3)[0]
