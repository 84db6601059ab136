"""The kinds of steps that a config may hold. A new one is a class in this folder and one entry here."""

from __future__ import annotations

import typing
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from core.data.steps.base import Step as Step
from core.data.steps.copies import DropContradictions, DropDuplicates, DropNearDuplicates
from core.data.steps.leaks import DropLeaks
from core.data.steps.mending import MendLabels
from core.data.steps.ranges import DropOutside
from core.data.steps.rows import DropRows, SetCell
from core.data.steps.texts import CleanText, DropTexts, MaskPersonal
from core.data.steps.values import DropValues, RenameValues

if TYPE_CHECKING:
    from core.data.rows import Rows

AnyStep = Annotated[
    DropRows
    | SetCell
    | RenameValues
    | DropValues
    | DropDuplicates
    | DropNearDuplicates
    | DropContradictions
    | DropLeaks
    | DropOutside
    | CleanText
    | MaskPersonal
    | DropTexts
    | MendLabels,
    Field(discriminator="kind"),
]


def kinds() -> tuple[type[Step], ...]:
    """The classes of steps that a config may hold."""
    union, *_ = typing.get_args(AnyStep)
    return typing.get_args(union)


def apply_steps(steps: Sequence[Step], rows: Rows) -> Rows:
    """The rows after all steps on rows, in their order. Raises ``DataError`` where one cannot be made."""
    for step in steps:
        if step.stage == "rows":
            rows = step.applied(rows)
    return rows


def columns_used(steps: Sequence[Step]) -> tuple[str, ...]:
    """The columns that steps read or change, each once."""
    return tuple(dict.fromkeys(name for step in steps for name in step.uses))
