"""A demo for tests: visitors' homes, a shown run, and the app served to several browsers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import gradio as gr
import httpx

from core import ceilings, home
from core.demo import shown
from core.demo.studio import DemoStudio
from core.runs import Run
from tests.making import run_with
from tests.shelf import finished, report
from ui import shell
from ui.people.entry import Entry
from ui.people.lobby import nobodys

PAGE = {"accept": "text/html"}


def limits(monkeypatch: object, **said: int) -> None:
    """The limits of a demo, but for those that are said."""
    ceilings.set_limits([f"{name}={value}" for name, value in said.items()])
    ceilings.take_those_of_a_demo()


def shown_run(name: str = "Finished reviews") -> Run:
    """A finished run of whoever started the demo, with a report and a model that is there but answers nothing."""
    run = run_with(*finished())
    run.rename(name)
    (run.path / "report.json").write_text(json.dumps(report()), encoding="utf-8")
    run.model_path.mkdir()
    (run.model_path / "config.json").write_text("{}", encoding="utf-8")
    shown.show([run.id])
    return run


@contextmanager
def at(key: str) -> Iterator[Path]:
    """What is done inside is done for this visitor."""
    with home.living_in(home.of_visitor(key)):
        yield home.of_visitor(key)


@contextmanager
def served(studio: DemoStudio, entry: Entry | None = None) -> Iterator[str]:
    """The address of a demo, whose page is empty and whose routes are all there."""
    home.unless_lived_in(nobodys())
    with gr.Blocks() as demo:
        gr.Markdown("The start page")
    address = shell.launch(demo.queue(), studio, entry=entry or Entry("demo"))
    try:
        yield address
    finally:
        demo.close(verbose=False)
        home.unless_lived_in(None)


def visitor(address: str) -> httpx.Client:
    """A browser that has opened the page."""
    browser = httpx.Client(base_url=address, verify=False, timeout=60)
    browser.get("/", headers=PAGE).raise_for_status()
    return browser
