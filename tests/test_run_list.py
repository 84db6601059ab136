"""The list of runs, however many there are."""

from __future__ import annotations

import json
import os
import time

import pytest

from core import home, kept_lines, resting, run_list, summaries
from core.runs import Run, State
from core.studio import Studio
from tests.making import lock_held, run_with, started, stepped
from tests.shelf import finished


def rested(name: str) -> Run:
    """A run that has been over for a while."""
    run = run_with(*finished())
    run.rename(name)
    old = time.time() - 60
    for path in (run.events_path, run.path / "config.yaml", run.path):
        os.utime(path, (old, old))
    return run


def test_pages_hold_all_runs_once_and_words_are_found_on_all_of_them() -> None:
    for name in ("red apple", "red pear", "green apple", "plum", "grape"):
        rested(name)
    first, second = (run_list.page(number, size=3) for number in (1, 2))
    assert (first.found, first.total, len(first.lines), len(second.lines)) == (5, 5, 3, 2)
    assert {line.name for line in [*first.lines, *second.lines]} == {line.name for line in Studio().runs()}
    assert run_list.page(9, size=3).number == 2
    found = run_list.page(1, "APPLE finished", size=1)
    assert (found.found, found.total, len(found.lines)) == (2, 5, 1)
    assert not run_list.page(1, "pear green").lines


def test_a_page_says_that_a_run_goes_on_which_it_does_not_show() -> None:
    rested("new")
    going = run_with(started(), stepped(1))
    os.utime(going.path / "config.yaml", (1, 1))
    with lock_held(going.lock_path):
        page = run_list.page(1, size=1)
        assert page.is_going_on and page.lines[0].state is State.FINISHED
    assert not run_list.page(1, size=1).is_going_on


def test_what_is_over_is_read_once_and_again_when_its_folder_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    run, read = rested("before"), []
    line_of = resting.Remembered(
        lambda run: read.append(run) or summaries.summarise(run), lambda line: line.state.is_over
    )
    assert [line_of(run).name for _ in range(3)] == ["before"] * 3 and len(read) == 1
    run.rename("after")
    assert line_of(run).name == "after"
    run.again_path.touch()
    assert line_of(run).state is State.QUEUED
    with lock_held(run.lock_path):
        assert line_of(run).state is State.RUNNING
    # What changed this moment, or may still change, is looked at each time.
    assert len(read) == 4


def test_of_runs_that_come_and_go_only_the_last_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resting, "MOST", 3)
    line_of = resting.Remembered(summaries.summarise, lambda line: line.state.is_over)
    runs = [rested(f"run {number}") for number in range(5)]
    for run in runs:
        line_of(run)
    assert list(line_of.known) == [run.path for run in runs[2:]]


def test_lines_are_kept_for_the_next_start_and_a_broken_file_of_them_is_no_harm(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kept_lines, "WORTH_WRITING", 2)
    runs = [rested("one"), rested("two")]
    told = kept_lines.lines_of(runs)
    place = home.cache_dir() / "run_lines.json"
    assert len(json.loads(place.read_text())["lines"]) == 2

    def begin_anew() -> None:
        kept_lines._of_home.clear()
        summaries.line_of.known.clear()

    begin_anew()
    monkeypatch.setattr(summaries.line_of, "_read", lambda run: pytest.fail("it was read again"))
    assert kept_lines.lines_of(runs) == told
    monkeypatch.undo()
    for broken in ("", "[]", '{"for": "an older program", "lines": {}}'):
        place.write_text(broken)
        begin_anew()
        assert kept_lines.lines_of(runs) == told


def test_the_trash_tells_the_newest_and_those_that_are_named() -> None:
    studio = Studio()
    ids = [rested(str(number)).id for number in range(3)]
    for run_id in ids:
        studio.delete(run_id)
    newest = studio.trash()[0].id
    other = next(run_id for run_id in ids if run_id != newest)
    lines, count = run_list.trash([other], size=1)
    assert {line.id for line in lines} == {newest, other} and count == 3
