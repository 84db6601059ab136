"""Many people at once in one app: each walks through what is theirs and notes every answer that holds somebody else's.

The app runs as a process of its own, as a team starts it. What belongs to somebody carries their mark, a text that
nobody else's has: an answer with another's mark is cross-talk, one without their own is a loss.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import secrets
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import httpx

from core import home
from core.people.listed import People
from core.people.residents import settle
from core.people.types import person
from core.runs import Run
from tests import ports
from tests.making import PROJECT, run_with
from tests.shelf import finished, report

MARK = re.compile(r"mark-\d\d-[0-9a-f]{8}")
HTML = {"accept": "text/html"}
GOING = ("queued", "running")
SECRET = "correct horse battery"
ROWS = 60
PATIENCE = 180.0
"""Seconds that the app, or a run that has begun already, has to come to its end on a busy machine."""


@dataclass
class Member:
    """Somebody of the crowd, with a finished run of theirs. ``mark`` is in its name, its texts and its report."""

    name: str
    mark: str
    run: str


@dataclass
class Seen:
    """What the crowd noted. ``times`` are milliseconds by kind of question."""

    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    asked_to_wait: int = 0
    """Answers that said to come again in so many seconds, which was done."""

    def quantile(self, share: float, *kinds: str) -> float:
        """Milliseconds within which this share of the questions of these kinds was answered."""
        found = sorted(one for kind in kinds or self.times for one in self.times[kind])
        return found[min(len(found) - 1, int(share * len(found)))]


def gather_people(folder: Path, count: int) -> tuple[Path, list[Member]]:
    """So many people, each with a home and a finished run in it. Returns the password file and them."""
    listed = People(folder / "people.txt")
    members = []
    for number in range(count):
        mark = f"mark-{number:02d}-{secrets.token_hex(4)}"
        name = f"member{number:02d}"
        listed.add(name, SECRET, is_admin=False)
        with home.living_in(settle(person(name))):
            run = _finished(mark)
        members.append(Member(name, mark, run.id))
    return listed.path, members


def _finished(mark: str) -> Run:
    run = run_with(*finished())
    run.rename(f"reviews {mark}")
    (run.path / "report.json").write_text(json.dumps(report(f"How far is {mark}?")), encoding="utf-8")
    return run


@contextmanager
def serving(people: Path, *flags: str) -> Iterator[str]:
    """The app in a process of its own, for these people; its address."""
    command = [sys.executable, "app.py", "--mode", "team", "--people", str(people), *flags]
    # A pipe that nobody reads would hold the app up once it is full.
    with tempfile.TemporaryFile("w+") as said:
        app, address = _started(command, said)
        try:
            yield address
        finally:
            app.terminate()
            app.wait(PATIENCE)


def _started(command: list[str], said: IO[str]) -> tuple[subprocess.Popen[str], str]:
    """The app and its address, once it is ready. What was a free port may be somebody else's a moment later."""
    for _ in range(3):
        port = ports.free()
        app = subprocess.Popen(
            [*command, "--port", str(port)], cwd=PROJECT, env=dict(os.environ), stdout=said, stderr=said, text=True
        )
        end = time.monotonic() + PATIENCE
        while app.poll() is None and time.monotonic() < end:
            if "Tunesmith is ready" in _words(said):
                return app, f"http://127.0.0.1:{port}"
            time.sleep(0.05)
        app.kill()
        app.wait()
        if f"Port {port} is taken" not in _words(said):
            break
    raise RuntimeError(f"The app was not ready. It said: {_words(said)}")


def _words(said: IO[str]) -> str:
    """What was written so far, without moving the place where the app writes on."""
    return os.pread(said.fileno(), 1 << 20, 0).decode(errors="replace")


def walk_all(address: str, members: list[Member], seconds: float, pause: float, starts: bool = True) -> Seen:
    """All of them at once, again and again until the time is over, each at least once.

    Args:
        seconds: How long the crowd stays.
        pause: Seconds that somebody looks at what they got before they go on, on average.
        starts: Whether each of them brings a table and starts a run as well, which waits, and takes it back.
    """
    seen = Seen()
    # A thread of its own: where a browser's test went before, this one has a loop already.
    with ThreadPoolExecutor(1) as beside:
        beside.submit(asyncio.run, _walk_all(address, members, seen, seconds, pause, starts)).result()
    return seen


async def _walk_all(
    address: str, members: list[Member], seen: Seen, seconds: float, pause: float, starts: bool
) -> None:
    async def stay(member: Member, other: Member) -> None:
        async with _signed_in(address, member, seen) as visitor:
            visitor.pause = pause
            while True:
                await visitor.walk(other, starts)
                if time.monotonic() > end:
                    return

    end = time.monotonic() + seconds
    await asyncio.gather(*(stay(one, other) for one, other in zip(members, members[1:] + members[:1], strict=True)))


@asynccontextmanager
async def _signed_in(address: str, member: Member, seen: Seen) -> AsyncIterator[Visitor]:
    async with httpx.AsyncClient(base_url=address, timeout=120) as client:
        visitor = Visitor(client, member, seen)
        form = {"name": member.name, "password": SECRET}
        answer = await visitor.ask("sign in", "POST", "/sign-in", data=form, expected=303)
        assert answer.status_code == 303, answer.text
        yield visitor


