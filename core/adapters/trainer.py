"""The Trainer of a run that trains an adapter: its checkpoints hold what is trained, and nothing of what stays.

Imported in workers only: it needs torch and transformers at import.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch  # noqa: TID253  (imported in workers only)
from transformers.trainer import TRAINING_ARGS_NAME  # noqa: TID253

from core.adapters.attached import Adapter
from core.training.trainer import SafeTrainer


class AdapterTrainer(SafeTrainer):
    """A ``SafeTrainer`` that saves, takes up and chooses adapters; the model beneath is the checkpoint's own."""

    def __init__(self, *args: Any, adapter: Adapter, base: Path, **kwargs: Any) -> None:
        """``base`` is the folder of the checkpoint."""
        self.adapter, self.base = adapter, base
        super().__init__(*args, **kwargs)
        if self.args.activation_checkpointing:
            # A block is run again for its gradients only where what goes into it has one; embeddings have none here.
            adapter.model.enable_input_require_grads()

    def exchange(self, adapter: Adapter) -> None:
        """After training: let go of the model that has learned, and go on with that of ``adapter``."""
        self.adapter = adapter
        self.model = self.model_wrapped = self.callback_handler.model = adapter.model
        self.optimizer = self.lr_scheduler = None
        self.accelerator.free_memory()
        adapter.model.to(self.args.device)

    def _save(self, output_dir: str | None = None, state_dict: Any = None) -> None:
        if not self.args.should_save:
            return
        folder = Path(output_dir or str(self.args.output_dir))
        self.adapter.write(folder)
        self.adapter.model.config.save_pretrained(folder)
        if self.processing_class is not None:
            self.processing_class.save_pretrained(folder)
        torch.save(self.args, folder / TRAINING_ARGS_NAME)

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        self.adapter.read(Path(resume_from_checkpoint))

    def _load_best_model(self) -> None:
        self.adapter.read(Path(str(self.state.best_model_checkpoint)))
