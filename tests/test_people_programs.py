"""Programs of people in a team: tokens that open one home, and the log of what was done. Asked of the real server."""

from __future__ import annotations

import json
import os
import stat
from importlib.util import find_spec
from pathlib import Path

import gradio as gr
import httpx
import pytest
from gradio_client import Client

from core import ceilings, home
from core.errors import ConfigError, Missing, StudioError
from core.people import audit, kept, passwords, tokens
from core.people.acting import Actor, acting_as
from core.people.listed import People
from core.people.residents import settle
from core.people.types import person
from core.redaction import redacted
from core.studio import Studio
from tests.making import run_with, started
from tests.test_people_door import as_somebody, enters, served
from tests.test_rest import assistant
from ui import shell
from ui.people.entry import Entry
from ui.rest import tools

ANNA, BEN = person("Anna"), person("ben")


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that cost nothing, and nothing counted of another test."""
    monkeypatch.setattr(passwords, "N", 2)
    monkeypatch.setattr(audit, "_counted", {})
    monkeypatch.setattr(audit, "_trouble", "")


@pytest.fixture
def listed(tmp_path: Path) -> People:
    people = People(tmp_path / "people.txt")
    for name in ("Anna", "ben"):
        people.add(name, f"correct horse battery {name}", is_admin=name == "ben")
    return people


def said(**wanted: str) -> list[tuple[str, str]]:
    """(who, kind) of the records in the log, the oldest first."""
    return [(line.who, line.kind) for line in reversed(list(audit.lines(**wanted)))]


def bearing(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_token_opens_what_is_there_for_programs_and_one_home(listed: People) -> None:
    with home.living_in(home.of_person(ANNA.key)):
        hers = run_with(started())
    with home.living_in(home.of_person(BEN.key)):
        his = run_with(started())
    with served(Entry("team", listed)) as (stranger, _):
        anna, ben = as_somebody(stranger, "Anna"), as_somebody(stranger, "ben")
        made = anna.post("/me/tokens", json={"name": "night script", "days": 30}).json()
        shown = made["shown"]
        for one in (stranger, anna):
            found = one.get("/api/v1/runs", headers=bearing(shown)).json()
            assert [run["id"] for run in found["runs"]] == [hers.id]
        assert ben.get("/api/v1/runs", headers=bearing(shown)).json()["runs"][0]["id"] == hers.id, "not as Ben"
        assert stranger.get(f"/api/v1/runs/{his.id}", headers=bearing(shown)).status_code == 404
        for path in ("/", "/me", "/me/tokens", "/reads/runs", f"/run?id={hers.id}", "/sign-out/x"):
            assert stranger.get(path, headers=bearing(shown)).status_code == 403, path
        assert stranger.get(f"/api/v1/runs?token={shown}").status_code == 401, "an address is no place for a token"

        line = anna.get("/me/tokens").json()["tokens"][0]
        assert line["name"] == "night script" and line["used"] and line["until"] and shown not in json.dumps(line)
        assert ben.get("/me/tokens").json()["tokens"] == []
        assert ben.post("/me/tokens/end", json={"id": line["id"]}).status_code == 404
        assert anna.post("/me/tokens/end", json={"id": line["id"]}).status_code == 200
        ended = stranger.get("/api/v1/runs", headers=bearing(shown))
        assert ended.status_code == 401 and ended.json()["title"] == "This token opens nothing."

        again = anna.post("/me/tokens", json={"name": "again", "days": None}).json()["shown"]
        listed.remove("Anna")
        assert stranger.get("/api/v1/runs", headers=bearing(again)).status_code == 401, "whoever is out is out"


def test_wrong_tokens_wait_and_right_ones_do_not(listed: People) -> None:
    _, shown = tokens.make(BEN, "mine", 90)
    with served(Entry("team", listed)) as (stranger, _):
        answers = [stranger.get("/api/v1/runs", headers=bearing(f"{shown[:-1]}{n % 10}!")) for n in range(22)]
        assert [answer.status_code for answer in answers[:20]] == [401] * 20
        assert answers[-1].status_code == 429 and int(answers[-1].headers["retry-after"]) >= 1
        assert stranger.get("/api/v1/runs", headers=bearing(shown)).status_code == 200
    assert said(kind="wrong token") == [("", "wrong token")] * 2, "the first, and how many came after it"
    assert next(audit.lines(kind="wrong token")).detail == "19 more times"


def test_only_a_page_of_the_app_can_make_a_token(listed: People) -> None:
    with served(Entry("team", listed)) as (stranger, _):
        anna = as_somebody(stranger, "Anna")
        for body in (
            b"name=x&days=30",
            b'["a"]',
            b'{"name": "x", "days": 31}',
            b'{"name": 1, "days": 30}',
            b"x" * 3000,
        ):
            answer = anna.post("/me/tokens", content=body, headers={"content-type": "application/json"})
            assert answer.status_code == 422 and answer.json()["advice"], body
        as_form = anna.post("/me/tokens", content=b'{"name":"x","days":30}', headers={"content-type": "text/plain"})
        foreign = anna.post("/me/tokens", json={"name": "x", "days": 30}, headers={"origin": "https://evil.example"})
        assert as_form.status_code == 422 and foreign.status_code == 403
        assert anna.get("/me/tokens").json()["tokens"] == []


def test_only_a_hash_of_a_token_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    token, shown = tokens.make(ANNA, "a  name", 30)
    secret = shown.split("_", 2)[2]
    path = kept.folder() / tokens.FILE
    assert secret not in path.read_text() and stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert redacted(f"asked with {shown} today") == "asked with [hidden] today"
    assert token.name == "a name" and tokens.find(shown) is not None
    assert tokens.find(shown, clock=lambda: token.made + 31 * 86400) is None, "it has come to its end"
    guessed = shown[:-1] + ("A" if shown[-1] != "A" else "B")
    for wrong in (guessed, "", "tsm_", shown[:-1], f"{shown}x", shown.replace(token.id, "0" * 12), "tsm_" + "é" * 56):
        assert tokens.find(wrong) is None
    monkeypatch.setattr(tokens, "MOST", 2)
    tokens.make(ANNA, "another", None)
    with pytest.raises(ConfigError, match="2 tokens"):
        tokens.make(ANNA, "a third", None)
    for name in ("", "  ", "x" * 61, "a\x00b"):
        with pytest.raises(ConfigError, match="name"):
            tokens.make(BEN, name, None)
    with pytest.raises(Missing):
        tokens.end(BEN, token.id)
    path.write_text("[]")
    with pytest.raises(StudioError, match="cannot be read"):
        tokens.find(shown)


def test_gradios_client_comes_in_with_a_token(listed: People) -> None:
    _, shown = tokens.make(ANNA, "client", 30)
    with home.living_in(home.of_person(ANNA.key)):
        hers = run_with(started())
    studio = Studio()
    with gr.Blocks() as demo:
        tools.add(studio)
    address = shell.launch(demo.queue(), studio, entry=Entry("team", listed))
    try:
        client = Client(address, verbose=False, headers=bearing(shown), download_files=False)
        assert [run["id"] for run in client.predict(api_name="/list_runs")["runs"]] == [hers.id]
        with pytest.raises(Exception, match="credentials"):
            Client(address, verbose=False, headers=bearing(shown[:-2] + "xx"))
    finally:
        demo.close(verbose=False)
        studio.close()


@pytest.mark.skipif(find_spec("mcp") is None, reason="the extra mcp is not installed")
def test_assistants_come_in_with_a_token_each_into_one_home(listed: People) -> None:
    made = {}
    for owner in (ANNA, BEN):
        with home.living_in(settle(owner)):
            made[owner.name] = run_with(started()).id
    studio = Studio()
    with gr.Blocks() as demo:
        tools.add(studio)
    address = shell.launch(demo.queue(), studio, mcp=True, entry=Entry("team", listed))
    try:
        for path in ("mcp/", "mcp/schema"):
            assert httpx.post(f"{address}gradio_api/{path}", json={}).status_code == 401
        shown = {owner.name: tokens.make(owner, "assistant", 30)[1] for owner in (ANNA, BEN)}
        for name in ("Anna", "ben", "Anna"):
            wanted = {"name": "list_runs", "arguments": {}}
            told = json.dumps(assistant(address.rstrip("/"), "tools/call", wanted, **bearing(shown[name])))
            assert [one in told for one in made.values()] == [one == made[name] for one in made.values()]
        wanted = {"name": "stop_run", "arguments": {"run_id": made["ben"]}}
        told = json.dumps(assistant(address.rstrip("/"), "tools/call", wanted, **bearing(shown["Anna"])))
        assert "There is no run" in told
        with home.living_in(home.of_person(ANNA.key)):
            waits = run_with().id
        wanted["arguments"] = {"run_id": waits}
        assistant(address.rstrip("/"), "tools/call", wanted, **bearing(shown["Anna"]))
        assert said(kind="run stopped") == [("Anna", "run stopped")]
    finally:
        demo.close(verbose=False)
        studio.close()


def test_what_is_used_up_is_429_with_when_to_come_again(listed: People, monkeypatch: pytest.MonkeyPatch) -> None:
    _, hers = tokens.make(ANNA, "hers", 30)
    _, his = tokens.make(BEN, "his", 30)
    body = {"config": {"data": {"source": "sample/feedback"}}}
    with served(Entry("team", listed)) as (stranger, _):
        monkeypatch.setenv(ceilings.VARIABLE, "person_waiting=1")
        assert stranger.post("/api/v1/runs", json=body, headers=bearing(hers)).status_code == 201
        full = stranger.post("/api/v1/runs", json=body, headers=bearing(hers))
        assert full.status_code == 429 and full.json()["title"] == "1 run of yours waits already, of 1 that may."
        assert "retry-after" not in full.headers, "nobody knows when"
        monkeypatch.setenv(ceilings.VARIABLE, "queue=1")
        full = stranger.post("/api/v1/runs", json=body, headers=bearing(his))
        assert full.status_code == 429 and int(full.headers["retry-after"]) >= 0 and "--limit queue" in full.text
        monkeypatch.setenv(ceilings.VARIABLE, "person_disk=1kB")
        name, kind = {"name": "a.csv"}, {"Content-Type": "application/octet-stream"}
        kept_ = stranger.post("/api/v1/uploads", params=name, content=b"text\n" * 900, headers=bearing(his) | kind)
        assert kept_.status_code == 429 and "This file has no room" in kept_.json()["title"]
        anna = as_somebody(stranger, "Anna")
        assert [one["words"] for one in anna.get("/reads/mine").json()["uses"]][2] == "1 of 20 runs waiting"


# --- The log of what was done ---


def test_what_people_do_stands_in_the_log(listed: People) -> None:
    with home.living_in(home.of_person(ANNA.key)):
        hers = run_with(started())
    with served(Entry("team", listed)) as (stranger, _):
        anna = as_somebody(stranger, "Anna")
        for _ in range(3):
            enters(stranger, "Anna", "no password of hers")
        enters(stranger, "hunter2 typed into the wrong field", "x")
        shown = anna.post("/me/tokens", json={"name": "script", "days": 30}).json()["shown"]
        assert stranger.post(f"/api/v1/runs/{hers.id}/again", json={}, headers=bearing(shown)).status_code == 202
        assert stranger.post(f"/api/v1/runs/{hers.id}/stop", json={}, headers=bearing(shown)).status_code == 202
        assert stranger.delete(f"/api/v1/runs/{hers.id}", headers=bearing(shown)).status_code == 204
        anna.post("/sign-out")
    assert said(who="Anna") == [
        ("Anna", "signed in"),
        ("Anna", "wrong password"),
        ("Anna", "token made"),
        ("Anna", "run taken up again"),
        ("Anna", "run stopped"),
        ("Anna", "run deleted"),
        ("Anna", "signed out"),
        ("Anna", "wrong password"),
    ]
    records = list(audit.lines())
    assert {line.on for line in records if line.kind.startswith("run ")} == {hers.id}
    assert {line.address for line in records if line.kind != "signed out"} == {"127.0.0.1"}
    assert next(line for line in records if line.kind == "run stopped").detail.endswith("(by the token “script”)")
    text = (kept.folder() / "audit.jsonl").read_text()
    assert shown not in text and "hunter2" not in text and "correct horse" not in text


def test_what_goes_on_beside_the_pages_is_its_owners_and_one_person_needs_no_log(listed: People) -> None:
    with home.living_in(settle(ANNA)):
        audit.note("run started", "of a search")
    audit.note("run started", "by somebody alone")
    assert [(line.who, line.on) for line in audit.lines()] == [("Anna", "of a search")]


def test_the_log_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "LARGEST", 2_000)
    monkeypatch.setattr(os, "fsync", lambda handle: None)
    with acting_as(Actor("Anna", "10.0.0.1")):
        for number in range(200):
            audit.note("run started", f"run {number}", "x" * 500 + "\n\u2028{")
    found = list(audit.lines())
    assert [line.on for line in found[:3]] == ["run 199", "run 198", "run 197"] and found[0].number == 200
    files = list(kept.folder().glob("audit*"))
    assert len(files) == audit.FILES and all(file.stat().st_size < 2_600 for file in files)
    assert next(line.number for line in audit.lines(before=200)) == 199 and len(found[0].detail) == 200
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in files)
    with open(kept.folder() / "audit.jsonl", "a") as file:
        file.write('{"number": 3')  # a disk that was full
    audit.note("run deleted", "x", actor=Actor("Ben"))
    newest = next(audit.lines())
    assert (newest.kind, newest.number) == ("run deleted", 201)


def test_a_log_that_cannot_be_written_is_said() -> None:
    place = kept.folder() / "audit.jsonl"
    place.mkdir()
    audit.note("run stopped", "x", actor=Actor("Anna"))
    assert "cannot be written: Is a directory" in audit.trouble()
    with pytest.raises(StudioError, match="was not done"):
        audit.note("limit changed", "x", actor=Actor("Ben"), strictly=True)
    place.rmdir()
    audit.note("run stopped", "x", actor=Actor("Anna"))
    assert audit.trouble() == "" and len(list(audit.lines())) == 1
