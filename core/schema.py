"""Settings declared once, and the walker that reads them.

A setting is a pydantic field that carries a ``Setting`` with its words. ``rows`` turns a model of settings into a flat
list; the form, the command line, the docs and the checks all read that list.
"""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import annotated_types
from pydantic import BaseModel, ConfigDict
from pydantic.fields import FieldInfo

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
    """The setting matters only while its neighbour ``field`` has one of these ``values``."""

    field: str
    values: tuple[Any, ...]
    otherwise: str
    """One sentence that says why the setting does not apply now."""

    def holds(self, section: BaseModel) -> bool:
        return getattr(section, self.field) in self.values


@dataclass(frozen=True)
class Setting:
    """The words of one setting, in the language of somebody who does not program."""

    label: str
    help: str
    level: Level = "basic"
    unit: str = ""
    when: When | None = None
    choices: tuple[tuple[str, Any], ...] = ()
    """(words, value) pairs for a ``Literal`` field; the values' own names are used without it."""
    needs: str = ""
    """What this machine has to have for it: a name in ``core.capabilities.CAPABILITIES``."""


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
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from rows(inner, f"{prefix}{name}.")
            continue
        setting = next((m for m in field.metadata if isinstance(m, Setting)), None)
        if setting is not None:
            yield _row(f"{prefix}{name}", name, group_of(model, name), field, setting)


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
