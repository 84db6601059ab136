"""A model on its way out, in a real browser and in front of a small Hub: as a person publishes it and takes it home."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.runs import Run
from tests import shelf
from tests.browser import NewPage, RunningApp, running_app
from tests.small_hub import SmallHub
from tests.test_ui_new_run_browser import serious, too_wide
from tests.trying import give_model

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LONG = 120_000
"""Milliseconds for what starts a process of its own, on a busy machine."""
NAME = "Reviews <b>of</b> 2026"
REPO = "reviews-b-of-b-2026"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallHub]:
    with SmallHub(tmp_path_factory.mktemp("hub")) as hub:
        yield hub


@pytest.fixture(scope="module")
def app(hub: SmallHub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """The real app, in front of the small Hub, with nobody signed in."""
    home = tmp_path_factory.mktemp("publish_home")
    with running_app(home, **hub.environment(home / "huggingface")) as running:
        yield running


@pytest.fixture
def run(app: RunningApp, tiny_bert: Path) -> Run:
    """A finished run with a tiny real model."""
    run = shelf.put(app.home, NAME, *shelf.finished(), judged=shelf.report("<script>alert(1)</script>"))
    give_model(run, tiny_bert, "good")
    return run


def sign_in(page: Page, hub: SmallHub, name: str, role: str = "write") -> None:
    page.goto("/account")
    page.get_by_role("heading", name="Nobody is signed in").wait_for()
    page.locator("#account-token input").fill(hub.user(name, role=role))
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("heading", name=f"{name} is signed in").wait_for()


def visit(page: Page, run: Run) -> Locator:
    """The part of the run's page that leads out, with publishing unfolded."""
    page.goto(f"/run?id={run.id}")
    page.get_by_role("heading", name="Use it elsewhere").scroll_into_view_if_needed()
    page.get_by_text("Publish it on the Hugging Face Hub").click()
    return page.locator("#ts-elsewhere")


def publish(page: Page) -> None:
    page.get_by_role("button", name="Publish", exact=True).click()


def test_a_model_is_published_privately_and_the_page_knows_it_from_then_on(
    new_page: NewPage, hub: SmallHub, run: Run
) -> None:
    from playwright.sync_api import expect

    expect.set_options(timeout=LONG)
    page = new_page(theme="dark", size="phone")
    way_out = visit(page, run)
    expect(way_out).to_contain_text("Nobody is signed in.")
    expect(way_out.get_by_role("button", name="Publish", exact=True)).to_be_hidden()
    assert serious(page) == []

    sign_in(page, hub, "ada")
    visit(page, run)
    expect(way_out).to_contain_text("Signed in as ada")
    expect(page.get_by_label("Name", exact=True)).to_have_value(REPO)
    expect(page.get_by_label("Private")).to_be_checked()
    page.get_by_text("The model card, as it will stand there").click()
    expect(page.locator("#pub-card")).to_contain_text(f"ada/{REPO}")
    page.get_by_text("The files that go up").click()
    expect(page.locator("#pub-files")).to_contain_text("model.safetensors")
    assert serious(page) == []
    assert not too_wide(page)

    publish(page)
    expect(way_out.get_by_role("link", name=f"Open ada/{REPO} on the Hub")).to_have_attribute(
        "href", f"{hub.url}/ada/{REPO}"
    )
    repo = hub.repo(f"ada/{REPO}", "models")
    assert repo.private and "model.safetensors" in repo.branches["main"].files
    expect(page.locator("#pub-standing")).to_contain_text("the model, private")
    page.get_by_text("Use it from a program").click()
    expect(page.locator("#pub-code")).to_contain_text(f'"ada/{REPO}"')
    assert serious(page) == []
    assert not too_wide(page)

    page.reload()
    expect(way_out).to_contain_text(f"ada/{REPO} is on the Hub, private.")
    expect(page.locator("#pub-standing").get_by_role("link", name=f"ada/{REPO}")).to_be_visible()
    page.get_by_text("Publish it on the Hugging Face Hub").click()
    publish(page)
    expect(page.get_by_text("is on the Hub already")).to_be_visible()
    page.get_by_role("button", name="Not yet").click()
    expect(page.get_by_text("is on the Hub already")).to_be_hidden()

    page.get_by_text("A demo for everyone").click()
    page.get_by_role("button", name="Publish a demo").click()
    expect(way_out).to_contain_text(f"The demo ada/{REPO}-demo is on the Hub, private.")
    expect(page.locator("#pub-standing").get_by_role("listitem")).to_have_count(2)
    assert "app.py" in hub.repo(f"ada/{REPO}-demo", "spaces").branches["main"].files


def test_a_hub_that_fails_is_said_and_tried_again(page: Page, hub: SmallHub, run: Run) -> None:
    from playwright.sync_api import expect

    expect.set_options(timeout=LONG)
    sign_in(page, hub, "bert")
    way_out = visit(page, run)
    page.get_by_label("Name", exact=True).fill("under-repair")
    page.get_by_label("Private").uncheck()
    hub.fail("/api/models/bert/under-repair/commit", 403)
    publish(page)
    expect(page.get_by_text("It will be public")).to_be_visible()
    page.get_by_role("button", name="Yes, publish it").click()
    expect(way_out.get_by_role("button", name="Try again")).to_be_visible()
    expect(way_out).to_contain_text("may not be written to with this token")
    expect(page.get_by_label("Name", exact=True)).to_have_value("under-repair")
    assert serious(page) == []

    page.reload()
    page.get_by_text("Publish it on the Hugging Face Hub").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("under-repair")
    expect(page.get_by_label("Private")).not_to_be_checked()
    hub.heal()
    way_out.get_by_role("button", name="Try again").click()
    expect(way_out).to_contain_text("bert/under-repair is on the Hub, open to everyone.")


def test_what_goes_on_is_seen_after_a_reload_and_can_be_cancelled(page: Page, hub: SmallHub, run: Run) -> None:
    from playwright.sync_api import expect

    expect.set_options(timeout=LONG)
    sign_in(page, hub, "carl")
    way_out = visit(page, run)
    hub.slow("/api/models/carl/.*preupload", wait=120)  # before the commit, however long the page takes
    publish(page)
    expect(way_out.get_by_role("progressbar")).to_be_visible()
    page.reload()
    expect(way_out.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_text(f"Publishing carl/{REPO}", exact=True)).to_be_visible()
    way_out.get_by_role("button", name="Cancel").click()
    expect(way_out).to_contain_text("Cancelled before any file on the Hub was changed.")
    hub.heal()


def test_who_may_only_read_is_told_so(page: Page, hub: SmallHub, run: Run) -> None:
    from playwright.sync_api import expect

    sign_in(page, hub, "dora", role="read")
    way_out = visit(page, run)

    expect(way_out).to_contain_text("This token may only read.")
    expect(way_out.get_by_role("button", name="Publish", exact=True)).to_be_hidden()
    assert serious(page) == []


def test_the_zip_is_a_model_and_works_without_a_hub(page: Page, app: RunningApp, hub: SmallHub, run: Run) -> None:
    from playwright.sync_api import expect

    hub.stop()
    try:
        way_out = visit(page, run)
        expect(way_out).to_contain_text("Nobody is signed in.")  # nobody has to be asked about that
        page.get_by_text("Take it home").click()
        with page.expect_download() as going:
            way_out.get_by_role("link", name=re.compile("Download the model")).click()
        with zipfile.ZipFile(going.value.path()) as archive:
            assert archive.testzip() is None
            assert {f"{run.id}/{name}" for name in ("model.safetensors", "README.md")} <= set(archive.namelist())
    finally:
        hub.start()
