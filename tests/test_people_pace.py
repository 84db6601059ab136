"""How fast each of several people may ask: one who asks without end waits, the others do not."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from starlette.types import Scope

from core import ceilings
from core.people import passwords
from core.people.listed import People
from core.people.pace import BURST_SECONDS, MOST, Pace
from tests.making import PROJECT
from tests.test_people_door import as_somebody, served
from ui.people.entry import FOR_AN_ADDRESS, STRANGERS_COST, Entry, address

ROOM = round(1_200 / 60 * BURST_SECONDS)


class Clock:
    """Time that stands still until it is moved."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_fills_by_itself_and_holds_so_much() -> None:
    clock = Clock()
    pace = Pace(lambda: 60, clock)
    assert [pace.take("anna") for _ in range(15)] == [0.0] * 15
    assert pace.take("anna") == pytest.approx(1.0) == pace.take("anna"), "asking in vain costs nothing"
    assert pace.take("ben") == 0.0
    clock.now = 1.0
    assert pace.take("anna") == 0.0 and pace.take("anna") == pytest.approx(1.0)
    clock.now = 1000.0
    assert pace.take("anna", cost=15) == 0.0 and pace.take("anna", cost=2) == pytest.approx(2.0)
    assert pace.take("carl", cost=40) == 0.0, "what costs more than there is room for is still let through once"
    assert pace.take("carl", cost=40) == pytest.approx(40.0)


def test_memory_of_buckets_has_an_end() -> None:
    pace = Pace(lambda: 60, Clock())
    for number in range(MOST + 10):
        pace.take(str(number), cost=15)
    assert len(pace._buckets) == MOST
    assert pace.take("0", cost=15) == 0.0 and pace.take(str(MOST), cost=15) > 0


def test_who_asks_without_end_waits_and_nobody_else_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "N", 2)
    people = People(tmp_path / "people.txt")
    for name in ("Anna", "ben"):
        people.add(name, f"correct horse battery {name}")
    clock = Clock()
    steady = Entry("team", people, pace=Pace(lambda: ceilings.most("pace"), clock))
    with served(steady) as (stranger, _):
        anna, ben = as_somebody(stranger, "Anna"), as_somebody(stranger, "ben")
        said = [anna.get("/me") for _ in range(ROOM + 5)]
        assert [answer.status_code for answer in said] == [200] * ROOM + [429] * 5
        refused = said[-1]
        assert refused.headers["retry-after"] == "1" and refused.headers["cache-control"] == "no-store"
        assert refused.json()["title"] == "That were too many requests at once."
        assert "--limit pace=" in refused.json()["advice"]
        assert anna.get("/tunesmith/shell.js").status_code == 200, "what is no secret is not counted"
        assert ben.get("/me").status_code == 200
        clock.now += 1
        assert anna.get("/me").status_code == 200


def test_strangers_share_what_their_address_may_ask(tmp_path: Path) -> None:
    entry = Entry("team", None, pace_of_addresses=Pace(lambda: FOR_AN_ADDRESS * 1_200, Clock()))
    with served(entry) as (stranger, _):
        others = httpx.Client(base_url=stranger.base_url, verify=False)
        codes = [stranger.get("/me").status_code for _ in range(FOR_AN_ADDRESS * ROOM // STRANGERS_COST + 1)]
        assert codes[0] == 401 and codes[-1] == 429 == others.get("/me").status_code
        assert stranger.get("/sign-in").status_code == 200, "the door itself is open"


def test_behind_a_proxy_of_ones_own_people_are_told_apart() -> None:
    """As the proxy in the docs says it; what a visitor says of themselves does not come through it."""
    entry = Entry("team", None, pace_of_addresses=Pace(lambda: FOR_AN_ADDRESS * 1_200, Clock()))
    with served(entry) as (proxy, _):

        def code(told: str) -> int:
            return proxy.get("/me", headers={"x-forwarded-for": told}).status_code

        codes = [code("8.8.4.4") for _ in range(FOR_AN_ADDRESS * ROOM // STRANGERS_COST + 1)]
        assert codes[0] == 401 and codes[-1] == 429
        assert code("9.9.9.9") == 401, "others are not held up"
        assert code("1.2.3.4, 8.8.4.4") == 429, "the last is what the proxy has seen"
    example = (PROJECT / "docs" / "hosting.md").read_text(encoding="utf-8").partition("\nnginx:\n")[2].split("```")[1]
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in example


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ("", "10.0.0.9"),
        ("8.8.4.4", "8.8.4.4"),
        ("1.1.1.1, 8.8.4.4", "8.8.4.4"),
        ("8.8.4.4, 10.1.2.3, 172.16.0.1", "8.8.4.4"),
        ("2606:4700::1111", "2606:4700::1111"),
        ("made up, 10.1.2.3", "10.0.0.9"),
    ],
)
def test_on_a_space_people_are_told_apart_behind_its_proxies(
    told: str, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope: Scope = {"type": "http", "client": ("10.0.0.9", 1), "headers": [(b"x-forwarded-for", told.encode())]}
    assert address(scope) == "10.0.0.9", "elsewhere anybody can say this"
    monkeypatch.setenv("SYSTEM", "spaces")
    monkeypatch.setenv("SPACE_ID", "somebody/tunesmith")
    assert address(scope) == found
