"""What a person sees who chooses a language: the frame, components, words of scripts, and data as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser import NewPage

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def test_a_language_is_chosen_and_stays(new_page: NewPage) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page: Page = new_page(size="phone")
    page.goto("/")
    assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_role("heading", name="Teach a model with your own table").wait_for()

    page.get_by_label("Language").select_option("de")
    page.get_by_role("heading", name="Ein Modell mit der eigenen Tabelle trainieren").wait_for()
    page.reload()
    page.get_by_role("link", name="Ersten Lauf starten").wait_for()  # said by a script
    assert page.get_by_role("navigation").first.get_by_role("link", name="Läufe").is_visible()
    assert page.title() == "Läufe · Tunesmith"
    assert page.locator("html").get_attribute("lang") == "de"

    page.goto("/new?sample=feedback")
    page.get_by_role("button", name="Weiter: Spalten").wait_for()  # a component's
    page.get_by_text("Ihre Tabelle").first.wait_for()  # said by the server
    shown = page.locator(".nr-head").first.inner_text()
    assert "message" in shown and "suggestion" in shown, "data stays as it is"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    found = Axe().run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []

    page.get_by_label("Sprache").select_option("fr")
    page.get_by_role("button", name="Suite : Colonnes").wait_for()
    page.get_by_label("Langue").select_option("en")
    page.get_by_role("button", name="Next: Columns").wait_for()


def test_an_address_with_a_language_leads_on_in_it(new_page: NewPage) -> None:
    page: Page = new_page()
    page.goto("/?lang=de")
    page.get_by_role("link", name="Ersten Lauf starten").click()
    page.get_by_role("heading", name="Neuer Lauf").wait_for()
    assert page.locator("html").get_attribute("lang") == "de"

    page.get_by_label("Sprache").select_option("fr")
    page.get_by_role("heading", name="Nouvelle exécution").wait_for()
    page.goto("/?lang=de")
    page.get_by_role("link", name="Ersten Lauf starten").wait_for()
    page.goto("/new")
    page.get_by_role("heading", name="Nouvelle exécution").wait_for()  # a choice outlives such an address
