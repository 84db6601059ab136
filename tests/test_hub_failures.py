"""What goes wrong between this machine and the Hub, told by what it is and not by what its address looks like."""

from __future__ import annotations

import errno
from typing import Any

import httpx2
import pytest
from huggingface_hub import constants
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from core.data.hub.network import is_reachable
from core.errors import HubError, StudioError
from core.hub.failures import NOTHING_LOST, Doing, explained, is_passing, offline, page_of, retry_after, status_of
from core.hub_room import HubRoom
from core.publishing.patience import Stumble
from tests.small_hub import SmallHub

REPO = "anna/storage-space-quota"
"""A name with all words that speak of a full account."""


def answer(status: int, **headers: str) -> httpx2.Response:
    request = httpx2.Request("POST", f"https://hub/api/models/{REPO}/commit/main")
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx2.Response(status, request=request, headers=named)


def error(status: int, said: str = "", kind: type[HfHubHTTPError] = HfHubHTTPError, **headers: str) -> HfHubHTTPError:
    return kind(f"{status} for {REPO}", response=answer(status, **headers), server_message=said or None)


CASES: list[tuple[BaseException, Doing, str, str]] = [
    (error(401), "writing", "does not accept the token", "Hub account"),
    (error(403), "writing", "may not be written to", "name of your own"),
    (error(403), "reading", "may not be read", "Ask its owner"),
    (error(403, "You have exceeded your quota"), "writing", "no more room", "settings/storage"),
    (error(413), "writing", "no more room", "leave checkpoints out"),
    (error(402, "Subscribe to PRO."), "writing", "asks for a paid plan", "It says: Subscribe to PRO."),
    (error(400, "No such license"), "writing", "does not accept what was asked for", "It says: No such license."),
    (error(418, "I am a teapot."), "reading", "does not accept what was asked for", "It says: I am a teapot. If"),
    (error(418), "reading", "does not accept what was asked for", "It says: status 418. If"),
    (error(409), "writing", "changed on the Hub meanwhile", "try again"),
    (error(412), "writing", "changed on the Hub meanwhile", "Look at it"),
    (error(429), "writing", "asked too often", "Wait a few minutes"),
    (error(429, Retry_After="30"), "writing", "asked too often", "Wait 30 seconds"),
    (error(429, RateLimit='"api";r=0;t=55'), "writing", "asked too often", "Wait 55 seconds"),
    (error(429, Retry_After="600"), "reading", "asked too often", "Wait 10 minutes"),
    (error(503), "reading", "has a problem", "on their side"),
    (error(403, kind=GatedRepoError), "reading", "accepted its terms", f"https://huggingface.co/{REPO}"),
    (error(404, kind=RepositoryNotFoundError), "reading", "There is no", "spelling"),
    (error(404, kind=RepositoryNotFoundError), "writing", "There is no", "name of the owner"),
    (error(404, kind=RevisionNotFoundError), "reading", "no such version", "newest"),
    (HFValidationError("bad"), "writing", "cannot be the name", "anna/reviews"),
    (httpx2.ReadTimeout("slow"), "writing", "did not answer in time", "not sent a second time"),
    (httpx2.ConnectError("refused"), "reading", "broke off while", "Try again"),
    (Stumble("status 502", answer(502)), "writing", "has a problem", "on their side"),
    (OSError(errno.ENOSPC, "No space left on device"), "reading", "disk is full", "Delete runs"),
    (FileNotFoundError(2, "gone", "/home/anna/model.safetensors"), "writing", "missing: model.safetensors.", "moved"),
    (ValueError("Invalid metadata in README.md.\n- bad"), "writing", "head of the model card", "untouched"),
    (KeyError("x"), "writing", "unexpected", "again"),
]


@pytest.mark.parametrize("exc, doing, title, advice", CASES)
def test_a_failure_is_told_with_what_to_do(exc: BaseException, doing: Doing, title: str, advice: str) -> None:
    told = explained(exc, REPO, doing)
    assert title in told.title and advice in told.advice


def test_what_a_client_wraps_is_told_by_what_led_to_it() -> None:
    wrapped = RuntimeError("Error while uploading 'model.safetensors' to the Hub.")
    wrapped.__cause__ = error(403, "Private repository storage limit reached")
    told = explained(wrapped, REPO, "writing")
    assert "no more room" in told.title and "403" in told.cause
    assert status_of(wrapped) == 403 and retry_after(wrapped) is None


@pytest.mark.parametrize(
    "exc, passes",
    [
        (error(429), True),
        (error(500), True),
        (error(403), False),
        (httpx2.ReadError("cut"), True),
        (httpx2.ConnectTimeout("slow"), True),
        (KeyError("x"), False),
        (HubError("said already"), False),
    ],
)
def test_what_may_go_well_next_time(exc: Any, passes: bool) -> None:
    assert is_passing(exc) is passes


def test_what_is_said_already_stays_and_no_token_is_told() -> None:
    said = HubError("Said.", "Do it.")
    assert explained(said, REPO) is said
    told: StudioError = explained(error(401, "hf_abcdefghijklmnop"), "anna/hf_abcdefghijklmnop")
    assert "hf_abc" not in told.title + told.cause


def test_pages_of_repositories() -> None:
    assert page_of("anna/x").endswith("/anna/x") and page_of("anna/x", "spaces").endswith("/spaces/anna/x")


def test_a_network_found_dead_is_believed_so_until_somebody_asks_again(
    small_hub: SmallHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "ENDPOINT", small_hub.url)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    HubRoom().expect_network()
    small_hub.stop()
    assert not is_reachable()
    small_hub.start()
    assert not is_reachable()
    HubRoom().expect_network()
    assert is_reachable()


def test_of_several_failures_without_words_none_is_repeated() -> None:
    outer = error(418)
    outer.__cause__ = error(418)
    assert "It says: status 418." in explained(outer, REPO).advice


def test_only_what_was_to_be_published_is_said_to_be_untouched() -> None:
    for exc in (error(503), error(429), httpx2.ConnectError("refused")):
        assert (
            NOTHING_LOST not in explained(exc, REPO).advice and NOTHING_LOST in explained(exc, REPO, "writing").advice
        )
    assert NOTHING_LOST not in offline().advice and NOTHING_LOST in offline("writing").advice
