"""Dates and times of Parquet and Arrow files that no calendar has room for, or that are told in an unknown zone."""

from __future__ import annotations

from typing import Any

from core.data.types import Finding
from core.said import said, said_many

_DAY = 86_400
_FIRST, _LAST = -719_162 * _DAY, 2_932_897 * _DAY - 1
"""The first second of the year 1 and the last one of 9999, in seconds since 1970."""
_LONGEST = 999_999_999 * _DAY
"""Seconds that a span of time can have."""
_A_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


def known_zone(kind: Any) -> Any:
    """A type of times, told in UTC where this machine does not know its zone."""
    import pyarrow as pa

    try:
        pa.lib.string_to_tzinfo(kind.tz or "UTC")
    except (KeyError, ValueError, OSError):  # of several libraries for zones, each has its own
        return pa.timestamp(kind.unit, "UTC")
    return kind


def near_batch(batch: Any) -> tuple[Any, int]:
    """A ``pyarrow.RecordBatch`` without far dates, and how many those were."""
    import pyarrow as pa

    found = [without_far_dates(column) for column in batch.columns]
    return pa.RecordBatch.from_arrays([column for column, _ in found], schema=batch.schema), sum(
        far for _, far in found
    )


def without_far_dates(column: Any) -> tuple[Any, int]:
    """A ``pyarrow.Array`` in which dates before the year 1 and after 9999 are missing, and how many those were.

    Raises ``pyarrow.ArrowInvalid`` where such dates stand inside of lists and records.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_nested(column.type):
        _require_near(column)
    limits = _limits(column.type)
    if limits is None:
        return column, 0
    numbers = column.view(pa.int32() if column.type.bit_width == 32 else pa.int64())
    near = pc.and_(pc.greater_equal(numbers, limits[0]), pc.less_equal(numbers, limits[1]))
    far = pc.sum(pc.invert(near)).as_py() or 0
    return (pc.if_else(near, column, None), far) if far else (column, 0)


def _limits(kind: Any) -> tuple[int, int] | None:
    """The least and the greatest number of a type of dates; None where each one is a date, or the type is another."""
    import pyarrow as pa

    types = pa.types
    if types.is_date32(kind):
        return _FIRST // _DAY, _LAST // _DAY
    if types.is_date64(kind):
        return _FIRST * 1000, _LAST * 1000
    if (types.is_timestamp(kind) or types.is_duration(kind)) and kind.unit != "ns":
        one = _A_SECOND[kind.unit]
        if types.is_duration(kind):
            return (-_LONGEST * one, _LONGEST * one) if kind.unit != "us" else None
        margin = 0 if kind.tz in (None, "UTC") else _DAY
        return (_FIRST + margin) * one, (_LAST - margin) * one + one - 1
    return None


def _require_near(column: Any) -> None:
    import pyarrow as pa

    if not any(word in str(column.type) for word in ("timestamp", "date", "duration")):
        return
    try:
        column.to_pylist()
    except (OverflowError, KeyError, ValueError) as exc:
        raise pa.ArrowInvalid(f"a date in {column.type}: {exc}") from exc


def far_dates_finding(count: int) -> tuple[Finding, ...]:
    """What is said of dates that were left out."""
    if not count:
        return ()
    return (
        Finding(
            "far-dates",
            "warning",
            said_many(
                count,
                "{count} date lies before the year 1 or after 9999.",
                "{count} dates lie before the year 1 or after 9999.",
            ),
            said(
                "No calendar has room for it, so it is missing in the table."
                if count == 1
                else "No calendar has room for them, so they are missing in the table."
            ),
            said("Correct them in the program that the file came from, if they matter."),
            count,
        ),
    )
