"""From the search on a Hub to a table that can be learned from, and files read otherwise, as a person does it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser import NewPage, RunningApp, running_app
from tests.small_hub import SmallHub
from tests.small_hub.demo import fill
from tests.test_ui_new_run_browser import serious, too_wide

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
LONG = 120_000
"""Milliseconds for what starts a process of its own, on a busy machine."""


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallHub]:
    with SmallHub(tmp_path_factory.mktemp("hub")) as hub:
        fill(hub, long_rows=2_000)
        yield hub


@pytest.fixture(scope="module")
def app(hub: SmallHub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """The real app, in front of the small Hub."""
    home = tmp_path_factory.mktemp("hub_home")
    with running_app(home, **hub.environment(home / "huggingface")) as running:
        yield running


def search(page: Page, words: str) -> None:
    page.get_by_role("radio", name=re.compile("The Hub")).check()
    page.get_by_label("Search the Hugging Face Hub").fill(words)


def choose(page: Page, words: str, name: str) -> None:
    search(page, words)
    page.get_by_role("radio", name=re.compile(name)).check()


@pytest.mark.parametrize(("theme", "size"), [("light", "desktop"), ("dark", "phone")])
def test_a_subset_of_glue_takes_two_clicks_after_the_search(new_page: NewPage, theme: str, size: str) -> None:
    page = new_page(theme=theme, size=size)
    page.goto("/new")
    choose(page, "glue", "mll.glue")
    page.get_by_role("radio", name="mrpc", exact=True).check()
    page.locator("#hub-rows table").wait_for(timeout=LONG)
    assert serious(page) == []
    assert not too_wide(page)

    page.get_by_role("button", name=re.compile("Use this dataset")).click()

    page.locator("#data-found").get_by_text("nyu-mll/glue (mrpc, train)").wait_for(timeout=LONG)
    page.get_by_text("it has no answers in").wait_for()
    page.wait_for_url("**subset=mrpc*train=train*validation=validation*")
    assert "test=" not in page.url
    assert serious(page) == []
    page.reload()
    page.locator("#data-found").get_by_text("nyu-mll/glue (mrpc, train)").wait_for(timeout=LONG)
    page.locator("#next-1").click()
    page.locator("#next-2").wait_for()


def test_a_gated_dataset_says_how_to_get_at_it(page: Page) -> None:
    page.goto("/new")
    choose(page, "consented", "consented")

    page.get_by_text("Accept its terms").first.wait_for()
    assert not page.get_by_role("button", name=re.compile("Use this dataset")).is_visible()
    search(page, "no such thing")
    page.get_by_text("No dataset of the Hub fits.").wait_for()
    assert page.get_by_text("Accept its terms").count() == 0


def test_a_stream_says_what_it_costs_and_is_kept_in_the_address(page: Page) -> None:
    page.goto("/new")
    choose(page, "long", "bench.long")
    page.locator("#hub-rows table").wait_for(timeout=LONG)
    page.get_by_label("Stream it instead").check()
    page.get_by_text("counted in steps, not in epochs").wait_for()
    page.get_by_label(re.compile("^Steps")).fill("0")
    page.get_by_role("button", name="Use this dataset").click()
    page.get_by_text("Give a whole number from 1").wait_for()
    page.get_by_label(re.compile("^Steps")).fill("300")
    page.get_by_role("button", name="Use this dataset").click()

    page.locator("#data-found").get_by_role("heading", name=re.compile("bench.long")).wait_for(timeout=LONG)
    page.wait_for_url("**streaming.max_steps=300*")


def test_without_a_hub_one_sentence_says_so_and_samples_still_work(page: Page, hub: SmallHub) -> None:
    page.goto("/new?sample=reviews")
    page.get_by_role("heading", name="Short reviews").wait_for()
    hub.stop()
    begun = time.monotonic()

    search(page, "anything")

    page.get_by_text("The Hugging Face Hub cannot be reached.").wait_for()
    assert time.monotonic() - begun < 5
    page.locator("#next-1").click()
    page.locator("#next-2").wait_for()


def test_a_file_is_read_anew_as_the_form_says_and_as_found_again(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "plain.csv"
    path.write_text("text;label\n" + "\n".join(f"fine {n};good\nbad {n};poor" for n in range(30)))
    page.goto("/new")
    page.locator("#data-files input[type=file]").set_input_files(str(path))
    page.get_by_role("heading", name="plain.csv").wait_for()
    page.get_by_text("Not right? Change how the file is read").click()
    page.get_by_role("combobox", name="First row").click()
    page.get_by_role("option", name="no", exact=True).click()

    page.locator("#data-found").get_by_role("cell", name="text", exact=True).wait_for()
    page.wait_for_url("**reading.header=false*")
    assert serious(page) == []
    page.reload()
    page.locator("#data-found").get_by_role("cell", name="text", exact=True).wait_for()
    page.get_by_text("Not right? Change how the file is read").click()
    page.get_by_role("button", name="All as found").click()
    page.locator("#data-found").get_by_role("columnheader", name="text", exact=True).wait_for()


def test_pasted_cells_are_a_table(page: Page) -> None:
    page.goto("/new")
    page.get_by_role("radio", name=re.compile("Paste")).check()
    page.get_by_role("button", name="Use these rows").click()
    page.get_by_text("Nothing was pasted.").wait_for()
    page.get_by_label("Your rows").fill("text\tlabel\n" + "\n".join(f"fine {n}\tgood" for n in range(20)))
    page.get_by_role("button", name="Use these rows").click()

    page.locator("#data-found").get_by_role("cell", name="fine 0").wait_for()
