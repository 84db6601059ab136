"""Somebody is told when a run is over: a web address, or a command."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from core import events, locks, notifying, permissions, runs, spares
from core.completion import refuse_lacking
from core.config import NotifyConfig, RunConfig, validate
from core.errors import ConfigError
from core.runs import State
from core.studio import Studio
from tests import light_worker
from tests.making import config, run_with, started, stepped


@dataclass
class Hook:
    """A web address on this machine, and what it was told."""

    url: str
    heard: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    """The paths that were asked for, by whatever method."""


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    monkeypatch.setenv(permissions.VARIABLE, "inside")

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            found.asked.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"] or 0)) or b"{}"
            if self.path == "/slow":
                time.sleep(1)
            if self.path == "/moved":
                self.send_response(302)
                self.send_header("Location", "/here")
            else:
                found.heard.append(json.loads(body))
                self.send_response(500 if self.path == "/broken" else 204)
            self.end_headers()

        do_GET = do_POST

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    found = Hook(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


def telling(**notify: str) -> RunConfig:
    return validate({**config().model_dump(mode="json"), "notify": notify})


def wait_until(holds: Any, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


class TestAWebAddress:
    def test_hears_the_end(self, hook: Hook) -> None:
        run = run_with(started(), stepped(3), events.Failed(title="The disk is full.", advice="Free some.", cause="28"))
        judged = {"verdict": "Good.", "metrics": {"test": {"f1_macro": 0.5}}, "train_runtime": 4.0}
        (run.path / "report.json").write_text(json.dumps(judged), encoding="utf-8")
        record = notifying.told(run)
        assert notifying.post(f"{hook.url}/here", record) == "" and hook.heard == [record]
        assert set(record) == {"run", "name", "task", "state", "metric", "value", "verdict", "problem", "seconds"}
        assert (record["run"], record["name"], record["state"]) == (run.id, "a test", "failed")
        assert (record["value"], record["verdict"], record["seconds"]) == (0.5, "Good.", 4.0)
        assert record["problem"] == "The disk is full."
        assert notifying.told(run_with(started(), stepped(1)))["state"] == "interrupted"

    def test_that_fails_is_said_without_its_path(self, hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(notifying, "TIMEOUT", 0.3)
        for path in ("/broken", "/moved", "/slow"):
            said = notifying.post(hook.url + path, {"to": path})
            assert said.startswith("127.0.0.1 was not told") and path not in said
        assert "/moved" in hook.asked and "/here" not in hook.asked, "it is not followed to where it sends"
        assert "not told" in notifying.post("http://127.0.0.1:9/secret", {})


class TestACommand:
    CODE = (
        "import os; print([os.environ['TUNESMITH_' + name] for name in ('RUN', 'STATE', 'NAME')],"
        " os.environ.get('HF_TOKEN'))"
    )

    def test_is_run_only_where_it_was_allowed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        wanted = telling(command=f'{sys.executable} -c "{self.CODE}"')
        with pytest.raises(ConfigError, match="cannot be used") as caught:
            refuse_lacking(wanted)
        assert caught.value.field == "notify.command" and "--allow command" in caught.value.advice
        monkeypatch.setenv("HF_TOKEN", "hf_notrealnotreal")
        run = runs.create(wanted)
        log = events.EventLog(run.events_path)
        log.append(events.Stopped(step=1, has_model=True))
        log.close()
        assert end_of(notifying.tell(run)) == 1 and "without --allow command" in run.log_path.read_text()

        monkeypatch.setenv(permissions.VARIABLE, "command")
        refuse_lacking(wanted)
        assert end_of(notifying.tell(run)) == 0
        assert f"['{run.id}', 'stopped', 'a test'] None" in run.log_path.read_text()

    def test_that_fails_is_said(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(permissions.VARIABLE, "command")
        run, record = run_with(started()), {"state": "failed", "name": "a"}
        assert "exit code 3" in notifying.run_command(f'{sys.executable} -c "raise SystemExit(3)"', run, record)
        assert "could not be run" in notifying.run_command("no-such-program", run, record)
        with pytest.raises(ValueError, match="no command"):
            NotifyConfig(command="say 'half")


def end_of(process: subprocess.Popen[bytes] | None) -> int:
    assert process is not None
    return process.wait(timeout=60)


def test_nobody_is_told_where_nobody_is_named() -> None:
    assert notifying.tell(run_with(started())) is None


def test_of_every_end_somebody_is_told_once(hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    """One is stopped, and says so itself; the other is killed, and the app says it."""
    monkeypatch.setattr(spares, "_start", light_worker.start)
    monkeypatch.setenv("TUNESMITH_DEVICES", "2")
    studio = Studio().open()
    try:
        stopped, killed = (runs.find(studio.start(telling(webhook=f"{hook.url}/here"))) for _ in range(2))
        wait_until(lambda: [stopped.state, killed.state] == [State.RUNNING, State.RUNNING])
        wait_until(lambda: all(isinstance(events.last(run.events_path), events.Started) for run in (stopped, killed)))
        studio.stop(stopped.id, "nothing")
        wait_until(lambda: hook.heard)
        assert locks.kill_holder(killed.lock_path)
        wait_until(lambda: len(hook.heard) == 2)
    finally:
        studio.close()
    assert [(one["run"], one["state"]) for one in hook.heard] == [(stopped.id, "stopped"), (killed.id, "interrupted")]
