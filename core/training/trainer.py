"""Our ``Trainer``: the stock one, its training loop untouched, with losses that add up, checks that run as the final
judgement does, and checkpoints that are complete or absent.

Imported in workers only: it needs torch and transformers at import.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from transformers import TrainerState  # noqa: TID253  (imported in workers only)
from transformers.trainer import TRAINER_STATE_NAME  # noqa: TID253
from transformers.trainer_utils import EvalLoopOutput  # noqa: TID253

from core.evaluation.types import Metrics
from core.training import checkpoints, ranks, saving
from core.training.asking import StopAsked
from core.training.batching.sharing import IDLE
from core.training.batching.trainer import PartsTrainer, parts
from core.training.early_stopping import is_in_turn
from core.training.losses import Loss, per_item
from core.training.optimizers import Rates, split_by_rate
from core.training.room import Room

Check = Callable[[Any, Callable[[], None]], tuple[Metrics, int]]
"""(model, called after each batch) -> metrics with ``loss``, without prefix, and the number of rows."""


Beside = Callable[[Path, int], None]
"""(folder of a checkpoint, its step): writes what else it takes to go on from there."""


class SafeTrainer(PartsTrainer):
    """A ``transformers.Trainer`` with three differences.

    The loss of a step is the sum over its micro-batches divided by the items in them: most models leave that division
    out, and what they give grows with ``gradient_accumulation_steps``. A check on the validation part is ``check``. And
    checkpoints appear under their names only when whole and on disk: the stock one writes in place and deletes older
    checkpoints by time; killed half-way it leaves a folder that ``resume_from_checkpoint=True`` would take.
    """

    loss_is_scaled_for_ga = True
    _draft_dir: Path | None = None
    control: Any
    room: Room | None = None
    """Made before each save."""
    about: Mapping[str, Any] = MappingProxyType({})
    """What its checkpoints are of, for their seals."""
    is_checking = False
    """Whether progress is being checked, or was when something went wrong."""

    def __init__(
        self,
        *args: Any,
        loss: Loss,
        check: Check,
        beside: Beside | None = None,
        rates: Rates | None = None,
        tokens_a_step: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.tokens_a_step = tokens_a_step
        self._beside = beside
        self._rates = rates
        self.waited_s = 0.0
        """Seconds that training has waited for its batches in all."""
        self._chance_of: str | None = None
        # Models are called without a count of items; dividing by it is done below, alike for all of them.
        self.model_accepts_loss_kwargs = False
        self._loss = loss
        self._check = check

    def _get_num_items_in_batch(self, batch_samples: list[Any], device: Any) -> Any:
        found = [part for batch in batch_samples for part in parts(batch)]
        if not found or "labels" not in found[0]:
            return None
        items = sum(self._loss.items(part) * (IDLE not in part) for part in found).to(device)
        return self.accelerator.gather(items).sum() if self.args.world_size > 1 else items

    def compute_loss(
        self, model: Any, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        """The loss of an item, of all items of a step; 0 of a batch that only keeps time."""
        counts = IDLE not in inputs
        scored = self._loss(model, inputs if counts else {key: one for key, one in inputs.items() if key != IDLE})
        items = scored.items if num_items_in_batch is None else num_items_in_batch
        # Gradients are averaged over processes, and the items are those of all of them.
        loss = per_item(scored.total, items) * self.accelerator.num_processes
        if not counts:
            loss = loss * 0.0
        return (loss, scored.output) if return_outputs else loss

    def evaluation_loop(
        self,
        dataloader: Any,
        description: str,
        prediction_loss_only: bool | None = None,
        ignore_keys: list[str] | None = None,
        metric_key_prefix: str = "eval",
    ) -> EvalLoopOutput:
        """Check progress as the final judgement runs; the ``dataloader`` that the stock one made is not read."""

        def stepped() -> None:
            self.control = self.callback_handler.on_prediction_step(self.args, self.state, self.control)

        self.is_checking = True
        found, rows = self._check(self.model, stepped)
        self.is_checking = False
        metrics = {f"{metric_key_prefix}_{name}": value for name, value in found.items()}
        return EvalLoopOutput(predictions=None, label_ids=None, metrics=metrics, num_samples=rows)

    def _evaluate(self, trial: Any, ignore_keys_for_eval: Any, skip_scheduler: bool = False) -> dict[str, float]:
        """As the stock one, where a check out of turn does not change how the learning rate goes on."""
        out_of_turn = not is_in_turn(self.args, self.state)
        return super()._evaluate(trial, ignore_keys_for_eval, skip_scheduler or out_of_turn)

    def _maybe_log_save_evaluate(
        self, tr_loss: Any, grad_norm: Any, model: Any, trial: Any, *args: Any, **kwargs: Any
    ) -> None:
        """As the stock one. A stop may come in the midst of a check; and what somebody wants saved is saved, also where
        the stock one keeps only what was better.
        """
        is_wanted = bool(self.control.should_save)
        try:
            super()._maybe_log_save_evaluate(tr_loss, grad_norm, model, trial, *args, **kwargs)
        except StopAsked:
            self.control.should_training_stop = is_wanted = True
        if is_wanted and not self._is_saved():
            self._save_checkpoint(model, trial)
            self.control = self.callback_handler.on_save(self.args, self.state, self.control)

    def take_up_trained(self, checkpoint: Path) -> None:
        """Be as after ``train``, where ``checkpoint`` is of a training that was at its end."""
        self.state: Any = TrainerState.load_from_json(str(checkpoint / TRAINER_STATE_NAME))
        point_to_best(self.state, checkpoint.parent)
        if self.state.best_model_checkpoint is None:
            self.state.best_model_checkpoint = str(checkpoint)
        self._load_best_model()

    def keep(self) -> None:
        """Save a checkpoint of what was learned so far, where there is none yet."""
        if self.state.global_step and not self._is_saved():
            self._save_checkpoint(self.model, trial=None)

    def _is_saved(self) -> bool:
        return (Path(str(self.args.output_dir)) / f"checkpoint-{self.state.global_step}").is_dir()

    def _load_rng_state(self, checkpoint: str | None) -> None:
        super()._load_rng_state(checkpoint)
        if checkpoint:
            saving.take_up_unlogged(self, Path(checkpoint))
        # Where batches are skipped the stock one calls this only once the first of the others is there.
        self._chance_of = checkpoint if self.args.ignore_data_skip else None

    def _load_optimizer_and_scheduler(self, checkpoint: str | None) -> None:
        wanted = saving.rates_of(self.optimizer) if checkpoint else []
        super()._load_optimizer_and_scheduler(checkpoint)
        if checkpoint:
            saving.set_rates(self.optimizer, self.lr_scheduler, wanted)

    def create_optimizer(self, model: Any = None) -> Any:
        """As the stock one, with learning rates by part of the model where those are not alike."""
        is_new = self.optimizer is None
        optimizer = super().create_optimizer(model)
        if is_new and self._rates is not None and not self._rates.are_alike:
            split_by_rate(optimizer, self.model, self._rates)
        return optimizer

    def get_batch_samples(self, *args: Any, **kwargs: Any) -> Any:
        """As the stock one. To open a data loader draws a number, which an undisturbed run would not have drawn here:
        the state of all chance is put back once the first batches of a run that is taken up are there.
        """
        began = time.monotonic()
        samples = super().get_batch_samples(*args, **kwargs)
        self.waited_s += time.monotonic() - began
        if self._chance_of is not None:
            super()._load_rng_state(self._chance_of)
            self._chance_of = None
        return samples

    def _get_output_dir(self, trial: Any) -> str:
        return str(self._draft_dir) if self._draft_dir else str(super()._get_output_dir(trial))

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        output_dir = Path(str(self.args.output_dir))
        name = f"checkpoint-{self.state.global_step}"
        saving.refuse_broken_numbers(self)
        if ranks.leads():
            checkpoints.clear_drafts(output_dir)
            if self.room is not None:
                self.room.make(self.model, output_dir / f"checkpoint-{self.state.best_global_step}")
        ranks.wait()
        self._draft_dir = output_dir / checkpoints.DRAFT
        try:
            super()._save_checkpoint(model, trial)
        finally:
            self._draft_dir = None
        about = {**self.about, **saving.unlogged(self)}
        # All have written their own part of it by then, and see it under its name after that.
        ranks.wait()
        if self.args.should_save:
            if self._beside is not None:
                self._beside(output_dir / checkpoints.DRAFT / name, self.state.global_step)
            checkpoints.seal(output_dir / checkpoints.DRAFT / name, about)
            checkpoints.commit(output_dir / checkpoints.DRAFT / name, output_dir / name)
        ranks.wait()
        point_to_best(self.state, output_dir)
        if self.args.should_save:
            checkpoints.rotate(
                output_dir, self.args.save_total_limit, output_dir / f"checkpoint-{self.state.best_global_step}"
            )


def point_to_best(state: Any, output_dir: Path) -> None:
    """Set ``state.best_model_checkpoint`` by the best step's number: paths in saved states may be stale or moved."""
    best = output_dir / f"checkpoint-{state.best_global_step}"
    state.best_model_checkpoint = str(best) if state.best_global_step and best.is_dir() else None
