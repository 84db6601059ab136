"""The administrators' page: who comes to it, what it tells and what it does. Asked of the real server."""

from __future__ import annotations

import csv
import io
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import pytest

from core import ceilings, events, home, machine, orders, queue
from core.people import audit, disk, kept, looking_after, passwords, quotas, tokens
from core.people.acting import Actor
from core.people.listed import People
from core.people.residents import settle
from core.people.types import person
from core.runs import Run, State
from core.studio import Studio
from tests.making import run_with, started
from tests.test_people_door import as_somebody, served
from tests.test_people_programs import bearing
from ui import shell
from ui.pages import PAGES
from ui.people import administrator
from ui.people.entry import Entry
from ui.people.gate import ADMINISTRATION

ANNA, BEN = person("Anna"), person("ben")
READ = ("look", "log", "log.csv", "log.jsonl")
DONE = ("stop", "front", "limits", "clean")


@pytest.fixture(autouse=True)
def anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "N", 2)
    monkeypatch.setattr(machine, "has_gpu", lambda: False)
    monkeypatch.setattr(disk, "_known", {})
    monkeypatch.setattr(audit, "_counted", {})
    monkeypatch.delenv(ceilings.VARIABLE, raising=False)


@pytest.fixture
def listed(tmp_path: Path) -> People:
    people = People(tmp_path / "people.txt")
    for name in ("Anna", "ben"):
        people.add(name, f"correct horse battery {name}", is_admin=name == "ben")
    return people


@contextmanager
def at(who: str = "Anna") -> Iterator[Path]:
    with home.living_in(settle(person(who))):
        yield home.home()


def asks(who: httpx.Client, name: str, **body: Any) -> httpx.Response:
    return who.post(f"{ADMINISTRATION}/{name}", json=body)


def test_nobody_else_comes_to_any_of_its_addresses(listed: People) -> None:
    entry = Entry("team", listed)
    addresses = {route.path for route in administrator.routes(Studio(), entry)}
    assert addresses == {f"{ADMINISTRATION}/{name}" for name in (*READ, *DONE)}
    _, of_admin = tokens.make(BEN, "mine", 30)
    with at():
        hers = run_with()
    with served(entry) as (stranger, _):
        anna, ben = as_somebody(stranger, "Anna"), as_somebody(stranger, "ben")
        for path in sorted({*addresses, ADMINISTRATION, f"{ADMINISTRATION}/", f"{ADMINISTRATION}/x"}):
            for method in ("GET", "POST"):
                assert stranger.request(method, path, json={}).status_code == 401, path
                assert anna.request(method, path, json={}).status_code == 403, path
                by_token = stranger.request(method, path, json={}, headers=bearing(of_admin))
                assert by_token.status_code == 403, "a token is not enough"
        assert asks(anna, "stop", key=ANNA.key, id=hers.id).status_code == 403 and not hers.stop_path.exists()
        for name in READ:
            assert ben.get(f"{ADMINISTRATION}/{name}").status_code == 200, name
        foreign = ben.post(
            f"{ADMINISTRATION}/clean", json={"what": "trash"}, headers={"origin": "https://evil.example"}
        )
        as_form = ben.post(
            f"{ADMINISTRATION}/clean", content=b'{"what":"trash"}', headers={"content-type": "text/plain"}
        )
        assert foreign.status_code == 403 and as_form.status_code == 422
        listed.add("ben", "correct horse battery ben")
        assert ben.get(f"{ADMINISTRATION}/look").status_code == 403, "whoever is none any more is out at once"


def test_it_tells_names_and_figures_and_no_more(listed: People) -> None:
    with at() as place:
        run_with(started(), events.Stopped(step=1, has_model=False))
        waits = run_with()
        waits.rename("=Anna's <b>run")
        (waits.path / "secret.csv").write_text("what she teaches")
        quotas.give(ANNA.key, quotas.RUNNING, "4")
    alone = run_with()
    with served(Entry("team", listed)) as (stranger, _):
        ben = as_somebody(stranger, "ben")
        told = ben.get(f"{ADMINISTRATION}/look").json()
        hers = next(one for one in told["people"] if one["name"] == "Anna")
        assert (hers["running"], hers["waiting"], hers["over"], hers["here"]) == (0, 1, 1, False)
        assert time.time() - hers["seen"] < 600
        assert [use["words"] for use in hers["uses"]][1] == "0 of 4 runs at a time" and hers["uses"][1]["is_own"]
        assert [limit["given"] for limit in hers["limits"]] == ["", "4", "", "", ""]
        assert {(run["owner"], run["id"], run["key"]) for run in told["runs"]} == {
            ("Anna", waits.id, ANNA.key),
            ("the command line", alone.id, ""),
        }
        assert told["room"]["total"] > told["room"]["free"] > 0 and told["trouble"] == ""
        text = json.dumps(told)
        in_german = ben.get(f"{ADMINISTRATION}/look", headers={"Accept-Language": "de"}).json()
        hers = next(one for one in in_german["people"] if one["name"] == "Anna")
        assert hers["uses"][1]["words"] == "0 von 4 gleichzeitigen Läufen"
        assert hers["limits"][2]["label"] == "Wartende Läufe"
        assert hers["limits"][2]["words"] == "Die wartenden Läufe einer Person."
        assert waits.name in [run["name"] for run in in_german["runs"]]
        assert "teaches" not in text and str(place) not in text and "reviews" not in text.replace("<b>", "")


