"""The whole of a run in few points, carried on by what is new."""

from __future__ import annotations

from core import events, live, picture
from tests.making import run_with, started, stepped
from tests.test_live import append, evaluated


def test_it_is_carried_on_from_where_it_was_and_says_what_a_fresh_one_says() -> None:
    run = run_with(started(), *(stepped(step) for step in range(10)))
    kept = picture.Picture(run.events_path)
    kept.told(100)
    append(run, evaluated(10), stepped(10, 3.0))
    with open(run.events_path, "ab") as file:
        file.write(events.encode(stepped(11)).encode()[:-9])  # half a line
    assert kept.told(100) == picture.Picture(run.events_path).told(100)
    assert [point[0] for point in kept.steps] == list(range(11))
    append(run, started(resumed_from_step=4), stepped(5, 7.0))
    told = kept.told(100)
    assert told == picture.Picture(run.events_path).told(100)
    assert [point[:2] for point in told[0]] == [*([step, 0.5] for step in range(5)), [5, 7.0]]
    assert [record["kind"] for record in told[2]] == ["started"]


def test_a_picture_thinned_again_and_again_stays_even_and_keeps_the_spikes() -> None:
    points: list[picture.Point] = []
    for step in range(40_000):
        points.append([step, 9.0 if step in (77, 20_001) else 1.0 + step % 7 / 10, None, None])
        if len(points) >= 400:
            points = picture.thin(points, 200)
    told = picture.thin(points, 100)
    assert len(told) <= 100 and [point[0] for point in told if point[1] == 9.0] == [77, 20_001]
    quarters = [sum(1 for point in told if place <= (point[0] or 0) / 10_000 < place + 1) for place in range(4)]
    assert min(quarters) >= 20


def test_two_readers_of_one_run_share_one_picture() -> None:
    run = run_with(started(), stepped(1))
    live.tick(run)
    assert picture.of(run.events_path).cursor == events.size(run.events_path)
    assert picture.of(run.events_path) is picture.of(run.events_path)
