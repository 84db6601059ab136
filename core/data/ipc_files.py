"""Read Arrow files (.arrow, .feather, .ipc) in both of their forms: typed already, as Parquet files are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.data import arrow_files, class_names, utf8
from core.data.arrow_files import Imported
from core.data.far_dates import far_dates_finding, near_batch
from core.data.plain_types import plain_batch, plain_type
from core.data.types import Progress
from core.errors import DataError
from core.said import said

MAGIC, STREAM, OLD_FEATHER = b"ARROW1", b"\xff\xff\xff\xff", b"FEA1"
"""How a file begins that can be read anywhere, one that is read from its start, and one from before 2020."""
_MOST_ROWS = 10_000


def import_arrow(path: Path, target: Path, progress: Progress | None = None) -> Imported:
    """Write the Arrow file at ``path`` to the Arrow file ``target``, with its own types, batch by batch."""
    import pyarrow as pa

    report = arrow_files.portion(progress, 0.0, 1.0)
    damaged: list[int] = []
    far: list[int] = []
    try:
        with pa.memory_map(str(path), "r") as source:
            size = source.size()
            reader, batches = _opened(path, source)
            names, findings = arrow_files.tidy_names(list(reader.schema.names))
            called = class_names.class_names(reader.schema)
            schema = pa.schema(
                [
                    (name, class_names.named_type(field.type) if field.name in called else plain_type(field.type))
                    for name, field in zip(names, reader.schema, strict=True)
                ]
            )

            def written() -> Iterator[Any]:
                for batch in batches:
                    for start in range(0, batch.num_rows, _MOST_ROWS):
                        # First of all: what points outside of its own buffers must not be worked with.
                        valid, count = utf8.with_valid_texts(batch.slice(start, _MOST_ROWS))
                        damaged.append(count)
                        near, count = near_batch(plain_batch(valid, schema, called))
                        far.append(count)
                        yield near
                    report(source.tell() / size, said("Reading the rows"))

            rows = arrow_files.write(target, schema, written())
    except (pa.ArrowException, OSError, EOFError, UnicodeDecodeError) as exc:
        if isinstance(exc, OSError) and exc.errno is not None:
            raise
        raise DataError(
            said("{file} is a damaged Arrow file.", file=path.name),
            said("It may have been cut off while it was copied: copy or export it again."),
            cause=str(exc),
        ) from exc
    if not rows or not names:
        raise arrow_files.nothing_in(path, bool(rows))
    findings += class_names.finding(called) + utf8.damaged_finding(sum(damaged)) + far_dates_finding(sum(far))
    return Imported(rows, findings)


def _opened(path: Path, source: Any) -> tuple[Any, Iterator[Any]]:
    """What has the schema, and the batches."""
    import pyarrow as pa

    head = source.read(8)
    source.seek(0)
    if head.startswith(OLD_FEATHER):
        raise DataError(
            said("{file} is a Feather file of the first version, which is no longer read.", file=path.name),
            said("Save it again with a program of today: as Parquet, or as Feather of version 2."),
        )
    if head.startswith(MAGIC):
        file = pa.ipc.open_file(source)
        return file, (file.get_batch(place) for place in range(file.num_record_batches))
    stream = pa.ipc.open_stream(source)
    _require_end(source)
    return stream, iter(stream)


def _require_end(source: Any) -> None:
    """A stream that was cut off between two batches reads like a whole one, but for the mark at its end."""
    import pyarrow as pa

    here = source.tell()
    source.seek(max(0, source.size() - 8))
    if source.read(8) != STREAM + bytes(4):
        raise pa.ArrowInvalid("the mark at the end of the stream is missing")
    source.seek(here)
