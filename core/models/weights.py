"""What a safetensors file says of itself in its first bytes: names, types and shapes, without loading a weight.

Format: eight bytes with the length of a JSON header (little endian), the header, then the tensors.
Source: https://huggingface.co/docs/safetensors/index#format
"""

from __future__ import annotations

import json
import math
import struct
from pathlib import Path
from typing import Any

from core.errors import CheckpointError
from core.said import said

WHOLE = "model.safetensors"
INDEX = "model.safetensors.index.json"
PICKLED = "pytorch_model.bin"
PICKLED_INDEX = "pytorch_model.bin.index.json"
"""The old form, which can hide code: read only where that is allowed (``core.permissions``)."""
_LONGEST_HEADER = 100_000_000


def weight_files(folder: Path) -> list[Path]:
    """The checkpoint's safetensors files: one, or the shards that its index names. Empty where there is none.

    Raises ``CheckpointError`` when the index cannot be read or names a file that is missing.
    """
    return _files(folder, WHOLE, INDEX)


def pickled_files(folder: Path) -> list[Path]:
    """The same for weights in the old form. Nothing in them is read here."""
    return _files(folder, PICKLED, PICKLED_INDEX)


def _files(folder: Path, whole: str, list_of_parts: str) -> list[Path]:
    if (folder / whole).is_file():
        return [folder / whole]
    index = folder / list_of_parts
    if not index.is_file():
        return []
    try:
        names = sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
    except (ValueError, KeyError, AttributeError, TypeError) as exc:
        raise CheckpointError(
            said("{file} in {folder} cannot be read.", file=index.name, folder=folder),
            said("Copy or download the checkpoint again."),
            cause=str(exc),
        ) from exc
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise CheckpointError(
            said(
                "{count} of the {all} weights files are missing, for example {file}.",
                count=len(missing),
                all=len(names),
                file=missing[0],
            ),
            said("Copy or download the checkpoint in {folder} again, all of its files.", folder=folder),
        )
    return [folder / name for name in names]


def count_parameters(files: list[Path]) -> int:
    """Parameters in these files. Whole-number tensors (positions, masks) are no parameters.

    Raises ``CheckpointError`` when a file is damaged or ends too early.
    """
    return sum(
        math.prod(entry["shape"])
        for file in files
        for entry in read_header(file).values()
        if not entry["dtype"].startswith(("I64", "I32", "BOOL"))
    )


def read_header(file: Path) -> dict[str, dict[str, Any]]:
    """``{tensor: {"dtype", "shape", "data_offsets"}}``, after checking that the file is as long as it says."""
    try:
        with open(file, "rb") as stream:
            (length,) = struct.unpack("<Q", stream.read(8))
            header: Any = json.loads(stream.read(length)) if length <= _LONGEST_HEADER else None
        tensors: dict[str, dict[str, Any]] = {name: entry for name, entry in header.items() if name != "__metadata__"}
        end = 8 + length + max((entry["data_offsets"][1] for entry in tensors.values()), default=0)
    except (struct.error, ValueError, KeyError, AttributeError, TypeError, IndexError) as exc:
        raise _damaged(file, f"{type(exc).__name__}: {exc}") from exc
    size = file.stat().st_size
    if size < end:
        raise _damaged(file, f"the header announces {end:,} bytes, the file has {size:,}")
    return tensors


def _damaged(file: Path, cause: str) -> CheckpointError:
    return CheckpointError(
        said("The weights file {file} is damaged or incomplete.", file=file.name),
        said("A download or copy was probably cut short. Copy or download {folder} again.", folder=file.parent),
        cause=cause,
    )
