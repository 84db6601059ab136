"""Compressed files: unpacked once by content into the cache, within limits, and whole or not at all."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import lzma
import os
import shutil
import tempfile
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from core import ceilings, home
from core.data.content import content_hash
from core.data.types import Progress
from core.errors import DataError
from core.said import Figures, said

_MAGIC = ((b"\x1f\x8b", "gzip"), (b"BZh", "bzip2"), (b"\xfd7zXZ\x00", "xz"), (b"\x28\xb5\x2f\xfd", "Zstandard"))
SUFFIXES = (".gz", ".gzip", ".bz2", ".xz", ".zst", ".zstd")
"""How the names of compressed files end, after the ending of what is inside."""

_BLOCK = 1 << 20
_LARGE = 1 << 30
_LARGEST_RATIO = 200
_STALE_SECONDS = 24 * 3600


def packing_of(path: Path) -> str:
    """How a file is compressed, in words; empty when it is not."""
    with open(path, "rb") as file:
        head = file.read(10)
    for magic, words in _MAGIC:
        if head.startswith(magic) and (words != "bzip2" or _is_bzip2(head)):
            return words
    return ""


def inner_name(name: str) -> str:
    """The name of what is inside: ``train.csv.gz`` is ``train.csv``."""
    stem, dot, ending = name.rpartition(".")
    return stem if stem and dot + ending.lower() in SUFFIXES else name


def unpacked(path: Path, packing: str, progress: Progress | None = None) -> Path:
    """The file inside a compressed one. Raises ``DataError`` when it is cut off, damaged, or a trap."""
    folder = unpacked_dir() / content_hash(path)
    kept = folder / inner_name(path.name)
    if kept.is_file():
        os.utime(folder)  # so that nobody sweeps it while it is read again
        return kept
    with draft_beside(folder) as draft:
        with open(draft / kept.name, "wb") as out:
            for block in _blocks(path, packing, progress):
                out.write(block)
        put_in_place(draft, folder, kept)
    return kept


def _blocks(path: Path, packing: str, progress: Progress | None) -> Iterator[bytes]:
    guard = Guard(path.name, path.stat().st_size)
    try:
        with open(path, "rb") as raw, opened(raw, packing) as stream:
            while block := stream.read(_BLOCK):
                guard.add(len(block))
                yield block
                if progress is not None:
                    progress(raw.tell() / guard.packed, said("Unpacking the file"))
    except DataError:
        raise
    except (EOFError, OSError, zlib.error, lzma.LZMAError) as exc:
        if isinstance(exc, OSError) and exc.errno is not None:
            raise
        raise _damaged(path.name, packing, str(exc)) from exc


def opened(raw: IO[bytes], packing: str) -> Any:
    """The bytes inside of a compressed file, as a stream that fails where the file is cut off."""
    match packing:
        case "gzip":
            return gzip.GzipFile(fileobj=raw)
        case "bzip2":
            return bz2.BZ2File(raw)
        case "xz":
            return lzma.LZMAFile(raw)
    import pyarrow as pa

    return pa.CompressedInputStream(pa.PythonFile(raw, mode="r"), "zstd")


class Guard:
    """Counts what comes out of an archive, and raises ``DataError`` before it fills the disk."""

    def __init__(self, name: str, packed: int) -> None:
        self._name = name
        self.packed = max(1, packed)
        self._room = shutil.disk_usage(unpacked_dir()).free - ceilings.most("disk")
        self._written = 0

    def add(self, count: int) -> None:
        """So many bytes more have come out."""
        self._written += count
        need_honest(self._name, self.packed, self._written)
        if self._written > self._room:
            raise DataError(
                said("There is not enough room on the disk to unpack {file}.", file=self._name),
                said(
                    "More than {size} GB would be needed. Free some space, then try again.",
                    size=Figures(f"{max(0, self._room) / 1e9:,.1f}"),
                ),
            )


def need_honest(name: str, packed: int, unpacked: int) -> None:
    """Raise ``DataError`` where so many bytes came out of so few that a file was made to fill a disk or a memory."""
    if unpacked > _LARGE and unpacked > _LARGEST_RATIO * packed:
        raise DataError(
            said(
                "{file} swells to more than {times} times its size, and was not unpacked further.",
                file=name,
                times=_LARGEST_RATIO,
            ),
            said(
                "Files that are made to fill a disk do so. If this one is what it should be, unpack it yourself and "
                "use what is inside."
            ),
        )


def _is_bzip2(head: bytes) -> bool:
    """A text may begin with BZh too; after it, bzip2 writes its level and the digits of pi."""
    return head[3:4].isdigit() and head[4:10] in (b"1AY&SY", b"\x17rE8P\x90")


def _damaged(name: str, packing: str, cause: str) -> DataError:
    is_cut = "end" in cause.lower() or "truncated" in cause.lower()
    return DataError(
        said("{file} is cut off: it ends too early.", file=name)
        if is_cut
        else said("{file} is a damaged {packing} archive.", file=name, packing=packing),
        said("It may not have been copied or downloaded whole: copy or download it again."),
        cause=cause,
    )


# --- The cache -------------------------------------------------------------------------------------------------------


def unpacked_dir() -> Path:
    """Where unpacked files stand for a day, in case they are read once more in another way."""
    path = home.cache_dir() / "unpacked"
    path.mkdir(exist_ok=True)
    return path


@contextlib.contextmanager
def draft_beside(folder: Path) -> Iterator[Path]:
    """A folder to fill, which is gone afterwards unless it was renamed. Old unpacked files are removed first."""
    for old in folder.parent.iterdir():
        with contextlib.suppress(FileNotFoundError):  # another import may end at this moment
            if time.time() - old.stat().st_mtime > _STALE_SECONDS:
                shutil.rmtree(old, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".", suffix=".draft"))
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def put_in_place(draft: Path, folder: Path, wanted: Path) -> None:
    """Rename a folder that is whole; where another one stands that lacks ``wanted``, take its place."""
    try:
        os.rename(draft, folder)
    except OSError:
        if not wanted.exists():
            shutil.rmtree(folder, ignore_errors=True)
            os.rename(draft, folder)
