"""Every head on tiny real checkpoints: what is new, kept, replaced or refused, and that each one trains and writes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoTokenizer

from core.errors import CheckpointError
from core.models import heads
from core.models.starters import starter_folder
from core.models.types import Built

pytestmark = pytest.mark.filterwarnings("ignore:Version v4.12.0 introduces a better way to train encoder-decoder")

CLASSES = "AutoModelForSequenceClassification"
TAGS = "AutoModelForTokenClassification"
SPANS = "AutoModelForQuestionAnswering"
GAPS = "AutoModelForMaskedLM"
WRITE_ON = "AutoModelForCausalLM"
REWRITE = "AutoModelForSeq2SeqLM"


def with_labels(*labels: str) -> dict[str, Any]:
    return {
        "num_labels": len(labels),
        "id2label": dict(enumerate(labels)),
        "label2id": {label: number for number, label in enumerate(labels)},
    }


def words(built: Built) -> str:
    return " ".join(note.title for note in built.notes)


def loss_of(model: Any, folder: Path, auto: str) -> Any:
    tokenizer = AutoTokenizer.from_pretrained(folder)
    inputs = tokenizer(["good soup and warm bread"], return_tensors="pt", return_token_type_ids=False)
    ids = inputs["input_ids"]
    labels: dict[str, Any] = {
        CLASSES: {"labels": torch.tensor([1])},
        TAGS: {"labels": torch.ones_like(ids)},
        SPANS: {"start_positions": torch.tensor([1]), "end_positions": torch.tensor([2])},
    }
    return model(**inputs, **labels.get(auto, {"labels": ids})).loss


@pytest.mark.parametrize(
    ("auto", "fixture"),
    [
        (CLASSES, "tiny_bert"), (TAGS, "tiny_bert"), (SPANS, "tiny_bert"), (GAPS, "tiny_bert"),
        (CLASSES, "tiny_llama"), (TAGS, "tiny_llama"), (WRITE_ON, "tiny_llama"),
        (REWRITE, "tiny_t5"), (REWRITE, "tiny_encoder_decoder"),
    ],
)  # fmt: skip
def test_a_head_learns_and_survives_saving(
    auto: str, fixture: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    folder = request.getfixturevalue(fixture)
    options = with_labels("a", "b", "c") if auto in (CLASSES, TAGS) else {}
    model = heads.build(auto, str(folder), what="do this", **options).model.train()
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
    assert model.config.pad_token_id is not None
    optimizer = torch.optim.AdamW(model.parameters(), 5e-3)
    losses = []
    for _ in range(8):
        loss = loss_of(model, folder, auto)
        loss.backward()
        losses.append(loss.item())
        optimizer.step()
        optimizer.zero_grad()
    assert losses[-1] < losses[0]
    model.save_pretrained(tmp_path / "trained")
    AutoTokenizer.from_pretrained(folder).save_pretrained(tmp_path / "trained")
    again = heads.load(auto, str(tmp_path / "trained"))
    for name, weight in model.state_dict().items():
        assert torch.equal(weight, again.state_dict()[name]), name


class TestAnAnswerLayer:
    def test_is_new_on_a_bare_body(self, tiny_bert: Path) -> None:
        built = heads.build(CLASSES, str(tiny_bert), what="sort", **with_labels("no", "yes"))
        assert words(built) == "The answer layer starts from nothing; the language knowledge is kept."
        assert [note.level for note in built.notes] == ["info"]
        assert built.model.accepts_loss_kwargs is False

    def test_is_kept_for_the_same_labels(self, trained: Path) -> None:
        built = heads.build(CLASSES, str(trained), what="sort", **with_labels("ham", "spam", "offer"))
        assert "fits and is kept" in words(built)
        assert torch.equal(built.model.classifier.weight, heads.load(CLASSES, str(trained)).classifier.weight)

    def test_follows_its_labels_into_another_order(self, trained: Path) -> None:
        built = heads.build(CLASSES, str(trained), what="sort", **with_labels("offer", "ham", "spam"))
        before = heads.load(CLASSES, str(trained)).classifier
        assert "fits and is kept" in words(built)
        assert torch.equal(built.model.classifier.weight, before.weight[[2, 0, 1]])
        assert torch.equal(built.model.classifier.bias, before.bias[[2, 0, 1]])
        assert built.model.config.id2label == {0: "offer", 1: "ham", 2: "spam"}

    def test_for_other_labels_is_drawn_anew(self, trained: Path) -> None:
        built = heads.build(CLASSES, str(trained), what="sort", **with_labels("red", "green", "blue"))
        before = heads.load(CLASSES, str(trained))
        assert "made for 3 other classes (ham, spam, offer)" in words(built)
        assert not torch.isclose(built.model.classifier.weight, before.classifier.weight).any(dim=1).all()
        assert built.model.classifier.bias.abs().sum() == 0
        assert torch.equal(built.model.bert.pooler.dense.weight, before.bert.pooler.dense.weight)

    def test_of_another_size_is_replaced(self, trained: Path) -> None:
        built = heads.build(CLASSES, str(trained), what="sort", **with_labels("no", "yes"))
        assert built.model.classifier.out_features == 2
        assert "made for 3 other classes (ham, spam, offer). A new one starts from nothing" in words(built)

    def test_for_spans_is_kept(self, tiny_bert: Path, tmp_path: Path) -> None:
        heads.build(SPANS, str(tiny_bert), what="find").model.save_pretrained(tmp_path)
        AutoTokenizer.from_pretrained(tiny_bert).save_pretrained(tmp_path)
        assert "fits and is kept" in words(heads.build(SPANS, str(tmp_path), what="find"))

    def test_for_spans_has_two_outputs_after_any_number_of_classes(self, trained: Path) -> None:
        built = heads.build(SPANS, str(trained), what="find")
        assert words(built).startswith("The answer layer starts from nothing")
        assert loss_of(built.model, trained, SPANS).isfinite()

    @pytest.fixture
    def trained(self, tiny_bert: Path, tmp_path: Path) -> Path:
        model = heads.build(CLASSES, str(tiny_bert), what="sort", **with_labels("ham", "spam", "offer")).model
        with torch.no_grad():
            model.classifier.bias.copy_(torch.tensor([1.0, 2.0, 3.0]))
        model.save_pretrained(tmp_path / "spam")
        AutoTokenizer.from_pretrained(tiny_bert).save_pretrained(tmp_path / "spam")
        return tmp_path / "spam"


class TestALayerThatNamesWords:
    def test_is_missing_in_the_starter_and_said(self) -> None:
        built = heads.build(GAPS, str(starter_folder()), what="fill gaps")
        assert (
            words(built) == "The layer that names the hidden words starts from nothing; the language knowledge is kept."
        )
        embeddings = built.model.bert.embeddings.word_embeddings.weight
        assert built.model.cls.predictions.decoder.weight is embeddings

    def test_that_is_there_is_not_mentioned(self, tiny_bert: Path, tmp_path: Path) -> None:
        heads.build(GAPS, str(tiny_bert), what="fill gaps").model.save_pretrained(tmp_path)
        AutoTokenizer.from_pretrained(tiny_bert).save_pretrained(tmp_path)
        assert heads.build(GAPS, str(tmp_path), what="fill gaps").notes == ()

    @pytest.mark.parametrize(
        ("auto", "fixture"), [(WRITE_ON, "tiny_llama"), (REWRITE, "tiny_t5"), (REWRITE, "tiny_encoder_decoder")]
    )
    def test_tied_to_the_embeddings_is_not_missing(
        self, auto: str, fixture: str, request: pytest.FixtureRequest
    ) -> None:
        built = heads.build(auto, str(request.getfixturevalue(fixture)), what="write")
        assert built.notes == ()

    def test_of_its_own_that_lacks_is_said(self, tiny_llama: Path, tmp_path: Path) -> None:
        folder = Path(shutil.copytree(tiny_llama, tmp_path / "untied"))
        change(folder / "config.json", tie_word_embeddings=False)
        built = heads.build(WRITE_ON, str(folder), what="write")
        assert "names the next word starts from nothing" in words(built)
        with pytest.raises(CheckpointError, match="do not fit"):
            heads.load(WRITE_ON, str(folder))

    @pytest.mark.parametrize("fixture", ["tiny_llama", "tiny_t5", "tiny_encoder_decoder"])
    def test_writes(self, fixture: str, request: pytest.FixtureRequest) -> None:
        folder = request.getfixturevalue(fixture)
        model = heads.build(WRITE_ON if fixture == "tiny_llama" else REWRITE, str(folder), what="write").model.eval()
        inputs = AutoTokenizer.from_pretrained(folder)("the soup", return_tensors="pt", return_token_type_ids=False)
        assert model.generate(**inputs, max_new_tokens=5, do_sample=False).shape[1] > 1


def test_an_encoder_decoder_without_its_start_and_end_is_given_them(tiny_encoder_decoder: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(tiny_encoder_decoder, tmp_path / "bare"))
    change(folder / "config.json", decoder_start_token_id=None, eos_token_id=None, pad_token_id=None)
    (folder / "generation_config.json").unlink()
    model = heads.build(REWRITE, str(folder), what="write").model
    tokenizer = AutoTokenizer.from_pretrained(folder)
    for place in (model.config, model.generation_config):
        assert place.decoder_start_token_id == tokenizer.cls_token_id
        assert place.eos_token_id == tokenizer.sep_token_id
        assert place.pad_token_id == tokenizer.pad_token_id
    assert loss_of(model, folder, REWRITE).isfinite()


class TestMoreTokens:
    @pytest.mark.parametrize(
        ("auto", "fixture"),
        [(WRITE_ON, "tiny_llama"), (REWRITE, "tiny_t5"), (REWRITE, "tiny_encoder_decoder"), (CLASSES, "tiny_bert")],
    )
    def test_widen_the_vocabulary(self, auto: str, fixture: str, request: pytest.FixtureRequest) -> None:
        folder = request.getfixturevalue(fixture)
        model, tokenizer = heads.build(auto, str(folder), what="do").model, AutoTokenizer.from_pretrained(folder)
        before = model.get_input_embeddings().weight.clone()
        tokenizer.add_special_tokens({"additional_special_tokens": ["<new>", "<newer>"]})
        note = heads.resize(model, tokenizer)
        assert note is not None and "by 2 tokens" in note.title
        after = model.get_input_embeddings().weight
        assert after.shape[0] == len(tokenizer) and torch.equal(after[: len(before)], before)
        assert torch.allclose(after[-1], before.mean(0), atol=0.05)
        assert heads.resize(model, tokenizer) is None
        if auto != CLASSES:
            ids = torch.tensor([tokenizer.convert_tokens_to_ids(["<new>", "<newer>"])])
            assert model(input_ids=ids, labels=ids).logits.shape[-1] == len(tokenizer)

    def test_the_vocabulary_is_never_made_smaller(self, tiny_t5: Path, tmp_path: Path) -> None:
        model = heads.build(REWRITE, str(tiny_t5), what="do").model
        model.resize_token_embeddings(500)
        assert heads.resize(model, AutoTokenizer.from_pretrained(tiny_t5)) is None
        assert model.get_input_embeddings().weight.shape[0] == 500


@pytest.mark.parametrize(
    ("auto", "fixture", "advice"),
    [
        (WRITE_ON, "tiny_bert", "SmolLM2"),
        (WRITE_ON, "tiny_t5", "SmolLM2"),
        (REWRITE, "tiny_llama", "T5"),
        (REWRITE, "tiny_bert", "T5"),
        (GAPS, "tiny_llama", "ModernBERT"),
        (SPANS, "tiny_llama", "ModernBERT"),
        (CLASSES, "tiny_encoder_decoder", "ModernBERT"),
    ],
)
def test_a_kind_that_was_not_made_for_this_is_refused(
    auto: str, fixture: str, advice: str, request: pytest.FixtureRequest
) -> None:
    with pytest.raises(CheckpointError, match="cannot do this") as caught:
        heads.build(auto, str(request.getfixturevalue(fixture)), what="do this")
    assert advice in caught.value.advice


@pytest.mark.parametrize(
    ("auto", "fixture", "setting"),
    [
        (WRITE_ON, "tiny_llama", "num_hidden_layers"),
        (REWRITE, "tiny_t5", "num_layers"),
        (REWRITE, "tiny_t5", "d_ff"),
        (GAPS, "tiny_bert", "num_hidden_layers"),
        (TAGS, "tiny_llama", "intermediate_size"),
    ],
)
def test_weights_of_another_body_are_refused(
    auto: str, fixture: str, setting: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(request.getfixturevalue(fixture), tmp_path / "mixed"))
    settings = json.loads((folder / "config.json").read_text())
    change(folder / "config.json", **{setting: settings[setting] + 1})
    with pytest.raises(CheckpointError, match="do not fit"):
        heads.build(auto, str(folder), what="do this")


def test_every_family_has_a_tiny_model(tiny_model: Callable[[str], Path]) -> None:
    from core.models.families import family_of

    for family in ("encoder", "decoder", "seq2seq"):
        assert family_of(json.loads((tiny_model(family) / "config.json").read_text())) == family


def change(file: Path, **settings: Any) -> None:
    file.write_text(json.dumps(json.loads(file.read_text()) | settings))
