"""Every operation of the interface answers as its document says, whatever it is asked. Deterministic and bounded."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import schemathesis
from schemathesis import Case, checks

from core import events
from core.home import ASSETS
from core.studio import Studio
from tests.making import run_with, started, stepped
from tests.shelf import home_of
from ui import rest

SCHEMA = schemathesis.openapi.from_dict(rest.build(Studio()).openapi())
CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, list[str]]]:
    """A home for all examples, and ids: of a run that has ended, of one that waits, and one that nobody has."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TUNESMITH_HOME", str(tmp_path_factory.mktemp("asked")))
        over = run_with(started(), stepped(10), events.Failed(title="It broke.", advice="Mend it.", cause=""))
        over.predictions_path.mkdir()
        (over.predictions_path / "answered.csv").write_text("text\n", encoding="utf-8")
        yield Path(os.environ["TUNESMITH_HOME"]), [over.id, run_with().id, "2026-11-22-brave-otter"]


@SCHEMA.parametrize()
@hypothesis.settings(
    max_examples=12,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(hypothesis.HealthCheck),
    phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
)
def test_every_operation_answers_as_its_document_says(case: Case, made: tuple[Path, list[str]]) -> None:
    shared, runs = made
    if "run_id" in case.path_parameters:
        case.path_parameters["run_id"] = runs[len(f"{case.body}{case.query}") % len(runs)]
    with home_of(shared):
        case.call_and_validate(app=APP, checks=CHECKS)


APP: Any = rest.build(Studio())


def test_the_document_leaves_nothing_out(home: Path) -> None:
    operations = {
        (method.upper(), path): told
        for path, methods in SCHEMA.raw_schema["paths"].items()
        for method, told in methods.items()
    }
    routes = {
        (method, route.path)
        for route in APP.routes
        if getattr(route, "include_in_schema", False)
        for method in route.methods
    }
    assert routes == set(operations) and len(operations) >= 12
    assert all(told["summary"] and told["description"] and told["operationId"] for told in operations.values())
    words = (ASSETS.parent / "docs" / "api.md").read_text(encoding="utf-8")
    assert [place for place in operations if f"{place[0]} {rest.ADDRESS}{place[1]}" not in words] == []
