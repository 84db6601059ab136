"""Runs kept in a private repository and brought back, over HTTP, through a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core import runs
from core.errors import HubError, RunError
from core.hub.identity import NOBODY, Identity, asking_as
from core.keeping import automatic as automatic_keeping
from core.keeping.automatic import Automatic
from core.runs import State
from core.studio import Studio
from tests import processes
from tests.keeping import PATIENCE_SECONDS, REPO, bring_back, files_of, hub, keep, left_behind, studio, through
from tests.making import PROJECT, run_with, started
from tests.publishing import prints, trained, with_checkpoint
from tests.small_hub import SmallHub
from tests.trying import give_model

__all__ = ["hub", "studio"]
"""Fixtures."""


def lose_everything(home: Path) -> None:
    """What a restart does where nothing outlasts it."""
    shutil.rmtree(home / "runs")


def test_a_run_is_kept_and_comes_back_with_its_report_and_a_model_that_answers(
    hub: SmallHub, studio: Studio, home: Path, tiny_bert: Path
) -> None:
    token, run = hub.user("anna"), trained(1_000)
    give_model(run, tiny_bert, "good")
    with_checkpoint(run, 3)
    run.rename("Spring reviews")
    (run.path / "worker.log").write_text("what it printed", encoding="utf-8")
    (run.path / "stop").write_text("", encoding="utf-8")
    (run.path / "again.txt").write_text("", encoding="utf-8")
    before, report, created = prints(run.path), run.report, run.created

    done = keep(studio, run, token)
    assert done.state == "done", done
    repo = hub.repo(REPO, "models")
    assert repo.private and len(repo.history()) == 2, "one commit"
    names = {name.removeprefix(f"runs/{run.id}/") for name in files_of(hub)} - {".gitattributes", "README.md"}
    assert {"config.yaml", "events.jsonl", "report.json", "name.txt", "model/model.safetensors", "kept.json"} <= names
    assert not any("checkpoint" in name or name in ("worker.log", "stop", "again.txt") for name in names)
    made = studio.kept(run.id)
    assert made is not None and (made.repo, made.private) == (REPO, True)

    lose_everything(home)
    with asking_as(Identity("token", token)):
        found = studio.kept_runs()
    assert found.repo == REPO and [(one.run, one.is_here) for one in found.runs] == [(run.id, False)]
    assert bring_back(studio, run.id, token).state == "done"
    back = runs.find(run.id)
    after = prints(back.path)
    assert {name: before[name] for name in after} == after and "model/model.safetensors" in after
    assert back.state is State.FINISHED and back.name == "Spring reviews" and back.report == report
    assert abs(back.created - created) < 1
    assert [one.name for one in left_behind()] == [run.id]
    assert studio.predict(run.id, {"text": "the film was great"})["label"] == "good"
    with asking_as(Identity("token", token)):
        assert studio.kept_runs().runs[0].is_here
        with pytest.raises(Exception, match="here already"):
            error = bring_back(studio, run.id, token)
            raise RunError(error.title)
    assert prints(back.path) == after, "what is there is never touched"


def test_the_token_is_nowhere_and_the_repository_is_private_from_its_first_byte(
    hub: SmallHub, studio: Studio, home: Path
) -> None:
    token, run = hub.user("anna"), trained(1_000)
    hub.slow("/api/models/anna", wait=0.3)
    looked: list[str] = []
    with asking_as(Identity("token", token)):
        studio.keep(run.id)
        while (now := studio.keeping(run.id)) is not None and now.state == "going":
            looked += [json.dumps([one.cmdline(), one.environ()]) for one in processes.living("core.keeping.child")][:1]
            time.sleep(0.02)
    assert now is not None and now.state == "done", now
    assert looked and all(token not in one for one in looked)
    for place in (*home.rglob("*"), *hub.store.folder.rglob("*")):
        assert not place.is_file() or token.encode() not in place.read_bytes(), place
    asked = [one for one in hub.requests if one.method == "POST"]
    assert "repos/create" in asked[0].path and b"private" in asked[0].body
    assert not [one for one in hub.requests if token in one.path or token.encode() in one.body]


def test_a_public_repository_of_that_name_gets_nothing(hub: SmallHub, studio: Studio) -> None:
    token, run = hub.user("anna"), trained(1_000)
    hub.add(REPO, {"README.md": "mine"}, kind="models")
    done = keep(studio, run, token)
    assert done.state == "failed" and "is public, so nothing was sent" in done.title
    assert set(files_of(hub)) - {".gitattributes"} == {"README.md"} and studio.kept(run.id) is None


def test_what_hides_code_or_a_token_does_not_go_up(hub: SmallHub, studio: Studio) -> None:
    token, run = hub.user("anna"), trained(1_000)
    (run.model_path / "notes.json").write_bytes(b"\x80\x02}q\x00.")
    assert "can hide code" in keep(studio, run, token).title
    (run.model_path / "notes.json").write_text(json.dumps({"key": f"hf_{'a' * 34}"}), encoding="utf-8")
    assert "access token" in keep(studio, run, token).title
    (run.model_path / "notes.json").unlink()
    (run.model_path / "notes.json").symlink_to("/etc/hostname")
    assert "link to another place" in keep(studio, run, token).title


def test_a_run_that_goes_on_and_nobody_are_refused_at_once(studio: Studio) -> None:
    waiting = run_with()
    with asking_as(NOBODY), pytest.raises(RunError, match="not over yet"):
        studio.keep(waiting.id)
    with asking_as(NOBODY), pytest.raises(HubError, match="Nobody is signed in"):
        studio.keep(trained(1_000).id)
    with asking_as(NOBODY), pytest.raises(HubError, match="Nobody is signed in"):
        studio.bring_back("2026-11-22-brave-otter")
    with asking_as(NOBODY), pytest.raises(RunError, match="not the id of a run"):
        studio.bring_back("../../etc")


# --- By itself, and from a terminal ----------------------------------------------------------------------------------


def test_runs_that_get_through_are_kept_while_it_is_on(hub: SmallHub, studio: Studio) -> None:
    token, before = hub.user("anna"), trained(1_000)
    going = run_with(started())
    automatic = Automatic()
    with asking_as(NOBODY), pytest.raises(HubError, match="Nobody is signed in"):
        automatic.turn_on()
    with asking_as(Identity("token", token)):
        automatic.turn_on()
        assert automatic.is_on()
        after = trained(1_000)
        automatic.look()
        assert through(lambda: studio.keeping(after.id)).state == "done"
        automatic.turn_off()
    with asking_as(Identity("token", "hf_another")):
        assert not automatic.is_on()
    assert studio.keeping(before.id) is None and studio.keeping(going.id) is None
    assert any(name.startswith(f"runs/{after.id}/") for name in files_of(hub))


def test_what_is_wrong_in_one_run_keeps_no_other_from_being_kept(
    hub: SmallHub, studio: Studio, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(automatic_keeping, "LOOK_SECONDS", 0.05)
    damaged, taken_back, automatic = trained(1_000), run_with(), Automatic()
    (damaged.path / "kept.json").write_text('[{"kind": ', encoding="utf-8")
    studio.stop(taken_back.id)
    with asking_as(Identity("token", hub.user("anna"))):
        with pytest.raises(RunError, match="Nothing has happened"):
            studio.keep(taken_back.id)
        automatic.turn_on()
        try:
            automatic._wishes[home].seen.clear()  # as if both had got through just now
            end = time.monotonic() + PATIENCE_SECONDS
            while not automatic._wishes[home].seen >= {damaged.id, taken_back.id}:
                assert time.monotonic() < end
                time.sleep(0.02)
            sound = trained(1_000)
            assert through(lambda: studio.keeping(sound.id)).state == "done", "it looks on"
        finally:
            automatic.turn_off()
    assert studio.keeping(damaged.id) is None and studio.keeping(taken_back.id) is None


def test_it_ends_with_the_sign_in(hub: SmallHub, studio: Studio) -> None:
    automatic = Automatic()
    with asking_as(Identity("oauth", hub.user("anna"), expires=time.time() + 3600)):
        automatic.turn_on()
    (wish,) = automatic._wishes.values()
    wish.asker = Identity("oauth", wish.asker.secret, expires=time.time() - 1)
    late = trained(1_000)
    automatic.look()
    assert studio.keeping(late.id) is None and not automatic._wishes


def test_the_commands(hub: SmallHub, home: Path, tmp_path: Path) -> None:
    run, token = trained(1_000), hub.user("anna")
    folder = tmp_path / "hf"
    folder.mkdir()
    (folder / "token").write_text(token, encoding="utf-8")

    def command(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "core.cli", *arguments],
            cwd=PROJECT,
            env=os.environ | hub.environment(folder),
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )

    assert "Kept (private)" in command("keep", run.id).stdout
    lose_everything(home)
    assert run.id in command("kept").stdout
    done = command("bring-back", run.id, "--json")
    assert done.returncode == 0 and json.loads(done.stdout) == {"run": run.id}
    again = command("bring-back", run.id)
    assert again.returncode == 1 and "is here already" in again.stderr and token not in again.stderr
