"""Tables that programs bring: kept as the pages keep theirs, by their content and under their name."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import IO, Annotated, Any

from fastapi import FastAPI, Query
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from core import figures, home
from core.data.accepted import ACCEPTED
from core.errors import DataError
from core.studio import Studio
from ui.rest.guard import BYTES
from ui.rest.limits import UPLOAD_BYTES
from ui.rest.problems import WORDS, Refusal, documented

PREFIX = "upload/"
LONGEST_NAME = 200
"""Bytes: file systems take 255, and what is made of the file has a longer name."""
_HASH = re.compile(r"[0-9a-f]{32,128}")
_AT_ONCE = 1 << 20


class Upload(BaseModel):
    """A file that was kept."""

    source: str = Field(description="What a config names it by: data.source, or data.split.validation and test.")
    name: str
    bytes: int


def add(app: FastAPI, studio: Studio) -> None:
    """Add the operation."""

    @app.post(
        "/uploads",
        status_code=201,
        responses=documented(413, 415, 429),
        tags=["Data"],
        operation_id="upload",
        summary="Bring a table",
        openapi_extra={"requestBody": {"required": True, "content": {BYTES: {"schema": _FILE}}}},
    )
    async def upload(
        request: Request,
        name: Annotated[str, Query(min_length=1, max_length=LONGEST_NAME, description="The file's name: reviews.csv")],
    ) -> Upload:
        """The body is the file itself. It is kept by its content: the same file twice is one. Its kind is known by what
        is in it; the name is what people see.
        """
        need_plain(name)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != BYTES:
            raise Refusal(415, WORDS[415], f"Send the file itself, with the header Content-Type: {BYTES}.")
        with tempfile.TemporaryDirectory(dir=home.temp_dir(), prefix="upload-") as folder:
            place = Path(folder) / name
            size = await _received(request, place)
            kept = await run_in_threadpool(studio.keep_upload, place)
        return Upload(source=source_of(Path(kept)), name=name, bytes=size)


_FILE: dict[str, Any] = {"type": "string", "format": "binary", "minLength": 1}


async def _received(request: Request, place: Path) -> int:
    """The body, written as it comes; returns its bytes."""
    size, waiting = 0, bytearray()
    with open(place, "wb") as file:
        async for piece in request.stream():
            size += len(piece)
            if size > UPLOAD_BYTES:
                advice = "Compress it (.gz, .zst or .parquet), or share it out over several files."
                raise Refusal(413, f"The file is larger than {figures.size(UPLOAD_BYTES)}.", advice)
            waiting += piece
            if len(waiting) >= _AT_ONCE:
                await run_in_threadpool(_write, file, waiting)
                waiting = bytearray()
        await run_in_threadpool(_write, file, waiting)
    if not size:
        raise DataError("The file is empty.", "Send the file itself as the body of the request.")
    return size


def _write(file: IO[bytes], piece: bytearray) -> None:
    file.write(piece)


def need_plain(name: str) -> None:
    """Raise ``DataError`` for what cannot be the name of a file by itself."""
    is_plain = name.isprintable() and not any(sign in name for sign in '/\\:*?"<>|')
    if not is_plain or name.startswith((".", " ")) or len(name.encode(errors="replace")) > LONGEST_NAME:
        raise DataError("This cannot be the name of a file.", f"Give it as reviews.csv. There may come: {ACCEPTED}.")


def source_of(kept: Path) -> str:
    """What programs call a kept file: never the place where it lies."""
    return f"{PREFIX}{kept.parent.name}/{kept.name}"


def place_of(source: str) -> str:
    """Where a kept file lies. Raises ``DataError`` where there is none of this name."""
    folder, _, name = source.removeprefix(PREFIX).partition("/")
    if _HASH.fullmatch(folder) and name and "/" not in name and "\\" not in name and name not in (".", ".."):
        kept = home.uploads_dir() / folder / name
        if kept.is_file() and not kept.is_symlink():
            return str(kept)
    raise DataError(f"There is no uploaded file {source}.", "Name it as the answer to its upload did: source.")
