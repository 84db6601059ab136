"""Checkpoints are complete or absent: written under another name, sealed, flushed to disk, renamed when whole.

The seal (``.complete.json``) is written last. It holds the name, the size and the CRC-32 of each file, and what the
checkpoint is of. Whole files are counted, large ones too: a checksum takes a fifth of a second a gigabyte, far less
than writing it or loading it again.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.said import said

DRAFT = ".draft"
"""Where a checkpoint is written before it has its name. Nothing looks for a checkpoint there."""
SEAL = ".complete.json"
STATE = "trainer_state.json"
SCHEDULE = "scheduler.pt"
"""Missing where the model alone was saved."""

_NAME = re.compile(r"checkpoint-(\d+)")
_BROKEN, _GONE, _REPLACED = "broken-", ".gone-", ".replaced-"
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Broken:
    """A checkpoint that was set aside, and what is wrong with it in words."""

    path: Path
    step: int
    fault: str


def seal(draft: Path, about: Mapping[str, Any] | None = None) -> None:
    """Write down what ``draft`` holds, so that whoever finds it later can tell whether it is whole."""
    files = {name: [path.stat().st_size, _checksum(path)] for name, path in _files(draft).items()}
    (draft / SEAL).write_text(json.dumps({"version": 1, "files": files, "about": dict(about or {})}), encoding="utf-8")


def commit(draft: Path, final: Path) -> None:
    """Flush every file of ``draft`` to disk, then give the folder its name, in one step.

    What had that name before is there until then, under another name for an instant.
    """
    for path in [*draft.rglob("*"), draft]:
        _flush(path)
    old = final.with_name(_REPLACED + final.name)
    shutil.rmtree(old, ignore_errors=True)
    if final.exists():
        os.rename(final, old)
    os.rename(draft, final)
    _flush(final.parent)
    shutil.rmtree(old, ignore_errors=True)


def newest(folder: Path) -> Path | None:
    """The checkpoint of the highest step that is whole, or None."""
    return next((path for path in reversed(all_of(folder)) if not fault(path)), None)


def last(folder: Path) -> Path | None:
    """The checkpoint of the highest step, unread, or None."""
    return next(reversed(all_of(folder)), None)


def all_of(folder: Path) -> list[Path]:
    """All checkpoints, by their steps."""
    return sorted((path for path in _children(folder) if _NAME.fullmatch(path.name)), key=step_of)


def fault(checkpoint: Path) -> str:
    """What is wrong with a checkpoint, in words; empty when it is whole."""
    try:
        sealed = json.loads((checkpoint / SEAL).read_text(encoding="utf-8"))["files"]
    except FileNotFoundError:
        return _fault_at_sight(checkpoint)
    except (ValueError, TypeError, KeyError):
        return said("the list of its files cannot be read")
    there = _files(checkpoint)
    for name, (size, checksum) in sealed.items():
        if name not in there:
            return said("{name} is missing", name=name)
        if (found := there[name].stat().st_size) != size:
            return said("{name} has {found} bytes instead of {size}", name=name, found=found, size=size)
        if _checksum(there[name]) != checksum:
            return said("{name} is not what was written", name=name)
    return ""


def about(checkpoint: Path) -> dict[str, Any]:
    """What a checkpoint is of, as it was sealed; empty for one of an earlier version."""
    try:
        known: dict[str, Any] = json.loads((checkpoint / SEAL).read_text(encoding="utf-8")).get("about", {})
    except (OSError, ValueError):
        return {}
    return known


def state_of(checkpoint: Path) -> dict[str, Any]:
    """What the Trainer wrote down of its progress."""
    state: dict[str, Any] = json.loads((checkpoint / STATE).read_text(encoding="utf-8"))
    return state


def set_aside(folder: Path) -> list[Broken]:
    """Give each broken checkpoint a name under which it is never taken; room is made of them first."""
    found = [Broken(path, step_of(path), words) for path in all_of(folder) if (words := fault(path))]
    for one in found:
        place = folder / f"{_BROKEN}{one.path.name}"
        shutil.rmtree(place, ignore_errors=True)
        os.rename(one.path, place)
    return found


def dispensable(folder: Path, best: Path | None) -> list[Path]:
    """What may be deleted when room is needed, in this order: broken ones, then the oldest; never the best or the
    newest.
    """
    broken = sorted(path for path in _children(folder) if path.name.startswith(_BROKEN))
    return [*broken, *(path for path in all_of(folder)[:-1] if path != best)]


def rotate(folder: Path, limit: int | None, best: Path | None) -> None:
    """Delete the oldest until ``limit`` are left; the best and the newest always are."""
    surplus = len(all_of(folder)) - limit if limit else 0
    for path in [path for path in all_of(folder)[:-1] if path != best][: max(0, surplus)]:
        discard(path)


def discard(checkpoint: Path) -> None:
    """Delete a checkpoint: its name first, so that no half of it is ever taken for a whole."""
    gone = checkpoint.with_name(_GONE + checkpoint.name)
    # Killed while it deleted one of this name, a run left the rest of it here.
    shutil.rmtree(gone, ignore_errors=True)
    os.rename(checkpoint, gone)
    shutil.rmtree(gone, ignore_errors=True)


def hold(checkpoint: Path, place: Path) -> Path:
    """Hold on to a checkpoint at ``place``, which stays when the checkpoint goes; until then it takes no room.

    Files of a checkpoint are never changed, so both may be one and the same on the disk.
    """
    shutil.copytree(checkpoint, place, copy_function=_link)
    return place


def step_of(checkpoint: Path) -> int:
    """The optimizer step that stands in a checkpoint's name."""
    return int(checkpoint.name.rpartition("-")[2])


