"""What a task is: one frozen record of words and functions.

A task module builds one ``Task`` and ``core.tasks.TASKS`` lists it; nothing else in the project names it. Functions in
the *light* part run in the app's process and may use pyarrow and pandas; those in the *heavy* part run in a worker and
import torch and transformers inside themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from core.data.types import Examples, Guess, Preview, Target
from core.evaluation.types import Metrics as Metrics
from core.evaluation.types import MetricWords as MetricWords
from core.evaluation.types import Section as Section

Kind = Literal["text", "label", "labels", "spans", "number", "answer", "chat", "image"]
"""The closed set of things that go in and come out; ``ui/widgets.py`` knows how to draw each."""


@dataclass(frozen=True)
class Role:
    """What a column is for. ``is_input`` roles are asked for again when the model is tried."""

    name: str
    label: str
    help: str
    kind: Kind
    required: bool = True
    is_input: bool = True


@dataclass(frozen=True)
class Task:
    """One kind of thing a model can learn to do."""

    id: str
    title: str
    summary: str
    roles: tuple[Role, ...]
    output: Kind
    metrics: tuple[MetricWords, ...]
    """The metrics of a live evaluation, most telling first."""
    main_metric: str
    """Chooses the best model, stops early, and stands in the list of runs."""

    # Light: in the app's process.
    guess: Callable[[Preview], Guess | None]
    """Propose this task for a table, or None when it does not fit."""
    examples: Callable[[Any, Mapping[str, str]], Examples]
    """(pyarrow table, {role: column}) -> the rows that can be used, and findings on all others."""
    sections: Callable[[Mapping[str, Any]], list[Section]]
    """The blocks of a report, from ``report.json``."""

    # Heavy: in a worker.
    encode: Callable[[Mapping[str, Sequence[Any]], Any, Target, int], dict[str, list[Any]]]
    """(columns of a batch of examples, tokenizer, target, max_length) -> model inputs, with ``labels`` where known."""
    build_model: Callable[[str, Target], Any]
    """(checkpoint folder, target) -> a ``PreTrainedModel`` ready to train."""
    load_model: Callable[[str], Any]
    """(folder of a trained model) -> the ``PreTrainedModel``."""
    collator: Callable[[Any], Any]
    """(tokenizer) -> a data collator that pads a batch."""
    compute_metrics: Callable[[Any, Any, Target], Metrics]
    """(logits, label ids, target) -> the live metrics, without prefix. Arrays of shape (rows, ...)."""
    judge: Callable[[Any, Any, Target], dict[str, Any]]
    """(logits, label ids, target) -> everything the report holds on one split."""
    predictions: Callable[[Any, Target], Any]
    """(logits, target) -> answers in the form of the label ids, as metrics of ``evaluate`` compare the two."""
    baselines: Callable[[Any, Any, Target, Any], dict[str, dict[str, Any]]]
    """(training examples, test examples as pyarrow tables, target, the model's logits on the test examples) -> name ->
    the same form as ``judge``, with ``comparison``: whether the model is better on these rows beyond doubt."""
    mistakes: Callable[[Any, Any, Target], list[dict[str, Any]]]
    """(logits, test examples as a pyarrow table, target) -> the worst answers, most confident first."""
    verdict: Callable[[Mapping[str, Any]], str]
    """(report) -> one or two plain sentences that are true of it."""
    answers: Callable[[Any, Target], list[dict[str, Any]]]
    """(logits, target) -> one record a row: ``{"label": ..., "scores": {label: probability}}`` and the like."""
    answer_columns: Callable[[Sequence[Mapping[str, Any]]], dict[str, list[Any]]]
    """(answers) -> new columns for a table given back."""

    def role(self, name: str) -> Role:
        return next(role for role in self.roles if role.name == name)

    @property
    def inputs(self) -> tuple[Role, ...]:
        return tuple(role for role in self.roles if role.is_input)
