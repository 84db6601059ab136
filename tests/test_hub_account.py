"""Who is signed in on the Hub and with which rights, asked of a small Hub by a process that is told who asks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.errors import StudioError
from core.hub import askers, identity
from core.hub.askers import Askers
from core.hub.identity import FORGOTTEN, MACHINE, NOBODY, Identity, asking_as, carried, current, each_step_as
from tests.making import run_with
from tests.small_hub import SmallHub
from tests.small_hub.asking import ask
from ui import signing

BEGIN = """
import time
from core.errors import HubError
from core.hub.account import account
from core.hub.identity import MACHINE, NOBODY, Identity, asking_as

def who(identity):
    begun = time.monotonic()
    try:
        with asking_as(identity):
            found = account()
    except HubError as exc:
        return {"title": exc.title, "advice": exc.advice, "took": time.monotonic() - begun}
    return found and {**vars(found), "owners": found.owners}
"""


def fine_grained(*scoped: tuple[str, str, list[str]], gated: bool = False) -> dict[str, Any]:
    """What the Hub says of such a token: kind, name and permissions of all that it is for."""
    told = [{"entity": {"type": kind, "name": name}, "permissions": may} for kind, name, may in scoped]
    token = {"displayName": "t", "role": "fineGrained", "fineGrained": {"canReadGatedRepos": gated, "scoped": told}}
    return {"type": "access_token", "accessToken": token}


def test_each_kind_of_token_says_in_words_what_it_allows(small_hub: SmallHub, tmp_path: Path) -> None:
    everything = fine_grained(("user", "anna", ["repo.content.read", "repo.write"]), ("org", "acme", ["repo.write"]))
    single = fine_grained(("model", "anna/moods", ["repo.write"]), ("org", "acme", ["repo.content.read"]), gated=True)
    tokens = {
        "write": small_hub.user("anna", ("acme", "looking"), org_roles={"looking": "read"}),
        "read": small_hub.user("anna", ("acme",), role="read"),
        "fine": small_hub.user("anna", ("acme", "other"), auth=everything),
        "single": small_hub.user("anna", ("acme",), auth=single),
        "none": small_hub.user("anna", auth=fine_grained(("user", "anna", ["inference.serverless.write"]))),
        "ending": small_hub.user("anna", auth={"type": "oauth", "expiresAt": "2030-01-02T03:04:05.000Z"}),
    }

    found = ask(
        small_hub,
        tmp_path / "huggingface",
        BEGIN + f"answer = {{name: who(Identity('token', token)) for name, token in {tokens!r}.items()}}\n"
        f"answer['oauth'] = who(Identity('oauth', {tokens['ending']!r}, scope='openid profile write-repos'))",
    )

    assert found["write"]["rights"] == "may read and write"
    assert found["write"]["owners"] == ["anna", "acme"]
    assert found["write"]["full_name"] == "Anna" and found["write"]["until"] is None
    assert found["read"]["rights"] == "may read only" and found["read"]["owners"] == []
    assert found["fine"]["rights"] == "may write to all repositories of anna, acme"
    assert found["fine"]["owners"] == ["anna", "acme"]
    assert found["single"]["owners"] == [] and found["single"]["only_repos"] == ["anna/moods"]
    assert found["single"]["rights"] == (
        "may write to these repositories: anna/moods; may read what is private of acme; may read gated repositories"
    )
    assert found["none"]["rights"] == "may read what is public" and not found["none"]["can_write"]
    assert found["ending"]["until"] == found["oauth"]["until"] == 1893553445.0
    assert found["oauth"]["kind"] == "oauth" and found["oauth"]["can_write"]
    assert found["oauth"]["rights"] == "may read, and write to repositories that exist already"


def test_nobody_the_machine_a_refused_token_and_a_hub_that_is_away(small_hub: SmallHub, tmp_path: Path) -> None:
    token, gone = small_hub.user("anna"), small_hub.user("ben")
    small_hub.expire(gone)
    code = f"""
