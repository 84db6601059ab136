"""A dataset is made of files of its own repository: its card may name no other place.

The library ``datasets`` takes from the head of a card (``data_files``, ``data_dir``) any path that it can open: a file
of this machine, or a web address that only this machine reaches. Whoever writes the card would choose what is shown to
whoever looks at the dataset, and what this machine asks of its own network.
"""

from __future__ import annotations

import posixpath
from typing import Any

from core.errors import DataError
from core.said import said

PLACE = "hf://"
_ARCHIVES = ("zip", "gzip", "bz2", "xz", "lzma", "zstd", "lz4", "tar")
_OF_THE_DATASET = "resolve_pattern"


def stay_inside() -> None:
    """From here on in this process, every pattern of files is looked at before anything is asked of its place."""
    from datasets import data_files

    found = getattr(data_files, _OF_THE_DATASET)
    if getattr(found, "stays_inside", False):
        return

    def resolve_pattern(pattern: str, base_path: str, *args: Any, **more: Any) -> Any:
        need_inside(pattern, base_path)
        return found(pattern, base_path, *args, **more)

    resolve_pattern.stays_inside = True  # type: ignore[attr-defined]
    setattr(data_files, _OF_THE_DATASET, resolve_pattern)


def need_inside(pattern: str, base_path: str = "") -> None:
    """Raise ``DataError`` where a pattern of files leads out of the Hub: ``/etc/*``, ``http://…``, ``zip://*::/x``."""
    *archives, last = pattern.replace("\\", "/").split("::")
    protocol = last.partition("://")[0] if "://" in last else ""
    is_inside = protocol == PLACE.partition(":")[0] or (
        not protocol and not posixpath.isabs(last) and not last.startswith("~") and base_path.startswith(PLACE)
    )
    if is_inside and all(one.partition("://")[0] in _ARCHIVES for one in archives) and ".." not in last.split("/"):
        return
    raise DataError(
        said("This dataset names a file that is not its own: {name}.", name=pattern[:120]),
        said("It would be read from this machine or its network. Tell the dataset's author, or choose another one."),
    )
