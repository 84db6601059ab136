"""Arrow files of both forms come in with their types; odd ones become plain."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import feather

from core.data.tables import open_table
from core.errors import DataError


def write(path: Path, table: pa.Table, form: str = "file") -> Path:
    new = pa.ipc.new_file if form == "file" else pa.ipc.new_stream
    with pa.OSFile(str(path), "wb") as sink, new(sink, table.schema) as writer:
        writer.write_table(table)
    return path


@pytest.mark.parametrize("form", ["file", "stream"])
def test_both_forms_and_what_is_cut_off(tmp_path: Path, form: str) -> None:
    made = pa.table({"text": [f"text {n}" for n in range(30_000)], "n": range(30_000)})
    path = write(tmp_path / "t.arrow", made, form)
    loaded = open_table(str(path))
    assert loaded.table.equals(made) and loaded.meta.format == "arrow"
    for cut in (-8, -200, 3000):
        path.write_bytes(path.read_bytes()[:cut])
        with pytest.raises(DataError, match="damaged Arrow file"):
            open_table(str(path))


def test_feather_with_compression(tmp_path: Path) -> None:
    feather.write_feather(pa.table({"text": ["a", "b"]}), str(tmp_path / "t.feather"), compression="zstd")
    assert open_table(str(tmp_path / "t.feather")).table.to_pydict() == {"text": ["a", "b"]}


def test_odd_types_become_plain(tmp_path: Path) -> None:
    words = pa.array(["a", "b", "a"])
    made = pa.table(
        {
            "coded": words.dictionary_encode(),
            "runs": pa.RunEndEncodedArray.from_arrays(pa.array([2, 3], pa.int32()), pa.array(["x", "y"])),
            "view": pa.array(["a", None, "c"], pa.string_view()),
            "nothing": pa.nulls(3),
            "half": pa.array([0.5, 1.5, None], pa.float16()),
            "tags": pa.array([["a"], [], None], pa.list_(pa.dictionary(pa.int32(), pa.string()))),
            "uuid": pa.ExtensionArray.from_storage(pa.uuid(), pa.array([b"0" * 16] * 3, pa.binary(16))),
            "either": pa.UnionArray.from_sparse(pa.array([0, 1, 0], pa.int8()), [pa.array([1, 2, 3]), words]),
        }
    )
    found = open_table(str(write(tmp_path / "t.arrow", made))).table
    assert found.drop_columns("uuid").to_pydict() == {
        "coded": ["a", "b", "a"],
        "runs": ["x", "x", "y"],
        "view": ["a", None, "c"],
        "nothing": [None] * 3,
        "half": [0.5, 1.5, None],
        "tags": [["a"], [], None],
        "either": ["1", "b", "3"],
    }
    assert found.column("uuid").to_pylist() == [b"0" * 16] * 3


def test_without_rows_and_of_the_first_version(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="has no rows"):
        open_table(str(write(tmp_path / "t.arrow", pa.table({"text": pa.array([], pa.string())}))))
    (tmp_path / "old.feather").write_bytes(b"FEA1" + bytes(100) + b"FEA1")
    with pytest.raises(DataError, match="first version"):
        open_table(str(tmp_path / "old.feather"))
