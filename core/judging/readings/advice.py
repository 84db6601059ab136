"""What to do next, most useful first: only what the numbers of this report bear."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from core.evaluation.sections import judged
from core.evaluation.types import MetricWords, Section
from core.judging import advising, advising_training
from core.judging.advising import Item
from core.judging.readings import overlap, slices
from core.judging.readings.base import Facts, Reading, Report
from core.judging.readings.slices import texts_of
from core.said import said

NAME = "advice"
MOST = 6


def read(facts: Facts) -> dict[str, Any]:
    """``items``: at most ``MOST``, in the form of the ``advice`` section."""
    return {"items": list(_items(facts))[:MOST]}


def _items(facts: Facts) -> Iterator[Item]:
    report, task = facts.report, facts.task
    found, _ = judged(report)
    if not found.get("rows"):
        return
    if item := advising.of_overlap(report.get(overlap.NAME)):
        yield item
    if item := advising.of_learning(found, report.get("baselines") or {}, facts.history):
        yield item
    target, has_learned = facts.context.target, advising.has_learned(found, report.get("baselines") or {})
    if has_learned:
        yield from advising.of_classes(found, dict(zip(target.labels, target.counts, strict=False)))
    if has_learned and (item := advising.of_slices(report.get(slices.NAME))):
        yield item
    name, main = task.main_metric, next((one for one in task.metrics if one.name == task.main_metric), None)
    is_best, more_is_better = report.get("kept") == "best", bool(main and main.greater_is_better)
    if not is_faultless(found, main) and (
        item := advising_training.of_length(facts.history, name, more_is_better, is_best)
    ):
        yield item
    if has_learned and (item := advising.of_mix_ups(found)):
        yield item
    if item := advising.of_size(found, "accuracy" if "accuracy" in found else name if _is_share(main) else ""):
        yield item
    if item := _of_cuts(facts):
        yield item
    if item := advising.of_sureness(facts.kept):
        yield item


def is_faultless(found: Mapping[str, Any], main: MetricWords | None) -> bool:
    """Whether these rows leave nothing to be gained by training for another time."""
    return main is not None and _is_share(main) and found.get(main.name) == 1


def _is_share(metric: MetricWords | None) -> bool:
    return metric is not None and metric.style == "percent"


def _of_cuts(facts: Facts) -> Item | None:
    context = facts.context
    long = 4 * context.max_length
    reads_pieces = sum(facts.task.features([long], context.max_length, context.options)) >= long
    texts = texts_of(facts.parts.test, facts.task.read_columns)
    return advising_training.of_cuts(texts, context.tokenizer, context.max_length, reads_pieces)


def sections(report: Report) -> list[Section]:
    """One block; none where nothing calls for advice."""
    items = report[NAME]["items"]
    if not items:
        return []
    about = said("Most useful first. Each follows from the numbers of this report.")
    return [Section("advice", said("What to do next"), about, {"items": items})]


ADVICE = Reading(NAME, said("What to do next"), read, sections, comes_first=True)
