"""The job of a prediction worker that ranks all rows of a run by how far their labels are disputed."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import home
from core.data.parts import DataParts, load_parts
from core.data_config import SplitConfig
from core.errors import PredictionError
from core.labels import kept, thorough
from core.labels.doubting import MODELS
from core.labels.folds import FOLDS
from core.labels.signs import signs
from core.labels.types import Doubts, Way
from core.models import programs
from core.models.checkpoints import resolve
from core.runs import Run
from core.said import said

if TYPE_CHECKING:
    from core.prediction.jobs import Progress
    from core.prediction.predictor import Predictor

PARTS = ("train", "validation", "test")
READ: Mapping[Way, float] = {"quick": 0.7, "thorough": 0.06}
"""Share of the time after which all texts are read."""
TAUGHT: Mapping[Way, float] = {"quick": 0.7, "thorough": 0.96}
"""And after which the models of the run's own kind are trained."""
PARTS_OF_ALL = 1000
WEIGHED = "All texts are read. Now each label is weighed by models that did not learn from its row"


def find(predictor: Predictor, details: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """Rank the rows of the run whose folder is ``details["folder"]`` in the ``Way`` that ``details["way"]`` names, and
    keep the ranking there.

    ``progress`` hears of each text that was read, each step of a training and each of the ``MODELS``, in parts of a
    thousand. Returns ``{"rows", "wrong", "unjudged"}``. Raises ``PredictionError`` where the texts are too few.
    """
    import numpy as np

    run, doubt = Run(Path(details["folder"])), predictor.task.doubts
    assert doubt is not None, "asked of a task whose labels cannot be doubted"
    way: Way = details["way"]

    def told(begin: float, end: float, share: float, words: str) -> None:
        progress(round(PARTS_OF_ALL * (begin + (end - begin) * share)), PARTS_OF_ALL, words)

    def read(done: int, total: int) -> None:
        told(0, READ[way], done / max(1, total), f"{done:,} of {total:,} texts read")

    parts = load_parts(predictor.config)
    rows = all_rows(parts, predictor.config.data.split)
    folder = beginning(run)
    seen = signs(predictor, run, folder, rows, read)
    if len(np.unique(seen.keys)) < 2 * FOLDS:
        raise PredictionError(
            said("There are too few different texts to check labels."),
            said("At least {few} are needed: each is judged by models that learned from the others.", few=2 * FOLDS),
        )

    def teach(fold: np.ndarray) -> np.ndarray:
        def taught(share: float, words: str) -> None:
            told(READ[way], TAUGHT[way], share, words)

        return thorough.taught(predictor, run, folder, rows, parts.target, fold, taught)

    if way == "thorough":
        seen = dataclasses.replace(seen, taught=teach)
    weighed = iter(range(1, MODELS + 1))
    doubts = doubt(
        seen,
        rows,
        parts.target,
        predictor.config.training.seed,
        lambda: told(TAUGHT[way], 1, next(weighed) / (MODELS + 1), WEIGHED),
    )
    texts = [name for name in predictor.task.read_columns if name in rows.column_names]
    kept.write(run, ranking(rows, doubts, texts), way)
    return {
        "rows": rows.num_rows,
        "wrong": int(doubts.wrong.sum()),
        "unjudged": int(np.isnan(doubts.quality).sum()),
        "models": MODELS,
    }


def all_rows(parts: DataParts, split: SplitConfig) -> Any:
    """The rows of all parts as one ``pyarrow.Table``, with ``part``, and ``file``: which of the config's files each row
    stands in, whose numbers ``row`` are.
    """
    import pyarrow as pa

    tables = []
    for name in PARTS:
        table, named = getattr(parts, name), getattr(split, name)
        # Without a column, what the split names is a file of its own; a share is drawn from the source.
        file = name if name != "train" and split.column is None and isinstance(named, str) else "source"
        for column, value in (("part", name), ("file", file)):
            table = table.append_column(column, pa.array([value] * table.num_rows, pa.string()))
        tables.append(table)
    return pa.concat_tables(tables, promote_options="permissive")


def beginning(run: Run) -> Path:
    """The folder of the model that a run began with. A model that some run trained has learned from such rows already,
    so the one that run began with is taken instead.
    """
    seen = set()
    while run.id not in seen:
        seen.add(run.id)
        place = Path(run.config.model.checkpoint).expanduser()
        if place.parent.parent.absolute() != home.runs_dir().absolute() or not (place.parent / "config.yaml").is_file():
            break
        run = Run(place.parent)
    wanted = run.config.model
    return resolve(wanted.checkpoint, wanted.revision or programs.pinned(run.path, wanted.checkpoint))


def ranking(rows: Any, doubts: Doubts, texts: list[str]) -> Any:
    """The rows with what was found out about them, the most disputed first, those that cannot be judged last."""
    import numpy as np
    import pyarrow as pa

    order = np.argsort(np.where(np.isnan(doubts.quality), np.inf, doubts.quality), kind="stable")
    columns = {name: rows.column(name) for name in ("file", "row", "part", *texts)}
    made = pa.table(
        {
            **columns,
            "label": pa.array(list(doubts.given)),
            "suggested": pa.array(list(doubts.suggested)),
            "quality": pa.array(doubts.quality, from_pandas=True),
            "probability": doubts.probability,
            "suggested_probability": doubts.suggested_probability,
            "is_issue": doubts.wrong,
        }
    )
    return made.take(pa.array(order))