def size_of(checkpoint: Path) -> int:
    """Bytes on the disk."""
    return sum(path.stat().st_size for path in _files(checkpoint).values())


def clear_drafts(folder: Path) -> None:
    """Remove what a killed worker left half written or half deleted, and bring back what it was about to replace."""
    shutil.rmtree(folder / DRAFT, ignore_errors=True)
    for path in _children(folder):
        if path.name.startswith(_REPLACED) and not (name := folder / path.name.removeprefix(_REPLACED)).exists():
            os.rename(path, name)
        elif path.name.startswith((_GONE, _REPLACED)):
            shutil.rmtree(path, ignore_errors=True)


def _fault_at_sight(checkpoint: Path) -> str:
    """What is wrong with a checkpoint of an earlier version, which has no seal, as far as its files tell."""
    files = _files(checkpoint)
    try:
        if state_of(checkpoint)["global_step"] != step_of(checkpoint):
            return f"{STATE} is of another step"
    except FileNotFoundError:
        return f"{STATE} is missing"
    except (ValueError, TypeError, KeyError):
        return f"{STATE} cannot be read"
    kept = {"weights": (".safetensors", ".bin"), "optimizer.pt": ("optimizer.pt",), "rng_state": (".pth",)}
    for what, endings in {**kept, SCHEDULE: (SCHEDULE,)}.items():
        if not any(name.endswith(endings) for name in files if name != "training_args.bin"):
            return f"{what} {'are' if what == 'weights' else 'is'} missing"
    cut = next((name for name, path in files.items() if not _looks_whole(path)), None)
    return f"{cut} is cut short" if cut else ""


def _looks_whole(path: Path) -> bool:
    """Whether a file has its end: weights say how long they are, torch's files are zip archives."""
    if path.suffix == ".safetensors":
        with open(path, "rb") as file:
            length = int.from_bytes(file.read(8), "little")
            try:
                header = json.loads(file.read(length) if length < path.stat().st_size else b"")
            except ValueError:
                return False
        ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
        return path.stat().st_size == 8 + length + max(ends, default=0)
    return path.suffix not in (".pt", ".pth", ".bin") or zipfile.is_zipfile(path)


def _files(folder: Path) -> dict[str, Path]:
    """All files of a checkpoint but its seal, by their place in it."""
    found = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {path.relative_to(folder).as_posix(): path for path in found if path.name != SEAL}


def _checksum(path: Path) -> int:
    found = 0
    with open(path, "rb") as file:
        while block := file.read(_BLOCK):
            found = zlib.crc32(block, found)
    return found


def _children(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # not every file system can
        shutil.copy2(source, target)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
