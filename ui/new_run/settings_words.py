"""What values come to, in words: numbers that only say something together, or that mean two things."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.config import TrainingConfig
from core.limits import shown
from core.schedules import warmup_steps
from core.suggest import Suggestion
from ui import forms
from ui.languages import told, tr, written
from ui.words import plural

BATCH, TIMES = "training.per_device_train_batch_size", "training.gradient_accumulation_steps"
WARMUP = "training.warmup_steps"
NAMED_SHARES = {
    0.5: "{warmup} is half of the run: {count} of {steps}.",
    0.25: "{warmup} is a quarter of the run: {count} of {steps}.",
    0.2: "{warmup} is a fifth of the run: {count} of {steps}.",
    0.1: "{warmup} is a tenth of the run: {count} of {steps}.",
    0.05: "{warmup} is a twentieth of the run: {count} of {steps}.",
}


def effects(training: TrainingConfig, steps: int) -> dict[str, str]:
    """By setting, what its value comes to in a run of so many steps; 0 where they are not known."""
    batch, times = training.per_device_train_batch_size, training.gradient_accumulation_steps
    gathered = plural(batch * times, "example")
    made = (
        tr("{rows} × {times}: one correction is made from {batch}.", rows=batch, times=times, batch=gathered)
        if times > 1
        else tr("One correction is made from {batch}.", batch=gathered)
    )
    if tokens := training.tokens_per_step:
        made = tr("So many texts at once; one correction is made from about {tokens} tokens.", tokens=tokens)
        times = 1
    found = {BATCH: made, **({TIMES: made} if times > 1 else {})}
    if steps:
        found[WARMUP] = _warm_up(training.warmup_steps, steps)
    return found


def _warm_up(warmup: float, steps: int) -> str:
    if not warmup:
        return tr("Without warm-up it begins at the full learning rate.")
    count = warmup_steps(warmup, steps)
    if warmup < 1:
        gaps = {"warmup": written(f"{warmup:g}"), "count": count, "steps": plural(steps, "step")}
        if warmup in NAMED_SHARES:
            return tr(NAMED_SHARES[warmup], **gaps)
        return tr("{warmup} is {share} % of the run: {count} of {steps}.", share=written(f"{100 * warmup:g}"), **gaps)
    return tr(
        "{count} of {steps}: {share}% of the run.",
        count=count,
        steps=plural(steps, "step"),
        share=f"{100 * min(1, count / steps):.0f}",
    )


def changed(task: str, before: Mapping[str, Any], changes: Sequence[Suggestion]) -> list[dict[str, str]]:
    """Changes for the script to list, in the order of the form."""
    by_path = {one.path: one for one in changes}
    return [
        {
            "label": tr(row.setting.label),
            "before": told(shown(row, before.get(row.path, row.default))),
            "after": told(shown(row, by_path[row.path].value)),
            "reason": told(by_path[row.path].reason),
        }
        for row in forms.rows_of(task)
        if row.path in by_path
    ]
