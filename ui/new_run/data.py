"""Step 1, Data: upload a table, name one on this machine, or take a sample; see at once what is in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import gradio as gr
from gradio.components import Component

from core import home
from core.data.formats import ACCEPTED, title_of_format
from core.data.guess_files import guess_files
from core.data.guess_split import guess_split
from core.data.types import Column, Preview, Progress, Sample
from core.errors import DataError, StudioError
from core.studio import Studio
from ui import pieces, words
from ui.new_run.draft import Draft, is_own
from ui.new_run.frame import DATA, Answers, Frame, page_address
from ui.page import Page
from ui.visitors import is_local

SHOW_ADDRESS = "(address) => { if (address) history.replaceState(history.state, '', address) }"
HEAD_SHOWN = 8
KINDS = {
    "text": "text",
    "category": "a few different values",
    "number": "numbers",
    "boolean": "yes or no",
    "list": "lists",
    "other": "mixed",
}


@dataclass(frozen=True)
class DataView:
    """What a person can choose from, and what was found."""

    files: gr.File
    samples: gr.Radio
    here: gr.Column
    path: gr.Textbox
    open: gr.Button
    found: gr.HTML

    @property
    def ways(self) -> list[Component]:
        return [self.files, self.samples, self.path]


def layout(samples: Sequence[Sample]) -> DataView:
    """Draw the step."""
    with gr.Row(equal_height=False):
        with gr.Column(min_width=300, scale=1):
            files = gr.File(
                label=f"Your table: {ACCEPTED}; several files are fine",
                file_count="multiple",
                height=190,
                elem_id="data-files",
                elem_classes="nr-file",
            )
            with gr.Column(visible=False, elem_classes="nr-card nr-here") as here:
                path = gr.Textbox(
                    label="Or a file on this machine",
                    placeholder="/home/me/reviews.csv",
                    max_lines=1,
                    elem_id="data-path",
                )
                button = gr.Button("Open this file", size="sm", elem_id="data-open", elem_classes="nr-small")
        with gr.Column(min_width=300, scale=1):
            chooser = gr.Radio(
                [(f"{sample.title}\n{sample.summary}", sample.id) for sample in samples],
                value=None,
                label="Or a sample that comes with the app",
                elem_classes="nr-cards",
                elem_id="data-samples",
            )
    found = gr.HTML(apply_default_css=False, elem_id="data-found", min_height=64)
    return DataView(files, chooser, here, path, button, found)


def take(studio: Studio, draft: Draft, sources: Sequence[str], progress: Progress | None = None) -> tuple[Draft, str]:
    """Look at a table: the draft that has it, and what was found as HTML. One that cannot be read is explained.

    Several sources are the parts of one table, told apart by their names.
    """
    try:
        source, split = guess_files(sources)
        preview = studio.preview(source, progress)
        draft = draft.with_data(preview, studio.guess(preview), split if is_own(split) else guess_split(preview))
    except StudioError as exc:
        return replace(draft, source="", title=""), pieces.message(exc.title, exc.advice)
    return draft, describe(preview)


def keep(studio: Studio, paths: Sequence[str]) -> list[str]:
    """Keep uploaded files; returns their sources."""
    if not paths:
        raise DataError("No file has arrived.", "Choose it again; if it was very large, copy it to this machine first.")
    return [studio.keep_upload(Path(path)) for path in paths]


def sample_source(studio: Studio, name: str) -> str:
    """The source of a sample that ships with the app; ``feedback`` and ``sample/feedback`` name the same one.

    Raises ``DataError`` for any other name: a path is no sample.
    """
    known = [sample.id for sample in studio.samples()]
    source = f"sample/{name.removeprefix('sample/')}"
    if source not in known:
        names = ", ".join(one.removeprefix("sample/") for one in known)
        raise DataError(f"There is no sample called “{name}”.", f"The samples are: {names}.")
    return source


def may_open(studio: Studio, source: str, local: bool) -> bool:
    """Whether a visitor may name this source: any file only who sits in front of this machine."""
    return local or source in [sample.id for sample in studio.samples()] or is_upload(source)


def is_upload(source: str) -> bool:
    """Whether a source is a file that was given through the browser."""
    return Path(source).resolve().is_relative_to(home.uploads_dir().resolve())


def tidied(view: DataView, draft: Draft) -> Answers:
    """Of the three ways only the one that was taken stays marked."""
    if not draft.source:
        return {}
    sample, upload = draft.source.startswith("sample/"), is_upload(draft.source)
    return {
        view.files: gr.skip() if upload else None,
        view.samples: draft.source if sample else None,
        view.path: "" if sample or upload else draft.source,
    }


def describe(preview: Preview) -> str:
    """The table at a glance, as HTML."""
    parts = [
        _title(preview),
        pieces.findings(preview.findings),
        pieces.table(
            ["Column", "What it holds", "Missing", "Different values", "For example"],
            [_column(column, preview.rows) for column in preview.columns],
            f"Columns of {preview.title}",
            "nr-columns",
        ),
        pieces.tag("h3", "The first rows"),
        pieces.table(
            [column.name for column in preview.columns],
            [[row.get(column.name, "") for column in preview.columns] for row in preview.head[:HEAD_SHOWN]],
            f"The first rows of {preview.title}",
            "nr-head",
        ),
    ]
    return pieces.card(preview.title, "".join(parts))


def _title(preview: Preview) -> str:
    return pieces.facts(
        [
            ("Rows", f"{preview.rows:,}"),
            ("Columns", f"{len(preview.columns):,}"),
            ("Size", words.size(preview.bytes)),
            (
                "Read as",
                ", ".join(
                    [title_of_format(preview.format), *(f"{name} {value}" for name, value in preview.reading.items())]
                ),
            ),
        ]
    )


def _column(column: Column, rows: int) -> list[str]:
    missing = f"{column.missing:,} of {rows:,}" if column.missing and rows else "none"
    kind = KINDS[column.kind]
    if column.kind == "text" and column.mean_length:
        kind += f", about {column.mean_length:,.0f} characters"
    return [column.name, kind, missing, f"{column.distinct:,}", " · ".join(column.examples[:3])]


def wire(view: DataView, frame: Frame, studio: Studio) -> None:
    """The three ways to give a table; files of this machine may be named only by who sits in front of it."""

    def show(draft: Draft, sources: list[str], progress: gr.Progress) -> tuple[Draft, str]:
        return take(studio, draft, sources, lambda done, words: progress(done, desc=words))

    def take_files(paths: list[str] | None, draft: Draft, progress: gr.Progress = gr.Progress()) -> tuple[Draft, str]:  # noqa: B008
        progress(0, desc="Keeping a copy")
        return show(draft, keep(studio, paths or []), progress)

    def take_sample(sample: str, draft: Draft, progress: gr.Progress = gr.Progress()) -> tuple[Draft, str]:  # noqa: B008
        return show(draft, [sample_source(studio, sample)], progress)

    def take_path(
        path: str,
        draft: Draft,
        request: gr.Request,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> tuple[Draft, str]:
        if not is_local(request):
            raise DataError("Files of this machine can only be opened from this machine.", "Upload the file instead.")
        if not path.strip():
            raise DataError("No path was typed.", "Type the path of a file on this machine, then press Enter.")
        return show(draft, [path.strip()], progress)

    def tidy(draft: Draft) -> Answers:
        return {frame.address: page_address(draft), frame.why[DATA]: ""} | tidied(view, draft)

    for trigger, handler, field in (
        (view.files.upload, take_files, view.files),
        (view.samples.input, take_sample, view.samples),
        ([view.path.submit, view.open.click], take_path, view.path),
    ):
        # Only the place of the answer shows the progress; everything else follows when it is there.
        taken = Page.on(trigger, handler, [field, frame.draft], [frame.draft, view.found], progress="full")
        outputs = [frame.address, frame.why[DATA], *view.ways]
        tidy_up = Page.on(taken.then, tidy, frame.draft, outputs, progress="hidden")
        Page.on(tidy_up.then, None, frame.address, js=SHOW_ADDRESS)
