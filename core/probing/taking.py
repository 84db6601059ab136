"""The fastest way to compute, taken by a run whose trainer is ready and has not begun."""

from __future__ import annotations

from typing import Any

from core.probing.found import Probed, Way
from core.said import said, said_many
from core.training.shop import Workshop

_PRECISIONS = {"bf16": "16 bits (bf16)", "tf32": "fast products (tf32)"}


def take(trainer: Any, found: Probed) -> None:
    """Compute as was found to be fastest, and cut batches by what that costs."""
    import torch

    way = found.way
    if way.threads:
        torch.set_num_threads(way.threads)
    if way.attention:
        trainer.model.set_attn_implementation(way.attention)
    if way.precision == "tf32":
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    if way.precision == "bf16":
        _take_bf16(trainer)
    cut_by = getattr(trainer.data_collator, "cut_by", None)
    if cut_by is not None:
        cut_by(found.cutting)


def told(shop: Workshop, way: Way) -> Workshop:
    """The run with the settings that it goes by now, for whatever tells of them."""
    if way.precision is None:
        return shop
    return shop.with_training(shop.config.training.model_copy(update={way.precision: True}))


def in_words(way: Way) -> str:
    """What is not as usual; empty where all of it is. Of threads there may be as many as the machine has."""
    precision = said(_PRECISIONS[way.precision]) if way.precision in _PRECISIONS else ""
    threads = said_many(way.threads, "{count} thread", "{count} threads") if way.threads else ""
    attention = said("plain attention") if way.attention == "eager" else way.attention or ""
    told, *others = [words for words in (precision, attention, threads) if words] or [""]
    for words in others:
        told = said("{first} and {last}", first=told, last=words)
    return told


def _take_bf16(trainer: Any) -> None:
    """As if it had been set before the trainer was made: accelerate asks for it once, when it is."""
    from accelerate.state import AcceleratorState

    trainer.args.bf16 = True
    trainer.args.mixed_precision = "bf16"
    AcceleratorState._reset_state()
    trainer.create_accelerator_and_postprocess()
