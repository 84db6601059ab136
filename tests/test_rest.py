"""What programs are given and refused, asked of the real app; and the examples of the docs, as they are written."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import pytest

from app import main
from core import events, home, runs
from core.home import ASSETS
from core.runs import Run, State
from core.studio import Studio
from tests import shelf
from tests.making import lock_held, run_with, started, stepped
from tests.trying import give_model
from ui import rest, shell
from ui.pages import PAGES
from ui.rest import limits

DOC = (ASSETS.parent / "docs" / "api.md").read_text(encoding="utf-8")
JSON = {"Content-Type": "application/json"}
TABLE = "text,label\n" + "".join(f"warm soup {n},good\ncold soup {n},bad\n" for n in range(40))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app, served from this process; it reads the home of the test that asks, and trains nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TUNESMITH_HOME", str(tmp_path_factory.mktemp("served")))
        studio = Studio()
        demo = shell.build(studio, PAGES)
        address = shell.launch(demo, studio, mcp=find_spec("mcp") is not None)
    yield address.rstrip("/")
    demo.close(verbose=False)
    studio.close()


@pytest.fixture
def app(served: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{served}{rest.ADDRESS}", timeout=60) as client:
        yield client


def start(app: httpx.Client, config: Any, **headers: str) -> httpx.Response:
    return app.post("/runs", json={"config": config}, headers=headers)


def brought(app: httpx.Client, name: str = "reviews.csv", content: bytes = TABLE.encode()) -> httpx.Response:
    return app.post("/uploads", params={"name": name}, content=content, headers={"Content-Type": rest.guard.BYTES})


def test_from_an_upload_to_a_run_to_the_trash(app: httpx.Client) -> None:
    upload = brought(app).json()
    assert upload["source"].startswith("upload/") and upload["bytes"] == len(TABLE)
    answer = start(app, {"name": "Soup", "data": {"source": upload["source"]}})
    assert answer.status_code == 201, answer.text
    run = answer.json()["run"]
    assert answer.headers["location"] == f"{rest.ADDRESS}/runs/{run['id']}"
    assert (run["state"], run["name"], run["source"], run["place"]) == ("queued", "Soup", upload["source"], 1)
    assert {"data.columns.text", "data.columns.label"} <= {one["setting"] for one in answer.json()["decisions"]}
    told = app.get(f"/runs/{run['id']}").json()
    assert told["asks"] == ["text"] and told["files"] == ["config.yaml", "script.zip"] and told["progress"] is None
    assert app.post(f"/runs/{run['id']}/predict", json={"inputs": [{"text": "soup"}]}).status_code == 409
    assert app.post(f"/runs/{run['id']}/stop", json={"keep": "nothing"}).json()["state"] == "stopped"
    assert app.post(f"/runs/{run['id']}/stop", json={}).status_code == 409
    assert app.post(f"/runs/{run['id']}/again", json={}).json()["state"] == "queued"
    assert app.delete(f"/runs/{run['id']}").status_code == 204
    assert [one.id for one in runs.trashed()] == [run["id"]] and app.get(f"/runs/{run['id']}").status_code == 404


def test_a_wrong_setting_is_named_as_the_form_does(app: httpx.Client) -> None:
    config = {"data": {"source": brought(app).json()["source"]}, "training": {"learning_rate": 7}}
    answer = start(app, config)
    assert answer.status_code == 422 and runs.all_runs() == []
    told = answer.json()
    assert (told["field"], told["label"]) == ("training.learning_rate", "Learning rate")
    assert told["title"].startswith("Learning rate: ")


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({"task": "os:system", "data": {"source": "sample/feedback"}}, "task"),
        ({"custom": {"metrics": ["os:getcwd"]}, "data": {"source": "sample/feedback"}}, "custom"),
        ({"distribution": {"launcher": "os:getcwd"}, "data": {"source": "sample/feedback"}}, "distribution.launcher"),
        ({"data": {"source": "upload/../../etc/passwd"}}, "data.source"),
        ({"data": {"source": f"upload/{'0' * 32}/x.csv"}}, "data.source"),
        ({"data": {"source": "/etc/passwd"}}, "data.source"),
        ({"data": {"source": "sample/feedback", "split": {"test": "/etc/passwd"}}}, "data.split"),
        ({"data": {"source": "sample/feedback"}, "model": {"checkpoint": "/etc"}}, "model.checkpoint"),
        ({"data": {"source": "sample/feedback"}, "notify": {"webhook": "http://10.0.0.1/"}}, "notify.webhook"),
        ({"data": {"source": "sample/feedback"}, "name": "half \ud800"}, None),
    ],
    ids=lambda value: str(value)[:40],
)
def test_who_sits_elsewhere_names_no_file_and_no_program(app: httpx.Client, config: Any, field: str | None) -> None:
    body = json.dumps({"config": config})
    answer = app.post("/runs", content=body, headers={**JSON, "X-Forwarded-For": "203.0.113.7"})
    assert answer.status_code == 422 and answer.json().get("field") == field, answer.text
    assert "root:" not in answer.text and runs.all_runs() == []


def test_a_path_may_be_named_on_the_machine_itself(app: httpx.Client, tmp_path: Path) -> None:
    table = tmp_path / "reviews.csv"
    table.write_text(TABLE, encoding="utf-8")
    assert start(app, {"data": {"source": str(table)}}).status_code == 201


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({"Content-Type": "multipart/form-data; boundary=x"}, 415),
        ({**JSON, "Origin": "https://evil.example"}, 403),
        ({**JSON, "Origin": "null"}, 403),
        ({**JSON, "Sec-Fetch-Site": "cross-site"}, 403),
    ],
    ids=str,
)
def test_a_page_of_another_site_starts_nothing(
    served: str, app: httpx.Client, headers: dict[str, str], status: int
) -> None:
    run = run_with(started())
    with lock_held(run.lock_path):
        for path in ("/runs", f"/runs/{run.id}/stop", "/uploads?name=a.csv"):
            answer = app.post(path, content=b'{"config": {"data": {"source": "sample/feedback"}}}', headers=headers)
            assert answer.status_code == status and answer.json()["title"], answer.text
    for path in ("call/start_run", "call/v2/start_run", "run/start_run", "mcp/"):
        body = b'{"data": [{"data": {"source": "sample/feedback"}}]}'
        forged = {**headers, "Content-Type": headers["Content-Type"].replace("application/json", "text/plain")}
        answer = httpx.post(f"{served}/gradio_api/{path}", content=body, headers=forged, timeout=60)
        assert 400 <= answer.status_code < 500, answer.text
    assert [one.id for one in runs.all_runs()] == [run.id] and not run.stop_path.exists()
    assert not list(home.uploads_dir().iterdir())


def test_uploads_are_bounded_and_leave_nothing_behind(app: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("../a.csv", "a/b.csv", ".hidden", "a\\b.csv", "a\0.csv", "x" * 201):
        assert brought(app, name).status_code == 422, name
    assert brought(app, content=b"").status_code == 422
    monkeypatch.setattr(rest.uploads, "UPLOAD_BYTES", 100)
    assert brought(app, content=b"x" * 101).status_code == 413
    assert not list(home.uploads_dir().iterdir()) and not list(home.temp_dir().glob("upload-*"))


def test_too_much_at_once_is_sent_away(app: httpx.Client) -> None:
    with contextlib.ExitStack() as inside:
        for _ in range(limits.STARTS):
            inside.enter_context(limits.starting.passed())
        answer = start(app, {"data": {"source": "sample/feedback"}})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "5") and runs.all_runs() == []


def test_events_come_by_pages_whole_and_in_order(app: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    run = run_with(started(), *(stepped(step) for step in range(1, 41)), events.Finished(train_runtime_s=1.0))
    with open(run.events_path, "ab") as file:
        file.write(b'{"v": 1, "kind": "from the future"}\n{"v": 1, "kind": "stepped", "step": "no"}\nhalf a li')
    monkeypatch.setattr("core.event_pages.page.__defaults__", (0, 2000))
    found, since, pages = [], 0, 0
    while (told := app.get(f"/runs/{run.id}/events", params={"since": since}).json())["more"]:
        found, since, pages = [*found, *told["events"]], told["cursor"], pages + 1
    found += told["events"]
    assert pages > 3 and [one["step"] for one in found if one["kind"] == "stepped"] == list(range(1, 41))
    assert found[-1]["kind"] == "finished" and told["state"] == "finished"
    anew = app.get(f"/runs/{run.id}/events", params={"since": 10**9}).json()
    assert anew["anew"] and anew["events"][0]["kind"] == "started"


def test_inputs_are_named_and_bounded(app: httpx.Client) -> None:
    run = run_with(started(), events.Finished(train_runtime_s=1.0))
    for inputs, words in (([{"txt": "a"}], "'txt'"), ([{"text": "a"}, {}], "inputs.1"), ([], "inputs")):
        answer = app.post(f"/runs/{run.id}/predict", json={"inputs": inputs})
        assert answer.status_code == 422 and words in answer.json()["title"], answer.text
    long = {"text": "x" * (limits.LETTERS // 10)}
    assert app.post(f"/runs/{run.id}/predict", json={"inputs": [long] * 11}).status_code == 413


# --- The docs ---------------------------------------------------------------------------------------------------------


def examples(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", DOC, re.DOTALL)


@pytest.fixture
def written(served: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address that stands in the docs becomes that of the app; files go where nobody minds."""
    monkeypatch.chdir(tmp_path)
    return served


