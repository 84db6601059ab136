"""What a run's page says and proposes on the way out: names, rights, questions, links, and what is never HTML."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from fastapi.testclient import TestClient
from huggingface_hub.utils import validate_repo_id

from core.hub.types import Account
from core.publishing import record
from core.publishing.standing import Standing, safe_page
from core.publishing.types import Publication, Published, Publishing, Stage
from core.runs import Run
from core.studio import Studio
from tests.trying import run_with_model
from ui import api
from ui.publish import code, demo, form, progress, take_home, words

EVIL = "<img src=x onerror=alert(1)>"
ADA = Account("ada", f"Ada {EVIL}", "token", ("analytics",), True, f"may {EVIL}", 1_793_491_200.0)
READER = Account("ada", "ada", "token", rights="may read only")


@pytest.fixture
def run(tiny_bert: Path) -> Run:
    return run_with_model(tiny_bert, name="Größe & Maß")


def published(repo: str = "ada/reviews", **more: Any) -> Published:
    facts = {"kind": "model", "commit": "abc", "private": True, "as_pull_request": False, "when": 1_767_225_600.0}
    return Published(repo=repo, **{"url": f"https://huggingface.co/{repo}", **facts, **more})


@pytest.mark.parametrize(
    ("name", "proposed"),
    [
        ("Größe & Maß", "grosse-mass"),
        ("a  test -- v1..2", "a-test-v1.2"),
        ("../../etc/passwd", "etc-passwd"),
        ("x.git", "x"),
        ("отзывы", words.DEFAULT_NAME),
        ("", words.DEFAULT_NAME),
        ("long " * 60, ""),
    ],
)
def test_a_name_is_proposed_that_the_hub_takes(name: str, proposed: str) -> None:
    made = words.proposed_name(name)

    assert made == proposed or not proposed
    assert words.problem("ada", made) == ""
    validate_repo_id(f"ada/{made}")


@pytest.mark.parametrize(
    ("owner", "name", "said"),
    [
        ("", "x", "under whose name"),
        ("ada/b", "x", "without a slash"),
        ("ada", "", "a name"),
        ("ada", "my model", "no spaces"),
        ("ada", "größe", "without accents"),
        ("ada", "a--b", "no '--'"),
        ("ada", "x.git", "ending"),
        ("ada", "x" * 97, "up to 96"),
    ],
)
def test_what_is_no_name_is_said(owner: str, name: str, said: str) -> None:
    assert said in words.problem(owner, name)


def test_who_is_signed_in_is_said_and_nothing_of_theirs_is_html() -> None:
    assert 'href="./account"' in words.who(None)
    assert "signed in as <b>ada</b>" in words.who(ADA).lower() and EVIL not in words.who(ADA)
    assert "until 1 November 2026" in words.who(ADA)
    assert "may only read" in words.who(READER) and "may only read" not in words.who(ADA)


def test_where_somebody_may_publish() -> None:
    fine = Account("ada", "ada", "token", (), True, only_repos=("org/mine",), under_own_name=False)

    assert words.not_theirs(ADA, Publishing("Analytics/x")) == ""
    assert "ada or analytics" in words.not_theirs(ADA, Publishing("bob/x"))
    assert words.not_theirs(ADA, Publishing("bob/x", as_pull_request=True)) == ""
    assert words.not_theirs(fine, Publishing("org/mine")) == ""
    assert "org/mine" in words.not_theirs(fine, Publishing("ada/x"))


def test_only_what_is_shown_to_everyone_or_replaced_has_to_be_confirmed() -> None:
    hidden, seen = Standing(True, "a"), Standing(False, "a")

    assert words.to_confirm(Publishing("a/b"), None) == ""
    assert words.to_confirm(Publishing("a/b", as_pull_request=True), hidden) == ""
    assert "everyone on the internet" in words.to_confirm(Publishing("a/b", private=False), None)
    assert "replaced" in words.to_confirm(Publishing("a/b", private=False), hidden)
    assert "everyone" not in words.to_confirm(Publishing("a/b", private=False), hidden)
    assert "everyone" in words.to_confirm(Publishing("a/b", as_pull_request=True), seen)


def test_only_pages_of_the_hub_are_linked() -> None:
    hub = "https://huggingface.co"
    assert safe_page(f"{hub}/ada/x", "ada/x", "model") == f"{hub}/ada/x"
    assert safe_page(f"{hub}/ada/x/discussions/3", "ada/x", "model")
    assert safe_page(f"{hub}/spaces/ada/x", "ada/x", "space")
    for url in ("javascript:alert(1)", f"{hub}/ada/xy", f"{hub}.evil/ada/x", "https://evil.example/ada/x"):
        assert safe_page(url, "ada/x", "model") == ""
    drawn = words.standing([published(f"ada/{EVIL}"), published()], {published().url: published().url})
    assert EVIL not in drawn and drawn.count("<a ") == 1 and 'rel="noopener noreferrer"' in drawn


@pytest.mark.parametrize(
    ("stage", "result", "heading"),
    [
        ("uploading", None, "Publishing ada/x"),
        ("done", published("ada/x"), "ada/x is on the Hub, private."),
        ("done", published("ada/x", private=False), "ada/x is on the Hub, open to everyone."),
        ("done", published("ada/x", as_pull_request=True), "ada/x was proposed: it is there once its owner takes it."),
        ("failed", None, "The Hub has a problem."),
        ("cancelled", None, "Publishing ada/x was stopped."),
    ],
)
def test_an_attempt_is_told_in_words(stage: Stage, result: Published | None, heading: str) -> None:
    title = "The Hub has a problem." if stage == "failed" else ""
    told = progress.told(Publication("r", Publishing("ada/x"), stage, title=title, result=result), safe_page)

    assert told is not None and told["heading"] == heading
    assert bool(told["page"]) == (result is not None)


def test_the_form_offers_what_is_there_and_is_read_as_it_stands(run: Run) -> None:
    with gr.Blocks():
        view = form.layout()
    shown = form.shown(view, Studio(), run.id)

    assert shown[view.name] == "grosse-mass" and shown[view.private] is True
    assert shown[view.version]["choices"] == [(words.BEST, "best")]
    offered = [value for _, value in shown[view.include]["choices"]]
    assert "checkpoints" not in offered and "logs" not in offered
    answers: dict[Any, Any] = {field: None for field in view.inputs} | {view.owner: " ada ", view.name: "x"}
    assert form.read(view, answers | {view.include: ["onnx", "logs"]}) == Publishing(
        "ada/x", private=False, include=("logs", "onnx")
    )


def test_the_files_and_the_card_are_shown_before_they_go_up(run: Run) -> None:
    table = form.files_table(Studio(), run.id, Publishing("ada/x"))

    assert "model.safetensors" in table and re.search(r"\d+ files, [\d.]+ kB in all", table)
    card = form.as_it_is(Studio().card(run.id, "ada/x") + EVIL, "The model card")
    assert "ada/x" in card and EVIL not in card


def test_example_code_and_the_demo_follow_the_model_to_the_hub(run: Run) -> None:
    with gr.Blocks():
        view = code.layout()
    studio = Studio()
    local = code.shown(view, studio, run.id, local=True)
    assert str(run.model_path) in local[view.code]["value"] and demo.wanted(studio.published(run.id)) is None

    record.add(run, published("ada/reviews", private=False))
    record.add(run, published("bob/theirs", as_pull_request=True))
    there = code.shown(view, studio, run.id, local=True)
    assert "ada/reviews" in there[view.code]["value"] and str(run.model_path) not in there[view.code]["value"]
    ways = [value for _, value in there[view.ways]["choices"]]
    other = code.shown(view, studio, run.id, local=True, chosen=ways[-1])
    assert other[view.ways]["value"] == ways[-1] and other[view.code]["value"] != there[view.code]["value"]
    assert demo.wanted(studio.published(run.id)) == Publishing("ada/reviews-demo", private=False, demo_of="ada/reviews")


def test_a_model_goes_home_as_a_zip_and_missing_runs_are_said(run: Run) -> None:
    with TestClient(api.build(Studio()), raise_server_exceptions=False) as client:
        answer = client.get(f"/runs/{run.id}/model.zip")
        assert answer.headers["content-disposition"] == f'attachment; filename="{run.id}.zip"'
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            assert archive.testzip() is None and f"{run.id}/model.safetensors" in archive.namelist()
        assert client.get(f"/runs/{run.id}/publication").json() == {"publication": None}
        for path in ("publication", "model.zip"):
            refused = client.get(f"/runs/2020-01-01-brave-otter/{path}")
            assert refused.status_code == 404 and refused.json()["title"].startswith("There is no run")
    assert f"./reads/runs/{run.id}/model.zip" in take_home.download(Studio(), run.id)


def test_a_script_is_offered_where_the_run_has_one(run: Run) -> None:
    assert take_home.script(Studio(), run.id) == ""
    with TestClient(api.build(Studio()), raise_server_exceptions=False) as client:
        refused = client.get(f"/runs/{run.id}/script.zip")
        assert refused.status_code >= 400 and refused.json()["title"] == "This run has no script of its own."
    (run.path / "train.py").write_text("print('training')\n", encoding="utf-8")
    assert f"./reads/runs/{run.id}/script.zip" in take_home.script(Studio(), run.id)
