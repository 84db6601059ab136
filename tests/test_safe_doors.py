"""Doors that Gradio brings along: those that no page goes through are shut, and a new version brings none unseen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr
import httpx
import pytest

from core import home
from core.studio import Studio
from tests.test_people_door import paths
from ui import shell
from ui.closed import DOORS

USED = {
    *("api", "app_id", "call", "cancel", "component_server", "file", "heartbeat", "info", "login_check"),
    *("openapi.json", "proxy", "queue", "reset", "run", "runs", "startup-events", "stream", "theme.css", "token"),
    *("upload", "upload_progress", "user"),
}
"""What stands behind ``/gradio_api/`` and may be asked."""


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[httpx.Client, gr.Blocks]]:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(home.shared_temp_dir()))
    studio = Studio()
    with gr.Blocks() as demo:
        gr.Markdown("The start page")
    address = shell.launch(demo.queue(), studio)
    with httpx.Client(base_url=address, timeout=60, verify=False) as client:
        yield client, demo
    demo.close(verbose=False)
    studio.close()


def test_doors_that_no_page_goes_through_are_shut(
    served: tuple[httpx.Client, gr.Blocks], capfd: pytest.CaptureFixture[str]
) -> None:
    """Each of them is there, or its place would hold something else; ``/below`` is what a proxy leaves on a path."""
    client, _ = served
    film: dict[str, Any] = {"files": {"video": ("film.mp4", b"#EXTM3U\nfile:///etc/passwd")}}
    for method, path, more in (
        ("POST", "process_recording", film),
        ("GET", "dev/reload", {}),
        ("GET", "custom_component/%1b[31mred/client/a/b", {}),
        ("POST", "vibe-code", {"json": {"code": "print()"}}),
        ("POST", "undo-vibe-edit/", {"json": {"hash": "../x"}}),
        ("GET", "deep_link?session_hash=x", {}),
    ):
        for prefix in ("", "/below"):
            shut = client.request(method, f"{prefix}/gradio_api/{path}", **more)
            assert shut.status_code == 404 and shut.json()["title"] == "There is nothing here.", path
    assert "red" not in capfd.readouterr().out
    given = client.post("/gradio_api/upload", files={"files": ("deep_link", b"a,b")}).json()[0]
    assert client.get(f"/gradio_api/file={given}").status_code == 200


def test_no_door_is_new(served: tuple[httpx.Client, gr.Blocks]) -> None:
    """A new version of Gradio may bring one. Where this app needs it, it belongs into ``USED``, else into ``DOORS``."""
    prefix = "/gradio_api/"
    behind = {path.removeprefix(prefix) for path in paths(served[1].app.routes) if path.startswith(prefix)}
    opened = {path for path in behind if not path.startswith(DOORS)}
    assert {path.split("/")[0].split("=")[0] for path in opened} == USED
    assert all(any(path.startswith(door) for path in behind) for door in DOORS), "what is shut is there"
