"""How a small Hub speaks HTTP: requests, replies, ranges, and failures on demand."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import time
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

_PIECE = 64 * 1024


@dataclass(frozen=True)
class Request:
    """One request. ``path`` is as it came, still quoted, without the query."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    def one(self, name: str, default: str = "") -> str:
        return self.query.get(name, [default])[0]

    def data(self) -> dict[str, Any]:
        """The body, JSON or a form; of a form, each value is a list."""
        if "json" in self.headers.get("content-type", "json"):
            found = json.loads(self.body or b"{}")
            return found if isinstance(found, dict) else {}
        return dict(urllib.parse.parse_qs(self.body.decode()))


@dataclass(frozen=True)
class Stream:
    """A body that is sent piece by piece, until it ends or the connection does."""

    pieces: Iterator[bytes]


@dataclass
class Reply:
    """What is answered: ``body`` is sent as JSON unless it is bytes, a file or a stream."""

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


def refusal(status: int, code: str, message: str) -> Reply:
    """An error in the Hub's form: clients tell errors apart by these headers."""
    headers = {"X-Error-Message": message} | ({"X-Error-Code": code} if code else {})
    return Reply(status, {"error": message}, headers)


@dataclass
class Trouble:
    """What goes wrong with requests whose path (with its query) matches ``where``, so many ``times``.

    ``status`` is answered instead of the truth; ``wait`` seconds pass before; of the body only ``cut_after`` bytes are
    sent before the connection ends; ``pace`` bytes a second pass at most, in both directions. Of what a client sends,
    only ``heard`` bytes are taken before the connection ends; where ``mute``, all is done as asked, and no answer sent.
    """

    where: str
    method: str = ""
    times: int = 1_000_000
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    wait: float = 0.0
    cut_after: int | None = None
    pace: int = 0
    heard: int | None = None
    mute: bool = False

    def takes(self, request: Request, target: str) -> bool:
        fits = re.search(self.where, target) is not None and self.method in ("", request.method)
        if fits and self.times > 0:
            self.times -= 1
            return True
        return False


class Handler(BaseHTTPRequestHandler):
    """Reads a request, asks ``answer`` for its reply, and sends that. Subclassed by the server with its own."""

    protocol_version = "HTTP/1.1"
    answer: Callable[[Request], Reply]
    trouble: Callable[[Request, str], Trouble | None]

    def handle_one_request(self) -> None:
        with contextlib.suppress(ConnectionError):  # a client may leave at any time
            super().handle_one_request()

    def _serve(self) -> None:
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, path, urllib.parse.parse_qs(query), headers, b"")
        trouble = type(self).trouble(request, self.path)
        length = int(self.headers.get("Content-Length") or 0)
        if trouble is not None and trouble.heard is not None:
            self.rfile.read(min(trouble.heard, length))
            self._hang_up()
            return
        chunked = "chunked" in self.headers.get("Transfer-Encoding", "")
        body = self._chunks() if chunked else self._read(length, trouble.pace if trouble else 0)
        request = replace(request, body=body)
        if trouble is not None and trouble.wait:
            time.sleep(trouble.wait)
        if trouble is not None and trouble.status:
            reply = Reply(trouble.status, {"error": "This was asked for."}, dict(trouble.headers))
        else:
            reply = type(self).answer(request)
        if trouble is not None and trouble.mute:
            self._hang_up()
            return
        self._send(request, reply, trouble)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _serve

    def _read(self, length: int, pace: int) -> bytes:
        if not pace:
            return self.rfile.read(length)
        found = b""
        while piece := self.rfile.read(min(max(1024, pace // 20), length - len(found))):
            found += piece
            time.sleep(len(piece) / pace)
        return found

    def _hang_up(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _chunks(self) -> bytes:
        found = b""
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            found += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return found

    def _send(self, request: Request, reply: Reply, trouble: Trouble | None) -> None:
        body = reply.body
        headers = {"Content-Type": "application/octet-stream"} | reply.headers
        if isinstance(body, Stream):
            self._send_stream(reply.status, headers, body, trouble)
            return
        if not isinstance(body, bytes | Path):
            body, headers["Content-Type"] = json.dumps(body).encode(), "application/json; charset=utf-8"
        size = body.stat().st_size if isinstance(body, Path) else len(body)
        start, end, status = _range(request.headers.get("range", ""), size, reply.status)
        if status == 206:
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
        elif status == 416:
            headers["Content-Range"] = f"bytes */{size}"
        headers = {"Accept-Ranges": "bytes", "Content-Length": str(end - start)} | headers
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if request.method == "HEAD":
            return
        self._send_body(body, start, end, trouble)

    def _send_stream(self, status: int, headers: dict[str, str], body: Stream, trouble: Trouble | None) -> None:
        self.close_connection = True
        self.send_response(status)
        for name, value in {**headers, "Connection": "close"}.items():
            self.send_header(name, value)
        self.end_headers()
        left = trouble.cut_after if trouble is not None else None
        for piece in body.pieces:
            self.wfile.write(piece if left is None else piece[:left])
            self.wfile.flush()
            if left is not None and (left := left - len(piece)) <= 0:
                return

    def _send_body(self, body: bytes | Path, start: int, end: int, trouble: Trouble | None) -> None:
        stop = end if trouble is None or trouble.cut_after is None else min(end, start + trouble.cut_after)
        pace = trouble.pace if trouble else 0
        piece = min(_PIECE, max(1024, pace // 10)) if pace else _PIECE
        with open(body, "rb") if isinstance(body, Path) else contextlib.nullcontext() as file:
            for place in range(start, stop, piece):
                size = min(piece, stop - place)
                if file is not None:
                    file.seek(place)
                self.wfile.write(file.read(size) if file is not None else body[place : place + size])  # type: ignore[index]
                if pace:
                    time.sleep(size / pace)
        if stop < end:
            self.wfile.flush()
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None: ...


class Server(ThreadingHTTPServer):
    """Hangs up on everybody when it is closed, as a machine that goes down does."""

    def __init__(self, port: int, handler: type[Handler]) -> None:
        self._talking: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._talking.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._talking.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        super().server_close()
        for one in list(self._talking):
            with contextlib.suppress(OSError):  # it may leave at this moment
                one.shutdown(socket.SHUT_RDWR)


def _range(asked: str, size: int, status: int) -> tuple[int, int, int]:
    """(start, end, status) of what is sent: a part of a whole answer where one was asked for."""
    found = re.fullmatch(r"bytes=(\d*)-(\d*)", asked)
    if status != 200 or found is None or not any(found.groups()):
        return 0, size, status
    first, last = found.groups()
    if not first:
        return max(0, size - int(last)), size, 206
    if int(first) >= size:
        return 0, 0, 416
    return int(first), min(size, int(last) + 1) if last else size, 206
