"""How much memory training a model takes, by the way it is trained.

- All of its numbers: 16 bytes each (weight, gradient and the two moments of AdamW in float32, as Rajbhandari et al.
  2020, arXiv:1910.02054, count them), and what is kept for the backward pass (Korthikanti et al. 2022,
  arXiv:2205.05198).
- LoRA (Hu et al. 2021, arXiv:2106.09685): the weights stay as they are, in 4 bytes each; two narrow matrices beside
  each layer's are trained, 16 bytes a number. IA³ (Liu et al. 2022, arXiv:2205.05638) trains a few vectors.
- QLoRA (Dettmers et al. 2023, arXiv:2305.14314): the same, with the weights in 4 bits and 0.127 bits of constants each,
  or in 8 bits; the embeddings stay in 4 bytes. At its end the adapter is merged into the model in full: 4 bytes each.

What is kept for the backward pass is the same for all of them: gradients go through the frozen weights too.
"""

from __future__ import annotations

from typing import Literal

from core import machine
from core.adapter_config import AdapterConfig
from core.hub.types import Method
from core.models.types import Checkpoint
from core.said import said

PROCESS_BYTES = 600_000_000
"""A worker with its libraries, before any model."""
BYTES_A_PARAMETER = 16
COPIES_OF_SCORES = 3
"""Of a model that writes: the scores of every word at each token, as shares, and their gradient."""
_BITS = {"4bit": 4.127, "8bit": 8.0}


def needed_bytes(checkpoint: Checkpoint, adapter: AdapterConfig, batch: int, longest: int, *, writes: bool) -> int:
    """Memory for a training in batches of texts of at most ``longest`` tokens, by what is trained."""
    parameters, around = _parameters(checkpoint), _around(checkpoint, batch, longest, writes)
    if not adapter.is_used:
        return BYTES_A_PARAMETER * parameters + around
    beside = BYTES_A_PARAMETER * trained_parameters(checkpoint, adapter)
    if not adapter.is_quantized:
        return 4 * parameters + beside + around
    names = min(parameters, (checkpoint.vocab_size or 0) * (checkpoint.hidden_size or 0))
    held = round(4 * names + _BITS[adapter.quantization] / 8 * (parameters - names))
    return max(held + beside + around, 4 * parameters + PROCESS_BYTES)


def trained_parameters(checkpoint: Checkpoint, adapter: AdapterConfig) -> int:
    """Numbers that are trained: all of a model, or those of the adapter beside each matrix of each layer."""
    if not adapter.is_used:
        return _parameters(checkpoint)
    width, layers = checkpoint.hidden_size or 768, checkpoint.layers or 12
    if adapter.method == "ia3":
        return layers * (2 + 4) * width
    attention, after = 4 * 2 * width, 3 * 5 * width
    return layers * adapter.r * (attention + after)


def methods(checkpoint: Checkpoint, batch: int, longest: int, *, writes: bool) -> tuple[Method, ...]:
    """The three ways, and whether each fits the memory that is free now: the GPU's where there is one."""
    available = available_bytes()

    def method(name: Literal["full", "lora", "qlora"], title: str, adapter: AdapterConfig) -> Method:
        needed = needed_bytes(checkpoint, adapter, batch, longest, writes=writes)
        return Method(name, title, needed, needed < available)

    return (
        method("full", said("Full fine-tuning: all of its numbers are trained"), AdapterConfig()),
        method("lora", said("LoRA: an adapter is trained, a small part beside it"), AdapterConfig(method="lora")),
        method(
            "qlora",
            said("QLoRA: the same, with the model held in 4 bits meanwhile"),
            AdapterConfig(method="lora", quantization="4bit"),
        ),
    )


def available_bytes() -> int:
    """Memory in which a model could be trained now: the GPU's where there is one, else the machine's."""
    return machine.gpu_memory_free() or machine.memory_available()


def activation_bytes(checkpoint: Checkpoint, batch: int, length: int) -> int:
    """Bytes kept for the backward pass in float32, at the widest batch."""
    width, layers = checkpoint.hidden_size or 768, checkpoint.layers or 12
    heads = max(1, width // 64)
    return layers * batch * length * (68 * width + 10 * heads * length)


def body_parameters(checkpoint: Checkpoint) -> int:
    """Parameters that multiply with every token: all but the embeddings, twelve times width squared a layer."""
    if checkpoint.layers and checkpoint.hidden_size:
        return 12 * checkpoint.layers * checkpoint.hidden_size**2
    return checkpoint.parameters or 100_000_000


def _parameters(checkpoint: Checkpoint) -> int:
    return checkpoint.parameters or body_parameters(checkpoint)


def _around(checkpoint: Checkpoint, batch: int, longest: int, writes: bool) -> int:
    """What training takes whatever is trained: the process, the backward pass, and the scores of words."""
    vocabulary = (checkpoint.vocab_size or 0) if writes else 0
    scores = COPIES_OF_SCORES * 4 * batch * longest * vocabulary
    return PROCESS_BYTES + activation_bytes(checkpoint, batch, longest) + scores
