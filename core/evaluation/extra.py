"""Metrics that a config names beside the task's own, by way of the ``evaluate`` library."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core import custom
from core.evaluation import metrics
from core.evaluation.types import Metrics, Section
from core.said import said


@dataclass(frozen=True)
class OwnMetric:
    """A function of somebody's own, (predictions, references) -> a number, in the form of ``evaluate.Metric``."""

    name: str
    function: Callable[[Any, Any], float]

    def compute(self, predictions: Any, references: Any) -> Metrics:
        return {self.name: float(self.function(predictions, references))}


def load_all(names: Iterable[str], own: Iterable[str] = ()) -> dict[str, Any]:
    """Each metric ready to compute; ``own`` are import paths. Raises ``StudioError`` for one that cannot be had: before
    a run, not after it.
    """
    paths = tuple(own)
    brought = dict(zip(paths, custom.callables(paths), strict=True))
    named = {path.rpartition(":")[2]: function for path, function in brought.items()}
    return {
        **{name: metrics.load(name) for name in names},
        **{name: OwnMetric(name, function) for name, function in named.items()},
    }


def compute_all(loaded: Mapping[str, Any], predictions: Any, references: Any) -> tuple[Metrics, dict[str, str]]:
    """(values by name, complaints by name): a metric that does not fit these answers must not cost the run."""
    values: Metrics = {}
    complaints: dict[str, str] = {}
    for name, metric in loaded.items():
        try:
            found = metric.compute(predictions=predictions, references=references)
        except Exception as exc:  # whatever a metric of other people does, it comes after hours of training
            complaints[name] = f"{type(exc).__name__}: {exc}"
            continue
        values |= {key: float(value) for key, value in found.items() if isinstance(value, int | float)}
    return values, complaints


def extra_sections(report: Mapping[str, Any]) -> list[Section]:
    """A table of the extra metrics, where there are any."""
    found = report["metrics"].get("test", {}).get("extra")
    if not found:
        return []
    columns = [{"label": said("Metric"), "style": "text"}, {"label": said("Value"), "style": "number"}]
    rows = [[name, value] for name, value in found.items()]
    words = said("Measured on the test part because the configuration asks for it.")
    return [Section("table", said("Further metrics"), words, {"columns": columns, "rows": rows})]
