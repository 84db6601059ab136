"""Where tables come from: samples, paths, uploads, and the hash that tells contents apart."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core import home
from core.data.content import content_hash
from core.data.sources import keep_upload, resolve, samples, title_of
from core.errors import DataError


def test_every_sample_can_be_opened_by_its_id() -> None:
    found = samples()
    assert found
    for sample in found:
        assert sample.id.startswith("sample/")
        assert resolve(sample.id).is_file()
        assert title_of(sample.id) == sample.title


def test_a_path_may_be_absolute_or_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "reviews.csv").write_text("a,b\n1,2\n")
    monkeypatch.chdir(tmp_path)
    assert resolve("reviews.csv") == resolve(str(tmp_path / "reviews.csv")) == tmp_path / "reviews.csv"
    assert title_of(str(tmp_path / "reviews.csv")) == "reviews.csv"


def test_what_is_not_a_file_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "reviews.tsv").write_text("a\tb\n")
    assert resolve(str(tmp_path)) == tmp_path
    with pytest.raises(DataError, match="There is no file") as missing:
        resolve(str(tmp_path / "reviews.csv"))
    assert "reviews.tsv" in missing.value.advice
    with pytest.raises(DataError, match="does not exist either"):
        resolve(str(tmp_path / "nowhere" / "reviews.csv"))
    with pytest.raises(DataError, match="no sample called") as unknown:
        resolve("sample/nothing")
    assert samples()[0].id in unknown.value.advice


def test_a_link_that_leads_nowhere_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "reviews.csv").symlink_to(tmp_path / "gone.csv")
    with pytest.raises(DataError, match="There is no file") as caught:
        resolve(str(tmp_path / "reviews.csv"))
    assert "a link to" in caught.value.advice and "gone.csv" in caught.value.advice


def test_an_upload_is_kept_once_by_content_and_name(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one, two):
        folder.mkdir()
        (folder / "reviews.csv").write_text("a,b\n1,2\n")
    (one / "other.csv").write_text("a,b\n1,2\n")
    kept = keep_upload(one / "reviews.csv")
    assert kept == keep_upload(two / "reviews.csv")
    assert kept != keep_upload(one / "other.csv")
    assert Path(kept).is_absolute() and Path(kept).is_relative_to(home.uploads_dir())
    assert Path(kept).name == "reviews.csv" and Path(kept).read_text() == "a,b\n1,2\n"
    assert not list(home.uploads_dir().rglob("*.draft"))
    (one / "reviews.csv").write_text("a,b\n3,4\n")
    assert keep_upload(one / "reviews.csv") != kept


def test_a_hash_follows_the_content_and_is_remembered(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_text("a,b\n1,2\n")
    os.utime(file, (1_000_000_000, 1_000_000_000))
    first = content_hash(file)
    file.write_text("a,b\n1,3\n")
    assert content_hash(file) != first
    # Same path, size and time: the file is not read again, so even other bytes give the remembered hash.
    os.utime(file, (1_000_000_000, 1_000_000_000))
    assert content_hash(file) == first
