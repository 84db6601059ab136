"""Where tables come from: a sample that ships with the app, a file on this machine, an upload that was kept."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path

import yaml

from core import ceilings, home
from core.data.accepted import ACCEPTED
from core.data.content import content_hash
from core.data.types import Sample
from core.data_config import HUB
from core.errors import DataError
from core.runs import write_atomically
from core.said import enumerated, said

_PREFIX = "sample/"
PASTED = "pasted table"
"""What a table is called that came in by pasting."""


def samples() -> list[Sample]:
    """The tables that ship with the app, in the order of ``assets/samples/samples.yaml``."""
    return [sample for sample, _ in _catalogue(home.ASSETS / "samples")]


def resolve(source: str) -> Path:
    """The file or folder that a ``data.source`` names: ``sample/<id>``, or a path on this machine.

    Raises ``DataError`` when there is none.
    """
    if source.startswith(_PREFIX):
        known = {sample.id: path for sample, path in _catalogue(home.ASSETS / "samples")}
        if source in known:
            return known[source]
        if not Path(source).exists():
            raise DataError(
                said("There is no sample called {name}.", name=repr(source)),
                said("The samples are: {names}.", names=enumerated(*known) or said("none")),
            )
    path = Path(source).expanduser().absolute()
    if not home.may_name(path):
        raise DataError(
            said("{file} does not lie among your own files.", file=path.name),
            said("Upload the file, then choose it."),
        )
    if path.is_dir():
        return path
    if not path.exists():
        raise DataError(said("There is no file {path}.", path=path), _nearest_advice(path))
    if not path.is_file():
        raise DataError(said("{path} is not a file.", path=path), said("Name a file: {accepted}.", accepted=ACCEPTED))
    return path


def title_of(source: str) -> str:
    """What to call a source on screen: the sample's title, the file's own name, or ``owner/name`` of the Hub."""
    if source.startswith(HUB):
        return source.removeprefix(HUB)
    for sample, _ in _catalogue(home.ASSETS / "samples"):
        if sample.id == source:
            return sample.title
    path = Path(source)
    return PASTED if path.stem == PASTED and path.is_relative_to(home.uploads_dir()) else path.name


def keep_text(text: str) -> str:
    """Keep a table that was pasted, as a spreadsheet copies it or as CSV, and return it as a ``data.source``.

    Raises ``DataError`` when nothing but white space was pasted.
    """
    if not text.strip():
        raise DataError(
            said("Nothing was pasted."), said("Copy the cells of the spreadsheet, with the names of the columns.")
        )
    content = text.strip("\r\n").encode("utf-8", "replace") + b"\n"
    folder = home.uploads_dir() / hashlib.blake2b(content, digest_size=16).hexdigest()
    kept = folder / (PASTED + (".tsv" if b"\t" in content else ".csv"))
    folder.mkdir(exist_ok=True)
    if not kept.is_file():
        write_atomically(kept, content.decode())
    return str(kept)


def keep_upload(path: Path) -> str:
    """Copy a file into the home folder and return it as a ``data.source``.

    The same content under the same name comes to the same place, and is copied once.
    """
    folder = home.uploads_dir() / content_hash(path)
    kept = folder / path.name
    if kept.is_file() and kept.stat().st_size == path.stat().st_size:
        return str(kept)
    ceilings.need_room(home.uploads_dir(), path.stat().st_size, "This file")
    folder.mkdir(exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=folder, prefix=".", suffix=".draft")
    os.close(handle)
    try:
        shutil.copyfile(path, draft)
        os.replace(draft, kept)
    finally:
        Path(draft).unlink(missing_ok=True)
    return str(kept)


def _nearest_advice(path: Path) -> str:
    if path.is_symlink():
        return said("It is a link to {path}, where nothing is. Name the file itself.", path=path.readlink())
    if not path.parent.is_dir():
        return said("The folder {folder} does not exist either; check the path.", folder=path.parent)
    alike = sorted(other.name for other in path.parent.iterdir() if other.stem.lower() == path.stem.lower())
    if alike:
        return said("In the same folder there is: {names}.", names=enumerated(*alike[:5]))
    return said("Check the path, or whether the file was moved or renamed.")


def _catalogue(folder: Path) -> tuple[tuple[Sample, Path], ...]:
    listing = folder / "samples.yaml"
    return _read_catalogue(listing, listing.stat().st_mtime_ns) if listing.exists() else ()


@lru_cache(maxsize=8)
def _read_catalogue(listing: Path, mtime_ns: int) -> tuple[tuple[Sample, Path], ...]:
    entries = yaml.safe_load(listing.read_text(encoding="utf-8")) or []
    return tuple(
        (
            Sample(_PREFIX + str(entry["id"]).removeprefix(_PREFIX), entry["title"], entry["summary"]),
            listing.parent / entry["file"],
        )
        for entry in entries
    )
