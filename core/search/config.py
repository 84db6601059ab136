"""What a search for better settings is: the run that it begins from, what it may change, and how long it may take."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BeforeValidator, Field, SerializeAsAny, ValidationError, model_validator

from core import plain_yaml
from core.config import RunConfig, validate
from core.errors import ConfigError
from core.limits import limits
from core.said import said
from core.schema import Setting, Settings, rows

Kind = Literal["float", "int", "choice"]
Value = bool | int | float | str
MOST_CHOICES = 50
BEGINNING = 8
"""Trials of a search for which nobody names a number."""


class Span(Settings):
    """What one setting may become: anything from ``low`` to ``high``, or one of ``choices``."""

    path: str = Field(min_length=1)
    """As in ``training.learning_rate``."""
    kind: Kind
    low: float | None = None
    high: float | None = None
    log: bool = False
    """Orders of magnitude count alike: as many tries from 1e-5 to 1e-4 as from 1e-4 to 1e-3."""
    choices: tuple[Value, ...] = Field((), max_length=MOST_CHOICES)

    @model_validator(mode="after")
    def _has_room(self) -> Self:
        if self.kind == "choice":
            if len(set(map(repr, self.choices))) < 2:
                raise ValueError(f"{self.path} needs two different values at least to choose from")
            return self
        if self.low is None or self.high is None or not (math.isfinite(self.low) and math.isfinite(self.high)):
            raise ValueError(f"{self.path} needs a smallest and a largest value")
        if self.low >= self.high:
            raise ValueError(f"{self.path}: the smallest value has to be below the largest")
        if self.log and self.low <= 0:
            raise ValueError(f"{self.path}: a search by orders of magnitude begins above 0")
        if self.kind == "int" and not (self.low.is_integer() and self.high.is_integer()):
            raise ValueError(f"{self.path} takes whole numbers only")
        return self


def _as_run(value: Any) -> Any:
    """A run's config in the shape that its task has."""
    return validate(value) if isinstance(value, Mapping) else value


class SearchConfig(Settings):
    """One search, whole. Its trials are runs like ``base``, with other values within ``space``."""

    version: Literal[1] = 1
    name: Annotated[str, Setting("Name", "What you will find this search by. Any words will do.")] = Field(
        "", max_length=120
    )
    base: Annotated[SerializeAsAny[RunConfig], BeforeValidator(_as_run)]
    origin: str = ""
    """The id of the run that ``base`` was taken from."""
    space: tuple[Span, ...] = Field(min_length=1, max_length=20)
    n_trials: Annotated[
        int | None,
        Setting("Trials", "A trial is one run with other settings. Left empty: as many as the time allows."),
    ] = Field(BEGINNING, ge=2, le=1000)
    minutes: Annotated[
        float | None,
        Setting(
            "Time limit",
            "No trial begins after so long; the one that goes on may finish. Left empty: as long as it takes.",
            unit="minutes",
        ),
    ] = Field(None, gt=0, le=100_000)
    sampler: Annotated[
        Literal["tpe", "random", "grid"],
        Setting(
            "Way of searching",
            "Learning from the trials before finds good settings sooner; a grid tries evenly spaced ones, one by one.",
            choices=(("learn from the trials before", "tpe"), ("by chance", "random"), ("on a grid", "grid")),
        ),
    ] = "tpe"
    pruning: Annotated[
        bool,
        Setting(
            "End poor trials early",
            "A trial stops when its checks so far are worse than the middle of the finished trials at the same point.",
        ),
    ] = True
    seed: Annotated[
        int,
        Setting("Seed", "The start of all chance in choosing the settings that are tried.", "advanced"),
    ] = Field(0, ge=0, le=2**31 - 1)

    @model_validator(mode="after")
    def _can_be_done(self) -> Self:
        paths = [span.path for span in self.space]
        if len(set(paths)) < len(paths):
            raise ValueError("a setting can be searched only once")
        if self.n_trials is None and self.minutes is None:
            raise ValueError("say how many trials there may be, or how many minutes they may take")
        from core.search.space import complaint

        if words := complaint(self.base, self.space):
            raise ValueError(words)
        return self

    def to_yaml(self) -> str:
        """The config as YAML, complete, in the order of declaration."""
        return yaml.safe_dump(self.model_dump(mode="json"), sort_keys=False, allow_unicode=True)


def checked(data: Mapping[str, Any]) -> SearchConfig:
    """The config of a search, or its first complaint as a ``ConfigError``."""
    try:
        return SearchConfig.model_validate(data)
    except ValidationError as exc:
        first = exc.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        row = next((row for row in rows(SearchConfig) if row.path == field), None)
        words = f"{row.setting.label}: give {limits(row)}" if row else first["msg"].removeprefix("Value error, ")
        is_path = "." in words.partition(" ")[0]
        title = f"{words if is_path else words[:1].upper() + words[1:]}."
        raise ConfigError(title, f"Look at {field}." if field else "", field=field) from exc


def load(path: Path) -> SearchConfig:
    """Read ``search.yaml``. Raises ``ConfigError`` when that cannot be done."""
    try:
        data = plain_yaml.load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as exc:
        raise ConfigError(said("There is no file {path}.", path=path), said("Check the path of the file.")) from exc
    except (yaml.YAMLError, UnicodeDecodeError) as exc:
        raise ConfigError(
            said("{name} is not a readable YAML file.", name=path.name),
            said("It may have been changed."),
            cause=str(exc),
        ) from exc
    if not isinstance(data, dict):
        raise ConfigError(
            said("{name} holds no search.", name=path.name), said("It needs at least two parts: 'base:' and 'space:'.")
        )
    return checked(data)
