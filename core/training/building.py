"""The Trainer of a run: its model built, its callbacks set, what it will do said beforehand."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

from core import custom, events
from core.adapters.holding import held
from core.adapters.training import put_on, trainer_of
from core.data.parts import DataParts
from core.errors import TrainingError
from core.evaluation.extra import load_all
from core.said import said
from core.tasks.base import Context
from core.training import taught
from core.training.batching import packing
from core.training.batching.layout import collator_of, shared, take_whole_if_needed
from core.training.batching.order import size_of
from core.training.checking import check_of
from core.training.pace import between_checks
from core.training.shop import Workshop
from core.training.steps import epochs_in_all, rows_a_step, steps_of


def build_trainer(
    shop: Workshop,
    folder: Path,
    parts: DataParts,
    context: Context,
    train_set: Any,
    validation_set: Any,
    trained_before: float = 0.0,
) -> tuple[Any, Any]:
    """(the ``SafeTrainer`` of a run with its model built and its callbacks set, the ``Reporter`` among those)."""
    from transformers import PrinterCallback, set_seed

    from core.training.arguments import training_arguments
    from core.training.early_stopping import EarlyStoppingCallback
    from core.training.reporter import EpochTeller, Reporter
    from core.training.signs.teller import SignTeller, usual_rates
    from core.training.trackers import tracker
    from core.training.watching import watchers

    task, training, own = shop.task, shop.config.training, shop.config.custom
    streaming = shop.config.data.streaming
    steps = steps_of(shop.config, *((0, 0) if streaming else size_of(train_set)))
    arguments = training_arguments(training, task, shop.run.checkpoints_path, steps, is_stream=streaming is not None)
    # The new answer layer is drawn by chance, before the Trainer sets its own seed.
    set_seed(training.seed)
    with held(shop.config.adapter):
        built = task.build_model(str(folder), context)
    shop.notices(built.notes)
    taught.shape(shop, built.model)
    trainer_class, beside_it = trainer_of(put_on(shop, built.model), folder)
    names = load_all((), own.metrics)
    reporter = Reporter(shop.run, shop.log, task, training.learning_rate, trained_before, names)
    if training.tokens_per_step:
        reporter.rows_a_step = rows_a_step(training, *size_of(train_set))
    patience = training.patience
    collate = collator_of(shop, context, arguments, built.model, train_set)
    if streaming:
        train_set.heard = getattr(collate, "set_epoch", train_set.heard)
    else:
        # Helpers that stay would never hear of the next epoch.
        arguments.dataloader_persistent_workers &= not hasattr(collate, "set_epoch")
        train_set = train_set.select_columns([name for name in task.model_inputs if name in train_set.column_names])
    loss = taught.loss_of(shop, context)
    sharing = shared(training, arguments, collate)
    trainer = trainer_class(
        **beside_it,
        model=built.model,
        args=arguments,
        train_dataset=train_set,
        eval_dataset=validation_set,
        processing_class=context.tokenizer,
        data_collator=collate,
        loss=loss,
        rates=taught.rates_of(shop, built.model),
        tokens_a_step=training.tokens_per_step,
        check=check_of(
            shop,
            parts.validation,
            validation_set,
            context,
            reporter.evaluated,
            reporter.detailed,
            lambda: between_checks(reporter.pace, trainer.args, trainer.state),
        ),
        beside=(lambda folder, step: train_set.place_at(step).write(folder)) if streaming else None,
        callbacks=[
            # Before the reporter, who takes the time of a check when it hears of its end.
            *watchers(shop, context),
            reporter,
            *([] if streaming else [EpochTeller(collate)]),
            *([EarlyStoppingCallback(patience, training.early_stopping_threshold)] if patience else []),
            *tracker(shop.run, training, arguments),
            *(callback() for callback in custom.callables(own.callbacks)),
        ],
    )
    trainer.sharing = sharing
    if training.fsdp and sharing is not None and trainer.accelerator.distributed_type.value != "FSDP":
        raise TrainingError(
            said("Each process would hold the whole model, though it should hold a part of it."),
            said("FSDP takes several GPUs. Choose to let each process hold the whole model (DDP)."),
            remedy={"distribution.strategy": "ddp"},
        )
    if not streaming:
        take_whole_if_needed(trainer, loss, train_set)
    packing.begin(shop, trainer)
    trainer.add_callback(SignTeller(shop.run, shop.log, lambda: trainer.waited_s, usual_rates(shop.config)))
    # Events say all that it would print for every step.
    trainer.remove_callback(PrinterCallback)
    _leave_on_termination(reporter)
    return trainer, reporter


def _leave_on_termination(reporter: Any) -> None:
    def handler(signum: int, frame: object) -> None:
        reporter.leave_requested = True

    signal.signal(signal.SIGTERM, handler)


def planned(shop: Workshop, parts: DataParts, trainer: Any) -> events.Planned:
    """What the training will be, as an event."""
    arguments = trainer.args
    streaming = shop.config.data.streaming
    rows, tokens = (0, 0) if streaming else size_of(trainer.train_dataset)
    return events.Planned(
        train_rows=streaming.max_steps * _rows_a_step(arguments) if streaming else parts.train.num_rows,
        validation_rows=parts.validation.num_rows,
        test_rows=parts.test.num_rows,
        total_steps=steps_of(shop.config, rows, tokens),
        num_train_epochs=0 if streaming else epochs_in_all(shop.config.training, rows, tokens),
        parameters=sum(parameter.numel() for parameter in trainer.model.parameters()),
        main_metric=arguments.metric_for_best_model,
        train_tokens=tokens,
    )


def _rows_a_step(arguments: Any) -> int:
    return int(arguments.train_batch_size * arguments.gradient_accumulation_steps)
