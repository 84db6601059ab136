"""The page ``/programs``: what programs may ask of the app, each operation with its words and an example.

It draws itself in the browser (``assets/static/programs.js``) from the interface's own OpenAPI document, with files of
this app alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import gradio as gr

from core.studio import Studio
from ui.page import Page, drawn_by, waiting


@dataclass(frozen=True)
class View:
    """What the script draws into."""

    operations: gr.HTML


def layout() -> View:
    """One component; its script draws the rest."""
    words = waiting("ts-programs", "Reading what programs may ask …")
    return View(gr.HTML(words, apply_default_css=False, js_on_load=drawn_by("programs.js")))


def build(studio: Studio) -> None:
    """The page. Nothing is done here, so nothing is wired."""
    layout()


PAGE = Page(title="For programs", path="programs", build=build, nav="For programs")
