"""Read Parquet files: typed already, so only their categories are unpacked and class numbers named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.data import arrow_files, class_names, utf8
from core.data.arrow_files import Imported
from core.data.types import Progress
from core.errors import DataError

_BATCH_ROWS = 10_000


def import_parquet(path: Path, target: Path, progress: Progress | None = None) -> Imported:
    """Write the Parquet file at ``path`` to the Arrow file ``target``, with its own types, batch by batch."""
    import pyarrow as pa
    from pyarrow import parquet

    report = arrow_files.portion(progress, 0.0, 1.0)
    damaged: list[int] = []
    try:
        with parquet.ParquetFile(path) as file:
            total = file.metadata.num_rows
            if not total or not file.schema_arrow.names:
                title = f"{path.name} has no {'columns' if total else 'rows'}."
                raise DataError(title, "Check the export that made it, or choose another file.")
            names, findings = arrow_files.tidy_names(list(file.schema_arrow.names))
            called = class_names.class_names(file.schema_arrow)
            types = [
                class_names.named_type(field.type) if field.name in called else _unpacked(field.type)
                for field in file.schema_arrow
            ]
            schema = pa.schema(list(zip(names, types, strict=True)))
            batches = (_retyped(_named(batch, called), schema, damaged) for batch in file.iter_batches(_BATCH_ROWS))
            rows = arrow_files.write(target, schema, batches, lambda done: report(done / total, "Reading the rows"))
    except (pa.ArrowException, OSError, UnicodeDecodeError) as exc:
        if isinstance(exc, OSError) and exc.errno is not None:
            raise
        raise _damaged(path, str(exc)) from exc
    if rows != total:
        raise _damaged(path, f"{rows} rows of {total}")
    return Imported(rows, findings + class_names.finding(called) + utf8.damaged_finding(sum(damaged)))


def _damaged(path: Path, cause: str) -> DataError:
    return DataError(
        f"{path.name} is a damaged Parquet file.",
        "It may have been cut off while it was copied: copy or export it again.",
        cause=cause,
    )


def _unpacked(kind: Any) -> Any:
    import pyarrow as pa

    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _named(batch: Any, called: dict[str, tuple[str, ...]]) -> Any:
    """A batch of rows with names in place of class numbers, where the file has them."""
    import pyarrow as pa

    if not called:
        return batch
    arrays = [
        class_names.named(column, called[field.name]) if field.name in called else column
        for column, field in zip(batch.columns, batch.schema, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, names=batch.schema.names)


def _retyped(batch: Any, schema: Any, damaged: list[int]) -> Any:
    """A batch in the types of the table; how many letters of it could not be read is added to ``damaged``."""
    import pyarrow as pa

    columns = [column.cast(field.type) for column, field in zip(batch.columns, schema, strict=True)]
    valid, count = utf8.with_valid_texts(pa.RecordBatch.from_arrays(columns, schema=schema))
    damaged.append(count)
    return valid
