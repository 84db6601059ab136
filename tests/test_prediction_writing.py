"""Answers that grow: said along the way, ended early by who asked, and also from the model before training."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from core.errors import PredictionError
from core.prediction.client import Predictors
from core.prediction.server import PARTIAL_SECONDS
from core.runs import Run
from core.spares import Spares
from core.tasks import TASKS
from tests import slow_writers
from tests.shelf import home_of
from tests.test_prediction_client import LONG, workers
from tests.trying import run_with_model

pytestmark = pytest.mark.slow

ENDLESS = {"words": 10_000, "pause": 0.02}
"""Three minutes of writing."""


@pytest.fixture(scope="module", autouse=True)
def _slow_writers() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TUNESMITH_TASKS", slow_writers.PATHS)
        for task in (slow_writers.WRITER, slow_writers.TALKER):
            patch.setitem(TASKS, task.id, task)
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(autouse=True)
def home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One for all tests of this file: a worker that starts takes seconds, so that one may answer in several."""
    monkeypatch.setenv("TUNESMITH_HOME", str(folder))


@pytest.fixture(scope="module")
def kept(folder: Path) -> Iterator[Predictors]:
    """Those that stay from test to test. None of them has to be there yet, or any more."""
    made = Predictors(Spares())
    yield made
    with home_of(folder):
        made.close()
    assert workers() == []


@pytest.fixture(scope="module")
def writer(folder: Path, tiny_bert: Path) -> Run:
    with home_of(folder):
        return run_with_model(tiny_bert, task=slow_writers.WRITER.id)


@pytest.fixture
def predictors(kept: Predictors, writer: Run) -> Iterator[Predictors]:
    """Of a test alone; there are no others."""
    kept.forget(writer)
    made = Predictors(Spares())
    yield made
    made.close()
    assert workers() == []


def last(predictors: Predictors, run: Run, question: dict[str, str], untrained: bool = False, **knobs: Any) -> str:
    *_, record = predictors.write(run, question, knobs, untrained)
    return str(record["text"])


def test_an_answer_grows_and_its_last_word_is_always_said(kept: Predictors, writer: Run) -> None:
    begun = time.monotonic()
    texts = [record["text"] for record in kept.write(writer, {"text": "hi"}, {"words": 200, "pause": 0.002})]
    seconds = time.monotonic() - begun

    assert texts[0] == "<b>trained</b>, seed 1, heard 1 to “hi”:" and texts[-1].endswith(" word 199")
    assert all(after.startswith(before) for before, after in itertools.pairwise(texts))
    assert 3 < len(texts) <= seconds / PARTIAL_SECONDS + 2, "not a look for each word"


def test_who_leaves_ends_the_writing_and_the_same_worker_answers_the_next(kept: Predictors, writer: Run) -> None:
    writing = kept.write(writer, {"text": "hi"}, ENDLESS)
    assert "word" in [next(writing), next(writing)][1]["text"]
    (child,) = workers()

    begun = time.monotonic()
    writing.close()  # type: ignore[attr-defined]

    assert last(kept, writer, {"text": "next"}).startswith("<b>trained</b>, seed 1, heard 1 to “next”")
    assert time.monotonic() - begun < 20 and workers() == [child]


def test_who_waits_in_line_is_answered_when_the_one_before_leaves(kept: Predictors, writer: Run) -> None:
    writing = kept.write(writer, {"text": "hi"}, ENDLESS)
    next(writing)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(last, kept, writer, {"text": "next"})
        time.sleep(0.3)
        assert not waiting.done()
        writing.close()  # type: ignore[attr-defined]
        assert "“next”" in waiting.result(LONG)


def test_the_model_before_training_answers_beside_the_trained_one(kept: Predictors, writer: Run) -> None:
    for _ in range(2):
        assert last(kept, writer, {"text": "a"}).startswith("<b>trained</b>")
        assert last(kept, writer, {"text": "a"}, untrained=True).startswith("<b>untrained</b>")
    assert len(workers()) == 2, "both stay"

    kept.forget(writer)
    assert workers() == []


def test_a_model_that_cannot_answer_before_training_says_so(predictors: Predictors, tiny_bert: Path) -> None:
    run = run_with_model(tiny_bert)

    with pytest.raises(PredictionError, match="cannot answer before it is trained"):
        predictors.answers(run, [{"text": "a"}], untrained=True)


def test_failures_reach_who_asked_and_the_worker_stays(predictors: Predictors, tiny_bert: Path) -> None:
    talker = run_with_model(tiny_bert, task=slow_writers.TALKER.id)
    with pytest.raises(PredictionError, match="Something unexpected") as failure:
        last(predictors, talker, {"messages": '[{"role": "user", "content": "break"}]'})
    assert "RuntimeError: broken" in failure.value.cause
    with pytest.raises(PredictionError, match=r"words: Input should be less than"):
        last(predictors, talker, {"messages": "[]"}, words=10**6)
    (child,) = workers()

    said = '[{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, {"role": "user", "content": "c"}]'
    assert "heard 3 to “c”" in last(predictors, talker, {"messages": said})
    assert workers() == [child]


def test_a_worker_that_dies_while_it_writes_is_explained(kept: Predictors, writer: Run) -> None:
    writing = kept.write(writer, {"text": "hi"}, ENDLESS)
    next(writing)
    workers()[0].kill()

    with pytest.raises(PredictionError, match="process that holds the model ended"):
        list(writing)


def test_a_task_that_does_not_write_gives_its_one_answer(predictors: Predictors, tiny_bert: Path) -> None:
    (record,) = set(one["label"] for one in predictors.write(run_with_model(tiny_bert), {"text": "a"}, {}))

    assert record == "good"
