"""The sets that trainings are measured on, each a job of its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

from core import machine
from core.models.checkpoints import resolve
from tests.bench import checkpoints
from tests.bench.jobs import HELD_BACK, Job, write_rows
from tests.bench.joining import joined
from tests.bench.options import Options
from tests.bench.texts import Texts, classified, documents

ROWS, ROWS_QUICK = 1500, 400
WINDOW = 512


@dataclass(frozen=True)
class Set:
    """``bar`` is the ratio that is to be reached, against the stock script with dynamic padding."""

    job: Job
    words: str
    bar: float
    still: Job
    """The same with a model that leaves nothing to chance."""


def sets(folder: Path, options: Options) -> dict[str, Set]:
    """Those that ``options`` name, each by its name."""
    made = {
        "long-256": lambda: _long(folder, options, 256, 2.2),
        "long-512": lambda: _long(folder, options, 512, 6.0),
        "short": lambda: _short(folder, options),
        "documents": lambda: _documents(folder, options),
    }
    return {name: made[name]() for name in options.sets or made}


def _rows(options: Options) -> int:
    return ROWS_QUICK if options.quick else ROWS


def _long(folder: Path, options: Options, most: int, bar: float) -> Set:
    checkpoint = str(resolve(options.checkpoint))
    # The table of most rows has most different sentences.
    source = max(classified(options.data), key=lambda texts: len(texts.texts))
    texts = joined(source, _rows(options), lambda found: checkpoints.lengths(checkpoint, found, special=False))
    tokens = quantiles(checkpoints.lengths(checkpoint, texts.texts, most), n=4)
    middle = " / ".join(f"{value:.0f}" for value in tokens)
    return _sorting(folder, options, f"long-{most}", texts, most, bar, f"{texts.name} (quartiles {middle} tokens)")


def _short(folder: Path, options: Options) -> Set:
    texts = _cut(classified(options.data)[0], 4 * _rows(options))
    return _sorting(folder, options, "short", texts, 256, 1.3, texts.name)


def _sorting(folder: Path, options: Options, name: str, texts: Texts, most: int, bar: float, words: str) -> Set:
    rows = write_rows(folder, name, texts)
    job = Job(name, str(folder), "sort", rows, str(resolve(options.checkpoint)), most, bf16=machine.has_gpu())
    calm = folder / "still"
    copy = str(calm) if calm.is_dir() else checkpoints.without_dropout(resolve(options.checkpoint), calm)
    still = Job(f"{name}-still", str(folder), "sort", rows, copy, most, logging_steps=1, is_still=True)
    return Set(job, f"{words}, at most {most} tokens", bar, still)


def _documents(folder: Path, options: Options) -> Set:
    found = documents(options.data)
    checkpoint = checkpoints.small_writer(folder / "writer", found.texts, WINDOW)
    tokens = checkpoints.lengths(checkpoint, found.texts)
    # With a mark before and after it, each is one piece.
    kept = tuple(text for text, length in zip(found.texts, tokens, strict=True) if length <= WINDOW - 2)
    texts = Texts(found.name, kept)
    middle = " / ".join(f"{value:.0f}" for value in quantiles(sorted(tokens), n=4))
    rows = write_rows(folder, "documents", texts, min(HELD_BACK, len(kept) // 10))
    job = Job("documents", str(folder), "write", rows, checkpoint, WINDOW, bf16=machine.has_gpu())
    still = Job("documents-still", str(folder), "write", rows, checkpoint, WINDOW, logging_steps=1, is_still=True)
    return Set(job, f"documents of {texts.name} (quartiles {middle} tokens), window {WINDOW}", 2.0, still)


def _cut(texts: Texts, rows: int) -> Texts:
    return Texts(texts.name, texts.texts[:rows], texts.labels[:rows])
