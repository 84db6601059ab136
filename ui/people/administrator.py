"""What stands behind the page of administrators. The gate lets nobody come to these addresses who is none."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, astuple, fields
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from core import figures
from core.data.writers import harmless_name
from core.errors import DataError, StudioError
from core.people import audit
from core.people.looking_after import Somebody
from core.studio import Studio
from ui.languages import told, told_all, tr, written
from ui.limits_words import used
from ui.people.entry import Entry
from ui.people.gate import ADMINISTRATION
from ui.people.programs import read
from ui.rest.problems import of, status_of

PAGE = 50
"""Records of the log at once."""
_KEPT = {"Cache-Control": "no-store"}
_FILE = {**_KEPT, "X-Content-Type-Options": "nosniff"}


def routes(studio: Studio, entry: Entry) -> list[Route]:
    """The addresses: what is read, what is done, and the log as a file."""

    def look(asked: dict[str, Any]) -> Any:
        here = entry.sessions.last_seen()
        return {
            "people": [_somebody(one) | {"here": one.key in here} for one in studio.everybody()],
            "runs": [told_all(asdict(one)) for one in studio.everyones_going()],
            "room": asdict(studio.room()),
            "trouble": told(audit.trouble()),
        }

    def log(asked: dict[str, Any]) -> Any:
        before = str(asked.get("before", ""))
        found = studio.done_page(int(before) if before.isdecimal() else None, _who(asked), _kind(asked), PAGE + 1)
        kinds = {kind: tr(kind) for kind in audit.KINDS}
        return {"lines": [asdict(line) for line in found[:PAGE]], "more": len(found) > PAGE, "kinds": kinds}

    def stop(asked: dict[str, Any]) -> Any:
        studio.stop_of(_text(asked, "key"), _text(asked, "id"))

    def front(asked: dict[str, Any]) -> Any:
        studio.to_front(_text(asked, "key"), _text(asked, "id"))

    def limits(asked: dict[str, Any]) -> Any:
        given = asked.get("limits")
        if not isinstance(given, dict):
            raise DataError(tr("No limits came along."), tr("Load the page anew, then try again."))
        for name, text in given.items():
            studio.give(_text(asked, "key"), str(name), str(text))

    def clean(asked: dict[str, Any]) -> Any:
        gone = studio.clean(_text(asked, "what"), str(asked.get("key", "")))
        if not gone:
            return {"words": tr("There was nothing to remove.")}
        return {"words": tr("{size} were removed.", size=written(figures.size(gone)))}

    async def as_csv(request: Request) -> Response:
        return await _download(studio, request, "log.csv", "text/csv; charset=utf-8", _csv)

    async def as_lines(request: Request) -> Response:
        return await _download(studio, request, "log.jsonl", "application/x-ndjson", _json)

    return [
        Route(f"{ADMINISTRATION}/look", _answering(look), methods=["GET"]),
        Route(f"{ADMINISTRATION}/log", _answering(log), methods=["GET"]),
        Route(f"{ADMINISTRATION}/log.csv", as_csv, methods=["GET"]),
        Route(f"{ADMINISTRATION}/log.jsonl", as_lines, methods=["GET"]),
        *(
            Route(f"{ADMINISTRATION}/{name}", _answering(do), methods=["POST"])
            for name, do in (("stop", stop), ("front", front), ("limits", limits), ("clean", clean))
        ),
    ]


def _somebody(one: Somebody) -> dict[str, Any]:
    """What the page shows of a person. What a limit is for stands below its field, as a sentence."""
    uses = [asdict(use) | {"words": used(use)} for use in one.uses]
    limits = [
        asdict(limit)
        | {
            "label": tr(limit.label),
            "words": tr("{words}.", words=_begun(tr(limit.words))),
            "common": written(limit.common),
        }
        for limit in one.limits
    ]
    return asdict(one) | {"uses": uses, "limits": limits}


def _begun(words: str) -> str:
    return words[:1].upper() + words[1:]


def _answering(do: Callable[[dict[str, Any]], Any]) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        try:
            asked = dict(request.query_params) if request.method == "GET" else await read(request)
            return JSONResponse(await run_in_threadpool(do, asked) or {}, headers=_KEPT)
        except StudioError as exc:
            return JSONResponse(of(exc).model_dump(exclude_none=True), status_of(exc), headers=_KEPT)

    return answer


async def _download(
    studio: Studio, request: Request, name: str, kind: str, written: Callable[[Iterable[audit.Line]], Iterator[str]]
) -> Response:
    asked = dict(request.query_params)
    try:
        await run_in_threadpool(audit.note, "log read", detail=name, strictly=True)
    except StudioError as exc:
        return JSONResponse(of(exc).model_dump(exclude_none=True), status_of(exc), headers=_KEPT)
    pieces = written(studio.done(None, _who(asked), _kind(asked)))
    headers = {**_FILE, "Content-Disposition": f'attachment; filename="tunesmith-{name}"'}
    return StreamingResponse(pieces, media_type=kind, headers=headers)


def _csv(lines: Iterable[audit.Line]) -> Iterator[str]:
    yield _row(field.name for field in fields(audit.Line))
    for line in lines:
        yield _row(harmless_name(str(value)) for value in astuple(line))


def _row(values: Iterable[str]) -> str:
    file = io.StringIO()
    csv.writer(file).writerow(values)
    return file.getvalue()


def _json(lines: Iterable[audit.Line]) -> Iterator[str]:
    for line in lines:
        yield json.dumps(asdict(line), ensure_ascii=False) + "\n"


def _who(asked: dict[str, Any]) -> str:
    return str(asked.get("who", ""))


def _kind(asked: dict[str, Any]) -> str:
    return str(asked.get("kind", ""))


def _text(asked: dict[str, Any], name: str) -> str:
    found = asked.get(name)
    if not isinstance(found, str):
        raise DataError(tr("“{name}” is missing.", name=name), tr("Load the page anew, then try again."))
    return found
