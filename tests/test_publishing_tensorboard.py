"""The curves of a run in the form of TensorBoard, read back record by record."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core import events
from core.publishing.restarts import since_last_restart
from core.publishing.tensorboard import log_items
from tests.making import run_with, started, stepped
from tests.shelf import training


def records(file: Path) -> Iterator[bytes]:
    """The records of a TFRecord file, their checksums checked."""
    from tensorboardX.crc32c import crc32c

    def masked(data: bytes) -> int:
        crc = crc32c(data)
        return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF

    content, place = file.read_bytes(), 0
    while place < len(content):
        size, head_check = struct.unpack_from("<QI", content, place)
        body = content[place + 12 : place + 12 + size]
        (check,) = struct.unpack_from("<I", content, place + 12 + size)
        assert head_check == masked(content[place : place + 8]) and check == masked(body)
        yield body
        place += 16 + size


def read(file: Path) -> tuple[str, list[Any]]:
    """(what the file says of itself, its other records)"""
    from tensorboardX.proto.event_pb2 import Event

    first, *others = [Event.FromString(record) for record in records(file)]
    return first.file_version, others


def test_every_value_is_there_at_its_step_and_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "the-laptop-of-ann")
    run = run_with(*training())
    (item,) = log_items(run, tmp_path)
    assert isinstance(item.content, Path) and item.content.parent == tmp_path
    folder, _, name = item.name.rpartition("/")
    assert folder == f"runs/{run.id}" and name.startswith("events.out.tfevents.") and "ann" not in name
    form, found = read(item.content)
    assert form == "brain.Event:2"
    told = {(one.step, value.tag): value.simple_value for one in found for value in one.summary.value}
    times = {one.step: one.wall_time for one in found}
    happened = events.read(run.events_path)[0]
    for event in happened:
        if isinstance(event, events.Stepped):
            assert told[event.step, "train/loss"] == pytest.approx(event.loss)
            assert told[event.step, "train/learning_rate"] == pytest.approx(event.learning_rate)
            assert told[event.step, "train/grad_norm"] == pytest.approx(event.grad_norm)
        if isinstance(event, events.Evaluated):
            assert told[event.step, "eval/f1_macro"] == pytest.approx(event.metrics["f1_macro"])
            assert times[event.step] == event.time
    assert {tag.partition("/")[0] for _, tag in told} == {"train", "eval"}


def test_a_run_that_logged_nothing_has_no_file(tmp_path: Path) -> None:
    assert log_items(run_with(started()), tmp_path) == []
    assert list(tmp_path.glob("events*")) == []


def test_steps_that_were_done_again_count_once() -> None:
    once = events.Noticed(level="warning", title="Said at each start.")
    happened = [started(), once, stepped(1), stepped(2, 9.0), started(resumed_from_step=1), once, stepped(2, 0.5)]
    kept = since_last_restart(happened)
    assert [event.loss for event in kept if isinstance(event, events.Stepped)] == [0.5, 0.5]
    assert kept.count(once) == 1
