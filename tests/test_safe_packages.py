"""The list of threats says what is so; each pinned package is listed with its licence, and audited where it can be."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core import ceilings, licence_list
from tests import audit
from tests.guards import NOT_OURS, REMOVALS

ROOT = Path(__file__).resolve().parent.parent
SECURITY = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
LOCKS = [ROOT / name for name in audit.LOCKS]
THREATS = [line for line in SECURITY.partition("## Limits")[0].splitlines() if line.startswith("| ")][2:]


def test_each_threat_names_a_guard_and_a_test_that_are_there() -> None:
    assert len(THREATS) > 30
    missing = []
    for line in THREATS:
        threat, guard, test = (cell.strip() for cell in line.strip("|").split(" | "))
        for file, name in re.findall(r"`([\w/.]+\.(?:py|js))` `(\w+)`", guard):
            text = (ROOT / file).read_text(encoding="utf-8")
            if not re.search(rf"(?:def|class|function) {name}\b", text):
                missing.append(f"{threat}: {file} {name}")
        for file, name in re.findall(r"`(tests/\w+\.py)::(\w+)`", test):
            if not re.search(rf"(?:def|class) {name}\b", (ROOT / file).read_text(encoding="utf-8")):
                missing.append(f"{threat}: {file}::{name}")
        if "tests/test_" not in test:
            missing.append(f"{threat}: no test")
    assert missing == []


def test_each_of_these_tests_is_seen_to_fail_without_its_guard() -> None:
    """``python -m tests.unguarded`` takes the guards away; here, that it leaves none out and still finds them all."""
    named = {f"{file}::{name}" for line in THREATS for file, name in re.findall(r"`tests/(\w+)\.py::(\w+)`", line)}
    assert named - set(REMOVALS) - set(NOT_OURS) == set(), "tests/guards.py says how the guard is taken away"
    assert (set(REMOVALS) | set(NOT_OURS)) - named == set(), "no line of the list names it"
    assert set(REMOVALS) & set(NOT_OURS) == set() and all(REMOVALS.values())
    files = {removal.file for removals in REMOVALS.values() for removal in removals}
    texts = {file: (ROOT / file).read_text(encoding="utf-8") for file in files}
    for test, removals in REMOVALS.items():
        for removal in removals:
            assert removal.applied(texts[removal.file]) != texts[removal.file], test


def test_the_limits_are_those_of_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ceilings.VARIABLE, raising=False)
    for name, ceiling in ceilings.CEILINGS.items():
        assert f"| `{name}` | {ceilings.in_words(name)} | {ceiling.words} |" in SECURITY


def test_every_pinned_package_is_listed_with_a_licence_that_allows_its_use() -> None:
    listed = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")
    for lock in LOCKS:
        for name, version in licence_list.pinned(lock):
            assert f"| {name} | {version} | " in listed, "make docs"
    found = licence_list.licensed(LOCKS)
    bound = {one.name.lower() for one in found if licence_list.BINDING.search(one.licence)}
    assert bound - set(licence_list.NOTES) == set(), "a licence that may forbid the use needs a note"
    assert [one.name for one in found if one.licence == licence_list.UNKNOWN and f"| {one.name} |" not in listed] == []
    for name in ("AGPL-3.0", "GNU Affero General Public License v3", "GPL-2.0-only", "CC-BY-NC-4.0", "SSPL-1.0"):
        assert licence_list.BINDING.search(name), name
    for name in ("LGPL-2.1", "GNU Lesser General Public License v2 or later (LGPLv2+)", "MIT", "Apache-2.0"):
        assert not licence_list.BINDING.search(name), name


def test_without_a_way_to_the_lists_the_audit_is_a_note(capsys: pytest.CaptureFixture[str]) -> None:
    assert audit.main("http://127.0.0.1:9/pypi/pip/json") == 0
    assert "were not audited" in capsys.readouterr().out