def ran(code: str, address: str) -> str:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(code.replace("http://127.0.0.1:7860", address), "docs/api.md", "exec"), {})
    return said.getvalue()


def test_the_commands_of_the_docs(written: str) -> None:
    (code,) = examples("bash")
    code = f"set -euo pipefail\n{code.replace('http://127.0.0.1:7860', written)}"
    done = subprocess.run(["bash", "-c", code], capture_output=True, text=True, check=False, env=os.environ)
    assert done.returncode == 0, done.stderr
    assert '"name":"First try"' in done.stdout and '"state":"stopped"' in done.stdout
    assert [one.name for one in runs.trashed()] == ["First try"]


def test_the_program_of_the_docs(written: str, tiny_bert: Path, home: Path) -> None:
    def train() -> None:
        until = time.monotonic() + 60
        while not (waiting := [run for run in runs.all_runs() if run.state is State.QUEUED]):
            assert time.monotonic() < until
            time.sleep(0.05)
        _end(waiting[0], tiny_bert)

    worker = threading.Thread(target=train)
    worker.start()
    said = ran(examples("python")[0], written)
    worker.join()
    assert "because:" in said and "step 10 loss" in said and "'label': 'good'" in said
    assert "<!DOCTYPE html>" in Path("report.html").read_text(encoding="utf-8")


