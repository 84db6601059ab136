"""Very small real checkpoints: a BERT of two narrow layers with random weights and a vocabulary of its own.

Making one imports torch and transformers, so finished folders are kept in pytest's cache, named by their recipe.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

import pytest

TEXTS = (
    "the film was a quiet delight from start to end",
    "what a dull film, slow and far too long",
    "the soup was cold and the waiter was rude",
    "warm bread, good soup and a kind waiter",
    "my parcel came late and the box was broken",
    "the parcel came early and nothing was broken",
    "please send my money back, the bill is wrong",
    "how do I change the password of my account?",
    "great phone, the battery lasts two days",
    "bad phone, the battery lasts two hours",
)


@pytest.fixture(scope="session")
def tiny_bert(pytestconfig: pytest.Config) -> Path:
    """A checkpoint folder that learns in seconds. Copy it before changing anything in it."""
    return tiny_checkpoint(Path(pytestconfig.cache.mkdir("tiny_models")), TEXTS)


def tiny_checkpoint(shelf: Path, texts: Iterable[str]) -> Path:
    """The folder on ``shelf`` of a tiny BERT whose vocabulary is learned from ``texts``; made where it is missing."""
    texts = tuple(texts)
    recipe = repr((texts, Path(__file__).read_text(encoding="utf-8"), version("transformers"), version("torch")))
    folder = shelf / f"bert-{hashlib.sha256(recipe.encode()).hexdigest()[:16]}"
    if folder.is_dir():
        return folder
    draft = shelf / f"{folder.name}.{os.getpid()}.draft"
    shutil.rmtree(draft, ignore_errors=True)
    _make(draft, texts)
    try:
        draft.rename(folder)
    except OSError:  # another worker was first
        shutil.rmtree(draft)
    return folder


def _make(folder: Path, texts: tuple[str, ...]) -> None:
    import torch
    from tokenizers import BertWordPieceTokenizer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    words = BertWordPieceTokenizer(lowercase=True)
    words.train_from_iterator(texts, vocab_size=400, min_frequency=1, show_progress=False)
    tokenizer = BertTokenizerFast(vocab=words.get_vocab(), do_lower_case=True, model_max_length=64)
    torch.manual_seed(0)
    model = BertModel(
        BertConfig(
            vocab_size=len(tokenizer),
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=64,
            max_position_embeddings=64,
        )
    )
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
