"""The judgement of a run: the model on rows it has never seen, beside baselines on the same rows: ``report.json``."""

from __future__ import annotations

import json
import math
import time
from typing import Any

from core import events
from core.data.parts import DataParts
from core.prediction.inference import run_model
from core.runs import Run, write_atomically
from core.tasks import TASKS
from core.tasks.base import Task

VERSION = 1


def write_report(
    run: Run, log: events.EventLog, parts: DataParts, trainer: Any, tokenizer: Any, max_length: int
) -> dict[str, Any]:
    """Judge the trained model on validation and test, write ``report.json`` last and whole, and say the mark."""
    task = TASKS[run.config.task]
    judged = {
        name: _judge(task, trainer.model, tokenizer, table, parts, max_length, log if name == "test" else None)
        for name, table in (("validation", parts.validation), ("test", parts.test))
    }
    test_logits, test = judged["test"]
    report: dict[str, Any] = {
        "version": VERSION,
        "task": task.id,
        "checkpoint": run.config.model.checkpoint,
        "created": time.time(),
        "labels": list(parts.target.labels),
        "rows": {
            "train": parts.train.num_rows,
            "validation": parts.validation.num_rows,
            "test": parts.test.num_rows,
            "unusable": parts.unusable,
        },
        "metrics": {name: metrics for name, (_, metrics) in judged.items()},
        "baselines": task.baselines(parts.train, parts.test, parts.target, test_logits),
        "mistakes": task.mistakes(test_logits, parts.test, parts.target),
        **_circumstances(trainer, max_length),
    }
    # The matrix of the final mark stands at the top, where programs look for it.
    if "confusion_matrix" in test:
        report["confusion_matrix"] = test["confusion_matrix"]
    report["verdict"] = task.verdict(report)
    write_atomically(
        run.path / "report.json", json.dumps(_finite(report), ensure_ascii=False, indent=1, allow_nan=False)
    )
    scalars = {metric.name: test[metric.name] for metric in task.metrics if metric.name in test}
    log.append(events.Judged(metrics=scalars, verdict=report["verdict"]))
    return report


def _judge(
    task: Task, model: Any, tokenizer: Any, table: Any, parts: DataParts, max_length: int, log: events.EventLog | None
) -> tuple[Any, dict[str, Any]]:
    columns = {role.name: table.column(role.name).to_pylist() for role in task.roles if role.name in table.column_names}
    noted = 0.0

    def note(done: int, total: int) -> None:
        nonlocal noted
        if log and time.monotonic() - noted >= 1:
            noted = time.monotonic()
            log.append(events.Evaluating(split="test", done=done, total=total))

    output = run_model(model, tokenizer, task, columns, parts.target, max_length, note)
    return output.logits, task.judge(output.logits, output.labels, parts.target)


def _circumstances(trainer: Any, max_length: int) -> dict[str, Any]:
    """Where and how long: time in seconds, memory in bytes, versions."""
    import platform

    import torch

    from core import machine
    from core.versions import versions

    summary = next(entry for entry in reversed(trainer.state.log_history) if "train_runtime" in entry)
    return {
        "train_runtime": round(summary["train_runtime"], 2),
        "train_samples_per_second": summary["train_samples_per_second"],
        "total_flos": trainer.state.total_flos,
        "steps": trainer.state.global_step,
        "best_step": trainer.state.best_global_step,
        "epochs": round(trainer.state.epoch or 0.0, 2),
        "max_length": max_length,
        "parameters": sum(parameter.numel() for parameter in trainer.model.parameters()),
        "memory_bytes": _peak_memory(),
        "hardware": {
            "device": torch.cuda.get_device_name(0) if torch.cuda.is_available() else f"CPU, {machine.cores()} cores",
            "system": f"{platform.system()} {platform.machine()}",
            "python": platform.python_version(),
        },
        "versions": versions(),
    }


def _peak_memory() -> int:
    import resource
    import sys

    import torch

    if torch.cuda.is_available():
        return int(torch.cuda.max_memory_allocated())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _finite(value: Any) -> Any:
    """numpy numbers as plain ones, and what is not finite as null: JSON has no NaN."""
    if isinstance(value, dict):
        return {str(key): _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    if isinstance(value, bool | int | str) or value is None:
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return _finite(value.tolist())
