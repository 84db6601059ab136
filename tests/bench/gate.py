"""A callback that stands at the end of each step and lets a ``Trainer`` go on only as far as it is told.

It also notes which examples come in which step, so that two trainers can be shown to see the same.
"""

from __future__ import annotations

import time
from typing import Any
from zlib import crc32

import torch
from transformers import TrainerCallback

from tests.bench.callback_cost import Meter
from tests.bench.channel import Channel

channel: Channel | None = None
"""Set by the program that this is part of."""
meter: Meter | None = None
"""Set where the cost of callbacks is measured."""


class Gate(TrainerCallback):
    """Answers ``{"steps": n}`` with what those took, and ``{"end": true}`` with the losses that were logged."""

    def __init__(self) -> None:
        assert channel is not None, "the program has to open it"
        self._channel = channel
        self._losses: list[float] = []
        self._seen: list[list[list[int]]] = []
        self._left = self._from = 0

    def on_train_begin(self, args: Any, state: Any, control: Any, train_dataloader: Any = None, **kwargs: Any) -> None:
        # accelerate wraps a loader in its own, which reads from the one inside.
        loader = getattr(train_dataloader, "base_dataloader", train_dataloader)
        collate = loader.collate_fn

        def noting(pieces: list[dict[str, Any]]) -> Any:
            self._seen.append([[len(piece["input_ids"]), _mark(piece["input_ids"])] for piece in pieces])
            return collate(pieces)

        loader.collate_fn = noting
        self._channel.tell(ready=True, device=str(args.device))
        self._wait(control)

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._left -= 1
        if self._left == 0:
            wall, cpu = _now()
            cost = meter.taken() if meter else {}
            seen = self._seen[self._from : state.global_step]
            self._channel.tell(wall=wall - self._wall, cpu=cpu - self._cpu, seen=seen, **cost)
            self._from = state.global_step
            self._wait(control)

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float] | None = None, **kwargs: Any) -> None:
        if logs and "loss" in logs:
            self._losses.append(logs["loss"])

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._channel.tell(losses=self._losses)

    def _wait(self, control: Any) -> None:
        command = self._channel.hear()
        if "end" in command:
            control.should_training_stop = True
        self._left = command.get("steps", 0)
        if meter:
            meter.begin(is_bare=command.get("bare", False))
        self._wall, self._cpu = _now()


def _now() -> tuple[float, float]:
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter(), time.process_time()


def _mark(ids: Any) -> int:
    return crc32(repr(list(ids)).encode())
