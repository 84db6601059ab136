"""The page on which labels are checked: keys, buttons, what was decided, and the run on the mended rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core import machine, queue
from core.data.parts import load_parts
from core.labels import kept
from core.labels.finding import all_rows, ranking
from core.labels.types import Doubts
from core.runs import Run
from core.studio import Studio
from tests import shelf
from tests.browser import NewPage, RunningApp
from tests.making import lock_held, reviews, write_csv
from tests.test_ui_run import overflow, serious

ODD = "<b>odd</b> & bold"


def ranked(app: RunningApp, source: Path) -> Run:
    """A finished run in the app's home whose labels were checked: its first rows are the doubtful ones."""
    rows = [(f"{ODD} {text}" if number == 0 else text, label) for number, (text, label) in enumerate(reviews(60))]
    write_csv(source, ("text", "label"), rows)
    run = shelf.put(app.home, "shelf labels", *shelf.finished(), judged=shelf.report())
    config = run.config.model_copy(update={"data": run.config.data.model_copy(update={"source": str(source)})})
    (run.path / "config.yaml").write_text(config.to_yaml(), encoding="utf-8")
    table = all_rows(load_parts(config), config.data.split).sort_by("row")
    quality = np.linspace(0.01, 0.99, 60)
    given = table["label"].to_pylist()
    other = [{"good": "bad", "bad": "good"}[label] for label in given]
    kept.write(run, ranking(table, Doubts(quality, quality < 0.06, given, other, quality, 1 - quality), ["text"]))
    return run


@pytest.mark.browser
def test_labels_are_kept_changed_and_dropped_by_key_and_learned_from_anew(
    app: RunningApp, new_page: NewPage, tmp_path: Path
) -> None:
    from playwright.sync_api import expect

    expect.set_options(timeout=shelf.PATIENCE)
    run = ranked(app, tmp_path / "reviews.csv")
    page = new_page("dark", "phone")
    page.goto(f"/labels?run={run.id}")
    row = page.get_by_role("region", name="Doubtful labels")
    expect(row).to_contain_text(f"{ODD} the film")
    expect(row.get_by_role("status")).to_have_text("0 of 4 looked at, 0 changed, 0 taken out")
    train = page.get_by_role("button", name="Train again on the mended data")
    expect(train).to_be_disabled()
    for key in "ckd":
        page.keyboard.press(key)
    expect(row.get_by_role("status")).to_have_text("3 of 4 looked at, 1 changed, 1 taken out")
    expect(row).to_contain_text("Doubt 4")
    decided = page.get_by_role("region", name="What you decided")
    expect(decided.get_by_role("listitem")).to_have_count(3)
    page.keyboard.press("u")
    expect(decided.get_by_role("listitem")).to_have_count(2)
    expect(row).to_contain_text("Doubt 3")
    page.keyboard.press("ArrowLeft")
    expect(row).to_contain_text("You kept the label.")
    row.get_by_role("button", name="Take the row out").click()
    expect(decided).to_contain_text("Taken out")
    assert serious(page) == [] and overflow(page) <= 0
    page.reload()
    expect(row.get_by_role("status")).to_have_text("2 of 4 looked at, 1 changed, 1 taken out")

    with lock_held(app.home / queue.device_lock(machine.devices()[0].name).name):  # so that the new run waits
        train.click()
        page.wait_for_url("**/run?id=*")
        expect(page.get_by_role("heading", name="shelf labels, mended labels")).to_be_visible()
        expect(page.get_by_role("link", name="shelf labels", exact=True)).to_be_visible()
        page.goto(f"/labels?run={run.id}")
        expect(page.get_by_role("link", name="shelf labels, mended labels")).to_be_visible()
        with shelf.home_of(app.home):
            door = Studio()
            (trained,) = door.labels_view(run.id).decided.trained
            assert [step.words for step in door.config(trained).data.steps] == ["Mends 1 label and takes out 1 row"]
            door.delete(trained)
            door.close()


@pytest.mark.browser
def test_the_page_says_how_it_begins_and_where_it_cannot(app: RunningApp, new_page: NewPage) -> None:
    from playwright.sync_api import expect

    expect.set_options(timeout=shelf.PATIENCE)
    run = shelf.put(app.home, "no labels yet", *shelf.finished(), judged=shelf.report())
    page = new_page()
    page.goto(f"/labels?run={run.id}")
    expect(page.get_by_role("button", name="Find doubtful labels")).to_be_visible()
    expect(page.get_by_text("All 1,250 rows are read. Nothing is changed by it.")).to_be_visible()
    expect(page.get_by_role("radio", name="Quick (")).to_be_checked()
    page.get_by_role("radio", name="Thorough").check()
    assert serious(page) == []
