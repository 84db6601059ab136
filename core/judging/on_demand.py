"""A finished run's model judged on other rows, or on the same once more, as long after its training as one likes.

What comes of it stands beside the run's own judgement: ``judgements/NAME.json`` in the form of ``report.json``, and the
judged rows in ``judgements/NAME.parquet``. A job of prediction workers (see ``core.prediction.jobs``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core import runs
from core.data.parts import DataParts
from core.errors import PredictionError, StudioError
from core.evaluation.extra import load_all
from core.judging import judging, kept, made
from core.judging.judging import Complain
from core.judging.readings.base import Facts
from core.judging.rows import Chosen, choose
from core.judging.what import What, what_of
from core.prediction.predictor import Predictor
from core.prediction.together import TogetherPredictor
from core.runs import Run
from core.said import said, together

Progress = Callable[[int, int], None]


class Column(Sequence[Any]):
    """A column of a table as ``run_model`` slices it: only what is read at a time becomes Python's."""

    def __init__(self, values: Any) -> None:
        self._values = values

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, place: Any) -> Any:
        found = self._values[place]
        return found.to_pylist() if isinstance(place, slice) else found.as_py()


def judge(predictor: Predictor, details: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """``details``: ``{"run": id, "name": of the judgement, "what": see core.judging.what}``.

    Returns ``{"name", "title", "rows", "metrics", "verdict"}``; the whole stands in the files.
    """
    run, name, what = runs.find(details["run"]), str(details["name"]), what_of(details["what"])
    notes: list[dict[str, str]] = []

    def complain(title: str, detail: str) -> None:
        notes.append({"title": title, "detail": detail})

    progress(0, 1)
    chosen = choose(run, what, predictor.task, predictor.context, complain)
    report = _judged(run, predictor, name, what, chosen, progress, complain)
    report["notes"] = notes
    judging.write(made.place(run, name), report)
    scalars = {key: value for key, value in report["prefixed"].items() if value is not None}
    return {
        "name": name,
        "title": what.title,
        "rows": chosen.table.num_rows,
        "metrics": judging.finite(scalars),
        "verdict": report["verdict"],
    }


def _judged(
    run: Run, predictor: Predictor, name: str, what: What, chosen: Chosen, progress: Progress, complain: Complain
) -> dict[str, Any]:
    task, context, rows = predictor.task, predictor.context, chosen.table
    columns = {column: Column(rows.column(column)) for column in rows.column_names}
    outputs = predictor.outputs(columns, "evaluate", progress)
    _require_answers(outputs, rows.num_rows)
    total = rows.num_rows
    marks = judging.marks(task, outputs, rows, context, predictor.model, _extra(run, complain), complain)
    progress(total, total)
    parts = _parts(chosen, what, context.target)
    report: dict[str, Any] = {
        **judging.opening(run.config, context.target.labels, _counts(run, chosen)),
        "judged": made.told(name, what, chosen),
        "metrics": {"test": marks},
        "prefixed": {f"{name}_{words.name}": marks.get(words.name) for words in task.metrics},
        "baselines": _baselines(task, chosen, what, context, outputs, complain),
        **judging.seen_in(task, outputs, rows, context),
    }
    if "confusion_matrix" in marks:
        report["confusion_matrix"] = marks["confusion_matrix"]
    progress(total, total)
    table = judging.keep(run, name, task, outputs, rows, context)
    model = None if isinstance(predictor, TogetherPredictor) else predictor.model
    facts = Facts(chosen.config, task, parts, context, outputs, table, report, _checked(run), model)
    report = judging.concluded(facts, report, complain)
    return report | {"verdict": made.verdict(report)}


def _require_answers(outputs: Any, rows: int) -> None:
    if outputs is None or not rows:
        raise PredictionError(said("The model has said nothing of these rows."), said("Judge it on other rows."))


def _extra(run: Run, complain: Complain) -> dict[str, Any]:
    """The metrics that the config names; one that cannot be had any more must not cost the judgement."""
    try:
        return load_all(run.config.evaluation.metrics, run.config.custom.metrics)
    except StudioError as exc:
        complain(said("The further metrics could not be computed."), together(exc.title, exc.advice))
        return {}


def _parts(chosen: Chosen, what: What, target: Any) -> DataParts:
    """Of rows that were themselves learned from, nothing is said beside the training rows."""
    nothing = chosen.table.slice(0, 0)
    train = chosen.learned.train if chosen.learned and not what.learned_from else nothing
    return DataParts(train, nothing, chosen.table, target, (), chosen.read - chosen.table.num_rows)


def _counts(run: Run, chosen: Chosen) -> dict[str, int]:
    learned = ((run.report or {}).get("rows") or {}).get("train") or (
        chosen.learned.train.num_rows if chosen.learned else 0
    )
    judged = chosen.table.num_rows
    return {"train": learned, "validation": 0, "test": judged, "unusable": chosen.read - judged}


def _baselines(task: Any, chosen: Chosen, what: What, context: Any, outputs: Any, complain: Complain) -> dict[str, Any]:
    """Those on the same rows; none where the rows are what everybody learned from."""
    if chosen.learned is None or what.learned_from:
        return {}
    train = chosen.learned.train
    try:
        found: dict[str, Any] = task.baselines(train, chosen.table, context, outputs, None)
    except StudioError as exc:
        complain(said("Simple ways to answer could not be tried on these rows."), together(exc.title, exc.advice))
        return {}
    return found


def _checked(run: Run) -> Any:
    """The validation rows of the run's own judgement, where they were kept."""
    return kept.read(run, "validation") if kept.place(run, "validation").is_file() else None
