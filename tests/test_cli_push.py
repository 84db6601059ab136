"""The command ``push`` in a process of its own, as whoever is logged in on the machine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from core.publishing import record
from tests.making import PROJECT
from tests.publishing import WEIGHTS, trained
from tests.small_hub import SmallHub

NAME = "anna/reviews"


def command(hub: SmallHub, folder: Path, *arguments: str, token: str = "") -> subprocess.Popen[str]:
    """``token`` is saved as ``hf auth login`` saves it."""
    folder.mkdir(exist_ok=True)
    if token:
        (folder / "token").write_text(token, encoding="utf-8")
    facts = {name: value for name, value in os.environ.items() if name != "HF_TOKEN"} | hub.environment(folder)
    return subprocess.Popen(
        [sys.executable, "-m", "core.cli", "push", *arguments],
        cwd=PROJECT,
        env=facts,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Whoever runs the tests in the background has told them, and so their children, to ignore it.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.default_int_handler),
    )


def test_a_model_and_its_demo_are_published_and_both_are_said(small_hub: SmallHub, tmp_path: Path) -> None:
    run, token = trained(1_000), small_hub.user("anna")
    done = command(small_hub, tmp_path / "hf", run.id, NAME, "--public", "--demo", "--json", token=token)
    out, err = done.communicate(timeout=120)
    assert done.returncode == 0, err
    made = [json.loads(line) for line in out.splitlines()]
    assert [one["url"] for one in made] == [f"{small_hub.url}/{NAME}", f"{small_hub.url}/spaces/{NAME}-demo"]
    assert made[0]["commit"] == small_hub.repo(NAME, "models").branches["main"].sha and not made[0]["private"]
    assert [one.repo for one in record.published(run)] == [f"{NAME}-demo", NAME]
    assert token not in out + err


def test_what_cannot_be_is_said_in_a_sentence_and_is_no_success(small_hub: SmallHub, tmp_path: Path) -> None:
    run = trained(1_000)
    nobody = command(small_hub, tmp_path / "nobody", run.id, NAME)
    stranger = command(small_hub, tmp_path / "hf", run.id, "acme/x", token=small_hub.user("anna"))
    out, err = nobody.communicate(timeout=120)
    assert nobody.returncode == 1 and out == ""
    assert "Nobody is signed in" in err and "hf auth login" in err and "Traceback" not in err
    out, err = stranger.communicate(timeout=120)
    assert stranger.returncode == 1 and out == ""
    assert "anna may not publish under the name 'acme'" in err and "Traceback" not in err
    assert small_hub.paths("POST") == []


def test_ending_the_command_ends_the_publication(small_hub: SmallHub, tmp_path: Path) -> None:
    run = trained()
    small_hub.lfs_above = 100_000
    small_hub.slow("/lfs/objects/batch", wait=20)
    going = command(small_hub, tmp_path / "hf", run.id, NAME, token=small_hub.user("anna"))
    end = time.monotonic() + 60
    while not any("/preupload/" in path for path in small_hub.paths()):
        assert time.monotonic() < end and going.poll() is None
        time.sleep(0.05)
    going.send_signal(signal.SIGINT)
    out, err = going.communicate(timeout=60)
    assert going.returncode == 130 and "cancelled" in err.lower() and "Traceback" not in err and out == ""
    time.sleep(0.5)
    assert WEIGHTS not in small_hub.repo(NAME, "models").branches["main"].files
    assert not any("/commit/" in path for path in small_hub.paths())


@pytest.mark.parametrize(
    "arguments, words",
    [(["--include", "all"], "nothing called all"), (["--pr", "--demo"], "do not go together")],
)
def test_what_does_not_go_together_is_refused(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from core import cli

    assert cli.main(["push", "2026-01-01-brave-otter", NAME, *arguments]) == 2
    assert words in capsys.readouterr().err


def test_a_token_is_no_argument(capsys: pytest.CaptureFixture[str]) -> None:
    """Every process of the machine could read it there."""
    from core import cli

    with pytest.raises(SystemExit):
        cli.main(["push", "--help"])
    assert "token" not in capsys.readouterr().out
