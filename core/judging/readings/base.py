"""A reading: something that is found out about a judgement beside its marks, and the words and blocks that tell it.

One file in this folder and one entry in ``core.judging.readings``. It is made once, by the worker that judges, of any
task that keeps what it needs; the page, the model card and the file to take away draw it from ``report.json`` alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.config import RunConfig
from core.data.parts import DataParts
from core.evaluation.types import Section
from core.tasks.base import Context, Task

Report = Mapping[str, Any]


def _no_words(report: Report) -> str:
    return ""


@dataclass(frozen=True)
class Facts:
    """What a reading may look at. All of it belongs to others: nothing in it is changed."""

    config: RunConfig
    task: Task
    parts: DataParts
    """``parts.test`` are the rows that are judged; of a judgement made later, ``validation`` may be empty."""
    context: Context
    outputs: Any
    """What ``Task.finish`` made of the judged rows."""
    kept: Any
    """The judged rows with what was said of them, a ``pyarrow.Table``: see ``core.judging.kept``."""
    report: Report
    """The report so far, in the form of ``report.json``, the earlier readings included."""
    checked: Any = None
    """The same as ``kept`` for the validation part, where there is one."""
    model: Any = None
    """None where several models answered together."""
    history: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    """The Trainer's ``log_history``; empty where nothing was trained."""


@dataclass(frozen=True)
class Reading:
    """One thing that is found out. ``name`` is its key in ``report.json``."""

    name: str
    called: str
    """As people call it, for the sentence that says that it could not be found out: ``Where it fails``."""
    read: Callable[[Facts], Any]
    """Plain data for ``report.json``, or None where there is nothing to say."""
    sections: Callable[[Report], list[Section]]
    """Its blocks, from the whole report; empty where it has nothing."""
    verdict: Callable[[Report], str] = _no_words
    """A sentence for the verdict at the top, where it must be known at once; mostly empty."""
    comes_first: bool = False
    """Its blocks stand right after the scores, before the task's others."""
