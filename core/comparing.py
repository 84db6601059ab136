"""Configs beside each other: only what differs, in the words of the settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.config import RunConfig, shape_of
from core.limits import in_words
from core.limits import shown as as_words
from core.said import said
from core.schema import Row, rows

STEPS = "data.steps"
NAMELESS = ("version", "name")
"""What says nothing of how a run learns."""


@dataclass(frozen=True)
class Difference:
    """A setting that is not the same. Values are in words; of a setting that one side lacks the words are empty."""

    path: str
    label: str
    first: str
    second: str


@dataclass(frozen=True)
class Apart:
    """The same of any number of configs: ``values`` are one a config."""

    path: str
    label: str
    values: tuple[str, ...]


def differences(first: RunConfig, second: RunConfig) -> list[Difference]:
    """Every field in which two configs differ, in the order of declaration."""
    return [Difference(one.path, one.label, *one.values) for one in apart([first, second])]


def apart(configs: Sequence[RunConfig]) -> list[Apart]:
    """Every field that is not the same in all configs, in the order of declaration."""
    told = {row.path: row for config in reversed(configs) for row in rows(shape_of(config.task))}
    values = [dict(_leaves(config.model_dump(mode="json"))) for config in configs]
    paths = dict.fromkeys(path for own in values for path in own)
    return [
        Apart(
            path,
            _label(path, told.get(path)),
            tuple(_said(told.get(path), *one, path) for one in zip(configs, values, strict=True)),
        )
        for path in paths
        if path not in NAMELESS and any(own.get(path) != values[0].get(path) for own in values)
    ]


def _leaves(data: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every value by its dotted path. A list is one value."""
    for name, value in data.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _said(row: Row | None, config: RunConfig, values: Mapping[str, Any], path: str) -> str:
    """A value in words; of the changes made of the table, what each of them does."""
    if path == STEPS and config.data.steps:
        first, *others = (step.words for step in config.data.steps)
        for words in others:
            first = said("{first}; {next}", first=first, next=words)
        return first
    if path == "task":
        from core.tasks import TASKS  # tasks compare runs, so that they ask for this file themselves

        return said(TASKS[config.task].title)
    return _words(row, values, path)


def _label(path: str, row: Row | None) -> str:
    if row:
        return said(row.setting.label)
    if path == STEPS:
        return said("Changes of the table")
    section, _, name = path.replace("_", " ").rpartition(".")
    return said("Split: {name}", name=name) if section == "data.split" else name.capitalize()


def _words(row: Row | None, values: Mapping[str, Any], path: str) -> str:
    if path not in values:
        return ""
    value = values[path]
    if value in (None, "", [], {}):
        return said("nothing")
    if isinstance(value, list):
        if any(isinstance(one, dict) for one in value):
            return said("{count} of them", count=len(value))
        return ", ".join(map(str, value))
    return as_words(row, value) if row else in_words(value)
