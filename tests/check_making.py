"""Tables that are checked: made, looked at, and mended with one of the fixes that a finding offers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from core.config import RunConfig, validate
from core.data.check import Subject
from core.data.parts import share_out
from core.data.types import Finding, Fix
from core.tasks import TASKS
from tests.making import reviews, write_csv


def config_of(
    path: Path,
    columns: Mapping[str, Any] | None = None,
    task: str = "text-classification",
    checkpoint: str = "starter/minilm",
) -> RunConfig:
    return validate(
        {
            "task": task,
            "name": "a check",
            "data": {"source": str(path), "columns": columns or {"text": "text", "label": "label"}},
            "model": {"checkpoint": checkpoint},
        }
    )


def texts_config(folder: Path, texts: Iterable[str], rows: int = 60) -> RunConfig:
    """These texts, each with a class, and behind them so many harmless ones."""
    odd = [(text, ("good", "bad")[place % 2]) for place, text in enumerate(texts)]
    return config_of(write_csv(folder / "table.csv", ["text", "label"], [*odd, *reviews(rows)]))


def subject_of(config: RunConfig) -> Subject:
    return Subject(config, TASKS[config.task], share_out(config))


def found(config: RunConfig, check: Any) -> dict[str, Finding]:
    """The findings of a check by their codes."""
    return {finding.code: finding for finding in check(subject_of(config))}


def mended(config: RunConfig, fix: Fix) -> RunConfig:
    """The config after a click on a fix."""
    plain = config.model_dump(mode="json")
    plain["data"]["steps"] = [*plain["data"]["steps"], *fix.steps]
    for path, value in fix.settings.items():
        *way, last = path.split(".")
        inner = plain
        for name in way:
            inner = inner[name]
        inner[last] = value
    return validate(plain)


def proves(config: RunConfig, check: Any, code: str) -> RunConfig:
    """Clicking a finding's first fix makes it go away, leaves the file alone, and loses no row without a word.

    Made twice, the step gives the same table. Returns the config after the click.
    """
    source = Path(config.data.source)
    before = source.read_bytes()
    fix = found(config, check)[code].fixes[0]
    after = mended(config, fix)
    assert code not in found(after, check)
    assert source.read_bytes() == before
    once, twice = share_out(after), share_out(mended(after, fix))
    assert once.rows.table.equals(twice.rows.table)
    account = once.usable.account
    assert account is not None
    assert account.read == account.used + sum(count for _, count in account.aside)
    return after


def values(config: RunConfig, column: str = "text") -> list[Any]:
    """A column after all steps."""
    return list(share_out(config).rows.table.column(column).to_pylist())
