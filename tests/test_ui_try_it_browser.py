"""The playground in a real browser, over real workers: what a person sees while a model writes."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from core.events import EventLog
from core.runs import Run
from core.studio import Studio
from core.tasks import TASKS
from tests import processes, shelf, slow_writers
from tests.test_ui_answers import serious, window
from tests.test_ui_run import overflow
from tests.trying import run_with_model
from ui import shell
from ui.pages import PAGES

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LONG = 120_000
"""Milliseconds: a first answer waits for a worker and its model."""
QUESTION = "Is <i>this</i> text?"


@dataclass(frozen=True)
class Served:
    """The app, and runs in it by name."""

    address: str
    runs: dict[str, str]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, tiny_bert: Path) -> Iterator[Served]:
    """Runs of the slow writers, served from this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TUNESMITH_HOME", str(tmp_path_factory.mktemp("try")))
        patch.setenv("TUNESMITH_TASKS", slow_writers.PATHS)
        for task in (slow_writers.WRITER, slow_writers.TALKER):
            patch.setitem(TASKS, task.id, task)
        runs = {
            name: finished(run_with_model(tiny_bert, favourite, task=task, name=name))
            for name, favourite, task in (
                ("a writer", "good", slow_writers.WRITER.id),
                ("a talker", "good", slow_writers.TALKER.id),
                ("a sorter", "good", "text-classification"),
                ("another sorter", "bad", "text-classification"),
            )
        }
        studio = Studio()
        demo = shell.build(studio, PAGES)
        yield Served(shell.launch(demo, studio).rstrip("/"), runs)
        demo.close(verbose=False)
        studio.close()


@pytest.fixture(autouse=True)
def home(served: Served) -> None:
    """The home of the app that is served stays the home of its workers."""


def finished(run: Run) -> str:
    log = EventLog(run.events_path)
    for event in shelf.finished():
        log.append(event)
    log.close()
    return run.id


@pytest.fixture
def dressed(browser: Browser, served: Served, request: pytest.FixtureRequest) -> Iterator[Page]:
    yield from window(browser, served.address, *request.param)


@pytest.fixture
def page(browser: Browser, served: Served) -> Iterator[Page]:
    yield from window(browser, served.address)


def visit(page: Page, served: Served, name: str, field: str, **knobs: float) -> Locator:
    """Go to a run's playground and set how it writes; returns the field of the question."""
    page.goto(f"{served.address}/run?id={served.runs[name]}")
    box = page.get_by_label(field, exact=True)
    box.scroll_into_view_if_needed()
    if knobs:
        page.get_by_text("How it writes").click()
        # What the page fills in while it opens may come later on a busy machine, over what is typed.
        stood, deadline = 0, time.monotonic() + LONG / 1000
        while stood < 10:
            assert time.monotonic() < deadline, "the fields do not keep what is typed"
            lost = {knob: value for knob, value in knobs.items() if page.get_by_label(knob).input_value() != str(value)}
            for knob, value in lost.items():
                page.get_by_label(knob).fill(str(value))
                page.get_by_label(knob).press("Tab")
            stood = 0 if lost else stood + 1
            page.wait_for_timeout(200)
    return box


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONG / 1000
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


def is_writing() -> bool:
    """Whether a worker of this process uses its time: one that writes slowly wakes up a hundred times a second."""
    before = {one: woken(one) for one in processes.living("core.worker")}
    time.sleep(1)
    return any(woken(one) - times > 10 for one, times in before.items())


def woken(process: psutil.Process) -> int:
    """How often it has woken up; 0 of one that has ended."""
    try:
        return int(process.num_ctx_switches().voluntary)
    except psutil.NoSuchProcess:
        return 0


