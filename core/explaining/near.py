"""Which training examples are nearest to a text, by how the run's own model reads them.

A text is the mean of the last hidden states of its tokens; two are as alike as the cosine of the angle between them.
Jobs of prediction workers (see ``core.prediction.jobs``).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from core import runs
from core.data.parts import load_parts
from core.errors import PredictionError
from core.explaining import kept_vectors
from core.models.pooling import mean_over_tokens
from core.prediction.inference import encode, slices
from core.prediction.predictor import Predictor
from core.runs import Run, write_atomically
from core.said import said

MOST = 100_000
"""Rows. Of more, so many are taken, spread evenly."""
NEAREST = 5
TOKENS_A_BATCH = 4096
LETTERS = 600
"""Of each text that is kept."""
AT_A_TIME = 8192
INPUTS = ("input_ids", "attention_mask", "token_type_ids")
Progress = Callable[[int, int], None]


def learn(predictor: Predictor, details: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """Read all training rows once and keep their vectors. ``details``: ``{"run": id}``."""
    import numpy as np

    run = runs.find(details["run"])
    train = load_parts(run.config).train
    of = train.num_rows
    if of > MOST:
        train = train.take(np.linspace(0, of - 1, MOST).round().astype(np.int64))
    roles = [role.name for role in predictor.task.asked if role.name in train.column_names]
    columns = {name: train.column(name).to_pylist() for name in roles}
    vectors = embedded(predictor, columns, progress)
    place = kept_vectors.folder(run)
    place.mkdir(exist_ok=True)
    (place / kept_vectors.ABOUT).unlink(missing_ok=True)
    np.save(place / kept_vectors.VECTORS, vectors.astype(np.float16))
    _write_rows(run, predictor, train)
    told = {"stamp": kept_vectors.stamp(run), "rows": train.num_rows, "of": of}
    write_atomically(place / kept_vectors.ABOUT, json.dumps(told))
    return told


def near(predictor: Predictor, details: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """``details``: ``{"run": id, "inputs": {role: text}}``.

    Returns ``{"rows": [{"row", "likeness" from -1 to 1, "texts": {label: text}, "answers": {label: value}}], "read",
    "of"}``, the nearest first.
    """
    import numpy as np

    run = runs.find(details["run"])
    told = kept_vectors.about(run)
    if told is None:
        raise PredictionError(
            said("The training examples were not read yet."), said("Ask for the nearest ones once more.")
        )
    asked = embedded(predictor, {role: [text] for role, text in details["inputs"].items()}, progress)[0]
    vectors = np.load(kept_vectors.folder(run) / kept_vectors.VECTORS, mmap_mode="r", allow_pickle=False)
    parts = range(0, len(vectors), AT_A_TIME)
    likeness = np.concatenate([vectors[start : start + AT_A_TIME].astype(np.float32) @ asked for start in parts])
    best = np.argsort(-likeness, kind="stable")[:NEAREST]
    rows = _read_rows(run, best)
    task = predictor.task
    found = [
        {
            "row": row["row"],
            "likeness": round(min(1.0, float(likeness[place])), 4),
            "texts": {role.label: row[role.name] for role in task.roles if role.is_input and row.get(role.name)},
            "answers": {role.label: row[role.name] for role in task.roles if not role.is_input and role.name in row},
        }
        for place, row in zip(best.tolist(), rows, strict=True)
    ]
    return {"rows": found, "read": told["rows"], "of": told["of"]}


def embedded(predictor: Predictor, columns: Mapping[str, Sequence[Any]], progress: Progress) -> Any:
    """Unit vectors of rows as float32 of shape (rows, width); of a row in several pieces, over all of its tokens."""
    import numpy as np

    rows = len(next(iter(columns.values())))
    sums, counts = None, np.zeros(rows)
    for start, part in slices(columns):
        for row, total, tokens, done in _pieces(predictor, part):
            if sums is None:
                sums = np.zeros((rows, len(total)), dtype=np.float32)
            sums[start + row] += total
            counts[start + row] += tokens
            if done is not None:
                progress(start + done, rows)
    if sums is None:
        raise PredictionError(said("There is nothing to read in these texts."), said("Type a text with words in it."))
    means = sums / np.maximum(counts, 1)[:, None]
    return means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)


def _pieces(predictor: Predictor, columns: Mapping[str, Sequence[Any]]) -> Iterator[tuple[int, Any, int, int | None]]:
    """(row, sum over the last hidden states of a piece, its tokens, rows done after a batch)."""
    import torch

    chunk = encode(predictor.task, predictor.context, columns, "predict")
    collate = predictor.task.collator(predictor.context, "predict")
    names = [name for name in INPUTS if name in chunk]
    lengths = [len(ids) for ids in chunk["input_ids"]]
    order = sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True)
    rows, done = len(next(iter(columns.values()))), 0
    while done < len(order):
        batch = order[done : done + max(1, TOKENS_A_BATCH // max(1, lengths[order[done]]))]
        made = collate([{name: chunk[name][place] for name in names} for place in batch])
        inputs = {name: made[name].to(predictor.model.device) for name in names if name in made}
        with torch.inference_mode():
            states = predictor.model.base_model(**inputs).last_hidden_state
        means = mean_over_tokens(states, inputs["attention_mask"]).cpu().numpy()
        done += len(batch)
        for number, place in enumerate(batch):
            tokens, is_last = lengths[place], number == len(batch) - 1
            yield chunk["row"][place], means[number] * tokens, tokens, rows * done // len(order) if is_last else None


def _write_rows(run: Run, predictor: Predictor, train: Any) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    names = [role.name for role in predictor.task.roles if role.name in train.column_names]
    columns = {name: train.column(name) for name in names}
    for name, column in columns.items():
        if pa.types.is_large_string(column.type) or pa.types.is_string(column.type):
            columns[name] = pc.utf8_slice_codeunits(column, 0, LETTERS)
    kept = pa.table({**columns, "row": train.column("row")})
    with (
        pa.OSFile(str(kept_vectors.folder(run) / kept_vectors.ROWS), "wb") as sink,
        pa.ipc.new_file(sink, kept.schema) as writer,
    ):
        writer.write_table(kept)


def _read_rows(run: Run, places: Any) -> list[dict[str, Any]]:
    import pyarrow as pa

    with pa.memory_map(str(kept_vectors.folder(run) / kept_vectors.ROWS)) as source:
        rows: list[dict[str, Any]] = pa.ipc.open_file(source).read_all().take(pa.array(places)).to_pylist()
    return rows
