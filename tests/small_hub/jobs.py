"""Machines that a small Hub rents out: a Job is a process on loopback that runs exactly what was sent, with a ``uv`` of
our own that installs nothing and takes the Python of the tests.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.small_hub.http import Reply, Request, Stream, refusal
from tests.small_hub.store import User

KEEP_ALIVE = 0.5
HARDWARE = (
    ("cpu-basic", "CPU Basic", 167, None),
    ("t4-small", "Nvidia T4 - small", 6667, ("T4", "1", "16 GB")),
    ("a10g-largex4", "4x Nvidia A10G - large", 83333, ("A10G", "4", "96 GB")),
)
"""(name, title, millionths of a dollar a minute, accelerator)."""
_UV = """#!{python}
import os, sys
words = sys.argv[1:]
assert words[0] == "run", words
instead = {instead!r}
os.execv(sys.executable, [sys.executable, *(instead.get(word, word) for word in words[words.index("python") + 1:])])
"""
"""``uv run`` without a network: what it would install is there."""


@dataclass
class Job:
    """One rented machine."""

    id: str
    namespace: str
    spec: dict[str, Any]
    folder: Path
    created: float = field(default_factory=time.time)
    stage: str = "SCHEDULING"
    message: str | None = None
    started: float | None = None
    finished: float | None = None
    labels: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    lines: list[tuple[float, str]] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        return self.stage in ("COMPLETED", "ERROR", "CANCELED", "DELETED")

    def end(self, stage: str, message: str | None = None) -> None:
        """Take the machine away."""
        if self.is_over:
            return
        self.stage, self.message, self.finished = stage, message, time.time()
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def told(self) -> dict[str, Any]:
        """As the Hub describes it: of secrets, the names alone."""
        end = self.finished or time.time()
        running = None if self.started is None else int(end - self.started)
        return {
            "id": self.id,
            "createdAt": _stamp(self.created),
            "startedAt": _stamp(self.started),
            "finishedAt": _stamp(self.finished),
            "dockerImage": self.spec.get("dockerImage"),
            "command": self.spec["command"],
            "arguments": self.spec.get("arguments", []),
            "environment": self.spec.get("environment", {}),
            "secrets": dict.fromkeys(self.spec.get("secrets", {}), ""),
            "flavor": self.spec["flavor"],
            "labels": self.labels,
            "status": {"stage": self.stage, "message": self.message},
            "durations": {"schedulingSecs": 0, "runningSecs": running, "totalSecs": int(end - self.created)},
            "owner": {"id": f"id-{self.namespace}", "name": self.namespace, "type": "user"},
        }


class Jobs:
    """All machines of one Hub. ``wait`` seconds pass before one begins; ``at_most`` run at a time for one account."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.all = folder, dict[str, Job]()
        self.wait, self.at_most = 0.0, 10
        self.pays: set[str] | None = None
        """Accounts with credit; None: all of them."""
        self.environment: dict[str, str] = {}
        """Beside what a Job brings along."""
        self.instead: dict[str, str] = {}
        """Modules that are run in the place of those that were sent."""
        self.tells_late = 0
        """So many questions for the list of machines are answered as if the newest was not there yet."""
        self._numbers = itertools.count(1)

    def answer(self, request: Request, user: User | None, url: str) -> Reply | None:
        """What is asked about machines; None where it is about something else."""
        if not request.path.startswith("/api/jobs/"):
            return None
        parts = request.path.removeprefix("/api/jobs/").split("/")
        if parts == ["hardware"]:
            return Reply(body=[_hardware(*one) for one in HARDWARE])
        if user is None:
            return refusal(401, "", "Invalid username or password.")
        if parts[0] not in (user.name, *user.orgs):
            return refusal(403, "", "You cannot see the Jobs of this account")
        if len(parts) == 1:
            return (
                self._begin(parts[0], user, request, url) if request.method == "POST" else self._list(parts[0], request)
            )
        job = self.all.get(parts[1])
        if job is None or job.namespace != parts[0]:
            return refusal(404, "", "Job not found")
        return self._of(job, parts[2] if len(parts) > 2 else "", request)

    def _of(self, job: Job, action: str, request: Request) -> Reply:
        if action == "cancel" and request.method == "POST":
            job.end("CANCELED")
        elif action == "labels" and request.method == "PUT":
            job.labels = request.data()["labels"]
        elif action == "logs":
            return Reply(body=Stream(_output(job)), headers={"Content-Type": "text/event-stream"})
        elif action:
            return refusal(404, "", "Not found")
        return Reply(body=job.told())

    def _list(self, namespace: str, request: Request) -> Reply:
        wanted = [one.partition("=")[::2] for one in request.query.get("label", [])]
        if self.tells_late:
            self.tells_late -= 1
            return Reply(body=[])
        found = [
            job.told()
            for job in self.all.values()
            if job.namespace == namespace and all(job.labels.get(name) == value for name, value in wanted)
        ]
        return Reply(body=found)

    def _begin(self, namespace: str, user: User, request: Request, url: str) -> Reply:
        spec = request.data()
        if user.role != "write":
            return refusal(403, "", "This token has no right to run Jobs: job.write is missing")
        if self.pays is not None and namespace not in self.pays:
            return refusal(402, "", "Pre-paid credit balance is insufficient")
        if spec["flavor"] not in {name for name, *_ in HARDWARE}:
            return refusal(400, "", f"Invalid flavor {spec['flavor']}")
        if sum(not one.is_over for one in self.all.values() if one.namespace == namespace) >= self.at_most:
            return refusal(429, "", "You have reached the limit of Jobs at a time")
        id = f"{next(self._numbers):024x}"
        job = Job(id, namespace, spec, self.folder / id, labels=spec.get("labels", {}))
        self.all[id] = job
        threading.Thread(target=self._live, args=(job, url), daemon=True).start()
        return Reply(body=job.told())

    def _live(self, job: Job, url: str) -> None:
        time.sleep(self.wait)
        if job.is_over:
            return
        job.folder.mkdir(parents=True)
        programs = job.folder / "bin"
        programs.mkdir()
        (programs / "uv").write_text(_UV.format(python=sys.executable, instead=self.instead), encoding="utf-8")
        (programs / "uv").chmod(0o755)
        job.process = subprocess.Popen(
            job.spec["command"],
            cwd=job.folder,
            env={
                "PATH": f"{programs}:/usr/bin:/bin",
                "HOME": str(job.folder),
                "TMPDIR": str(job.folder),
                "HF_ENDPOINT": url,
                "HF_HUB_DISABLE_PROGRESS_BARS": "1",
                "HF_HUB_DISABLE_TELEMETRY": "1",
                "NO_PROXY": "*",
                **self.environment,
                **job.spec.get("environment", {}),
                **job.spec.get("secrets", {}),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        job.stage, job.started = "RUNNING", time.time()
        limit = threading.Timer(job.spec.get("timeoutSeconds", 1800), job.end, ("ERROR", "Job timeout"))
        limit.daemon = True
        limit.start()
        assert job.process.stdout is not None
        with job.process.stdout as said:
            for line in said:
                job.lines.append((time.time(), line.decode("utf-8", "replace").rstrip("\n")))
        code = job.process.wait()
        limit.cancel()
        job.end(*(("COMPLETED",) if code == 0 else ("ERROR", f"Job failed with exit code: {code}")))

    def close(self) -> None:
        """Take all machines away."""
        for job in self.all.values():
            job.end("CANCELED")
            if job.process is not None:
                job.process.wait()


def _output(job: Job) -> Iterator[bytes]:
    """All that it printed, and what it prints, as server-sent events."""
    yield _event(job.created, f"===== Job started at {_stamp(job.created)} =====")
    told, spoken = 0, time.monotonic()
    while True:
        was_over = job.is_over and (job.process is None or job.process.poll() is not None)
        while told < len(job.lines):
            yield _event(*job.lines[told])
            told, spoken = told + 1, time.monotonic()
        if was_over:
            return
        if time.monotonic() - spoken > KEEP_ALIVE:
            yield b": keep-alive\n\n"
            spoken = time.monotonic()
        time.sleep(0.05)


def _event(when: float, line: str) -> bytes:
    return b"data: " + json.dumps({"data": line, "timestamp": _stamp(when)}).encode() + b"\n\n"


def _stamp(when: float | None) -> str | None:
    if when is None:
        return None
    return datetime.fromtimestamp(when, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _hardware(name: str, title: str, cost: int, accelerator: tuple[str, str, str] | None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": name,
        "prettyName": title,
        "cpu": "4 vCPU",
        "ram": "15 GB",
        "ephemeralStorage": "50 GB",
        "unitCostMicroUSD": cost,
        "unitCostUSD": cost / 1e6,
        "unitLabel": "minute",
    }
    if accelerator is not None:
        model, quantity, vram = accelerator
        told["accelerator"] = {
            "type": "gpu",
            "model": model,
            "quantity": quantity,
            "vram": vram,
            "manufacturer": "Nvidia",
        }
    return told
