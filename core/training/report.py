"""The judgement of a run: the model on rows it has never seen, beside baselines on the same rows: ``report.json``."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from core import events
from core.data.parts import DataParts
from core.judging import judging
from core.judging.readings.base import Facts
from core.prediction.inference import run_encoded
from core.runs import Run
from core.tasks.base import Context, Purpose, Task
from core.training.batching.layout import as_set
from core.training.batching.told import padding_told
from core.training.preparing import chunks

BATCH, ACCUMULATION = "per_device_train_batch_size", "gradient_accumulation_steps"
"""Settings that are told as they were in the end: a batch that does not fit into memory is made smaller on the way."""


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

    def looked(self) -> Judge:
        """The same with the outputs on the validation part."""
        if self.checked is not None:
            return self
        return replace(self, checked=self._run("validation", self.parts.validation))

    def tuned(self) -> Judge:
        """The same with the outputs on the validation part, and with what the task chooses by them."""
        looked = self.looked()
        learned = self.task.tune(looked.checked, self.parts.validation, self.context)
        context = replace(self.context, learned={**self.context.learned, **learned}) if learned else self.context
        return replace(looked, context=context)

    def test(self) -> tuple[Any, dict[str, Any]]:
        """(outputs, judgement) on the part that was kept aside, extra metrics included."""
        outputs = self._run("test", self.parts.test)
        self.listen()
        rows, extra = self.parts.test, self.extra
        return outputs, judging.marks(self.task, outputs, rows, self.context, self.model, extra, self.complain)

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
    rows = {
        "train": streamed["learned"] if streamed else parts.train.num_rows,
        "validation": parts.validation.num_rows,
        "test": parts.test.num_rows,
        "unusable": parts.unusable,
    }
    report: dict[str, Any] = {
        **judging.opening(run.config, parts.target.labels, rows),
        "metrics": {"validation": judge.validation(), "test": test},
        "baselines": task.baselines(parts.train, parts.test, context, outputs, before),
        **judging.seen_in(task, outputs, parts.test, context),
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
    judged = judging.keep(run, "test", task, outputs, parts.test, context)
    checked = judging.keep(run, "validation", task, judge.checked, parts.validation, context)
    judge.listen()
    history = getattr(trainer.state, "log_history", ())
    facts = Facts(run.config, task, parts, context, outputs, judged, report, checked, judge.model, history)
    report = judging.concluded(facts, report, judge.complain)
    judging.write(run.path / "report.json", report)
    scalars = {metric.name: test[metric.name] for metric in task.metrics if metric.name in test}
    judge.log.append(events.Judged(metrics=scalars, verdict=report["verdict"]))
    return report


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
        **_batch(trainer),
        **padding_told(trainer),
        "parameters": sum(parameter.numel() for parameter in trainer.model.parameters()),
        "memory_bytes": _peak_memory(),
        "hardware": {
            "device": torch.cuda.get_device_name(0) if torch.cuda.is_available() else f"CPU, {machine.cores()} cores",
            "system": f"{platform.system()} {platform.machine()}",
            "python": platform.python_version(),
        },
        "versions": versions(),
    }


def _batch(trainer: Any) -> dict[str, Any]:
    """Nothing where nothing was trained."""
    if not hasattr(trainer.args, BATCH):
        return {}
    return {"batch": dict(zip((BATCH, ACCUMULATION), as_set(trainer), strict=True))}


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
