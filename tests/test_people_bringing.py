"""What people upload to pages: counted for each of them, never for others, and gone where it does not come whole."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from core import ceilings, home
from core.errors import OverLimit
from core.people import passwords
from core.people.brought import Brought, bounds_of
from core.people.listed import People
from core.people.types import person
from tests.test_people_door import as_somebody, served
from ui import bodies, uploads
from ui.people.entry import SESSION, Entry

PATIENCE = 60.0
SOON = 20.0
"""For what happens at once, also on a busy machine."""
UPLOAD = "/gradio_api/upload"


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Entry:
    monkeypatch.setattr(passwords, "N", 2)
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(home.shared_temp_dir()))
    people = People(tmp_path / "people.txt")
    for name in ("Anna", "ben"):
        people.add(name, f"correct horse battery {name}")
    return Entry("team", people)


def brings(who: httpx.Client, size: int, name: str = "a.csv") -> httpx.Response:
    return who.post(UPLOAD, files={"files": (name, name.encode() * (size // len(name)))}, timeout=PATIENCE)


def brought() -> list[str]:
    return [path.name for path in home.shared_temp_dir().rglob("*") if path.is_file()]


def wait_until(happened: Callable[[], object], patience: float = PATIENCE) -> None:
    deadline = time.monotonic() + patience
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_what_somebody_brings_counts_for_them_alone(team: Entry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ceilings.VARIABLE, "person_disk=1MB")
    with served(team) as (stranger, _):
        anna, ben = as_somebody(stranger, "Anna"), as_somebody(stranger, "ben")
        for _ in range(3):
            assert brings(stranger, 900_000).status_code == 401, "whoever is nobody uses up nothing of anybody's"
        assert brings(anna, 600_000).status_code == 200
        refused = brings(anna, 600_000, "b.csv")
        assert refused.status_code == 507 and refused.json()["advice"]
        assert refused.json()["title"] == (
            "This file has no room. You brought 600 kB within a day, of 1 MB that may come."
        )

        def unsaid() -> Iterator[bytes]:
            yield b'--x\r\nContent-Disposition: form-data; name="files"; filename="c.csv"\r\n\r\n'
            yield from (b"c" * 100_000 for _ in range(8))
            yield b"\r\n--x--\r\n"

        form = {"Content-Type": "multipart/form-data; boundary=x"}
        assert anna.post(UPLOAD, content=unsaid(), headers=form).status_code == 507
        assert brings(anna, 200_000, "d.csv").status_code == 200, "what was refused on its way does not count"
        assert brings(ben, 600_000, "e.csv").status_code == 200
        wait_until(lambda: sorted(brought()) == ["a.csv", "d.csv", "e.csv"])


def test_a_file_that_does_not_come_whole_is_gone(team: Entry) -> None:
    with served(team) as (stranger, _):
        shown = as_somebody(stranger, "Anna").cookies[SESSION]
        place = (stranger.base_url.host, stranger.base_url.port or 80)
        part = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.csv"\r\n\r\n' + b"a" * 50_000
        head = (
            f"POST {UPLOAD} HTTP/1.1\r\nHost: {place[0]}:{place[1]}\r\nCookie: {SESSION}={shown}\r\n"
            "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 900000\r\n\r\n"
        )
        with socket.create_connection(place, timeout=PATIENCE) as line:
            line.sendall(head.encode() + part)
            wait_until(brought)
        wait_until(lambda: not brought(), SOON)


def test_the_disk_is_looked_at_while_a_file_comes(team: Entry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "_LOOKED_AT", 100_000)

    def growing() -> Iterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.csv"\r\n\r\n'
        wait_until(brought)
        monkeypatch.setenv(ceilings.VARIABLE, "disk=900TB")  # as if others had filled it meanwhile
        yield from (b"a" * 50_000 for _ in range(6))
        yield b"\r\n--x--\r\n"

    with served(team) as (stranger, _):
        anna = as_somebody(stranger, "Anna")
        form = {"Content-Type": "multipart/form-data; boundary=x"}
        full = anna.post(UPLOAD, content=growing(), headers=form, timeout=PATIENCE)
        assert full.status_code == 507 and "free" in full.json()["title"]
        wait_until(lambda: not brought())


def test_what_was_brought_is_forgotten_when_it_is_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ceilings.VARIABLE, "person_disk=1MB,home=1MB,keep=60")
    now = [0.0]
    kept = Brought(lambda: now[0])
    anna = bounds_of(home.of_person(person("Anna").key))
    visitor, other = (bounds_of(home.of_visitor(f"visitor-{name}")) for name in ("a", "b"))
    assert bounds_of(home.root()) is None, "whoever has the app alone"
    assert anna and visitor and visitor == other, "visitors share one bound: anybody can be many of them"
    for bounds, hours in ((anna, 24), (visitor, 1)):
        kept.take(bounds, 600_000)
        with pytest.raises(OverLimit, match="600 kB within"):
            kept.take(bounds, 0, expected=500_000)
        begun = now[0]
        now[0] = begun + hours * 3600 - 1
        with pytest.raises(OverLimit):
            kept.take(bounds, 0, expected=500_000)
        now[0] = begun + hours * 3600 + 601
        kept.take(bounds, 900_000)
        kept.give_back(bounds, 900_000)
        kept.take(bounds, 900_000)


def test_what_a_killed_app_left_of_files_on_their_way_is_gone_a_day_later() -> None:
    temp = home.shared_temp_dir()
    (temp / "a1b2").mkdir(parents=True)
    old, new, whole, other = temp / "tmpold1", temp / "tmpnew1", temp / "a1b2" / "tmp.csv", temp / "kept.csv"
    for path in (old, new, whole, other):
        path.write_text("half")
    (temp / "tmpfolder").mkdir()
    yesterday = time.time() - 25 * 3600
    for path in (old, whole, other, temp / "tmpfolder"):
        os.utime(path, (yesterday, yesterday))
    uploads.forget_halves()
    assert not old.exists()
    assert new.exists() and whole.exists() and other.exists() and (temp / "tmpfolder").exists()
