"""Publishing for real, over HTTP, through a process of its own: new and old repositories, proposals, cancelling."""

from __future__ import annotations

import json
import resource
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import HubError
from core.hub.identity import Identity
from core.publishing import record
from core.publishing.card import MARKER
from core.publishing.place import Place, There, fitted
from core.publishing.publications import PUBLICATIONS, _Attempt
from core.publishing.types import Item, Publication, Published, Publishing
from tests import processes
from tests.publishing import SIZE, WEIGHTS, prints, publish, trained, weights, with_checkpoint
from tests.small_hub import SmallHub
from tests.small_hub.http import Request
from tests.small_hub.store import Repo

PLAIN = Publishing("anna/reviews")


@pytest.fixture
def hub(small_hub: SmallHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallHub]:
    small_hub.lfs_above = 100_000
    for name, value in small_hub.environment(tmp_path / "huggingface").items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("HF_TOKEN", raising=False)
    yield small_hub
    PUBLICATIONS.close()


def repo_of(hub: SmallHub, name: str = PLAIN.repo) -> Repo:
    return hub.repo(name, "models")


def names_of(hub: SmallHub, branch: str = "main") -> set[str]:
    return set(repo_of(hub).branches[branch].files) - {".gitattributes"}


def sent_bytes(requests: list[Request]) -> int:
    return sum(len(one.body) for one in requests if one.method == "PUT")


def commits(hub: SmallHub) -> int:
    return sum("/commit/" in path for path in hub.paths("POST"))


def test_a_model_goes_into_a_new_private_repository_in_one_commit_and_changes_into_the_next(
    hub: SmallHub, home: Path
) -> None:
    token, run = hub.user("anna"), trained()
    before = prints(run.model_path)
    now = publish(run, PLAIN, token)
    assert now.stage == "done" and now.result is not None, now
    head = repo_of(hub).branches["main"]
    assert repo_of(hub).private and now.result.private and now.result.commit == head.sha
    assert now.result.url == f"{hub.url}/anna/reviews"
    assert head.files[WEIGHTS].place.read_bytes() == (run.model_path / WEIGHTS).read_bytes()
    assert len(repo_of(hub).history()) == 2 and commits(hub) == 1
    assert record.published(run) == [now.result]
    assert prints(run.model_path) == before
    assert now.total_bytes == now.done_bytes > SIZE

    asked = len(hub.requests)
    again = publish(run, PLAIN, token)
    assert again.result and again.result.commit == head.sha and commits(hub) == 1
    assert sent_bytes(hub.requests[asked:]) == 0 and len(record.published(run)) == 1

    run.rename("Another name")  # stands in the card
    changed = publish(run, PLAIN, token)
    assert changed.result and [one.commit for one in record.published(run)] == [changed.result.commit, head.sha]
    assert sent_bytes(hub.requests[asked:]) == 0 and commits(hub) == 2


def test_the_token_is_nowhere_but_in_the_question_and_only_one_attempt_goes_on(hub: SmallHub, home: Path) -> None:
    """Neither in what is published nor in any file of the home, nor in the arguments or environment of a process."""
    token, run = hub.user("anna"), trained(1_000)
    hub.slow("/whoami", wait=0.5)
    looked: list[str] = []

    def look(now: Publication) -> None:
        for process in processes.living("core.publishing.child"):
            if not looked:
                looked.append(json.dumps([process.cmdline(), process.environ()]))
                with pytest.raises(HubError, match="being published already"):
                    publish(run, PLAIN, token)

    assert publish(run, PLAIN, token, look).stage == "done"
    assert looked and token not in looked[0]
    for place in (*home.rglob("*"), *hub.store.folder.rglob("*")):
        assert not place.is_file() or token.encode() not in place.read_bytes(), place
    assert not [one for one in hub.requests if token in one.path or token.encode() in one.body]


