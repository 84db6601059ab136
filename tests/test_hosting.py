"""What ``docs/hosting.md`` and the ``Dockerfile`` say holds for this tree, as far as it shows without a daemon."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml

import app
from core import variables
from tests.test_packaging import ROOT
from tests.test_space import head

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
GUIDE = (ROOT / "docs" / "hosting.md").read_text(encoding="utf-8")


def lines() -> list[str]:
    """The steps of the Dockerfile, each on one line."""
    text = "\n".join(line for line in DOCKERFILE.splitlines() if not line.startswith("#"))
    return [line for line in text.replace("\\\n", " ").splitlines() if line.strip()]


def copied() -> set[str]:
    """What it takes from the checkout."""
    steps = [line.split()[1:-1] for line in lines() if line.startswith("COPY ") and "--from" not in line]
    return {name for step in steps for name in step}


def block(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, re.S | re.M)
    return str(found)


def is_sent(name: str) -> bool:
    """Whether a path of the checkout reaches the builder: of ``.dockerignore`` the last line that fits counts."""
    sent = True
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        rule = line.removeprefix("!")
        fits = fnmatch(name, rule) or name.startswith(f"{rule}/") or fnmatch(f"/{name}", rule.replace("**", "*"))
        if line and not line.startswith("#") and fits:
            sent = line.startswith("!")
    return sent


def test_what_the_image_is_made_of_is_there_and_is_sent() -> None:
    assert copied() >= {"core", "ui", "assets", "app.py", "requirements.lock"}
    assert [name for name in copied() if not (ROOT / name).exists() or not is_sent(name)] == []
    assert is_sent("core/studio.py") and is_sent("assets/static/all.css")
    for kept_out in (
        ".git/config",
        ".venv/bin/python",
        "tests/conftest.py",
        "people.txt",
        ".env",
        "core/__pycache__/x.pyc",
    ):
        assert not is_sent(kept_out), kept_out


def test_the_app_needs_nothing_of_the_checkout_that_is_left_out() -> None:
    """What stands at the top of the tree and is imported by the program, or read by it, is copied."""
    roots = {path.name for path in ROOT.iterdir() if (path / "__init__.py").exists() or path.suffix == ".py"}
    assert roots - {"tests", "examples"} <= copied()


def test_it_runs_as_nobody_special_and_holds_no_secret() -> None:
    steps = lines()
    assert "--uid 1000" in DOCKERFILE and steps.index("USER user") < steps.index('CMD ["python", "app.py"]')
    assert not any(word in DOCKERFILE.lower() for word in ("token", "password", "secret", "--allow", "chmod 777"))
    bases = {line.split()[1] for line in steps if line.startswith("FROM ")}
    assert bases == {f"python:{head()['python_version']}-slim"}, "the Python of the Space and of the lock"
    assert "VOLUME /data" in steps and "TUNESMITH_HOME=/data" in DOCKERFILE


def test_its_variables_are_those_of_the_app() -> None:
    known = {variables.variable_of(flag) for flag in variables.flags_of(app.parser())}
    named = set(re.findall(r"\bTUNESMITH_[A-Z_]+", DOCKERFILE + GUIDE))
    assert named <= known, named - known


def test_its_health_is_asked_at_an_address_that_answers_everybody() -> None:
    from ui.people.gate import STATIC

    (asked,) = re.findall(r"/tunesmith/[\w.]+", DOCKERFILE)
    assert asked.startswith(STATIC) and (ROOT / "assets" / "static" / asked.removeprefix(STATIC)).is_file()


def test_the_commands_of_the_image_are_shell() -> None:
    shell = shutil.which("sh")
    assert shell
    for step in (line for line in lines() if line.startswith("RUN ")):
        done = subprocess.run(
            [shell, "-n", "-c", step.removeprefix("RUN ")], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


def test_the_compose_file_is_one_and_reaches_this_machine_alone() -> None:
    service = yaml.safe_load(block("yaml"))["services"]["tunesmith"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    assert "tunesmith:/data" in service["volumes"] and service["cap_drop"] == ["ALL"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd looks through its own files")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    unit = block("ini")
    (program,) = re.findall(r"^ExecStart=(\S+)", unit, re.M)
    assert shlex.split(program) == ["/opt/tunesmith/.venv/bin/python"]
    path = tmp_path / "tunesmith.service"
    path.write_text(unit.replace(program, sys.executable), encoding="utf-8")
    asked = ["systemd-analyze", "verify", "--man=no", str(path)]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=120, check=False)
    assert "tunesmith.service" not in done.stderr, done.stderr
