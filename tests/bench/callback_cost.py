"""What our callbacks take of a training: timed one by one where transformers calls them, and left out in turn."""

from __future__ import annotations

import time
from typing import Any

from transformers.trainer_callback import CallbackHandler


class Meter:
    """Stands in for ``CallbackHandler.call_event`` in this process from when it is made."""

    def __init__(self) -> None:
        self._bare = False
        self._seconds = 0.0
        CallbackHandler.call_event = self._hooked()

    def begin(self, is_bare: bool) -> None:
        """From here on count anew; ``is_bare``: without our callbacks."""
        self._bare, self._seconds = is_bare, 0.0
        self._process, self._thread = time.process_time(), time.thread_time()

    def taken(self) -> dict[str, float]:
        """Seconds of the CPU since: ``callbacks`` in ours, ``beside`` in other threads than the one that trains."""
        process, thread = time.process_time() - self._process, time.thread_time() - self._thread
        return {"callbacks": self._seconds, "beside": max(0.0, process - thread)}

    def _hooked(self) -> Any:
        def call_event(handler: Any, event: str, args: Any, state: Any, control: Any, **kwargs: Any) -> Any:
            more = {
                "model": handler.model,
                "processing_class": handler.processing_class,
                "optimizer": handler.optimizer,
                "lr_scheduler": handler.lr_scheduler,
                "train_dataloader": handler.train_dataloader,
                "eval_dataloader": handler.eval_dataloader,
                **kwargs,
            }
            for callback in handler.callbacks:
                is_ours = type(callback).__module__.startswith("core.")
                if is_ours and self._bare:
                    continue
                began = time.thread_time()
                control = getattr(callback, event)(args, state, control, **more) or control
                if is_ours:
                    self._seconds += time.thread_time() - began
            return control

        return call_event
