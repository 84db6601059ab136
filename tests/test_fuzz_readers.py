"""Tables that chance wrote come back as they were, and bytes that chance wrote are a table or are refused in words.

``TUNESMITH_FUZZ_SECONDS=600`` lets the fuzzer look for longer, and draws new examples instead of the usual ones.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.data.dialect import DELIMITERS
from core.data.origins import AS_DETECTED
from core.data.tables import LoadedTable
from core.data.workbooks import read_workbook
from core.data_config import ReadingConfig
from tests import making
from tests.nasty import CORPUS, workbooks, xlsx
from tests.nasty.look import account_for, look_at
from tests.nasty.record import ENDINGS, NAMES, padding

SECONDS = int(os.environ.get("TUNESMITH_FUZZ_SECONDS", "0"))
ORDINARY = padding(4)
SMALL = [nasty for nasty in CORPUS if "megabyte" not in nasty.name and "ten-thousand" not in nasty.name]


def bounded(examples: int) -> settings:
    """So many examples, the same each time; more, and others, where there is time."""
    return settings(
        max_examples=examples * max(1, SECONDS // 10),
        derandomize=not SECONDS,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@contextmanager
def a_file(name: str, content: bytes) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        yield path


def back(name: str, content: bytes, pieces: bool = False, reading: ReadingConfig = AS_DETECTED) -> LoadedTable:
    """The table that comes of a file which has to be one; read in small pieces, as a large file is in large ones."""
    with a_file(name, content) as path, pytest.MonkeyPatch.context() as patch:
        if pieces:
            patch.setattr("core.data.csv_files._BLOCK_SIZES", (64, 1 << 20))
            for size in ("jsonl_files.BATCH_CHARACTERS", "json_files.BATCH_CHARACTERS", "json_stream._CHUNK"):
                patch.setattr(f"core.data.{size}", 20)
            patch.setattr("core.data.text_files._BATCH_CHARACTERS", 20)
            patch.setattr("core.data.conll_files._BATCH_SENTENCES", 2)
            patch.setattr("core.data.encoding._BLOCK", 7)
        loaded = look_at(path, reading)
        assert loaded is not None, "a proper table was refused"
        return loaded


# --- Tables ----------------------------------------------------------------------------------------------------------

LETTERS = st.one_of(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    st.sampled_from([*DELIMITERS, *"\"'\\ \n\r=#{}[]0aé"]),
)
CELLS = st.text(LETTERS, max_size=12)


@st.composite
def tables(draw: st.DrawFn) -> list[tuple[str, ...]]:
    """2 to 4 columns of any texts."""
    width = draw(st.integers(2, 4))
    return draw(st.lists(st.tuples(*[CELLS] * width), min_size=1, max_size=8))


def cell_written(cell: str, delimiter: str, always: bool) -> str:
    if always or any(mark in cell for mark in (delimiter, '"', "\n", "\r")):
        return '"' + cell.replace('"', '""') + '"'
    return cell


@bounded(150)
@given(
    rows=tables(),
    delimiter=st.sampled_from(list(DELIMITERS)),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
    always=st.booleans(),
    pieces=st.booleans(),
)
def test_a_csv_comes_back(
    rows: list[tuple[str, ...]], delimiter: str, end: str, encoding: str, always: bool, pieces: bool
) -> None:
    width = len(rows[0])
    header = ("one", "two", "three", "four")[:width]
    whole = [*rows, *(row[:width] for row in ORDINARY)]
    lines = [delimiter.join(cell_written(cell, delimiter, always) for cell in row) for row in (header, *whole)]
    loaded = back("table.csv", (end.join(lines) + end).encode(encoding), pieces)
    assert tuple(loaded.table.column_names) == header and not loaded.meta.skipped
    assert [tuple(row.values()) for row in loaded.table.to_pylist()] == [
        tuple(cell or None for cell in row) for row in whole
    ]


@bounded(100)
@given(
    rows=tables(),
    delimiter=st.sampled_from(list(DELIMITERS)),
    encoding=st.sampled_from(["utf-8", "utf-16", "utf-32", "gb18030"]),
    header=st.booleans(),
)
def test_a_csv_comes_back_whatever_it_holds_when_it_is_said_how_it_is_read(
    rows: list[tuple[str, ...]], delimiter: str, encoding: str, header: bool
) -> None:
    names = [f"column_{place + 1}" for place in range(len(rows[0]))]
    whole = [names, *rows] if header else [("first", *rows[0][1:]), *rows[1:]]
    text = "".join(delimiter.join(cell_written(cell, delimiter, True) for cell in row) + "\n" for row in whole)
    reading = ReadingConfig(delimiter=DELIMITERS[delimiter], quotes=True, encoding=encoding, header=header)  # type: ignore[arg-type]
    table = back("table.csv", text.encode(encoding), reading=reading).table
    assert table.column_names == names
    wanted = [tuple(cell or None for cell in row) for row in whole[header:]]
    assert [tuple(row.values()) for row in table.to_pylist()] == wanted


# --- Records ---------------------------------------------------------------------------------------------------------

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
SINGLE = st.one_of(st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(allow_nan=False), TEXTS)
VALUES = st.one_of(SINGLE, st.recursive(SINGLE, lambda inner: st.lists(inner, max_size=3), max_leaves=6))
RECORDS = st.lists(st.dictionaries(st.sampled_from(["one", "two", "three"]), VALUES), min_size=1, max_size=8)


def as_written(value: Any, kind: pa.DataType) -> Any:
    """What a column of texts holds of a value that is none: how JSON writes it."""
    if value is None or isinstance(value, str) or not pa.types.is_string(kind):
        return value
    return json.dumps(value, ensure_ascii=False)


def truths(value: Any) -> Any:
    """Where true and false stand in a value: to Python they equal 1 and 0."""
    return [truths(inner) for inner in value] if isinstance(value, list) else isinstance(value, bool)


def same_records(loaded: LoadedTable, records: list[dict[str, Any]]) -> None:
    found = loaded.table.to_pylist()
    assert len(found) == len(records) and set(loaded.table.column_names) == {
        key for record in records for key in record
    }
    for record, row in zip(records, found, strict=True):
        for name, value in row.items():
            wanted = as_written(record.get(name), loaded.table.schema.field(name).type)
            assert value == wanted and truths(value) == truths(wanted)


@bounded(150)
@given(
    records=RECORDS,
    ascii_only=st.booleans(),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    pieces=st.booleans(),
)
def test_json_lines_come_back(records: list[dict[str, Any]], ascii_only: bool, encoding: str, pieces: bool) -> None:
    records = [*records, {"one": None, "two": "ordinary"}]
    lines = "".join(json.dumps(record, ensure_ascii=ascii_only) + "\n" for record in records)
    same_records(back("table.jsonl", lines.encode(encoding), pieces), records)


@bounded(150)
@given(
    records=RECORDS,
    indent=st.sampled_from([None, 0, 2]),
    ascii_only=st.booleans(),
    held=st.booleans(),
    pieces=st.booleans(),
)
def test_a_list_of_json_comes_back(
    records: list[dict[str, Any]], indent: int | None, ascii_only: bool, held: bool, pieces: bool
) -> None:
    records = [*records, {"one": None, "two": "ordinary"}]
    whole = {"about": [1], "data": records} if held else records
    text = json.dumps(whole, indent=indent, ensure_ascii=ascii_only)
    same_records(back("table.json", text.encode(), pieces), records)


KINDS = {
    pa.string(): TEXTS,
    pa.large_string(): TEXTS,
    pa.int16(): st.integers(-(2**15), 2**15 - 1),
    pa.uint64(): st.integers(0, 2**64 - 1),
    pa.float64(): st.floats(allow_nan=False),
    pa.bool_(): st.booleans(),
    pa.binary(): st.binary(max_size=8),
    pa.timestamp("us", tz="UTC"): st.integers(-(2**50), 2**50),
    pa.list_(pa.string()): st.lists(st.none() | TEXTS, max_size=3),
    pa.struct([("a", pa.int8()), ("b", pa.list_(pa.float32()))]): st.fixed_dictionaries(
        {"a": st.none(), "b": st.none()}
    ),
    pa.map_(pa.string(), pa.int8()): st.lists(st.tuples(TEXTS, st.integers(0, 9)), max_size=2),
}


@st.composite
def typed_tables(draw: st.DrawFn) -> pa.Table:
    kinds = draw(st.lists(st.sampled_from(list(KINDS)), min_size=1, max_size=4))
    rows = draw(st.integers(1, 6))
    columns = [pa.array(draw(st.lists(st.none() | KINDS[kind], min_size=rows, max_size=rows)), kind) for kind in kinds]
    return pa.Table.from_arrays(columns, [f"column {place}" for place in range(len(kinds))])


@bounded(100)
@given(made=typed_tables(), groups=st.integers(1, 6), packing=st.sampled_from(["none", "snappy", "zstd"]))
def test_parquet_comes_back(made: pa.Table, groups: int, packing: str) -> None:
    sink = pa.BufferOutputStream()
    pq.write_table(made, sink, row_group_size=groups, compression=packing)
    assert back("table.parquet", sink.getvalue().to_pybytes()).table.equals(made)


# Neither XML nor a workbook can hold other control characters, nor these two.
SHOWN = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=12)


@bounded(25)  # each is read in a process of its own
@given(rows=st.lists(st.tuples(SHOWN, SHOWN), min_size=1, max_size=8), first=st.integers(1, 5))
def test_a_workbook_comes_back(rows: list[tuple[str, str]], first: int) -> None:
    whole = [*rows, *padding()]
    made = xlsx.workbook({"Data": xlsx.sheet(xlsx.rows_of([("one", "two"), *whole]), first_row=first)})
    found = [tuple(row.values()) for row in back("table.xlsx", made).table.to_pylist()]
    assert found == [tuple(cell or None for cell in row) for row in whole if any(row)]


# --- Texts -----------------------------------------------------------------------------------------------------------

LINES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
WORDS = st.text(st.characters(exclude_categories=["Z", "C"]), min_size=1, max_size=8)
TAGS = st.sampled_from(["O", "B-PER", "I-PER", "B-LOC"])
SENTENCES = st.lists(st.lists(st.tuples(WORDS, TAGS), min_size=1, max_size=6), min_size=1, max_size=6)


@bounded(100)
@given(
    lines=st.lists(LINES, max_size=20),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    pieces=st.booleans(),
)
def test_no_letter_of_a_text_is_lost(lines: list[str], end: str, encoding: str, pieces: bool) -> None:
    whole = end.join(["It began so,", *lines])
    found = back("table.md", whole.encode(encoding), pieces).table.column("text").to_pylist()
    assert "".join("".join(found).split()) == "".join(whole.split())
    assert all(text.strip() for text in found)


@bounded(100)
@given(
    sentences=SENTENCES,
    mark=st.sampled_from(["\t", " ", "  "]),
    end=st.sampled_from(["\n", "\r\n"]),
    pieces=st.booleans(),
)
def test_tagged_sentences_come_back(sentences: list[list[tuple[str, str]]], mark: str, end: str, pieces: bool) -> None:
    lines = [end.join(f"{word}{mark}{tag}" for word, tag in sentence) + end for sentence in sentences]
    found = back("table.conll", end.join(lines).encode(), pieces).table.to_pylist()
    assert [list(zip(row["tokens"], row["tags"], strict=True)) for row in found] == sentences


# --- Bytes -----------------------------------------------------------------------------------------------------------


@st.composite
def harmed(draw: st.DrawFn, contents: st.SearchStrategy[bytes]) -> bytes:
    """Bytes of which parts are cut out, put in twice, or made something else."""
    content = draw(contents)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        end = draw(st.integers(start, min(len(content), start + 200)))
        part = draw(st.one_of(st.binary(max_size=8), st.just(content[start:end] * 2), st.just(b"")))
        content = content[:start] + part + content[end:]
    return content[: draw(st.integers(0, 60_000))]


NASTY = st.sampled_from(SMALL).map(lambda nasty: nasty.make())


@bounded(300)
@given(content=harmed(NASTY) | st.binary(max_size=200), ending=st.sampled_from(ENDINGS))
def test_any_bytes_under_any_name_are_a_table_or_are_refused(content: bytes, ending: str) -> None:
    with a_file(f"table{ending}", content) as path:
        loaded = look_at(path)
        if loaded is not None:
            account_for(path, loaded)


@bounded(150)
@given(data=st.data(), part=st.sampled_from(sorted(workbooks.parts())))
def test_a_workbook_with_a_broken_part_is_a_table_or_is_refused(data: st.DataObject, part: str) -> None:
    content = data.draw(harmed(st.just(workbooks.parts()[part])))
    with a_file("table.xlsx", workbooks.with_part(part, content)) as path, pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.data.reading.import_workbook", read_workbook)  # a process each would be too slow
        look_at(path)


# --- The fuzzer ------------------------------------------------------------------------------------------------------


def _seeds(folder: Path) -> None:
    """The small nasty files as inputs, each under its own name and under another one."""
    for place, nasty in enumerate(SMALL):
        content = nasty.make()
        own = "table" + "".join(Path(nasty.name).suffixes)
        if len(content) < 8000:
            for name in {own, NAMES[place % len(NAMES)]} & set(NAMES):
                (folder / f"{place}-{name}").write_bytes(bytes([NAMES.index(name)]) + content)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the fuzzer is made for Linux")
@pytest.mark.timeout(120 + 2 * SECONDS)
def test_the_fuzzer_finds_nothing(tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="atheris is not installed")
    inputs = tmp_path / "inputs"
    inputs.mkdir()
    _seeds(inputs)
    limits = [f"-max_total_time={SECONDS or 15}", "-max_len=9000", "-timeout=30", "-rss_limit_mb=4000", "-seed=1"]
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz_readers", *limits, f"-artifact_prefix={tmp_path}/", str(inputs)],
        cwd=making.PROJECT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        errors="replace",
    )
    assert done.returncode == 0, f"{done.stdout[-4000:]}\n{done.stderr[-2000:]}"
    assert "Done" in done.stderr
