"""A model whose own numbers are held in fewer bits while an adapter is trained on it (QLoRA).

Tasks load their models themselves, through ``core.models.heads``: that asks here, so that no task has to know of it.

Source: Dettmers et al. (2023), "QLoRA: Efficient Finetuning of Quantized LLMs", arXiv:2305.14314; and (2022),
"LLM.int8()", arXiv:2208.07339.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from core.adapter_config import AdapterConfig
from core.capabilities import missing
from core.errors import ConfigError, StudioError, is_out_of_memory
from core.said import said

FIELD = "adapter.quantization"
_BLOCK = 64
"""Numbers that share a scale in 4 bits."""
_BITS: ContextVar[str] = ContextVar("bits", default="none")


@contextmanager
def held(wanted: AdapterConfig) -> Iterator[None]:
    """Models that are loaded within the block are held in the bits that are ``wanted``.

    Raises ``ConfigError`` where this machine, or the model, cannot do that.
    """
    if not wanted.is_quantized:
        yield
        return
    if reason := missing("bitsandbytes"):
        title = said("The model cannot be held in {bits} bits here.", bits=_bits(wanted))
        raise ConfigError(title, reason, field=FIELD)
    token = _BITS.set(wanted.quantization)
    try:
        yield
    except StudioError:
        raise
    except (ImportError, RuntimeError, ValueError, AttributeError) as exc:
        if is_out_of_memory(exc):
            raise
        raise ConfigError(
            said("This model cannot be held in {bits} bits on this machine.", bits=_bits(wanted)),
            said("Choose its own precision for what the model is held in."),
            field=FIELD,
            cause=f"{type(exc).__name__}: {exc}",
            remedy={FIELD: "none"},
        ) from exc
    finally:
        _BITS.reset(token)


def how_held(auto: str, folder: str) -> dict[str, Any]:
    """What ``from_pretrained`` is given for the bits that are wanted now; nothing for a model's own precision.

    ``auto`` is the class of transformers that opens it. What is trained whole keeps its own precision.
    """
    bits = _BITS.get()
    if bits == "none":
        return {}
    import torch
    from transformers import BitsAndBytesConfig

    # It says at every layer of every step that numbers are rounded.
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
    is_gpu = torch.cuda.is_available()
    worked_in = torch.bfloat16 if is_gpu and torch.cuda.is_bf16_supported() else torch.float32
    config = BitsAndBytesConfig(
        load_in_4bit=bits == "4bit",
        load_in_8bit=bits == "8bit",
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=worked_in,
        llm_int8_skip_modules=_kept(auto, folder, in_blocks=bits == "4bit" and not is_gpu),
    )
    return {"quantization_config": config, "device_map": {"": torch.cuda.current_device() if is_gpu else "cpu"}}


def is_held(model: Any) -> bool:
    """Whether a model is held in fewer bits."""
    return bool(getattr(model, "is_quantized", False))


def _kept(auto: str, folder: str, in_blocks: bool) -> list[str]:
    """Names of the parts that keep their precision: an answer layer, a pooler, the layer that names words.

    ``in_blocks``: where bitsandbytes works without a GPU, also layers whose width is no multiple of its blocks of 4
    bits. Raises ``ConfigError`` where nothing is left.
    """
    import torch
    import transformers
    from torch.nn import Linear
    from transformers.pytorch_utils import Conv1D

    from core.adapters.layers import outside
    from core.models.programs import trusting

    trusted = trusting(folder)
    config = transformers.AutoConfig.from_pretrained(folder, local_files_only=True, **trusted)
    with torch.device("meta"):
        skeleton = getattr(transformers, auto).from_config(config, **trusted)
    output = skeleton.get_output_embeddings()
    modules = dict(skeleton.named_modules())
    kept = [*outside(skeleton), *(name for name in modules if modules[name] is output or name.endswith(".pooler"))]
    linear = {name: module for name, module in modules.items() if isinstance(module, Linear | Conv1D)}
    widths = {name: module.weight.shape[isinstance(module, Linear)] for name, module in linear.items()}
    narrow = [name for name, width in widths.items() if in_blocks and width % _BLOCK]
    if all(name in narrow or name.startswith(tuple(kept)) for name in linear):
        raise ConfigError(
            said("No layer of this model can be held in 4 bits without a GPU."),
            said("Choose 8 bits, or its own precision."),
            field=FIELD,
            remedy={FIELD: "none"},
        )
    return [*kept, *narrow]


def _bits(wanted: AdapterConfig) -> str:
    return wanted.quantization.removesuffix("bit")
