"""Steps on numbers: leave out what lies outside of a range."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from pydantic import model_validator

from core.data.steps.base import Step
from core.said import Figures, said

if TYPE_CHECKING:
    from core.data.rows import Rows


class DropOutside(Step):
    """Take out the rows whose number is below ``low`` or above ``high``. Rows without a number are left as they are."""

    by_row = True
    kind: Literal["drop_outside"] = "drop_outside"
    column: str
    low: float | None = None
    high: float | None = None

    @model_validator(mode="after")
    def _has_an_end(self) -> Self:
        if self.low is None and self.high is None:
            raise ValueError("low, high or both must be given")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError("low must not be above high")
        return self

    @property
    def words(self) -> str:
        """What it does, to be told."""
        low, high = (None if end is None else Figures(f"{end:g}") for end in (self.low, self.high))
        if low is None:
            return said("Takes out the rows with a number above {high} in `{column}`", high=high, column=self.column)
        if high is None:
            return said("Takes out the rows with a number below {low} in `{column}`", low=low, column=self.column)
        return said(
            "Takes out the rows with a number below {low} or above {high} in `{column}`",
            low=low,
            high=high,
            column=self.column,
        )

    @property
    def uses(self) -> tuple[str, ...]:
        return (self.column,)

    def applied(self, rows: Rows) -> Rows:
        """The rows whose number lies inside, both ends included."""
        import numpy as np

        from core.data.scores import read_scores

        self.require_columns(rows)
        values = read_scores(rows.table.column(self.column)).values
        low, high = -np.inf if self.low is None else self.low, np.inf if self.high is None else self.high
        reason = said("outside of the range of `{column}`", column=self.column)
        return rows.keep(~((values < low) | (values > high)), reason)
