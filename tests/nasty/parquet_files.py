"""Parquet: types that are rare, tables without rows or columns, and files that were cut or harmed."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.nasty.record import HEADER, Nasty, padding, refused, table

TEXTS = [text for text, _ in padding()]
LABELS = [label for _, label in padding()]
ROWS = len(TEXTS)
MOMENT = datetime(2024, 2, 29, 12, 30, tzinfo=UTC)


def parquet(made: pa.Table, **options: Any) -> bytes:
    out = io.BytesIO()
    pq.write_table(made, out, **options)
    return out.getvalue()


def with_column(values: Any, kind: pa.DataType) -> pa.Table:
    return pa.table({"text": TEXTS, "label": LABELS, "odd": pa.array(values, kind)})


def _column(name: str, kind: pa.DataType, value: Any, read: Any = None) -> Nasty:
    """A file with a third column of a rare type, every other cell missing."""
    values = [None if place % 2 else value for place in range(ROWS)]
    kept = [None if place % 2 else (value if read is None else read) for place in range(ROWS)]
    rows = list(zip(TEXTS, LABELS, kept, strict=True))
    return table(f"{name}.parquet", lambda: parquet(with_column(values, kind)), (*HEADER, "odd"), rows)


def _harmed(place: int) -> bytes:
    """An ordinary file with another byte in one place."""
    whole = bytearray(_plain())
    whole[place] ^= 0xFF
    return bytes(whole)


def _texts_of_other_bytes(kind: pa.DataType) -> bytes:
    """A text that is not UTF-8, as careless writers store it."""
    text = pa.array([b"caf\xe9"] * ROWS).view(pa.string())
    inside = pa.ListArray.from_arrays(list(range(ROWS + 1)), text)
    return parquet(pa.table({"text": text if kind == pa.string() else inside, "label": LABELS}))


def _plain() -> bytes:
    return parquet(pa.table({"text": TEXTS, "label": LABELS}))


def _same_names() -> bytes:
    return parquet(
        pa.Table.from_arrays([pa.array(TEXTS), pa.array(LABELS), pa.array(TEXTS)], ["text", "label", "text"])
    )


PARQUET_FILES: tuple[Nasty, ...] = (
    _column("decimals", pa.decimal128(20, 4), Decimal("12345.6700")),
    _column("large-decimals", pa.decimal256(60, 2), Decimal("9" * 50 + ".25")),
    _column("moments-in-a-zone", pa.timestamp("us", tz="Europe/Berlin"), MOMENT),
    _column("moments", pa.timestamp("ms"), MOMENT.replace(tzinfo=None)),
    _column("days", pa.date32(), date(2024, 2, 29)),
    _column("times", pa.time64("us"), time(23, 59, 59)),
    _column("spans-of-time", pa.duration("us"), timedelta(days=3, seconds=1)),
    _column("bytes", pa.binary(), b"\x00\xff\xfe"),
    _column("bytes-of-one-size", pa.binary(4), b"\x00\xff\xfe\x01"),
    _column("lists-of-records", pa.list_(pa.struct([("a", pa.int32()), ("b", pa.string())])), [{"a": 1, "b": "x"}]),
    _column("lists-of-lists", pa.list_(pa.list_(pa.float32())), [[1.5], [], None]),
    _column("maps", pa.map_(pa.string(), pa.int64()), [("a", 1), ("b", 2)]),
    _column("records-in-records", pa.struct([("a", pa.struct([("b", pa.list_(pa.bool_()))]))]), {"a": {"b": [True]}}),
    _column("large-texts", pa.large_string(), "large"),
    _column("text-views", pa.string_view(), "a view of a text that is long enough"),
    _column("half-numbers", pa.float16(), 1.5),
    _column("unsigned-numbers", pa.uint64(), 2**64 - 1),
    _column("numbers-that-are-none", pa.float64(), float("nan")),
    _column("nothing-at-all", pa.null(), None),
    table(
        "categories.parquet",
        lambda: parquet(pa.table({"text": TEXTS, "label": pa.array(LABELS).dictionary_encode()})),
        HEADER,
        padding(),
    ),
    table(
        "numbers-for-labels.parquet",
        lambda: parquet(pa.table({"text": TEXTS, "label": pa.array([n % 3 for n in range(ROWS)], pa.int8())})),
        HEADER,
        [(text, n % 3) for n, text in enumerate(TEXTS)],
    ),
    table("same-name-twice.parquet", _same_names, ["text", "label", "text_2"],
          [(*row, row[0]) for row in padding()], "duplicate-column"),
    table("many-groups.parquet", lambda: parquet(pa.table({"text": TEXTS, "label": LABELS}), row_group_size=1),
          HEADER, padding()),
    table("packed-with-brotli.parquet", lambda: parquet(pa.table({"text": TEXTS, "label": LABELS}),
          compression="brotli"), HEADER, padding()),
    table("called.csv", _plain, HEADER, padding()),
    table("broken-notes.parquet", lambda: parquet(pa.table({"text": TEXTS, "label": LABELS}).replace_schema_metadata(
          {"huggingface": '{"info": {"features": [1, 2'})), HEADER, padding()),
    table("odd-notes.parquet", lambda: parquet(pa.table({"text": TEXTS, "label": LABELS}).replace_schema_metadata(
          {"huggingface": '["info", 7]'})), HEADER, padding()),
    table("texts-of-other-bytes.parquet", lambda: _texts_of_other_bytes(pa.string()), HEADER,
          [("caf\ufffd", label) for label in LABELS], "damaged-letters", blocks=True),
    refused("lists-of-other-bytes.parquet", lambda: _texts_of_other_bytes(pa.list_(pa.string())), "damaged Parquet"),
    refused("name-of-other-bytes.parquet", lambda: parquet(pa.table({"cafe": TEXTS})).replace(b"cafe", b"caf\xe9"),
            "damaged Parquet file"),
    refused("no-rows.parquet", lambda: parquet(pa.table({"text": pa.array([], pa.string())})), "has no rows"),
    refused("nothing-at-all-in-it.parquet", lambda: parquet(pa.table({})), "has no rows"),
    refused("rows-without-columns.parquet", lambda: parquet(pa.table({"a": TEXTS}).select([])), "has no"),
    refused("cut-off.parquet", lambda: _plain()[:-20], "damaged Parquet file"),
    refused("cut-in-half.parquet", lambda: _plain()[: len(_plain()) // 2], "damaged Parquet file"),
    refused("only-its-mark.parquet", b"PAR1", "damaged Parquet file"),
    refused("its-mark-twice.parquet", b"PAR1" + bytes(4) + b"PAR1", "damaged Parquet file"),
    refused("encrypted.parquet", b"PARE" + bytes(40) + b"PARE", "binary data"),
    refused("harmed-inside.parquet", lambda: _harmed(12), "damaged Parquet file"),
    refused("harmed-footer.parquet", lambda: _harmed(-7), "damaged Parquet file"),
)  # fmt: skip
