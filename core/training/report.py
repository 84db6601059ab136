"""The judgement of a run: the model on rows it has never seen, beside baselines on the same rows: ``report.json``."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from core import events
from core.data.parts import DataParts
from core.evaluation.extra import compute_all
from core.judging import kept, readings
from core.judging.readings.base import Facts
from core.prediction.inference import run_encoded
from core.runs import Run, write_atomically
from core.tasks.base import Context, Purpose, Task
from core.training.preparing import chunks

VERSION = 1
BATCH, ACCUMULATION = "per_device_train_batch_size", "gradient_accumulation_steps"
"""Settings that are told as they were in the end: a batch that does not fit into memory is made smaller on the way."""
EXAMPLES = 5
EXAMPLE_LENGTH = 1000
"""Characters of a text that a report keeps as an example."""


@dataclass(frozen=True)
class Judge:
    """What it takes to judge a trained model: the model, how it reads, and what to measure."""

    task: Task
    parts: DataParts
    model: Any
    context: Context
    pieces: Callable[[str, Any, Purpose], Any]
    """(name of a part, its examples, purpose) -> their encoded pieces."""
    extra: dict[str, Any]
    """Metrics of the ``evaluate`` library, or of one's own, by name; measured on the test part too."""
    log: events.EventLog
    listen: Callable[[], None]
    """Called now and then; it raises when the judging is to end (see ``core.training.asking``)."""
    checked: Any = None
    """Outputs on the validation part, once there are some."""

    def tuned(self) -> Judge:
        """The same with the outputs on the validation part, and with what the task chooses by them."""
        outputs = self._run("validation", self.parts.validation)
        learned = self.task.tune(outputs, self.parts.validation, self.context)
        context = replace(self.context, learned=learned) if learned else self.context
        return replace(self, context=context, checked=outputs)

    def test(self) -> tuple[Any, dict[str, Any]]:
        """(outputs, judgement) on the part that was kept aside, extra metrics included."""
        outputs = self._run("test", self.parts.test)
        judgement = self.task.judge(outputs, self.parts.test, self.context)
        self.listen()
        if self.task.samples is not None:
            judgement["samples"] = self.task.samples(self.model, self.parts.test, self.context)
        if self.extra:
            predictions, references = self.task.comparable(outputs, self.parts.test, self.context)
            judgement["extra"], complaints = compute_all(self.extra, predictions, references)
            for name, complaint in complaints.items():
                self.complain(f"{name} could not be computed.", complaint)
        return outputs, judgement

    def complain(self, title: str, detail: str) -> None:
        """Say that something beside the marks could not be had."""
        self.log.append(events.Noticed(level="warning", title=title, detail=detail))

    def validation(self) -> dict[str, Any]:
        """The judgement on the part that chose the best model, of what ``tuned`` has seen there."""
        return self.task.judge(self.checked, self.parts.validation, self.context)

    def _run(self, split: Literal["test", "validation"], table: Any) -> Any:
        self.listen()
        noted = time.monotonic()

        def note(done: int, total: int) -> None:
            nonlocal noted
            self.listen()
            if time.monotonic() - noted >= 1:
                noted = time.monotonic()
                self.log.append(events.Evaluating(split=split, done=done, total=total, unit="rows"))

        encoded = chunks(self.pieces(split, table, "evaluate"))
        return run_encoded(self.model, self.task, self.context, encoded, table.num_rows, "evaluate", note).rows