def test_files_that_the_hub_has_are_not_sent_again_after_a_cut(hub: SmallHub) -> None:
    token, run = hub.user("anna"), trained()
    (run.model_path / "other.safetensors").write_bytes(weights(SIZE + 1_000))
    hub.fail("/commit/", 403)
    assert publish(run, PLAIN, token).stage == "failed"
    assert sent_bytes(hub.requests) > 2 * SIZE
    hub.heal()
    asked = len(hub.requests)
    assert publish(run, PLAIN, token).stage == "done"
    assert sent_bytes(hub.requests[asked:]) == 0


def test_files_of_others_stay_and_older_weights_go(hub: SmallHub) -> None:
    token = hub.user("anna")
    mine = {"notes.md": "mine", "README.md": "# Read me\n\nMy own words.", "adapter_config.json": "{}"}
    shards = {"model-00001-of-00002.safetensors": "1", "model.safetensors.index.json": "{}"}
    hub.add(PLAIN.repo, {**mine, **shards, "pytorch_model.bin": "x"}, kind="models")
    assert publish(trained(), PLAIN, token).stage == "done"
    names = names_of(hub)
    assert {"notes.md", "README.md", "MODEL_CARD.md", "pytorch_model.bin", WEIGHTS} <= names
    assert names.isdisjoint({*shards, "adapter_config.json"})
    files = repo_of(hub).branches["main"].files
    assert "My own words." in files["README.md"].place.read_text()
    assert MARKER in files["MODEL_CARD.md"].place.read_text()


def test_what_was_published_before_is_replaced_with_its_card_and_copies(hub: SmallHub) -> None:
    before = {"README.md": f"# Old\n\n{MARKER}\n", "tunesmith.json": "{}", "checkpoints/checkpoint-1/a": "x"}
    hub.add(PLAIN.repo, before, kind="models")
    assert publish(trained(1_000), PLAIN, hub.user("anna")).stage == "done"
    assert "model-index" in repo_of(hub).branches["main"].files["README.md"].place.read_text()
    assert names_of(hub).isdisjoint({"MODEL_CARD.md", "checkpoints/checkpoint-1/a"})


def test_a_proposal_changes_nothing_and_is_not_made_twice(hub: SmallHub) -> None:
    hub.user("anna")
    token, run = hub.user("ben"), trained()
    head = hub.add(PLAIN.repo, {"notes.md": "mine"}, kind="models")
    wanted = replace(PLAIN, as_pull_request=True)
    first = publish(run, wanted, token)
    assert first.stage == "done" and first.result is not None, first
    assert first.result.url == f"{hub.url}/anna/reviews/discussions/1" and first.result.as_pull_request
    assert repo_of(hub).branches["main"].sha == head and WEIGHTS in names_of(hub, "refs/pr/1")
    hub.lose_answer("/commit/")
    run.rename("Another name")
    assert publish(run, wanted, token).stage == "done"
    assert len(repo_of(hub).discussions) == 2


def test_checkpoints_and_curves_go_along_when_asked_for(hub: SmallHub) -> None:
    run = trained(1_000)
    with_checkpoint(run, 7)
    wanted = replace(PLAIN, private=False, include=("checkpoints", "logs"), version="last", message="Here it is")
    now = publish(run, wanted, hub.user("anna"))
    assert now.stage == "done" and now.result and not now.result.private, now
    names = names_of(hub)
    assert f"checkpoints/checkpoint-7/{WEIGHTS}" in names and any(name.startswith("runs/") for name in names)
    assert not [name for name in names if name.endswith((".bin", ".pt", ".pth"))]
    assert repo_of(hub).branches["main"].title == "Here it is"


def test_a_demo_becomes_a_space(hub: SmallHub) -> None:
    token, run = hub.user("anna"), trained(1_000)
    wanted = Publishing("anna/reviews-demo", demo_of=PLAIN.repo)
    now = publish(run, wanted, token)
    assert now.stage == "done" and now.result and now.result.url == f"{hub.url}/spaces/anna/reviews-demo", now
    space = hub.repo("anna/reviews-demo", "spaces")
    assert space.sdk == "gradio" and "app.py" in space.branches["main"].files


