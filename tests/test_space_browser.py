"""The app as a Space starts it, without flags, before a small Hub: signing in, what is said, keeping a run."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core import home as homes
from core import space
from core.people.types import person
from tests.browser import SIZES, RunningApp, running_app
from tests.leaks import where
from tests.publishing import trained
from tests.small_hub import SmallHub
from tests.test_ui_account_browser import SPACE
from tests.test_ui_new_run_browser import serious, too_wide

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallHub]:
    with SmallHub(tmp_path_factory.mktemp("hub")) as hub:
        hub.logins.user = hub.store.users[hub.user("anna")]
        yield hub


@pytest.fixture(scope="module")
def app(hub: SmallHub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    home = tmp_path_factory.mktemp("space_home")
    told = {name: value for name, value in SPACE.items() if name != "TUNESMITH_MODE"}
    with running_app(home, **hub.environment(home / "huggingface"), **told, OPENID_PROVIDER_URL=hub.url) as running:
        yield running


@pytest.fixture
def page(browser: Browser, app: RunningApp) -> Iterator[Page]:
    context = browser.new_context(base_url=app.url, viewport=SIZES["desktop"])
    page = context.new_page()
    page.set_default_timeout(60_000)
    yield page
    context.close()


def sign_in(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Sign in with Hugging Face").click()
    page.get_by_role("button", name="Sign out").wait_for()


def test_visitors_sign_in_before_they_see_anything(page: Page, app: RunningApp) -> None:
    page.goto("/new")
    page.get_by_role("heading", name="Sign in").wait_for()
    assert page.request.get("/reads/runs").status == 401
    sign_in(page)
    vanishes = space._mount_of(app.home) == Path("/")
    assert page.get_by_text("Runs vanish with it.").count() == vanishes
    page.goto("/kept")
    page.get_by_role("heading", name="This Space").wait_for()
    link = page.get_by_role("link", name="Duplicate this Space")
    assert link.get_attribute("href") == "https://huggingface.co/spaces/anna/tunesmith?duplicate=true"
    page.get_by_text("Nothing is kept yet.").wait_for()
    for theme, size in (("light", "desktop"), ("dark", "phone")):
        page.set_viewport_size(SIZES[size])
        page.goto(f"/kept?__theme={theme}")
        page.get_by_text("Nothing is kept yet.").wait_for()
        assert serious(page) == [] and not too_wide(page), (theme, size)


def test_a_run_is_kept_and_brought_back_after_a_restart_emptied_the_disk(
    page: Page, app: RunningApp, hub: SmallHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUNESMITH_HOME", str(app.home))
    sign_in(page)
    with homes.living_in(homes.of_person(person("anna", "hub").key)):
        run = trained(1_000)
    page.goto(f"/run?id={run.id}")
    page.get_by_text("More", exact=True).click()
    page.get_by_role("link", name="Keep on the Hub").click()
    page.get_by_text("Nothing is kept yet.").wait_for()
    page.get_by_role("button", name="Keep it").click()
    page.get_by_text(f"{run.id} is kept.").wait_for()
    page.get_by_text("1 run (").wait_for()
    assert hub.repo("anna/tunesmith-runs", "models").private

    shutil.rmtree(run.path)
    page.reload()
    page.get_by_role("button", name="Bring it back").click()
    page.get_by_text(f"{run.id} is here again.").wait_for()
    page.goto(f"/run?id={run.id}")
    page.get_by_role("heading", name=run.name).wait_for()
    tokens = [name for name in hub.store.users if name.startswith("hf_oauth_")]
    assert tokens and [found for token in tokens for found in where(token, [app.home])] == []
