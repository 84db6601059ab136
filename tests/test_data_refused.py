"""What is no table is refused with what it is and what to do."""

from __future__ import annotations

import io
import json
import sqlite3
import struct
import zipfile
import zlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core import home
from core.data.tables import open_table
from core.errors import DataError


def refused(path: Path, content: bytes | str) -> DataError:
    """The error of opening ``content``. It has advice, and leaves nothing in the cache."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(DataError) as caught:
        open_table(str(path))
    assert caught.value.title.endswith(".") and caught.value.advice
    assert not list((home.cache_dir() / "tables").iterdir())
    return caught.value


def png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


def zipped(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "text,label\n")
    return out.getvalue()


def database(folder: Path) -> bytes:
    with sqlite3.connect(folder / "made.db") as connection:
        connection.execute("create table t (a text)")
    return (folder / "made.db").read_bytes()


def test_other_kinds_of_files_are_named(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    known = {
        "PNG picture": png(),
        "could not be opened as a workbook": zipped("[Content_Types].xml", "xl/workbook.xml"),
        "Word document": zipped("[Content_Types].xml", "word/document.xml"),
        "No table was found": zipped("picture.png", "sound.wav"),
        "PDF document": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n",
        "not be opened as a workbook": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512),
        "gzip archive": b"\x1f\x8b\x08\x00" + bytes(20),
        "SQLite database": database(tmp_path),
        "web page": "<!DOCTYPE html>\n<html><body>Sign in, please</body></html>\n",
        "binary data": b"text,label\n" + bytes(range(256)) * 10,
    }
    for what, content in known.items():
        assert what in refused(file, content).title


@pytest.mark.parametrize("content", [b"", b"\n\n  \n", b"\xef\xbb\xbf", b"\xff\xfe"])
@pytest.mark.parametrize("name", ["table.csv", "table.jsonl"])
def test_an_empty_file(tmp_path: Path, name: str, content: bytes) -> None:
    assert "is empty" in refused(tmp_path / name, content).title


@pytest.mark.parametrize("content", ["text,label\n", "text,label", "text\n", "\n\ntext;label\n\n"])
def test_a_header_only(tmp_path: Path, content: str) -> None:
    assert "holds a header and no rows" in refused(tmp_path / "table.csv", content).title


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ('text,label\n"never closed,a\nmore,b\n', 2),
        ('text,label\na,1\nb,"2\n', 3),
        ('text,label\n"two\nlines",1\n"open,2\nc,3\n', 4),
        ('"text,label\na,1\n', 1),
        ('text\na\n"b\nc\n', 3),
    ],
)
def test_an_unclosed_quote_with_its_line(tmp_path: Path, content: str, line: int) -> None:
    error = refused(tmp_path / "table.csv", content)
    assert f"a quote opens in line {line} and is never closed" in error.title


def test_an_unclosed_quote_far_down_a_long_file(tmp_path: Path) -> None:
    lines = "some text that goes on for a while,label\n" * 100_000
    error = refused(tmp_path / "table.csv", f'text,label\n{lines}"open,1\n{lines}')
    assert "line 100002" in error.title


def test_most_rows_do_not_fit_the_header(tmp_path: Path) -> None:
    error = refused(tmp_path / "table.csv", "text,label\n" + "one, two, and more,pos\n" * 20)
    assert "do not fit its header" in error.title and "4 cells" in error.advice


def test_json_that_holds_no_records(tmp_path: Path) -> None:
    for name in ("table.json", "table.csv"):
        pretty = json.dumps({"text": {"0": "a"}, "label": {"0": "b"}}, indent=2)
        error = refused(tmp_path / name, pretty)
        assert "holds no list of objects" in error.title and "orient='records'" in error.advice
        assert "several lists" in refused(tmp_path / name, json.dumps({"a": [{"x": 1}], "b": [{"x": 2}]})).title


def test_conll_with_a_line_that_does_not_fit(tmp_path: Path) -> None:
    assert "Line 3 of" in refused(tmp_path / "table.conll", "Anna B-PER\nlives O\nhere\n. O\n").title


def test_jsonl_errors_name_the_line(tmp_path: Path) -> None:
    whole = '{"text": "a", "label": "b"}\n' * 5000
    cut = refused(tmp_path / "table.jsonl", whole + '{"text": "the last one is cu')
    assert cut.title == "Line 5,001 of table.jsonl is not complete JSON." and "cut off" in cut.advice
    broken = refused(tmp_path / "table.jsonl", whole + "text: a\n" + whole)
    assert broken.title == "Line 5,001 of table.jsonl is not JSON." and "text: a" in broken.advice
    assert "not an object" in refused(tmp_path / "table.jsonl", whole + "[1, 2]\n").title


def test_parquet_damaged_or_without_rows(tmp_path: Path) -> None:
    file = tmp_path / "table.parquet"
    pq.write_table(pa.table({"text": ["a" * 1000] * 100}), file)
    assert "damaged Parquet file" in refused(file, file.read_bytes()[:-20]).title
    pq.write_table(pa.table({"text": pa.array([], pa.string())}), file)
    assert "has no rows" in refused(file, file.read_bytes()).title


def test_a_full_disk_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.errors import explain

    file = tmp_path / "table.csv"
    file.write_text("text,label\na,1\n")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("core.data.arrow_files.write", full)
    with pytest.raises(OSError) as caught:
        open_table(str(file))
    assert explain(caught.value).title == "The disk is full."
    assert not list((home.cache_dir() / "tables").iterdir())
