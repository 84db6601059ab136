"""Nasty files give the right table or a clear refusal: never a crash, never a wait, never a row without account."""

from __future__ import annotations

import math
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from core import home
from core.data.preview import preview
from core.data.tables import LoadedTable, open_table
from core.errors import DataError
from core.studio import Studio
from tests.nasty import CORPUS, Nasty
from tests.nasty.look import account_for, classes_config

pytestmark = pytest.mark.timeout(60)
READ = [nasty for nasty in CORPUS if not nasty.refused]
REFUSED = [nasty for nasty in CORPUS if nasty.refused]


@pytest.fixture(autouse=True)
def _little_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """What swells is stopped early, since the tests have neither the time nor the disk to let it swell."""
    monkeypatch.setattr("core.data.unpacking._LARGE", 1 << 25)


def named(nasty: Nasty) -> str:
    return nasty.name


def written(nasty: Nasty, folder: Path) -> Path:
    path = folder / nasty.name
    path.write_bytes(nasty.make())
    return path


def rows_of(loaded: LoadedTable) -> list[tuple[Any, ...]]:
    columns = [column.to_pylist() for column in loaded.table.columns]
    return list(zip(*columns, strict=True))


def same(one: Any, other: Any) -> bool:
    """Equal, and of one type; NaN is like NaN."""
    if isinstance(one, float) and math.isnan(one):
        return isinstance(other, float) and math.isnan(other)
    return type(one) is type(other) and bool(one == other)


def test_there_are_many_and_each_has_a_name_of_its_own() -> None:
    assert len(CORPUS) >= 80 and len({nasty.name for nasty in CORPUS}) == len(CORPUS)


@pytest.mark.parametrize("nasty", READ, ids=named)
def test_the_right_table(nasty: Nasty, tmp_path: Path) -> None:
    path = written(nasty, tmp_path)
    seen = preview(str(path))
    loaded = open_table(str(path))

    assert tuple(loaded.table.column_names) == nasty.columns == tuple(column.name for column in seen.columns)
    assert (seen.rows, loaded.meta.rows, loaded.meta.skipped) == (nasty.count, nasty.count, nasty.skipped)
    assert {finding.code for finding in seen.findings} == nasty.findings
    for number, (found, wanted) in enumerate(islice(zip(rows_of(loaded), nasty.rows, strict=False), len(nasty.rows))):
        for one, other in zip(found, wanted, strict=True):
            assert same(one, other), f"row {number + 1}: {str(one)[:200]!r} is not {str(other)[:200]!r}"
    assert all(len(cell) < 2000 for row in seen.head for cell in row.values())
    assert account_for(path, loaded) != (nasty.blocks or len(nasty.columns) < 2)


@pytest.mark.parametrize("nasty", REFUSED, ids=named)
def test_a_clear_refusal(nasty: Nasty, tmp_path: Path) -> None:
    path = written(nasty, tmp_path)
    for look in (preview, open_table):
        with pytest.raises(DataError) as caught:
            look(str(path))
        assert nasty.refused in str(caught.value)
        assert caught.value.title.endswith(".") and caught.value.advice
        assert len(str(caught.value)) < 1000
    with pytest.raises(DataError):
        Studio().checkup(classes_config(path, "text", "label"))
    tables = home.cache_dir() / "tables"
    assert not tables.exists() or not list(tables.iterdir())
    assert not list(home.cache_dir().rglob("*.draft"))
