"""The door of a team: who comes in, who does not, and that each then sees what is theirs. Asked of the real server."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import pytest

import app
from core import ceilings, cli, home
from core.errors import ConfigError
from core.people import passwords
from core.people.listed import People
from core.people.residents import owner
from core.people.sessions import Sessions
from core.people.slowing import FREE, Slowing
from core.people.types import person
from core.studio import Studio
from tests.making import run_with, started
from ui import shell
from ui.people import entry as entries
from ui.people.entry import SESSION, Entry
from ui.people.gate import OPEN

SECRET = "correct horse battery"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that cost nothing."""
    monkeypatch.setattr(passwords, "N", 2)


@pytest.fixture
def listed(tmp_path: Path) -> People:
    people = People(tmp_path / "people.txt")
    for name in ("Anna", "ben"):
        people.add(name, f"{SECRET} {name}", is_admin=name == "ben")
    return people


@contextmanager
def served(entry: Entry) -> Iterator[tuple[httpx.Client, gr.Blocks]]:
    """Somebody in front of the door, and the app behind it."""
    studio = Studio()
    with gr.Blocks() as demo:
        gr.Markdown("The start page")
    address = shell.launch(demo.queue(), studio, entry=entry)
    with httpx.Client(base_url=address, verify=False) as stranger:
        yield stranger, demo
    demo.close(verbose=False)
    studio.close()


def paths(routes: Iterable[Any]) -> Iterator[str]:
    """Where all of these routes stand, with those of the routers among them."""
    for route in routes:
        inner = getattr(route, "original_router", None)
        yield from paths(inner.routes) if inner else [getattr(route, "path", "")]


def enters(stranger: httpx.Client, name: str, password: str = "", **more: str) -> httpx.Response:
    form = {"name": name, "password": password or f"{SECRET} {name}", **more}
    answer = stranger.post("/sign-in", data=form)
    stranger.cookies.clear()
    return answer


def as_somebody(stranger: httpx.Client, name: str) -> httpx.Client:
    """A browser of theirs, signed in."""
    shown = enters(stranger, name).cookies[SESSION]
    return httpx.Client(base_url=stranger.base_url, cookies={SESSION: shown}, verify=False)


def test_nothing_answers_whoever_is_not_signed_in(listed: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ceilings.VARIABLE, "pace=100000")  # all is asked for at once
    with served(Entry("team", listed)) as (stranger, demo):
        asked = {
            *paths(demo.app.routes),
            "/reads/runs",
            "/api/v1/runs",
            "/api/v1/openapi.json",
            "/gradio_api/file=/etc/passwd",
        }
        closed = {path.split("{")[0] for path in asked if path} - OPEN
        closed = {path for path in closed if not path.startswith("/tunesmith")}
        assert {"/config", "/gradio_api/queue/join", "/gradio_api/upload", "/me"} <= closed and len(closed) > 40
        for path in sorted(closed):
            for answer in (stranger.get(path), stranger.post(path)):
                assert answer.status_code == 401 and answer.json()["title"] == "You are not signed in.", path
        page = stranger.get("/run?id=a&b=c", headers={"accept": "text/html"})
        assert page.status_code == 303 and page.headers["location"] == "./sign-in?next=/run%3Fid%3Da%26b%3Dc"
        assert stranger.get("/tunesmith/shell.js").status_code == 200
        assert "Sign in" in stranger.get(page.headers["location"].removeprefix(".")).text
        assert stranger.get("/reads/runs", headers={"cookie": f"{SESSION}=made-up"}).status_code == 401


def test_each_sees_their_own_until_they_leave(listed: People) -> None:
    with home.living_in(home.of_person(person("Anna").key)):
        hers = run_with(started())
    everybodys = run_with(started())
    with served(Entry("team", listed)) as (stranger, _):
        anna, ben = as_somebody(stranger, "Anna"), as_somebody(stranger, "ben")
        assert [run["id"] for run in anna.get("/reads/runs").json()["runs"]] == [hers.id]
        assert anna.get("/me").json() == {"name": "Anna", "mode": "team", "admin": False}
        assert ben.get("/reads/runs").json()["runs"] == []
        for one in (hers, everybodys):
            for path in ("", "/live", "/report", "/log", "/files/config.yaml", "/model.zip", "/judgements"):
                assert ben.get(f"/reads/runs/{one.id}{path}").status_code in (404, 400), path
        assert anna.get(f"/reads/runs/{hers.id}/live").status_code == 200
        assert "private" in anna.get("/reads/runs").headers["cache-control"]
        assert "The start page" in ben.get("/").text
        out = anna.post("/sign-out")
        assert out.headers["location"] == "./sign-in" and "Max-Age=0" in out.headers["set-cookie"]
        assert anna.get("/reads/runs").status_code == 401 and ben.get("/reads/runs").status_code == 200
        listed.remove("ben")
        assert ben.get("/reads/runs").status_code == 401, "whoever is taken out of the file is out at once"
    found = owner(home.of_person(person("Anna").key))
    assert found is not None and (found.name, found.kind) == ("Anna", "password")


