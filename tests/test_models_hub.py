"""Downloading from a Hub: a small one on this machine that answers as the real one does."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from core.errors import CheckpointError
from core.models import hub

COMMIT = "0123456789abcdef0123456789abcdef01234567"
PROPOSED = "89abcdef0123456789abcdef0123456789abcdef"


class SmallHub(BaseHTTPRequestHandler):
    """Serves ``owner/name`` from folders; ``owner/closed`` is gated, everything else does not exist.

    ``owner/name@pr`` is what a pull request to ``owner/name`` would make of it; ``authors`` have opened them.
    """

    folders: dict[str, Path]
    authors: tuple[str, ...] = ()

    def do_HEAD(self) -> None:
        self.answer(with_body=False)

    def do_GET(self) -> None:
        self.answer(with_body=True)

    def answer(self, with_body: bool) -> None:
        path = self.path.partition("?")[0]
        name = "/".join(path.removeprefix("/api/models/").strip("/").split("/")[:2])
        if name == "owner/closed":
            return self.send(403, b"{}", {"X-Error-Code": "GatedRepo"}, with_body)
        if name not in self.folders:
            return self.send(404, b"{}", {"X-Error-Code": "RepoNotFound"}, with_body)
        if path.endswith("/discussions"):
            return self.send(200, json.dumps(self.discussions(name)).encode(), {}, with_body)
        commit = COMMIT
        if "refs%2Fpr%2F2" in path or PROPOSED in path:
            name, commit = f"{name}@pr", PROPOSED
        if "/resolve/" in path:
            file = self.folders[name] / path.rpartition("/")[2]
            headers = {"X-Repo-Commit": commit, "ETag": f'"{file.stat().st_size:040x}"'}
            return self.send(200, file.read_bytes(), headers, with_body)
        files = [file for file in self.folders[name].iterdir() if file.is_file()]
        if "/tree/" in path:
            tree = [{"type": "file", "path": f.name, "size": f.stat().st_size, "oid": "0" * 40} for f in files]
            return self.send(200, json.dumps(tree).encode(), {}, with_body)
        about = {"id": name, "sha": commit, "siblings": [{"rfilename": file.name} for file in files]}
        return self.send(200, json.dumps(about).encode(), {}, with_body)

    def discussions(self, name: str) -> dict[str, object]:
        found = [
            {
                "title": "Adding `safetensors` variant of this model",
                "num": number,
                "author": {"name": author},
                "createdAt": "2025-01-02T03:04:05.678Z",
                "status": "open",
                "repo": {"name": name, "type": "model"},
                "isPullRequest": True,
            }
            for number, author in enumerate(self.authors, start=1)
        ]
        return {"discussions": found, "count": len(found), "start": 0}

    def send(self, status: int, body: bytes, headers: dict[str, str], with_body: bool) -> None:
        self.send_response(status)
        for key, value in ({"Content-Type": "application/json", "Content-Length": str(len(body))} | headers).items():
            self.send_header(key, value)
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None: ...


@pytest.fixture(params=[("somebody",)], ids=lambda authors: "+".join(authors))
def endpoint(request: pytest.FixtureRequest, tiny_bert: Path, tmp_path: Path) -> Iterator[str]:
    unsafe = tmp_path / "unsafe"
    unsafe.mkdir()
    (unsafe / "config.json").write_text('{"model_type": "bert"}')
    (unsafe / "pytorch_model.bin").write_bytes(b"pickle")
    folders = {"owner/tiny": tiny_bert, "owner/unsafe": unsafe, "owner/unsafe@pr": tiny_bert}
    yield from serve(type("Handler", (SmallHub,), {"folders": folders, "authors": request.param}))


def serve(handler: type[SmallHub]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def ask(endpoint: str, *names: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """``resolve`` each name in a process of its own: the address of the Hub is read when its library is imported."""
    monkeypatch.setenv("HF_ENDPOINT", endpoint)
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    monkeypatch.setenv("HF_HUB_DISABLE_XET", "1")
    code = (
        "import sys\nfrom core.models.checkpoints import describe, resolve\nfrom core.errors import CheckpointError\n"
        "for name in sys.argv[1:]:\n"
        "    try: print(resolve(name), describe(name).needs_network, describe(name).parameters)\n"
        "    except CheckpointError as exc: print(exc)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, *names], check=True, capture_output=True, text=True)
    return done.stdout.splitlines()


def test_a_checkpoint_is_downloaded_and_kept(endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("owner/tiny", "owner/unsafe", "owner/closed", "owner/nothing")
    tiny, unsafe, closed, nothing = ask(endpoint, *names, monkeypatch=monkeypatch)
    folder = Path(tiny.split(" ")[0])
    assert tiny.split(" ")[1] == "False" and int(tiny.split(" ")[2]) > 0
    assert folder.is_relative_to(tmp_path) and (folder / "model.safetensors").is_file()
    assert "only as pytorch_model.bin" in unsafe
    assert "accepted its terms" in closed
    assert "There is no model owner/nothing" in nothing
    (again,) = ask("http://127.0.0.1:9", "owner/tiny", monkeypatch=monkeypatch)
    assert again == tiny


@pytest.mark.parametrize("endpoint", [("somebody", "SFconvertbot")], indirect=True)
def test_weights_that_hugging_face_has_made_safe_are_taken(
    endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (found,) = ask(endpoint, "owner/unsafe", monkeypatch=monkeypatch)
    folder = Path(found.split(" ")[0])
    assert folder.name == PROPOSED and not (folder / "pytorch_model.bin").exists()
    assert found.split(" ")[1] == "False"
    (again,) = ask("http://127.0.0.1:9", "owner/unsafe", monkeypatch=monkeypatch)
    assert again == found


def test_a_dead_network_is_noticed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    (said,) = ask("http://127.0.0.1:9", "owner/tiny", monkeypatch=monkeypatch)
    assert "cannot be reached" in said and "starter model" in said


def test_a_name_server_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        time.sleep(2)
        raise OSError

    monkeypatch.setattr("huggingface_hub.is_offline_mode", lambda: False)
    monkeypatch.setattr("socket.create_connection", never)
    began = time.monotonic()
    assert not hub.reachable(timeout=0.2)
    assert time.monotonic() - began < 1


def test_offline_by_choice_is_offline() -> None:
    assert not hub.reachable()
    with pytest.raises(CheckpointError, match="cannot be reached"):
        hub.download("owner/tiny")
