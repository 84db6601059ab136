"""One training run from its folder to its report: prepare → train → keep the best model → judge → report.

Called by ``core.worker`` in a process of its own, which holds the run's lock.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from core import events, orders
from core.adapters.training import settle
from core.afterwards import note_of
from core.data.joined import data_hash
from core.data.parts import DataParts
from core.evaluation.extra import load_all
from core.judging.judging import finite
from core.probing.measuring import with_time
from core.runs import Run, write_atomically
from core.said import said
from core.script import making
from core.tasks import TASKS
from core.tasks.base import Context
from core.training import calibrating, checkpoints, distributed, ranks
from core.training.asking import Cancelled, StopAsked, heard, listener
from core.training.batching.told import about, filling
from core.training.beginning import checkpoint_of, context_of, judged_parts, prepare, started
from core.training.building import planned
from core.training.energy import Meter, measuring
from core.training.keeping import end, keep_nothing, save_model
from core.training.preparing import Larder, notice_cut_texts, notice_unlearnable
from core.training.report import Judge, is_best, write_report
from core.training.resuming import Start, fitted, resume_point, tell
from core.training.room import check_disk
from core.training.shop import Workshop
from core.training.streaming import opening
from core.training.token_cache import TokenCache

if TYPE_CHECKING:
    from core.training.learning import Lesson
    from core.training.pushing import Pusher


def train(run: Run, log: events.EventLog) -> None:
    """Do the whole run, writing events as it goes. The last event is ``Finished`` or ``Stopped``.

    Raises whatever goes wrong; the caller explains it. Raises ``asking.Left`` after a termination signal.
    """
    shop = Workshop(run, log, distributed.as_one(run), TASKS[run.config.task])
    try:
        with heard(run, ["nothing"]):
            _work(shop)
    except Cancelled:
        if ranks.leads():
            keep_nothing(shop)


def _work(shop: Workshop) -> None:
    if shop.config.ensemble.is_used:
        from core.ensembles.judging import judge_together

        return judge_together(shop)
    if not shop.config.hub.push_to_hub or not ranks.leads():
        return _train(shop)
    from core.training.pushing import Pusher

    pusher = Pusher(shop)
    try:
        _train(shop, pusher)
    finally:
        pusher.close()


def _train(shop: Workshop, pusher: Pusher | None = None) -> None:
    run, log = shop.run, shop.log
    run.checkpoints_path.mkdir(exist_ok=True)
    data = data_hash(shop.config.data)
    start = ranks.agree(_place_to_begin(shop, data) if ranks.leads() else Start())
    resume_from = start.checkpoint
    meter = measuring(is_resumed=resume_from is not None)
    log.append(started(resume_from, data))
    tell(shop, start)
    shop.notices(filter(None, [note_of(shop.config)]))
    shop = fitted(shop)
    if start.has_other_data:
        (run.path / "before.json").unlink(missing_ok=True)
    if pusher is not None:
        shop.phase("preparing", said("Asking the Hub whether the model may be published there"))
        pusher.check(is_resumed=resume_from is not None)
    shop.phase("preparing", said("Reading the table"))
    with ranks.first_alone():
        parts = prepare(shop)
        folder = checkpoint_of(shop)
    if _stopped_early(shop, resume_from):
        return
    extra = load_all(shop.config.evaluation.metrics, shop.config.custom.metrics)
    shop.phase("loading", said("Loading the model to start from"))
    context = context_of(shop, folder, parts)
    parts = judged_parts(shop, parts, context)
    shop.phase("preparing", said("Cutting the texts into tokens"))
    train_rows = shop.task.training_rows(parts.train, context)
    larder = Larder(shop, context, TokenCache(folder))
    with ranks.first_alone():
        train_set = larder.pieces("train", train_rows, "train")
        validation_set = larder.pieces("validation", parts.validation, "evaluate")
    notice_cut_texts(shop, train_set, context.max_length)
    notice_unlearnable(shop, train_set)
    if _stopped_early(shop, resume_from):
        return

    from core.training.learning import Ground, Lesson

    lesson = Lesson(shop, Ground(folder, parts, context, train_set, validation_set, data, pusher), start)
    if ranks.leads():
        making.write(shop, folder, lesson.trainer, parts, context)
    check_disk(run, lesson.trainer.model)
    try:
        with heard(run, get_args(orders.Kept)):
            told = lesson.measure()
            before = _before_training(lesson, parts, context, larder) if ranks.leads() else None
            ranks.wait()
    except StopAsked:
        _stopped_early(shop, resume_from)
        return
    shop.notices(filter(None, [filling(lesson.trainer), about(shop, lesson.trainer)]))
    if lesson.shop is not shop:
        making.write(lesson.shop, folder, lesson.trainer, parts, context)
    log.append(
        with_time(planned(shop, parts, lesson.trainer), told, checkpoints.step_of(resume_from) if resume_from else 0)
    )
    train_runtime = lesson.learn()
    shop, trainer, reporter = lesson.shop, lesson.trainer, lesson.reporter
    if not distributed.part(shop, trainer, folder, context):
        return
    shop.phase("saving", said("Keeping the best model" if is_best(trainer) else "Keeping the model as it is now"))
    settle(shop, trainer, context)
    save_model(shop, trainer, context)
    shop.phase("judging", said("Judging the model on examples it has never seen"))
    listen = listener(run, reporter)
    judge = Judge(shop.task, parts, trainer.model, context, larder.pieces, extra, log, listen)
    try:
        with heard(run, ["nothing"] if reporter.stop_requested else get_args(orders.Kept)):
            _judge(shop, judge, trainer, train_runtime, before, meter)
    except StopAsked:
        shop.notice(
            said("The judging was left out."), said("The model is kept. Take the run up again to have it judged.")
        )
        kept: Literal["best", "last"] = "best" if is_best(trainer) else "last"
        log.append(events.Stopped(step=trainer.state.global_step, has_model=True, kept=kept))
        return
    if pusher is not None:
        pusher.finish(
            is_wanted=lambda: not reporter.leave_requested and reporter.stop_requested == run.stop_path.exists()
        )
    end(shop, trainer, reporter, train_runtime)


def _place_to_begin(shop: Workshop, data: str) -> Start:
    checkpoints.clear_drafts(shop.run.checkpoints_path)
    return resume_point(shop, data)


def _judge(
    shop: Workshop,
    judge: Judge,
    trainer: Any,
    train_runtime: float,
    before: dict[str, Any] | None,
    meter: Meter | None = None,
) -> None:
    tuned = calibrating.tuned(shop, judge, trainer)
    streamed = None
    if shop.config.data.streaming:
        streamed = opening.told(trainer.train_dataset, trainer.state.global_step)
        opening.notice_told(shop, streamed)
    write_report(shop.run, tuned, trainer, train_runtime, before, streamed, meter.end() if meter else None)


def _before_training(lesson: Lesson, parts: DataParts, context: Context, larder: Larder) -> dict[str, Any] | None:
    """The judgement of the model as it comes, where it can answer already; made once, also when a run is resumed."""
    shop = lesson.shop
    if not shop.task.starts_able:
        return None
    kept = shop.run.path / "before.json"
    if not kept.is_file():
        shop.phase("judging", said("Judging the model as it is before training"))
        listen = listener(shop.run, lesson.reporter)
        judge = Judge(shop.task, parts, lesson.trainer.model, context, larder.pieces, {}, shop.log, listen)
        write_atomically(kept, json.dumps(finite(judge.test()[1]), ensure_ascii=False, allow_nan=False))
    found: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
    return found


def _stopped_early(shop: Workshop, resume_from: Path | None) -> bool:
    """Whether a stop was asked for before training began; if so, the run's last word is said."""
    kept = ranks.agree(orders.kept_of(shop.run) if shop.run.stop_path.exists() else None)
    if kept is None:
        return False
    if kept == "nothing":
        raise Cancelled
    step = checkpoints.step_of(resume_from) if resume_from else 0
    shop.log.append(events.Stopped(step=step, has_model=shop.run.has_model))
    return True
