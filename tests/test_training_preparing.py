"""Texts are cut into tokens once: what was prepared before is taken from the cache, and never what is stale."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from core import events, home, runs
from core.data.types import Target
from core.runs import Run
from core.tasks import TASKS
from core.tasks.base import Context
from core.training import preparing, token_cache
from core.training.preparing import Larder
from core.training.shop import Workshop
from core.training.token_cache import TokenCache
from tests.making import config, reviews, write_csv

OPTIONS: Any = TASKS["text-classification"].options
TABLE = pa.table({"text": ["the soup was cold", "a kind waiter"] * 20, "label": ["bad", "good"] * 20})


class Counting:
    """A task's ``encode`` that counts how often it is called."""

    def __init__(self, encode: Callable[..., Any]) -> None:
        self._encode = encode
        self.calls = 0

    def __call__(self, *arguments: Any) -> Any:
        self.calls += 1
        return self._encode(*arguments)


@pytest.fixture
def encode() -> Iterator[Counting]:
    """The encoding of text classification, counted: the task stays the one that it is."""
    task = TASKS["text-classification"]
    counting = Counting(task.encode)
    object.__setattr__(task, "encode", counting)
    yield counting
    object.__setattr__(task, "encode", counting._encode)


@pytest.fixture
def larder(tiny_bert: Path) -> Iterator[Callable[..., Larder]]:
    made: list[tuple[events.EventLog, TokenCache]] = []

    def larder(task: Any = None, checkpoint: Path = tiny_bert, **changes: Any) -> Larder:
        run = runs.create(config(checkpoint=checkpoint))
        shop = Workshop(run, events.EventLog(run.events_path), run.config, task or TASKS[run.config.task])
        tokenizer, _ = shop.task.load_tokenizer(str(checkpoint), run.config.options)
        context = Context(tokenizer, Target(("bad", "good"), (20, 20)), 16, run.config.options)
        made.append((shop.log, TokenCache(checkpoint)))
        return Larder(shop, replace(context, **changes), made[-1][1])

    yield larder
    for log, cache in made:
        log.close()
        cache.close()


def kept() -> list[Path]:
    return sorted((home.cache_dir() / "tokens").glob("*.arrow"))


