"""Models with an answer layer: built on tiny real checkpoints and on the starter, fed, saved and loaded again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from transformers import AutoTokenizer

from core.data.types import Target
from core.errors import CheckpointError, DataError
from core.models import classifier
from core.models.starters import starter_folder

SEVERAL = "multi_label_classification"
TARGET = Target(("ham", "spam", "offer"), (5, 4, 3))


@pytest.fixture
def folder(tiny_bert: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_bert, tmp_path / "checkpoint"))


def test_a_model_knows_its_classes_and_survives_saving(tiny_bert: Path, tmp_path: Path) -> None:
    model = classifier.build(str(tiny_bert), TARGET).model
    assert model.config.id2label == {0: "ham", 1: "spam", 2: "offer"}
    assert model.config.problem_type == "single_label_classification"
    assert model.accepts_loss_kwargs is False
    model.save_pretrained(tmp_path / "trained")
    again = classifier.load(str(tmp_path / "trained"))
    assert again.config.label2id == {"ham": 0, "spam": 1, "offer": 2}
    for name, weight in model.state_dict().items():
        assert torch.equal(weight, again.state_dict()[name]), name


def test_the_starter_answers() -> None:
    folder = str(starter_folder())
    tokenizer, model = AutoTokenizer.from_pretrained(folder), classifier.build(folder, TARGET).model
    encoded = tokenizer(["short", "a longer text"]) | {"labels": classifier.class_numbers(["spam", "ham"], TARGET)}
    rows = [{name: values[row] for name, values in encoded.items()} for row in range(2)]
    output = model.eval()(**classifier.collator(tokenizer)(rows))
    assert output.logits.shape == (2, 3) and output.loss.isfinite()


def test_a_strange_label_is_named() -> None:
    assert classifier.class_numbers(["offer", "ham"], TARGET) == [2, 0]
    with pytest.raises(DataError, match="'eggs' is not among the classes"):
        classifier.class_numbers(["eggs"], TARGET)


def test_several_labels_become_a_one_each(tiny_bert: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tiny_bert)
    collate = classifier.SeveralLabels(tokenizer, 3)
    pieces = [{**tokenizer("good soup"), "label_numbers": [0, 2]}, {**tokenizer("bad"), "label_numbers": [-1]}]
    batch = collate(pieces)
    assert batch["labels"].tolist() == [[1.0, 0.0, 1.0], [0.0, 0.0, 0.0]]
    model = classifier.build(str(tiny_bert), TARGET, SEVERAL).model
    assert model(**batch).loss.isfinite() and pieces[0]["label_numbers"] == [0, 2]
    assert "labels" not in collate([dict(tokenizer("good"))])


def test_an_answer_layer_for_several_labels_begins_with_how_common_they_are(tiny_bert: Path, tmp_path: Path) -> None:
    target = Target(("a", "b", "c"), (50, 10, 0), rows=100)
    model = classifier.build_for_several(str(tiny_bert), target, SEVERAL).model
    assert torch.sigmoid(model.classifier.bias).tolist() == pytest.approx([0.5, 0.1, 0.01])
    with torch.no_grad():
        model.classifier.bias.fill_(2.0)
    model.save_pretrained(tmp_path)
    kept = classifier.build_for_several(str(tmp_path), target, SEVERAL).model
    assert (
        kept.classifier.bias.tolist() == [2.0, 2.0, 2.0] and model.config.problem_type == "multi_label_classification"
    )


class TestWhatIsSaidBeforeTheStart:
    def said(self, folder: Path | None, *labels: str) -> list[str]:
        return [note.title for note in classifier.remarks(folder, Target(labels), None)]

    @pytest.mark.parametrize(
        "labels", [("ham", "spam", "offer"), ("offer", "ham", "spam"), ("a", "b", "c"), ("a", "b")]
    )
    def test_is_what_is_done(self, labels: tuple[str, ...], tiny_bert: Path, tmp_path: Path) -> None:
        assert self.said(tiny_bert, *labels) == [
            note.title for note in classifier.build(str(tiny_bert), Target(labels)).notes
        ]
        classifier.build(str(tiny_bert), TARGET).model.save_pretrained(tmp_path)
        said = self.said(tmp_path, *labels)
        assert said == [note.title for note in classifier.build(str(tmp_path), Target(labels)).notes] and len(said) == 1

    def test_is_nothing_while_the_checkpoint_is_not_here(self, tmp_path: Path) -> None:
        assert self.said(None, "a", "b") == [] and self.said(tmp_path, "a", "b") == []


def test_a_checkpoint_with_an_answer_layer_for_other_classes_lends_its_body(tiny_bert: Path, tmp_path: Path) -> None:
    first = classifier.build(str(tiny_bert), TARGET).model
    first.save_pretrained(tmp_path / "trained")
    second = classifier.build(str(tmp_path / "trained"), Target(("yes", "no"), (1, 1))).model
    assert second.classifier.out_features == 2
    before, after = first.bert.embeddings.word_embeddings, second.bert.embeddings.word_embeddings
    assert torch.equal(before.weight, after.weight)


def test_weights_that_do_not_fit_are_refused(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"num_hidden_layers": 3}))
    with pytest.raises(CheckpointError, match="do not fit") as caught:
        classifier.build(str(folder), TARGET)
    assert "encoder.layer.2" in caught.value.cause
    (folder / "config.json").write_text(json.dumps(config | {"intermediate_size": 128}))
    with pytest.raises(CheckpointError, match="do not fit"):
        classifier.build(str(folder), TARGET)


def test_a_body_without_its_answer_layer_is_no_trained_model(tiny_bert: Path) -> None:
    with pytest.raises(CheckpointError, match="do not fit"):
        classifier.load(str(tiny_bert))


def test_only_safetensors_are_read(folder: Path) -> None:
    from safetensors.torch import load_file

    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    with pytest.raises(CheckpointError, match="cannot be loaded"):
        classifier.build(str(folder), TARGET)


def test_damaged_weights_are_named_as_such(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes()[:-50])
    with pytest.raises(CheckpointError, match="damaged or incomplete"):
        classifier.build(str(folder), TARGET)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"model_type": "vit"}, "vit cannot sort texts"),
        ({"model_type": "made-up", "auto_map": {"AutoConfig": "own.Config"}}, "needs a program of its own"),
    ],
)
def test_what_is_no_text_model_or_needs_own_code_is_refused(
    folder: Path, change: dict[str, object], words: str
) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | change))
    (folder / "own.py").write_text("raise SystemExit('code of the checkpoint was run')")
    with pytest.raises(CheckpointError, match=words):
        classifier.build(str(folder), TARGET)


def test_a_model_made_to_write_text_is_padded_with_its_end_token(tmp_path: Path) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import GPT2Config, GPT2Model, PreTrainedTokenizerFast

    words = Tokenizer(models.WordLevel({"<end>": 0, "good": 1, "bad": 2}, unk_token="<end>"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    PreTrainedTokenizerFast(tokenizer_object=words, eos_token="<end>").save_pretrained(tmp_path)
    GPT2Model(GPT2Config(vocab_size=3, n_positions=16, n_embd=8, n_layer=1, n_head=1, eos_token_id=0)).save_pretrained(
        tmp_path
    )
    tokenizer, model = AutoTokenizer.from_pretrained(tmp_path), classifier.build(str(tmp_path), TARGET).model
    encoded = tokenizer(["good", "bad bad bad"])
    rows = [{name: values[row] for name, values in encoded.items()} for row in range(2)]
    assert model.eval()(**classifier.collator(tokenizer)(rows)).logits.shape == (2, 3)
