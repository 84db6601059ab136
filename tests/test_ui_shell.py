"""The frame around the pages: who may ask, what is served, what the API tells, and how failures become messages."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import pytest

from app import parser, why_not
from core import events
from core.errors import RunError
from core.home import ASSETS
from core.hub.identity import current
from core.runs import Run
from core.studio import Studio
from tests.making import lock_held, run_with, started, stepped
from ui import shell
from ui.page import Page
from ui.pages import PAGES

NO_RUN = "2026-11-22-brave-otter"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """All pages, served from this process. The API reads the home of the test that asks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TUNESMITH_HOME", str(tmp_path_factory.mktemp("served")))
        studio = Studio()
        demo = shell.build(studio, PAGES)
        served = shell.launch(demo, studio)
    yield served.rstrip("/")
    demo.close(verbose=False)
    studio.close()


def get(address: str, path: str, **options: Any) -> httpx.Response:
    return httpx.get(f"{address}{path}", timeout=60, **options)


# --- Pages and files -------------------------------------------------------------------------------------------------


def test_every_page_answers(address: str) -> None:
    for page in PAGES:
        answer = get(address, f"/{page.path}")
        assert answer.status_code == (404 if page.is_for_administrators else 200), page.title
        assert page.is_for_administrators or "Tunesmith" in answer.text


def test_only_names_of_this_machine_are_answered(address: str) -> None:
    for path in ("/", "/reads/runs", "/api/v1/runs", "/config"):
        assert get(address, path, headers={"Host": "evil.example"}).status_code == 400
        assert get(address, path, headers={"Host": "localhost:7860"}).status_code == 200


def test_own_files_are_asked_about_again_and_plotly_is_kept(address: str) -> None:
    style = get(address, "/tunesmith/tunesmith.css")
    assert style.headers["cache-control"] == "no-cache"
    again = get(address, "/tunesmith/tunesmith.css", headers={"If-None-Match": style.headers["etag"]})
    assert again.status_code == 304
    plotly = get(address, "/tunesmith/plotly.min.js")
    assert "immutable" in plotly.headers["cache-control"]
    assert "plotly.js" in plotly.text[:200]


def test_nothing_of_ours_asks_another_host() -> None:
    for path in (ASSETS / "static").iterdir():
        addresses = re.findall(r"(?:https?:)?//[a-z0-9-]+\.[a-z0-9.]+", path.read_text(encoding="utf-8"))
        assert [found for found in addresses if "www.w3.org" not in found] == [], path.name


def test_scripts_never_turn_data_into_html() -> None:
    for path in (ASSETS / "static").glob("*.js"):
        code = path.read_text(encoding="utf-8")
        assert not re.search(r"(innerHTML|outerHTML)\s*\+?=[^=]|insertAdjacentHTML|document\.write", code), path.name


# --- The API ---------------------------------------------------------------------------------------------------------


def finished_run() -> Run:
    run = run_with(started(), stepped(10), events.Finished(train_runtime_s=1.0))
    run.log_path.write_text("line <b>one</b>\n", encoding="utf-8")
    run.predictions_path.mkdir()
    (run.predictions_path / "answered.csv").write_text("text,prediction\n", encoding="utf-8")
    return run


def test_a_run_and_the_list(address: str) -> None:
    run = finished_run()
    alone = get(address, f"/reads/runs/{run.id}").json()
    assert (alone["name"], alone["state"]) == ("a test", "finished")
    assert "config.yaml" in alone["files"] and "report.json" not in alone["files"]
    assert alone["settings"]["training.learning_rate"] == "Learning rate"
    assert [line["id"] for line in get(address, "/reads/runs").json()["runs"]] == [run.id]


def test_a_tick_is_small_when_nothing_or_one_thing_happened(address: str) -> None:
    run = run_with(started(), *(stepped(step) for step in range(1, 3000)))
    with lock_held(run.lock_path):
        first = get(address, f"/reads/runs/{run.id}/live").json()
        assert first["reset"] and len(first["steps"]) <= 2000
        idle = get(address, f"/reads/runs/{run.id}/live?since={first['cursor']}")
        assert idle.json() == {"cursor": first["cursor"], "state": "running"}
        assert len(idle.content) < 100
        log = events.EventLog(run.events_path)
        log.append(stepped(3000))
        log.close()
        news = get(address, f"/reads/runs/{run.id}/live?since={first['cursor']}")
        assert news.json()["now"]["step"] == 3000
        assert len(news.content) < 1000


@pytest.mark.parametrize("path", ["", "/live", "/report", "/log", "/files/config.yaml", "/predictions/a.csv"])
def test_a_run_that_is_not_there_says_so(address: str, path: str) -> None:
    answer = get(address, f"/reads/runs/{NO_RUN}{path}")
    assert answer.status_code == 404
    assert NO_RUN in answer.json()["title"] and answer.json()["advice"]


