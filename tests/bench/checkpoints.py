"""The models that are measured: as they come, without dropout, with an answer layer, and a small one that writes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.worker import be_quiet

DROPOUTS = ("hidden_dropout_prob", "attention_probs_dropout_prob", "dropout", "attention_dropout", "classifier_dropout")
VOCABULARY = 8000


def without_dropout(checkpoint: Path, folder: Path) -> str:
    """A copy in which nothing is left to chance, so that losses can be compared step by step."""
    shutil.copytree(checkpoint, folder)
    path = folder / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    config.update({name: 0.0 for name in DROPOUTS if config.get(name) is not None})
    path.chmod(0o644)
    path.write_text(json.dumps(config, indent=2), encoding="utf-8")
    return str(folder)


def with_answers(checkpoint: Path, folder: Path, labels: Sequence[str]) -> str:
    """The checkpoint with an answer layer that was drawn by chance, ready to predict."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    be_quiet()
    torch.manual_seed(0)
    names = dict(enumerate(labels))
    model = AutoModelForSequenceClassification.from_pretrained(
        checkpoint, num_labels=len(labels), id2label=names, label2id={label: number for number, label in names.items()}
    )
    # Otherwise all probabilities would be alike, and a swap of rows hardly seen.
    with torch.no_grad():
        model.classifier.weight.mul_(20)
    model.save_pretrained(folder)
    AutoTokenizer.from_pretrained(checkpoint).save_pretrained(folder)
    return str(folder)


def small_writer(folder: Path, texts: Sequence[str], window: int, size: int = 256, layers: int = 6) -> str:
    """A decoder of a few million weights with a vocabulary of ``texts``; it has no dropout, as its kind has none."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    be_quiet()
    words = Tokenizer(models.BPE())
    words.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    words.decoder = decoders.ByteLevel()
    special = ["<end>", "<pad>"]
    words.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=VOCABULARY, special_tokens=special))
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=words, eos_token="<end>", pad_token="<pad>", model_max_length=window
    )
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=size, intermediate_size=3 * size, num_hidden_layers=layers,
        num_attention_heads=size // 32, num_key_value_heads=size // 32, max_position_embeddings=window,
        eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id, bos_token_id=None,
    )  # fmt: skip
    torch.manual_seed(0)
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)


def lengths(checkpoint: str | Path, texts: Sequence[str], most: int | None = None, special: bool = True) -> list[int]:
    """The tokens of each text."""
    from transformers import AutoTokenizer

    tokenizer: Any = AutoTokenizer.from_pretrained(checkpoint)
    found = tokenizer(list(texts), truncation=most is not None, max_length=most, add_special_tokens=special)
    return [len(ids) for ids in found["input_ids"]]
