"""ONNX copies answer as their models do, whatever the batch, or are not kept."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from core import runs
from core.config import validate
from core.data.types import Target
from core.errors import RunError, StudioError
from core.models import manual
from core.models.heads import build
from core.publishing import checked, onnx, onnx_child
from core.publishing.types import Item
from core.runs import Run
from core.tasks import TASKS
from tests.making import config
from tests.tiny_models import TEXTS

LABELS = ("bad", "good")


def trained(checkpoint: Path, task: str = "text-classification", text: str = "", **more: Any) -> Run:
    """A run with a model as training leaves it, but that it has learned nothing. ``text`` is what its report asks."""
    sorts = task == "text-classification"
    columns = {"text": "text", "label": "label"} if sorts else {"text": "text"}
    plain = config(checkpoint=checkpoint).model_dump(mode="json") | {"task": task, "options": {}}
    plain["data"]["columns"] = columns
    run = runs.create(validate(plain))
    auto = TASKS[task].auto_class
    names = {"id2label": dict(enumerate(LABELS)), "label2id": {label: place for place, label in enumerate(LABELS)}}
    model = build(auto, str(checkpoint), what="be tried", **(names if sorts else {}), **more).model
    model.save_pretrained(run.model_path)
    from transformers import AutoTokenizer

    AutoTokenizer.from_pretrained(checkpoint).save_pretrained(run.model_path)
    manual.write(run.model_path, manual.Manual(task, 32, Target(labels=LABELS, counts=(5, 5))))
    examples = [{"text": text or one} for one in TEXTS[:5]]
    (run.path / "report.json").write_text(json.dumps({"examples": examples}))
    return run


@pytest.mark.slow
def test_a_copy_answers_as_the_model_and_says_how_to_use_it(tiny_bert: Path, home: Path) -> None:
    run, heard = trained(tiny_bert, problem_type="single_label_classification"), []
    assert onnx.can_export(run)
    folder = onnx.export(run, lambda share, words: heard.append((share, words)))
    assert folder == run.path / "onnx" and [share for share, _ in heard] == sorted(share for share, _ in heard)
    names = {file.name for file in folder.iterdir()}
    assert names >= {"model.onnx", "config.json", "tokenizer.json", "README.md", "exported.json", "tunesmith.json"}
    assert not [name for name in names if name.endswith((".safetensors", ".data"))]
    checked.check([Item("model.onnx", folder / "model.onnx")])
    note = json.loads((folder / "exported.json").read_text())
    assert note["largest_difference"] <= note["tolerance"] == 1e-4 and note["answers_compared"] == 5

    code = (folder / "README.md").read_text().partition("```python\n")[2].partition("```")[0]
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() in ("['bad']", "['good']")

    # It is there already, until there is another model.
    heard.clear()
    assert onnx.export(run, lambda share, words: heard.append((share, words))) == folder and not heard
    (run.model_path / "config.json").touch()
    assert not onnx.is_current(run)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*LeafSpec:FutureWarning")
def test_a_copy_that_differs_is_not_kept(tmp_path: Path, home: Path) -> None:
    """A model of another kind: it names a token at each place, and its places are turned, not added."""
    import torch

    run = trained(_modern(tmp_path / "modern"), "masked-language-modeling", text="the film was ___ and slow")
    into = tmp_path / "copy"
    into.mkdir()
    onnx_child.make({"run": str(run.path), "into": str(into), "stamp": 1}, lambda share, words: None)
    assert json.loads((into / "exported.json").read_text())["answers_compared"] == 5
    model = TASKS["masked-language-modeling"].load_model(str(run.model_path))
    model.eval()
    copy = onnx_child.Copy(model, into / "model.onnx")
    inputs = ["input_ids", "attention_mask"]
    assert onnx_child.compare_numbers(model, copy, inputs, 64) <= onnx_child.TOLERANCE
    with torch.no_grad():
        model.get_output_embeddings().bias.add_(0.01)
    with pytest.raises(StudioError, match="differently from the model, so it was not kept"):
        onnx_child.compare_numbers(model, copy, inputs, 64)


def test_answers_are_alike_in_words_and_nearly_in_numbers() -> None:
    right = {"label": "good", "scores": [{"label": "good", "probability": 0.75}]}
    assert onnx_child.alike(right, {"label": "good", "scores": [{"label": "good", "probability": 0.7501}]})
    assert not onnx_child.alike(right, {"label": "bad", "scores": [{"label": "good", "probability": 0.75}]})
    assert not onnx_child.alike(right, {"label": "good", "scores": [{"label": "good", "probability": 0.8}]})
    assert not onnx_child.alike(right, {"label": "good"})


def test_what_cannot_be_copied_is_said(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = runs.create(config())
    with pytest.raises(RunError, match="no model yet"):
        onnx.export(empty)
    empty.model_path.mkdir()
    (empty.model_path / "config.json").write_text('{"problem_type": "multi_label_classification"}')
    assert "print(answer)" in onnx.readme(empty)
    monkeypatch.setattr(onnx, "PACKAGES", ("onnx", "onnx_of_nobody"))
    assert not onnx.can_export(empty)
    with pytest.raises(StudioError, match="onnx_of_nobody") as caught:
        onnx.export(empty)
    assert "-m pip install onnx onnx_of_nobody" in caught.value.advice
    plain = config().model_dump(mode="json")
    plain |= {"task": "causal-language-modeling", "options": {}}
    plain["data"]["columns"] = {"text": "text"}
    writer = runs.create(validate(plain))
    writer.model_path.mkdir()
    (writer.model_path / "config.json").write_text("{}")
    with pytest.raises(RunError, match="A model that writes"):
        onnx.export(writer)


def test_who_stops_listening_ends_it(tiny_bert: Path, home: Path) -> None:
    run = trained(tiny_bert)

    def enough(share: float, words: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        onnx.export(run, enough)
    assert not (run.path / "onnx").exists() and not (run.path / ".onnx.draft").exists()


def _modern(folder: Path) -> Path:
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import ModernBertConfig, ModernBertModel, PreTrainedTokenizerFast

    words = sorted({word for text in TEXTS for word in text.split()})
    known = {word: place for place, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words])}
    made = Tokenizer(models.WordLevel(known, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]",
        mask_token="[MASK]", model_input_names=["input_ids", "attention_mask"], model_max_length=64,
    )  # fmt: skip
    torch.manual_seed(0)
    ModernBertModel(
        ModernBertConfig(
            vocab_size=len(known), hidden_size=32, intermediate_size=48, num_hidden_layers=3, num_attention_heads=2,
            max_position_embeddings=64, pad_token_id=0, cls_token_id=2, sep_token_id=3, bos_token_id=2, eos_token_id=3,
            local_attention=8,
        )
    ).save_pretrained(folder)  # fmt: skip
    tokenizer.save_pretrained(folder)
    return folder
