"""A whole table at once: a file in, the same file out with the answers in new columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import gradio as gr

from core.data.accepted import ACCEPTED
from core.prediction.speed import in_words
from core.studio import Studio
from ui import pieces, words
from ui.languages import told, tr
from ui.page import Page, run_id
from ui.try_it import drawing


@dataclass(frozen=True)
class View:
    """The file, and what became of it."""

    file: gr.File
    fast: gr.Checkbox
    answered: gr.HTML


def layout() -> View:
    """Draw it, folded."""
    with gr.Accordion("A whole table at once", open=False, elem_id="try-table"):
        fast = gr.Checkbox(
            False,
            label="Faster, where the answers stay the same",
            info="The model multiplies in whole numbers of 8 bits: about twice as fast without a GPU. It is tried on "
            "the first rows of the table, both ways; where an answer would change, nothing is rounded.",
            elem_id="try-fast",
        )
        file = gr.File(
            label=f"A file with the columns of the training table: {ACCEPTED}",
            height=150,
            elem_classes="nr-file",
        )
        answered = gr.HTML(apply_default_css=False, elem_id="try-answered", min_height=40)
    return View(file, fast, answered)


def describe(run: str, path: Path, reply: Mapping[str, Any]) -> str:
    """An answered table as HTML: how many rows, where to download it, and its first rows.

    ``reply`` is what ``core.prediction.files.predict_file`` returns.
    """
    address = f"./reads/runs/{quote(run)}/predictions/{quote(path.name)}"
    skipped = (
        tr(" {skipped} had nothing to answer.", skipped=words.plural(reply["skipped"], "row"))
        if reply["skipped"]
        else ""
    )
    unreadable = (
        tr(" {unreadable} did not fit the header.", unreadable=words.plural(reply["unreadable"], "row"))
        if reply["unreadable"]
        else ""
    )
    answered = words.plural(reply["rows"] - reply["skipped"], "row")
    speed = in_words((reply["rows"] - reply["skipped"]) / max(reply["seconds"], 0.001))
    done = pieces.tag(
        "p", tr("{answered} answered, {speed}.", answered=answered, speed=told(speed)) + skipped + unreadable
    )
    done += pieces.tag("p", reply["precision"]) if reply["precision"] else ""
    link = (
        f'<p><a class="nr-download" href="{address}" download>{escape(tr("Download {name}", name=path.name))}</a></p>'
    )
    # The answers stand in the last columns; they come first here, where a phone shows them.
    head = reply["head"]
    columns = [*reply["columns"], *(name for name in head[0] if name not in reply["columns"])]
    rows = ([row[name] for name in columns] for row in head)
    return done + link + pieces.table(columns, rows, tr("The first rows of the answered table"), "nr-head")


def wire(view: View, studio: Studio) -> None:
    """Answer a table as soon as it is there."""

    def fill(
        path: str | None,
        fast: bool,
        request: gr.Request,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> str:
        if path is None:
            return ""
        run = run_id(request)
        try:
            result, reply = studio.predict_file(
                run, Path(path), lambda done, say: progress(done, desc=told(say)), fast=fast
            )
            return describe(run, result, reply)
        except Exception as exc:
            return drawing.explained(exc)

    Page.on([view.file.upload, view.file.clear], fill, [view.file, view.fast], view.answered, progress="full")