def test_files_are_given_as_downloads_only(address: str) -> None:
    run = finished_run()
    for path in ("files/config.yaml", "predictions/answered.csv"):
        answer = get(address, f"/reads/runs/{run.id}/{path}")
        assert answer.status_code == 200
        assert answer.headers["content-disposition"].startswith("attachment")
        assert answer.headers["x-content-type-options"] == "nosniff"
    log = get(address, f"/reads/runs/{run.id}/log")
    assert log.headers["content-type"].startswith("text/plain") and "<b>one</b>" in log.text


@pytest.mark.parametrize(
    "path",
    [
        "files/worker.log",
        "files/..%2Fconfig.yaml",
        "predictions/..%2Fconfig.yaml",
        "predictions/%2e%2e",
        "predictions/..%5Cconfig.yaml",
        "predictions/link.csv",
        "predictions/missing.csv",
        "report",
    ],
)
def test_nothing_else_is_given(address: str, path: str, tmp_path: Path) -> None:
    run = finished_run()
    secret = tmp_path / "secret.csv"
    secret.write_text("secret", encoding="utf-8")
    (run.predictions_path / "link.csv").symlink_to(secret)
    answer = get(address, f"/reads/runs/{run.id}/{path}")
    assert answer.status_code == 404
    assert "secret" not in answer.text and "task:" not in answer.text


# --- Events of a page ------------------------------------------------------------------------------------------------


def registered(handler: Any, outputs: int) -> Any:
    """What Gradio would call for an event with this handler and so many outputs."""
    with gr.Blocks() as demo:
        boxes = [gr.Textbox() for _ in range(outputs)]
        Page.on(gr.Button().click, handler, None, boxes)
    (event,) = demo.fns.values()
    return event


def test_a_failure_becomes_a_message_and_changes_nothing() -> None:
    def fail() -> str:
        raise RunError("This <run> is over.", "Start another.")

    event = registered(fail, 2)
    with pytest.warns(UserWarning, match=r"<strong>This &lt;run&gt; is over\.</strong><br>Start another\."):
        assert event.fn() == (gr.skip(), gr.skip())
    assert event.api_visibility == "private"


def test_an_unexpected_failure_is_explained_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    def fill() -> Iterator[str]:
        yield "half"
        raise OSError(28, "No space left on device for hf_secretsecret")

    with pytest.warns(UserWarning, match="Delete runs"):
        assert list(registered(fill, 1).fn()) == ["half", gr.skip()]
    assert "No space left" in caplog.text and "Traceback" in caplog.text and "secretsecret" not in caplog.text


def test_an_event_of_which_nobody_is_known_asks_as_nobody() -> None:
    assert registered(lambda: current().kind, 1).fn() == "nobody"


# --- The launch ------------------------------------------------------------------------------------------------------


def test_why_the_app_cannot_listen_is_said_as_it_is() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert why_not("127.0.0.1", port, OSError("no empty port")).startswith(f"Port {port} is taken.")
    assert why_not("192.0.2.1", port, OSError()).startswith("This machine has no address 192.0.2.1.")
    assert why_not("no.such.name.invalid", port, OSError()).startswith("This machine has no address no.such")
    assert "startup failed" in why_not("127.0.0.1", port, OSError("startup failed"))


def test_an_impossible_port_is_refused_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["--port", "70000"])
    assert "from 1 to 65535" in capsys.readouterr().err


def test_a_page_says_that_it_opens_before_any_script_has_come(address: str) -> None:
    page = get(address, "/run?id=x")
    assert int(page.headers["content-length"]) == len(page.content)
    assert page.text.index("#ts-opening {") < page.text.index("</head>") < page.text.index("Opening Tunesmith …")
    assert page.text.index("Opening Tunesmith …") < page.text.index("<gradio-app")
    ahead = set(re.findall(r'rel="modulepreload" href="\./tunesmith/([\w-]+\.js)"', page.text))
    assert {"board.js", "poll.js", "dom.js"} <= ahead and "takeaway.js" not in ahead
    assert all(get(address, f"/tunesmith/{name}").status_code == 200 for name in list(ahead)[:3])


def test_all_styles_come_as_one_file_and_are_asked_about_again(address: str) -> None:
    whole = get(address, f"/tunesmith/{shell.ALL_STYLES}")
    assert whole.headers["content-type"].startswith("text/css") and whole.headers["cache-control"] == "no-cache"
    for name in shell.STYLES:
        assert (ASSETS / "static" / name).read_text(encoding="utf-8") in whole.text
    again = get(address, f"/tunesmith/{shell.ALL_STYLES}", headers={"If-None-Match": whole.headers["etag"]})
    assert again.status_code == 304 and not again.content
