"""What may be searched: the settings with numbers or choices, ranges that suit each, and values from them."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any

from core.capabilities import missing
from core.config import HubConfig, NotifyConfig, OriginConfig, RunConfig, put, shape_of, validate
from core.errors import ConfigError
from core.limits import limits
from core.schema import Row, rows

if TYPE_CHECKING:
    from core.search.config import Span

DIGITS = 3
"""Of a number that was suggested, so many digits count."""
GRID_POINTS = 3
"""Values of a range that a grid tries."""
LEFT_OUT = ("data.", "hub.", "notify.")
"""Parts of a config that say what is learned from and whom to tell: no settings of the learning."""
NOT_OFFERED = ("Precision and speed", "Checks", "Saving", "Notes and trackers", "Reading the examples", "Several GPUs")
"""Groups of settings that change how long a run takes and what is said of it, more than how good it gets."""
FIXED = ("training.eval_strategy", "training.eval_steps", "training.auto_find_batch_size", "adapter.save")
"""Settings of other groups of which the same is true."""
LONGEST_NAME = 120
SMALLEST_BATCH = 4
USUAL_RATES = (1e-5, 1e-4)


def searchable(task: str) -> list[Row]:
    """The settings of a task that have numbers or choices, in the order of declaration."""
    found = rows(shape_of(task))
    return [
        row for row in found if not row.path.startswith(LEFT_OUT) and (row.choices or row.type in (int, float, bool))
    ]


def value_of(config: RunConfig, path: str) -> Any:
    """The value of a setting, by its path."""
    return reduce(getattr, path.split("."), config)


def is_used(row: Row, config: RunConfig) -> bool:
    """Whether the setting matters for such a run."""
    beside = row.path.removesuffix(row.name)
    return all(
        when.allows(value_of(config, when.field if "." in when.field else f"{beside}{when.field}"))
        for when in row.setting.conditions
    )


def complaint(base: RunConfig, space: Sequence[Span]) -> str:
    """What is wrong with a space, in words; empty when all is well. Its ends are tried against the settings' limits."""
    known = {row.path: row for row in searchable(base.task)}
    if base.training.eval_strategy == "no":
        return "trials are compared by their checks, and this run makes none: let it check its progress"
    if base.ensemble.is_used:
        return "several models that answer together learn nothing, so there is nothing to search"
    for span in space:
        row = known.get(span.path)
        if row is None:
            return f"{span.path} is no setting that can be searched"
        if span.kind != "choice" and row.type not in (int, float):
            return f"{row.setting.label} has no numbers: give a list of choices"
        for value in span.choices if span.kind == "choice" else (span.low, span.high):
            if not _is_allowed(base, span, value):
                return f"{row.setting.label} cannot be {value}: give {limits(row)}"
    return ""


def _is_allowed(base: RunConfig, span: Span, value: Any) -> bool:
    try:
        trial_config(base, (span,), {span.path: value})
    except ConfigError:
        return False
    return True


def trial_config(base: RunConfig, space: Sequence[Span], values: Mapping[str, Any], **origin: Any) -> RunConfig:
    """The run of one trial: ``base`` with these values. It publishes nothing, tells nobody and keeps no checkpoints."""
    draft = base.model_dump(mode="json")
    for span in space:
        put(draft, span.path, written(span, values[span.path]))
    if "trial" in origin:
        draft["name"] = f"{base.name or 'Search'}, trial {origin['trial']}"[-LONGEST_NAME:]
    draft["hub"] = HubConfig().model_dump(mode="json")
    draft["notify"] = NotifyConfig().model_dump(mode="json")
    draft["origin"] = OriginConfig(**origin).model_dump(mode="json")
    draft["training"] |= {"keep_checkpoints": False, "resume_from_checkpoint": None}
    return validate(draft)


def written(span: Span, value: Any) -> Any:
    """A value as a config has it: with as many digits as count, and within the range."""
    if span.kind == "choice" or span.low is None or span.high is None:
        return value
    if span.kind == "int":
        return int(value)
    return min(max(float(f"{value:.{DIGITS}g}"), span.low), span.high)


def beginning(base: RunConfig, space: Sequence[Span]) -> dict[str, Any] | None:
    """The values of ``base`` itself, for a first trial to compare with; None where one lies outside the space."""
    values = {span.path: value_of(base, span.path) for span in space}
    if not all(_holds(span, values[span.path]) for span in space):
        return None
    return {span.path: int(values[span.path]) if span.kind == "int" else values[span.path] for span in space}


