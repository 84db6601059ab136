"""A link by which others read one run: that it opens this one and nothing else, and changes nothing."""

from __future__ import annotations

import json

import pytest

from core import home
from core.errors import RunError
from core.people import sharing
from core.people.residents import settle
from core.people.types import person
from core.runs import Run
from core.studio import Studio
from tests.making import run_with
from tests.shelf import finished, report
from tests.test_people_door import as_somebody, cheap, listed, served
from ui.people.entry import Entry

__all__ = ["cheap", "listed"]
HTML = {"accept": "text/html"}
PAGE = ("", "/live", "/report", "/report.html", "/judgements")
KEPT_BACK = (
    *("/log", "/files/config.yaml", "/files/events.jsonl", "/model.zip", "/script.zip", "/predictions/a.csv"),
    *("/labels", "/labels/rows", "/publication", "/errands/judge", "/judgements/test/rows.parquet", "/../../runs"),
)


@pytest.fixture
def hers() -> Run:
    """A finished run of Anna's."""
    with home.living_in(settle(person("Anna"))):
        run = run_with(*finished())
    (run.path / "report.json").write_text(json.dumps(report()), encoding="utf-8")
    return run


def shared(run: Run) -> str:
    with home.living_in(home.whose(run.path)):
        return Studio().share(run.id)


def test_a_link_opens_one_run_to_be_read(hers: Run, listed: object) -> None:
    token, api = shared(hers), f"/reads/runs/{hers.id}"
    with home.living_in(home.whose(hers.path)):
        other = run_with(*finished())
    with served(Entry("team", listed)) as (stranger, _):  # type: ignore[arg-type]
        assert stranger.get(api).status_code == 401, "the id alone opens nothing"
        page = stranger.get(f"/run?id={hers.id}&share={token}", headers=HTML)
        assert page.status_code == 200 and "read only" in page.text and hers.id not in page.text
        assert token not in page.text and "HttpOnly" in page.headers["set-cookie"]
        for path in PAGE:
            answer = stranger.get(api + path)
            assert answer.status_code == 200 and str(home.root()) not in answer.text, path
            assert answer.headers["cache-control"] == "no-store"
        assert stranger.get(api).json()["name"] == "a test"
        closed = [api + path for path in KEPT_BACK] + [f"/reads/runs/{other.id}", "/reads/runs", "/config", "/me"]
        for path in closed:
            assert stranger.get(path).status_code == 401, path
        for path in (api, "/gradio_api/queue/join", "/gradio_api/upload"):
            assert stranger.post(path).status_code == 401, path
        assert stranger.get(f"/run?id={hers.id}", headers=HTML).status_code == 303
        ben = as_somebody(stranger, "ben")
        assert ben.get(api).status_code == 404
        assert ben.get(f"/run?id={hers.id}&share={token}", headers=HTML).status_code == 200
        assert ben.get(f"{api}/live").status_code == 200 and ben.get(f"{api}/log").status_code == 404
        assert ben.get("/reads/runs").json()["runs"] == []
        with home.living_in(home.whose(hers.path)):
            Studio().withdraw(hers.id)
        assert ben.get(api).status_code == 404
        gone = ben.get(f"/run?id={hers.id}&share={token}", headers=HTML)
        assert gone.status_code == 404 and "leads nowhere any more" in gone.text


def test_a_link_cannot_be_made_up(hers: Run) -> None:
    token = shared(hers)
    assert sharing.owner_of(hers.id, token) == home.whose(hers.path)
    kept = (hers.path / sharing.FILE).read_text()
    assert token not in kept
    for wrong in ("", "x", json.loads(kept)["hash"], token[:-1]):
        assert sharing.owner_of(hers.id, wrong) is None
    assert sharing.owner_of(f"../{hers.id}", token) is None
    newer = shared(hers)
    assert sharing.owner_of(hers.id, token) is None and sharing.owner_of(hers.id, newer)
    with home.living_in(home.whose(hers.path)):
        Studio().delete(hers.id)
    assert sharing.owner_of(hers.id, newer) is None, "not while it lies in the trash"


def test_who_uses_the_app_alone_shares_nothing() -> None:
    studio, run = Studio(), run_with(*finished())
    with pytest.raises(RunError, match="cannot be shared"):
        studio.share(run.id)
