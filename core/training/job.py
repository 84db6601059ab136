"""One training run from its folder to its report: prepare → train → keep the best model → judge → report.

Called by ``core.worker`` in a process of its own, which holds the run's lock.
"""

from __future__ import annotations

import shutil
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from core import events, home, machine
from core.config import RunConfig
from core.data.joined import data_hash
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
ROWS_IN_MEMORY = 100_000
"""Above this, the tokens of a part are kept in a file instead of in memory."""


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
    data = data_hash(shop.config.data)
    resume_from, trained_before, changed = _resume_point(shop, data)
    log.append(_started(resume_from, data))
    if changed:
        shop.notice(
            "The table has changed since this run began, so it begins anew.",
            "Going on would mix examples that were learned from into those kept aside.",
            "warning",
        )

    shop.phase("preparing", "Reading the table")
    parts = _prepare(shop)
    if _stopped_early(shop, resume_from):
        return
    extra = load_all(shop.config.evaluation.metrics)
    folder = resolve(shop.config.model.checkpoint, shop.config.model.revision)
    shop.phase("loading", "Loading the model to start from")
    tokenizer = _tokenizer(folder)
    max_length = _max_length(shop, folder)
    shop.phase("preparing", "Cutting the texts into tokens")
    train_set, validation_set = (
        _encode(shop, name, part, parts, tokenizer, max_length)
        for name, part in (("train", parts.train), ("validation", parts.validation))
    )
    _notice_cut_texts(shop, train_set, max_length)
    if _stopped_early(shop, resume_from):
        return

    trainer, reporter = _build_trainer(shop, folder, parts, tokenizer, train_set, validation_set, trained_before)
    check_disk(run, trainer.model)
    log.append(_planned(parts, trainer))
    shop.phase("training", "Training")
    trainer.train(resume_from_checkpoint=str(resume_from) if resume_from else None)
    train_runtime = reporter.pace.elapsed()
    shutil.rmtree(run.tokens_path, ignore_errors=True)
    if reporter.leave_requested:
        raise Left

    shop.phase("saving", "Keeping the best model")
    _save_model(run, trainer, tokenizer)
    shop.phase("judging", "Judging the model on examples it has never seen")
    judge = Judge(shop.task, parts, trainer.model, tokenizer, max_length, extra, log)
    write_report(run, judge, trainer, train_runtime)
    _end(shop, trainer, reporter, train_runtime)


def _resume_point(shop: Workshop, data: str) -> tuple[Path | None, float, bool]:
    """(checkpoint to go on from or None, seconds trained up to it, whether the data has changed meanwhile).

    With other rows the parts are shared out anew, so what was learned from may stand in the test part, or a class
    number may mean another class: going on would make the final mark a lie.
    """
    happened, _ = events.read(shop.run.events_path)
    before = next((event.data for event in reversed(happened) if isinstance(event, events.Started)), data)
    checkpoint = checkpoints.newest(shop.run.checkpoints_path)
    if checkpoint is None:
        return None, 0.0, before != data
    if before != data:
        shutil.rmtree(shop.run.checkpoints_path)
        shop.run.checkpoints_path.mkdir()
        return None, 0.0, True
    step = checkpoints.step_of(checkpoint)
    steps = [event for event in happened if isinstance(event, events.Stepped) and event.step <= step]
    return checkpoint, max((event.elapsed_s for event in steps), default=0.0), False


def _stopped_early(shop: Workshop, resume_from: Path | None) -> bool:
    """Whether a stop was asked for before training began; if so, the run's last word is said."""
    if not shop.run.stop_path.exists():
        return False
    step = checkpoints.step_of(resume_from) if resume_from else 0
    shop.log.append(events.Stopped(step=step, has_model=shop.run.has_model))
    return True


def _started(resume_from: Path | None, data: str) -> events.Started:
    import torch

    return events.Started(
        device=torch.cuda.get_device_name(0) if torch.cuda.is_available() else "CPU",
        threads=torch.get_num_threads(),
        versions=versions(),
        resumed_from_step=checkpoints.step_of(resume_from) if resume_from else None,
        data=data,
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
        return AutoTokenizer.from_pretrained(folder, trust_remote_code=False, local_files_only=True)
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


def _encode(shop: Workshop, name: str, table: Any, parts: DataParts, tokenizer: Any, max_length: int) -> Any:
    """A ``datasets.Dataset`` of model inputs, one row for each row of ``table``; a large one lies on disk."""
    from datasets import Dataset

    def encode(batch: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
        return shop.task.encode(batch, tokenizer, parts.target, max_length)

    dataset = Dataset(table)
    options: dict[str, Any] = {"keep_in_memory": True}
    if table.num_rows > ROWS_IN_MEMORY:
        shop.run.tokens_path.mkdir(exist_ok=True)
        options = {"cache_file_name": str(shop.run.tokens_path / f"{name}.arrow"), "load_from_cache_file": False}
    return dataset.map(encode, batched=True, remove_columns=dataset.column_names, **options)


def _notice_cut_texts(shop: Workshop, dataset: Any, max_length: int) -> None:
    import pyarrow.compute as pc

    full = pc.sum(pc.greater_equal(pc.list_value_length(dataset.data.column("input_ids")), max_length)).as_py()
    if full:
        shop.notice(
            f"{full:,} of {len(dataset):,} training texts fill the maximum length of {max_length} tokens.",
            "What goes beyond it is not read. A larger maximum length reads more and takes longer.",
        )


def _build_trainer(
    shop: Workshop,
    folder: Path,
    parts: DataParts,
    tokenizer: Any,
    train_set: Any,
    validation_set: Any,
    trained_before: float,
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
    reporter = Reporter(shop.run, shop.log, shop.task, training.learning_rate, trained_before)
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
    """Write ``model/`` aside, and give it its name when whole and on disk: the checkpoints are deleted after it."""
    draft = run.path / ".model.draft"
    shutil.rmtree(draft, ignore_errors=True)
    trainer.model.save_pretrained(draft)
    tokenizer.save_pretrained(draft)
    checkpoints.commit(draft, run.model_path)


def _end(shop: Workshop, trainer: Any, reporter: Any, train_runtime: float) -> None:
    """Write the last event. A finished run needs its checkpoints no more; a stopped one may be taken up again."""
    state = trainer.state
    if reporter.stop_requested:
        shop.log.append(events.Stopped(step=state.global_step, has_model=True))
        return
    shutil.rmtree(shop.run.checkpoints_path, ignore_errors=True)
    shop.log.append(events.Finished(train_runtime_s=train_runtime, stopped_early=state.global_step < state.max_steps))
