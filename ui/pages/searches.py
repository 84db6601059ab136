"""The page of searches for better settings: all of them at ``/search``, one at ``?id=…``, a new one at ``?from=RUN``.

It draws itself in the browser (``assets/static/searches.js``) from what ``/reads`` says; what people do there comes
back as events of the component.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr

from core.errors import ConfigError
from core.search.config import SearchConfig, checked
from core.studio import Studio
from ui.languages import tr
from ui.page import Page, drawn_by, run_id, sent, waiting

ASKED = ("name", "space", "n_trials", "minutes", "sampler", "pruning")
"""What the form for a new search says."""
GO = "(id) => { if (id) location.href = `./search?id=${encodeURIComponent(id)}`; }"
REFUSED = "() => window.dispatchEvent(new Event('tunesmith:refused'))"
"""Tells the form that it can be sent again."""


@dataclass(frozen=True)
class View:
    """What the script draws into, and the id of a search that was begun, which the browser goes to."""

    searches: gr.HTML
    made: gr.Textbox


def layout() -> View:
    """One component; its script draws the rest."""
    searches = gr.HTML(
        waiting("ts-searches", "Reading the searches …"),
        apply_default_css=False,
        js_on_load=drawn_by("searches.js", "begin", "stop", "goon", "remove"),
    )
    return View(searches, gr.Textbox(visible=False))


def wanted(studio: Studio, form: Mapping[str, Any]) -> SearchConfig:
    """The search that the form asks for. Raises ``ConfigError`` on what cannot be."""
    origin = str(form.get("from", ""))
    base = studio.config(origin)
    said = {name: form[name] for name in ASKED if name in form}
    if not said.get("space"):
        raise ConfigError(tr("Nothing may change yet."), tr("Choose at least one setting that the search may try out."))
    return checked({"base": base, "origin": origin, **said})


def wire(view: View, studio: Studio) -> None:
    """What people ask of searches."""

    def begin(event: gr.EventData) -> str:
        return studio.search(wanted(studio, json.loads(sent(event, "form"))))

    def stop(request: gr.Request) -> None:
        studio.stop_search(run_id(request))

    def go_on(request: gr.Request) -> None:
        studio.go_on_search(run_id(request))

    def remove(event: gr.EventData) -> None:
        studio.delete_search(sent(event, "id"))

    made = Page.on(view.searches.begin, begin, None, view.made, progress="hidden")
    Page.on(made.then, None, view.made, js=GO)
    Page.on(made.then, None, js=REFUSED)
    Page.on_command(view.searches, "stop", stop)
    Page.on_command(view.searches, "goon", go_on)
    Page.on_command(view.searches, "remove", remove)


def build(studio: Studio) -> None:
    """The page, laid out and wired."""
    wire(layout(), studio)


PAGE = Page(title="Searches", path="search", build=build, nav="Searches")