@pytest.mark.parametrize("dressed", [("light", "desktop")], ids="-".join, indirect=True)
def test_an_answer_grows_is_stopped_and_stands_beside_that_of_the_untrained_model(
    dressed: Page, served: Served
) -> None:
    from playwright.sync_api import expect

    box = visit(dressed, served, "a writer", "Text", Words=2000, Pause=0.05)
    answer, beside = dressed.locator("#try-answer"), dressed.locator("#try-answer-beside")
    box.fill(QUESTION)
    box.press("Enter")
    expect(answer).to_contain_text(f"<b>trained</b>, seed 1, heard 1 to “{QUESTION}”: word 0", timeout=LONG)
    expect(answer.locator("[aria-busy=true]")).to_be_visible()
    expect(dressed.get_by_role("button", name="Try it")).to_be_disabled()

    dressed.get_by_role("button", name="Stop").click()
    expect(answer).to_contain_text("Stopped here.")
    expect(dressed.get_by_role("button", name="Stop")).to_be_hidden()

    dressed.get_by_text("Side by side with another model").click()
    dressed.get_by_label("Beside the model before training").check()
    expect(beside.get_by_role("heading", name="Before training")).to_be_visible()
    dressed.get_by_label("Words").fill("3")
    dressed.get_by_role("button", name="Try it").click()
    expect(beside).to_contain_text("<b>untrained</b>, seed 1, heard 1", timeout=LONG)
    expect(answer).to_contain_text("<b>trained</b>")
    expect(answer.get_by_role("heading", name="After training")).to_be_visible()
    for place in (answer, beside):
        expect(place.get_by_role("status")).to_contain_text("word 2", timeout=LONG)
    assert overflow(dressed) <= 0
    expect(dressed.get_by_role("button", name="Try it")).to_be_enabled()
    dressed.wait_for_timeout(500)  # a button that may be pressed again takes its full colour in a moment
    assert serious(dressed) == []


@pytest.mark.parametrize("dressed", [("dark", "phone")], ids="-".join, indirect=True)
def test_a_conversation_is_held_done_over_and_begun_anew(dressed: Page, served: Served) -> None:
    from playwright.sync_api import expect

    box = visit(dressed, served, "a talker", "Your message")
    talk = dressed.get_by_role("list", name="Conversation")
    box.fill(QUESTION)
    box.press("Enter")
    expect(talk).to_contain_text("word 4", timeout=LONG)
    expect(talk.get_by_role("listitem")).to_have_count(2)
    expect(talk).to_contain_text(QUESTION)
    expect(box).to_have_value("")

    dressed.get_by_role("button", name="Try again").click()
    expect(talk).to_contain_text("seed 2, heard 1")
    expect(talk.get_by_role("listitem")).to_have_count(2)

    dressed.get_by_text("Side by side with another model").click()
    dressed.get_by_label("Beside the model before training").check()
    after = dressed.get_by_role("list", name="Conversation, After training")
    before = dressed.get_by_role("list", name="Conversation, Before training")
    expect(before).to_contain_text("Up to here the other model answered.")
    box.fill("And now?")
    dressed.get_by_role("button", name="Send").click()
    expect(before).to_contain_text("<b>untrained</b>, seed 2, heard 3", timeout=LONG)
    expect(after).to_contain_text("<b>trained</b>, seed 2, heard 3")
    expect(dressed.get_by_role("button", name="Start anew")).to_be_visible()
    assert overflow(dressed) <= 0
    assert serious(dressed) == []

    dressed.get_by_role("button", name="Start anew").click()
    expect(dressed.locator("#try-said")).to_contain_text("The conversation appears here.")


def test_two_runs_answer_side_by_side(page: Page, served: Served) -> None:
    from playwright.sync_api import expect

    box = visit(page, served, "a sorter", "Text")
    page.get_by_text("Side by side with another model").click()
    expect(page.get_by_text("There is nothing to compare with from before the training")).to_be_visible()
    expect(page.get_by_label("Beside the model before training")).to_have_count(0)
    page.get_by_label("Beside another run").click()
    page.get_by_role("option", name="another sorter").click()
    box.fill("a kind waiter")
    page.get_by_role("button", name="Try it").click()

    for place, name, label in (("#try-answer", "a sorter", "good"), ("#try-answer-beside", "another sorter", "bad")):
        expect(page.locator(f"{place} .nr-answer")).to_contain_text(re.compile(rf"{label} 8\d"), timeout=LONG)
        expect(page.locator(place).get_by_role("heading", name=name)).to_be_visible()


def test_nobody_writes_for_a_page_that_was_closed(browser: Browser, served: Served) -> None:
    from playwright.sync_api import expect

    (context := browser.new_context()).set_default_timeout(shelf.PATIENCE)
    page = context.new_page()
    box = visit(page, served, "a writer", "Text", Words=10000, Pause=0.01)
    box.fill("on and on")
    box.press("Enter")
    expect(page.locator("#try-answer")).to_contain_text("word 3", timeout=LONG)
    wait_until(is_writing)

    context.close()

    wait_until(lambda: not is_writing())
