"""From a search for a model on a Hub to the settings of a run, as a person does it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser import NewPage, RunningApp, running_app
from tests.small_hub import SmallHub, demo_models
from tests.test_ui_new_run_browser import go_on, serious, too_wide

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
LONG = 120_000
"""Milliseconds for the first question, on a busy machine."""
BELIEVED = 6_000
"""Milliseconds after which a Hub that was dead is asked anew."""


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory, tiny_bert: Path) -> Iterator[SmallHub]:
    with SmallHub(tmp_path_factory.mktemp("hub")) as hub:
        demo_models.fill_models(hub, tiny_bert)
        yield hub


@pytest.fixture(scope="module")
def app(hub: SmallHub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """The real app, in front of the small Hub."""
    home = tmp_path_factory.mktemp("hub_home")
    with running_app(home, **hub.environment(home / "huggingface")) as running:
        yield running


def open_step(page: Page, more: str = "") -> None:
    page.goto(f"/new?sample=reviews{more}")
    page.get_by_role("heading", name="Short reviews").wait_for()
    for step in range(1, 4):
        go_on(page, step)


def search(page: Page, words: str) -> None:
    page.get_by_role("radio", name=re.compile("Search the Hub")).check()
    page.get_by_label("Search the Hugging Face Hub").locator("visible=true").fill(words)


def name(page: Page, words: str) -> None:
    page.get_by_role("radio", name=re.compile("Another model")).check()
    page.get_by_label("Which model?").fill(words)
    page.get_by_label("Which model?").press("Enter")


def test_a_found_model_is_looked_at_and_taken(page: Page) -> None:
    open_step(page)
    search(page, "hanzi")
    page.get_by_role("radio", name=re.compile("hanzi.reader")).check()

    about = page.locator("#model-about")
    about.get_by_text("It has read Chinese").wait_for(timeout=LONG)
    about.get_by_text("Full fine-tuning").wait_for()
    assert "64 tokens" in about.inner_text() and "Unknown words" in about.inner_text()
    page.get_by_text("Narrow the search").locator("visible=true").click()
    assert serious(page) == []
    page.wait_for_url("**&model=hanzi/reader")
    go_on(page, 4)
    go_on(page, 5)
    page.get_by_text("The same run from the command line").click()
    page.locator("#start-yaml").get_by_text("checkpoint: hanzi/reader").wait_for()


def test_a_model_in_the_address_is_taken_on_a_phone_too(new_page: NewPage) -> None:
    page = new_page(theme="dark", size="phone")
    open_step(page, "&model=hanzi/reader")

    page.locator("#model-about").get_by_text("It has read Chinese").wait_for(timeout=LONG)
    assert page.get_by_role("radio", name=re.compile("hanzi.reader")).is_checked()
    assert serious(page) == [] and not too_wide(page)


def test_closed_and_unsafe_models_say_what_to_do(page: Page) -> None:
    open_step(page)
    search(page, "consented")
    page.get_by_role("radio", name=re.compile("acme.consented-reader")).check()
    page.get_by_text("Accept its terms on").wait_for(timeout=LONG)
    assert page.get_by_role("link", name=re.compile("Sign in")).get_attribute("href") == "./account"
    page.locator("#next-4").click()
    page.get_by_text("you have not been let in. Choose another model.").wait_for()

    name(page, demo_models.BIN_ONLY)
    page.get_by_text("start it with --allow bin").wait_for(timeout=LONG)
    assert page.get_by_role("checkbox", name=re.compile("allow", re.IGNORECASE)).count() == 0
    assert serious(page) == []
    page.locator("#next-4").click()
    page.locator("#walk-4").get_by_text("(.bin). Choose another model.").wait_for()
    name(page, demo_models.OWN_CODE)
    page.get_by_text("start it with --allow remote-code").wait_for(timeout=LONG)
    name(page, "no/such")
    page.get_by_text("There is no no/such").wait_for()
    page.get_by_role("radio", name=re.compile("MiniLM")).check()
    page.get_by_text("Small and quick, for English").wait_for()
    go_on(page, 4)


def test_without_a_hub_one_sentence_says_so_at_once(page: Page, hub: SmallHub) -> None:
    open_step(page)
    hub.stop()
    begun = time.monotonic()

    search(page, "anything")

    page.get_by_text("The Hugging Face Hub cannot be reached.").locator("visible=true").wait_for()
    assert time.monotonic() - begun < 5
    assert serious(page) == []
    name(page, "who/knows")
    page.get_by_text("You can go on with it all the same").wait_for()
    page.get_by_role("button", name="Ask the Hub again").wait_for()
    hub.start()
    page.wait_for_timeout(max(0.0, BELIEVED - 1000 * (time.monotonic() - begun)))
    page.get_by_role("button", name="Ask the Hub again").click()
    page.get_by_text("There is no who/knows").wait_for()
    hub.stop()
    page.get_by_role("radio", name=re.compile("MiniLM")).check()
    page.get_by_text("Small and quick, for English").wait_for()
    go_on(page, 4)
