"""How many times as fast as the stock ways the answers of a trained model come, from texts to probabilities."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from core.models.checkpoints import resolve
from tests.bench import checkpoints, ratios
from tests.bench.contender import Contender, blocks, race
from tests.bench.jobs import Job, config_of, write_rows
from tests.bench.joining import joined
from tests.bench.options import Options
from tests.bench.texts import Texts, classified

BAR = 2.2
TEXTS_A_BLOCK, TEXTS_QUICK = 64, 16
STOCK = {"Trainer.predict": "trainer", "pipeline": "pipeline"}
OURS = "ours"


def measure(folder: Path, options: Options) -> dict[str, Any]:
    """The ratios against ``Trainer.predict`` and ``pipeline`` as they come, and how equal the answers are."""
    size = TEXTS_QUICK if options.quick else TEXTS_A_BLOCK
    job, texts = _job(folder, options, size * (options.pairs + 1))
    commands = [{"from": size * turn, "to": size * (turn + 1)} for turn in range(options.pairs + 1)]
    started: list[Contender] = []
    try:
        for name, way in {**STOCK, OURS: "ours"}.items():
            started.append(Contender(name, f"tests.bench.predicting_{way}", job, options))
        replies = race(started, commands)
    finally:
        for one in started:
            one.close()
    return {
        "set": f"{texts.name}, {size} texts a block, at most {job.max_length} tokens",
        "bar": BAR,
        "against": {name: _compared(replies[name], replies[OURS]) for name in STOCK},
    }


def _compared(stock: list[dict[str, Any]], ours: list[dict[str, Any]]) -> dict[str, Any]:
    import numpy as np

    one = np.concatenate([reply["probabilities"] for reply in stock])
    other = np.concatenate([reply["probabilities"] for reply in ours])
    return {
        "times_as_fast": ratios.against(blocks(stock), blocks(ours)),
        "largest_difference": float(np.abs(one - other).max()),
        "same_order": in_order(one, other),
        "texts": len(one),
    }


def in_order(one: Any, other: Any) -> bool:
    """Whether each row of ``other`` is nearer to its own row of ``one`` than to that of any other text."""
    import numpy as np

    apart = np.abs(np.asarray(other)[:, None] - np.asarray(one)[None]).sum(-1)
    return bool((apart.diagonal() <= apart.min(1) + 1e-9).all())


def _job(folder: Path, options: Options, count: int) -> tuple[Job, Texts]:
    """A run of ours that has a model, and what its texts are; ``rows`` holds them in order."""
    checkpoint = resolve(options.checkpoint)
    source = max(classified(options.data), key=lambda texts: len(texts.texts))
    texts = joined(source, count, lambda found: checkpoints.lengths(checkpoint, found, special=False))
    labels = sorted(set(source.labels))
    model = checkpoints.with_answers(checkpoint, folder / "model", labels)
    (folder / "labels.json").write_text(json.dumps(labels), encoding="utf-8")
    return Job("predict", str(folder), "sort", write_rows(folder, "predict", texts, 0), model), texts


def make_run(job: Job) -> Any:
    """A run whose trained model is that of the job, made in the process that asks it."""
    import shutil

    from core import runs
    from core.data.types import Target
    from core.models import manual

    run = runs.create(config_of(job))
    shutil.copytree(job.checkpoint, run.model_path)
    labels = tuple(json.loads((Path(job.folder) / "labels.json").read_text(encoding="utf-8")))
    manual.write(run.model_path, manual.Manual("text-classification", job.max_length, Target(labels)))
    return run
