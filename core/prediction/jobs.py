"""What a prediction worker can do beside answering: one entry a job, its function imported when it is asked for.

A job gets the predictor (the run's model, loaded), the details of what is asked (plain data) and a function to say how
far it is, ``progress(done, total)`` or ``progress(done, total, words)``. It returns plain data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Protocol

from core.prediction.predictor import Predictor


class Progress(Protocol):
    """Hears how far a job is; without ``words``, whoever asked for the job finds them."""

    def __call__(self, done: int, total: int, words: str = "") -> None: ...


Job = Callable[[Predictor, Mapping[str, Any], Progress], dict[str, Any]]

JOBS: dict[str, str] = {
    "judge": "core.judging.on_demand:judge",
    "labels": "core.labels.finding:find",
    "why": "core.explaining.why:why",
    "embed": "core.explaining.near:learn",
    "near": "core.explaining.near:near",
}
"""Name -> ``module:function``."""


def do(name: str, predictor: Predictor, details: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """Do a job of ``JOBS``."""
    module, _, function = JOBS[name].partition(":")
    job: Job = getattr(import_module(module), function)
    return job(predictor, details, progress)
