"""Who answers: real workers that are shared, replaced and sent home, and never in the middle of an answer."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from core.errors import PredictionError
from core.prediction import client
from core.prediction.client import Predictors
from core.runs import Run
from core.spares import Spares
from tests import processes
from tests.conftest import end_processes_of
from tests.making import write_csv
from tests.shelf import home_of
from tests.trying import give_model, run_with_model

pytestmark = pytest.mark.slow

LONG = 120.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    made = tmp_path_factory.mktemp("home")
    yield made
    assert workers() == [] and list((made / "logs").iterdir()) == []
    end_processes_of(made)


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


@pytest.fixture(scope="module")
def run(folder: Path, tiny_bert: Path) -> Run:
    """The one that those who stay answer for."""
    with home_of(folder):
        return run_with_model(tiny_bert)


@pytest.fixture
def predictors(kept: Predictors, run: Run) -> Iterator[Predictors]:
    """Of a test alone; there are no others."""
    kept.forget(run)
    made = Predictors(Spares())
    yield made
    made.close()
    assert workers() == []


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as made:
        yield made


def workers() -> list[psutil.Process]:
    return processes.living("core.worker")


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONG
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def ask(predictors: Predictors, run: Run, text: str = "a kind waiter") -> str:
    (answer,) = predictors.answers(run, [{"text": text}])
    return str(answer["label"])


def wait_for_askers(predictors: Predictors, run: Run, number: int) -> None:
    """A worker that was suspended cannot say that it was asked; who keeps it knows."""
    wait_until(lambda: predictors._children["ask", run.path, False].users == number)


def texts(path: Path, rows: int) -> str:
    return str(write_csv(path, ("text",), [(f"the film was warm, no {number}",) for number in range(rows)]))


def test_a_worker_that_is_answering_is_never_sent_home(
    kept: Predictors, run: Run, pool: ThreadPoolExecutor, tiny_bert: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "MODELS_AT_ONCE", 1)
    said = ask(kept, run)
    (busy,) = workers()
    busy.suspend()
    waiting = pool.submit(ask, kept, run)
    wait_for_askers(kept, run, 1)

    assert ask(kept, run_with_model(tiny_bert)) == "good"

    assert workers() == [busy], "the idle one went instead"
    assert not waiting.done()
    busy.resume()
    assert waiting.result(LONG) == said
    assert workers() == [busy]


def test_a_table_and_a_question_do_not_wait_for_each_other(
    kept: Predictors, run: Run, pool: ThreadPoolExecutor, tmp_path: Path
) -> None:
    go_on, heard = threading.Event(), [[], []]  # type: ignore[var-annotated]
    source, outputs = texts(tmp_path / "in.csv", 3000), [tmp_path / "one.csv", tmp_path / "two.csv"]

    def table(number: int) -> Future[dict[str, object]]:
        def hear(share: float, words: str) -> None:
            heard[number].append(words)
            assert share == 0 or go_on.wait(LONG)

        return pool.submit(kept.file, run, source, outputs[number], hear)

    first = table(0)
    wait_until(lambda: "rows answered" in heard[0][-1] if heard[0] else False)
    second = table(1)
    wait_until(lambda: bool(heard[1]))

    assert ask(kept, run) in ("good", "bad")
    assert not first.done()
    assert heard[1] == ["Waiting: another table will be answered first"]
    assert len(workers()) == 2, "one for the table, one for the question"

    go_on.set()
    assert [done.result(LONG)["rows"] for done in (first, second)] == [3000, 3000]
    assert heard[0][:1] == ["Loading the model"] == heard[1][1:2]
    assert heard[0][-1] == "3,000 of 3,000 rows answered"
    assert outputs[0].read_bytes() == outputs[1].read_bytes()
    assert len(workers()) == 1, "the workers of the tables left with their jobs"


def test_a_dead_worker_is_replaced_once_for_all_who_ask(kept: Predictors, run: Run, pool: ThreadPoolExecutor) -> None:
    said = ask(kept, run)
    (old,) = workers()
    old.suspend()
    asked = [pool.submit(ask, kept, run) for _ in range(4)]
    wait_for_askers(kept, run, 4)
    old.send_signal(signal.SIGKILL)

    assert [one.result(LONG) for one in asked] == [said] * 4
    (new,) = workers()
    assert new != old
    assert ask(kept, run) == said and workers() == [new]


def test_a_model_that_was_trained_anew_answers_from_then_on(kept: Predictors, run: Run, tiny_bert: Path) -> None:
    other = "bad" if ask(kept, run) == "good" else "good"
    (old,) = workers()

    give_model(run, tiny_bert, other)

    assert ask(kept, run) == other
    (new,) = workers()
    assert new != old


def test_who_waits_is_told_when_the_model_is_put_away(
    predictors: Predictors, pool: ThreadPoolExecutor, tiny_bert: Path, tmp_path: Path
) -> None:
    run, went_on = run_with_model(tiny_bert), threading.Event()
    ask(predictors, run)
    (child,) = workers()
    child.suspend()
    asked = pool.submit(ask, predictors, run)
    source, output = texts(tmp_path / "in.csv", 200_000), tmp_path / "out.csv"
    table = pool.submit(predictors.file, run, source, output, lambda share, _: went_on.set() if share else None)
    assert went_on.wait(LONG)
    heard: list[str] = []
    source, other = texts(tmp_path / "more.csv", 10), tmp_path / "other.csv"
    waiting = pool.submit(predictors.file, run, source, other, lambda _, words: heard.append(words))
    wait_for_askers(predictors, run, 1)
    wait_until(lambda: bool(heard))

    predictors.forget(run)

    for one in (asked, table):
        with pytest.raises(PredictionError, match="put away before it had answered"):
            one.result(LONG)
    assert waiting.result(LONG)["rows"] == 10, "the next in line has its turn"
    assert list(tmp_path.glob("*out*")) == [] and other.is_file()

    predictors.close()
    with pytest.raises(PredictionError, match="closing"):
        ask(predictors, run)


def test_a_table_whose_worker_dies_is_explained(
    predictors: Predictors, pool: ThreadPoolExecutor, tiny_bert: Path, tmp_path: Path
) -> None:
    run, output, started = run_with_model(tiny_bert), tmp_path / "out.csv", threading.Event()

    def hear(share: float, words: str) -> None:
        if share > 0:
            started.set()

    table = pool.submit(predictors.file, run, texts(tmp_path / "in.csv", 50_000), output, hear)
    assert started.wait(LONG)
    workers()[0].send_signal(signal.SIGKILL)

    with pytest.raises(PredictionError, match="process that holds the model ended") as failure:
        table.result(LONG)
    assert "exit code -9" in failure.value.cause
    assert list(tmp_path.glob("*out*")) == []


def test_what_the_worker_cannot_do_is_explained_and_it_stays(predictors: Predictors, tiny_bert: Path) -> None:
    run = run_with_model(tiny_bert)
    weights = run.model_path / "model.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-100])
    with pytest.raises(PredictionError, match="weights file is damaged"):
        ask(predictors, run)
    (child,) = workers()

    weights.write_bytes(whole)

    assert ask(predictors, run) == "good"
    assert workers() == [child]
