"""Rented machines on the pages, in the interface for programs and on the command line: nothing is sent unasked."""

from __future__ import annotations

import io
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import pytest

from core import cli, home, runs
from core.config import validate
from core.errors import RunError
from core.hub.identity import Identity, asking_as
from core.jobs import agreement, record
from core.people.residents import settle
from core.people.types import person
from core.runs import Run
from core.studio import Studio
from tests.making import run_with, started
from tests.renting import hub, light
from tests.small_hub import SmallHub
from tests.test_people_door import cheap, listed
from tests.test_people_door import served as for_a_team
from tests.test_rest import app as program
from tests.test_rest import served
from ui.new_run import renting, start
from ui.new_run.draft import Draft
from ui.people.entry import Entry

__all__ = ["cheap", "hub", "listed", "program", "served"]
JOB = record.Job("anna/r", "m", "anna", "t4-small", "T4", 0.4, 3600.0, 0.4, id="7", stage="RUNNING", began=1.0)


@pytest.fixture
def token(hub: SmallHub) -> Iterator[str]:
    """Everything in the test is asked as Anna."""
    token = hub.user("anna", orgs=("acme",))
    with asking_as(Identity("token", token)):
        yield token


def open_run() -> Run:
    """A run whose machine may be running."""
    run = run_with(started())
    record.write(run, record.Job(**{**JOB.__dict__, "asked": time.time(), "seconds": 60.0}))
    run.rented_path.touch()
    return run


def walked(folder: Path) -> tuple[Draft, renting.RentingView, dict[Any, Any]]:
    """A draft on the last step, and what stands there."""
    plain = light(folder, "finish").model_dump(mode="json")
    draft = Draft.of(validate({**plain, "job": {}}))
    with gr.Blocks():
        view = renting.layout()
    return draft, view, {one: one.value for one in view.asked} | {view.seconds: 90.0}


class TestTheLastStep:
    @pytest.mark.usefixtures("token")
    def test_tells_the_sum_and_what_is_sent_before_anybody_can_agree(self, home: Path, tmp_path: Path) -> None:
        draft, view, answers = walked(tmp_path)
        draft, updates = renting.chosen(Studio(), view, draft, {**answers, view.where: renting.THERE})
        assert draft.values["job.hardware"] == "t4-small", "the cheapest with a GPU"
        assert "at most 0.40 $" in updates[view.offer] and "the file reviews.csv, as it is" in updates[view.offer]
        assert updates[view.agree].value is False and updates[view.agree].label == "I agree to pay up to 0.40 $"
        assert [name for name, _ in updates[view.payer].choices] == ["anna", "acme"]
        answers |= {view.where: renting.THERE, view.machine: "t4-small", view.hours: 3, view.payer: "acme"}
        draft, updates = renting.chosen(Studio(), view, draft, answers)
        assert updates[view.agree].value is False, "another sum has to be agreed to anew"
        assert updates[view.most] == pytest.approx(1.2, abs=0.001)
        assert validate(draft.plain(draft.values)).job.namespace == "acme"

    @pytest.mark.usefixtures("token")
    def test_starts_nothing_without_the_tick_and_agrees_to_no_more_than_was_shown(
        self, home: Path, tmp_path: Path
    ) -> None:
        draft, view, answers = walked(tmp_path)
        draft, updates = renting.chosen(Studio(), view, draft, {**answers, view.where: renting.THERE})
        most = updates[view.most]
        with pytest.raises(RunError, match="Tick that you agree"):
            start.begin(Studio(), draft, renting.agreed(draft, False, most))
        with pytest.raises(RunError, match="was agreed to"):
            start.begin(Studio(), draft, renting.agreed(draft, True, most / 2))
        assert runs.all_runs() == []
        begun = start.begin(Studio(), draft, renting.agreed(draft, True, most))
        assert agreement.given(runs.find(begun.run_id)) == most

    def test_says_who_has_to_sign_in_and_when_the_hub_is_away(self, hub: SmallHub, home: Path, tmp_path: Path) -> None:
        draft, view, answers = walked(tmp_path)
        with asking_as(Identity("nobody")):
            _, updates = renting.chosen(Studio(), view, draft, {**answers, view.where: renting.THERE})
        assert "Nobody is signed in on the Hub" in updates[view.offer] and updates[view.most] is None
        draft, updates = renting.chosen(Studio(), view, draft, {**answers, view.where: renting.HERE})
        assert draft.values["job.hardware"] == "" and updates[view.offer] == ""


