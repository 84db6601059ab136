"""Sentences to watch: asked for among the settings, drawn while a run goes on, and played once more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from core import events
from core.config import validate
from tests import shelf
from tests.browser import NewPage, RunningApp
from tests.making import config, lock_held, started
from ui.new_run import watch
from ui.new_run.draft import Draft

if TYPE_CHECKING:
    from playwright.sync_api import Page

SENTENCE = "Where is my <b>parcel</b>?"


def test_sentences_that_do_not_fit_are_told_and_stay_out_of_the_config() -> None:
    draft = Draft.of(config()).with_watch("  one \n\ntwo | three")
    assert draft.watch == ("one", "two | three") and not draft.why_not_watched
    assert validate(draft.plain(draft.values)).watch.sentences == draft.watch
    pairs = replace(draft, columns={"text": "a", "text_pair": "b", "label": "c"})
    assert "one" in pairs.why_not_watched and "watch" not in pairs.plain(pairs.values)
    assert "Text | Second text" in watch.how(pairs) and not watch.how(draft)
    assert Draft.of(validate(draft.plain(draft.values))).watch == draft.watch
    assert watch.as_line({"text": "a\nb", "text_pair": "c"}) == "a b | c"


def looks(*steps: int) -> list[events.Event]:
    told: list[events.Event] = [started(), events.Watching(sentences=[[SENTENCE], ["It broke."]], output="label")]
    for step in steps:
        sure = 0.25 + step / 400
        answer = {"said": "delivery", "scores": {"delivery": sure, "quality": 1 - sure}}
        told.append(events.Watched(step=step, epoch=step / 100, answers=[answer, {}]))
        told.append(shelf.step_at(step + 1))
        marks = {"loss": 0.5, "f1_macro": sure}
        one_class = {"delivery": sure, "quality": 0.5}
        told.append(
            events.Evaluated(step=step, epoch=step / 100, metrics=marks, runtime_s=1, is_best=True, per_class=one_class)
        )
    return told


@pytest.mark.browser
def test_what_is_said_of_a_sentence_is_drawn_and_played_once_more(app: RunningApp, new_page: NewPage) -> None:
    from playwright.sync_api import expect

    run = shelf.put(app.home, "a watched run", *looks(0, 100, 200))
    page: Page = new_page("dark", "phone")
    expect.set_options(timeout=shelf.PATIENCE)
    with lock_held(run.lock_path):
        page.goto(f"{app.url}/run?id={run.id}")
        card = page.locator(".ts-watch")
        expect(card.get_by_text(SENTENCE)).to_be_visible()
        expect(card.locator(".ts-watch-said").first).to_have_text("delivery 75.0 % sure")
        expect(card.get_by_text("No answer: the log says why.")).to_be_visible()
        slider = card.get_by_role("slider", name="Which check is shown")
        slider.press("Home")
        expect(card.locator(".ts-watch-said").first).to_have_text("delivery 25.0 % sure")
        expect(card.locator(".ts-watch-where")).to_have_text("before the first step")
        card.get_by_role("button", name="Play").click()
        expect(card.locator(".ts-watch-where")).to_have_text("step 200, epoch 2.0 (the newest)")
        expect(card.get_by_role("button", name="Play")).to_be_visible()
        classes = page.locator(".ts-classes li")
        expect(classes.first).to_contain_text("quality")
        expect(classes.nth(1)).to_contain_text("▲ 50.0 points since its first check")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
