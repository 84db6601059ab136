"""Twenty people at once in one app: nothing fails, and each sees their own and nothing of anybody else's."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import crowd

PEOPLE = 20


def test_twenty_people_at_once_see_their_own_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNESMITH_HOME", str(tmp_path / "home"))
    people, members = crowd.gather_people(tmp_path, PEOPLE)

    with crowd.serving(people) as address:
        seen = crowd.walk_all(address, members, seconds=0, pause=0)

    assert seen.errors == [] and seen.foreign == []
    assert len(seen.times["page"]) == 4 * PEOPLE and len(seen.times["event"]) == PEOPLE
    assert len(seen.times["start"]) == PEOPLE


def test_an_answer_with_something_of_somebody_elses_is_noted() -> None:
    own, other = "mark-01-00000001", "mark-02-00000002"
    seen = crowd.Seen()
    visitor = crowd.Visitor(None, crowd.Member("anna", own, "a-run"), seen)  # type: ignore[arg-type]
    visitor.check("/here", f"{own} and {own}")
    assert seen.foreign == []
    visitor.check("/here", f"{own} and {other}")
    assert seen.foreign == [f"anna at /here: {other}"]
