"""Read Parquet files: typed already, so only their categories are unpacked and class numbers named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.data import arrow_files, class_names, parquet_room, utf8
from core.data.arrow_files import Imported
from core.data.far_dates import far_dates_finding, near_batch
from core.data.plain_types import plain_batch, plain_type
from core.data.types import Progress
from core.errors import DataError
from core.said import said


def import_parquet(path: Path, target: Path, progress: Progress | None = None) -> Imported:
    """Write the Parquet file at ``path`` to the Arrow file ``target``, with its own types, batch by batch."""
    import pyarrow as pa
    from pyarrow import parquet

    report = arrow_files.portion(progress, 0.0, 1.0)
    damaged: list[int] = []
    far: list[int] = []
    try:
        with parquet.ParquetFile(path) as file:
            total = file.metadata.num_rows
            if not total or not file.schema_arrow.names:
                raise arrow_files.nothing_in(path, bool(total))
            names, findings = arrow_files.tidy_names(list(file.schema_arrow.names))
            called = class_names.class_names(file.schema_arrow)
            types = [
                class_names.named_type(field.type) if field.name in called else plain_type(field.type)
                for field in file.schema_arrow
            ]
            schema = pa.schema(list(zip(names, types, strict=True)))
            plain = (plain_batch(batch, schema, called) for batch in parquet_room.batches(path, file))
            batches = (_valid(batch, damaged, far) for batch in plain)
            rows = arrow_files.write(
                target, schema, batches, lambda done: report(done / total, said("Reading the rows"))
            )
    except (pa.ArrowException, OSError, UnicodeDecodeError, RuntimeError) as exc:
        # What pyarrow finds amiss while it looks into the description of a column is a bare RuntimeError.
        if isinstance(exc, OSError) and exc.errno is not None:
            raise
        raise _damaged(path, str(exc)) from exc
    if rows != total:
        raise _damaged(path, f"{rows} rows of {total}")
    findings += class_names.finding(called) + utf8.damaged_finding(sum(damaged)) + far_dates_finding(sum(far))
    return Imported(rows, findings)


def _damaged(path: Path, cause: str) -> DataError:
    return DataError(
        said("{file} is a damaged Parquet file.", file=path.name),
        said("It may have been cut off while it was copied: copy or export it again."),
        cause=cause,
    )


def _valid(batch: Any, damaged: list[int], far: list[int]) -> Any:
    """A batch whose texts and dates are valid. How many letters of it could not be read is added to ``damaged``, and
    how many dates were left out to ``far``.
    """
    valid, count = utf8.with_valid_texts(batch)
    damaged.append(count)
    near, count = near_batch(valid)
    far.append(count)
    return near
