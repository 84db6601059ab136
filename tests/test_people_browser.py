"""A team in a real browser: two people sign in, each sees what is theirs, and one lets others read a run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from core import home
from core.people.listed import People
from core.people.residents import settle
from core.people.types import person
from core.runs import Run
from tests.browser import NewPage, RunningApp, running_app
from tests.making import run_with
from tests.shelf import PATIENCE, finished, home_of, report
from tests.test_ui_new_run_browser import serious, too_wide

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    place = tmp_path_factory.mktemp("team_home")
    for name in ("Anna", "ben", "Cleo"):
        People(place / "people.txt").add(name, PASSWORD, is_admin=name == "Cleo")
    with running_app(place, "--mode", "team", "--people", str(place / "people.txt")) as running:
        yield running


@pytest.fixture
def hers(app: RunningApp) -> Run:
    """A finished run of Anna's."""
    with home_of(app.home), home.living_in(settle(person("Anna"))):
        run = run_with(*finished())
        run.rename("Anna's reviews")
    (run.path / "report.json").write_text(json.dumps(report()), encoding="utf-8")
    return run


def sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.keyboard.press("Enter")


def test_each_is_let_into_their_own_and_a_link_opens_one_run(new_page: NewPage, hers: Run) -> None:
    from playwright.sync_api import expect

    expect.set_options(timeout=PATIENCE)
    anna, ben, stranger = new_page(), new_page("dark", "phone"), new_page("dark", "phone")
    refused: list[str] = []
    stranger.on("response", lambda answer: refused.append(answer.url) if answer.status >= 400 else None)

    anna.goto(f"/run?id={hers.id}")
    assert serious(anna) == [] and not too_wide(anna)
    sign_in(anna, "Anna", "wrong password")
    expect(anna.get_by_role("alert")).to_contain_text("do not belong together")
    expect(anna.get_by_label("Name")).to_have_value("Anna")
    sign_in(anna, "Anna")
    expect(anna.get_by_role("heading", name="Anna's reviews")).to_be_visible()
    expect(anna.locator(".ts-me")).to_contain_text("Anna")

    anna.get_by_text("More", exact=True).click()
    anna.get_by_role("button", name="Share by a link").click()
    anna.get_by_role("button", name="Make the link").click()
    link = anna.get_by_role("textbox", name="The link").input_value()
    assert re.search(rf"/run\?id={hers.id}&share=[\w-]{{43}}$", link)
    anna.get_by_role("button", name="Close").click()

    ben.goto("/")
    assert serious(ben) == [] and not too_wide(ben)
    sign_in(ben, "ben")
    expect(ben.locator(".ts-me")).to_contain_text("ben")
    assert not too_wide(ben)
    ben.goto(f"/run?id={hers.id}")
    expect(ben.get_by_role("heading", name="There is no run")).to_be_visible()

    stranger.goto(link)
    expect(stranger.get_by_role("heading", name="Anna's reviews")).to_be_visible()
    expect(stranger.get_by_text("Shared with you, read only")).to_be_visible()
    expect(stranger.get_by_text("The model was right 75 % of the time.").first).to_be_visible()
    for name in ("More", "Use again", "Technical log"):
        expect(stranger.get_by_text(name, exact=True).filter(visible=True)).to_have_count(0)
    assert serious(stranger) == [] and not too_wide(stranger) and refused == []

    anna.get_by_text("More", exact=True).click()
    anna.get_by_role("button", name="Withdraw the link").click()
    anna.get_by_role("button", name="Withdraw it").click()
    expect(anna.get_by_text("The link leads nowhere any more.")).to_be_visible()
    stranger.reload()
    expect(stranger.get_by_role("heading", name="This link leads nowhere any more.")).to_be_visible()

    anna.get_by_role("button", name="Sign out").click()
    expect(anna.get_by_role("heading", name="Sign in")).to_be_visible()
    anna.goto(f"/run?id={hers.id}")
    expect(anna.get_by_label("Password")).to_be_visible()


def test_an_administrator_looks_after_all(app: RunningApp, new_page: NewPage, hers: Run) -> None:
    from playwright.sync_api import expect

    expect.set_options(timeout=PATIENCE)
    with home_of(app.home), home.living_in(settle(person("Anna"))):
        waits = run_with()
        waits.front_path.touch()
    cleo, anna = new_page(), new_page("dark", "phone")
    for page, name in ((cleo, "Cleo"), (anna, "Anna")):
        page.goto("/")
        sign_in(page, name)
        expect(page.locator(".ts-me")).to_contain_text(name)
        assert page.locator(".ts-bar").bounding_box()["height"] < (70 if name == "Cleo" else 110), "two lines at most"  # type: ignore[index]
    expect(anna.get_by_role("link", name="Administration")).to_be_hidden()
    expect(anna.get_by_text("of 20 GB of disk space")).to_be_visible()

    cleo.get_by_role("link", name="Administration").click()
    expect(cleo.get_by_role("heading", name="Administration")).to_be_visible()
    expect(cleo.get_by_text("Anna").first).to_be_visible()
    assert serious(cleo) == [] and not too_wide(cleo)
    person_row = cleo.locator(".ad-list").first.get_by_role("listitem").filter(has_text="Anna")
    person_row.get_by_role("button", name="Limits").click()
    cleo.get_by_label("Runs at a time").fill("7")
    cleo.get_by_role("button", name="Save").click()
    expect(person_row).to_contain_text("of 7 runs at a time (their own limit)")
    expect(cleo.locator(".ad-log li").first).to_contain_text("limit changed · Anna · Runs at a time: as all → 7")

    cleo.get_by_role("button", name=f"Stop: {waits.name}").first.click()
    expect(cleo.get_by_role("heading", name=f"Stop “{waits.name}” of Anna?")).to_be_visible()
    cleo.get_by_role("button", name="Stop it").click()
    expect(cleo.locator(".ad-log li").filter(has_text="run stopped").first).to_contain_text(waits.id)
    cleo.get_by_label("What", exact=True).select_option("limit changed")
    expect(cleo.locator(".ad-log li").filter(has_text="run stopped")).to_have_count(0)

    cleo.set_viewport_size({"width": 390, "height": 844})
    assert serious(cleo) == [] and not too_wide(cleo)
    anna.goto(f"/run?id={waits.id}")
    expect(anna.get_by_text("An administrator of this app has stopped it.").first).to_be_visible()

    anna.goto("/programs")
    anna.get_by_label("What it is for").fill("night script")
    anna.get_by_role("button", name="Make a token").click()
    expect(anna.get_by_role("textbox", name="The token")).to_have_value(re.compile(r"tsm_[0-9a-f]{12}_[\w-]{43}"))
    assert serious(anna) == [] and not too_wide(anna)
    anna.get_by_role("button", name="End the token: night script").click()
    anna.get_by_role("button", name="End it", exact=True).last.click()
    expect(anna.get_by_text("You have no token yet.")).to_be_visible()
