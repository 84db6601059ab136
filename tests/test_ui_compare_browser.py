"""Runs beside each other, as a person chooses and reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests import shelf
from tests.browser import NewPage, RunningApp
from tests.test_ui_run import overflow, serious
from tests.versus_making import judged, rows

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.mark.browser
def test_runs_are_chosen_compared_and_what_is_shown_is_in_the_address(
    app: RunningApp, page: Page, new_page: NewPage
) -> None:
    from playwright.sync_api import expect

    expect.set_options(timeout=shelf.PATIENCE)

    first = judged(app.home, "cautious", rows(range(1, 201), 0.6, 1, text="<b>bold</b>"))
    other = judged(app.home, "bolder", rows(range(1, 201), 0.9, 2, text="<b>bold</b>"), training__learning_rate=1e-4)
    apart = judged(app.home, "elsewhere", rows(range(300, 400), 0.9, 3), data__split__seed=7)

    page.goto("/")
    page.get_by_role("checkbox", name="Choose to compare: cautious").check()
    expect(page.get_by_text("1 run chosen: choose another one.")).to_be_visible()
    page.get_by_role("checkbox", name="Choose to compare: bolder").check()
    page.get_by_role("button", name="Compare", exact=True).click()

    page.wait_for_url(f"**/compare?runs={first.id},{other.id}")
    expect(page.get_by_role("region", name="Verdict")).to_contain_text("“bolder” is better than “cautious”:")
    expect(page.get_by_role("region", name="Marks on the same rows")).to_contain_text("clearly better")
    expect(page.get_by_role("region", name="Settings that differ")).to_contain_text("0.0001")
    expect(page.locator(".js-plotly-plot .trace")).to_have_count(2)
    page.get_by_role("radio", name="Time").check()
    page.get_by_label("Line").select_option("Macro F1")
    page.get_by_role("radio", name="“cautious” right, “bolder” wrong").check()
    row = page.get_by_role("listitem").filter(has_text="Truth (row").first
    expect(row).to_contain_text("<b>bold</b>")
    assert all(part in page.url for part in ("/compare?", "x=time", "curve=f1_macro", "side=worse"))
    assert serious(page) == [] and overflow(page) <= 0

    phone = new_page(theme="dark", size="phone")
    phone.goto(page.url)
    expect(phone.get_by_role("radio", name="“cautious” right, “bolder” wrong")).to_be_checked()
    expect(phone.get_by_role("radio", name="Time")).to_be_checked()
    assert serious(phone) == [] and overflow(phone) <= 0

    for number in range(60):
        shelf.put(app.home, f"filler-{number}", *shelf.finished())
    page.goto(f"/compare?choose={apart.id}")
    expect(page.get_by_role("checkbox")).to_have_count(51)
    expect(page.get_by_role("checkbox", name="elsewhere")).to_be_checked()
    page.get_by_role("searchbox", name="Find runs").fill("cautious")
    expect(page.get_by_role("checkbox")).to_have_count(2)
    page.get_by_role("checkbox", name="cautious").check()
    assert serious(page) == [] and overflow(page) <= 0
    page.get_by_role("button", name="Compare", exact=True).click()
    expect(page.get_by_role("region", name="Verdict")).to_contain_text("They were not judged on the same rows.")
    page.get_by_role("button", name="Judge them on the same rows").click()
    # There is no real model behind these runs: a fast machine has said so before the bar was seen.
    refused = page.get_by_role("region", name="Verdict").locator(".ts-note")
    expect(page.get_by_role("progressbar", name="Judging on the same rows").or_(refused)).to_be_visible()
