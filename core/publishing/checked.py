"""A last look at every file before it leaves: no access token, no place of this machine, nothing that can hide code."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from core import home
from core.errors import HubError
from core.publishing.types import Item
from core.redaction import redacted
from core.said import said, together
from core.spares import PROJECT

PICKLED = {".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".joblib", ".npy", ".npz"}
_PICKLE = re.compile(rb"\x80[\x02-\x05]|PK\x03\x04")
"""How a pickle begins, and the archive in which torch keeps one."""
_PIECE, _OVERLAP = 1 << 20, 1 << 12
_LONGEST_HEADER = 100 << 20
"""Bytes: what the makers of safetensors allow."""


def check(items: Sequence[Item], secrets: Sequence[str] = (), places: Sequence[re.Pattern[str]] | None = None) -> None:
    """Raise ``HubError`` on the first file that must not leave. ``secrets`` are those of whoever publishes, ``places``
    what no file may name: those of this machine, unless it is for nobody else's eyes.
    """
    places = private_places() if places is None else places
    for item in items:
        if item.name.startswith("/") or ".." in item.name.split("/"):
            title = said("{file} cannot be the name of a file in a repository.", file=repr(item.name))
            raise HubError(title, _TELL)
        if Path(item.name).suffix in PICKLED:
            raise _refused(
                said("{file} was not published: it has an ending of files that can hide code.", file=item.name)
            )
        if isinstance(item.content, Path) and item.content.is_symlink():
            raise _refused(said("{file} was not published: it is a link to another place.", file=item.name))
        pieces = _header(item) if item.name.endswith(".safetensors") else _pieces(item)
        for place, piece in enumerate(pieces):
            if place == 0 and _PICKLE.match(piece) and not item.name.endswith(".safetensors"):
                raise _refused(said("{file} was not published: it is a file that can hide code.", file=item.name))
            text = piece.decode("utf-8", "replace")
            if redacted(text) != text or any(secret and secret in text for secret in secrets):
                raise _refused(
                    said("{file} was not published: it holds what looks like an access token.", file=item.name)
                )
            if any(found.search(text) for found in places):
                raise _refused(said("{file} was not published: it names a place on this machine.", file=item.name))


def private_places() -> list[re.Pattern[str]]:
    """What no published file may name: folders of the user and of the app, with anything in them."""
    # A folder such as /app is no secret, and may well be a word of a vocabulary.
    folders = {str(Path.home()), *(str(place) for place in (home.home(), PROJECT) if len(place.parts) > 2)} - {"/"}
    return [re.compile(rf"(?<![\w.~-]){re.escape(folder)}[/\\][\w.]") for folder in folders]


_TELL = said("Nothing was sent, and the model on this machine is untouched.")


def _refused(title: str) -> HubError:
    advice = said("Take it out of the run's folder or out of its settings, then try again.")
    return HubError(title, together(advice, _TELL))


def _pieces(item: Item) -> Iterator[bytes]:
    """The file piece by piece; each begins with the end of the one before, so that nothing is cut in two."""
    if isinstance(item.content, bytes):
        yield item.content
        return
    with open(item.content, "rb") as file:
        before = b""
        while piece := file.read(_PIECE):
            yield before + piece
            before = piece[-_OVERLAP:]


def _header(item: Item) -> Iterator[bytes]:
    """What safetensors say of themselves; the rest are numbers. Raises ``HubError`` where they are none."""
    with open(item.content, "rb") if isinstance(item.content, Path) else io.BytesIO(item.content) as file:
        size = int.from_bytes(file.read(8), "little")
        header = file.read(size) if size < min(_LONGEST_HEADER, item.size) else b""
    try:
        json.loads(header)
    except ValueError:
        advice = together(said("The file is damaged: train again, or publish another run."), _TELL)
        raise HubError(said("{file} is not a whole safetensors file.", file=item.name), advice) from None
    yield header
