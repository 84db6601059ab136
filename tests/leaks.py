"""Where a secret stands that should stand nowhere: in files and their names, in what processes show of themselves."""

from __future__ import annotations

import base64
import gzip
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import psutil


def where(secret: str, folders: Iterable[Path]) -> list[str]:
    """The places of a secret: files under ``folders`` (packed ones too), and the arguments and environments of live
    processes. A folder may also be a file.
    """
    forms = _forms(secret)
    found = [str(path) for folder in folders for path in _files(folder) if _stands_in(path, forms)]
    return found + list(_processes(forms))


def _forms(secret: str) -> tuple[bytes, ...]:
    """The secret as it is, and as headers of the kind "Basic" and data addresses would have it."""
    plain = secret.encode()
    packed = [base64.b64encode(b"x" * before + plain)[4 * (before > 0) + 2 : -4] for before in range(3)]
    return (plain, *packed)


def _files(folder: Path) -> Iterator[Path]:
    paths = [folder] if folder.is_file() else folder.rglob("*")
    yield from (path for path in paths if path.is_file() and not path.is_symlink())


def _stands_in(path: Path, forms: tuple[bytes, ...]) -> bool:
    return any(form in piece for piece in (str(path).encode(), *_contents(path)) for form in forms)


def _contents(path: Path) -> Iterator[bytes]:
    try:
        data = path.read_bytes()
    except FileNotFoundError:  # gone at this moment
        return
    yield data
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            yield from (archive.read(name) for name in archive.namelist())
    if data.startswith(b"\x1f\x8b"):
        try:
            yield gzip.decompress(data)
        except (OSError, EOFError, zlib.error):
            return


def _processes(forms: tuple[bytes, ...]) -> Iterator[str]:
    for process in psutil.process_iter():
        for name in ("cmdline", "environ"):
            try:
                data = Path(f"/proc/{process.pid}/{name}").read_bytes()
            except OSError:  # of somebody else, or gone
                continue
            if any(form in data for form in forms):
                yield f"/proc/{process.pid}/{name}"
