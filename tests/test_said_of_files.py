"""What is wrong with a file or a table is told in the reader's language; its names and its data stay as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import ceilings
from core.config import validate
from core.data.account import in_words
from core.data.parts import share_out
from core.data.preview import preview
from core.errors import DataError, StudioError
from tests.workbook_making import table, write_workbook
from ui import pieces
from ui.languages import LANGUAGES, speaking, told


def refused(path: Path) -> DataError:
    with pytest.raises(DataError) as caught:
        preview(str(path))
    return caught.value


def in_language(code: str, words: str) -> str:
    with speaking(LANGUAGES[code]):
        return told(words)


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_a_file_that_cannot_be_read_is_refused_in_german(tmp_path: Path) -> None:
    error = refused(written(tmp_path / "bild.csv", b"\x89PNG\r\n\x1a\n" + bytes(20)))
    assert str(error) == (
        "bild.csv is a PNG picture, not a table. Export the table as CSV (UTF-8), JSONL or Parquet and use that file."
    )
    with speaking(LANGUAGES["de"]):
        drawn = pieces.message(error.title, error.advice)
    assert "bild.csv ist ein PNG-Bild, keine Tabelle." in drawn and "Exportieren Sie die Tabelle als CSV" in drawn


def test_numbers_and_names_in_it_are_written_as_they_should(tmp_path: Path) -> None:
    lines = ['{"text": "a"}'] * 1233 + ["[Runs"]
    error = refused(written(tmp_path / "Runs {file}.jsonl", "\n".join([*lines, *lines[:2]])))
    assert error.title == "Line 1,234 of Runs {file}.jsonl is not JSON."
    assert in_language("de", error.title) == "Zeile 1.234 in Runs {file}.jsonl ist kein JSON."
    assert in_language("de", error.advice).endswith("Sie beginnt so: [Runs")


def test_what_a_child_process_finds_in_a_workbook_is_told(tmp_path: Path) -> None:
    rows = table(("text", "label"), ("good", "yes"))
    write_workbook(tmp_path / "a.xlsx", {"Sheet": rows, "Runs": rows})
    (found,) = [one for one in preview(str(tmp_path / "a.xlsx")).findings if one.code == "sheets"]
    assert found.title == "The workbook has 2 sheets; “Sheet” is read." and found.meaning == "The others are: Runs."
    assert in_language("fr", found.title) == "Le classeur a 2 feuilles\u00a0; c’est «\u00a0Sheet\u00a0» qui est lue."
    assert in_language("de", found.meaning) == "Die anderen sind: Runs."


def test_too_few_rows_are_told(tmp_path: Path) -> None:
    few = written(tmp_path / "few.csv", "text,label\ngood,yes\nbad,no\nfine,yes\nawful,no\n")
    columns = {"text": "text", "label": "label"}
    config = validate({"task": "text-classification", "data": {"source": str(few), "columns": columns}})
    with pytest.raises(DataError) as caught:
        _ = share_out(config).usable
    assert caught.value.title == "Only 4 rows can be used."
    assert in_language("es", caught.value.title) == "Solo se pueden usar 4 filas."
    assert "Hacen falta al menos 10" in in_language("es", caught.value.advice)


def test_a_table_that_is_too_large_is_told_with_its_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ceilings.VARIABLE, "rows=1200")
    error = refused(written(tmp_path / "long.csv", "text,label\n" + "good,yes\n" * 1201))
    assert error.title == "The table has more than 1,200 rows."
    assert in_language("de", error.title) == "Die Tabelle hat mehr als 1.200 Zeilen."
    assert in_language("de", error.advice).endswith("Wer Tunesmith startet, kann das ändern: --limit rows=…")


def test_a_disk_that_is_full_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ceilings.VARIABLE, "disk=900000TB")
    with pytest.raises(StudioError) as caught:
        ceilings.need_free(tmp_path, 2_500_000_000, "This file")
    assert caught.value.title.startswith("This file needs 2.5 GB, and the disk has ")
    assert in_language("de", caught.value.title).startswith("Diese Datei braucht 2,5 GB, und auf der Festplatte sind ")


def test_changes_of_a_table_and_what_became_of_its_rows_are_told(tmp_path: Path) -> None:
    rows = [("good " * 3 + str(number), "yes" if number % 2 else "no") for number in range(40)]
    lines = ["text,label", *(f"{text},{label}" for text, label in rows), f"{rows[0][0]},no"]
    file = written(tmp_path / "t.csv", "\n".join(lines))
    steps = [{"kind": "drop_duplicates", "columns": ["text", "label"]}, {"kind": "drop_rows", "rows": [2, 3]}]
    data = {"source": str(file), "columns": {"text": "text", "label": "label"}, "steps": steps}
    config = validate({"task": "text-classification", "data": data})
    assert [step.words for step in config.data.steps] == [
        "Takes out copies: rows with the same `text` and `label` as an earlier one",
        "Takes out 2 rows",
    ]
    assert in_language("de", config.data.steps[1].words) == "Entfernt 2 Zeilen"
    account = share_out(config).checkup.account
    assert account is not None
    assert in_words(account) == "41 rows were read: 38 are used; 1 a copy of another row, 2 taken out by hand."
    assert in_language("de", in_words(account)) == (
        "41 Zeilen wurden gelesen: 38 werden verwendet; 1 Kopie einer anderen Zeile, 2 von Hand herausgenommen."
    )
