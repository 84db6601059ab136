"""Signing in and out in a real browser before a small Hub: each visitor is somebody of their own."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.browser import SIZES, NewPage, RunningApp, running_app
from tests.leaks import where
from tests.small_hub import SmallHub, demo
from tests.test_ui_new_run_browser import serious, too_wide

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
BELIEVED = 3.2
"""Seconds after which the Hub is asked again who somebody is."""
SPACE = {
    "SYSTEM": "spaces",
    "SPACE_ID": "anna/tunesmith",
    "OAUTH_CLIENT_ID": "small-client",
    "OAUTH_CLIENT_SECRET": "small-secret",
    "OAUTH_SCOPES": "openid profile read-repos write-repos manage-repos",
    "GRADIO_SERVER_NAME": "0.0.0.0",
    "TUNESMITH_MODE": "local",  # a private Space of one person; for a team see test_space_browser
}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallHub]:
    with SmallHub(tmp_path_factory.mktemp("hub")) as hub:
        demo.fill(hub, long_rows=100)
        yield hub


@pytest.fixture(scope="module")
def machine(hub: SmallHub) -> str:
    """The token that is saved on this machine."""
    return hub.user("maria")


@pytest.fixture(scope="module")
def app(hub: SmallHub, machine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    home = tmp_path_factory.mktemp("account_home")
    with running_app(home, **hub.environment(home / "huggingface", machine)) as running:
        yield running


@pytest.fixture
def stranger(browser: Browser, app: RunningApp) -> Iterator[Page]:
    """Somebody who comes from elsewhere."""
    context = browser.new_context(base_url=app.url, extra_http_headers={"X-Forwarded-For": "10.0.0.9"})
    yield context.new_page()
    context.close()


def sign_in(page: Page, token: str) -> None:
    page.goto("/account")
    page.get_by_label("Token").fill(token)
    page.get_by_role("button", name="Sign in", exact=True).click()


def found_on_hub(page: Page, words: str) -> None:
    page.goto("/new")
    page.get_by_role("radio", name=re.compile("The Hub")).check()
    page.get_by_label("Search the Hugging Face Hub").fill(words)


@pytest.mark.parametrize(("theme", "size"), [("light", "desktop"), ("dark", "phone")])
def test_a_pasted_token_signs_in_until_it_is_taken_back(
    new_page: NewPage, hub: SmallHub, app: RunningApp, theme: str, size: str
) -> None:
    token = hub.user("anna", ("acme",))
    page = new_page(theme=theme, size=size)
    page.goto("/account")
    page.get_by_text("maria is signed in").wait_for()
    assert serious(page) == [] and not too_wide(page)
    sign_in(page, "hf_nobodysnobodysnobodys")
    page.get_by_text("does not accept the token that was pasted").wait_for()
    assert page.get_by_label("Token").input_value() == ""
    assert serious(page) == []

    sign_in(page, token)
    page.locator("#account-who h2:focus").get_by_text("anna is signed in").wait_for()

    assert page.get_by_text("may read and write").is_visible() and page.get_by_text("anna, acme").is_visible()
    assert serious(page) == [] and not too_wide(page)
    assert token not in page.content()
    page.reload()
    page.get_by_text("anna is signed in").wait_for()
    (cookie,) = page.context.cookies()
    assert cookie["httpOnly"] and cookie["sameSite"] == "Lax" and not cookie["secure"]
    assert where(token, [app.home]) == []
    page.get_by_role("button", name="Sign out").click()
    page.locator("#account-who h2:focus").get_by_text("maria is signed in").wait_for()
    page.reload()
    page.get_by_text("maria is signed in").wait_for()


def test_two_visitors_see_what_is_theirs_alone(new_page: NewPage, hub: SmallHub, app: RunningApp) -> None:
    tokens = {name: hub.user(name) for name in ("anna", "ben")}
    pages = {name: new_page() for name in tokens}
    for name, page in pages.items():
        sign_in(page, tokens[name])
        page.get_by_text(f"{name} is signed in").wait_for()

    pages["anna"].goto(f"/new?source=hf://datasets/{demo.PRIVATE}")
    pages["anna"].get_by_role("heading", name=re.compile("anna.diary")).wait_for()
    pages["ben"].goto(f"/new?source=hf://datasets/{demo.PRIVATE}")
    pages["ben"].get_by_text("There is no dataset anna/diary").first.wait_for()

    assert pages["ben"].get_by_role("heading", name=re.compile("anna.diary")).count() == 0
    found_on_hub(pages["ben"], "diary")
    pages["ben"].get_by_text("No dataset of the Hub fits.").wait_for()
    found_on_hub(pages["anna"], "diary")
    pages["anna"].get_by_role("radio", name=re.compile("anna.diary")).wait_for()
    assert [place for token in tokens.values() for place in where(token, [app.home])] == []


def test_a_stranger_never_asks_with_the_machines_token(stranger: Page, hub: SmallHub, machine: str) -> None:
    before = len(hub.requests)

    stranger.goto("/account")
    stranger.get_by_text("Nobody is signed in").wait_for()
    stranger.get_by_text("This connection is not encrypted.").wait_for()
    found_on_hub(stranger, "reviews")
    stranger.get_by_role("radio", name=re.compile("anna.reviews")).check()
    stranger.locator("#hub-rows table").wait_for()

    sent = {request.headers.get("authorization") for request in hub.requests[before:]}
    assert sent == {None}, sent
    assert machine not in stranger.content()


def test_an_expired_token_and_a_hub_that_is_away_are_said_at_once(page: Page, hub: SmallHub) -> None:
    token = hub.user("anna")
    sign_in(page, token)
    page.get_by_text("anna is signed in").wait_for()
    hub.expire(token)
    time.sleep(BELIEVED)
    page.reload()
    page.get_by_text("it may have expired or been deleted").wait_for()
    page.get_by_text("Make a new one on huggingface.co/settings/tokens").wait_for()
    assert page.get_by_label("Token").is_visible()

    hub.stop()
    try:
        time.sleep(BELIEVED)
        begun = time.monotonic()
        page.reload()
        page.get_by_role("heading", name="Where your token lives").wait_for()
        page.get_by_text("The Hugging Face Hub cannot be reached.").wait_for()
        assert time.monotonic() - begun < 6
        page.get_by_role("button", name="Sign out").click()
        page.get_by_role("button", name="Sign out").wait_for(state="hidden")
    finally:
        hub.start()


def test_on_a_space_people_sign_in_through_the_hubs_own_page(
    browser: Browser, hub: SmallHub, machine: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    hub.logins.user = hub.store.users[hub.user("anna", ("acme",))]
    home = tmp_path_factory.mktemp("space_home")
    variables = hub.environment(home / "huggingface", machine) | SPACE | {"OPENID_PROVIDER_URL": hub.url}
    with running_app(home, **variables) as app:
        context = browser.new_context(base_url=app.url, viewport=SIZES["desktop"])
        page = context.new_page()
        page.goto("/account")
        page.get_by_text("Nobody is signed in").wait_for()
        assert page.get_by_label("Token").count() == 0
        page.locator("#account-login").click()
        page.get_by_text("anna is signed in").wait_for()
        page.get_by_text("may read and write, and make new repositories").wait_for()
        page.get_by_text(re.compile(r"\d{4}, \d\d:\d\d UTC")).wait_for()
        assert page.url == f"{app.url}/account"
        assert serious(page) == []
        found_on_hub(page, "diary")
        page.get_by_role("radio", name=re.compile("anna.diary")).wait_for()
        (token,) = {name for name in hub.store.users if name.startswith("hf_oauth_")}
        assert where(token, [home]) == []
        page.goto("/account")
        page.get_by_role("button", name="Sign out (anna)").click()
        page.get_by_text("Nobody is signed in").wait_for()
        context.close()
