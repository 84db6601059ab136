"""The page ``/administrator``, where several people use the app: who uses what, whose runs go on, the disk, the log.

Only administrators see it, and the gate lets nobody else come to it or to what stands behind it
(``ui.people.administrator``). Where one person has the app there is none: all of it is theirs to see already.
"""

from __future__ import annotations

from dataclasses import dataclass

import gradio as gr

from core.studio import Studio
from ui.page import Page, drawn_by, waiting


@dataclass(frozen=True)
class View:
    """What the script draws into."""

    board: gr.HTML


def layout() -> View:
    """One component; its script draws the rest."""
    words = waiting("ts-administrator", "Reading who uses what …")
    return View(gr.HTML(words, apply_default_css=False, js_on_load=drawn_by("administrator.js")))


def build(studio: Studio) -> None:
    """The page. What is done on it goes to its own addresses, so nothing is wired."""
    layout()


PAGE = Page(title="Administration", path="administrator", build=build, nav="Administration", is_for_administrators=True)
