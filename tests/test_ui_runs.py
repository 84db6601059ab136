"""The list of runs, as a person uses it."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from tests import shelf
from tests.browser import NewPage, RunningApp
from tests.test_ui_run import overflow, serious

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

LIST = re.compile(r"/reads/runs\?")
"""What the list asks for."""


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
def test_a_run_that_cannot_be_read_is_a_row_that_can_be_deleted(app: RunningApp, page: Page) -> None:
    from playwright.sync_api import expect

    expect.set_options(timeout=shelf.PATIENCE)

    good = shelf.put(app.home, "a good one", *shelf.finished(), judged=shelf.report())
    run = shelf.put(app.home, "from tomorrow", *shelf.finished())
    (run.path / "config.yaml").write_text("task: mind-reading\ndata: {source: a.csv}\n", encoding="utf-8")
    page.goto("/")
    row = page.get_by_role("listitem").filter(has_text=run.id)
    expect(row).to_contain_text("Unreadable")
    expect(row).to_contain_text("changed by hand")
    expect(row.get_by_role("button")).to_have_count(1)
    expect(row.get_by_role("link")).to_have_count(0)
    expect(page.get_by_role("link", name="a good one", exact=True)).to_have_attribute("href", f"./run?id={good.id}")
    assert serious(page) == []
    page.goto(f"/run?id={run.id}")
    expect(page.get_by_role("link", name="All runs")).to_be_visible()
    page.goto("/")
    row.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text(f"“{run.id}” is in the trash.")).to_be_visible()
    assert not run.path.exists()
    page.get_by_role("button", name="Undo").click()
    expect(row).to_be_visible()
    assert run.path.exists()


@pytest.mark.browser
def test_news_of_a_run_takes_nothing_away_under_the_finger(app: RunningApp, page: Page) -> None:
    from playwright.sync_api import expect

    expect.set_options(timeout=shelf.PATIENCE)

    def lines(seconds: float, *newer: str) -> dict[str, list[dict[str, object]]]:
        line = {
            "state": "running", "task": "Text classification", "checkpoint": "starter/minilm", "source": "sample/a",
            "created": 1.0, "seconds": seconds, "metric": None, "metric_label": "", "metric_style": "percent",
        }  # fmt: skip
        return {"runs": [line | {"id": name, "name": name} for name in (*newer, "first", "second")]}

    answers = [lines(5.0), lines(65.0), lines(125.0, "third")]
    page.route(LIST, lambda route: route.fulfill(json=answers[0]))
    page.goto("/")
    button = page.get_by_role("button", name="Rename: second")
    expect(page.get_by_text("5.0 s")).to_have_count(2)
    button.focus()
    for said, rows in (("1 min 5 s", 2), ("2 min 5 s", 3)):
        answers.pop(0)
        page.evaluate("window.dispatchEvent(new Event('tunesmith:changed'))")
        expect(page.get_by_text(said)).to_have_count(rows)
        expect(button).to_be_focused()
    names = page.locator(".ts-run-name a").all_inner_texts()
    assert names == ["third", "first", "second"]


@pytest.mark.browser
def test_what_the_app_says_is_wrong_is_shown_as_it_says_it(page: Page) -> None:
    from playwright.sync_api import expect

    expect.set_options(timeout=shelf.PATIENCE)

    said = {"title": "The disk is full.", "advice": "Free some space."}
    page.route(LIST, lambda route: route.fulfill(status=500, json=said))
    page.goto("/")
    expect(page.get_by_text("The disk is full.")).to_be_visible()
    expect(page.get_by_text("Free some space.")).to_be_visible()
    expect(page.get_by_text("The app does not answer.")).to_have_count(0)


@pytest.mark.browser
def test_a_phone_in_the_dark_and_the_trash(app: RunningApp, new_page: NewPage) -> None:
    from playwright.sync_api import expect

    expect.set_options(timeout=shelf.PATIENCE)
    for other in (app.home / "trash").glob("*"):  # of other tests
        shutil.rmtree(other)

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

    page.route(LIST, lambda route: route.fulfill(json={"runs": []}))
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


@pytest.mark.browser
def test_a_long_list_is_turned_and_searched_and_ticks_outlive_both(page: Page) -> None:
    from playwright.sync_api import expect

    expect.set_options(timeout=shelf.PATIENCE)

    def answer(route: Route) -> None:
        asked = parse_qs(urlsplit(route.request.url).query)
        number, words = int(asked["page"][0]), asked.get("find", [""])[0]
        name = words or f"on page {number}"
        line = {
            "id": name, "name": name, "state": "finished", "task": "t", "checkpoint": "c", "source": "s",
            "created": 1.0, "seconds": 1.0, "metric": None, "metric_label": "", "metric_style": "percent",
        }  # fmt: skip
        told = {"runs": [line], "number": number, "found": 1 if words else 120, "total": 120, "is_going_on": False}
        route.fulfill(json=told)

    page.route(LIST, answer)
    page.goto("/")
    page.get_by_role("checkbox", name="Choose to compare: on page 1").check()
    page.get_by_role("button", name="Older").click()
    expect(page.get_by_text("51 to 100 of 120")).to_be_visible()
    page.get_by_role("checkbox", name="Choose to compare: on page 2").check()
    expect(page.get_by_text("2 runs chosen.")).to_be_visible()
    page.reload()
    expect(page.get_by_role("link", name="on page 2", exact=True)).to_be_visible()
    page.get_by_role("searchbox").fill("plum")
    expect(page.get_by_text("1 of 120 runs fit")).to_be_visible()
    expect(page.get_by_role("button", name="Older")).to_be_hidden()
    assert page.evaluate("location.search") == "?find=plum"
