"""Metrics that a config names beside the task's own, by way of the ``evaluate`` library."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from core.evaluation import metrics
from core.evaluation.types import Metrics, Section


def load_all(names: Iterable[str]) -> dict[str, Any]:
    """Each metric ready to compute. Raises ``StudioError`` for one that cannot be had: before a run, not after it."""
    return {name: metrics.load(name) for name in names}


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
    columns = [{"label": "Metric", "style": "text"}, {"label": "Value", "style": "number"}]
    rows = [[name, value] for name, value in found.items()]
    words = "Measured on the test part because the configuration asks for it."
    return [Section("table", "Further metrics", words, {"columns": columns, "rows": rows})]
