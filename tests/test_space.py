"""The repository is a Space as it stands: its head, what it installs, how it starts there, and what survives."""

from __future__ import annotations

import errno
import fcntl
import re
import shutil
import tomllib
from collections.abc import Iterator
from importlib.metadata import requires
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from huggingface_hub import RepoCard, SpaceCard, SpaceCardData
from packaging.requirements import Requirement

import app
from core import home, machine, requirements_list, space, variables
from core.errors import ConfigError
from core.people.types import Mode
from tests.test_packaging import ROOT, RUNNING, pins
from ui import shell

OAUTH = {
    "OAUTH_CLIENT_ID": "a",
    "OAUTH_CLIENT_SECRET": "b",
    "OAUTH_SCOPES": "openid profile",
    "OPENID_PROVIDER_URL": "http://127.0.0.1:9",
}
COLOURS = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}
SCOPES = {"email", "read-repos", "contribute-repos", "write-repos", "manage-repos", "inference-api", "jobs"}
DISK = Path("/dev/shm")
"""A mount of its own on every Linux, as the storage of a Space is."""


@pytest.fixture
def on_a_space(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYSTEM", "spaces")
    monkeypatch.setenv("SPACE_ID", "anna/tunesmith")


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """What is mounted where the storage of a Space is."""
    monkeypatch.setattr(space, "DATA", DISK)
    was_there = (DISK / "tunesmith").exists()
    yield DISK
    if not was_there:
        shutil.rmtree(DISK / "tunesmith", ignore_errors=True)


# --- The head of the README ------------------------------------------------------------------------------------------


def head() -> dict[str, Any]:
    card = RepoCard.load(ROOT / "README.md", ignore_metadata_errors=False)
    return card.data.to_dict()


def test_the_hub_reads_the_head_of_the_readme() -> None:
    assert isinstance(SpaceCard.load(ROOT / "README.md").data, SpaceCardData)
    told = head()
    assert told["sdk"] == "gradio" and told["sdk_version"] == RUNNING["gradio"]
    assert (ROOT / told["app_file"]).is_file()
    assert {told["colorFrom"], told["colorTo"]} <= COLOURS
    assert 0 < len(told["short_description"]) <= 60, "the Hub refuses a longer one"
    assert not told["emoji"].isascii() and len(told["emoji"]) <= 2
    assert told["license"] == "apache-2.0" and "Apache" in (ROOT / "LICENSE").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert Requirement(f"python{project['requires-python']}").specifier.contains(f"{told['python_version']}.0")
    assert told["hf_oauth"] is True and set(told["hf_oauth_scopes"]) <= SCOPES
    assert {"write-repos", "manage-repos", "jobs"} <= set(told["hf_oauth_scopes"]), "publishing, keeping, rented GPUs"


def test_what_a_space_installs_is_the_lock() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert (ROOT / "requirements.txt").read_text(encoding="utf-8") == requirements_list.listed(lock), "run: make docs"
    installed = pins("requirements.txt")
    assert {name for name in RUNNING if installed[name] != RUNNING[name]} == {"pydantic", "pydantic-core"}
    assert set(installed) == set(RUNNING)


def test_the_builder_of_spaces_can_put_it_together() -> None:
    """It installs ``gradio[oauth,mcp]`` of the head's version in the same go."""
    installed = pins("requirements.txt")
    asked = [Requirement(line) for line in requires("gradio") or []]
    mine = [
        one for one in asked if one.marker is None or any(one.marker.evaluate({"extra": e}) for e in ("oauth", "mcp"))
    ]
    wrong = [
        str(one) for one in mine if not one.specifier.contains(installed.get(one.name.lower().replace("_", "-"), ""))
    ]
    assert [one for one in wrong if one.partition("<")[0].partition(">")[0].partition("=")[0] in installed] == []
    (capped,) = [one for one in mine if one.name == "pydantic" and one.marker]
    assert capped.specifier.contains(installed["pydantic"])
    assert any(not capped.specifier.contains(RUNNING[name]) for name in ("pydantic",)), (
        "the lock's own fits by now: leave HELD out"
    )
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (wanted,) = [one for one in map(Requirement, project["dependencies"]) if one.name == "pydantic"]
    assert wanted.specifier.contains(installed["pydantic"])


# --- How it starts there ---------------------------------------------------------------------------------------------


def test_at_home_it_is_for_one_person() -> None:
    assert space.mode(None) == "local" and space.mode("team") == "team"
    assert space.vanishing() == "" and space.before_start() == [] and space.duplicate_page() == ""


def test_a_space_asks_everybody_to_sign_in(on_a_space: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="Nobody can sign in on this Space"):
        space.mode(None)
    assert space.mode("local") == "local", "who says so knows why"
    for name, value in OAUTH.items():
        monkeypatch.setenv(name, value)
    assert space.mode(None) == "team"
    monkeypatch.delenv("SYSTEM")
    assert space.mode(None) == "local"


def test_a_space_without_a_login_does_not_open(on_a_space: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main([]) != 0
    said = capsys.readouterr().out
    assert "Nobody can sign in on this Space" in said and "hf_oauth: true" in said and "TUNESMITH_MODE" in said


@pytest.mark.parametrize("flag", variables.flags_of(app.parser()), ids=lambda flag: flag.dest)
def test_every_flag_can_be_a_variable(flag: Any) -> None:
    name = variables.variable_of(flag)
    assert name.startswith("TUNESMITH_") and f"`{name}`" in (ROOT / "docs" / "hosting.md").read_text(encoding="utf-8")


def test_variables_say_what_flags_say(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {
        "TUNESMITH_MODE": "team",
        "TUNESMITH_PEOPLE": "people.txt",
        "TUNESMITH_ALLOWED_HOST": "a.example, b.example",
        "TUNESMITH_MCP": "yes",
        "GRADIO_SERVER_NAME": "0.0.0.0",
        "GRADIO_SERVER_PORT": "8000",
    }
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    options = app.parser().parse_args([])
    assert (options.mode, options.people, options.mcp) == ("team", Path("people.txt"), True)
    assert (options.host, options.port, options.allowed_host) == ("0.0.0.0", 8000, ["a.example", "b.example"])
    above = app.parser().parse_args(["--mode", "local", "--port", "9000", "--allowed-host", "c.example"])
    assert (above.mode, above.port) == ("local", 9000) and "c.example" in above.allowed_host
    monkeypatch.setenv("TUNESMITH_HOST", "::1")
    assert app.parser().parse_args([]).host == "::1", "our own name stands above Gradio's"


@pytest.mark.parametrize(
    ("name", "value"), [("TUNESMITH_MODE", "open"), ("TUNESMITH_MCP", "perhaps"), ("TUNESMITH_PORT", "tcp://x")]
)
def test_nonsense_in_a_variable_ends_the_start(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit):
        app.parser().parse_args([])
    assert value in capsys.readouterr().err


def test_the_modes_are_those_of_the_flag() -> None:
    (flag,) = [flag for flag in variables.flags_of(app.parser()) if flag.dest == "mode"]
    assert flag.choices is not None and set(flag.choices) == set(get_args(Mode)) and flag.default is None


# --- What survives ---------------------------------------------------------------------------------------------------


def test_the_home_is_put_where_the_space_keeps_things(
    on_a_space: None, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TUNESMITH_HOME", raising=False)
    space.settle()
    assert home.home() == data / "tunesmith" and space.vanishing() == ""


def test_a_home_that_somebody_named_stays(on_a_space: None, data: Path, home: Path) -> None:
    import os

    space.settle()
    assert os.environ["TUNESMITH_HOME"] == str(home)


def test_without_storage_the_pages_say_that_runs_vanish(on_a_space: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(space, "_mount_of", lambda folder: Path("/"))  # the tests' own folder may be a mount
    monkeypatch.setattr(space, "DATA", Path("/nowhere"))
    assert "no storage of its own" in space.vanishing()
    line = shell.vanishing()
    assert "Runs vanish" in line and 'href="./kept"' in line
    assert "This run vanishes" in space.before_start()[0].title


def test_storage_that_cannot_be_written_to_is_not_used(on_a_space: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(space, "DATA", Path("/proc"))
    monkeypatch.delenv("TUNESMITH_HOME", raising=False)
    space.settle()
    assert home.home() != Path("/proc/tunesmith") and "cannot hold a run" in space.why_unfit(Path("/proc"))


def test_storage_without_locks_is_not_used(
    on_a_space: None, data: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No such disk can be mounted here, so the system's answer is made up; all around it is real."""

    def refuse(*args: Any) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    assert space.why_unfit(data) == ""
    monkeypatch.setattr(fcntl, "lockf", refuse)
    assert "No locks available" in space.why_unfit(data)
    monkeypatch.setattr(space, "_mount_of", lambda folder: Path("/"))
    assert "is not used, because it cannot hold a run that goes on (No locks available)" in space.vanishing()
    assert list(data.glob(".trial-*")) == []


def test_the_limits_of_a_small_space_are_said(on_a_space: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "has_gpu", lambda: False)
    said = space.before_start()[-1]
    assert "has no GPU" in said.title and "https://huggingface.co/spaces/anna/tunesmith?duplicate=true" in said.detail
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    assert "ZeroGPU" in space.before_start()[-1].detail
    monkeypatch.setattr(machine, "has_gpu", lambda: True)
    monkeypatch.delenv("SPACES_ZERO_GPU")
    assert all("GPU" not in note.title for note in space.before_start())


def test_the_head_is_short_enough_for_a_page_that_shows_it_as_a_table() -> None:
    (front,) = re.findall(r"\A---\n(.*?)^---$", (ROOT / "README.md").read_text(encoding="utf-8"), re.S | re.M)
    assert len(yaml.safe_load(front)) <= 14
