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
            names = ", ".join(known) or "none"
            raise DataError(f"There is no sample called {source!r}.", f"The samples are: {names}.")
    path = Path(source).expanduser().absolute()
    if not home.may_name(path):
        raise DataError(f"{path.name} does not lie among your own files.", "Upload the file, then choose it.")
    if path.is_dir():
        return path
    if not path.exists():
        raise DataError(f"There is no file {path}.", _nearest_advice(path))
    if not path.is_file():
        raise DataError(f"{path} is not a file.", f"Name a file: {ACCEPTED}.")
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
        raise DataError("Nothing was pasted.", "Copy the cells of the spreadsheet, with the names of the columns.")
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
        return f"It is a link to {path.readlink()}, where nothing is. Name the file itself."
    if not path.parent.is_dir():
        return f"The folder {path.parent} does not exist either; check the path."
    alike = sorted(other.name for other in path.parent.iterdir() if other.stem.lower() == path.stem.lower())
    if alike:
        return f"In the same folder there is: {', '.join(alike[:5])}."
    return "Check the path, or whether the file was moved or renamed."


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
