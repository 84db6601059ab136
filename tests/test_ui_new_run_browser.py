"""From a table to a trained and tried model, as a person does it in a browser."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser import NewPage
from tests.making import reviews, write_csv

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
LONG = 180_000
"""Milliseconds for what trains or loads a model, on a busy machine."""


def serious(page: Page) -> list[str]:
    """What axe-core finds to be a serious or critical hindrance, once nothing fades in or out any more."""
    from axe_playwright_python.sync_playwright import Axe

    page.wait_for_function("document.querySelectorAll('[data-testid=status-tracker]:not(.hide)').length === 0")
    page.evaluate("Promise.allSettled(document.getAnimations().map((one) => one.finished))")
    found = Axe().run(page).response["violations"]
    worst = [one for one in found if one["impact"] in ("serious", "critical")]
    return [f"{one['id']} at {node['target']}: {node['failureSummary']}" for one in worst for node in one["nodes"]]


def too_wide(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))


def upload(page: Page, *paths: Path) -> None:
    page.goto("/new")
    page.locator("#data-files input[type=file]").set_input_files([str(path) for path in paths])


def go_on(page: Page, step: int) -> None:
    page.locator(f"#next-{step}").click()
    page.locator(f"#next-{step + 1}").wait_for()


@pytest.mark.parametrize(("theme", "size"), [("light", "desktop"), ("dark", "phone")])
def test_every_step_is_fit_for_everybody(new_page: NewPage, theme: str, size: str) -> None:
    page = new_page(theme=theme, size=size)
    page.goto("/new?sample=feedback")
    page.get_by_role("heading", name="Customer feedback").wait_for()

    for step in range(1, 7):
        assert not too_wide(page), f"step {step} is wider than the window"
        assert serious(page) == [], f"at step {step}"
        if step < 6:
            go_on(page, step)

    assert "kept aside for the final mark" in page.locator("#start-summary").first.inner_text()
    page.locator("#back-6").click()
    page.locator("#next-5").wait_for()


def test_a_reload_keeps_the_table_and_the_keyboard_is_enough(page: Page) -> None:
    page.goto("/new")
    way = page.get_by_role("radio", name=re.compile("A sample"))
    way.focus()
    way.press("Space")
    sample = page.get_by_role("radio", name=re.compile("Short reviews"))
    sample.focus()
    sample.press("Space")
    page.get_by_role("heading", name="Short reviews").wait_for()
    page.wait_for_url("**/new?sample=reviews")
    page.reload()
    page.get_by_role("heading", name="Short reviews").wait_for()

    for step in range(1, 6):
        page.locator(f"#next-{step}").focus()
        page.keyboard.press("Enter")
        page.locator(f"#next-{step + 1}").wait_for()
    assert "kept aside for the final mark" in page.locator("#start-summary").first.inner_text()


def test_a_visitor_from_elsewhere_names_no_file_and_no_folder(page: Page, tmp_path: Path) -> None:
    page.set_extra_http_headers({"X-Forwarded-For": "203.0.113.5"})
    secret = write_csv(tmp_path / "secret.csv", ("text", "label"), reviews(60))
    page.goto(f"/new?sample={secret}")
    page.get_by_text("There is no sample called").wait_for()
    page.goto(f"/new?source={secret}")
    page.get_by_role("radio", name=re.compile("A sample")).check()
    page.get_by_role("radio", name=re.compile("Short reviews")).check()
    page.get_by_role("heading", name="Short reviews").wait_for()
    assert page.locator("#data-path").count() == 0
    assert page.get_by_text("secret.csv").count() == 0

    for step in range(1, 4):
        go_on(page, step)
    page.get_by_role("radio", name=re.compile("Another model")).check()
    field = page.get_by_label("Which model?")
    for folder in (tmp_path, tmp_path / "none"):
        field.fill(str(folder))
        field.press("Enter")
        page.get_by_text("Folders of this machine can only be used").wait_for()
    page.locator("#next-4").click()
    page.get_by_text("Choose a model that can be read first.").wait_for()


def test_what_is_no_table_is_explained_and_stops_the_walk(page: Page, tmp_path: Path) -> None:
    picture = tmp_path / "picture.csv"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))

    upload(page, picture)

    page.get_by_text("is a PNG picture, not a table").wait_for()
    page.locator("#next-1").click()
    page.get_by_text("Choose a table first").wait_for()
    assert not page.locator("#next-2").is_visible()


def test_what_stands_in_a_table_is_never_run(page: Page, tmp_path: Path) -> None:
    nasty = "<img src=x onerror=\"document.title='run'\">${document.title='run'}{{value}}"
    rows = [(f"{nasty} {text}", f"<b>{label}</b>") for text, label in reviews(60)]

    upload(page, write_csv(tmp_path / "nasty.csv", ("<i>text</i>", "<u>label</u>"), rows))
    page.get_by_role("heading", name="nasty.csv").wait_for()
    go_on(page, 1)

    page.locator("#columns-classes").get_by_text("<b>good</b>").wait_for()
    assert page.locator("#walk img").count() == 0
    assert page.title() != "run"


def test_settings_say_what_is_wrong_are_found_preset_saved_and_brought_back(page: Page, tmp_path: Path) -> None:
    page.goto("/new?sample=feedback")
    page.get_by_role("heading", name="Customer feedback").wait_for()
    for step in range(1, 5):
        go_on(page, step)

    page.get_by_label("Learning rate").fill("7")
    page.get_by_label("Learning rate").press("Tab")
    page.get_by_text("Give a number above 0 and at most 1.").wait_for()
    page.locator("#next-5").click()
    page.get_by_text("Correct first: Learning rate.").wait_for()
    page.get_by_label("after each epoch").check()
    page.get_by_text("so this number is not used").wait_for()
    assert page.get_by_label("Steps between checks").is_disabled()

    page.get_by_role("button", name="Back to the suggested values").click()
    page.get_by_text("Give a number above 0").wait_for(state="detached")
    go_on(page, 5)
    page.locator("#back-6").click()

    shown = page.locator(".st-status")
    many = page.locator(".st-field")
    simple = many.count()
    page.get_by_role("radio", name="Everything").check()
    assert simple < 20 < 80 < many.count()
    decay = page.locator("#setting-training-adam_beta1")
    decay.fill("3")
    decay.press("Tab")
    page.get_by_text("Give a number at least 0 and below 1.").wait_for()
    page.get_by_role("radio", name="Simple").check()
    assert decay.is_visible(), "an error that the level would hide comes into sight"
    page.get_by_role("button", name="Back to 0.9 for").click()
    page.get_by_text("Give a number at least 0 and below 1.").wait_for(state="detached")
    page.get_by_role("radio", name="Advanced").check()
    assert decay.count() == 0
    curve = page.get_by_role("img", name=re.compile("The learning rate over the run")).bounding_box()
    assert curve and curve["height"] > 30
    assert serious(page) == []

    search = page.get_by_label("Find a setting")
    search.press_sequentially("warm")
    assert page.get_by_label("Warm-up", exact=True).is_visible() and page.get_by_label("Seed", exact=True).count() == 0
    search.fill("no such thing")
    assert "No setting has “no such thing”" in shown.inner_text()
    search.fill("")
    page.locator("summary", has_text="Optimizer").click()
    assert page.locator("#setting-training-optim").is_hidden()

    page.get_by_label("Epochs", exact=True).fill("7")
    page.get_by_role("button", name="Quick look").click()
    page.get_by_text("“Quick look” changed").wait_for()
    assert page.get_by_label("Epochs", exact=True).input_value() == "3"
    page.get_by_role("button", name="Take it back").click()
    page.get_by_text("“Quick look” changed").wait_for(state="detached")
    assert page.get_by_label("Epochs", exact=True).input_value() == "7"

    page.locator("#back-5").click()
    page.locator("#next-4").wait_for()
    go_on(page, 4)
    assert page.get_by_role("radio", name="Advanced").is_checked()
    assert page.get_by_label("Epochs", exact=True).input_value() == "7", "what a person changed is still there"
    page.get_by_role("button", name="These settings as a file").click()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as run.yaml").click()
    mine = tmp_path / "mine.yaml"
    mine.write_text(Path(saved.value.path()).read_text(encoding="utf-8").replace("7.0", "5.0"), encoding="utf-8")
    with page.expect_file_chooser() as chooser:
        page.locator("#settings-other").click()
    chooser.value.set_files(str(mine))
    cells = page.locator("#settings-differences tbody td")
    cells.first.wait_for()
    assert cells.all_inner_texts() == ["Epochs", "training.num_train_epochs", "7", "5"]
    with page.expect_file_chooser() as chooser:
        page.locator("#settings-bring").click()
    chooser.value.set_files(str(mine))
    page.get_by_text("As “mine.yaml” says").wait_for()
    page.get_by_role("heading", name="Customer feedback").wait_for()
    for step in range(1, 5):
        go_on(page, step)
    assert page.get_by_label("Epochs", exact=True).input_value() == "5"


@pytest.mark.slow
def test_from_an_upload_to_a_prediction(page: Page, tmp_path: Path) -> None:
    table = write_csv(tmp_path / "reviews.csv", ("review", "mood"), reviews(160))
    upload(page, table)
    page.get_by_role("heading", name="reviews.csv").wait_for()
    for step in range(1, 5):
        go_on(page, step)
    page.get_by_role("textbox", name="Name").fill("Moods")
    page.get_by_label("Epochs").fill("1")
    page.get_by_label("Maximum length").fill("32")
    go_on(page, 5)
    page.get_by_role("button", name="Start training").dblclick()

    page.wait_for_url("**/run?id=*")
    page.get_by_role("heading", name="Moods").wait_for()
    text = page.get_by_label("Text", exact=True)
    text.wait_for(timeout=LONG)
    text.fill("the soup was cold and the waiter was rude")
    text.press("Enter")
    page.locator("#try-answer .nr-answer").wait_for(timeout=LONG)
    assert re.match("(good|bad)", page.locator("#try-answer .nr-answer").inner_text())

    page.get_by_role("button", name="A whole table at once").click()
    page.locator("#try-table input[type=file]").set_input_files(str(table))
    link = page.get_by_role("link", name=re.compile("Download reviews"))
    link.wait_for(timeout=LONG)
    with page.expect_download() as download:
        link.click()
    with open(download.value.path(), newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 160
    assert list(rows[0]) == ["review", "mood", "prediction", "probability"]
    assert serious(page) == []

    moods = [run for run in page.request.get("/reads/runs").json()["runs"] if run["name"] == "Moods"]
    assert len(moods) == 1, "a double click starts one run"
    page.goto(f"/new?from={moods[0]['id']}")
    page.get_by_text("A copy of “Moods”").wait_for()
