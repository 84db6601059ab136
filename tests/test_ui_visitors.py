"""Who counts as sitting in front of this machine: asked of the real server, as a request finds it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr
import httpx
import pytest
from gradio.events import api

from core.studio import Studio
from ui import shell
from ui.visitors import is_local

PROXY = "studio.example"


def ask(request: gr.Request) -> bool:
    return is_local(request)


@contextmanager
def served(*allowed_hosts: str) -> Iterator[str]:
    """A page with one question, launched as the app is."""
    studio = Studio()
    with gr.Blocks() as demo:
        api(ask, api_name="ask")
    address = shell.launch(demo.queue(), studio, allowed_hosts=allowed_hosts)
    yield f"{address.rstrip('/')}/gradio_api/call/ask"
    demo.close(verbose=False)
    studio.close()


def answer(address: str, **headers: str) -> bool:
    """What an event of the page finds, by way of the queue as in a browser."""
    event = httpx.post(address, json={"data": []}, headers=headers, timeout=60).json()["event_id"]
    said = httpx.get(f"{address}/{event}", headers=headers, timeout=60).text
    (found,) = json.loads(said.partition("data: ")[2].partition("\n")[0])
    return bool(found)


def test_a_person_in_front_of_the_machine_is_known_and_one_behind_a_proxy_is_not() -> None:
    with served() as address:
        assert answer(address)
        assert answer(address, host="localhost:7860")
        for header in ("X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Forwarded", "Via"):
            assert not answer(address, **{header: "127.0.0.1"}), header


@pytest.mark.parametrize("host", [PROXY, "127.0.0.1"])
def test_where_a_proxy_shows_the_app_nobody_is_local(host: str) -> None:
    with served(PROXY) as address:
        assert not answer(address, host=host)
