"""Steps on what stands in texts: clean them, put a word in the place of personal data, take damaged ones out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from core.data.mending.characters import DAMAGED
from core.data.steps.base import Step
from core.said import in_a_row, said

if TYPE_CHECKING:
    from core.data.mending import Mend
    from core.data.rows import Rows

Dirt = Literal["html", "control", "mojibake", "invisible", "whitespace"]
Personal = Literal["email", "phone", "card", "iban"]
Unfit = Literal["damaged", "wordless"]

_DIRT = {
    "html": "HTML",
    "control": "control characters",
    "mojibake": "letters read in a wrong encoding",
    "invisible": "invisible characters",
    "whitespace": "needless white space",
}
_PERSONAL = {
    "email": "e-mail addresses",
    "phone": "telephone numbers",
    "card": "card numbers",
    "iban": "account numbers",
}
WORDLESS = r"^[\p{P}\p{Z}\p{C}\s]*$"
"""Texts without a letter, a digit or a picture, as RE2 says it. Empty ones among them."""
_PASSES = 4
"""What one way of cleaning leaves may be what another is for; more often than this it never is."""


class CleanText(Step):
    """Take out of texts what does not belong in them. Columns of lists and records are cleaned inside."""

    by_row = True
    kind: Literal["clean_text"] = "clean_text"
    columns: tuple[str, ...] = Field(min_length=1)
    what: tuple[Dirt, ...] = Field(min_length=1)

    @property
    def words(self) -> str:
        """What it does, to be told."""
        return said(
            "Mends {what} in {columns}" if self.what == ("mojibake",) else "Takes out {what} in {columns}",
            what=in_a_row(*(said(_DIRT[what]) for what in self.what)),
            columns=_named(self.columns),
        )

    @property
    def uses(self) -> tuple[str, ...]:
        return self.columns

    def applied(self, rows: Rows) -> Rows:
        """The rows with clean texts. Made again, it changes nothing more."""
        from core.data.mending import CLEANING

        self.require_columns(rows)
        return _mended(rows, self.columns, [mend for what, mend in CLEANING.items() if what in self.what])


class MaskPersonal(Step):
    """Put a word such as ``[email]`` in the place of what tells who a person is."""

    by_row = True
    kind: Literal["mask_personal"] = "mask_personal"
    columns: tuple[str, ...] = Field(min_length=1)
    what: tuple[Personal, ...] = Field(min_length=1)

    @property
    def words(self) -> str:
        """What it does, to be told."""
        what = in_a_row(*(said(_PERSONAL[what]) for what in self.what))
        return said("Masks {what} in {columns}", what=what, columns=_named(self.columns))

    @property
    def uses(self) -> tuple[str, ...]:
        return self.columns

    def applied(self, rows: Rows) -> Rows:
        """The rows with masked texts. Made again, it changes nothing more."""
        from core.data.mending import MASKING

        self.require_columns(rows)
        return _mended(rows, self.columns, [mend for what, mend in MASKING.items() if what in self.what])


class DropTexts(Step):
    """Take out the rows with texts of which nothing can be learned: with lost letters, or without any word."""

    by_row = True
    kind: Literal["drop_texts"] = "drop_texts"
    columns: tuple[str, ...] = Field(min_length=1)
    what: Unfit

    @property
    def words(self) -> str:
        """What it does, to be told."""
        return said(
            "Takes out the rows with lost letters in {columns}"
            if self.what == "damaged"
            else "Takes out the rows without a word in {columns}",
            columns=_named(self.columns),
        )

    @property
    def uses(self) -> tuple[str, ...]:
        return self.columns

    def applied(self, rows: Rows) -> Rows:
        """The rows whose texts are fit, in all of the columns."""
        import numpy as np

        self.require_columns(rows)
        unfit = np.logical_or.reduce([is_unfit(rows.table.column(name), self.what) for name in self.columns])
        named = _named(self.columns)
        reason = said("lost letters in {columns}" if self.what == "damaged" else "no word in {columns}", columns=named)
        return rows.keep(~unfit, reason)


def is_unfit(column: Any, what: Unfit) -> Any:
    """A boolean for each row. Empty cells are not meant: they are left out with words of their own."""
    import numpy as np
    import pyarrow as pa

    from core.data.mending.columns import matching, rows_where

    if what == "damaged":
        return rows_where(column, matching(DAMAGED))
    if pa.types.is_nested(column.type):
        return np.zeros(len(column), dtype=bool)
    return rows_where(column, matching(WORDLESS)) & rows_where(column, matching(r"[^\s\p{Z}]"))


def _mended(rows: Rows, columns: Sequence[str], mends: Sequence[Mend]) -> Rows:
    from core.data.mending.columns import mended

    for name in columns:
        new = old = rows.table.column(name)
        for _ in range(_PASSES):
            before = new
            for mend in mends:
                new = mended(new, mend)
            if new is before:
                break
        if new is not old:
            rows = rows.with_column(name, new)
    return rows


def _named(columns: Iterable[str]) -> str:
    return in_a_row(*(f"`{name}`" for name in columns))
