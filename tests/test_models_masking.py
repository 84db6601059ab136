"""Hidden words: which, when, and that asking for them alone changes nothing; gaps as people write them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from core.errors import CheckpointError, PredictionError
from core.models import framed_texts, gaps, masking, tokenizers
from core.models.causal import IGNORED

TEXTS = ["the film was a quiet delight from start to end", "warm bread, good soup and a kind waiter", "soup"]


@pytest.fixture
def tokenizer(tiny_bert: Path) -> Any:
    return masking.load_tokenizer(str(tiny_bert))


def pieces_of(tokenizer: Any, texts: list[str] = TEXTS, **options: Any) -> list[dict[str, Any]]:
    found = framed_texts.encode(texts, tokenizer, 64, judged=False, **options)
    del found["row"]
    return [{name: values[place] for name, values in found.items()} for place in range(len(found["input_ids"]))]


class TestHiding:
    def test_judged_tokens_are_always_the_same_and_all_behind_the_mask(self, tokenizer: Any) -> None:
        pieces = pieces_of(tokenizer)
        hiding = masking.Hiding(tokenizer, 0.15, False, None)
        first = [hiding.hidden(piece) for piece in pieces]
        hiding.set_epoch(7)
        assert [masking.Hiding(tokenizer, 0.15, False, None).hidden(piece) for piece in reversed(pieces)] == first[::-1]
        assert [hiding.hidden(piece) for piece in pieces] == first
        for piece, (ids, labels) in zip(pieces, first, strict=True):
            hidden = [place for place, label in enumerate(labels) if label != IGNORED]
            assert hidden and all(ids[place] == tokenizer.mask_token_id for place in hidden)
            assert all(labels[place] == piece["input_ids"][place] for place in hidden)

    def test_training_hides_others_in_each_epoch_and_draws_the_same_again(self, tokenizer: Any) -> None:
        piece, hiding = pieces_of(tokenizer)[0], masking.Hiding(tokenizer, 0.3, False, 42)
        by_epoch = []
        for epoch in range(4):
            hiding.set_epoch(epoch)
            by_epoch.append(hiding.hidden(piece))
        again = masking.Hiding(tokenizer, 0.3, False, 42)
        again.set_epoch(2)
        assert again.hidden(piece) == by_epoch[2]
        assert len({tuple(labels) for _, labels in by_epoch}) > 1

    def test_eight_of_ten_are_masked_and_one_is_another_token(self, tokenizer: Any) -> None:
        hiding, kinds = masking.Hiding(tokenizer, 0.5, False, 1), Counter[str]()
        for epoch in range(400):
            hiding.set_epoch(epoch)
            ids, labels = hiding.hidden(pieces_of(tokenizer)[0])
            for read, label in zip(ids, labels, strict=True):
                if label != IGNORED:
                    kinds["mask" if read == tokenizer.mask_token_id else "same" if read == label else "other"] += 1
        total = sum(kinds.values())
        assert kinds["mask"] / total == pytest.approx(0.8, abs=0.04)
        assert kinds["other"] / total == pytest.approx(0.1, abs=0.03)

    def test_special_tokens_are_never_hidden_and_one_token_always_is(self, tokenizer: Any) -> None:
        for piece in pieces_of(tokenizer):
            _, labels = masking.Hiding(tokenizer, 0.01, False, 3).hidden(piece)
            chosen = [label for label in labels if label != IGNORED]
            assert len(chosen) == 1 and chosen[0] not in tokenizer.all_special_ids

    def test_whole_words_go_together(self, tokenizer: Any) -> None:
        (piece,) = pieces_of(tokenizer, ["waitersoup quietfilm breadwaiter"], with_words=True)
        words = piece["words"]
        assert len([word for word in words if word >= 0]) > 3
        for seed in range(10):
            _, labels = masking.Hiding(tokenizer, 0.2, True, seed).hidden(piece)
            hidden = {words[place] for place, label in enumerate(labels) if label != IGNORED}
            assert len(hidden) == 1
            assert all(labels[place] != IGNORED for place, word in enumerate(words) if word in hidden)

    def test_a_text_of_unknown_signs_has_nothing_to_hide(self, tokenizer: Any) -> None:
        (piece,) = pieces_of(tokenizer, ["漢"])
        ids, labels = masking.Hiding(tokenizer, 0.15, False, None).hidden(piece)
        assert ids == piece["input_ids"] and set(labels) == {IGNORED}


def models(folder: Path) -> dict[str, Any]:
    """Tiny models with answer layers of several makes."""
    import torch
    import transformers

    torch.manual_seed(0)
    size = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    common = {**size, "vocab_size": 400, "max_position_embeddings": 80, "pad_token_id": 0}
    ends = {"cls_token_id": 1, "sep_token_id": 2, "bos_token_id": 1, "eos_token_id": 2}
    configs = [
        transformers.BertConfig(**common),
        transformers.RobertaConfig(**common),
        transformers.ElectraConfig(**common, embedding_size=16),
        transformers.AlbertConfig(**common, embedding_size=16),
        transformers.ModernBertConfig(**common, **ends),
        transformers.DistilBertConfig(vocab_size=400, dim=32, n_layers=2, n_heads=2, hidden_dim=64),
    ]
    return {config.model_type: transformers.AutoModelForMaskedLM.from_config(config).eval() for config in configs}


@pytest.mark.slow
def test_asking_at_hidden_places_alone_changes_nothing(tokenizer: Any, tiny_bert: Path) -> None:
    import torch

    collate = masking.Hiding(tokenizer, 0.3, False, None)
    batch = collate([{k: v for k, v in piece.items() if k != "token_type_ids"} for piece in pieces_of(tokenizer)])
    places = batch["labels"].ne(IGNORED)
    for name, model in models(tiny_bert).items():
        plain = model(**batch)
        scored = masking.by_hidden_tokens(model, batch)
        torch.testing.assert_close(scored.output, plain.logits[places], msg=name)
        assert int(scored.items) == int(places.sum())
        assert float(scored.total.detach()) == pytest.approx(float(plain.loss.detach()) * int(scored.items), rel=1e-5)
        assert not model.base_model._forward_hooks


def test_a_batch_with_nothing_to_guess_costs_nothing(tokenizer: Any, tiny_bert: Path) -> None:
    model = masking.build(str(tiny_bert), tokenizer).model
    batch = masking.Hiding(tokenizer, 0.15, False, 1)(pieces_of(tokenizer, ["漢"]))
    scored = masking.by_hidden_tokens(model, batch)
    assert float(scored.total.detach()) == 0 and int(scored.items) == 0
    scored.total.backward()


def test_a_model_without_a_mask_is_refused(tiny_llama: Path) -> None:
    with pytest.raises(CheckpointError, match="no mark for a hidden word"):
        masking.load_tokenizer(str(tiny_llama))


def test_what_becomes_of_the_layer_is_foretold(tiny_bert: Path, tmp_path: Path) -> None:
    assert "starts from nothing" in masking.foretold(tiny_bert)[0].title
    (tmp_path / "config.json").write_text('{"architectures": ["BertForMaskedLM"]}')
    assert "is kept" in masking.foretold(tmp_path)[0].title
    assert masking.foretold(tmp_path / "nowhere") == ()


class TestGaps:
    @pytest.mark.parametrize("mark", ["[MASK]", "<mask>", "___", "[mask]", "_____"])
    def test_every_way_to_write_one_is_understood(self, tokenizer: Any, mark: str) -> None:
        found = gaps.encode([f"the {mark} was cold"], tokenizer, 64)
        assert found["input_ids"][0].count(tokenizer.mask_token_id) == 1
        assert found["gapped"] == ["the ___ was cold"]

    def test_a_text_without_one_is_refused_in_words(self, tokenizer: Any) -> None:
        with pytest.raises(PredictionError, match="no gap") as caught:
            gaps.encode(["the soup was cold"], tokenizer, 64)
        assert "___" in caught.value.advice

    def test_of_a_long_text_the_pieces_with_gaps_are_read(self, tokenizer: Any) -> None:
        long = "warm bread " * 30
        found = gaps.encode([f"{long} ___ {long} ___"], tokenizer, 16)
        assert found["row"] == [0, 0]
        assert sum(ids.count(tokenizer.mask_token_id) for ids in found["input_ids"]) == 2

    def test_the_likeliest_tokens_fill_it(self, tokenizer: Any, tiny_bert: Path) -> None:
        model = masking.build(str(tiny_bert), tokenizer).model.eval()
        found = gaps.encode(["the ___ was ___", "a kind ___"], tokenizer, 64)
        rows = [{name: found[name][place] for name in ("input_ids", "attention_mask")} for place in range(2)]
        filled = gaps.fills(model, masking.collate(tokenizer, rows), tokenizer)
        assert [len(gap) for gap in filled] == [2, 1]
        for gap in (*filled[0], *filled[1]):
            scores = [one["score"] for one in gap]
            assert len(gap) == gaps.KEPT and scores == sorted(scores, reverse=True)
            assert not {one["token"] for one in gap} & set(tokenizer.all_special_tokens)

    def test_tokens_lose_the_marks_of_their_vocabulary(self, tokenizer: Any, tiny_model: Callable[[str], Path]) -> None:
        part = next(token for token in tokenizer.get_vocab() if token.startswith("##"))
        assert gaps.clean(tokenizer, tokenizer.convert_tokens_to_ids(part)) == part.removeprefix("##")
        bytewise = tokenizers.load_tokenizer(tiny_model("decoder"))
        (word,) = [id for token, id in bytewise.get_vocab().items() if token == "Ġthe"]
        assert gaps.clean(bytewise, word) == "the"
        pieced = tokenizers.load_tokenizer(tiny_model("seq2seq"))
        token = next(token for token in pieced.get_vocab() if token.startswith("▁") and token != "▁")
        assert gaps.clean(pieced, pieced.convert_tokens_to_ids(token)) == token.removeprefix("▁")

    def test_the_answer_holds_the_filled_text(self) -> None:
        masks = [[{"token": "soup", "score": 0.5}], [{"token": "cold", "score": 0.25}]]
        assert gaps.record("the ___ was ___", masks)["filled"] == "the soup was cold"

    def test_texts_to_try_it_with_have_a_gap(self) -> None:
        texts = pa.chunked_array([["the film was a quiet delight", "soup", "Größe über alles sehr viel"]])
        found = gaps.invented(texts.cast(pa.large_string())).to_pylist()
        assert found == ["the film was ___ quiet delight", "soup ___", "Größe über alles ___ viel"]