@dataclass
class Visitor:
    """A browser of somebody's."""

    client: httpx.AsyncClient
    member: Member
    seen: Seen
    pause: float = 0.0
    visits: int = 0

    async def walk(self, other: Member, starts: bool) -> None:
        """From the list to a run, its report, a new name for it, a run that is begun and taken back."""
        self.visits += 1
        mine, run = self.member, f"/reads/runs/{self.member.run}"
        await self.page("/")
        await self.own("/reads/runs?page=1")
        assert (await self.ask("read", "GET", "/me")).json()["name"] == mine.name
        await self.page(f"/run?id={mine.run}")
        await self.own(run)
        await self.ask("read", "GET", f"{run}/live")
        await self.own(f"{run}/report")
        await self.ask("read", "GET", f"/reads/runs/{other.run}", expected=404)
        await self.ask("read", "GET", f"/reads/runs/{other.run}/files/config.yaml", expected=404)

        await self.rename(name := f"visit {self.visits} {mine.mark}")
        told = (await self.own(run)).json()["name"]
        if told != name:
            self.seen.errors.append(f"{mine.name} named a run {name!r}, and it is called {told!r}")
        await self.page("/new")
        if starts:
            await self.begin()
        await self.page("/account")

    async def page(self, path: str) -> None:
        await self.ask("page", "GET", path, headers=HTML)
        await self.look()

    async def own(self, path: str) -> httpx.Response:
        """Something that must hold one's own mark."""
        answer = await self.ask("read", "GET", path)
        if self.member.mark not in answer.text:
            self.seen.errors.append(f"{self.member.name} did not get their own at {path}: {answer.text[:200]}")
        return answer

    async def look(self) -> None:
        await asyncio.sleep(self.pause * random.uniform(0.5, 1.5))

    async def begin(self) -> None:
        """Bring a table, start a run from it, find it in the list, read its settings, and take it back."""
        mark = self.member.mark
        lines = ["text,label", *(f"{mark} soup {number},{('bad', 'good')[number % 2]}" for number in range(ROWS))]
        body = "\n".join(lines).encode()
        octets = {"content-type": "application/octet-stream"}
        path = f"/api/v1/uploads?name={mark}.csv"
        source = (await self.ask("upload", "POST", path, content=body, headers=octets, expected=201)).json()["source"]
        asked = {"config": {"name": f"begun {mark}", "data": {"source": source}}}
        begun = (await self.ask("start", "POST", "/api/v1/runs", json=asked, expected=201)).json()["run"]["id"]
        await self.look()
        await self.own(f"/reads/runs?find=begun {mark}")
        await self.own(f"/api/v1/runs/{begun}/files/config.yaml")
        stop = {"keep": "nothing"}
        await self.ask("change", "POST", f"/api/v1/runs/{begun}/stop", json=stop, expected=202)
        await self.until_over(begun)
        await self.ask("change", "DELETE", f"/api/v1/runs/{begun}", expected=204)

    async def until_over(self, run: str) -> None:
        """Nearly always it has waited, and is over at once; one that has just begun hears the stop a moment later."""
        end = time.monotonic() + PATIENCE
        while (line := await self.ask("read", "GET", f"/api/v1/runs/{run}")).json().get("state") in GOING:
            if time.monotonic() > end:
                self.seen.errors.append(f"a stop was not heard: {line.text[:300]}")
                return
            await asyncio.sleep(0.2)

    async def rename(self, name: str) -> None:
        """As the page does: an event of the list, through Gradio's queue, whose end is heard on a stream."""
        session = secrets.token_hex(6)
        number = await self.event_number("rename")
        data = {"id": self.member.run, "name": name}
        asked = {"fn_index": number, "data": [], "session_hash": session, "event_data": data, "trigger_id": None}
        began = time.perf_counter()
        await self.ask("join", "POST", "/gradio_api/queue/join", json=asked)
        async with self.client.stream("GET", f"/gradio_api/queue/data?session_hash={session}") as stream:
            async for line in stream.aiter_lines():
                self.check("queue", line)
                if '"process_completed"' in line:
                    if '"success":true' not in line.replace(" ", ""):
                        self.seen.errors.append(f"a new name: {line[:300]}")
                    break
        self.seen.times["event"].append(1000 * (time.perf_counter() - began))

    async def event_number(self, name: str) -> int:
        """Gradio's number of an event of the first page."""
        if name not in _NUMBERS:
            config = (await self.client.get("/config")).json()
            here = set(config["page"][""]["dependencies"])
            known = [one for one in config["dependencies"] if one["id"] in here]
            _NUMBERS.update({target[1]: one["id"] for one in known for target in one["targets"]})
        return _NUMBERS[name]

    async def ask(self, kind: str, method: str, path: str, expected: int = 200, **more: Any) -> httpx.Response:
        """Ask, note how long it took, and look at what came back."""
        while True:
            began = time.perf_counter()
            answer = await self.client.request(method, path, **more)
            took = 1000 * (time.perf_counter() - began)
            if answer.status_code != 429 or "retry-after" not in answer.headers:
                break
            self.seen.asked_to_wait += 1
            await asyncio.sleep(float(answer.headers["retry-after"]))
        self.seen.times[kind].append(took)
        if answer.status_code != expected:
            self.seen.errors.append(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        self.check(path, answer.text)
        return answer

    def check(self, path: str, text: str) -> None:
        strangers = set(MARK.findall(text)) - {self.member.mark}
        self.seen.foreign += [f"{self.member.name} at {path}: {mark}" for mark in strangers]


_NUMBERS: dict[str, int] = {}
