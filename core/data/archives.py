"""Zip archives: their files, unpacked once by content into the cache; nothing gets out of its folder."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from core.data.content import MOST_FILES, content_hash, is_noise
from core.data.types import Progress
from core.data.unpacking import Guard, draft_beside, put_in_place, unpacked_dir
from core.errors import DataError
from core.said import said

_BLOCK = 1 << 20
_OF_THE_ARCHIVE = (None, errno.EINVAL, errno.ENAMETOOLONG)
"""What the system says of places and names that an archive should not have."""
_DRIVE = re.compile(r"[A-Za-z]:(?! )")
_LONGEST_NAME = 255
"""Bytes, as file systems have it."""


def unzipped(path: Path, progress: Progress | None = None) -> Path:
    """The folder with the files of a zip archive. Raises ``DataError`` when it is damaged, locked, or a trap."""
    folder = unpacked_dir() / f"{content_hash(path)}-zip"
    if folder.is_dir():
        os.utime(folder)  # so that nobody sweeps it while it is read again
        return folder
    try:
        with zipfile.ZipFile(path) as archive, draft_beside(folder) as draft:
            _unpack(path, archive, draft, progress)
            put_in_place(draft, folder, folder)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as exc:
        if isinstance(exc, OSError) and exc.errno not in _OF_THE_ARCHIVE:
            raise
        raise DataError(
            said("{file} is a damaged zip archive, or packed in an unusual way.", file=path.name),
            said("Copy or download it again; or unpack it yourself and use what is inside."),
            cause=str(exc),
        ) from exc
    return folder


def _unpack(path: Path, archive: zipfile.ZipFile, folder: Path, progress: Progress | None) -> None:
    members = [(_name_of(path, info), info) for info in archive.infolist() if not info.filename.endswith("/")]
    members = [(name, info) for name, info in members if not is_noise(name)]
    _refuse(path, members)
    guard = Guard(path.name, path.stat().st_size)
    for number, (name, info) in enumerate(members, start=1):
        target = folder.joinpath(*name.parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(info) as packed, open(target, "xb") as out:
            while block := packed.read(_BLOCK):
                guard.add(len(block))
                out.write(block)
                if progress is not None and len(block) == _BLOCK:
                    progress((number - 1) / len(members), said("Unpacking the archive"))
        if progress is not None and not number % 100:
            progress(number / len(members), said("Unpacking the archive"))


def _refuse(path: Path, members: list[tuple[PurePosixPath, zipfile.ZipInfo]]) -> None:
    archive = path.name
    if not members:
        raise DataError(
            said("{file} is a zip archive with no files in it.", file=archive), said("Pack the table once more.")
        )
    if len(members) > MOST_FILES:
        raise DataError(
            said("{file} holds {files} files.", file=archive, files=len(members)),
            said("At most {most} can be read. Put the texts into one table, as CSV or JSONL.", most=MOST_FILES),
        )
    if any(info.flag_bits & 1 for _, info in members):
        raise DataError(
            said("{file} is locked with a password.", file=archive), said("Unpack it, and pack it again without one.")
        )
    if any(stat.S_ISLNK(info.external_attr >> 16) for _, info in members):
        raise DataError(
            said("{file} holds links instead of files.", file=archive),
            said("Pack the files themselves, then use that."),
        )
    names: set[PurePosixPath] = set()
    for name, _ in members:
        if name in names:
            raise DataError(
                said("{file} holds two files called {name}.", file=archive, name=name),
                said("Give each a name of its own."),
            )
        names.add(name)
    for name in names:
        if not names.isdisjoint(name.parents):
            raise DataError(
                said("{file} holds a folder and a file of the same name.", file=archive),
                said("Give each its own name."),
            )


def _name_of(path: Path, info: zipfile.ZipInfo) -> PurePosixPath:
    """Where a member belongs, below the archive's own folder. Old programs write names as UTF-8 without saying so."""
    raw = info.filename
    if not info.flag_bits & 0x800:
        with contextlib.suppress(UnicodeError):
            raw = raw.encode("cp437").decode("utf-8")
    name = PurePosixPath(raw.replace("\\", "/"))
    on_a_drive = _DRIVE.match(str(name))
    if not name.parts or name.is_absolute() or ".." in name.parts or on_a_drive:
        raise DataError(
            said(
                "{file} holds a file that would be written outside of its folder: {name}.",
                file=path.name,
                name=str(name)[:80],
            ),
            said("Archives that are made to do harm do so. Pack the files again, by their names alone."),
        )
    if any(len(part.encode("utf-8", "replace")) > _LONGEST_NAME for part in name.parts):
        raise DataError(
            said("{file} holds a file whose name is too long: {name}….", file=path.name, name=str(name)[:80]),
            said("Give it a shorter name, and pack the files again."),
        )
    return name
