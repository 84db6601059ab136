"""Tokens of much text lie on disk, however few rows it stands in; those of little text stay in memory."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from core import events, runs
from core.data.types import Target
from core.tasks import TASKS
from core.tasks.base import Context
from core.training import preparing
from core.training.shop import Workshop
from tests.making import config


@pytest.mark.parametrize(
    ("rows", "words", "on_disk"), [(40, 500, True), (4000, 1, False)], ids=["few long texts", "many words"]
)
def test_much_text_goes_to_disk(
    rows: int, words: int, on_disk: bool, tiny_bert: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing, "BYTES_IN_MEMORY", 100_000)
    run = runs.create(config(checkpoint=tiny_bert))
    log = events.EventLog(run.events_path)
    task = TASKS[run.config.task]
    shop = Workshop(run, log, run.config, task)
    tokenizer, _ = task.load_tokenizer(str(tiny_bert), run.config.options)
    context = Context(tokenizer, Target(labels=("bad", "good")), 16, run.config.options)
    table = pa.table({"text": ["soup " * words] * rows, "label": ["good"] * rows})

    pieces = preparing.encoded_rows(shop, "train", table, context, "train")

    log.close()
    assert len(pieces) == rows and bool(pieces.cache_files) is on_disk
    assert (run.tokens_path / "train.arrow").is_file() is on_disk
