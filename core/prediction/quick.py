"""Answers in whole numbers of eight bits instead of fractions of 32: less than half the time on a processor, and nearly
the same answers. How near is tried on the first rows of the very table that is to be answered, both ways; where an
answer would be another one, or hardly any time is saved, the model answers in full precision.

Only what layers multiply with is rounded, once and for each of their outputs by itself; what comes in is rounded as it
comes. Source: Jacob et al. (2018), "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only
Inference", arXiv:1712.05877. Used in prediction workers only.
"""

from __future__ import annotations

import copy
import json
import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core import figures
from core.prediction.predictor import Predictor

MOST_TRIED, FEWEST_TRIED = 300, 50
"""Rows that are answered both ways."""
PART_TRIED = 10
"""At most one row in so many: of a small table the trial would take longer than it saves."""
FARTHEST = 0.02
"""That a probability may differ; a number, by this share of the span of the answers."""
LEAST_GAIN = 1.2


@dataclass(frozen=True)
class Trial:
    """Who answers, and what a person is told of it."""

    predictor: Predictor
    is_quick: bool
    words: str


def tried(predictor: Predictor, columns: Mapping[str, Sequence[Any]], rows: int) -> Trial:
    """Whoever answers a table of so many ``rows``, of which ``columns`` are the first."""
    asked = min(MOST_TRIED, rows // PART_TRIED, len(next(iter(columns.values()), ())))
    if asked < FEWEST_TRIED:
        least = FEWEST_TRIED * PART_TRIED
        return _in_full(predictor, f"the table is small: it is tried from {least:,} rows that can be answered")
    if predictor.model.device.type != "cpu":
        return _in_full(predictor, "that is for processors, and this machine answers on its GPU")
    quick = predictor.changed(quantised)
    if quick is None:
        return _in_full(predictor, "this installation of PyTorch cannot do it")
    some = {role: values[:asked] for role, values in columns.items()}
    for warm in (predictor, quick):
        warm.answers({role: values[:2] for role, values in some.items()})
    full, full_s = _answered(predictor, some)
    nearly, nearly_s = _answered(quick, some)
    gain = full_s / max(nearly_s, 1e-9)
    others, farthest = differences(full, nearly, predictor.task.output == "number")
    seen = f"{asked:,} rows were tried both ways"
    if others:
        return _in_full(predictor, f"{seen}, and {figures.plural(others, 'answer')} would have been another one")
    if farthest > FARTHEST:
        return _in_full(predictor, f"{seen}, and numbers differed by up to {farthest:.3f}, more than {FARTHEST}")
    if gain < LEAST_GAIN:
        return _in_full(predictor, f"{seen}, and it was only {gain:.2f} times as fast")
    words = f"Answered with rounded weights (8 bits), {gain:.1f} times as fast: answers agreed on all {asked:,} rows "
    return Trial(quick, True, f"{words}that were tried both ways, and numbers to {max(farthest, 0.001):.3f}.")


def quantised(model: Any) -> Any:
    """A copy of the model that multiplies in whole numbers, or None where PyTorch cannot do it here."""
    import torch

    from core.models import fast_linear

    if torch.backends.quantized.engine == "none":
        return None
    try:
        # Leaves PyTorch one day; what it is told to move to is another package.
        from torch.ao.quantization import per_channel_dynamic_qconfig, quantize_dynamic
    except ImportError:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its leaving
        plain = fast_linear.slow_down(copy.deepcopy(model))
        return quantize_dynamic(plain, {torch.nn.Linear: per_channel_dynamic_qconfig}, inplace=True)


def differences(
    one: Mapping[str, Sequence[Any]], other: Mapping[str, Sequence[Any]], by_span: bool = False
) -> tuple[int, float]:
    """(rows whose answers are not the same, how far numbers lie apart at most), of the new columns of a table.

    ``by_span``: columns of numbers are measured by the span of their values.
    """
    differing: set[int] = set()
    farthest = 0.0
    for name, values in one.items():
        numbers = [value for value in values if isinstance(value, float)]
        span = (max(numbers) - min(numbers) or 1.0) if by_span and numbers else 1.0
        for row, (mine, its) in enumerate(zip(values, other[name], strict=True)):
            apart = _apart(mine, its)
            if apart is None:
                differing.add(row)
            else:
                farthest = max(farthest, apart / span)
    return len(differing), farthest


def _apart(one: Any, other: Any) -> float | None:
    """How far the numbers of two answers lie apart; None where they differ in anything else."""
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other)
    if _is_record(one) and _is_record(other):  # several probabilities in one cell
        return _apart(json.loads(one), json.loads(other))
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        found = [_apart(*both) for both in zip(one, other, strict=True)]
    elif isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        found = [_apart(one[key], other[key]) for key in one]
    else:
        return 0.0 if one == other else None
    known = [apart for apart in found if apart is not None]
    return max(known, default=0.0) if len(known) == len(found) else None


def _is_record(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("{") and value.endswith("}")


def _answered(predictor: Predictor, columns: Mapping[str, Sequence[Any]]) -> tuple[dict[str, list[Any]], float]:
    """(the new columns, seconds of the processor)."""
    began = time.process_time()
    answers = predictor.answers(columns)
    return predictor.task.answer_columns(answers), time.process_time() - began


def _in_full(predictor: Predictor, why: str) -> Trial:
    return Trial(predictor, False, f"Answered in full precision: {why}.")