class TestTheSame:
    def test_rows_are_encoded_once(self, larder: Callable[..., Larder], encode: Counting) -> None:
        first = larder().pieces("train", TABLE, "train")
        assert encode.calls == 1
        again = larder().pieces(
            "train", pa.concat_tables([TABLE.slice(0, 7), TABLE.slice(7)]).combine_chunks(), "train"
        )
        assert encode.calls == 1 and len(kept()) == 1
        assert again.to_dict() == first.to_dict() and first["row"][:3] == [0, 1, 2]

    @pytest.mark.parametrize(
        "changes",
        [
            {"max_length": 8},
            {"target": Target(("bad", "good", "new"), (20, 20, 0))},
            {"options": OPTIONS(long_texts="windows")},
        ],
        ids=["length", "target", "options"],
    )
    def test_rows_are_encoded_anew_where_it_matters(
        self, larder: Callable[..., Larder], encode: Counting, changes: dict[str, Any]
    ) -> None:
        larder().pieces("train", TABLE, "train")
        larder(**changes).pieces("train", TABLE, "train")
        assert encode.calls == 2 and len(kept()) == 2

    def test_rows_with_one_other_letter_or_purpose_are_others(
        self, larder: Callable[..., Larder], encode: Counting
    ) -> None:
        texts = TABLE["text"].to_pylist()
        other = TABLE.set_column(0, "text", pa.array([*texts[:-1], "a kind waiteR"]))
        larder().pieces("train", TABLE, "train")
        larder().pieces("train", other, "train")
        larder().pieces("validation", TABLE, "evaluate")
        assert encode.calls == 3

    def test_name_of_a_checkpoint_is_no_matter_but_its_tokenizer_is(
        self, larder: Callable[..., Larder], encode: Counting, tiny_bert: Path, tmp_path: Path
    ) -> None:
        larder().pieces("train", TABLE, "train")
        copy = Path(shutil.copytree(tiny_bert, tmp_path / "copy"))
        larder(checkpoint=copy).pieces("train", TABLE, "train")
        assert encode.calls == 1
        settings = copy / "tokenizer_config.json"
        settings.write_text(settings.read_text() + " ")
        larder(checkpoint=copy).pieces("train", TABLE, "train")
        assert encode.calls == 2

    def test_half_a_file_is_never_taken(
        self, larder: Callable[..., Larder], encode: Counting, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(path: Path) -> None:
            path.write_bytes(b"half")
            raise OSError(28, "No space left on device")

        one = larder()
        with pytest.raises(OSError, match="No space"):
            one.cache.pieces(one.shop.task, TABLE, one.context, "train", broken)
        assert list((home.cache_dir() / "tokens").iterdir()) == []


class TestATaskOfOnesOwn:
    @pytest.mark.parametrize(
        ("rows", "words", "on_disk"), [(40, 500, True), (4000, 1, False)], ids=["few long texts", "many words"]
    )
    def test_is_never_kept_and_lies_on_disk_only_where_it_is_large(
        self, rows: int, words: int, on_disk: bool, larder: Callable[..., Larder], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(preparing, "BYTES_IN_MEMORY", 100_000)
        one = larder(replace(TASKS["text-classification"], id="own"))
        table = pa.table({"text": ["soup " * words] * rows, "label": ["good"] * rows})
        pieces = one.pieces("train", table, "train")
        assert len(pieces) == rows and bool(pieces.cache_files) is on_disk and kept() == []
        assert (one.shop.run.tokens_path / "train.arrow").is_file() is on_disk


class TestTheSweep:
    def test_takes_what_is_longest_unused_and_not_in_use(
        self, larder: Callable[..., Larder], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first, second, third = (larder(max_length=length) for length in (8, 12, 16))
        paths: list[Path] = []
        for age, one in ((300, first), (200, second), (100, third)):
            one.pieces("train", TABLE, "train")
            (path,) = set(kept()) - set(paths)
            paths.append(path)
            os.utime(path, (path.stat().st_mtime - age,) * 2)
        second.cache.close()
        third.cache.close()
        monkeypatch.setattr(token_cache, "MOST_BYTES", sum(path.stat().st_size for path in paths) - 1)
        token_cache.sweep()
        assert [path.exists() for path in paths] == [True, False, True], "the oldest is in use, the next is not"
        first.cache.close()
        monkeypatch.setattr(token_cache, "MOST_BYTES", 0)
        token_cache.sweep()
        assert kept() == []


# --- Whole runs ------------------------------------------------------------------------------------------------------


@pytest.fixture
def _own_termination() -> Iterator[None]:
    """A run takes over the termination signal of its process; here that is the tests' own."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def losses(run: Run) -> list[Any]:
    from core.training import job

    log = events.EventLog(run.events_path)
    job.train(run, log)
    log.close()
    happened = events.read(run.events_path)[0]
    return [event.loss for event in happened if isinstance(event, events.Stepped)]


@pytest.mark.slow
@pytest.mark.usefixtures("_own_termination")
def test_a_second_run_encodes_nothing_and_learns_the_same(tiny_bert: Path, tmp_path: Path, encode: Counting) -> None:
    table = write_csv(tmp_path / "reviews.csv", ("text", "label"), reviews(80))
    one, other = (runs.create(config(table, tiny_bert, learning_rate=rate)) for rate in (1e-3, 1e-3))
    first = losses(one)
    calls, made = encode.calls, {path: path.read_bytes() for path in kept()}
    assert calls == 3 and len(made) == 3, "each part once, though validation and test are read twice"
    assert losses(other) == first and encode.calls == calls
    assert {path: path.read_bytes() for path in kept()} == made
    assert one.report is not None and other.report is not None
    assert other.report["metrics"] == one.report["metrics"]
