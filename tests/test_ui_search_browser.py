"""Searches for better settings, as a person begins, watches and uses them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from core import events, machine, queue
from core.errors import ConfigError
from core.studio import Studio
from tests import shelf
from tests.browser import NewPage, RunningApp
from tests.making import lock_held, run_with, started
from tests.searched import RATE, Bench, avoid, put
from tests.test_ui_run import overflow, serious
from ui.pages.searches import wanted
from ui.search.api import form

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture
def studio() -> Iterator[Studio]:
    door = Studio()
    yield door
    door.close()


def test_the_form_is_told_ranges_and_says_a_search(studio: Studio) -> None:
    run = run_with(*shelf.finished())
    told = form(studio, run.id)
    proposed = [row for row in told["ranges"] if row["proposed"]]
    assert proposed[0]["path"] == RATE["path"] and proposed[0]["log"] and len(told["ranges"]) > len(proposed)
    assert told["fields"]["n_trials"]["default"] == 8 and told["seconds"] is not None
    asked = wanted(studio, {"from": run.id, "space": [RATE], "n_trials": 4, "minutes": None, "unknown": 1})
    assert (asked.n_trials, asked.origin, asked.base) == (4, run.id, run.config)
    with pytest.raises(ConfigError, match="Nothing may change"):
        wanted(studio, {"from": run.id, "space": []})
    with pytest.raises(ConfigError, match="Learning rate cannot be"):
        wanted(studio, {"from": run.id, "space": [RATE | {"high": 7}]})


@pytest.mark.browser
def test_a_search_is_begun_from_a_run_stopped_and_deleted(app: RunningApp, page: Page) -> None:
    from playwright.sync_api import expect

    expect.set_options(timeout=shelf.PATIENCE)

    run = shelf.put(app.home, "<b>spring</b>", *shelf.finished(), judged=shelf.report())
    page.goto(f"/search?from={run.id}")
    expect(page.get_by_role("link", name="<b>spring</b>")).to_have_attribute("href", f"./run?id={run.id}")
    expect(page.get_by_role("status").filter(has_text="the whole search about")).to_be_visible()
    page.get_by_role("textbox", name="Learning rate: largest").fill("0.000001")
    page.get_by_role("button", name="Start the search").click()
    expect(page.get_by_role("alert").filter(has_text="has to be below the largest")).to_be_visible()
    page.get_by_role("textbox", name="Learning rate: largest").fill("0.001")
    for label in ("Epochs", "Weight decay", "Warm-up"):
        page.get_by_role("checkbox", name=label, exact=True).uncheck()
    page.get_by_role("textbox", name="Trials").fill("3")
    page.get_by_role("textbox", name="Name").fill("rates")
    assert serious(page) == [] and overflow(page) <= 0
    with lock_held(app.home / queue.device_lock(machine.devices()[0].name).name):  # so that its first trial waits
        page.get_by_role("button", name="Start the search").click()

        expect(page.get_by_role("heading", name="rates")).to_be_visible()
        expect(page.get_by_role("region", name="Trials").get_by_role("row")).to_have_count(2)
        page.get_by_role("button", name="Stop the search").click()
        page.get_by_role("dialog").get_by_role("button", name="Stop the search").click()
        expect(page.get_by_role("button", name="Go on")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.wait_for_url("**/search")
    expect(page.get_by_role("link", name="rates")).to_have_count(0)


@pytest.mark.browser
def test_the_best_trial_is_named_drawn_and_used(app: RunningApp, new_page: NewPage, studio: Studio) -> None:
    from playwright.sync_api import expect

    expect.set_options(timeout=shelf.PATIENCE)

    avoid(app.home)
    bench = Bench(studio, n_trials=4, name="rates & batches")
    bench.finishes(0.5, 0.6)
    bench.finishes(0.8)
    bench.happens(started(), events.Failed(title="It has no <memory>.", advice="", cause=""))
    bench.finishes(0.7)
    best = bench.view.trials[1]
    put(app.home, bench, shelf.report())
    page = new_page(theme="dark", size="phone")
    page.goto("/search")
    page.get_by_role("link", name="rates & batches").click()
    card = page.get_by_role("region", name="Best trial")
    expect(card).to_contain_text("80.0 % on the validation part")
    expect(card).to_contain_text("began from came to 60.0 %")
    expect(card).to_contain_text("On the test part, the mark that counts: 75.0 %")
    expect(card).to_contain_text("nothing is chosen by it")
    expect(card.get_by_role("link", name="Use these settings")).to_have_attribute("href", f"./new?from={best.run}")
    expect(page.locator(".ts-parallel .scatterlayer .trace")).to_have_count(3)
    table = page.get_by_role("region", name="Trials", exact=True)
    expect(table).to_contain_text("It has no <memory>.")
    page.get_by_role("button", name="Best first").click()
    expect(table.get_by_role("row").nth(1)).to_contain_text("Trial 1 (best)")
    assert serious(page) == [] and overflow(page) <= 0
    table.get_by_role("link", name="Trial 1").click()
    expect(page.get_by_role("link", name="Use again")).to_be_visible()
