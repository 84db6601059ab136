"""The first rows of a large file, told from its first part alone."""

from __future__ import annotations

import gzip
import json
import time
from pathlib import Path

import pytest

from core.data import large_files
from core.data.origins import Origin
from core.data.preview import glance, preview
from core.data_config import ReadingConfig


@pytest.fixture(autouse=True)
def _small_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_files, "LARGE", 200_000)


ROWS = 50_000
CSV = "text;label\n" + "".join(f'"schöner Text {n},\nzwei Zeilen";{n % 3}\n' for n in range(ROWS))


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_a_csv_is_told_from_its_first_part(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(CSV.encode(encoding))
    seen, whole = glance(str(path)), preview(str(path))
    assert seen is not None and seen.is_estimate and not whole.is_estimate
    assert (seen.head, seen.read_as, seen.title, seen.bytes) == (whole.head, whole.read_as, whole.title, whole.bytes)
    assert [(one.name, one.kind) for one in seen.columns] == [(one.name, one.kind) for one in whole.columns]
    assert whole.rows == ROWS and abs(seen.rows - ROWS) < 0.1 * ROWS and seen.findings == ()


@pytest.mark.parametrize("name", ["t.jsonl", "t.txt", "t.csv.gz"])
def test_other_kinds_that_are_read_row_by_row(tmp_path: Path, name: str) -> None:
    rows = [f"This is the text of row {n}, which goes on" for n in range(ROWS)]
    content = {
        "t.jsonl": "".join(json.dumps({"text": row}) + "\n" for row in rows),
        "t.txt": "\n".join(rows),
        "t.csv.gz": "text\n" + "".join(f'"{row} {hash(row)}"\n' for row in rows),
    }[name].encode()
    (tmp_path / name).write_bytes(gzip.compress(content, 1) if name.endswith("gz") else content)
    (seen, whole) = glance(str(tmp_path / name)), preview(str(tmp_path / name))
    assert seen is not None and (seen.head, seen.format) == (whole.head, whole.format)
    assert abs(seen.rows - whole.rows) < 0.25 * whole.rows


def test_what_was_chosen_is_kept(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(CSV)
    seen = glance(Origin(str(tmp_path / "t.csv"), ReadingConfig(header=False)))
    assert seen is not None and seen.head[0] == {"column_1": "text", "column_2": "label"}


def test_nothing_for_small_files_and_those_that_have_no_first_part(tmp_path: Path) -> None:
    (tmp_path / "small.csv").write_text("text\na\n")
    (tmp_path / "t.json").write_text(json.dumps([{"text": "a" * 100}] * 20_000))
    assert glance(str(tmp_path / "small.csv")) is None and glance(str(tmp_path / "t.json")) is None
    assert glance(str(tmp_path)) is None


def test_a_glance_takes_a_moment_however_large_the_file_is(tmp_path: Path) -> None:
    with open(tmp_path / "t.csv", "wb") as file:
        file.write(CSV.encode())
        file.truncate(1 << 33)
    begun = time.process_time()
    seen = glance(str(tmp_path / "t.csv"))
    assert seen is not None and seen.rows > 1_000_000 and time.process_time() - begun < 2
