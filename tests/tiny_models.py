"""Very small real checkpoints of every family: narrow layers with random weights, and vocabularies of their own.

Making one imports torch and transformers, so finished folders are kept in pytest's cache, named by their recipe.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

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

OWN_TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}<end>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
"""What ``tiny_chat`` brings along: it does not mark the turns of the assistant."""


@pytest.fixture(scope="session")
def tiny_bert(pytestconfig: pytest.Config) -> Path:
    """An encoder that learns in seconds. Copy a tiny checkpoint before changing anything in it."""
    return tiny_checkpoint(_shelf(pytestconfig), TEXTS)


@pytest.fixture(scope="session")
def tiny_llama(pytestconfig: pytest.Config) -> Path:
    """A decoder with a BPE vocabulary, without padding token and chat template."""
    return shelved(_shelf(pytestconfig), "llama", TEXTS, _make_llama)


@pytest.fixture(scope="session")
def tiny_chat(pytestconfig: pytest.Config) -> Path:
    """The same with ``OWN_TEMPLATE``."""
    return shelved(_shelf(pytestconfig), "chat", TEXTS, _make_chat)


@pytest.fixture(scope="session")
def tiny_t5(pytestconfig: pytest.Config) -> Path:
    """A model that writes one text from another, with a Unigram vocabulary."""
    return shelved(_shelf(pytestconfig), "t5", TEXTS, _make_t5)


@pytest.fixture(scope="session")
def tiny_encoder_decoder(pytestconfig: pytest.Config, tiny_bert: Path) -> Path:
    """Two of ``tiny_bert`` made into one that writes: the second reads the first through new cross-attention."""
    return shelved(_shelf(pytestconfig), "encoder-decoder", (str(tiny_bert),), _make_encoder_decoder)


@pytest.fixture
def tiny_model(request: pytest.FixtureRequest) -> Callable[[str], Path]:
    """``tiny_model("decoder")``: the tiny checkpoint of a family."""
    fixtures = {"encoder": "tiny_bert", "decoder": "tiny_llama", "seq2seq": "tiny_t5"}
    return lambda family: request.getfixturevalue(fixtures[family])


def tiny_checkpoint(shelf: Path, texts: Iterable[str]) -> Path:
    """The folder on ``shelf`` of a tiny BERT whose vocabulary is learned from ``texts``; made where it is missing."""
    return shelved(shelf, "bert", tuple(texts), _make_bert)


def shelved(shelf: Path, name: str, texts: tuple[str, ...], make: Callable[[Path, tuple[str, ...]], None]) -> Path:
    """The folder that ``make(folder, texts)`` fills, made where it is missing or its recipe has changed."""
    recipe = repr((texts, Path(__file__).read_text(encoding="utf-8"), version("transformers"), version("torch")))
    folder = shelf / f"{name}-{hashlib.sha256(recipe.encode()).hexdigest()[:16]}"
    if folder.is_dir():
        return folder
    draft = shelf / f"{folder.name}.{os.getpid()}.draft"
    shutil.rmtree(draft, ignore_errors=True)
    make(draft, texts)
    try:
        draft.rename(folder)
    except OSError:  # another worker was first
        shutil.rmtree(draft)
    return folder


def _shelf(config: pytest.Config) -> Path:
    return Path(config.cache.mkdir("tiny_models"))


# --- Recipes ---------------------------------------------------------------------------------------------------------


def _make_bert(folder: Path, texts: tuple[str, ...]) -> None:
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


def _make_llama(folder: Path, texts: tuple[str, ...]) -> None:
    _save_llama(folder, _bpe(texts, ["<start>", "<end>"]))


def _make_chat(folder: Path, texts: tuple[str, ...]) -> None:
    tokenizer = _bpe(texts, ["<start>", "<end>", "<|system|>", "<|user|>", "<|assistant|>"])
    tokenizer.chat_template = OWN_TEMPLATE
    _save_llama(folder, tokenizer)


def _bpe(texts: tuple[str, ...], special: list[str]) -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    words = Tokenizer(models.BPE())
    words.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    words.decoder = decoders.ByteLevel()
    letters = pre_tokenizers.ByteLevel.alphabet()
    words.train_from_iterator(
        texts,
        trainers.BpeTrainer(vocab_size=400, special_tokens=special, initial_alphabet=letters, show_progress=False),
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=words, bos_token="<start>", eos_token="<end>", model_max_length=128, padding_side="right"
    )


def _save_llama(folder: Path, tokenizer: Any) -> None:
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            intermediate_size=64,
            max_position_embeddings=128,
            tie_word_embeddings=True,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
        )
    )
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _make_t5(folder: Path, texts: tuple[str, ...]) -> None:
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast, T5Config, T5ForConditionalGeneration

    words = Tokenizer(models.Unigram())
    words.pre_tokenizer = pre_tokenizers.Metaspace()
    words.decoder = decoders.Metaspace()
    special = ["<pad>", "</s>", "<unk>"]
    trainer = trainers.UnigramTrainer(vocab_size=300, special_tokens=special, unk_token="<unk>", show_progress=False)
    words.train_from_iterator(texts, trainer)
    words.post_processor = processors.TemplateProcessing("$A </s>", "$A </s> $B </s>", [("</s>", 1)])
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=words, pad_token="<pad>", eos_token="</s>", unk_token="<unk>", model_max_length=128
    )
    torch.manual_seed(0)
    model = T5ForConditionalGeneration(
        T5Config(
            vocab_size=len(tokenizer),
            d_model=32,
            d_kv=8,
            d_ff=64,
            num_layers=2,
            num_heads=4,
            pad_token_id=tokenizer.pad_token_id,
            eos_token_id=tokenizer.eos_token_id,
            decoder_start_token_id=tokenizer.pad_token_id,
        )
    )
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _make_encoder_decoder(folder: Path, texts: tuple[str, ...]) -> None:
    """``texts`` holds the folder of the encoder from which both halves are made."""
    import torch
    from transformers import AutoTokenizer, EncoderDecoderModel

    (half,) = texts
    tokenizer = AutoTokenizer.from_pretrained(half)
    torch.manual_seed(0)
    model = EncoderDecoderModel.from_encoder_decoder_pretrained(half, half)
    for place in (model.config, model.generation_config):
        place.decoder_start_token_id = tokenizer.cls_token_id
        place.eos_token_id = tokenizer.sep_token_id
        place.pad_token_id = tokenizer.pad_token_id
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
