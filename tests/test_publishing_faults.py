"""The Hub fails in every way that is known of, over real HTTP: each is told in words, costs nothing, and passes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.publishing import publications, record
from core.publishing.patience import Patience
from core.publishing.publications import PUBLICATIONS
from core.publishing.types import Publication, Publishing
from core.runs import Run
from tests.publishing import WEIGHTS, prints, publish, trained
from tests.small_hub import SmallHub

NAME = "anna/reviews"
Break = Callable[[SmallHub], None]
FULL = "Private repository storage limit reached"


@pytest.fixture
def hub(small_hub: SmallHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallHub]:
    small_hub.lfs_above = 100_000
    for name, value in small_hub.environment(tmp_path / "huggingface").items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(publications, "PATIENCE", Patience(tries=3, first_wait=0.02, longest_wait=5, silence=0.7))
    yield small_hub
    PUBLICATIONS.close()


FAILS: dict[str, tuple[Break, str, str]] = {
    "down before": (lambda hub: hub.stop(), "cannot be reached", "Check the connection"),
    "slow": (lambda hub: hub.slow("/whoami", wait=1.5), "did not answer in time", "Try again"),
    "401": (lambda hub: hub.fail("/whoami", 401), "does not accept the token", "expired"),
    "403 at creating": (lambda hub: hub.fail("/create", 403), "may not be written to", "a token that may write"),
    "404": (lambda hub: hub.fail("/preupload/", 404, X_Error_Code="RepoNotFound"), "There is no", "name of the owner"),
    "409 at the commit": (lambda hub: hub.fail("/commit/", 409), "changed on the Hub meanwhile", "try again"),
    "429 for long": (lambda hub: hub.fail("/tree/", 429, Retry_After="7200"), "too often", "Wait 120 minutes"),
    "5xx for good": (lambda hub: hub.fail("/commit/", 502), "has a problem", "in a while"),
    "cut for good": (lambda hub: hub.cut_upload("^/lfs/", 300_000, times=99), "broke off", "not sent a second time"),
    "quota": (
        lambda hub: hub.fail("/lfs/objects/batch", 403, X_Error_Message=FULL),
        "no more room",
        "settings/storage",
    ),
    "413": (lambda hub: hub.fail("^/lfs/", 413), "no more room", "settings/storage"),
    "gated": (lambda hub: hub.fail(f"/{NAME}", 403, X_Error_Code="GatedRepo"), "accepted its terms", "Accept"),
}


@pytest.mark.parametrize("fault", FAILS)
def test_a_fault_is_told_costs_nothing_and_can_be_tried_again(hub: SmallHub, fault: str) -> None:
    breaks, title, advice = FAILS[fault]
    token, run = hub.user("anna"), trained()
    breaks(hub)
    _fails_and_heals(hub, run, token, title, advice)


def test_a_hub_that_goes_away_in_the_middle(hub: SmallHub) -> None:
    token, run = hub.user("anna"), trained()
    hub.slow("/preupload/", wait=0.5)

    def leave(now: Publication) -> None:
        if now.stage == "uploading":
            hub.stop()

    _fails_and_heals(hub, run, token, "broke off", "Try again", leave)


def test_a_repository_that_changed_meanwhile(hub: SmallHub) -> None:
    token, run = hub.user("anna"), trained()
    hub.add(NAME, {"notes.md": "mine"}, kind="models")
    hub.slow("/preupload/", wait=0.3)
    changed: list[str] = []

    def change(now: Publication) -> None:
        if now.stage == "uploading" and not changed:
            changed.append(hub.add(NAME, {"notes.md": "mine, too"}, kind="models"))

    now = _fails_and_heals(hub, run, token, "changed on the Hub meanwhile", "Look at it", change)
    assert now.result and hub.repo(NAME, "models").history()[1].sha == changed[0]


@pytest.mark.parametrize(
    "name, role, title",
    [("anna/x", "read", "The token of anna may read only"), ("acme/x", "write", "may not publish under the name")],
)
def test_what_is_not_allowed_is_said_before_anything_is_made(hub: SmallHub, name: str, role: str, title: str) -> None:
    now = publish(trained(1_000), Publishing(name), hub.user("anna", role=role))
    assert now.stage == "failed" and title in now.title and now.advice, now
    assert hub.paths("POST") == [] and hub.paths("PUT") == []


PASSES: dict[str, tuple[Break, str]] = {
    "409 at creating": (lambda hub: _hidden_once(hub), ""),
    "429, and cut in the middle of a file": (lambda hub: _busy_and_cut(hub), "The Hub asks to wait"),
    "5xx now and then": (lambda hub: hub.fail("/(whoami|tree|preupload|commit|lfs)", 503, times=2), ""),
    "lost answers of creating and of the commit": (lambda hub: _lose_answers(hub), ""),
}


@pytest.mark.parametrize("fault", PASSES)
def test_what_passes_is_borne_and_makes_one_commit(hub: SmallHub, fault: str) -> None:
    breaks, words = PASSES[fault]
    token, run = hub.user("anna"), trained()
    breaks(hub)
    seen: list[str] = []
    now = publish(run, Publishing(NAME), token, lambda now: seen.append(now.words))
    assert now.stage == "done" and now.result, now
    assert words in " ".join(seen)
    repo = hub.repo(NAME, "models")
    assert len(repo.history()) == 2 and repo.branches["main"].sha == now.result.commit
    assert repo.branches["main"].files[WEIGHTS].place.read_bytes() == (run.model_path / WEIGHTS).read_bytes()


def test_a_commit_of_which_nothing_is_known_is_not_said_to_be_there_nor_made_twice(hub: SmallHub) -> None:
    token, run = hub.user("anna"), trained(1_000)
    hub.slow(f"/api/models/{NAME}$", times=2)  # the looks before it are answered
    hub.lose_answer("/commit/")
    hub.fail(f"/api/models/{NAME}$", 503)
    unsure = publish(run, Publishing(NAME), token)
    assert unsure.stage == "failed" and "is not known" in unsure.title and "empty" not in unsure.advice, unsure
    hub.heal()
    assert publish(run, Publishing(NAME), token).stage == "done"
    assert len(hub.repo(NAME, "models").history()) == 2


def _hidden_once(hub: SmallHub) -> None:
    """The repository is made by somebody else between the question for it and the answer."""
    hub.store.create("models", NAME)
    hub.fail(f"/api/models/{NAME}$", 404, times=1, X_Error_Code="RepoNotFound")


def _lose_answers(hub: SmallHub) -> None:
    hub.lose_answer("/create")
    hub.lose_answer("/commit/")


def _busy_and_cut(hub: SmallHub) -> None:
    hub.fail("/preupload/", 429, times=1, Retry_After="0.5")
    hub.cut_upload("^/lfs/", 300_000)


def _fails_and_heals(
    hub: SmallHub,
    run: Run,
    token: str,
    title: str,
    advice: str,
    meanwhile: Callable[[Publication], None] = lambda now: None,
) -> Publication:
    before = prints(run.model_path)
    failed = publish(run, Publishing(NAME), token, meanwhile)
    assert failed.stage == "failed" and failed.result is None and failed.done_bytes <= failed.total_bytes
    assert title in failed.title and advice in failed.advice, failed
    told = f"{failed.title} {failed.advice}"
    assert "Traceback" not in told and "Error" not in told and token not in told
    assert len(re.findall(r"[.?!](?:\s|$)", failed.title)) == 1
    assert prints(run.model_path) == before
    assert record.published(run) == []
    repo = hub.store.repo("models", NAME)
    assert failed.cause == "" or token not in failed.cause
    if repo is None:
        return failed  # nothing was changed anywhere: the next try is a first one
    assert WEIGHTS not in repo.branches["main"].files

    hub.heal()
    if not hub.is_up:
        hub.start()
    healed = publish(run, Publishing(NAME), token)
    assert healed.stage == "done" and prints(run.model_path) == before, healed
    for place in run.path.rglob("*"):
        assert not place.is_file() or token.encode() not in place.read_bytes(), place
    return healed
