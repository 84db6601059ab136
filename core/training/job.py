"""One training run from its folder to its report: prepare → train → keep the best model → judge → report.

Called by ``core.worker`` in a process of its own, which holds the run's lock.
"""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from core import events, home, machine
from core.config import RunConfig
from core.data.parts import DataParts, load_parts
from core.errors import DataError, StudioError
from core.evaluation.extra import load_all
from core.models.checkpoints import describe, resolve
from core.runs import Run
from core.tasks import TASKS
from core.tasks.base import Task
from core.training import checkpoints
from core.training.report import Judge, write_report
from core.versions import versions

SPARE_DISK_BYTES = 200_000_000


class Left(Exception):
    """The worker was asked to go (a termination signal). It saved what it had; the run can be taken up again."""


@dataclass(frozen=True)
class Workshop:
    """What a run's stages share."""

    run: Run
    log: events.EventLog
    config: RunConfig
    task: Task

    def phase(self, name: Literal["preparing", "loading", "training", "judging", "saving"], words: str) -> None:
        self.log.append(events.Phase(name=name, words=words))

    def notice(self, title: str, detail: str = "", level: Literal["info", "warning"] = "info") -> None:
        self.log.append(events.Noticed(level=level, title=title, detail=detail))


def train(run: Run, log: events.EventLog) -> None:
    """Do the whole run, writing events as it goes. The last event is ``Finished`` or ``Stopped``.

    Raises whatever goes wrong; the caller explains it. Raises ``Left`` after a termination signal.
    """
    shop = Workshop(run, log, run.config, TASKS[run.config.task])
    run.checkpoints_path.mkdir(exist_ok=True)
    checkpoints.clear_drafts(run.checkpoints_path)
    resume_from = checkpoints.newest(run.checkpoints_path)
    log.append(_started(resume_from))

    shop.phase("preparing", "Reading the table")
    parts = _prepare(shop)
    extra = load_all(shop.config.evaluation.metrics)
    folder = resolve(shop.config.model.checkpoint, shop.config.model.revision)
    shop.phase("loading", "Loading the model to start from")
    tokenizer = _tokenizer(folder)
    max_length = _max_length(shop, folder)
    shop.phase("preparing", "Cutting the texts into tokens")
    train_set, validation_set = (
        _encode(shop, part, parts, tokenizer, max_length) for part in (parts.train, parts.validation)
    )
    _notice_cut_texts(shop, train_set, max_length)
    if run.stop_path.exists():
        log.append(events.Stopped(step=0, has_model=False))
        return

    trainer, reporter = _build_trainer(shop, folder, parts, tokenizer, train_set, validation_set)
    check_disk(run, trainer.model)
    log.append(_planned(parts, trainer))
    shop.phase("training", "Training")
    trainer.train(resume_from_checkpoint=str(resume_from) if resume_from else None)
    if reporter.leave_requested:
        raise Left

    shop.phase("saving", "Keeping the best model")
    _save_model(run, trainer, tokenizer)
    shop.phase("judging", "Judging the model on examples it has never seen")
    judge = Judge(shop.task, parts, trainer.model, tokenizer, max_length, extra, log)
    report = write_report(run, judge, trainer)
    _end(shop, trainer, reporter, report["train_runtime"])


def _started(resume_from: Path | None) -> events.Started:
    import torch

    return events.Started(
        device=torch.cuda.get_device_name(0) if torch.cuda.is_available() else "CPU",
        threads=torch.get_num_threads(),
        versions=versions(),
        resumed_from_step=checkpoints.step_of(resume_from) if resume_from else None,
    )


def _prepare(shop: Workshop) -> DataParts:
    parts = load_parts(shop.config)
    for finding in parts.findings:
        if finding.severity == "error":
            raise DataError(finding.title, finding.fix or finding.meaning)
        shop.notice(finding.title, finding.meaning, "warning" if finding.severity == "warning" else "info")
    return parts


def _tokenizer(folder: Path) -> Any:
    from transformers import AutoTokenizer

    from core.errors import CheckpointError

    try:
        return AutoTokenizer.from_pretrained(folder)
    except (OSError, ValueError) as exc:
        raise CheckpointError(
            "The checkpoint's tokenizer cannot be read.",
            "Its folder should hold tokenizer.json (or vocab files) beside config.json. Copy or download it again.",
            cause=str(exc),
        ) from exc


def _max_length(shop: Workshop, folder: Path) -> int:
    """The maximum length in tokens, cut to what the checkpoint can read."""
    wanted = shop.config.training.max_length
    limit = describe(str(folder)).max_length
    if limit is None or wanted <= limit:
        return wanted
    shop.notice(
        f"The maximum length is {limit} tokens instead of {wanted}.",
        "This checkpoint cannot read longer texts at once.",
    )
    return limit


