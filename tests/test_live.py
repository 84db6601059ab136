"""A live tick brings what is new, and costs what is new."""

from __future__ import annotations

import json

import pytest

from core import events, live
from core.runs import Run
from tests.making import lock_held, run_with, started, stepped


def append(run: Run, *happened: events.Event) -> None:
    log = events.EventLog(run.events_path)
    for event in happened:
        log.append(event)
    log.close()


def evaluated(step: int) -> events.Evaluated:
    return events.Evaluated(step=step, epoch=1.0, metrics={"loss": 0.4}, runtime_s=1.0, is_best=True)


def test_the_first_tick_brings_everything_and_the_next_only_what_is_new() -> None:
    run = run_with(started(), stepped(1), stepped(2))
    first = live.tick(run)
    assert first["reset"] and [point[0] for point in first["steps"]] == [1, 2]
    assert first["now"]["step"] == 2
    assert [event["kind"] for event in first["events"]] == ["started"]
    append(run, stepped(3), evaluated(3))
    second = live.tick(run, first["cursor"])
    assert "reset" not in second
    assert [point[0] for point in second["steps"]] == [3]
    assert [event["kind"] for event in second["events"]] == ["evaluated"]
    assert set(live.tick(run, second["cursor"])) == {"cursor", "state"}


def test_a_first_tick_is_bounded_and_keeps_the_spikes() -> None:
    run = run_with(started(), *(stepped(step, 9.0 if step == 4321 else 0.5) for step in range(1, 10_001)))
    steps = live.tick(run)["steps"]
    assert len(steps) <= live.MAX_POINTS
    assert [point for point in steps if point[1] == 9.0] == [[4321, 9.0, 1e-5, 1.0]]
    assert steps[0][0] == 1 and steps[-1][0] == 10_000
    assert steps == sorted(steps, key=lambda point: point[0])


@pytest.mark.parametrize("length", [1_000, 100_000])
def test_a_tick_is_under_a_kilobyte_at_any_length(length: int) -> None:
    run = run_with(started(), *(stepped(step) for step in range(length)))
    cursor = live.tick(run)["cursor"]
    append(run, *(stepped(length + number) for number in range(20)))
    tick = live.tick(run, cursor)
    assert len(json.dumps(tick)) < 1000
    assert tick["steps"][-1][0] == length + 19


def test_a_run_taken_up_again_forgets_what_came_after_its_checkpoint() -> None:
    failed = events.Failed(title="a", advice="b", cause="c")
    run = run_with(started(), stepped(1), evaluated(1), stepped(2), failed)
    cursor = live.tick(run)["cursor"]
    append(run, started(resumed_from_step=1), stepped(2, 0.1))
    tick = live.tick(run, cursor)
    assert tick["reset"]
    assert [point[:2] for point in tick["steps"]] == [[1, 0.5], [2, 0.1]]
    assert [event["kind"] for event in tick["events"]] == ["evaluated", "started"]


def test_a_shorter_file_in_its_place_is_noticed() -> None:
    run = run_with(started(), *(stepped(step) for step in range(9)))
    cursor = live.tick(run)["cursor"]
    run.events_path.write_text(events.encode(started()) + events.encode(stepped(1)))
    tick = live.tick(run, cursor)
    assert tick["reset"] and len(tick["steps"]) == 1


def test_an_evaluations_progress_is_told_only_while_it_goes_on() -> None:
    progress = [events.Evaluating(split="validation", done=done, total=9) for done in (1, 2, 3)]
    run = run_with(started(), *progress)
    assert [event.get("done") for event in live.tick(run)["events"]] == [None, 3]
    append(run, evaluated(5))
    assert [event["kind"] for event in live.tick(run)["events"]] == ["started", "evaluated"]


def test_a_stop_that_was_asked_for_is_said_while_the_run_goes_on() -> None:
    run = run_with(started(), stepped(1))
    run.stop_path.touch()
    assert "stopping" not in live.tick(run)
    with lock_held(run.lock_path):
        assert live.tick(run)["stopping"] == "best"


def test_points_without_a_loss_do_not_break_the_picture() -> None:
    points = [[float(step), None, None, None] for step in range(100)]
    assert live.decimate(points, 10) == [points[0], points[-1]]
