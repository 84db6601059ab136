"""How a file is read may be chosen; what was chosen, or found, is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.data.origins import Origin
from core.data.preview import preview
from core.data.sources import keep_text, title_of
from core.data.tables import LoadedTable, open_table
from core.data_config import ReadingConfig
from core.errors import DataError


def opened(path: Path, **reading: object) -> LoadedTable:
    return open_table(Origin(str(path), ReadingConfig.model_validate(reading)))


def test_what_was_found_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("text;label\nschön;gut\n".encode("cp1252"))
    found = preview(str(path))
    assert found.read_as == ReadingConfig(delimiter="semicolon", quotes=True, encoding="cp1252", header=True)
    assert found.reading == {
        "encoding": "Windows-1252 (Latin-1)",
        "delimiter": "semicolon",
        "quote marks": "around texts",
        "first row": "names",
    }


def test_the_delimiter_and_the_quotes(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('a;b,c;d\n"1;2",3;4\n"5;6",7;8\n')
    assert opened(path, delimiter="comma").table.to_pylist()[0] == {"a;b": "1;2", "c;d": "3;4"}
    assert opened(path, delimiter="semicolon", quotes=False).table.to_pylist()[0] == {
        "a": '"1',
        "b,c": '2",3',
        "d": "4",
    }
    (tmp_path / "t.txt").write_text("one word\nand another, perhaps\n")
    assert opened(tmp_path / "t.txt", delimiter="tab").table.column_names == ["one word"]


def test_the_first_row_as_data_keeps_every_row(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("\nI like it,pos\nbad,neg\ntoo,many,cells\nfine,pos\nfair,pos\nmeh,neg\n")
    loaded = opened(path, header=False)
    assert loaded.table.column_names == ["column_1", "column_2"]
    assert loaded.table.column("column_1").to_pylist() == ["I like it", "bad", "fine", "fair", "meh"]
    assert loaded.meta.skipped == (3,) and loaded.row_numbers(3) == 4
    assert {finding.code for finding in loaded.meta.findings} == {"row-width"}
    [finding] = [one for one in open_table(str(path)).meta.findings if one.code == "no-header"]
    assert finding.fixes[0].settings == {"data.reading.header": False}
    assert "no-header" not in {one.code for one in opened(path, header=True).meta.findings}


@pytest.mark.parametrize("name", ["t.csv", "t.jsonl", "t.json", "t.txt"])
def test_an_encoding_for_every_kind_of_text(tmp_path: Path, name: str) -> None:
    content = {"t.csv": "text\nü\n", "t.jsonl": '{"text": "ü"}\n', "t.json": '[{"text": "ü"}]', "t.txt": "ü\n"}[name]
    (tmp_path / name).write_bytes(content.encode("cp1252"))
    assert opened(tmp_path / name, encoding="latin-1").table.to_pydict() == {"text": ["ü"]}
    assert opened(tmp_path / name, encoding="cp850").table.to_pydict() == {"text": ["³"]}


def test_a_mark_at_the_beginning_is_no_letter(tmp_path: Path) -> None:
    for codec in ("utf-8", "utf-16-le"):
        (tmp_path / "t.csv").write_bytes("\ufefftext\na\n".encode(codec))
        assert opened(tmp_path / "t.csv", encoding=codec).table.to_pydict() == {"text": ["a"]}


@pytest.mark.parametrize(
    ("reading", "what"),
    [
        ({"delimiter": "tab"}, "There is no tab between the cells"),
        ({"encoding": "ascii"}, "not written in the encoding"),
        ({"encoding": "base64"}, "not written in the encoding"),
    ],
)
def test_a_wrong_choice_says_how_to_get_back(tmp_path: Path, reading: dict[str, object], what: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(("text,label\n" + "éèüßñ,ü\n" * 30).encode())
    with pytest.raises(DataError, match=what) as caught:
        opened(path, **reading)
    assert "choose “as found”" in caught.value.advice


def test_what_was_pasted_is_a_table() -> None:
    source = keep_text("text\tlabel\nhello, you\tx\n\t\r\nbye\ty")
    assert title_of(source) == "pasted table" and source == keep_text("text\tlabel\nhello, you\tx\n\t\r\nbye\ty\n")
    assert open_table(source).table.column("text").to_pylist() == ["hello, you", None, "bye"]
    assert open_table(keep_text("text,label\na,b\n")).table.to_pydict() == {"text": ["a"], "label": ["b"]}
    with pytest.raises(DataError, match="Nothing was pasted"):
        keep_text(" \n\t")
