"""What a judgement is made of, as plain records: the words of a metric, and a block of a report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Metrics = dict[str, float]

Style = Literal["percent", "number", "count", "text"]
"""How a value is written: 0.934 as ``93.4 %``, as ``0.934``, 1250 as ``1,250``, or as it is."""


@dataclass(frozen=True)
class MetricWords:
    """How a metric is called and read. ``style`` says how to write its value."""

    name: str
    label: str
    help: str
    style: Literal["percent", "number"] = "percent"
    greater_is_better: bool = True


@dataclass(frozen=True)
class Baseline:
    """A simple way to answer that a model is measured against: its name in a report, and its words on a page."""

    name: str
    label: str
    help: str


@dataclass(frozen=True)
class Section:
    """One block of a report, in a form that any page can draw. ``kind`` fixes the shape of ``content``:

    - ``scores``: ``{"columns": [{"label", "help"}], "rows": [{"label", "help", "style", "values": [{"value", "low",
      "high"}]}]}``. The first column is the model, the others are baselines. A value, or both its ends, may be None.
      ``"greater_is_better": False`` says that less is better in a row.
    - ``table``: ``{"columns": [{"label", "style"}], "rows": [[cell, ...]]}``; a cell may be None
    - ``matrix``: ``{"labels": [...], "counts": [[...]], "x": title, "y": title}``; a row is a true class, a column an
      answer. With ``"opens": True``, a cell opens the rows with its ``truth`` and ``answer``.
    - ``examples``: ``{"columns": [{"label", "style"}], "rows": [[cell, ...]]}``, with long text in the first column
    - ``scatter``: ``{"x": title, "y": title, "points": [[x, y], ...], "low", "high"}``, at most 2,000 points; both axes
      go from ``low`` to ``high``, or further where a point lies beyond
    - ``samples``: ``{"columns": [{"label"}], "rows": [[text, ...]]}``: texts beside each other, whole; a text may be
      None
    - ``curves``: ``{"x": title, "y": title, "x_style", "y_style", "lines": [{"label", "points": [[x, y], ...]}]}``, at
      most 300 points a line, the most important line first. May have ``"low"`` and ``"high"``, the ends of y;
      ``"diagonal": True``, a dashed line from corner to corner; ``"dots": True``, points that are marked; and of a
      line ``"sizes": [...]``, how many rows stand behind each point
    - ``threshold``: ``{"of": [{"label", "at", "stops": [[threshold, right_yes, wrong_yes, wrong_no, right_no],
      ...]}]}``, at most 101 stops a class with rising thresholds: what becomes of the rows where the answer is yes
      from that probability on. ``at`` is the threshold in use. People set what either kind of error costs them.
    - ``abstain``: ``{"rows": how many, "stops": [[threshold, answered, right], ...]}``: how many rows are answered, and
      how many of these rightly, where the model is silent below that probability
    - ``tagged``: ``{"rows": [{"text", "row", "truth": [[start, end, label], ...], "answer": [...]}]}``: places in the
      text as Python counts them, ends excluded
    - ``slices``: ``{"columns": [{"label", "style"}], "rows": [[cell, ...]], "low": [...], "high": [...]}``: a table
      whose first cell says in words which rows are meant; ``low`` and ``high`` are the range of each row's last cell
    - ``advice``: ``{"items": [{"words", "link", "label"}]}``: what to do next, most useful first; ``link`` is an
      address in the app, or empty. An item without one may have ``opens``, as below

    Any block whose content has ``rows`` may also have ``opens``, a list as long as them: for each row None or the
    conditions (``core.judging.kept.Condition``) of the judged rows that stand behind it. ``judgement`` in a content
    names the judgement whose rows are opened, where it is not that of the report.

    ``style`` is a ``Style``. ``help`` is one or two sentences that say how to read the block.
    """

    kind: Literal[
        "scores",
        "table",
        "matrix",
        "examples",
        "scatter",
        "samples",
        "curves",
        "threshold",
        "abstain",
        "tagged",
        "slices",
        "advice",
    ]
    title: str
    help: str
    content: dict[str, Any]
