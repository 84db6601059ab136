"""To which family a checkpoint belongs, from its ``config.json`` alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.models.types import Family

_ENCODERS = frozenset({
    "albert", "bert", "big_bird", "camembert", "canine", "convbert", "data2vec-text", "deberta", "deberta-v2",
    "distilbert", "electra", "ernie", "esm", "eurobert", "flaubert", "fnet", "funnel", "ibert", "layoutlm",
    "longformer", "luke", "megatron-bert", "mobilebert", "modernbert", "mpnet", "mra", "nomic_bert", "nystromformer",
    "rembert", "roberta", "roberta-prelayernorm", "roc_bert", "roformer", "squeezebert", "xlm", "xlm-roberta",
    "xlm-roberta-xl", "xmod", "yoso",
})  # fmt: skip
_SEQ2SEQ = frozenset({
    "bart", "bigbird_pegasus", "blenderbot", "blenderbot-small", "encoder-decoder", "fsmt", "led", "longt5", "m2m_100",
    "marian", "mbart", "mt5", "mvp", "nllb-moe", "pegasus", "pegasus_x", "plbart", "prophetnet", "switch_transformers",
    "t5", "t5gemma", "umt5",
})  # fmt: skip
_DECODERS = frozenset({
    "arcee", "biogpt", "bloom", "codegen", "cohere", "cohere2", "ctrl", "deepseek_v3", "exaone4", "falcon", "gemma",
    "gemma2", "gemma3_text", "glm", "glm4", "gpt2", "gpt_bigcode", "gpt_neo", "gpt_neox", "gpt_oss", "gptj", "granite",
    "helium", "lfm2", "llama", "mamba", "mamba2", "ministral", "mistral", "mixtral", "modernbert-decoder", "mpt",
    "nemotron", "olmo", "olmo2", "olmo3", "openai-gpt", "opt", "persimmon", "phi", "phi3", "qwen2", "qwen2_moe",
    "qwen3", "qwen3_moe", "rwkv", "smollm3", "stablelm", "starcoder2", "xglm", "xlnet",
})  # fmt: skip


def is_known(config: Mapping[str, Any]) -> bool:
    """Whether the model is of a kind that is known here, and needs no program of its own."""
    return config.get("model_type") in _ENCODERS | _SEQ2SEQ | _DECODERS


def family_of(config: Mapping[str, Any]) -> Family | None:
    """The family of a model with this ``config.json``, or None where the config does not tell.

    An encoder of which a decoder was made (``is_decoder``) counts as what it does now.
    """
    kind = config.get("model_type")
    if config.get("is_encoder_decoder") or kind in _SEQ2SEQ:
        return "seq2seq"
    if kind in _DECODERS or config.get("is_decoder"):
        return "decoder"
    if kind in _ENCODERS:
        return "encoder"
    named = str(next(iter(config.get("architectures") or ()), ""))
    if named.endswith("ForConditionalGeneration"):
        return "seq2seq"
    if named.endswith(("ForCausalLM", "LMHeadModel")):
        return "decoder"
    return "encoder" if named.endswith("ForMaskedLM") else None
