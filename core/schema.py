"""Settings declared once, and the walker that reads them.

A setting is a pydantic field that carries a ``Setting`` with its words. ``rows`` turns a model of settings into a flat
list; the form, the command line, the docs and the checks all read that list.
"""

from __future__ import annotations

import functools
import inspect
import types
import typing
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import annotated_types
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo

from core import capabilities
from core.said import said

Level = Literal["basic", "advanced", "expert"]


class Settings(BaseModel):
    """Settings that belong together. Frozen, and unknown keys are refused: a typing mistake is an error, never a
    silent default.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    group: ClassVar[str] = ""
    """What its settings are called together, as a heading. Of a section made of several, each has its own."""


@dataclass(frozen=True)
class When:
    """The setting matters only while ``field`` has one of these ``values``; with ``but``, while it has none of them.

    ``field`` is a neighbour, or one of another section by its dotted path, as in ``data.streaming``.
    """

    field: str
    values: tuple[Any, ...]
    otherwise: str
    """One sentence that says why the setting does not apply now."""
    but: bool = False

    def allows(self, value: Any) -> bool:
        """Whether the setting matters while ``field`` is ``value``."""
        return (value in self.values) != self.but

    def holds(self, section: BaseModel) -> bool:
        """Whether it matters in this section; what another section says is not known here."""
        return "." in self.field or self.allows(getattr(section, self.field))


@dataclass(frozen=True)
class Setting:
    """The words of one setting, in the language of somebody who does not program."""

    label: str
    help: str
    level: Level = "basic"
    unit: str = ""
    when: When | tuple[When, ...] | None = None
    """The setting matters while all of these hold."""
    choices: tuple[tuple[str, Any], ...] = ()
    """(words, value) pairs for a ``Literal`` field; the values' own names are used without it."""
    needs: str = ""
    """What this machine has to have for it: a name in ``core.capabilities.CAPABILITIES``."""
    choice_needs: Mapping[Any, str] = field(default_factory=dict, hash=False)
    """The same for single choices: value -> name."""

    @property
    def conditions(self) -> tuple[When, ...]:
        """All that has to hold for it to matter."""
        return self.when if isinstance(self.when, tuple) else (self.when,) if self.when else ()


@dataclass(frozen=True)
class Row:
    """One setting as every reader sees it. ``path`` is dotted from the root, as in ``training.learning_rate``."""

    path: str
    name: str
    group: str
    """The heading that it stands under: see ``Settings.group``."""
    setting: Setting
    type: type
    """``int``, ``float``, ``str`` or ``bool``."""
    default: Any
    optional: bool
    choices: tuple[tuple[str, Any], ...]
    minimum: float | None
    maximum: float | None
    exclusive_minimum: bool
    exclusive_maximum: bool


def rows(model: type[BaseModel], prefix: str = "") -> Iterator[Row]:
    """Every field of ``model`` that carries a ``Setting``, depth first, in the order of declaration."""
    for name, info in model.model_fields.items():
        inner = info.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from rows(inner, f"{prefix}{name}.")
            continue
        setting = next((m for m in info.metadata if isinstance(m, Setting)), None)
        if setting is not None:
            yield _row(f"{prefix}{name}", name, group_of(model, name), info, setting)


def why_not(row: Row, values: Mapping[str, Any]) -> str:
    """The sentence why a setting does not apply now, or an empty one.

    ``values`` are those of a config or a form, by dotted path. A path that is not among them rules nothing out.
    """
    return unmet(row, values) or capabilities.missing(row.setting.needs)


def unmet(row: Row, values: Mapping[str, Any]) -> str:
    """As ``why_not``, by what the other settings say alone: the same on every machine."""
    for when in row.setting.conditions:
        path = when.field if "." in when.field else f"{row.path.removesuffix(row.name)}{when.field}"
        if path in values and not when.allows(values[path]):
            return said(when.otherwise)
    return ""


def closed_choices(row: Row) -> dict[Hashable, str]:
    """The choices that this machine cannot take, each with the sentence why."""
    found = {value: capabilities.missing(needs) for value, needs in row.setting.choice_needs.items()}
    return {value: why for value, why in found.items() if why}


def lacking(config: BaseModel) -> dict[str, str]:
    """The settings of a config that this machine cannot follow: dotted path -> the sentence why.

    Those that are as they come, or are not used, ask for nothing.
    """
    declared = list(rows(type(config)))
    values = {row.path: functools.reduce(getattr, row.path.split("."), config) for row in declared}
    asked = [row for row in declared if values[row.path] != row.default and not unmet(row, values)]
    found = {row.path: capabilities.missing(row.setting.needs) for row in asked if row.setting.needs}
    found |= {row.path: closed_choices(row).get(values[row.path], "") for row in asked if row.setting.choice_needs}
    return {path: why for path, why in found.items() if why}


def refusal(name: str, words: str) -> ValidationError:
    """To be raised where a section is validated as a whole: the complaint lands on its field ``name``, which may be
    the dotted path of one further inside.
    """
    place = tuple(name.split("."))
    return ValidationError.from_exception_data(
        "", [{"type": "value_error", "loc": place, "input": None, "ctx": {"error": ValueError(words)}}]
    )


def group_of(model: type[BaseModel], name: str) -> str:
    """The heading of a field: that of the class which declares it."""
    declaring = next((one for one in model.__mro__ if name in inspect.get_annotations(one)), model)
    return str(getattr(declaring, "group", ""))


def _row(path: str, name: str, group: str, field: FieldInfo, setting: Setting) -> Row:
    plain, optional, literals = _plain_type(field.annotation)
    low = next((m for m in field.metadata if isinstance(m, annotated_types.Ge | annotated_types.Gt)), None)
    high = next((m for m in field.metadata if isinstance(m, annotated_types.Le | annotated_types.Lt)), None)
    return Row(
        path=path,
        name=name,
        group=group,
        setting=setting,
        type=plain,
        default=field.get_default(call_default_factory=True),
        optional=optional,
        choices=setting.choices or tuple((str(value), value) for value in literals),
        minimum=None if low is None else _bound(low),
        maximum=None if high is None else _bound(high),
        exclusive_minimum=isinstance(low, annotated_types.Gt),
        exclusive_maximum=isinstance(high, annotated_types.Lt),
    )


def _bound(limit: annotated_types.Ge | annotated_types.Gt | annotated_types.Le | annotated_types.Lt) -> float:
    return typing.cast(float, getattr(limit, type(limit).__name__.lower()))


def _plain_type(annotation: Any) -> tuple[type, bool, tuple[Any, ...]]:
    """Reduce ``int | None`` or ``Literal["a", "b"]`` to (type, optional, literal values)."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        kinds = [arg for arg in typing.get_args(annotation) if arg is not type(None)]
        plain, _, literals = _plain_type(kinds[0])
        return plain, len(kinds) < len(typing.get_args(annotation)), literals
    if typing.get_origin(annotation) is Literal:
        values = typing.get_args(annotation)
        return type(values[0]), False, values
    return annotation, False, ()
