"""What comes back from a rented machine: named in a manifest with sizes and hashes, and in one commit, so that it is
there whole or not at all.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core import ceilings
from core.errors import HubError
from core.publishing.checked import PICKLED
from core.runs import Run
from core.said import said

MANIFEST = "results/manifest.json"
EVENTS, REPORT = "events.jsonl", "report.json"
_KEPT = ("before.json", EVENTS, "accelerate.yaml", "fsdp.json", "deepspeed.json", "began_with.json", REPORT)
_FOLDERS = ("model", "judgements")
_NAME = re.compile(r"[\w][\w.@ -]*(/[\w][\w.@ -]*)*")
_DRAFT = ".fetched"


def made(run: Run) -> Iterator[tuple[str, Path]]:
    """(name, file) of all that a run has made and that comes back. Checkpoints stay, for they hold files that can hide
    code; the technical log has been told line by line, with the secrets taken out.
    """
    for name in _KEPT:
        if (run.path / name).is_file():
            yield name, run.path / name
    for folder in _FOLDERS:
        for path in sorted((run.path / folder).rglob("*")):
            if path.is_file() and not path.is_symlink() and path.suffix not in PICKLED:
                yield path.relative_to(run.path).as_posix(), path


def manifest(files: list[tuple[str, Path]]) -> bytes:
    """What says of each file how large it is and what is in it."""
    told = {name: {"size": path.stat().st_size, "sha256": _sha256(path)} for name, path in files}
    return json.dumps({"files": told}).encode()


def fetch(run: Run, api: Any, facts: dict[str, Any], revision: str) -> Path:
    """Bring what the machine has made into a draft beside the run's files, and check every file. Returns the draft.

    ``facts`` say which repository, and as whom it is asked. Raises ``HubError`` where something is not as it should be.
    """
    draft = run.path / _DRAFT
    shutil.rmtree(draft, ignore_errors=True)
    place = api.hf_hub_download(filename=MANIFEST, revision=revision, local_dir=draft, **facts)
    try:
        listed: dict[str, dict[str, Any]] = json.loads(Path(place).read_text(encoding="utf-8"))["files"]
        total = sum(int(about["size"]) for about in listed.values())
    except (ValueError, KeyError, TypeError) as exc:
        raise _damaged(MANIFEST, str(exc)) from exc
    for name in listed:
        if not _is_expected(name):
            raise _damaged(name, "no run makes such a file")
    ceilings.need_room(run.path, total, "What the rented machine has made")
    for name, about in listed.items():
        path = Path(api.hf_hub_download(filename=f"results/{name}", revision=revision, local_dir=draft, **facts))
        if path.stat().st_size != about["size"] or _sha256(path) != about["sha256"]:
            raise _damaged(name, "its size or its hash differs from what the machine has sent")
        if path.suffix == ".safetensors":
            _need_whole(path)
    return draft / "results"


def put_in_place(run: Run, draft: Path) -> None:
    """Move what was fetched to where a run has it; the report comes last, as ever."""
    for folder in _FOLDERS:
        if (draft / folder).is_dir():
            shutil.rmtree(run.path / folder, ignore_errors=True)
            os.replace(draft / folder, run.path / folder)
    for name in (name for name in _KEPT if name != EVENTS):
        if (draft / name).is_file():
            os.replace(draft / name, run.path / name)
    shutil.rmtree(run.path / _DRAFT, ignore_errors=True)


def _is_expected(name: str) -> bool:
    folder, _, inside = name.partition("/")
    known = name in _KEPT or (folder in _FOLDERS and bool(inside))
    return known and _NAME.fullmatch(name) is not None and Path(name).suffix not in PICKLED


def _need_whole(path: Path) -> None:
    """Raise ``HubError`` where it is no safetensors file, or ends too early."""
    with open(path, "rb") as file:
        size = int.from_bytes(file.read(8), "little")
        try:
            header: dict[str, Any] = json.loads(file.read(size) if size < path.stat().st_size else b"")
            ends = [about["data_offsets"][1] for name, about in header.items() if name != "__metadata__"]
        except (ValueError, AttributeError, KeyError, TypeError, IndexError) as exc:
            raise _damaged(path.name, f"no safetensors file: {exc}") from exc
    if path.stat().st_size != 8 + size + max(ends, default=0):
        raise _damaged(path.name, "the file ends too early")


def _damaged(name: str, why: str) -> HubError:
    title = said("{file} did not come back from the rented machine as it was made.", file=name)
    advice = said("What the machine made lies in the private repository of this run still: look at it there.")
    return HubError(title, advice, cause=why)


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
