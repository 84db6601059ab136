"""The page ``/compare?runs=A,B,…``: runs beside each other. Without runs in its address it offers all of them.

It draws itself in the browser (``assets/static/compare.js``) from what ``/reads`` says. The one thing that people do
there comes back as an event: having the models judged on the same rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import gradio as gr

from core.studio import Studio
from ui.judging.versus import ids
from ui.page import Page, drawn_by, sent, waiting


@dataclass(frozen=True)
class View:
    """What the script draws into."""

    comparison: gr.HTML


def layout() -> View:
    """One component; its script draws the rest."""
    return View(
        gr.HTML(
            waiting("ts-compare", "Reading the runs …"),
            apply_default_css=False,
            js_on_load=drawn_by("compare.js", "judge", "cancel"),
        )
    )


def wire(view: View, studio: Studio) -> None:
    """What people ask of the comparison."""

    def judge(event: gr.EventData) -> None:
        studio.judge_on_same_rows(ids(sent(event, "runs")))

    def cancel(event: gr.EventData) -> None:
        studio.leave_same_rows(ids(sent(event, "runs")))

    Page.on_command(view.comparison, "judge", judge)
    Page.on_command(view.comparison, "cancel", cancel)


def build(studio: Studio) -> None:
    """The page, laid out and wired."""
    wire(layout(), studio)


PAGE = Page(title="Compare runs", path="compare", build=build)