@pytest.mark.parametrize(
    "readme, files, where",
    [
        ("", [], "README.md"),
        ("---\nlicense: mit\n---\n", ["README.md"], "README.md"),
        (f"# Old\n\n{MARKER}\n", ["README.md"], "README.md"),
        ("# My own words\n", ["README.md"], "MODEL_CARD.md"),
    ],
)
def test_a_card_never_replaces_the_words_of_somebody_else(readme: str, files: list[str], where: str) -> None:
    place = Place("0" * 40, True, dict.fromkeys(files, There(1, "")), readme)
    assert [item.name for item in fitted([Item("README.md", b"new")], place, "model")] == [where]


@pytest.mark.parametrize("readme", ["---\nsdk: gradio\n---\n", "# Mine\n"])
def test_a_demo_never_replaces_another_space(readme: str) -> None:
    place = Place("0" * 40, True, dict.fromkeys(["app.py", "README.md"], There(1, "")), readme)
    with pytest.raises(HubError, match="shows something else"):
        fitted([Item("app.py", b"new")], place, "space")


def test_cancelling_ends_it_in_the_middle_of_a_file_and_the_next_try_goes_on(hub: SmallHub) -> None:
    token, run = hub.user("anna"), trained()
    (run.model_path / WEIGHTS).write_bytes(weights(20_000_000))
    hub.slow("^/lfs/", pace=5_000_000)
    seen: set[int] = set()

    def cancel(now: Publication) -> None:
        seen.add(now.done_bytes)
        if len(seen) > 3:
            PUBLICATIONS.cancel(run.id)

    now = publish(run, PLAIN, token, cancel)
    assert now.stage == "cancelled" and now.result is None and 0 < now.done_bytes < now.total_bytes
    assert record.published(run) == [] and names_of(hub) == set()
    hub.heal()
    assert publish(run, PLAIN, token).stage == "done"


def test_what_is_cancelled_at_the_last_step_is_not_said_to_have_changed_nothing(hub: SmallHub) -> None:
    token, run = hub.user("anna"), trained(1_000)
    hub.slow("/commit/", wait=2)

    def cancel(now: Publication) -> None:
        if now.stage == "committing":
            PUBLICATIONS.cancel(run.id)

    now = publish(run, PLAIN, token, cancel)
    assert now.stage == "cancelled" and "may be on the Hub already" in now.words, now
    hub.heal()
    assert publish(run, PLAIN, token).stage == "done"


def test_what_was_on_its_way_when_it_was_cancelled_counts(hub: SmallHub) -> None:
    attempt = _Attempt(trained(1_000), PLAIN, Identity("token", "t"))
    attempt.cancel()
    assert "before any file" in attempt.publication.words
    attempt._hear("committing", "", 1, 1)
    assert attempt.publication.stage == "cancelled" and "may be on the Hub already" in attempt.publication.words
    attempt._keep(Published(PLAIN.repo, "model", "u", "c", True, False, 1.0))
    assert attempt.publication.stage == "done" and "before it could be cancelled" in attempt.publication.words


def test_more_files_than_may_be_open_at_once(hub: SmallHub, monkeypatch: pytest.MonkeyPatch) -> None:
    run, token = trained(1_000), hub.user("anna")
    for number in range(200):
        (run.model_path / f"note{number}.txt").write_text(str(number), encoding="utf-8")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (150, before[1]))  # processes that are started take it over
    try:
        assert publish(run, PLAIN, token).stage == "done"
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_a_model_that_was_damaged_on_the_way_is_not_said_to_be_published(hub: SmallHub) -> None:
    hub.user("anna")
    run = trained(1_000)
    token = hub.user("ben", ("anna",))
    real, hidden = hub._answer, []  # the Hub forgets a file of the commit

    def forgetful(request: Request) -> object:
        if "/commit/" in request.path:
            lines = [line for line in request.body.splitlines() if b'"tunesmith.json"' not in line]
            hidden.append(len(request.body.splitlines()) - len(lines))
            request = replace(request, body=b"\n".join(lines))
        return real(request)

    hub.stop()
    hub._answer = forgetful  # type: ignore[assignment]
    hub.start()
    now = publish(run, PLAIN, token)
    assert hidden == [1] and now.stage == "failed" and "does not hold tunesmith.json" in now.title
    assert record.published(run) == []