def _end(run: Run, checkpoint: Path) -> None:
    """What a worker leaves behind, its last event at the end."""
    give_model(run, checkpoint, "good")
    (run.path / "report.json").write_text(json.dumps(shelf.report()), encoding="utf-8")
    log = events.EventLog(run.events_path)
    for event in (started(), stepped(10), events.Finished(train_runtime_s=1.0)):
        log.append(event)
    log.close()


def test_the_client_of_the_docs(written: str) -> None:
    said = ran(examples("python")[1], written)
    assert said.split() == ["queued", "stopped", "1"]


def test_nothing_else_of_the_pages_is_for_gradios_clients(served: str) -> None:
    told = httpx.get(f"{served}/gradio_api/info", timeout=60).json()["named_endpoints"]
    assert set(told) == {"/start_run", "/list_runs", "/run_status", "/run_events", "/stop_run", "/predict"}
    assert all(len(one["description"]) > 60 for one in told.values())


def test_without_its_package_assistants_are_refused_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("app.find_spec", lambda name: None)
    assert main(["--mcp"]) == 1
    assert capsys.readouterr().out.startswith("The package that speaks MCP is not installed. Install it with: pip")


@pytest.mark.skipif(find_spec("mcp") is None, reason="the extra mcp is not installed")
def test_assistants_are_told_the_same_functions_and_no_more(served: str) -> None:
    tools = {one["name"]: one for one in assistant(served, "tools/list", {})["tools"]}
    assert set(tools) == {"start_run", "list_runs", "run_status", "run_events", "stop_run", "predict"}
    assert all(words["description"] for one in tools.values() for words in one["inputSchema"]["properties"].values())
    assert "other functions ask for" in tools["start_run"]["description"]
    wanted = {"name": "start_run", "arguments": {"config": {"data": {"source": "/etc/passwd"}}}}
    told = assistant(served, "tools/call", wanted, **{"X-Forwarded-For": "203.0.113.7"})
    assert "can only be named from this machine" in str(told) and runs.all_runs() == []


def assistant(address: str, method: str, wanted: dict[str, Any], **headers: str) -> dict[str, Any]:
    """What the app answers to an assistant."""
    asked = {"jsonrpc": "2.0", "id": 1, "method": method, "params": wanted}
    headers = {"Accept": "application/json, text/event-stream", **headers}
    said = httpx.post(f"{address}/gradio_api/mcp/", json=asked, headers=headers, timeout=60).text
    found: dict[str, Any] = json.loads(said[said.index("{") : said.rindex("}") + 1])["result"]
    return found
