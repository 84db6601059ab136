"""How progress is checked while a model learns: on the validation part, just as the final judgement runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from core.errors import TrainingError
from core.evaluation.extra import compute_all, load_all
from core.evaluation.types import Metrics
from core.prediction.inference import Output, collected, finished, run_encoded
from core.said import said
from core.tasks.base import Context, Task
from core.training import ranks
from core.training.check_sample import Limit, Sample, sampled
from core.training.pace import Interval
from core.training.shop import Workshop


def check_of(
    shop: Workshop,
    examples: Any,
    pieces: Any,
    context: Context,
    evaluated: Callable[[int, int], None],
    detailed: Callable[[dict[str, float]], None],
    interval: Callable[[], Interval | None] = lambda: None,
) -> Callable[[Any, Callable[[], None]], tuple[Metrics, int]]:
    """The ``Check`` of a run. ``evaluated`` hears of (rows done, rows in all), ``detailed`` of the F1 of each class;
    ``interval`` tells what is learned between two checks.
    """
    task, own = shop.task, load_all((), shop.config.custom.metrics)
    training = shop.config.training
    best_by, most = training.metric_for_best_model or task.main_metric, training.per_device_eval_batch_size
    told: set[str] = set()

    def tell(complaints: dict[str, str]) -> None:
        for name in complaints.keys() - told:
            told.add(name)
            shop.notice(said("{name} could not be computed at a check.", name=name), complaints[name], "warning")

    limit = Limit(shop, interval)
    samples: dict[int, Sample] = {}

    def sample(rows: int) -> Sample:
        if rows not in samples:
            samples[rows] = sampled(examples, pieces, task, rows, training.seed)
        return samples[rows]

    def run(model: Any, some: Sample, note: Callable[[int, int], None] | None = None) -> Output:
        return run_encoded(model, task, context, some.chunks(), some.examples.num_rows, "evaluate", note, most)

    def check(model: Any, stepped: Callable[[], None]) -> tuple[Metrics, int]:
        def note(done: int, total: int) -> None:
            evaluated(done, total)
            stepped()

        def clock(rows: int) -> float:
            some = sample(rows)
            began = time.monotonic()
            run(model, some)
            return (time.monotonic() - began) / ranks.count()

        some = sample(limit.settle(examples.num_rows, clock))
        if ranks.count() == 1:
            return measured(some.examples, run(model, some, note))
        found = together(model, some, note)
        return ranks.agree(measured(some.examples, found) if found is not None else ({}, 0))

    def together(model: Any, some: Sample, note: Callable[[int, int], None]) -> Output | None:
        """Of several processes each reads its share of the rows, or all where none holds the whole model; the first
        gets what all have found.
        """
        if training.fsdp or training.deepspeed:
            output = run(model, some, note)
            return output if ranks.leads() else None
        rows, count, number = some.examples.num_rows, ranks.count(), ranks.number()
        first, end = rows * number // count, rows * (number + 1) // count
        mine = some.part(first, end)

        def noted(done: int, total: int) -> None:
            note(done * rows // max(1, total), rows)

        own = collected(model, task, context, mine.chunks(), end - first, "evaluate", noted, most)
        parts = ranks.gathered(own)
        return None if parts is None else finished(task, context, parts)

    def measured(read: Any, output: Output) -> tuple[Metrics, int]:
        metrics: Metrics = {} if output.loss is None else {"loss": output.loss}
        metrics |= task.metrics_of(output.rows, read, context)
        if own:
            also, complaints = compute_all(own, *task.comparable(output.rows, read, context))
            metrics |= also
            tell(complaints)
        detailed({} if task.live_detail is None else task.live_detail(output.rows, read, context))
        _refuse_without(best_by, task, metrics)
        return metrics, read.num_rows

    return check


def _refuse_without(name: str, task: Task, metrics: Metrics) -> None:
    """Without it no model is the best one."""
    if name in metrics:
        return
    label = next((metric.label for metric in task.metrics if metric.name == name), name)
    raise TrainingError(
        said("The validation part gives no {label}, by which the best model is chosen.", label=label),
        said(
            "None of its rows holds anything that can be scored, perhaps because what should be learned does not fit "
            "into the maximum length. Give more or other rows for validation, or raise the maximum length."
        ),
        cause=f"{name} is missing among: {', '.join(metrics) or 'no metric at all'}",
    )
