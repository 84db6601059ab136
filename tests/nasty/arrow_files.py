"""Arrow files and streams: encoded, viewed and extended columns, nothing in them, and ends that come too early."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from tests.nasty.parquet_files import LABELS, ROWS, TEXTS
from tests.nasty.record import HEADER, Nasty, padding, refused, table

PLAIN = pa.table({"text": TEXTS, "label": LABELS})


def arrow(made: pa.Table, **options: Any) -> bytes:
    """The form that can be read anywhere."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, made.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(made)
    return sink.getvalue().to_pybytes()


def stream(made: pa.Table, rows: int = 10) -> bytes:
    """The form that is read from its start."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, made.schema) as writer:
        writer.write_table(made, max_chunksize=rows)
    return sink.getvalue().to_pybytes()


def _column(name: str, values: Any, read: Any, *findings: str) -> Nasty:
    """A file with a third column of a rare making."""
    made = pa.table({"text": TEXTS, "label": LABELS, "odd": values})
    rows = [(*row, read) for row in padding()]
    return table(f"{name}.arrow", lambda: arrow(made), (*HEADER, "odd"), rows, *findings)


def _times(number: int, kind: Any) -> Any:
    return pa.array([number] * ROWS, pa.int64()).view(kind)


def _runs() -> Any:
    return pa.RunEndEncodedArray.from_arrays(pa.array([ROWS], pa.int32()), pa.array(["same"]))


def _extended() -> Any:
    return pa.ExtensionArray.from_storage(pa.uuid(), pa.array([bytes(16)] * ROWS, pa.binary(16)))


def _either() -> Any:
    kinds, places = pa.array([0] * ROWS, pa.int8()), pa.array(range(ROWS), pa.int32())
    return pa.UnionArray.from_dense(kinds, places, [pa.array(["one of two"] * ROWS), pa.array([1])])


def _pointing_outside() -> bytes:
    kinds, places = pa.array([0] * ROWS, pa.int8()), pa.array([-150_995_178] * ROWS, pa.int32())
    odd = pa.UnionArray.from_dense(kinds, places, [pa.array(["one of two"] * ROWS), pa.array([1])])
    return arrow(pa.table({"text": TEXTS, "label": LABELS, "odd": odd}))


def _categories(number: int, words: Any) -> pa.Table:
    odd = pa.DictionaryArray.from_arrays(pa.array([number] * ROWS, pa.int8()), words, safe=False)
    return pa.table({"text": TEXTS, "label": LABELS, "odd": odd})


def _of_other_bytes() -> Any:
    return pa.Array.from_buffers(pa.string(), 1, pa.array([b"caf\xe9"]).buffers())


def _same_names() -> bytes:
    return arrow(pa.Table.from_arrays([pa.array(TEXTS), pa.array(LABELS), pa.array(TEXTS)], ["text", "label", "text"]))


ARROW_FILES: tuple[Nasty, ...] = (
    table("plain.arrow", lambda: arrow(PLAIN), HEADER, padding()),
    table("plain.feather", lambda: arrow(PLAIN, compression="lz4"), HEADER, padding()),
    table("stream.arrow", lambda: stream(PLAIN), HEADER, padding()),
    table("arrow-called.csv", lambda: arrow(PLAIN), HEADER, padding()),
    table("stream-called.csv", lambda: stream(PLAIN), HEADER, padding()),
    _column("categories", pa.array(["same"] * ROWS).dictionary_encode(), "same"),
    _column("runs", _runs(), "same"),
    _column("views", pa.array(["a text that is long enough to be viewed"] * ROWS, pa.string_view()),
            "a text that is long enough to be viewed"),
    _column("extended", _extended(), bytes(16)),
    _column("either-kind", _either(), "one of two"),
    _column("half-numbers", pa.array([1.5] * ROWS, pa.float16()), 1.5),
    _column("far-times", _times(1 << 62, pa.timestamp("s")), None, "far-dates"),
    _column("far-times-of-a-zone", _times(253402300799, pa.timestamp("s", "Asia/Tokyo")), None, "far-dates"),
    _column("last-times", _times(253402300799, pa.timestamp("s")), datetime(9999, 12, 31, 23, 59, 59)),
    _column("far-days", pa.array([1 << 30] * ROWS, pa.int32()).view(pa.date32()), None, "far-dates"),
    _column("long-spans", _times(1 << 62, pa.duration("ms")), None, "far-dates"),
    _column("times-of-no-zone", _times(0, pa.timestamp("s", "Foo/Bar")), datetime(1970, 1, 1, tzinfo=UTC)),
    _column("nothing", pa.nulls(ROWS), None),
    table("same-name-twice.arrow", _same_names,
          ["text", "label", "text_2"], [(*row, row[0]) for row in padding()], "duplicate-column"),
    refused("name-of-other-bytes.arrow", lambda: arrow(pa.table({"cafe": TEXTS})).replace(b"cafe", b"caf\xe9"),
            "damaged Arrow file"),
    refused("no-rows.arrow", lambda: arrow(PLAIN.slice(0, 0)), "has no rows"),
    refused("no-batches.arrow", lambda: stream(PLAIN.slice(0, 0)), "has no rows"),
    refused("no-columns.arrow", lambda: arrow(pa.table({})), "has no"),
    refused("cut-off.arrow", lambda: arrow(PLAIN)[:-30], "damaged Arrow file"),
    refused("cut-in-half.arrow", lambda: arrow(PLAIN)[: len(arrow(PLAIN)) // 2], "damaged Arrow file"),
    refused("cut-off-stream.arrow", lambda: stream(PLAIN)[:-8], "damaged Arrow file"),
    refused("cut-in-half-stream.arrow", lambda: stream(PLAIN)[: len(stream(PLAIN)) // 2], "damaged Arrow file"),
    refused("only-its-mark.arrow", b"ARROW1\0\0", "damaged Arrow file"),
    refused("pointing-outside.arrow", _pointing_outside, "damaged Arrow file"),
    refused("far-times-in-records.arrow",
            lambda: arrow(pa.table({"text": TEXTS, "odd": pa.StructArray.from_arrays(
                [_times(1 << 62, pa.timestamp("s"))], ["when"])})), "damaged Arrow file"),
    refused("category-of-no-name.arrow", lambda: arrow(_categories(100, pa.array(["same"]))), "damaged Arrow file"),
    table("categories-of-other-bytes.arrow", lambda: arrow(_categories(0, _of_other_bytes())),
          (*HEADER, "odd"), [(*row, "caf\ufffd") for row in padding()], "damaged-letters"),
    refused("of-the-first-version.feather", b"FEA1" + bytes(40) + b"FEA1", "first version"),
)  # fmt: skip
