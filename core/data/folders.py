"""Read a folder, or what a zip archive held: one table, several with the same columns, or texts by class."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.data import arrow_files, text_folders
from core.data.accepted import named_format
from core.data.arrow_files import EARLY, Imported, portion
from core.data.content import files_in
from core.data.guess_files import WORDS, part_of
from core.data.types import Finding, Progress, in_file
from core.data.unpacking import inner_name
from core.data_config import ReadingConfig
from core.errors import DataError
from core.said import enumerated, first_of, said, said_many

Reader = Callable[[Path, Path, ReadingConfig, Progress | None], Imported]
"""Reads one table: from, to, how, progress."""

_ORDER = (*WORDS, None)
_SHOWN = 5
"""Names of files."""


@dataclass(frozen=True)
class _Table:
    """A table in a folder: its file, its name there, and the part of the data that the name says it is."""

    path: Path
    name: str
    part: str | None


def import_folder(
    path: Path, name: str, target: Path, chosen: ReadingConfig, progress: Progress | None, read: Reader
) -> Imported:
    """Write what the folder holds to the Arrow file ``target``. ``name`` is what a person calls it.

    Texts in folders that are called after their classes get the columns text, label and file. Several tables with the
    same columns become one, with a column ``split`` when their names say train, validation and test, else ``file``.
    What the library ``datasets`` has saved is read by its own lists.

    Raises ``DataError`` when there is nothing to read, or the columns differ.
    """
    files = files_in(path)
    if not files:
        raise DataError(
            said("{folder} is an empty folder.", folder=name), said("Put the table, or the texts, into it.")
        )
    saved = _saved_tables(path, files)
    if saved:
        return _join(saved, target, chosen, progress, read)
    tables, others = _by_name(files)
    texts = text_folders.texts_by_class(path, others)
    if len(texts) > len(tables):
        taken = {text.path for text in texts}
        return _with_left_out(text_folders.import_texts(texts, target, chosen.encoding, progress), path, files, taken)
    if not tables:
        tables = [file for file in others if named_format(inner_name(file.name)) == "text"]
    if not tables:
        raise DataError(
            said("No table was found in {folder}.", folder=name),
            said(
                "It holds {files}. Name one file if it is a table under another name; texts by class stand in folders "
                "that are called after the classes, as in spam/1.txt.",
                files=first_of([str(file.relative_to(path)) for file in files], _SHOWN),
            ),
        )
    found = [_Table(file, str(file.relative_to(path)), _part_of(file.relative_to(path))) for file in tables]
    return _with_left_out(_join(found, target, chosen, progress, read), path, files, set(tables))


def _by_name(files: list[Path]) -> tuple[list[Path], list[Path]]:
    """Files that are called like tables, and all others: texts, or something else."""
    tables = [file for file in files if named_format(inner_name(file.name)) not in (None, "text")]
    chosen = set(tables)
    return tables, [file for file in files if file not in chosen]


def _part_of(name: Path) -> str | None:
    """What a name says: that of the file, else that of a folder it stands in."""
    words = [inner_name(name.name).rpartition(".")[0] or name.name, *reversed(name.parts[:-1])]
    return next((part for word in words if (part := part_of(word))), None)


def _saved_tables(folder: Path, files: list[Path]) -> list[_Table]:
    """The tables that ``save_to_disk`` of the library ``datasets`` has written, by its own lists."""
    states = [file for file in files if file.name == "state.json"]
    found = []
    for state in states:
        names = _data_files(state)
        split = state.parent.name if (state.parent.parent / "dataset_dict.json").is_file() else ""
        part = (part_of(split) or split) if split else None
        for name in names:
            table = state.parent / name
            if Path(name).name != name or not table.is_file():
                raise DataError(
                    said("A file of the saved dataset is missing: {file}.", file=Path(name).name),
                    said("Copy the whole folder again, or save the dataset once more."),
                )
            found.append(_Table(table, str(table.relative_to(folder)), part))
    return found


def _data_files(state: Path) -> list[str]:
    try:
        record = json.loads(state.read_text(encoding="utf-8"))
        return [str(one["filename"]) for one in record["_data_files"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        return []  # another program's state.json


# --- Several tables as one ------------------------------------------------------------------------------------------


def _join(
    tables: list[_Table], target: Path, chosen: ReadingConfig, progress: Progress | None, read: Reader
) -> Imported:
    """Read the tables one after the other into one."""
    if len(tables) == 1:
        return read(tables[0].path, target, chosen, progress)
    tables = sorted(tables, key=lambda table: _ORDER.index(table.part) if table.part in _ORDER else len(_ORDER))
    width = 0.9 / len(tables)
    drafts = [target.with_name(f"{target.name}.{place}") for place in range(len(tables))]
    found = [
        _named(table, read, draft, chosen, portion(progress, place * width, (place + 1) * width))
        for place, (table, draft) in enumerate(zip(tables, drafts, strict=True))
    ]
    parts = {table.part for table in tables}
    column = "split" if None not in parts and len(parts) > 1 else "file"
    values = [str(table.part) if column == "split" else table.name for table in tables]
    opened = [arrow_files.read(draft) for draft in drafts]
    schema = _common_schema(tables, [table.schema for table in opened])
    name = column if column not in schema.names else f"{column}_2"
    rows = arrow_files.write(target, schema.append(_text_field(name)), _batches(opened, values, schema, name))
    for draft in drafts:
        draft.unlink()
    starts = [sum(len(one.skipped) + one.rows for one in found[:place]) for place in range(len(found))]
    skipped = tuple(start + row for start, one in zip(starts, found, strict=True) for row in one.skipped)
    return Imported(rows, (_joined_finding(tables, name), *_merged(tables, found, starts)), skipped, found[0].read_as)


def _named(table: _Table, read: Reader, draft: Path, chosen: ReadingConfig, progress: Progress) -> Imported:
    try:
        return read(table.path, draft, chosen, progress)
    except DataError as exc:
        named = exc.title if table.path.name in exc.title else in_file(table.name, exc.title)
        raise DataError(named, exc.advice, cause=exc.cause) from exc


def _common_schema(tables: list[_Table], schemas: Sequence[Any]) -> Any:
    """The columns that all tables have, in the order of the first; where types differ, one that holds both."""
    import pyarrow as pa

    first = schemas[0]
    for table, schema in zip(tables, schemas, strict=True):
        lacking = [name for name in first.names if name not in schema.names]
        further = [name for name in schema.names if name not in first.names]
        if lacking or further:
            raise DataError(
                said(
                    "The tables do not have the same columns: {file} has no column `{column}`.",
                    file=table.name,
                    column=lacking[0],
                )
                if lacking
                else said(
                    "The tables do not have the same columns: {file} has a column more: `{column}`.",
                    file=table.name,
                    column=further[0],
                ),
                said(
                    "{file} has: {columns}. Give each of them the same columns, or use one file alone.",
                    file=tables[0].name,
                    columns=enumerated(*first.names[:10]),
                ),
            )
    kinds = []
    for name in first.names:
        fields = [schema.field(name).type for schema in schemas]
        try:
            common = pa.unify_schemas([pa.schema([(name, kind)]) for kind in fields], promote_options="permissive")
            kinds.append(common.field(name).type)
        except pa.ArrowException:
            kinds.append(pa.string())
    return pa.schema(list(zip(first.names, kinds, strict=True)))


def _batches(opened: list[Any], values: list[str], schema: Any, name: str) -> Iterator[Any]:
    import pyarrow as pa

    whole = schema.append(_text_field(name))
    for table, value in zip(opened, values, strict=True):
        for batch in table.select(schema.names).to_batches():
            columns = [_as(column, field.type) for column, field in zip(batch.columns, schema, strict=True)]
            columns.append(pa.repeat(pa.scalar(value, pa.string()), batch.num_rows))
            yield pa.RecordBatch.from_arrays(columns, schema=whole)


def _as(column: Any, kind: Any) -> Any:
    import pyarrow as pa

    if column.type == kind or not (pa.types.is_string(kind) and pa.types.is_nested(column.type)):
        return column.cast(kind)
    texts = [
        None if value is None else json.dumps(value, ensure_ascii=False, default=str) for value in column.to_pylist()
    ]
    return pa.array(texts, kind)


def _text_field(name: str) -> Any:
    import pyarrow as pa

    return pa.field(name, pa.string())


def _joined_finding(tables: list[_Table], column: str) -> Finding:
    return Finding(
        "joined-tables",
        "info",
        said("{tables} tables were read as one.", tables=len(tables)),
        said(
            "The column `{column}` says from which a row comes: {files}. Rows are counted through all of them.",
            column=column,
            files=first_of([table.name for table in tables], _SHOWN),
        ),
        count=len(tables),
    )


def _merged(tables: list[_Table], found: list[Imported], starts: list[int]) -> tuple[Finding, ...]:
    """The findings of all tables, each kind once: the first in full, with the rows and counts of all."""
    kinds: dict[str, list[tuple[_Table, Finding, int]]] = {}
    for table, imported, start in zip(tables, found, starts, strict=True):
        for finding in imported.findings:
            kinds.setdefault(finding.code, []).append((table, finding, start))
    merged = []
    for several in kinds.values():
        table, first, _ = several[0]
        title = in_file(table.name, first.title)
        if len(several) > 1:
            named = said("{file} (and {count} more)", file=table.name, count=len(several) - 1)
            title = in_file(named, first.title)
        rows = tuple(start + row for _, finding, start in several for row in finding.rows)
        count = sum(finding.count for _, finding, _ in several)
        merged.append(replace(first, title=title, rows=rows[:EARLY], count=count))
    return tuple(merged)


def _with_left_out(imported: Imported, folder: Path, files: list[Path], taken: set[Path]) -> Imported:
    """With a word on the files that are neither tables nor texts of a class."""
    left = [str(file.relative_to(folder)) for file in files if file not in taken]
    if not left:
        return imported
    finding = Finding(
        "files-left-out",
        "info",
        said_many(len(left), "{count} file is not part of the table.", "{count} files are not part of the table."),
        said("Left out: {files}.", files=first_of(left, 10)),
        "",
        len(left),
    )
    return replace(imported, findings=(*imported.findings, finding))
