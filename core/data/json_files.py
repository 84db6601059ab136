"""Read JSON that is not in lines: a list of objects, an object that holds one such list, or the SQuAD form."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.data import squad
from core.data.arrow_files import Imported
from core.data.encoding import Encoding
from core.data.json_stream import JsonStream
from core.data.records import BATCH_CHARACTERS, Reader, Record, import_records
from core.data.types import Finding, Progress
from core.errors import DataError
from core.said import in_a_row, said

_SHOULD_BE = said(
    "Save it as a list of objects, as {list} (pandas: {call}), or with one object on each line.",
    list='[{"text": "...", "label": "..."}]',
    call="df.to_json('table.json', orient='records')",
)


def import_json(path: Path, encoding: Encoding, target: Path, progress: Progress | None = None) -> Imported:
    """Write the objects at ``path`` to the Arrow file ``target``; see ``import_records`` for how they become columns.

    What else stands beside the list is left out. The articles of SQuAD become one row a question. Memory stays bounded.
    Raises ``DataError`` when it is no JSON, or holds no list of objects, or several.
    """
    holders: list[str] = []

    def read(progress: Progress | None) -> Iterator[list[Record]]:
        return _batches(path, encoding, progress, holders)

    first = next((records[0] for records in read(None)), None)
    if first is None:
        raise DataError(said("{file} holds no list of objects.", file=path.name), _SHOULD_BE)
    if squad.is_article(first):
        imported = _import_squad(path, read, target, progress)
    else:
        imported = import_records(read, target, progress)
    held = (_holder_finding(holders[0]),) if holders and holders[0] != "data" else ()
    return Imported(imported.rows, imported.findings + held)


def _import_squad(path: Path, read: Reader, target: Path, progress: Progress | None) -> Imported:
    def read_rows(progress: Progress | None) -> Iterator[list[Record]]:
        for articles in read(progress):
            yield [row for article in articles for row in squad.rows_of(article, path.name)]

    imported = import_records(read_rows, target, progress, types=squad.types())
    if not imported.rows:
        raise DataError(
            said("{file} holds no question.", file=path.name),
            said("Check the export that made it, or choose another file."),
        )
    return Imported(imported.rows, (squad.finding(imported.rows),))


def _batches(path: Path, encoding: Encoding, progress: Progress | None, holders: list[str]) -> Iterator[list[Record]]:
    size = path.stat().st_size
    records: list[Record] = []
    with encoding.open(path) as text:
        stream = JsonStream(path, text)
        read = 0
        for number, record in enumerate(_items(path, stream, holders), start=1):
            if not isinstance(record, dict):
                raise DataError(
                    said("Item {number} of the list in {file} is not an object.", number=number, file=path.name),
                    _SHOULD_BE,
                )
            records.append(record)
            if stream.taken - read > BATCH_CHARACTERS:
                yield records
                records, read = [], stream.taken
                if progress is not None:
                    progress(min(1.0, read / size), said("Reading the rows"))
    if records:
        yield records


def _items(path: Path, stream: JsonStream, holders: list[str]) -> Iterator[Any]:
    """The items of the one list; the name under which an object holds it comes first in ``holders``."""
    if stream.peek() == "[":
        yield from _list(stream)
    else:
        yield from _held(path, stream, holders)
    if stream.peek():
        raise DataError(
            said("{file} goes on after the end of its first object or list.", file=path.name),
            said(
                "Put one list around all objects, with commas between them; or write each object on a line of its own."
            ),
        )


def _list(stream: JsonStream) -> Iterator[Any]:
    stream.take("[")
    if stream.peek() == "]":
        stream.take("]")
        return
    mark = ","
    while mark == ",":
        yield stream.value()
        mark = stream.take(",]")


def _held(path: Path, stream: JsonStream, holders: list[str]) -> Iterator[Any]:
    """The objects of the one list of objects inside an object; all else is passed over."""
    names: list[str] = []
    mark = stream.take("{")
    if stream.peek() == "}":
        mark = stream.take("}")
    while mark != "}":
        name = stream.value()
        stream.take(":")
        if stream.peek() != "[":
            stream.value()
        else:
            for place, item in enumerate(_list(stream)):
                if not place and isinstance(item, dict):
                    names.append(str(name))
                    holders[:] = names
                if len(names) > 1:
                    raise _several(path, names)
                if names[-1:] == [name]:
                    yield item
        mark = stream.take(",}")


def _several(path: Path, names: list[str]) -> DataError:
    return DataError(
        said("{file} holds several lists of objects: {names}.", file=path.name, names=in_a_row(*names)),
        said("Save each list in a file of its own; name them after their use, as in train.json and test.json."),
    )


def _holder_finding(name: str) -> Finding:
    return Finding(
        "json-holder",
        "info",
        said("The rows are the list called “{name}” in the file.", name=name[:60]),
        said("What else stands in the file beside this list is not used."),
    )
