"""Does the first line of a table look like names of columns, or like data?"""

from __future__ import annotations

import re

from core.data.types import Finding, Fix
from core.said import said

_NUMBER = re.compile(r"[-+]?\d+([.,]\d+)?")


def header_findings(header: list[str], rows: list[list[str]]) -> tuple[Finding, ...]:
    """A warning when the first line seems to be a row like the others. ``rows`` are the first rows under it."""
    names = [name.strip() for name in header]
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    echoed = [_comes_back(name, column) for name, column in zip(names, columns, strict=True)]
    is_repeated = len(header) > 1 and [name[:200] for name in header] in rows  # as where files were put together
    if (
        not (any(echoed) and not is_repeated)
        and not any(map(_is_sentence, names))
        and not _just_numbers(names, columns)
    ):
        return ()
    shown = " | ".join(name[:40] + ("…" if len(name) > 40 else "") for name in names[:4])
    return (
        Finding(
            "no-header",
            "warning",
            said("The file may have no header."),
            said(
                "Its first line is taken for the names of the columns, but looks like a row of data: {cells}.",
                cells=shown,
            ),
            said("If it is data, say so; the columns are then called column_1, column_2 and so on."),
            fixes=(Fix(said("Read the first row as data"), settings={"data.reading.header": False}),),
        ),
    )


def _comes_back(name: str, column: tuple[str, ...]) -> bool:
    """Whether the first cell is one of the values below it, in a column whose values repeat (as labels do)."""
    cells = (name, *column)
    return name != "" and name in column and len(cells) >= 1.5 * len(set(cells))


def _is_sentence(name: str) -> bool:
    return len(name) > 100 or len(name.split()) >= 8


def _just_numbers(names: list[str], columns: list[tuple[str, ...]]) -> bool:
    """A number over a column of numbers, and no cell that could be a name. Numbers alone may count the columns."""
    numbers = [bool(_NUMBER.fullmatch(name)) for name in names]
    if all(numbers) or any(name.isidentifier() for name in names):
        return False
    return any(
        is_number and column and all(_NUMBER.fullmatch(cell.strip()) for cell in column if cell)
        for is_number, column in zip(numbers, columns, strict=True)
    )
