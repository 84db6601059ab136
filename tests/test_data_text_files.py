"""Plain text becomes rows: paragraphs or lines; what is a table or tags under another name is still seen as such."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.data.preview import preview
from core.data.tables import LoadedTable, open_table
from core.errors import DataError

PROSE = (
    "It was late, and the rain, which had begun at noon, went on.\n"
    "Nobody came; nobody called.\n"
    "She read a little, made tea, and waited, as one does, for the post.\n"
) * 10


def read(path: Path, content: str, encoding: str = "utf-8") -> LoadedTable:
    path.write_bytes(content.encode(encoding))
    return open_table(str(path))


def texts(loaded: LoadedTable) -> list[str]:
    assert loaded.table.column_names == ["text"] and loaded.meta.format == "text"
    return list(loaded.table.column("text").to_pylist())


def finding(loaded: LoadedTable) -> str:
    (found,) = loaded.meta.findings
    assert (found.code, found.severity, found.count) == ("text-rows", "info", loaded.meta.rows)
    return f"{found.title} {found.meaning}"


def test_paragraphs_are_parted_by_empty_lines_and_keep_their_line_breaks(tmp_path: Path) -> None:
    loaded = read(tmp_path / "book.txt", "\n\n One,\r\ntwo.  \r\n \t \r\nThree.\r\n\r\n\r\nFour\nfive six\n")
    assert texts(loaded) == [" One,\ntwo.", "Three.", "Four\nfive six"]
    assert "3 rows at its empty lines" in finding(loaded)


def test_without_empty_lines_each_line_is_a_row(tmp_path: Path) -> None:
    loaded = read(tmp_path / "lines.txt", "\n" + PROSE + "\n\n")
    assert texts(loaded) == PROSE.splitlines()
    assert "30 rows, one for each line" in finding(loaded)


def test_a_stray_empty_line_does_not_glue_hundreds_of_lines(tmp_path: Path) -> None:
    loaded = read(tmp_path / "lines.txt", PROSE * 20 + "\n" + PROSE)
    assert loaded.meta.rows == 21 * 30


def test_a_single_line(tmp_path: Path) -> None:
    assert texts(read(tmp_path / "one.txt", "Only this, and no more")) == ["Only this, and no more"]


def test_markdown_is_text_whatever_its_tables(tmp_path: Path) -> None:
    loaded = read(tmp_path / "notes.md", "# Head\n\nfirst paragraph\n\n|a|b|\n|-|-|\n|1|2|\n")
    assert texts(loaded) == ["# Head", "first paragraph", "|a|b|\n|-|-|\n|1|2|"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_text_in_other_encodings(tmp_path: Path, encoding: str) -> None:
    line = "Die Straße ist schön, größer als früher, und führt über den Fluß."
    loaded = read(tmp_path / "german.txt", f"{line}\n" * 20, encoding)
    assert texts(loaded) == [line] * 20


def test_a_long_text_comes_in_whole(tmp_path: Path) -> None:
    lines = [f"line {number} of a text, which is neither short nor long enough to matter" for number in range(250_000)]
    loaded = read(tmp_path / "long.txt", "\n".join(lines))
    assert loaded.meta.rows == 250_000
    assert loaded.table.column("text")[249_999].as_py() == lines[-1]


def test_a_paragraph_of_absurd_length_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.data.text_files.LONGEST_CELL", 1000)
    with pytest.raises(DataError, match=r"Paragraph 2 of long\.txt is longer than 1,000 characters"):
        read(tmp_path / "long.txt", "short\n" + "x" * 1001)


@pytest.mark.parametrize(
    ("content", "columns"),
    [
        ("text,label\n" + "a good film,pos\nbad one,neg\n" * 5, ["text", "label"]),
        ('text,label\n"a, b, c",pos\n"d, e",neg\n', ["text", "label"]),
        ("The question;Its kind\n" + "Who is he?;person\nWhere, then?;place\n" * 5, ["The question", "Its kind"]),
        ("text\tlabel\n" + "a, b, and c\tpos\n" * 5, ["text", "label"]),
        ("ham\tGo on, crazy.\nspam\tFree entry\nham\tU dun say so\n", ["ham", "Go on, crazy."]),
        ("sep=;\na;b\n1;2\n", ["a", "b"]),
    ],
)
def test_a_table_called_txt_is_still_a_table(tmp_path: Path, content: str, columns: list[str]) -> None:
    loaded = read(tmp_path / "table.txt", content)
    assert loaded.table.column_names == columns and loaded.meta.format in ("csv", "tsv")


@pytest.mark.parametrize(
    "content",
    [
        PROSE,
        "Roses are red, violets are blue\nSugar is sweet, and so are you\n",
        "Yes, I do.\nNo, he said.\nWell, then.\n" * 10,
        "\tIt began.\n\tIt went on.\n\tIt ended.\n",
        "[A note in brackets] and more\nthen this\n",
        "[[Main page|The main page]] of a wiki\nthen this\n",
        "{curly} things at the start\nthen this\n",
        "1,5 Millionen Menschen leben hier.\n2,5 Millionen leben dort.\n",
    ],
)
def test_prose_is_never_taken_for_a_table(tmp_path: Path, content: str) -> None:
    assert texts(read(tmp_path / "prose.txt", content)) == [line.strip() for line in content.splitlines()]
    assert texts(read(tmp_path / "PROSE", content)) == [line.strip() for line in content.splitlines()]


def test_a_csv_of_prose_stays_csv(tmp_path: Path) -> None:
    loaded = read(tmp_path / "prose.csv", "text\n" + "A good film; I liked it - really | truly.\n" * 20)
    assert loaded.meta.format == "csv" and loaded.meta.rows == 20


def test_a_preview_of_text(tmp_path: Path) -> None:
    (tmp_path / "prose.txt").write_text(PROSE)
    found = preview(str(tmp_path / "prose.txt"))
    assert (found.format, found.rows, found.reading) == ("text", 30, {"encoding": "UTF-8"})
    assert [(column.name, column.fields) for column in found.columns] == [("text", ())]