answer = {{"nobody": who(NOBODY), "machine": who(MACHINE), "refused": who(Identity("token", {gone!r}))}}
answer["again"] = [who(Identity("token", {token!r}))["name"] for _ in range(3)]
answer["ended"] = who(Identity("oauth", {token!r} + "x", expires=time.time() - 1))
from core.data.hub import network
network.hub.reachable = lambda: False
answer["away"] = who(Identity("token", {token!r} + "y"))
"""

    found = ask(small_hub, tmp_path / "without", BEGIN + code)
    asked = small_hub.paths().count("/api/whoami-v2")
    with_token = ask(small_hub, tmp_path / "with", BEGIN + "answer = [who(MACHINE), who(NOBODY)]", token=token)

    assert found["nobody"] is None and found["machine"] is None
    assert "does not accept the token that was pasted" in found["refused"]["title"]
    assert "huggingface.co/settings/tokens" in found["refused"]["advice"]
    assert found["again"] == ["anna"] * 3 and asked == 2, "asked once for each token"
    assert found["ended"]["title"] == "Your sign-in on the Hugging Face Hub has ended."
    assert "cannot be reached" in found["away"]["title"]
    assert with_token[0]["name"] == "anna" and with_token[0]["kind"] == "machine"
    assert with_token[1] is None


def test_a_hub_that_does_not_answer_keeps_nobody_waiting(small_hub: SmallHub, tmp_path: Path) -> None:
    small_hub.slow("whoami", wait=8)

    found = ask(small_hub, tmp_path, BEGIN + f"answer = who(Identity('token', {small_hub.user('anna')!r}))")

    assert found["took"] < 5
    assert found["title"]


def test_an_identity_hides_its_secret_and_goes_through_threads_and_steps() -> None:
    anna = Identity("token", "hf_secretsecret")
    assert "secretsecret" not in repr(anna) and "secretsecret" not in anna.key
    assert Identity.of(anna.as_record()) == anna and Identity.of(None) == MACHINE
    assert [one.to_send() for one in (MACHINE, NOBODY, anna)] == [None, False, "hf_secretsecret"]
    seen: list[Identity] = []

    def steps() -> Iterator[int]:
        try:
            yield seen.append(current()) or 1
            yield seen.append(current()) or 2
        finally:
            seen.append(current())

    walk = each_step_as(anna, steps())
    next(walk)
    assert current() == MACHINE, "between two steps the process is itself again"
    next(walk)
    walk.close()
    with asking_as(anna):
        asks = carried(current)
    assert asks() == anna and seen == [anna] * 3


def test_a_process_that_works_for_somebody_else_has_lost_the_token_of_the_machine(
    small_hub: SmallHub, tmp_path: Path
) -> None:
    code = """
import os
from huggingface_hub import HfApi
from core.hub.identity import MACHINE, NOBODY, Identity, become
answer = []
for who in (MACHINE, NOBODY, Identity("token", "hf_secretsecret")):
    become(who)
    list(HfApi().list_models())  # names no token
    answer.append("HF_TOKEN" in os.environ)
"""
    machine = small_hub.user("machine")

    assert ask(small_hub, tmp_path, code, token=machine) == [True, False, False]
    sent = [one.headers.get("authorization") for one in small_hub.requests if one.path.startswith("/api/models")]
    assert sent == [f"Bearer {machine}", None, None]


def test_a_queued_run_asks_as_whoever_queued_it_and_never_as_somebody_else() -> None:
    known, run = Askers(), run_with()
    anna = Identity("token", "hf_secretsecret")
    with asking_as(anna):
        known.remember(run)

    assert run.asker_path.read_text() == "token"
    assert Askers().take(run) == FORGOTTEN, "after a restart the token is gone"
    assert known.take(run) == anna
    assert known.take(run) == FORGOTTEN, "it is handed over, not kept"
    with asking_as(NOBODY):
        known.remember(run)
    assert known.take(run) == NOBODY
    known.remember(run)
    assert known.take(run) == MACHINE and not run.asker_path.exists()


def test_a_run_whose_token_is_gone_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = StudioError("There is no such dataset.", "Check it.", cause="RepositoryNotFoundError: 401")
    assert askers.told(refused) is refused
    monkeypatch.setattr(identity, "_own", FORGOTTEN)

    assert "Sign in" in askers.told(refused).advice and "take the run up again" in askers.told(refused).advice
    other = StudioError("The disk is full.")
    assert askers.told(other) is other


def test_a_vault_forgets_who_signs_out_and_who_stays_away(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    vault, anna = signing.Vault(idle_seconds=10, clock=lambda: now[0]), Identity("token", "hf_secretsecret")
    vault.put("a", anna)
    vault.put("b", anna)
    now[0] = 8
    assert vault.get("a") == anna and vault.get("c") is None
    now[0] = 15
    assert vault.get("a") == anna, "being there counts"
    assert vault.get("b") is None
    vault.forget("a")
    assert vault.get("a") is None
    monkeypatch.setattr(signing, "MOST", 2)
    for name in ("a", "b", "a", "c"):
        assert vault.get(name) == anna or vault.put(name, anna) is None
    assert [vault.get(name) for name in "abc"] == [anna, None, anna], "who was not seen for longest makes room"
