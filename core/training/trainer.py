"""Our ``Trainer``: the stock one, its training loop untouched, with checkpoints that are complete or absent.

Imported in workers only: it needs torch and transformers at import.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from transformers import Trainer  # noqa: TID253  (imported in workers only)
from transformers.trainer_utils import rotate_checkpoints  # noqa: TID253

from core.training import checkpoints


class SafeTrainer(Trainer):
    """A ``transformers.Trainer`` whose checkpoints appear under their names only when whole and on disk.

    The stock one writes in place and deletes older checkpoints by time; killed half-way it leaves a folder that
    ``resume_from_checkpoint=True`` would take.
    """

    _draft_dir: Path | None = None

    def _get_output_dir(self, trial: Any) -> str:
        return str(self._draft_dir) if self._draft_dir else str(super()._get_output_dir(trial))

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        output_dir = Path(str(self.args.output_dir))
        name = f"checkpoint-{self.state.global_step}"
        checkpoints.clear_drafts(output_dir)
        self._draft_dir = output_dir / checkpoints.DRAFT
        try:
            super()._save_checkpoint(model, trial)
        finally:
            self._draft_dir = None
        if not self.args.should_save:
            return
        checkpoints.commit(output_dir / checkpoints.DRAFT / name, output_dir / name)
        point_to_best(self.state, output_dir)
        rotate_checkpoints(
            output_dir=str(output_dir),
            save_total_limit=self.args.save_total_limit,
            best_model_checkpoint=self.state.best_model_checkpoint,
        )


def point_to_best(state: Any, output_dir: Path) -> None:
    """Set ``state.best_model_checkpoint`` by the best step's number: paths in saved states may be stale or moved."""
    best = output_dir / f"checkpoint-{state.best_global_step}"
    state.best_model_checkpoint = str(best) if state.best_global_step and best.is_dir() else None
