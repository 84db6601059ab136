"""A real browser in front of the real app, for tests that do what a person does.

``app`` is one running app with a home of its own; ``new_page`` opens a window of the wanted size and theme in front of
it; ``page`` is such a window. No window may ask anything of another host, and no script may throw.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

import pytest

from tests import ports

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Request

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
SIZES = {"desktop": {"width": 1280, "height": 860}, "phone": {"width": 390, "height": 844}}
START_SECONDS = 300

NewPage = Callable[..., "Page"]


@dataclass(frozen=True)
class RunningApp:
    """The app in a process of its own: where it listens, where it keeps its things, what it printed."""

    url: str
    home: Path
    log: Path


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """The real app, started as a person starts it, on a free port."""
    with running_app(tmp_path_factory.mktemp("app_home")) as running:
        yield running


@contextmanager
def running_app(home: Path, *flags: str, **variables: str) -> Iterator[RunningApp]:
    """An app of its own, with these flags, and these environment variables beside those of the tests."""
    log = home / "app.log"
    port = ports.free()
    environment = os.environ | {"TUNESMITH_HOME": str(home), "HF_HOME": str(home / "huggingface")} | variables
    with open(log, "wb") as out:
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "app.py"), "--port", str(port), *flags],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    running = RunningApp(f"http://127.0.0.1:{port}", home, log)
    try:
        _wait_until_it_answers(running, process)
        yield running
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


@pytest.fixture(scope="session")
def app_url(app: RunningApp) -> str:
    return app.url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests; each window gets fresh storage."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=_chromium(), args=list(CHROMIUM_FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture
def new_page(browser: Browser, app: RunningApp) -> Iterator[NewPage]:
    """``new_page(theme="dark", size="phone")`` opens a window; ``page.goto("/")`` then leads to the app."""
    foreign: list[str] = []
    thrown: list[str] = []
    contexts = []

    def note(request: Request) -> None:
        # Only noted: to stop every request on its way and let it go on keeps pages from using what they have at hand.
        asked = urlsplit(request.url)
        if asked.scheme in ("http", "https") and asked.netloc != urlsplit(app.url).netloc:
            foreign.append(request.url)

    def held_back(request: Request) -> None:
        """The app's own policy let it go nowhere."""
        if request.failure == "csp" and request.url in foreign:
            foreign.remove(request.url)

    def open_window(theme: Literal["light", "dark"] = "light", size: Literal["desktop", "phone"] = "desktop") -> Page:
        context = browser.new_context(
            base_url=app.url,
            color_scheme=theme,
            viewport=SIZES[size],
            has_touch=size == "phone",
            service_workers="block",
            locale="en-GB",
        )
        contexts.append(context)
        context.on("request", note)
        context.on("requestfailed", held_back)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: thrown.append(str(error)))
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert not foreign, f"the page asked for other hosts: {foreign}"
    assert not thrown, f"a script of the page failed: {thrown}"


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """A desktop window in the light theme."""
    return new_page()


def _wait_until_it_answers(app: RunningApp, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"the app ended at once:\n{app.log.read_text(errors='replace')[-4000:]}", pytrace=False)
        try:
            with urllib.request.urlopen(app.url, timeout=5):
                return
        except urllib.error.HTTPError:  # it asks who we are
            return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.1)
    pytest.fail(f"the app did not answer in {START_SECONDS} s:\n{app.log.read_text(errors='replace')[-4000:]}")


def _chromium() -> str:
    # The shell draws pages as the others do, and has no windows of its own to draw: a quarter of the work.
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if found is None:
        pytest.fail("No Chromium was found. Install it (on Debian: apt-get install chromium) or set CHROMIUM.", False)
    return found
