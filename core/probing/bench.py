"""Real steps of a run's model before its training, after which everything is as it was: weights, chance, settings.

Used in workers only.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import mean
from typing import Any

Piece = Mapping[str, Any]


@dataclass(frozen=True)
class Shape:
    """Texts of so many tokens each, none of them padding."""

    widths: tuple[int, ...]

    @classmethod
    def alike(cls, rows: int, width: int) -> Shape:
        """So many texts of one length."""
        return cls((width,) * rows)

    @property
    def tokens(self) -> int:
        return sum(self.widths)

    @property
    def pairs(self) -> int:
        return sum(width**2 for width in self.widths)


class Bench:
    """Makes steps of a ``Trainer`` that has not begun yet, on some of its own ``pieces``, stretched to any length."""

    def __init__(self, trainer: Any, pieces: Sequence[Piece]) -> None:
        self._trainer = trainer
        self._model = trainer.model
        self._collate = trainer.data_collator
        self._pieces = pieces
        self.is_cuda = trainer.args.device.type == "cuda"
        self._began, self._computed = time.monotonic(), time.thread_time()
        self._bf16, self._tf32 = False, _has_tf32()
        self.written = 0.0
        """Tokens that are written for each one that is read, by a model that writes one text from another."""

    def seconds(self) -> float:
        """Since it began, by the clock on the wall."""
        return time.monotonic() - self._began

    def computed(self) -> float:
        """The same, of this thread's own time where the processor computes: what others take does not count."""
        return self.seconds() if self.is_cuda else time.thread_time() - self._computed

    def share(self) -> float:
        """Of that time, how much the processor gave to this thread: less where others compute as well."""
        return min(1.0, (time.thread_time() - self._computed) / max(1e-9, self.seconds()))

    def batch(self, shape: Shape) -> list[Any]:
        """The parts of a batch of this shape, as the run itself would put them together."""
        from core.training.batching.trainer import parts

        pieces = [stretched(self._pieces[row % len(self._pieces)], width) for row, width in enumerate(shape.widths)]
        found = [self._trainer._prepare_inputs(part) for part in parts(self._collate(pieces))]
        read, labels = found[0]["input_ids"], found[0].get("labels")
        if labels is not None and labels.dim() == 2 and labels.shape[1] != read.shape[1] and _writes(self._model):
            self.written = labels.shape[1] / read.shape[1]
        return found

    def learn(self, batch: list[Any]) -> float:
        """Seconds of forward and backward on a batch, gradients added to those that are there."""
        began = self._now()
        for part in batch:
            with self._precision():
                loss = self._trainer.compute_loss(self._model, part)
            loss.backward()
        return self._now() - began

    def on_the_wall(self, batch: list[Any]) -> float:
        """The same by the clock on the wall: what helpers take counts, too."""
        began = time.perf_counter()
        self.learn(batch)
        return time.perf_counter() - began

    def take_precision(self, name: str) -> None:
        """Compute in ``fp32`` (as the run is set), ``tf32`` or ``bf16`` from now on."""
        import torch

        self._bf16 = name == "bf16"
        if self.is_cuda:
            torch.backends.cuda.matmul.allow_tf32 = self._tf32 or name == "tf32"

    def _precision(self) -> Any:
        import torch

        if not self._bf16:
            return self._trainer.accelerator.autocast()
        return torch.autocast(self._trainer.args.device.type, dtype=torch.bfloat16)

    def answer(self, batch: list[Any]) -> tuple[float, float]:
        """(seconds of a forward without gradients, as checks do it; the loss, with nothing left to chance)."""
        import torch

        self._model.eval()
        began, total = self._now(), 0.0
        with torch.inference_mode(), self._precision():
            for part in batch:
                total += float(self._trainer.compute_loss(self._model, part))
        seconds = self._now() - began
        self._model.train()
        return seconds, total

    def correct(self) -> tuple[float, float]:
        """(seconds of a correction, bytes of what the optimizer notes down), by the gradients that are there."""
        import torch

        optimizer = self._trainer.create_optimizer()
        trained = [one for one in self._model.parameters() if one.requires_grad]
        seconds = []
        for _ in range(3):
            began = self._now()
            torch.nn.utils.clip_grad_norm_(trained, self._trainer.args.max_grad_norm)
            optimizer.step()
            seconds.append(self._now() - began)
        notes = [value for state in optimizer.state.values() for value in state.values() if torch.is_tensor(value)]
        # The first one makes its notes.
        return mean(seconds[1:]), float(sum(one.numel() * one.element_size() for one in notes))

    def _now(self) -> float:
        """A moment. Of a processor the time of this thread counts, which others that compute beside it do not change:
        forward and backward both go on in it, and it waits for its helpers.
        """
        if not self.is_cuda:
            return time.thread_time()
        import torch

        torch.cuda.synchronize()
        return time.perf_counter()


@contextmanager
def untouched(trainer: Any) -> Iterator[int]:
    """Within it steps may be made; after it weights, gradients, the optimizer, chance, the threads, the attention and
    what the model remembers are as before, to the bit. What is not trained never changes, so it is not copied; gives
    the bytes that are.
    """
    import random

    import numpy as np
    import torch

    model = trainer.model
    weights = [(one, one.detach().clone()) for one in model.parameters() if one.requires_grad]
    weights += [(one, one.detach().clone()) for one in model.buffers()]
    chance = random.getstate(), np.random.get_state(), torch.get_rng_state()
    chance_of_gpus = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
    mode, threads, optimizer = model.training, torch.get_num_threads(), trainer.optimizer
    attention = getattr(model.config, "_attn_implementation", None)
    tf32 = _has_tf32()
    saves_memory = trainer.args.activation_checkpointing
    if saves_memory:
        model.activation_checkpointing_enable()
    model.train()
    try:
        yield sum(one.numel() * one.element_size() for one, _ in weights)
    finally:
        model.zero_grad(set_to_none=True)
        trainer.optimizer = optimizer
        with torch.no_grad():
            for one, before in weights:
                one.copy_(before)
        if saves_memory:
            model.activation_checkpointing_disable()
        model.train(mode)
        if getattr(model.config, "_attn_implementation", None) != attention:
            model.set_attn_implementation(attention)
        torch.set_num_threads(threads)
        torch.backends.cuda.matmul.allow_tf32 = tf32
        random.setstate(chance[0])
        np.random.set_state(chance[1])
        torch.set_rng_state(chance[2])
        if chance_of_gpus:
            torch.cuda.set_rng_state_all(chance_of_gpus)


def _has_tf32() -> bool:
    import torch

    return bool(torch.backends.cuda.matmul.allow_tf32)


def _writes(model: Any) -> bool:
    return bool(getattr(model.config, "is_encoder_decoder", False))


def stretched(piece: Piece, width: int) -> dict[str, Any]:
    """A piece with ``width`` tokens: its lists repeated or cut, each in proportion; numbers as they are."""
    length = max(1, len(piece["input_ids"]))

    def fitted(value: Any) -> Any:
        value = value.tolist() if hasattr(value, "tolist") else value
        if not isinstance(value, list) or not value:
            return value
        wanted = max(1, round(len(value) * width / length))
        return (value * -(-wanted // len(value)))[:wanted]

    return {name: fitted(value) for name, value in piece.items()}
