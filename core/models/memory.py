"""How much memory training a model takes, by the way it is trained.

- All of its numbers: 16 bytes each (weight, gradient and the two moments of AdamW in float32, as Rajbhandari et al.
  2020, arXiv:1910.02054, count them), and what is kept for the backward pass (Korthikanti et al. 2022,
  arXiv:2205.05198).
- LoRA (Hu et al. 2021, arXiv:2106.09685): the weights stay as they are, in 2 bytes each (bfloat16) on a GPU and 4
  without; two narrow matrices of rank 16 beside each layer's are trained, 16 bytes a number.
- QLoRA (Dettmers et al. 2023, arXiv:2305.14314): the same, with the weights in 4 bits and 0.127 bits of constants each;
  the embeddings stay in 2 bytes. It takes an NVIDIA GPU.

What is kept for the backward pass is the same for all three: gradients go through the frozen weights too.
"""

from __future__ import annotations

from core import machine
from core.hub.types import Method
from core.models.types import Checkpoint

PROCESS_BYTES = 600_000_000
"""A worker with its libraries, before any model."""
BYTES_A_PARAMETER = 16
COPIES_OF_SCORES = 3
"""Of a model that writes: the scores of every word at each token, as shares, and their gradient."""
RANK = 16
_BITS_IN_FOUR = 4.127
_NOT_YET = "runs here cannot do this yet"


def full_bytes(checkpoint: Checkpoint, batch: int, longest: int, *, writes: bool) -> int:
    """Memory for training all of a model's numbers, in batches of texts of at most ``longest`` tokens."""
    return BYTES_A_PARAMETER * _parameters(checkpoint) + _around(checkpoint, batch, longest, writes)


def methods(checkpoint: Checkpoint, batch: int, longest: int, *, writes: bool) -> tuple[Method, ...]:
    """The three ways, and whether each fits the memory that is free now: the GPU's where there is one."""
    available, gpu = available_bytes(), machine.has_gpu()
    around = _around(checkpoint, batch, longest, writes)
    parameters, beside = _parameters(checkpoint), BYTES_A_PARAMETER * _beside(checkpoint)
    names = min(parameters, (checkpoint.vocab_size or 0) * (checkpoint.hidden_size or 0))
    full = full_bytes(checkpoint, batch, longest, writes=writes)
    lora = (2 if gpu else 4) * parameters + beside + around
    qlora = round(2 * names + _BITS_IN_FOUR / 8 * (parameters - names)) + beside + around
    return (
        Method("full", "Full fine-tuning: all of its numbers are trained, as in runs here", full, full < available),
        Method("lora", f"LoRA: a small part beside it is trained ({_NOT_YET})", lora, lora < available),
        Method(
            "qlora",
            f"QLoRA: the same, with the model in 4 bits, on an NVIDIA GPU ({_NOT_YET})",
            qlora,
            gpu and qlora < available,
            needs_gpu=True,
        ),
    )  # fmt: skip


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


def _beside(checkpoint: Checkpoint) -> int:
    """Numbers in the narrow matrices of LoRA: of rank 16, beside each matrix of each layer."""
    width, layers = checkpoint.hidden_size or 768, checkpoint.layers or 12
    attention, after = 4 * 2 * width, 3 * 5 * width
    return layers * RANK * (attention + after)