def test_a_program_agrees_to_the_sum_and_sees_how_the_machine_stands(
    hub: SmallHub, program: httpx.Client, home: Path
) -> None:
    config = {"data": {"source": "sample/reviews"}, "job": {"hardware": "t4-small"}}
    refused = program.post("/runs", json={"config": config})
    assert refused.status_code == 409 and "costs up to 0.40 $" in refused.json()["title"]
    too_little = program.post("/runs", json={"config": config, "agreed_cost": 0.1})
    assert too_little.status_code == 409 and "was agreed to" in too_little.json()["title"]
    assert program.post("/runs", json={"config": config, "agreed_cost": "all"}).status_code == 422
    begun = program.post("/runs", json={"config": config, "agreed_cost": 0.5})
    assert begun.status_code == 201 and begun.json()["run"]["state"] == "queued"
    assert program.get(f"/runs/{begun.json()['run']['id']}").json()["rented"] is None
    told = program.get(f"/runs/{open_run().id}").json()
    assert told["state"] == "running" and told["rented"]["open"] and not told["rented"]["followed"]
    assert told["rented"]["cost"] > 0.006 and told["rented"]["most"] == pytest.approx(0.4)


def test_whoever_reads_a_run_by_a_link_does_not_see_what_it_costs(listed: object) -> None:
    with home.living_in(settle(person("Anna"))):
        run = open_run()
        secret = Studio().share(run.id)
        own = Studio().live(run.id)
    assert own["job"]["namespace"] == "anna"
    with for_a_team(Entry("team", listed)) as (stranger, _):  # type: ignore[arg-type]
        stranger.get(f"/run?id={run.id}&share={secret}", headers={"accept": "text/html"})
        told = stranger.get(f"/reads/runs/{run.id}/live")
    assert told.status_code == 200 and told.json()["state"] == "running" and "job" not in told.json()


class TestTheCommandLine:
    @pytest.mark.usefixtures("token")
    def test_lists_machines_with_prices(self, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["hardware"]) == 0
        said = capsys.readouterr().out
        assert re.search(r"t4-small +Nvidia T4 - small: 1 × T4 \(16 GB\), 4 vCPU, 15 GB; 0\.40 \$ an hour", said)
        assert said.index("cpu-basic") < said.index("t4-small") < said.index("a10g-largex4")

    @pytest.mark.usefixtures("token")
    @pytest.mark.parametrize("typed", ["", "no\n", "y\n"])
    def test_sends_nothing_that_was_not_agreed_to(
        self,
        home: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        typed: str,
    ) -> None:
        file = tmp_path / "run.yaml"
        file.write_text(light(tmp_path, "finish").to_yaml(), encoding="utf-8")
        asked = io.StringIO(typed)
        monkeypatch.setattr(asked, "isatty", lambda: bool(typed))
        monkeypatch.setattr("sys.stdin", asked)
        assert cli.main(["train", str(file)]) == 1
        said = capsys.readouterr()
        assert "at most 0.40 $" in said.out and "the file reviews.csv" in said.out
        assert ("Add --yes" if not typed else "Nothing was sent") in said.err
        assert runs.all_runs() == []

    def test_tells_that_a_machine_may_still_cost(self, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        run = open_run()
        assert cli.main(["job", run.id]) == 0
        said = capsys.readouterr().out
        assert "The machine may still be running and costing" in said and "at most 0.40 $" in said
        assert cli.main(["job", run.id, "--let-go"]) == 0
        assert not record.is_open(run) and "It is gone" in capsys.readouterr().out
        assert cli.main(["job", run.id, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["open"] is False
