"""The rows of a split as Arrow batches of plain types: classes by their names, pictures and sounds left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from core.data import arrow_files, class_names
from core.data.far_dates import far_dates_finding, without_far_dates
from core.data.plain_types import plain_type
from core.data.types import Finding
from core.errors import DataError
from core.said import enumerated, said

_BATCH_ROWS = 2_000
_PLAIN = {"datasets.features.features", "datasets.features.translation"}
"""The modules whose features hold text and numbers; each other one is of some medium, such as pictures."""


@dataclass(frozen=True)
class Stream:
    """One split. ``names`` are those of class numbers, by column; ``rows`` how many it has, where that is told."""

    split: str
    rows: int | None
    builder: Any
    features: Any
    names: dict[str, tuple[str, ...]]
    left_out: tuple[str, ...]
    far: list[int] = field(default_factory=list)
    """How many dates were left out so far, batch by batch."""

    def opened(self, rows: int | None = None) -> tuple[Any, Iterator[Any]]:
        """A ``pyarrow.Schema`` and the record batches of that schema: all rows, or the first ones."""
        fields = self.fields_of(self.tables(rows))
        schema = self.schema_of(fields)
        tables = (self.plain(table, fields, schema) for table in self.tables(rows))
        return schema, (batch for table in tables for batch in table.to_batches())

    def findings(self) -> tuple[Finding, ...]:
        """What a person should know of how the table was made."""
        found = class_names.finding(self.names) + far_dates_finding(sum(self.far))
        if not self.left_out:
            return found
        shown = enumerated(*(f"`{name}`" for name in self.left_out[:5]))
        one = len(self.left_out) == 1
        left_out = Finding(
            "media-left-out",
            "warning",
            said("{columns} was left out." if one else "{columns} were left out.", columns=shown),
            said("It holds pictures or sounds; only text and numbers are learned from.")
            if one
            else said("They hold pictures or sounds; only text and numbers are learned from."),
            count=len(self.left_out),
        )
        return (*found, left_out)

    def dataset(self) -> Any:
        """The ``datasets.IterableDataset`` of the split."""
        return self.builder.as_streaming_dataset(split=self.split)

    def tables(self, rows: int | None = None) -> Iterator[Any]:
        """Non-empty ``pyarrow.Table``s as the library reads them, without what is left out."""
        size = min(_BATCH_ROWS, rows or _BATCH_ROWS)
        dataset = self.dataset()
        tables = dataset.with_format("arrow").iter(batch_size=size)
        source = getattr(dataset, "_ex_iterable", None)
        if self.features is None and source is not None and source.iter_arrow:
            # Put together by the library, tables whose types differ would be refused.
            tables = (table.slice(0, rows) for _, table in source.iter_arrow())
        for table in tables:
            yield table.drop_columns([name for name in self.left_out if name in table.column_names])
            if rows is not None:
                return

    def fields_of(self, tables: Iterable[Any]) -> dict[str, Any]:
        """Column -> its type in the table. Where nothing tells it beforehand, all ``tables`` are read for it."""
        if self.features is not None:
            told = self.features.arrow_schema
            fields = [field for field in told if field.name not in self.left_out]
        else:
            fields = list(reduce(_joined, (table.schema.remove_metadata() for table in tables), []))
        if not fields:
            title = said(
                "This dataset holds only pictures or sounds." if self.left_out else "This split has no columns."
            )
            raise DataError(title, said("Choose one with a column of text or numbers."))
        return {
            field.name: class_names.named_type(field.type) if field.name in self.names else plain_type(field.type)
            for field in fields
        }

    def schema_of(self, fields: Mapping[str, Any]) -> Any:
        """A ``pyarrow.Schema`` with names that are all different and not empty."""
        import pyarrow as pa

        names, _ = arrow_files.tidy_names(list(fields))
        return pa.schema(list(zip(names, fields.values(), strict=True)))

    def plain(self, table: Any, fields: Mapping[str, Any], schema: Any) -> Any:
        """A table as the library reads it in the form of ``schema``; what it lacks is missing in all rows."""
        import pyarrow as pa

        columns = []
        for name, kind in fields.items():
            if name not in table.column_names:
                columns.append(pa.nulls(table.num_rows, kind))
                continue
            column = _one(table.column(name))
            column, far = without_far_dates(
                as_type(class_names.named(column, self.names[name]) if name in self.names else column, kind)
            )
            columns.append(column)
            self.far.extend([far] if far else [])
        return pa.Table.from_arrays(columns, schema=schema)


def stream_of(builder: Any, split: str) -> Stream:
    """A split of a dataset, read as it comes."""
    features = builder.as_streaming_dataset(split=split).features
    told = (builder.info.splits or {}).get(split)
    left_out = tuple(name for name, feature in (features or {}).items() if _is_medium(feature))
    names = class_names.class_names(features.arrow_schema) if features is not None else {}
    return Stream(split, told.num_examples or None if told else None, builder, features, names, left_out)


def as_type(column: Any, kind: Any) -> Any:
    """A column cast to a plain type; what Arrow cannot cast goes the long way, value by value."""
    import pyarrow as pa

    if column.type == kind:
        return column
    try:
        return column.cast(kind)
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        values = column.to_pylist()
        if pa.types.is_string(kind) or pa.types.is_large_string(kind):
            values = [None if value is None else str(value) for value in values]
        return pa.array(values, kind)


def _joined(one: Any, other: Any) -> Any:
    """A schema that both fit; columns whose types do not go together become text."""
    import pyarrow as pa

    if not one:
        return other
    try:
        return pa.unify_schemas([one, other], promote_options="permissive")
    except pa.ArrowTypeError:
        fields = {field.name: field.type for field in one}
        for field in other:
            known = fields.get(field.name, field.type)
            same = known == field.type or pa.types.is_null(field.type)
            fields[field.name] = known if same else field.type if pa.types.is_null(known) else pa.large_string()
        return pa.schema(list(fields.items()))


def _one(column: Any) -> Any:
    """A column as one ``pyarrow.Array``."""
    import pyarrow as pa

    if not isinstance(column, pa.ChunkedArray):
        return column
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks)


def _is_medium(feature: Any) -> bool:
    """Whether a feature, or one inside it, holds pictures, sounds or the like."""
    if isinstance(feature, dict):
        return any(_is_medium(inner) for inner in feature.values())
    if isinstance(feature, list | tuple):
        return any(_is_medium(inner) for inner in feature)
    if hasattr(feature, "feature"):
        return _is_medium(feature.feature)
    return type(feature).__module__ not in _PLAIN
