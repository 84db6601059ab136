"""Energy is read from counters like those of a processor: whole, over their end, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.training.energy import Meter


def zone(folder: Path, name: str, kind: str, energy: int) -> Path:
    place = folder / name
    place.mkdir(parents=True)
    (place / "name").write_text(f"{kind}\n")
    (place / "max_energy_range_uj").write_text("262143328850\n")
    (place / "energy_uj").write_text(f"{energy}\n")
    return place / "energy_uj"


def test_processors_are_added_up_and_their_parts_are_not(tmp_path: Path) -> None:
    first = zone(tmp_path, "intel-rapl:0", "package-0", 1_000_000)
    second = zone(tmp_path, "intel-rapl:1", "package-1", 262_143_000_000)
    part = zone(tmp_path, "intel-rapl:0:0", "core", 0)
    meter = Meter(tmp_path)
    meter.begin()
    first.write_text("3601000000\n")
    part.write_text("3000000000\n")
    second.write_text("3599671150\n")  # over its end: 328,850 and this
    found = meter.end()
    assert found is not None and found["kwh"] == pytest.approx(0.002) and "without a GPU" in found["source"]


def test_nothing_is_said_where_nothing_can_be_read(tmp_path: Path) -> None:
    assert Meter(tmp_path / "none").end() is None
    hidden = zone(tmp_path / "hidden", "intel-rapl:0", "package-0", 5)
    hidden.write_text("")
    assert Meter(tmp_path / "hidden").end() is None
    lost = zone(tmp_path / "lost", "intel-rapl:0", "package-0", 5)
    meter = Meter(tmp_path / "lost")
    lost.unlink()
    assert meter.end() is None
