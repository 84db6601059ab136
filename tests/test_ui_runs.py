"""The list of runs, as a person uses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests import shelf
from tests.browser import NewPage, RunningApp
from tests.test_ui_run import overflow, serious

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.mark.browser
def test_a_run_is_renamed_deleted_and_brought_back(app: RunningApp, page: Page) -> None:
    from playwright.sync_api import expect

    expect.set_options(timeout=shelf.PATIENCE)

    run = shelf.put(app.home, "first name", *shelf.finished(), judged=shelf.report())
    page.goto("/")
    row = page.get_by_role("listitem").filter(has_text="first name")
    expect(row).to_contain_text("Finished")
    expect(row).to_contain_text("75.0 %")
    expect(row.get_by_role("link", name="first name", exact=True)).to_have_attribute("href", f"./run?id={run.id}")
    expect(row.get_by_role("link", name="Use again: first name")).to_have_attribute("href", f"./new?from={run.id}")

    row.get_by_role("button", name="Rename: first name").click()
    page.get_by_role("textbox", name="Name").fill("second <i>name</i>")
    page.keyboard.press("Enter")
    row = page.get_by_role("listitem").filter(has_text="second <i>name</i>")
    expect(row).to_be_visible()

    row.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(row).to_be_visible()
    row.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("is in the trash.")).to_be_visible()
    assert not run.path.exists()
    page.get_by_role("button", name="Undo").click()
    expect(row).to_be_visible()
    assert run.path.exists()


@pytest.mark.browser
def test_a_phone_in_the_dark_and_the_trash(app: RunningApp, new_page: NewPage) -> None:
    from playwright.sync_api import expect

    expect.set_options(timeout=shelf.PATIENCE)

    run = shelf.put(app.home, "to be thrown away", *shelf.finished(), judged=shelf.report())
    page = new_page(theme="dark", size="phone")
    page.goto(f"/run?id={run.id}")
    page.get_by_text("More", exact=True).click()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.wait_for_url("**/?deleted=*")
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    page.get_by_text("Trash (1)").click()
    expect(page.get_by_role("button", name="Bring back")).to_be_visible()
    assert overflow(page) <= 0
    assert serious(page) == []
    page.get_by_role("button", name="Empty the trash").click()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("Trash (1)")).to_be_hidden()
    assert not (app.home / "trash" / run.id).exists()


@pytest.mark.browser
def test_the_first_steps_are_shown_while_there_is_nothing_and_light_is_remembered(page: Page) -> None:
    from playwright.sync_api import expect

    expect.set_options(timeout=shelf.PATIENCE)

    page.route("**/api/v1/runs", lambda route: route.fulfill(json={"runs": []}))
    page.goto("/")
    expect(page.get_by_role("heading", name="Teach a model with your own table")).to_be_visible()
    expect(page.get_by_role("link", name="Start your first run")).to_have_attribute("href", "./new")
    assert serious(page) == []
    page.get_by_role("button", name="Switch between light and dark").click()
    expect(page.locator("body")).to_have_class("dark")
    page.reload()
    expect(page.get_by_role("heading", name="Teach a model with your own table")).to_be_visible()
    expect(page.locator("body")).to_have_class("dark")


@pytest.mark.browser
def test_a_silent_server_is_told_and_forgiven(page: Page) -> None:
    from playwright.sync_api import expect

    expect.set_options(timeout=shelf.PATIENCE)

    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.context.set_offline(True)
    page.evaluate("window.dispatchEvent(new Event('tunesmith:changed'))")
    expect(page.get_by_text("The app does not answer.")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("The app does not answer.")).to_be_hidden()
