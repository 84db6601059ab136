"""Why a run waits, failed or cannot be steered: English where it is made, in the reader's language on its page."""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import Any

import pytest

from core import events, live, orders, runs
from core.config import RunConfig, validate
from core.demo import bounds
from core.errors import Missing, RunError, StudioError, explain
from core.launchers import failing
from core.runs import Run
from core.said import said
from core.supervisor import _refuse
from core.training.learning import _refuse_if_hopeless
from core.waiting_time import standing
from ui.languages import LANGUAGES, speaking, told, told_all

NAME = "/tmp/{run} Runs/<b>.csv"


def config_of(source: str, **training: Any) -> RunConfig:
    columns = {"text": "text", "label": "label"}
    return validate(
        {
            "task": "text-classification",
            "data": {"source": source, "columns": columns},
            "model": {"checkpoint": "starter/tiny-test"},
            "training": training,
        }
    )


def in_german(words: str) -> str:
    with speaking(LANGUAGES["de"]):
        return told(words)


@pytest.mark.parametrize(
    ("failure", "english", "german"),
    [
        (MemoryError(), "The machine ran out of memory.", "Der Speicher des Rechners hat nicht gereicht."),
        (OSError(errno.ENOSPC, "x"), "The disk is full.", "Die Festplatte ist voll."),
        (FileNotFoundError(2, "x", NAME), f"A file is missing: {NAME}.", f"Eine Datei fehlt: {NAME}."),
        (ZeroDivisionError(), "Something unexpected went wrong.", "Etwas Unerwartetes ist schiefgegangen."),
    ],
)
def test_the_board_of_a_failed_run_tells_its_failure(
    tmp_path: Path, failure: Exception, english: str, german: str
) -> None:
    error = explain(failure)
    assert error.title == english
    log = events.EventLog(tmp_path / "events.jsonl")
    log.append(events.Failed(title=error.title, advice=error.advice, cause=error.cause))
    log.close()
    tick = live.tick(Run(tmp_path))
    (kept,) = tick["events"]
    assert (kept["title"], kept["advice"]) == (english, error.advice)
    with speaking(LANGUAGES["de"]):
        (board,) = told_all(tick)["events"]
    assert board["title"] == german and board["advice"] == in_german(error.advice) != error.advice
    assert board["cause"] == error.cause


def test_a_batch_that_is_too_large_is_told_with_its_figures() -> None:
    with pytest.raises(StudioError) as raised:
        _refuse_if_hopeless(
            config_of(NAME, per_device_train_batch_size=16, auto_find_batch_size=False), 1000, MemoryError()
        )
    assert raised.value.title == "The machine ran out of memory with batches of 16 examples."
    assert (
        in_german(raised.value.title) == "Der Speicher des Rechners hat bei Stapeln von 16 Beispielen nicht gereicht."
    )
    assert in_german(raised.value.advice).startswith("Nehmen Sie Stapel von 8 und je Korrektur 2 davon: ")


def test_what_a_process_has_said_names_it_in_each_language(tmp_path: Path) -> None:
    run = Run(tmp_path)
    (tmp_path / "config.yaml").write_text(config_of(NAME).to_yaml(), encoding="utf-8")
    failing.note(run, 1, explain(FileNotFoundError(2, "x", NAME)))
    assert failing.tell(run, 0, {1: 1}, 2) == failing.EXIT_FAILED
    (event,) = live.tick(run)["events"]
    assert event["title"] == f"A file is missing: {NAME}. (process 2 of 2)"
    assert in_german(event["title"]) == f"Eine Datei fehlt: {NAME}. (Prozess 2 von 2)"
    killed = failing.reason([], {0: -9, 1: -15}, 2)
    assert killed.title.startswith("Process 1 of 2 was killed by the system: most often because the machine's memory")
    assert in_german(killed.title).startswith("Prozess 1 von 2 wurde vom System beendet")


def test_a_refusal_is_told_and_its_data_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNESMITH_HOME", str(tmp_path))
    with pytest.raises(Missing) as raised:
        runs.find("Runs")
    assert raised.value.title == "There is no run 'Runs'."
    assert in_german(raised.value.title) == "Es gibt keinen Lauf 'Runs'."
    assert in_german(str(raised.value)).endswith("vielleicht wurde er gelöscht.")
    run = runs.create(config_of(NAME))
    run.lock_path.touch()
    _refuse(run, "too few cores")
    (event,) = live.tick(run)["events"]
    assert event["title"] == "This run cannot be started on this machine." and event["cause"] == "too few cores"
    assert in_german(event["title"]) == "Dieser Lauf lässt sich auf diesem Rechner nicht starten."


def test_a_place_in_the_queue_is_told() -> None:
    assert standing(3, 1200.0) == "third in the queue, about 20 minutes"
    assert in_german(standing(3, 1200.0)) == "Platz 3 in der Warteschlange, etwa 20 Minuten"
    why = said("begins when fewer than {limit} of your runs go on", limit="2")
    assert standing(12, None, why) == "number 12 in the queue; begins when fewer than 2 of your runs go on"
    assert in_german(standing(12, 60.0, why)).endswith("; beginnt, sobald weniger als 2 Ihrer Läufe in Gang sind")


@pytest.mark.parametrize("earlier", [False, True])
def test_why_a_run_was_stopped_is_kept_with_its_words(tmp_path: Path, earlier: bool) -> None:
    run = Run(tmp_path)
    why: Any = said("An administrator of this app has stopped it.")
    orders.stop(run, "last", why)
    if earlier:
        run.stop_path.write_text(f"last\n{why}", encoding="utf-8")
    assert orders.why_stopped(run) == why and orders.kept_of(run) == "last"
    assert (in_german(orders.why_stopped(run)) == why) == earlier


def test_the_limits_of_a_demo_are_told() -> None:
    with pytest.raises(RunError) as raised:
        bounds.need_disk(10**12, 5_000_000, "This table")
    assert raised.value.title.startswith("This table needs 5 MB, and your things here take 1 TB of ")
    assert in_german(raised.value.title).startswith(
        "Diese Tabelle braucht 5 MB, und Ihre Sachen belegen hier schon 1 TB"
    )
    assert json.dumps(raised.value.as_record())  # for a process that tells it on