def test_limits_are_given_and_taken_back(listed: People) -> None:
    with at():
        pass
    with served(Entry("team", listed)) as (stranger, _):
        anna, ben = as_somebody(stranger, "Anna"), as_somebody(stranger, "ben")
        assert asks(ben, "limits", key=ANNA.key, limits={"person_disk": "8 GB", "person_hours": ""}).status_code == 200
        assert anna.get("/reads/mine").json()["uses"][0]["words"].endswith("of 8 GB of disk space")
        for body in ({"key": ANNA.key, "limits": {"rows": "1"}}, {"key": ANNA.key, "limits": {"person_disk": "lots"}}):
            refused = asks(ben, "limits", **body)
            assert refused.status_code == 422 and refused.json()["advice"]
        for key in ("nobody", "../anna", ""):
            assert asks(ben, "limits", key=key, limits={"person_disk": "1"}).status_code == 404
        assert asks(ben, "limits", key=ANNA.key).status_code == 422
        assert asks(ben, "limits", key=ANNA.key, limits={"person_disk": ""}).status_code == 200
        assert anna.get("/reads/mine").json()["uses"][0]["words"].endswith("of 20 GB of disk space")
    details = [line.detail for line in audit.lines(kind="limit changed")]
    assert details == ["Disk space: 8 GB → as all", "Disk space: as all → 8 GB"]


def test_runs_are_stopped_and_moved_to_the_front(listed: People) -> None:
    made = {}
    for age, who in ((30, "Anna"), (20, "ben"), (10, "cleo")):
        with at(who):
            made[who] = run_with()
        moment = time.time() - age
        os.utime(made[who].path / "config.yaml", (moment, moment))
    assert [run.id for run in queue.waiting()] == [made[who].id for who in ("Anna", "ben", "cleo")]
    cleo = person("cleo").key
    with served(Entry("team", listed)) as (stranger, _):
        ben = as_somebody(stranger, "ben")
        assert asks(ben, "front", key=cleo, id=made["cleo"].id).status_code == 200
        assert [run.id for run in queue.waiting()][0] == made["cleo"].id  # noqa: RUF015
        assert asks(ben, "stop", key=ANNA.key, id=made["Anna"].id).status_code == 200
        assert made["Anna"].state is State.STOPPED
        assert orders.why_stopped(made["Anna"]) == "An administrator of this app has stopped it."
        assert asks(ben, "stop", key=ANNA.key, id=made["Anna"].id).status_code == 409
        for key, run_id in ((ANNA.key, made["ben"].id), (ANNA.key, "../../x"), ("", made["ben"].id)):
            assert asks(ben, "stop", key=key, id=run_id).status_code == 404, "each run in its own home"
        assert asks(ben, "stop", key=ANNA.key).status_code == 422
    assert [(line.who, line.kind) for line in audit.lines()][:2] == [
        ("ben", "run stopped"),
        ("ben", "moved to the front"),
    ]
    with at("cleo"):
        studio = Studio()
        studio.stop(made["cleo"].id)
        studio.again(made["cleo"].id)
    assert not made["cleo"].front_path.exists(), "once is once"


def test_what_is_thrown_away_or_old_is_removed(listed: People) -> None:
    studio = Studio()
    old = time.time() - (looking_after.OLD_DAYS + 1) * 86400
    for who in ("Anna", "ben"):
        with at(who) as place:
            over = run_with(started(), events.Stopped(step=1, has_model=False))
            (over.path / "weights").write_bytes(b"x" * 40_000)
            studio.delete(over.id)
            for name, moment in (("stale", old), ("fresh", time.time())):
                folder = place / "cache" / "tables" / name
                folder.mkdir(parents=True)
                (folder / "part").write_bytes(b"x" * 30_000)
                for one in (folder / "part", folder):
                    os.utime(one, (moment, moment))
    with at("ben"):
        run_with()
    with served(Entry("team", listed)) as (stranger, _):
        ben = as_somebody(stranger, "ben")
        told = {one["name"]: one for one in ben.get(f"{ADMINISTRATION}/look").json()["people"]}
        assert told["Anna"]["trash"] > 40_000 and told["Anna"]["old"] == 30_000
        assert told["ben"]["old"] == 0, "a run of his waits"
        assert asks(ben, "clean", what="old").json()["words"] == "30 kB were removed."
        assert asks(ben, "clean", what="trash", key=ANNA.key).json()["words"].startswith("4")
        for what, key in (("everything", ""), ("../trash", ""), ("trash", "../x")):
            assert asks(ben, "clean", what=what, key=key).status_code == 404
        assert asks(ben, "clean", what="trash").status_code == 200
        assert asks(ben, "clean", what="trash").json()["words"] == "There was nothing to remove."
    for who, left in (("Anna", ["fresh"]), ("ben", ["fresh", "stale"])):
        with at(who) as place:
            assert sorted(path.name for path in (place / "cache" / "tables").iterdir()) == left
            assert studio.trash() == []