def _encode(shop: Workshop, table: Any, parts: DataParts, tokenizer: Any, max_length: int) -> Any:
    """A ``datasets.Dataset`` of model inputs, one row for each row of ``table``."""
    from datasets import Dataset

    def encode(batch: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
        return shop.task.encode(batch, tokenizer, parts.target, max_length)

    dataset = Dataset(table)
    return dataset.map(encode, batched=True, remove_columns=dataset.column_names, keep_in_memory=True)


def _notice_cut_texts(shop: Workshop, dataset: Any, max_length: int) -> None:
    lengths = [len(ids) for ids in dataset["input_ids"][:]]
    cut = sum(length >= max_length for length in lengths)
    if cut:
        shop.notice(
            f"{cut:,} of {len(lengths):,} training texts are longer than {max_length} tokens and are cut there.",
            "What comes after the cut is not read. A larger maximum length reads more and takes longer.",
        )


def _build_trainer(
    shop: Workshop, folder: Path, parts: DataParts, tokenizer: Any, train_set: Any, validation_set: Any
) -> tuple[Any, Any]:
    from transformers import EarlyStoppingCallback, PrinterCallback, set_seed

    from core.training.arguments import training_arguments
    from core.training.reporter import Reporter
    from core.training.trainer import SafeTrainer

    training = shop.config.training
    steps_an_epoch = -(-len(train_set) // training.per_device_train_batch_size)
    total_steps = max(1, round(steps_an_epoch * training.num_train_epochs))
    arguments = training_arguments(training, shop.task, shop.run.checkpoints_path, total_steps)
    # The new answer layer is drawn by chance, before the Trainer sets its own seed.
    set_seed(training.seed)
    reporter = Reporter(shop.run, shop.log, shop.task, training.learning_rate)
    patience = training.early_stopping_patience
    trainer = SafeTrainer(
        model=shop.task.build_model(str(folder), parts.target),
        args=arguments,
        train_dataset=train_set,
        eval_dataset=validation_set,
        processing_class=tokenizer,
        data_collator=shop.task.collator(tokenizer),
        compute_metrics=lambda output: shop.task.compute_metrics(output.predictions, output.label_ids, parts.target),
        callbacks=[reporter, *([EarlyStoppingCallback(patience)] if patience else [])],
    )
    # Events say all that it would print for every step.
    trainer.remove_callback(PrinterCallback)
    _leave_on_termination(reporter)
    return trainer, reporter


def _leave_on_termination(reporter: Any) -> None:
    def handler(signum: int, frame: object) -> None:
        reporter.leave_requested = True

    signal.signal(signal.SIGTERM, handler)


def check_disk(run: Run, model: Any) -> None:
    """Refuse early what would fail late: weights and two optimizer moments a checkpoint, one more while saving."""
    from core.training.arguments import CHECKPOINTS_KEPT

    weights = sum(parameter.numel() * parameter.element_size() for parameter in model.parameters())
    needed = weights * 3 * (CHECKPOINTS_KEPT + 1) + weights + SPARE_DISK_BYTES
    free = machine.disk_free(run.path)
    if free < needed:
        raise StudioError(
            f"The disk has {free / 1e9:.1f} GB free and this run needs {needed / 1e9:.1f} GB for its checkpoints.",
            f"Free some space (the home folder is {home.home()}), or empty the trash, then start again.",
        )


def _planned(parts: DataParts, trainer: Any) -> events.Planned:
    train_rows = parts.train.num_rows
    arguments = trainer.args
    steps_an_epoch = -(-train_rows // arguments.train_batch_size)
    return events.Planned(
        train_rows=train_rows,
        validation_rows=parts.validation.num_rows,
        test_rows=parts.test.num_rows,
        total_steps=int(-(-steps_an_epoch * arguments.num_train_epochs // 1)),
        num_train_epochs=arguments.num_train_epochs,
        parameters=sum(parameter.numel() for parameter in trainer.model.parameters()),
        main_metric=arguments.metric_for_best_model,
    )


def _save_model(run: Run, trainer: Any, tokenizer: Any) -> None:
    """Write ``model/`` aside and rename it when whole."""
    draft = run.path / ".model.draft"
    shutil.rmtree(draft, ignore_errors=True)
    trainer.model.save_pretrained(draft)
    tokenizer.save_pretrained(draft)
    shutil.rmtree(run.model_path, ignore_errors=True)
    os.rename(draft, run.model_path)


def _end(shop: Workshop, trainer: Any, reporter: Any, train_runtime: float) -> None:
    """Write the last event. A finished run needs its checkpoints no more; a stopped one may be taken up again."""
    state = trainer.state
    if reporter.stop_requested:
        shop.log.append(events.Stopped(step=state.global_step, has_model=True))
        return
    shutil.rmtree(shop.run.checkpoints_path, ignore_errors=True)
    shop.log.append(events.Finished(train_runtime_s=train_runtime, stopped_early=state.global_step < state.max_steps))
