"""Steps on rows that say the same as another: copies, near copies, and equal texts with different answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from core.data.steps.base import Step
from core.said import Figures, said

if TYPE_CHECKING:
    import numpy as np

    from core.data.rows import Rows

COPY = said("a copy of another row")
NEAR_COPY = said("nearly a copy of another row")
TORN = said("the same text with different answers")


class DropDuplicates(Step):
    """Of rows that are equal in all these columns keep the first. A row with nothing in the first column is no copy."""

    kind: Literal["drop_duplicates"] = "drop_duplicates"
    columns: tuple[str, ...] = Field(min_length=1)
    ignore_case: bool = False

    @property
    def words(self) -> str:
        """What it does, to be told."""
        columns = _listed(self.columns)
        return said("Takes out copies: rows with the same {columns} as an earlier one", columns=columns)

    @property
    def uses(self) -> tuple[str, ...]:
        return self.columns

    def applied(self, rows: Rows) -> Rows:
        """The rows that no earlier one is equal to."""
        from core.data.same_rows import filled, first_places, row_keys

        self.require_columns(rows)
        again = ~first_places(row_keys(rows.table, self.columns, self.ignore_case))
        return rows.keep(~(again & filled(rows.table, self.columns[:1])), COPY)


class DropNearDuplicates(Step):
    """Of rows whose ``columns`` together are near copies, and whose ``equal`` columns are the same, keep the first."""

    kind: Literal["drop_near_duplicates"] = "drop_near_duplicates"
    columns: tuple[str, ...] = Field(min_length=1)
    equal: tuple[str, ...] = ()
    similarity: float = Field(0.8, ge=0.5, le=1)

    @property
    def words(self) -> str:
        """What it does, to be told."""
        return said(
            "Takes out near copies: rows with {share} % of {columns} in common with an earlier one and the same {equal}"
            if self.equal
            else "Takes out near copies: rows with {share} % of {columns} in common with an earlier one",
            share=Figures(f"{100 * self.similarity:.0f}"),
            columns=_listed(self.columns),
            equal=_listed(self.equal),
        )

    @property
    def uses(self) -> tuple[str, ...]:
        return (*self.columns, *self.equal)

    def applied(self, rows: Rows) -> Rows:
        """The rows that no earlier one is nearly equal to."""
        self.require_columns(rows)
        return rows.keep(~self.repeated(rows), NEAR_COPY)

    def repeated(self, rows: Rows) -> np.ndarray:
        """Which rows are a near copy of an earlier one, as a boolean mask."""
        from core.data.near import near_groups
        from core.data.same_rows import first_places, row_keys

        groups = near_groups(rows.table, self.columns, self.similarity)
        return ~first_places(_paired(groups, row_keys(rows.table, self.equal)))


class DropContradictions(Step):
    """Rows that are equal in ``columns`` and have different ``answers``: take all out, or all but those with the
    answer that most of them have. Where ``similarity`` is below 1, near copies count as equal.
    """

    kind: Literal["drop_contradictions"] = "drop_contradictions"
    columns: tuple[str, ...] = Field(min_length=1)
    answers: tuple[str, ...] = Field(min_length=1)
    keep: Literal["none", "majority"] = "none"
    similarity: float = Field(1.0, ge=0.5, le=1)

    @property
    def words(self) -> str:
        """What it does, to be told."""
        gaps = {"columns": _listed(self.columns), "answers": _listed(self.answers)}
        if self.keep == "none":
            return said(
                "Takes out rows with the same {columns} and different {answers}"
                if self.similarity == 1
                else "Takes out rows with nearly the same {columns} and different {answers}",
                **gaps,
            )
        return said(
            "Of rows with the same {columns} and different {answers}, keeps those with the commonest"
            if self.similarity == 1
            else "Of rows with nearly the same {columns} and different {answers}, keeps those with the commonest",
            **gaps,
        )

    @property
    def uses(self) -> tuple[str, ...]:
        return (*self.columns, *self.answers)

    def applied(self, rows: Rows) -> Rows:
        """The rows that contradict none that is left. Where no answer is the commonest, all of its rows go."""
        self.require_columns(rows)
        groups, answers, answered = self._told(rows)
        torn = torn_rows(groups, answers, answered)
        if self.keep == "majority":
            torn &= ~_commonest(groups, answers, torn)
        return rows.keep(~torn, TORN)

    def torn(self, rows: Rows) -> np.ndarray:
        """Which rows stand against another, as a boolean mask."""
        return torn_rows(*self._told(rows))

    def _told(self, rows: Rows) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(a number for each row's text, one for its answer, whether it has both)."""
        from core.data.near import near_groups
        from core.data.same_rows import filled, row_keys

        table = rows.table
        if self.similarity < 1:
            groups = near_groups(table, self.columns, self.similarity)
        else:
            groups = row_keys(table, self.columns)
        return groups, row_keys(table, self.answers), filled(table, self.columns) & filled(table, self.answers)


def torn_rows(groups: np.ndarray, answers: np.ndarray, answered: np.ndarray) -> np.ndarray:
    """Which of the rows that are ``answered`` have another answer than one of their group."""
    import numpy as np
    import pandas as pd

    told = pd.DataFrame({"group": groups[answered], "answer": answers[answered]}).drop_duplicates()
    many = told["group"].value_counts()
    return answered & np.isin(groups, many[many > 1].index.to_numpy())


def _commonest(groups: np.ndarray, answers: np.ndarray, torn: np.ndarray) -> np.ndarray:
    """Which of the ``torn`` rows have the answer that more rows of their group have than any other."""
    import numpy as np
    import pandas as pd

    told = pd.DataFrame({"group": groups[torn], "answer": answers[torn]})
    votes = told.groupby(["group", "answer"])["answer"].transform("size")
    most = votes.groupby(told["group"]).transform("max")
    winners = told[votes == most].drop_duplicates()["group"].value_counts()
    found = np.zeros(len(groups), dtype=bool)
    found[torn] = ((votes == most) & told["group"].isin(winners[winners == 1].index)).to_numpy()
    return found


def _paired(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    import numpy as np

    from core.data.same_rows import numbered

    first, second = numbered(one), numbered(other)
    return first.astype(np.int64) * (int(second.max(initial=0)) + 1) + second


def _listed(columns: tuple[str, ...]) -> str:
    first, *others = (f"`{name}`" for name in columns or ("",))
    for name in others:
        first = said("{first} and {last}", first=first, last=name)
    return first
