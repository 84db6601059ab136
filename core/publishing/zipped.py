"""A model to take home: a zip made piece by piece, so that its size costs no memory."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import IO

from core.publishing import checked, onnx, package
from core.publishing.types import Extra, Item, Publishing
from core.runs import Run
from core.usage import adapters

_PIECE = 1 << 20
_NEEDED = ("torch", "transformers", "tokenizers")


def zipped(run: Run) -> Iterator[bytes]:
    """The zip of the best model with its card, example code and the versions it needs, in a folder of the run's name.
    An ONNX copy goes along where one was made.

    Raises ``RunError`` or ``HubError`` at once where it cannot be made.
    """
    include: tuple[Extra, ...] = ("onnx",) if onnx.can_export(run) and onnx.is_current(run) else ()
    items = [*package.items_of(run, Publishing(repo="", include=include)), *_examples(run)]
    checked.check(items)
    return packed(items, run.id)


def _examples(run: Run) -> list[Item]:
    from core.usage.snippets import example_code

    code = example_code(run, ".")  # it is run in the folder that it comes in
    needed = _versions(run)
    lines = [f"{name}=={needed[name].partition('+')[0]}" for name in _NEEDED if name in needed]
    if adapters.is_alone(run):
        lines.append(f"peft=={metadata.version('peft')}")
    example = [Item("example.py", code.encode())] if code else []
    return [*example, Item("requirements.txt", ("\n".join(lines) + "\n").encode())]


def _versions(run: Run) -> dict[str, str]:
    """Those that the model was made with; a run without a judgement has those of now."""
    from core.versions import versions

    found: dict[str, str] = (run.report or {}).get("versions") or versions()
    return found


def packed(items: Sequence[Item], folder: str) -> Iterator[bytes]:
    """The zip of these files, in a folder of this name, piece by piece."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", allowZip64=True) as archive:
        for item in items:
            about = zipfile.ZipInfo(f"{folder}/{item.name}", time.localtime()[:6])
            about.external_attr = 0o644 << 16
            # Weights are numbers that hardly get smaller.
            is_text = not item.name.endswith((".safetensors", ".onnx", ".png"))
            about.compress_type = zipfile.ZIP_DEFLATED if is_text else zipfile.ZIP_STORED
            with archive.open(about, "w", force_zip64=item.size > 1 << 30) as file, _opened(item) as content:
                while piece := content.read(_PIECE):
                    file.write(piece)
                    if written := pipe.taken():
                        yield written
    yield pipe.taken()


def _opened(item: Item) -> IO[bytes]:
    return open(item.content, "rb") if isinstance(item.content, Path) else io.BytesIO(item.content)


class _Pipe(io.RawIOBase):
    """Takes what the archive writes, until it is taken away."""

    def __init__(self) -> None:
        self._kept = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object, /) -> int:
        self._kept += memoryview(data).cast("B")  # type: ignore[arg-type]
        return memoryview(data).nbytes  # type: ignore[arg-type]

    def taken(self) -> bytes:
        piece = bytes(self._kept)
        self._kept.clear()
        return piece