def test_signing_in(listed: People) -> None:
    with served(Entry("team", listed)) as (stranger, _):
        right = enters(stranger, "anna", f"{SECRET} Anna", next="/run?id=x")
        assert right.status_code == 303 and right.headers["location"] == "./run?id=x"
        cookie = right.headers["set-cookie"]
        assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Secure" not in cookie
        for elsewhere in ("//evil.example", "https://evil.example", "/\\evil.example", "/sign-in"):
            assert enters(stranger, "Anna", next=elsewhere).headers["location"] == "./"
        for name, password in (("Anna", "wrong"), ("<b>nobody", SECRET), ("", "x")):
            answer = enters(stranger, name, password)
            assert answer.status_code == 401 and "do not belong together" in answer.text
            assert (
                f">{password}<" not in answer.text
                and f'"{password}"' not in answer.text
                and "<b>" not in answer.text
                and SESSION not in answer.cookies
            )
        assert stranger.post("/sign-in", content=b"x" * 20_000).status_code == 413
        tries = [enters(stranger, "ben", "wrong") for _ in range(FREE + 1)]
        assert [answer.status_code for answer in tries] == [401] * FREE + [429]
        assert int(tries[-1].headers["retry-after"]) >= 1 and "Try again in" in tries[-1].text
        assert enters(stranger, "ben").status_code == 429, "the right one waits too, so that nobody learns from it"
        assert enters(stranger, "Anna").status_code == 303, "others are not held up"


def test_the_door_speaks_the_language_of_whoever_stands_before_it(listed: People) -> None:
    with served(Entry("team", listed)) as (stranger, _):
        shown = stranger.get("/sign-in", headers={"accept-language": "de"}).text
        english = stranger.get("/sign-in").text
    assert '<html lang="de" data-language="de">' in shown and ">Passwort<" in shown and ">Anmelden<" in shown
    assert '<html lang="en" data-language="en">' in english and ">Password<" in english


def test_below_a_path_of_a_proxy_the_door_is_the_same(listed: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the docs have it: the proxy leaves the prefix on."""
    monkeypatch.setenv("GRADIO_ROOT_PATH", "/tunesmith")
    with served(Entry("team", listed)) as (stranger, _):
        for path in ("/reads/runs", "/config", "/api/v1/runs", "/administrator/look", "/tunesmith/../me"):
            assert stranger.get(f"/tunesmith{path}").status_code == 401, path
        assert stranger.get("/tunesmith/tunesmith/shell.js").status_code == 200
        page = stranger.get("/tunesmith/run?id=a", headers={"accept": "text/html"})
        assert page.status_code == 303 and page.headers["location"] == "./sign-in?next=/run%3Fid%3Da"
        anna = as_somebody(stranger, "Anna")
        for path, status in (("/reads/runs", 200), ("/api/v1/runs", 200), ("/administrator/look", 403)):
            assert anna.get(f"/tunesmith{path}").status_code == status, path
        assert anna.get("/tunesmithadministrator/look").status_code == 404


def test_waiting_grows_with_each_wrong_try_and_ends() -> None:
    now = [0.0]
    slow = Slowing(clock=lambda: now[0])
    assert [slow.take("a") for _ in range(FREE)] == [0.0] * FREE
    waits = []
    for _ in range(9):
        waits.append(slow.take("a"))
        now[0] += waits[-1]
        assert slow.take("a") == 0.0
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60] and slow.take("b") == 0.0
    slow.was_right("a")
    assert slow.take("a") == 0.0


def test_sessions_end_when_nobody_comes() -> None:
    now = [0.0]
    sessions = Sessions(idle_seconds=10, clock=lambda: now[0])
    anna, other = sessions.begin(person("anna")), sessions.begin(person("ben"))
    now[0] = 8
    assert sessions.of(anna) == person("anna") and sessions.of("") is None
    now[0] = 16
    assert sessions.of(anna) and sessions.of(other) is None
    assert anna not in repr(vars(sessions)), "what a browser shows is not kept"
    sessions.end_all(person("ANNA"))
    assert sessions.of(anna) is None


def test_the_password_file(listed: People, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(listed.path)
    assert stat.S_IMODE(listed.path.stat().st_mode) == 0o600 and SECRET not in Path(path).read_text()
    keys = {person("Anna").key, person("anna", "hub").key, person("ben").key, person("ann-a").key, person("яна").key}
    assert len(keys) == 5 and person("ANNA").key == person("anna").key and all(key.isascii() for key in keys)
    monkeypatch.setattr("sys.stdin", iter_of(f"{SECRET} new\n"))
    assert cli.main(["people", "add", "Anna", "--people", path]) == 0
    assert listed.check("Anna", f"{SECRET} new") and not listed.check("Anna", f"{SECRET} Anna")
    assert cli.main(["people", "remove", "anna", "--people", path]) == 0 and not listed.find("Anna")
    assert cli.main(["people", "list", "--people", path]) == 0
    assert capsys.readouterr().out.endswith("ben (admin)\n")
    for name, password in (("../x", SECRET), ("a b", SECRET), ("", SECRET), ("carl", "short")):
        with pytest.raises(ConfigError):
            listed.add(name, password)
    listed.path.write_text("carl scrypt$4$8$1$x$y\n")
    with pytest.raises(ConfigError, match="Line 1"):
        listed.entries()


def iter_of(text: str) -> Any:
    import io

    return io.StringIO(text)


def test_a_team_needs_a_way_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["--mode", "team"]) == 1 and "needs --people" in capsys.readouterr().out
    assert app.main(["--mode", "team", "--people", str(tmp_path / "none")]) == 1
    assert "people add NAME" in capsys.readouterr().out


def test_on_a_space_the_hubs_login_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "has_login", lambda: True)
    monkeypatch.setenv("SYSTEM", "spaces")
    monkeypatch.setenv("SPACE_ID", "anna/tunesmith")
    info = {"access_token": "hf_x", "expires_at": 4e9, "userinfo": {"preferred_username": "Maria"}}
    scope: dict[str, Any] = {"type": "http", "headers": [], "session": {"oauth_info": info}}
    found = Entry("team").who(scope)
    assert found == person("Maria", "hub") and found.key != person("Maria").key
    assert Entry("team").who({**scope, "session": {"oauth_info": {**info, "expires_at": 1}}}) is None
