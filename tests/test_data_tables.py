"""Files of every common make come in exactly as they are, and only once."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core import home
from core.data.preview import preview
from core.data.tables import LoadedTable, open_table

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(content: str | bytes, name: str = "table.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write_file


def rows(loaded: LoadedTable) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in loaded.table.to_pylist()]


def codes(loaded: LoadedTable) -> set[str]:
    return {finding.code for finding in loaded.meta.findings}


def test_cells_stay_exactly_as_written_and_only_empty_ones_are_missing(write: Write) -> None:
    loaded = open_table(str(write('id,text,label\n007,NA,null\n1.50,  nan ,None\n+1,,""\n')))
    assert loaded.table.column_names == ["id", "text", "label"]
    assert rows(loaded) == [("007", "NA", "null"), ("1.50", "  nan ", "None"), ("+1", None, None)]
    assert loaded.meta.findings == ()
    assert (loaded.meta.format, loaded.meta.encoding, loaded.meta.delimiter) == ("csv", "UTF-8", "comma")


GERMAN = "text;label\nDie Straße ist schön, sehr schön;gut\nGrößere Übel gibt es, ja;schlecht\n"


@pytest.mark.parametrize(
    ("encoding", "mark", "name"),
    [
        ("utf-8", b"", "UTF-8"),
        ("utf-8", codecs.BOM_UTF8, "UTF-8"),
        ("latin-1", b"", "Windows-1252 (Latin-1)"),
        ("utf-16-le", codecs.BOM_UTF16_LE, "UTF-16"),
        ("utf-16-be", codecs.BOM_UTF16_BE, "UTF-16"),
        ("utf-16-le", b"", "UTF-16-LE"),
        ("utf-16-be", b"", "UTF-16-BE"),
        ("utf-32-le", codecs.BOM_UTF32_LE, "UTF-32"),
    ],
)
def test_encodings_and_semicolons(write: Write, encoding: str, mark: bytes, name: str) -> None:
    loaded = open_table(str(write(mark + GERMAN.encode(encoding))))
    assert loaded.table.column_names == ["text", "label"]
    assert rows(loaded) == [
        ("Die Straße ist schön, sehr schön", "gut"),
        ("Größere Übel gibt es, ja", "schlecht"),
    ]
    assert (loaded.meta.encoding, loaded.meta.delimiter) == (name, "semicolon")
    assert codes(loaded) == ({"encoding-guessed"} if encoding == "latin-1" else set())


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "Le garçon a mangé une pêche à l’été – c’était très bon, “où” êtes-vous ? 5 €"),
        ("cp1251", "Это очень хороший фильм, мне он понравился, советую всем"),
        ("cp1250", "Zażółć gęślą jaźń, to jest bardzo dobry film i świetna książka"),
        ("shift_jis", "これはとても良い映画です。気に入りました。"),
    ],
)
def test_old_encodings_are_told_by_their_letters(write: Write, encoding: str, text: str) -> None:
    lines = "".join(f'"{text} {number}",{number % 2}\n' for number in range(30))
    loaded = open_table(str(write("text,label\n" + lines, encoding=encoding)))
    assert rows(loaded)[0] == (f"{text} 0", "0")


def test_a_bad_byte_far_down_does_not_spoil_a_utf8_file(write: Write) -> None:
    good = "".join(f"schöne Straße Nummer {number},a\n" for number in range(50_000)).encode()
    loaded = open_table(str(write(b"text,label\n" + good + b"caf\xe9,b\n" + good)))
    assert loaded.meta.rows == 100_001
    assert loaded.table.column("text")[50_000].as_py() == "caf\ufffd"
    assert loaded.table.column("text")[50_001].as_py() == "schöne Straße Nummer 0"
    (finding,) = loaded.meta.findings
    assert (finding.code, finding.severity, finding.count) == ("damaged-letters", "warning", 1)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_quotes_with_line_breaks_and_delimiters_inside(
    write: Write, delimiter: str, quoting: int, line_end: str
) -> None:
    texts = [
        'He said "hello", then left; twice\tor so | maybe',
        f"first line{line_end}second, line{line_end}{line_end}fourth",
        '"',
        "plain",
    ]
    table = [(text, "yes" if place % 2 else "no") for place, text in enumerate(texts * 5)]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=line_end)  # type: ignore[arg-type]
    writer.writerows([("text", "label"), *table])
    assert rows(open_table(str(write(out.getvalue())))) == table


def test_backslashes_before_quotes(write: Write) -> None:
    loaded = open_table(str(write('text,label\n"say \\"hi\\", please",a\n"C:\\dir and \\"more\\"",b\n')))
    assert [row[1] for row in rows(loaded)] == ["a", "b"]
    assert rows(loaded)[0][0] == 'say "hi", please'


def test_tab_separated_files_whose_quotes_mean_nothing(write: Write) -> None:
    lines = "".join(f'"Loose quote number {n}\t{n % 2}\nand 6" pipes {n}\t1\n' for n in range(30))
    loaded = open_table(str(write("text\tlabel\n" + lines, "mrpc.tsv")))
    assert loaded.meta.rows == 60 and loaded.meta.format == "tsv"
    assert rows(loaded)[0] == ('"Loose quote number 0', "0")


def test_a_single_column_of_prose(write: Write) -> None:
    loaded = open_table(str(write("text\n" + "A good film; I liked it - really | truly.\n" * 20)))
    assert loaded.table.column_names == ["text"] and loaded.meta.rows == 20


def test_a_separator_that_excel_announces(write: Write) -> None:
    loaded = open_table(str(write('sep=;\r\ntext;label\r\n"a; b";x\r\nc, d;y\r\nbad\r\n')))
    assert loaded.table.column_names == ["text", "label"]
    assert rows(loaded) == [("a; b", "x"), ("c, d", "y")] and loaded.meta.skipped == (3,)


def test_empty_lines_above_and_between_are_passed_over(write: Write) -> None:
    loaded = open_table(str(write("\n\ntext,label\n\na,1\n\n\nb,2\nbad\n\nc,3\n\n")))
    assert rows(loaded) == [("a", "1"), ("b", "2"), ("c", "3")]
    assert loaded.meta.skipped == (3,)


def test_two_hundred_columns_and_more(write: Write) -> None:
    names = [f"c{number}" for number in range(1200)]
    line = ",".join(str(number) for number in range(1200))
    loaded = open_table(str(write(",".join(names) + "\n" + (line + "\n") * 50)))
    assert loaded.table.column_names == names and loaded.meta.rows == 50
    assert rows(loaded)[49][1199] == "1199"


@pytest.mark.parametrize("name", ["table.csv", "table.jsonl"])
def test_a_text_of_a_million_characters_and_a_longer_one(write: Write, name: str) -> None:
    long, longer = "word, " * 170_000, "größer " * 1_000_000
    if name == "table.csv":
        content = f'text,label\nshort,a\n"{long}",b\n"{longer}",c\nshort,d\n'
    else:
        cells = [("short", "a"), (long, "b"), (longer, "c"), ("short", "d")]
        content = "".join(f'{{"text": "{text}", "label": "{label}"}}\n' for text, label in cells)
    loaded = open_table(str(write(content, name)))
    assert rows(loaded) == [("short", "a"), (long, "b"), (longer, "c"), ("short", "d")]


def test_columns_of_the_same_name_and_of_none(write: Write) -> None:
    loaded = open_table(str(write("text,label, text ,,label\na,b,c,d,e\n")))
    assert loaded.table.column_names == ["text", "label", "text_2", "column_4", "label_2"]
    assert rows(loaded) == [("a", "b", "c", "d", "e")]
    assert codes(loaded) == {"duplicate-column", "column-without-name"}


def test_made_up_names_never_hide_a_real_column(write: Write) -> None:
    loaded = open_table(str(write("a,a,a_2,,column_4\n1,2,3,4,5\n")))
    assert len(set(loaded.table.column_names)) == 5
    assert {"a", "a_2", "column_4"} <= set(loaded.table.column_names)
    assert dict(zip(loaded.table.column_names, rows(loaded)[0], strict=True))["a_2"] == "3"


def test_rows_that_do_not_fit_are_counted_with_their_numbers(write: Write) -> None:
    lines = [f"text {n},{n % 2}" for n in range(1, 101)]
    lines[9], lines[49], lines[99] = "too,many,cells", "too few", '"two\nlines",and,more'
    loaded = open_table(str(write("text,label\n" + "\n".join(lines) + "\n")))
    (finding,) = loaded.meta.findings
    assert (finding.code, finding.severity) == ("row-width", "warning")
    assert (finding.count, finding.rows) == (3, (10, 50, 100))
    assert loaded.meta.rows == 97 and loaded.meta.skipped == (10, 50, 100)
    # Row numbers of the file are known for the rows of the table.
    numbers = loaded.row_numbers(pa.array(range(1, 98)).to_numpy())
    for number, (text, _) in zip(numbers, rows(loaded), strict=True):
        assert text == f"text {number}"


def test_a_missing_quote_that_glues_two_rows_is_noticed(write: Write) -> None:
    lines = [f'"text, {n}",{n % 2}' for n in range(1, 51)]
    lines[19] = '"text, 20,0'
    loaded = open_table(str(write("text,label\n" + "\n".join(lines) + "\n")))
    finding = next(finding for finding in loaded.meta.findings if finding.code == "odd-quotes")
    assert finding.severity == "warning" and finding.rows == (20,)


@pytest.mark.parametrize(
    "content",
    [
        "I really liked this film a lot,pos\nIt was bad,neg\nNot good at all,neg\nGreat,pos\n",
        "1,The first text of them all\n2,another text\n3,and one more\n",
        "What is the capital of France and where does it lie ?,LOC\nWho is he ?,HUM\n",
    ],
)
def test_a_file_without_a_header_is_suspected(write: Write, content: str) -> None:
    assert codes(open_table(str(write(content)))) == {"no-header"}


@pytest.mark.parametrize(
    "content",
    [
        "text,label\ntext,a\nmore,b\nagain,c\n",
        "0,1\n5,3\n6,4\n",
        "id,2019,2020\n1,5,6\n2,7,8\n",
        ",text,label\n0,a,x\n1,b,y\n",
        "text,label\nsame,same\ntext,label\nsame,same\n",
        "Review of the product,Was it good?\nvery nice,yes\nnot nice,no\n",
    ],
)
def test_a_header_is_not_suspected(write: Write, content: str) -> None:
    assert "no-header" not in codes(open_table(str(write(content))))


def test_jsonl_keeps_types_and_later_keys(write: Write) -> None:
    lines = ['{"text": "a", "n": 1, "tags": ["x"]}', "", '{"text": null, "n": 2.5, "new": true}']
    loaded = open_table(str(write("\n".join(lines), "table.jsonl")))
    assert loaded.table.to_pylist() == [
        {"text": "a", "n": 1.0, "tags": ["x"], "new": None},
        {"text": None, "n": 2.5, "tags": None, "new": True},
    ]
    assert loaded.meta.format == "jsonl"


def test_jsonl_whose_kinds_change_far_down(write: Write) -> None:
    filler = "x" * 1000
    many = "".join(f'{{"id": {n}, "text": "{filler}"}}\n' for n in range(12_000))
    odd = '{"id": "b-1", "text": "last", "more": {"a": [1, 2]}}\n{"id": true, "text": "odd", "more": {"b": 1}}\n'
    loaded = open_table(str(write(many + odd, "table.jsonl")))
    assert loaded.meta.rows == 12_002
    assert loaded.table.column("id").slice(11_999).to_pylist() == ["11999", "b-1", "true"]
    assert loaded.table.column("more").slice(12_000).to_pylist() == [{"a": [1, 2], "b": None}, {"a": None, "b": 1}]
    assert codes(loaded) == {"mixed-kinds"}


def test_jsonl_is_told_by_its_content_and_read_in_utf16_too(write: Write) -> None:
    content = '{"text": "schön \\ud83d\\ude00 \\ud83d", "label": "a"}\n{"text": "b", "label": "c"}\n'
    for path in (write(content, "table.txt"), write(content, "wide.jsonl", "utf-16")):
        loaded = open_table(str(path))
        assert loaded.meta.format == "jsonl"
        assert rows(loaded) == [("schön 😀 ?", "a"), ("b", "c")]


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    table = pa.table(
        {
            "text": ["a", None, "c"],
            "stars": pa.array([1, 2, None], pa.int8()),
            "good": [True, False, None],
            "label": pa.array(["x", "y", "x"]).dictionary_encode(),
            "day": [date(2024, 1, 1), None, None],
            "tokens": [["a"], [], None],
        }
    )
    pq.write_table(table, tmp_path / "named_wrong.csv")
    loaded = open_table(str(tmp_path / "named_wrong.csv"))
    assert (loaded.meta.format, loaded.meta.encoding) == ("parquet", "")
    assert loaded.table.to_pylist() == table.to_pylist()
    assert [str(kind) for kind in loaded.table.schema.types][:4] == ["string", "int8", "bool", "string"]


def test_a_table_is_imported_once_and_again_when_it_changes(write: Write) -> None:
    path = write("text,label\na,1\n")
    first = open_table(str(path))
    stamp = (first.folder / "table.arrow").stat().st_mtime_ns
    seen: list[tuple[float, str]] = []
    again = open_table(str(path), lambda fraction, words: seen.append((fraction, words)))
    assert again.folder == first.folder and not seen
    assert (again.folder / "table.arrow").stat().st_mtime_ns == stamp
    write("text,label\na,2\n")
    assert rows(open_table(str(path))) == [("a", "2")]


def test_progress_rises_and_nothing_half_done_is_left(write: Write) -> None:
    seen: list[float] = []
    path = write("text,label\n" + "some text that is read,1\n" * 100_000)
    open_table(str(path), lambda fraction, words: seen.append(fraction))
    assert len(seen) > 4 and seen == sorted(seen) and seen[0] >= 0 and seen[-1] <= 1
    assert not list((home.cache_dir() / "tables").glob(".*"))


def test_a_damaged_cache_is_made_again(write: Write) -> None:
    path = write("text,label\na,1\nb,2\n")
    folder = open_table(str(path)).folder
    (folder / "table.arrow").write_bytes(b"half")
    assert rows(open_table(str(path))) == [("a", "1"), ("b", "2")]
    (folder / "meta.json").unlink()
    assert rows(open_table(str(path))) == [("a", "1"), ("b", "2")]


def test_many_may_open_the_same_file_at_once(write: Write) -> None:
    path = write("text,label\n" + "some text that is read,1\n" * 20_000)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: preview(str(path)), range(16)))
    assert len(set(map(repr, found))) == 1 and found[0].rows == 20_000
    assert len(list((home.cache_dir() / "tables").iterdir())) == 1
