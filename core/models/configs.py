"""What a ``config.json`` says of a model's size and reach; None where it does not say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ARCHITECTURES = {
    "albert": "ALBERT", "bert": "BERT", "camembert": "CamemBERT", "deberta": "DeBERTa", "deberta-v2": "DeBERTa",
    "bart": "BART", "distilbert": "DistilBERT", "electra": "ELECTRA", "encoder-decoder": "encoder and decoder",
    "gpt2": "GPT-2", "llama": "Llama", "marian": "Marian", "mbart": "mBART", "mistral": "Mistral",
    "modernbert": "ModernBERT", "mpnet": "MPNet", "mt5": "mT5", "qwen2": "Qwen2", "qwen3": "Qwen3",
    "roberta": "RoBERTa", "t5": "T5", "xlm-roberta": "XLM-RoBERTa",
}  # fmt: skip
"""How people write them; others are called as ``config.json`` does."""
_WITH_OFFSET = {"roberta", "xlm-roberta", "xlm-roberta-xl", "camembert", "longformer", "data2vec-text", "mpnet", "esm"}
"""Their position table begins with two places that no token takes."""
_RELATIVE = {"t5", "mt5", "umt5", "longt5"}
"""They know how far two tokens stand apart, and have no position table: ``n_positions`` says what they have seen."""
_NO_LIMIT = 1_000_000
"""Tokenizers without a limit of their own say so with a huge number."""


def architecture(config: Mapping[str, Any]) -> str:
    kind = str(config.get("model_type") or "")
    return ARCHITECTURES.get(kind, kind)


def hidden_size(config: Mapping[str, Any]) -> int | None:
    return _number(config, "hidden_size", "dim", "d_model", "n_embd")


def layers(config: Mapping[str, Any]) -> int | None:
    return _number(config, "num_hidden_layers", "n_layers", "n_layer", "num_layers")


def vocab_size(config: Mapping[str, Any]) -> int | None:
    return _number(config, "vocab_size")


def max_length(config: Mapping[str, Any], tokenizer_config: Mapping[str, Any]) -> int | None:
    """Tokens that fit: the smaller of the position table and the tokenizer's own limit, where they are given."""
    places = _number(config, "max_position_embeddings", "n_positions", "n_ctx")
    if config.get("model_type") in _RELATIVE:
        places = None
    if places and config.get("model_type") in _WITH_OFFSET:
        places -= 2
    own = tokenizer_config.get("model_max_length")
    limits = [places, int(own) if isinstance(own, int | float) else None]
    return min((limit for limit in limits if limit and 0 < limit < _NO_LIMIT), default=None)


def _number(config: Mapping[str, Any], *names: str) -> int | None:
    return next((config[name] for name in names if isinstance(config.get(name), int)), None)