def _holds(span: Span, value: Any) -> bool:
    if span.kind == "choice":
        return value in span.choices
    inside = isinstance(value, int | float) and span.low is not None and span.low <= value <= (span.high or 0)
    return bool(inside and (span.kind == "float" or float(value).is_integer()))


def grid(space: Sequence[Span], seed: int) -> list[dict[str, Any]]:
    """Every combination of evenly spaced values, in an order by chance: a search that ends early has seen all sides."""
    points = itertools.product(*(_points(span) for span in space))
    found = [dict(zip((span.path for span in space), point, strict=True)) for point in points]
    random.Random(seed).shuffle(found)
    return found


def grid_size(space: Sequence[Span]) -> int:
    """How many combinations a grid has."""
    return math.prod(len(_points(span)) for span in space)


def _points(span: Span) -> list[Any]:
    if span.kind == "choice" or span.low is None or span.high is None:
        return list(span.choices)
    shares = [number / (GRID_POINTS - 1) for number in range(GRID_POINTS)]
    if span.log:
        found = [span.low * (span.high / span.low) ** share for share in shares]
    else:
        found = [span.low + (span.high - span.low) * share for share in shares]
    if span.kind == "int":
        return sorted({round(value) for value in found})
    return [written(span, value) for value in found]


def proposed(base: RunConfig) -> list[Span]:
    """Ranges that are worth a search for such a run: what decides most, around what it has now."""
    from core.search.config import Span

    training, adapter = base.training, base.adapter
    rate, batch = training.learning_rate, training.per_device_train_batch_size
    low, high = USUAL_RATES if USUAL_RATES[0] <= rate <= USUAL_RATES[1] else (rate / 3, min(rate * 3, 1.0))
    sizes = tuple(sorted({max(SMALLEST_BATCH, batch // 2), batch, batch * 2}))
    found = [
        Span(path="training.learning_rate", kind="float", low=_short(low), high=_short(high), log=True),
        Span(path="training.per_device_train_batch_size", kind="choice", choices=sizes),
    ]
    if base.data.streaming is None:
        epochs = max(1, round(training.num_train_epochs))
        most = max(2, epochs + max(1, epochs // 2))
        found.append(Span(path="training.num_train_epochs", kind="int", low=max(1, epochs // 2), high=most))
    found += [
        _among("training.weight_decay", training.weight_decay, 0.0, 0.01, 0.1),
        _among("training.warmup_steps", training.warmup_steps, 0.0, 0.06, 0.1, 0.2),
    ]
    if adapter.method == "lora":
        found.append(_among("adapter.r", adapter.r, 8, 16, 32, 64))
    return [span for span in found if not complaint(base, (span,))]


def offered(base: RunConfig) -> list[Span]:
    """A first range for every setting that can be searched and matters for such a run: those ``proposed`` first."""
    from core.search.config import Span

    first = proposed(base)
    taken = {span.path for span in first}
    found = list(first)
    for row in searchable(base.task):
        if row.path in (*taken, *FIXED) or row.group in NOT_OFFERED or not is_used(row, base):
            continue
        if missing(row.setting.needs):
            continue
        if row.choices or row.type is bool:
            needs = row.setting.choice_needs
            here = tuple(value for _, value in row.choices if not missing(needs.get(value, "")))
            choices = here or (False, True)
            span = Span(path=row.path, kind="choice", choices=choices) if len(choices) > 1 else None
        else:
            span = _around(row, value_of(base, row.path))
        if span is not None and not complaint(base, (span,)):
            found.append(span)
    return found


def _around(row: Row, value: Any) -> Span | None:
    """From half of what it is now to twice as much, within the setting's own limits."""
    from core.search.config import Span

    if value is None or value < 0:
        return None
    kind = "int" if row.type is int else "float"
    low, high = (value / 2, value * 2) if value else (0, 1)
    if kind == "int":
        low, high = math.floor(low), max(math.ceil(high), math.floor(low) + 1)
    low = low if row.minimum is None else max(low, row.minimum)
    high = high if row.maximum is None else min(high, row.maximum)
    return Span(path=row.path, kind=kind, low=low, high=high) if low < high else None


def _among(path: str, now: float, *usual: float) -> Span:
    """A choice among what is usual and what it is now."""
    from core.search.config import Span

    return Span(path=path, kind="choice", choices=tuple(sorted({now, *usual})))


def _short(value: float) -> float:
    return float(f"{value:.2g}")