def write_report(
    run: Run,
    judge: Judge,
    trainer: Any,
    train_runtime: float,
    before: dict[str, Any] | None = None,
    streamed: dict[str, Any] | None = None,
    energy: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Judge the trained model on validation and test, write ``report.json`` last and whole, and say the mark.

    ``judge`` is ``tuned``. ``before`` is the judgement of the model as it came, where it could answer already.
    ``streamed`` is what became of the rows of a stream, where one was learned from. ``energy`` is what was measured.
    """
    task, parts, context = judge.task, judge.parts, judge.context
    outputs, test = judge.test()
    judge.listen()
    report: dict[str, Any] = {
        "version": VERSION,
        "task": task.id,
        "checkpoint": run.config.model.checkpoint,
        "created": time.time(),
        "labels": list(parts.target.labels),
        "rows": {
            "train": streamed["learned"] if streamed else parts.train.num_rows,
            "validation": parts.validation.num_rows,
            "test": parts.test.num_rows,
            "unusable": parts.unusable,
        },
        "metrics": {"validation": judge.validation(), "test": test},
        "baselines": task.baselines(parts.train, parts.test, context, outputs, before),
        "mistakes": task.mistakes(outputs, parts.test, context),
        "options": context.options.model_dump(mode="json"),
        "examples": examples(task, parts.test),
        "train_runtime": round(train_runtime, 2),
        **_circumstances(trainer, context.max_length),
    }
    # The matrix of the final mark stands at the top, where programs look for it.
    if "confusion_matrix" in test:
        report["confusion_matrix"] = test["confusion_matrix"]
    if task.augmented is not None and (done := task.augmented(parts.train, context)):
        report["augmentation"] = done
    if streamed:
        report["stream"] = streamed
    if energy:
        report["energy"] = energy
    rows = {"test": kept.together(parts.test, task.kept(outputs, parts.test, context, task))}
    rows["validation"] = kept.together(parts.validation, task.kept(judge.checked, parts.validation, context, task))
    for name, table in rows.items():
        kept.write(run, name, table)
    judge.listen()
    facts = Facts(
        run.config,
        task,
        parts,
        context,
        outputs,
        rows["test"],
        finite(report),
        rows["validation"],
        judge.model,
        getattr(trainer.state, "log_history", ()),
    )
    report.update(readings.read_all(facts, judge.complain))
    report["verdict"] = f"{task.verdict(report)} {readings.verdicts(report)}".strip()
    write_atomically(run.path / "report.json", json.dumps(finite(_shown(report)), ensure_ascii=False, allow_nan=False))
    scalars = {metric.name: test[metric.name] for metric in task.metrics if metric.name in test}
    judge.log.append(events.Judged(metrics=scalars, verdict=report["verdict"]))
    return report


def examples(task: Task, test: Any) -> list[dict[str, str]]:
    """A few inputs of the test part, spread evenly over it, to try the model with: role to text, long ones cut."""
    roles = [role for role in task.asked if role.name in test.column_names]
    places = sorted({place * test.num_rows // EXAMPLES for place in range(EXAMPLES)} if test.num_rows else ())
    # Conversations are JSON, which is nothing once it is cut.
    longest = {role.name: None if role.kind == "chat" else EXAMPLE_LENGTH for role in roles}
    return [{name: str(test.column(name)[place])[:most] for name, most in longest.items()} for place in places]


def _shown(value: Any) -> Any:
    """Without what a judgement holds for comparisons only."""
    if isinstance(value, dict):
        return {key: _shown(inner) for key, inner in value.items() if not str(key).startswith("_")}
    return value


def _circumstances(trainer: Any, max_length: int) -> dict[str, Any]:
    """Where and how long: time in seconds, memory in bytes, versions."""
    import platform

    import torch

    from core import machine
    from core.versions import versions

    return {
        "total_flos": trainer.state.total_flos,
        "steps": trainer.state.global_step,
        "best_step": trainer.state.best_global_step if is_best(trainer) else None,
        "kept": "best" if is_best(trainer) else "last",
        "epochs": round(trainer.state.epoch or 0.0, 2),
        "max_length": max_length,
        **_batch(trainer.args),
        "parameters": sum(parameter.numel() for parameter in trainer.model.parameters()),
        "memory_bytes": _peak_memory(),
        "hardware": {
            "device": torch.cuda.get_device_name(0) if torch.cuda.is_available() else f"CPU, {machine.cores()} cores",
            "system": f"{platform.system()} {platform.machine()}",
            "python": platform.python_version(),
        },
        "versions": versions(),
    }


def _batch(arguments: Any) -> dict[str, Any]:
    """Nothing where nothing was trained."""
    if not hasattr(arguments, BATCH):
        return {}
    return {"batch": {name: getattr(arguments, name) for name in (BATCH, ACCUMULATION)}}


def is_best(trainer: Any) -> bool:
    """Whether the model of a training that is over is the best of its checks, and not the last."""
    return bool(trainer.args.load_best_model_at_end and trainer.state.best_model_checkpoint)


def _peak_memory() -> int:
    import resource
    import sys

    import torch

    if torch.cuda.is_available():
        return int(torch.cuda.max_memory_allocated())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def finite(value: Any) -> Any:
    """numpy numbers as plain ones, and what is not finite as null: JSON has no NaN."""
    if isinstance(value, dict):
        return {str(key): finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [finite(inner) for inner in value]
    if isinstance(value, bool | int | str) or value is None:
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return finite(value.tolist())
