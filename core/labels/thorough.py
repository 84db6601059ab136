"""What models of the run's own kind say of each row, each trained anew without the rows that it judges.

They start where the run started and learn as it learned (its loss, rates, batches, frozen layers and adapter), from
fewer rows and for no more than ``MOST_EPOCHS``. Nothing checks them on the way, as whatever chooses a model has seen
the labels that it chooses by; and nothing of them is kept but their answers. Used in workers only.
"""

from __future__ import annotations

import gc
import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import events
from core.config import TrainingConfig
from core.errors import is_out_of_memory
from core.labels.teaching_time import epochs_of
from core.tasks.base import Context

if TYPE_CHECKING:
    import numpy as np

    from core.data.types import Target
    from core.prediction.predictor import Predictor
    from core.runs import Run
    from core.training.shop import Workshop

Told = Callable[[float, str], None]
"""Hears of each step: the share of all that is done, and in words where it is."""
Stepped = Callable[[int, int], None]
"""(steps done, steps in all) of one training."""


def taught(
    predictor: Predictor, run: Run, folder: Path, examples: Any, target: Target, fold: np.ndarray, told: Told
) -> np.ndarray:
    """Array of logits, of shape (rows, labels): those of a row are by the model that did not learn from its fold.

    ``fold`` is a number from 0 for each row of ``examples``; ``folder`` is that of the model to start from.
    """
    import numpy as np

    from core.training.shop import Workshop

    count, found = int(fold.max()) + 1, np.zeros(0)
    context = replace(predictor.context, target=target, learned={}, checkpoint=folder)
    place = run.path / ".labels.draft"
    shutil.rmtree(place, ignore_errors=True)  # of a check that was cancelled, which ends its process
    place.mkdir(exist_ok=True)
    try:
        # What is said of such a training is said to nobody.
        with closing(events.EventLog(place / "events.jsonl")) as log:
            school = _School(Workshop(run, log, predictor.config, predictor.task), context, folder, place)
            for number in range(count):
                learned, judged = np.flatnonzero(fold != number), np.flatnonzero(fold == number)

                def stepped(done: int, steps: int, number: int = number) -> None:
                    words = f"Training {number + 1} of {count}: {done:,} of {steps:,} steps"
                    told((number + done / max(1, steps)) / count, words)

                said = school.said(examples.take(learned), examples.take(judged), stepped)
                if not found.size:
                    found = np.zeros((len(fold), *said.shape[1:]))
                found[judged] = said
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return found


def settings(training: TrainingConfig, rows: int, tokens: float) -> TrainingConfig:
    """Those of a run, for a training on ``rows`` examples that nothing checks and of which nothing is kept."""
    return training.model_copy(
        update={
            "num_train_epochs": epochs_of(training, rows, tokens),
            "max_steps": -1,
            # Some schedules wait for checks.
            "lr_scheduler_type": "linear",
            "lr_scheduler_kwargs": {},
            "eval_strategy": "no",
            "eval_on_start": False,
            "save_strategy": "no",
            "resume_from_checkpoint": None,
            "report_to": "none",
        }
    )


@dataclass(frozen=True)
class _School:
    """What the trainings share. ``place`` is a folder for what they may write down."""

    shop: Workshop
    context: Context
    folder: Path
    place: Path

    def said(self, learned: Any, judged: Any, stepped: Stepped) -> Any:
        """What a new model says of ``judged`` once it has learned from ``learned``, both tables of examples."""
        from core.prediction.inference import run_model

        task = self.shop.task
        model = self._model(learned, stepped)
        texts = {name: judged.column(name).to_pylist() for name in task.read_columns if name in judged.column_names}
        return run_model(model, task, self.context, texts, "predict").rows

    def _model(self, learned: Any, stepped: Stepped) -> Any:
        """The trained model. Where memory runs out, it is trained with smaller batches that make the same steps."""
        from core.training.batching.order import size_of
        from core.training.learning import smaller

        rows = self.shop.task.training_rows(learned, self.context)
        columns = {name: rows.column(name).to_pylist() for name in rows.column_names}
        encoded = self.shop.task.encode(columns, self.context, "train")
        names = [name for name in self.shop.task.model_inputs if name in encoded]
        pieces = [
            dict(zip(names, values, strict=True)) for values in zip(*(encoded[name] for name in names), strict=True)
        ]
        training: TrainingConfig | None = settings(self.shop.config.training, *size_of(pieces))
        while training is not None:
            # Whatever an earlier try holds is let go of before the next.
            gc.collect()
            smallest = smaller(training)
            try:
                return self._trained(self.shop.with_training(training), pieces, stepped)
            except Exception as exc:
                if smallest is None or not is_out_of_memory(exc):
                    raise
            training = smallest
        raise AssertionError("a batch of one is the last that is tried")

    def _trained(self, shop: Workshop, pieces: list[dict[str, Any]], stepped: Stepped) -> Any:
        from transformers import PrinterCallback, set_seed

        from core.adapters.holding import held
        from core.adapters.training import put_on, trainer_of
        from core.training import taught as shaping
        from core.training.arguments import training_arguments
        from core.training.batching.layout import collator_of
        from core.training.batching.order import size_of
        from core.training.reporter import EpochTeller
        from core.training.steps import steps_of

        training = shop.config.training
        arguments = training_arguments(training, shop.task, self.place, steps_of(shop.config, *size_of(pieces)))
        set_seed(training.seed)
        with held(shop.config.adapter):
            model = shop.task.build_model(str(self.folder), self.context).model
        shaping.shape(shop, model)
        trainer_class, beside = trainer_of(put_on(shop, model), self.folder)
        collate = collator_of(shop, self.context, arguments, model, pieces)
        trainer = trainer_class(
            **beside,
            model=model,
            args=arguments,
            train_dataset=pieces,
            data_collator=collate,
            loss=shaping.loss_of(shop, self.context),
            rates=shaping.rates_of(shop, model),
            tokens_a_step=training.tokens_per_step,
            check=_unchecked,
            callbacks=[EpochTeller(collate), _teller(stepped)],
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train()
        return trainer.model


def _unchecked(model: Any, stepped: Callable[[], None]) -> tuple[dict[str, float], int]:
    raise AssertionError("nothing is checked on the way")


def _teller(stepped: Stepped) -> Any:
    from transformers import TrainerCallback

    class Teller(TrainerCallback):
        def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            stepped(0, state.max_steps)

        def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            stepped(state.global_step, state.max_steps)

    return Teller()