def test_nothing_is_done_that_cannot_be_noted(listed: People) -> None:
    with at():
        hers = run_with()
    with served(Entry("team", listed)) as (stranger, _):
        ben = as_somebody(stranger, "ben")
        log = kept.folder() / "audit.jsonl"
        log.unlink()
        log.mkdir()
        refused = asks(ben, "stop", key=ANNA.key, id=hers.id)
        assert refused.status_code == 503 and refused.json()["title"].startswith("This was not done")
        for name, more in (
            ("front", {"id": hers.id}),
            ("limits", {"limits": {"person_disk": "8 GB"}}),
            ("clean", {"what": "trash"}),
        ):
            assert asks(ben, name, key=ANNA.key, **more).status_code == 503, name
        for name in ("log.csv", "log.jsonl"):
            assert ben.get(f"{ADMINISTRATION}/{name}").status_code == 503, name
        assert not hers.stop_path.exists() and not hers.front_path.exists()
        assert quotas.given(ANNA.key, quotas.DISK) == ""
        assert "cannot be written" in ben.get(f"{ADMINISTRATION}/look").json()["trouble"]
        log.rmdir()


def test_the_log_is_read_by_pages_and_taken_away_without_formulas(
    listed: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda handle: None)
    for number in range(administrator.PAGE + 5):
        audit.note("run started", f"run {number}", actor=Actor("Anna", "10.0.0.7"))
    audit.note("run deleted", "=HYPERLINK(1)", "@now", actor=Actor("+Eve"))
    with served(Entry("team", listed)) as (stranger, _):
        ben = as_somebody(stranger, "ben")
        first = ben.get(f"{ADMINISTRATION}/log", params={"who": "Anna"}).json()
        assert len(first["lines"]) == administrator.PAGE and first["more"] and "signed in" in first["kinds"]
        in_german = ben.get(f"{ADMINISTRATION}/log", headers={"Accept-Language": "de"}).json()
        assert in_german["kinds"]["run started"] == "Lauf gestartet" and in_german["lines"][0]["kind"] == "signed in"
        rest = ben.get(f"{ADMINISTRATION}/log", params={"who": "Anna", "before": first["lines"][-1]["number"]}).json()
        assert [line["on"] for line in rest["lines"]] == [f"run {n}" for n in range(4, -1, -1)] and not rest["more"]
        only = ben.get(f"{ADMINISTRATION}/log", params={"kind": "run deleted", "before": "x"}).json()["lines"]
        assert [line["who"] for line in only] == ["+Eve"]
        table = ben.get(f"{ADMINISTRATION}/log.csv", params={"kind": "run deleted"})
        assert "attachment" in table.headers["content-disposition"]
        row = list(csv.DictReader(io.StringIO(table.text)))[0]  # noqa: RUF015
        assert (row["who"], row["on"], row["detail"]) == ("'+Eve", "'=HYPERLINK(1)", "'@now")
        lines = [json.loads(line) for line in ben.get(f"{ADMINISTRATION}/log.jsonl").text.splitlines()]
        assert lines[0]["kind"] == "log read" and lines[-1]["on"] == "run 0" and len(lines) == administrator.PAGE + 9


def test_one_person_has_no_such_page() -> None:
    studio = Studio()
    page = next(page for page in PAGES if page.is_for_administrators)
    assert f"/{page.path}" == ADMINISTRATION
    alone = shell.build(studio, [next(page for page in PAGES if not page.path), page])
    assert page.title not in [title for _, title, _ in alone.pages]
    links = shell.navigation([page], page, "team")
    assert f'href="./{page.path}" aria-current="page" hidden' in links, "its link shows for administrators alone"
    with gr.Blocks() as demo:
        gr.Markdown("x")
    address = shell.launch(demo.queue(), studio)
    try:
        assert all(httpx.get(f"{address}administrator/{name}").status_code == 404 for name in READ)
    finally:
        demo.close(verbose=False)


def test_a_moved_run_keeps_to_its_owners_limits() -> None:
    with at():
        hers = run_with()
        going = Run(home.runs_dir() / "2026-01-01-brave-otter")
    hers.front_path.touch()
    quotas.give(ANNA.key, quotas.RUNNING, "1")
    assert quotas.held_back(hers, [going.path]) and not quotas.held_back(hers, [])
