"""Events survive crashes, unknown kinds and half-written lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core import events
from tests.making import stepped


@pytest.mark.parametrize("kind", events.KINDS.values(), ids=events.KINDS)
def test_every_kind_has_words_and_a_name_of_its_own(kind: type[events.Event]) -> None:
    assert kind.__doc__
    assert events.KINDS[kind.kind] is kind


def test_an_event_comes_back_as_it_was_written() -> None:
    event = events.Failed(title="a", advice="b", cause="c", remedy={"training.learning_rate": 1e-5})
    assert events.decode(events.encode(event)) == event


def test_numbers_that_are_not_finite_become_null_and_the_line_stays_json() -> None:
    line = events.encode(stepped(1, loss=float("nan")))
    assert json.loads(line)["loss"] is None
    nested = events.encode(events.Evaluated(step=1, epoch=1, metrics={"f1": float("inf")}, runtime_s=1, is_best=False))
    assert json.loads(nested)["metrics"] == {"f1": None}


def test_a_half_written_line_waits_for_its_end(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    whole, half = events.encode(stepped(1)), events.encode(stepped(2))
    path.write_text(whole + half[:20])
    found, offset = events.read(path)
    assert [event.step for event in found] == [1]  # type: ignore[attr-defined]
    path.write_text(whole + half)
    found, offset = events.read(path, offset)
    assert [event.step for event in found] == [2]  # type: ignore[attr-defined]
    assert events.read(path, offset) == ([], offset)


def test_a_line_cut_by_a_crash_does_not_swallow_the_next_writers_first_event(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text(events.encode(stepped(1)) + '{"v": 1, "kind": "stepp')
    log = events.EventLog(path)
    log.append(stepped(2))
    log.close()
    found, _ = events.read(path)
    assert [event.step for event in found] == [1, 2]  # type: ignore[attr-defined]


def test_kinds_and_fields_of_a_later_version_are_skipped(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    later = json.loads(events.encode(stepped(3))) | {"colour": "green"}
    unknown, other_version = {"v": 1, "kind": "danced"}, {"v": 2, "kind": "stepped"}
    path.write_text("".join(json.dumps(record) + "\n" for record in (unknown, other_version, later)))
    found, _ = events.read(path)
    assert [event.step for event in found] == [3]  # type: ignore[attr-defined]


def test_a_disk_that_takes_half_a_line_is_told_and_the_next_line_begins_anew(tmp_path: Path) -> None:
    class Narrow:
        """A file on a disk with little room: the first write is cut."""

        def __init__(self) -> None:
            self.written, self.room = b"", 10

        def write(self, block: bytes) -> int:
            taken = block[: self.room] if self.room else block
            self.room = 0
            self.written += taken
            return len(taken)

    log = events.EventLog(tmp_path / "events.jsonl")
    log._file = disk = Narrow()  # type: ignore[assignment]
    with pytest.raises(OSError, match="No space left"):
        log.append(stepped(1))
    log.append(stepped(2))
    (tmp_path / "events.jsonl").write_bytes(disk.written)
    found, _ = events.read(tmp_path / "events.jsonl")
    assert [event.step for event in found] == [2]  # type: ignore[attr-defined]


def test_the_newest_of_a_kind_is_found_behind_others(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text(events.encode(stepped(7)) + events.encode(events.Saved(step=7)))
    newest = events.last(path, events.Stepped)
    assert isinstance(newest, events.Stepped) and newest.step == 7


def test_first_and_last_are_found_without_reading_the_middle(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    assert events.first(path) is None and events.last(path) is None
    path.write_text("".join(events.encode(stepped(step)) for step in range(5000)))
    first, last = events.first(path), events.last(path, window=4096)
    assert isinstance(first, events.Stepped) and first.step == 0
    assert isinstance(last, events.Stepped) and last.step == 4999
