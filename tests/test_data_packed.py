"""Compressed files, zip archives and folders: what is in them, whole or not at all."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core import ceilings, home
from core.data import unpacking
from core.data.guess_files import guess_files
from core.data.origins import Origin
from core.data.preview import preview
from core.data.tables import LoadedTable, last_change_of, open_table
from core.data_config import ReadingConfig
from core.errors import DataError
from tests.workbook_making import table, write_workbook

CSV = "text,label\n" + "".join(f"text number {n},{n % 2}\n" for n in range(2000))


def packed(kind: str, content: bytes) -> bytes:
    if kind == "zst":
        return bytes(pa.compress(content, codec="zstd", asbytes=True))
    return {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}[kind](content)


def zipped(path: Path, files: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def filled(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def codes(loaded: LoadedTable) -> set[str]:
    return {finding.code for finding in loaded.meta.findings}


def refused(path: Path, what: str) -> DataError:
    with pytest.raises(DataError, match=what) as caught:
        open_table(str(path))
    assert caught.value.advice and not list((home.cache_dir() / "unpacked").glob(".*"))
    return caught.value


# --- Compressed files ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["gz", "bz2", "xz", "zst"])
def test_a_compressed_table_is_read_and_a_part_of_it_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"train.csv.{kind}"
    path.write_bytes(packed(kind, CSV.encode()))
    found = preview(str(path))
    assert (found.rows, found.format, found.title) == (2000, "csv", path.name)
    assert "packed as" in found.reading and found.reading["delimiter"] == "comma"
    path.write_bytes(packed(kind, CSV.encode())[:-9])
    refused(path, "is cut off|is a damaged")


def test_every_kind_of_table_may_be_compressed(tmp_path: Path) -> None:
    write_workbook(tmp_path / "t.xlsx", {"One": table(("text",), ("a",))})
    pq.write_table(pa.table({"text": ["a"]}), tmp_path / "t.parquet")
    (tmp_path / "t.jsonl").write_text('{"text": "a"}\n')
    for name in ("t.xlsx", "t.parquet", "t.jsonl"):
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress((tmp_path / name).read_bytes()))
        assert open_table(str(tmp_path / f"{name}.gz")).table.to_pydict() == {"text": ["a"]}
    (tmp_path / "twice.csv.gz").write_bytes(gzip.compress(gzip.compress(b"text\na\n")))
    assert open_table(str(tmp_path / "twice.csv.gz")).table.num_rows == 1


def test_what_swells_without_end_is_stopped_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "_LARGE", 1 << 20)
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(b"a" * (1 << 25)))
    assert "fill a disk" in refused(tmp_path / "t.csv.gz", "swells to more than 200 times").advice
    refused(zipped(tmp_path / "t.zip", {"t.csv": b"a" * (1 << 25)}), "swells to more than 200 times")
    monkeypatch.setenv(ceilings.VARIABLE, f"disk={1 << 60}")
    (tmp_path / "u.csv.gz").write_bytes(gzip.compress(CSV.encode()))
    refused(tmp_path / "u.csv.gz", "not enough room on the disk")


def test_parts_with_compressed_names() -> None:
    source, split = guess_files(["/d/test.csv.gz", "/d/train.csv.gz", "/d/dev.jsonl.zst"])
    assert (source, split.test, split.validation) == ("/d/train.csv.gz", "/d/test.csv.gz", "/d/dev.jsonl.zst")


# --- Zip archives ----------------------------------------------------------------------------------------------------


def test_a_zip_of_one_table(tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "t.zip",
        {"data/t.csv": "text;label\na;x\n", "data/README.md": "Read me", "__MACOSX/._t.csv": b"\0", "data/.x": "y"},
    )
    loaded = open_table(str(path))
    assert loaded.table.to_pydict() == {"text": ["a"], "label": ["x"]} and loaded.meta.format == "zip"
    [left] = [finding for finding in loaded.meta.findings if finding.code == "files-left-out"]
    assert left.count == 1 and "README.md" in left.meaning
    headless = open_table(Origin(str(path), ReadingConfig(header=False)))
    assert headless.table.column_names == ["column_1", "column_2"]


@pytest.mark.parametrize("name", ["../evil.csv", "/etc/evil.csv", "a/../../evil.csv", "..\\evil.csv", "C:\\evil.csv"])
def test_nothing_gets_out_of_its_folder(tmp_path: Path, name: str) -> None:
    refused(zipped(tmp_path / "t.zip", {"a.csv": CSV, name: CSV}), "outside of its folder")
    assert not list(tmp_path.rglob("evil.csv"))


def test_archives_that_cannot_be_read_say_why(tmp_path: Path) -> None:
    refused(zipped(tmp_path / "empty.zip", {}), "no files in it")
    refused(zipped(tmp_path / "sounds.zip", {"a.wav": "RIFF"}), r"No table was found in sounds\.zip")
    refused(zipped(tmp_path / "noise.zip", {"__MACOSX/a": "x", ".DS_Store": "x"}), "no files in it")
    whole = zipped(tmp_path / "whole.zip", {"t.csv": CSV}).read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[:-60])
    refused(tmp_path / "cut.zip", "damaged zip archive")
    (tmp_path / "bad.zip").write_bytes(whole[:60] + bytes([whole[60] ^ 255]) + whole[61:])
    refused(tmp_path / "bad.zip", "damaged zip archive")
    locked = bytearray(whole)
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.index(magic) + offset] |= 1
    (tmp_path / "locked.zip").write_bytes(bytes(locked))
    refused(tmp_path / "locked.zip", "locked with a password")


# --- Several tables --------------------------------------------------------------------------------------------------


def test_tables_with_the_same_columns_become_one_with_a_split(tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "t.zip",
        {
            "test.csv": "label,text\nx,c\n",
            "train.csv": "text,label\na,x\ntoo,many,cells\nb,y\nd,y\n",
            "dev.jsonl": '{"text": "e", "label": "x"}\n',
        },
    )
    loaded = open_table(str(path))
    assert loaded.table.to_pydict() == {
        "text": ["a", "b", "d", "e", "c"],
        "label": ["x", "y", "y", "x", "x"],
        "split": ["train", "train", "train", "validation", "test"],
    }
    assert loaded.meta.skipped == (2,) and {"joined-tables", "row-width"} <= codes(loaded)


def test_other_names_are_kept_in_a_column(tmp_path: Path) -> None:
    folder = filled(tmp_path / "d", {"2.csv": "text,file\nb,1\n", "10.csv": "text,file\nc,2\n"})
    assert open_table(str(folder)).table.to_pydict() == {
        "text": ["b", "c"],
        "file": ["1", "2"],
        "file_2": ["2.csv", "10.csv"],
    }
    filled(folder, {"3.csv": "text,other\nb,1\n"})
    assert "no column `file`" in refused(folder, "do not have the same columns").title


def test_a_folder_is_read_again_when_a_file_in_it_changes(tmp_path: Path) -> None:
    folder = filled(tmp_path / "d", {"a/t.csv": "text\na\n"})
    assert open_table(str(folder)).table.num_rows == 1
    before = last_change_of(Origin(str(folder)))
    filled(folder, {"a/t.csv": "text\na\nb\n"})
    assert open_table(str(folder)).table.num_rows == 2 and last_change_of(Origin(str(folder))) > before
    refused(filled(tmp_path / "p", {"a.png": b"\x89PNG\r\n\x1a\n\0"}), "No table was found")
    (tmp_path / "empty").mkdir()
    refused(tmp_path / "empty", "is an empty folder")


def test_what_datasets_has_saved(tmp_path: Path) -> None:
    import datasets

    features = datasets.Features({"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["neg", "pos"])})
    train = datasets.Dataset.from_dict({"text": ["a", "b"], "label": [1, 0]}, features)
    test = datasets.Dataset.from_dict({"text": ["c"], "label": [1]}, features)
    datasets.DatasetDict({"train": train, "test": test}).save_to_disk(str(tmp_path / "all"))
    train.save_to_disk(str(tmp_path / "one"))
    assert open_table(str(tmp_path / "all")).table.to_pydict() == {
        "text": ["a", "b", "c"],
        "label": ["pos", "neg", "pos"],
        "split": ["train", "train", "test"],
    }
    assert open_table(str(tmp_path / "one")).table.to_pydict() == {"text": ["a", "b"], "label": ["pos", "neg"]}
    next((tmp_path / "one").glob("*.arrow")).unlink()
    refused(tmp_path / "one", "file of the saved dataset is missing")


# --- Texts by class --------------------------------------------------------------------------------------------------


def test_texts_by_class(tmp_path: Path) -> None:
    files = {f"mails/{label}/{n}.txt": f"{label} {n}\nmore" for label in ("spam", "ham") for n in (1, 2, 10)}
    loaded = open_table(str(zipped(tmp_path / "t.zip", {**files, "README": "about"})))
    assert loaded.table.column_names == ["text", "label", "file"]
    assert loaded.table.column("file").to_pylist() == [f"{c}/{n}.txt" for c in ("ham", "spam") for n in (1, 2, 10)]
    assert loaded.table.column("text").to_pylist()[2] == "ham 10\nmore"
    assert codes(loaded) == {"text-files", "files-left-out"}


def test_texts_by_part_and_class_with_what_is_no_text(tmp_path: Path) -> None:
    folder = filled(
        tmp_path / "d",
        {
            "train/pos/0_9": "schön".encode("cp1252"),
            "train/pos/1_7": b"\0\1\2",
            "train/neg/2_1": "schlecht",
            "test/pos/0": "\ufeffgut",
            "test/neg/1": "",
        },
    )
    loaded = open_table(str(folder))
    assert loaded.table.to_pydict() == {
        "text": [None, "gut", "schlecht", "schön"],
        "label": ["neg", "pos", "neg", "pos"],
        "file": ["test/neg/1", "test/pos/0", "train/neg/2_1", "train/pos/0_9"],
        "split": ["test", "test", "train", "train"],
    }
    assert loaded.meta.skipped == (5,) and loaded.meta.rows == 4
    assert codes(loaded) == {"text-files", "encoding-guessed", "not-texts"}


def test_what_is_read_again_is_not_swept_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(CSV.encode()))
    archive = zipped(tmp_path / "t.zip", {"t.csv": CSV})
    for packed in (path, archive):
        open_table(str(packed))
    kept = list(unpacking.unpacked_dir().iterdir())
    for folder in kept:
        os.utime(folder, (0, 0))
    for packed in (path, archive):
        open_table(Origin(str(packed), ReadingConfig(header=False)))
    assert len(kept) == 2 and all(folder.stat().st_mtime > 0 for folder in kept)
