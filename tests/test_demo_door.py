"""The lobby of a demo, asked as browsers and programs ask the real server: everybody is let in, each to their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import app
from core import ceilings, home
from core.demo import keeping
from core.demo.studio import DemoStudio
from core.people.pace import BURST_SECONDS, Pace
from core.people.visits import Visits
from core.runs import Run
from tests.demo_visits import PAGE, served, shown_run, visitor
from ui.people.entry import Entry
from ui.people.lobby import VISIT

SMALL = {"num_train_epochs": 1, "max_length": 32}


@pytest.fixture(autouse=True)
def limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ceilings.VARIABLE, "")
    ceilings.set_limits(["upload=200kb"])
    ceilings.take_those_of_a_demo()


@pytest.fixture
def shown() -> Run:
    return shown_run()


@pytest.fixture
def address(shown: Run) -> Iterator[str]:
    with served(DemoStudio()) as where:
        yield where


def start(browser: httpx.Client, **config: Any) -> httpx.Response:
    wanted = {"data": {"source": "sample/reviews"}, "training": SMALL} | config
    return browser.post("/api/v1/runs", json={"config": wanted})


def test_a_cookie_lets_in_and_cannot_be_made_up(address: str) -> None:
    anna = visitor(address)
    [given] = [cookie for cookie in anna.cookies.jar if cookie.name == VISIT]
    assert given.has_nonstandard_attr("HttpOnly") and given.get_nonstandard_attr("SameSite") == "Lax"
    assert given.expires is None and given.value
    name, _, mark = given.value.partition(".")
    secure = httpx.get(address, headers=PAGE | {"x-forwarded-proto": "https"}).headers.get_list("set-cookie")
    assert any(one.startswith(VISIT) and "Secure" in one for one in secure)
    assert anna.get("/reads/runs").status_code == 200
    other = name[:-1] + ("a" if name[-1] != "a" else "b")
    forged = (name, f"{name}.", f"{other}.{mark}", f"{name}.{mark[::-1]}", Visits().begin(), "..", "x" * 5000)
    for one in (*forged, ""):
        answer = httpx.get(f"{address}reads/runs", headers={"cookie": f"{VISIT}={one}"})
        assert answer.status_code == 401 and "cookie" in answer.json()["title"], one
    assert start(httpx.Client(base_url=address)).status_code == 401, "nothing is made for who cannot come again"


def test_each_has_a_home_from_the_first_thing_that_they_make(address: str) -> None:
    anna, ben = visitor(address), visitor(address)
    for path in ("/", "/reads/runs", "/reads/trash", "/api/v1/runs", "/me", "/config"):
        assert anna.get(path).status_code == 200
    assert keeping.guests() == [] and anna.get("/me").json() == {"name": "", "mode": "demo", "until": None}
    hers = start(anna)
    assert hers.status_code == 201, hers.text
    run = hers.json()["run"]["id"]
    assert len(keeping.guests()) == 1 and anna.get("/me").json()["until"] > 0
    assert [one["id"] for one in anna.get("/reads/runs").json()["runs"]] == [run]
    assert ben.get("/reads/runs").json()["runs"] == [] == ben.get("/api/v1/runs").json()["runs"]
    for path in ("", "/live", "/report", "/log", "/files/config.yaml", "/model.zip"):
        assert ben.get(f"/reads/runs/{run}{path}").status_code in (400, 404), path
    assert ben.delete(f"/api/v1/runs/{run}").status_code == 404
    table = ben.post("/api/v1/uploads?name=a.csv", content=b"text,label\nx,y\n", headers=BYTES).json()["source"]
    assert start(anna, data={"source": table}).status_code == 422, "nor can a file of another be named"


BYTES = {"content-type": "application/octet-stream"}


def test_shown_runs_are_read_by_all_and_changed_by_none(address: str, shown: Run) -> None:
    for browser in (visitor(address), visitor(address)):
        told = browser.get(f"/reads/runs/{shown.id}").json()
        assert told["name"] == "Finished reviews" and told["demo"] == "shown" and told["shared"] is None
        assert browser.get(f"/reads/runs/{shown.id}/live").json()["state"] == "finished"
        assert "75 %" in browser.get(f"/reads/runs/{shown.id}/report").text
        assert browser.get(f"/api/v1/runs/{shown.id}").json()["can_answer"] is True
        for path in ("log", "model.zip", "script.zip", "files/config.yaml"):
            assert browser.get(f"/reads/runs/{shown.id}/{path}").status_code in (400, 404), path
        assert browser.delete(f"/api/v1/runs/{shown.id}").status_code in (404, 409)
        stop = browser.post(f"/api/v1/runs/{shown.id}/stop", json={"keep": "nothing"})
        assert stop.status_code in (404, 409)
        for path in ("", "/live", "/report"):
            assert str(home.root()) not in browser.get(f"/reads/runs/{shown.id}{path}").text
    assert shown.name == "Finished reviews" and shown.report and shown.has_model and not shown.stop_path.exists()


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"model": {"checkpoint": "distilbert/distilbert-base-uncased"}}, "models that come with the app"),
        ({"data": {"source": "hf://datasets/owner/name"}}, "A demo takes nothing from the Hugging Face Hub"),
        ({"data": {"source": "/etc/passwd"}}, "this machine"),
        ({"training": SMALL | {"max_length": 512}}, "384 tokens"),
        ({"training": SMALL | {"report_to": "tensorboard"}}, "cannot be set in a demo"),
        ({"adapter": {"method": "lora"}}, "cannot be set in a demo"),
        ({"notify": {"webhook": "https://example.org"}}, "cannot be set in a demo"),
        ({"training": SMALL | {"num_train_epochs": 900}}, "a demo gives 5"),
    ],
)
def test_programs_have_the_same_bounds(address: str, config: dict[str, Any], words: str) -> None:
    browser = visitor(address)
    refused = start(browser, **config)
    assert refused.status_code in (409, 422) and words in refused.text, refused.text
    assert browser.get("/api/v1/runs").json()["runs"] == []


def test_gradio_clients_have_the_same_bounds(shown: Run) -> None:
    """What ``gradio_client`` calls, with the cookie of a visitor."""
    import gradio as gr

    from ui import shell
    from ui.people.lobby import nobodys
    from ui.rest import tools

    studio = DemoStudio()
    home.unless_lived_in(nobodys())
    with gr.Blocks() as demo:
        tools.add(studio)
    address = shell.launch(demo.queue(), studio, entry=Entry("demo"))
    try:
        browser = visitor(address)
        hub = {"data": {"source": "sample/reviews"}, "model": {"checkpoint": "owner/name"}}
        answer = browser.post("/gradio_api/run/start_run", json={"data": [hub]})
        assert answer.status_code == 500 and "models that come with the app" in answer.text
        listed = browser.post("/gradio_api/run/list_runs", json={"data": [1, ""]})
        assert listed.json()["data"][0]["runs"] == []
        told = browser.post("/gradio_api/run/run_status", json={"data": [shown.id]})
        assert told.json()["data"][0]["state"] == "finished"
    finally:
        demo.close(verbose=False)
        home.unless_lived_in(None)


def test_uploads_are_small_and_the_house_can_be_full(address: str) -> None:
    anna, ben = visitor(address), visitor(address)
    refused = anna.post("/api/v1/uploads?name=a.csv", content=b"x" * 1_300_000, headers=BYTES)
    assert refused.status_code == 413 and "200 kB" in refused.text
    assert start(anna).status_code == 201
    ceilings.set_limits(["visitors=1"])
    for answer in (start(ben), ben.post("/api/v1/uploads?name=a.csv", content=b"a,b\n1,2\n", headers=BYTES)):
        assert answer.status_code == 409 and "1 visitors keep something" in answer.text
    assert len(keeping.guests()) == 1 and anna.get("/reads/runs").json()["runs"]


def test_who_asks_without_end_waits_and_nobody_else_does(shown: Run) -> None:
    still = Entry("demo", pace=Pace(lambda: 1_200, lambda: 0.0))
    with served(DemoStudio(), still) as address:
        anna, ben = visitor(address), visitor(address)
        codes = [anna.get("/me").status_code for _ in range(round(20 * BURST_SECONDS) + 3)]
        assert codes[0] == 200 and codes[-1] == 429
        told = anna.get("/me")
        assert told.headers["retry-after"] == "1" and "too many requests" in told.json()["title"]
        assert ben.get("/me").status_code == 200 and ben.get(f"/reads/runs/{shown.id}").status_code == 200


def test_many_visitors_of_one_address_share_its_pace(shown: Run) -> None:
    still = Entry("demo", pace_of_addresses=Pace(lambda: 600, lambda: 0.0))
    with served(DemoStudio(), still) as address:
        codes = [httpx.get(address, headers=PAGE).status_code for _ in range(16)]
        assert codes[0] == 200 and codes[-1] == 429, "each without a cookie is somebody new, and costs as much as ten"


def test_pages_that_have_no_sense_say_so(address: str) -> None:
    browser = visitor(address)
    for path in ("/account", "/programs", "/search", "/ensemble", "/compare", "/labels"):
        answer = browser.get(path, headers=PAGE)
        assert answer.status_code == 404 and "not part of the demo" in answer.text, path
        assert "Install Tunesmith" in answer.text


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--mcp"], "there is no --mcp"),
        (["--allow", "command"], "there is no --allow"),
        (["--people", "people.txt"], "cannot be read"),
        (["--show", "2026-01-01-no-run"], "There is no run"),
    ],
)
def test_flags_that_do_not_go_with_a_demo(
    flags: list[str], words: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUNESMITH_ALLOW", "")
    assert app.main(["--mode", "demo", *flags]) == 1
    assert words in capsys.readouterr().out
    assert app.main(["--show", "2026-01-01-no-run"]) == 1
    assert "--show is for visitors of a demo" in capsys.readouterr().out


def test_the_limits_of_a_demo_give_way_to_what_somebody_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(ceilings.VARIABLE, "rows=7")
    ceilings.take_those_of_a_demo()
    assert ceilings.most("rows") == 7 and ceilings.most("queue") == 10 and ceilings.most("upload") == 2_000_000
