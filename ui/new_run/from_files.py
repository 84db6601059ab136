"""Tables that a person brings: files uploaded or named on this machine, cells pasted, samples of the app."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import gradio as gr

from core import home
from core.data.accepted import ACCEPTED
from core.data.types import Sample
from core.data_config import HUB
from core.errors import DataError
from core.studio import Studio
from ui.languages import tr
from ui.new_run.asked import Asked

LONGEST_PASTE = 20_000_000
"""Characters. More than this is a file."""
SEVERAL = "Files called train, validation and test are taken as just that."
PASTE_HELP = (
    "Copy cells in a spreadsheet, the row with the names of the columns included, and paste them here. Lines of CSV or "
    "JSON are fine too."
)
PASTED = "text\tlabel\nThe room was clean and quiet.\tgood\nWe waited an hour for soup.\tbad"


@dataclass(frozen=True)
class FilesView:
    """The field for uploads; beside it the one for files of this machine, which not everybody sees."""

    files: gr.File
    here: gr.Column
    path: gr.Textbox
    open: gr.Button


@dataclass(frozen=True)
class PasteView:
    """The field for cells, and the button that takes them."""

    cells: gr.Textbox
    use: gr.Button


def layout_files() -> FilesView:
    """Draw the fields for files."""
    with gr.Row(equal_height=False):
        with gr.Column(min_width=300, scale=1):
            files = gr.File(
                label="Your table: one file, or several",
                file_count="multiple",
                height=190,
                elem_id="data-files",
                elem_classes="nr-file",
            )
            gr.HTML(f'<p class="nr-note">You can bring {ACCEPTED}. {SEVERAL}</p>', apply_default_css=False)
        with gr.Column(min_width=300, scale=1, visible=False, elem_classes="nr-card nr-here") as here:
            path = gr.Textbox(
                label="Or a file on this machine",
                info="A folder is fine too: one with a folder of text files for each class.",
                placeholder="/home/me/reviews.csv",
                max_lines=1,
                elem_id="data-path",
            )
            button = gr.Button("Open this file", size="sm", elem_id="data-open", elem_classes="nr-small")
    return FilesView(files, here, path, button)


def layout_paste() -> PasteView:
    """Draw the field for cells."""
    cells = gr.Textbox(
        label="Your rows",
        info=PASTE_HELP,
        placeholder=PASTED,
        lines=8,
        max_lines=16,
        elem_id="data-paste",
    )
    use = gr.Button("Use these rows", variant="primary", elem_id="data-paste-use", elem_classes="nr-use")
    return PasteView(cells, use)


def layout_samples(samples: Sequence[Sample]) -> gr.Radio:
    """Draw the samples."""
    return gr.Radio(
        [(f"{sample.title}\n{sample.summary}", sample.id) for sample in samples],
        value=None,
        label="A sample that comes with the app",
        elem_classes="nr-cards",
        elem_id="data-samples",
    )


def keep(studio: Studio, paths: Sequence[str]) -> list[str]:
    """Keep uploaded files; returns their sources."""
    if not paths:
        raise DataError(
            tr("No file has arrived."), tr("Choose it again; if it was very large, copy it to this machine first.")
        )
    return [studio.keep_upload(Path(path)) for path in paths]


def keep_cells(studio: Studio, text: str) -> str:
    """Keep pasted cells; returns their source."""
    if not text.strip():
        raise DataError(
            tr("Nothing was pasted."), tr("Copy cells in a spreadsheet, click into the field, and paste them.")
        )
    if len(text) > LONGEST_PASTE:
        raise DataError(tr("This is too much to paste."), tr("Save it as a file, CSV for example, and bring that."))
    return studio.keep_paste(text)


def named_here(path: str, local: bool) -> str:
    """A path of this machine as it was typed. Raises ``DataError`` where a visitor may name none."""
    if not local:
        raise DataError(
            tr("Files of this machine can only be opened from this machine."), tr("Upload the file instead.")
        )
    if not path.strip():
        raise DataError(tr("No path was typed."), tr("Type the path of a file on this machine, then press Enter."))
    return path.strip()


def sample_source(studio: Studio, name: str) -> str:
    """The source of a sample that ships with the app; ``feedback`` and ``sample/feedback`` name the same one.

    Raises ``DataError`` for any other name: a path is no sample.
    """
    known = [sample.id for sample in studio.samples()]
    source = f"sample/{name.removeprefix('sample/')}"
    if source not in known:
        names = ", ".join(one.removeprefix("sample/") for one in known)
        raise DataError(
            tr("There is no sample called “{name}”.", name=name), tr("The samples are: {names}.", names=names)
        )
    return source


def may_open(studio: Studio, source: str, local: bool) -> bool:
    """Whether a visitor may name this source: any file only who sits in front of this machine."""
    known = source.startswith(HUB) or source in [sample.id for sample in studio.samples()]
    return local or known or is_upload(source)


def may_ask(studio: Studio, asked: Asked, local: bool) -> bool:
    """Whether a visitor may name all files of a table. The second is not even looked for unless the first is theirs."""
    if not may_open(studio, asked.source, local):
        return False
    return all(may_open(studio, origin.source, local) for origin in asked.origins)


def is_upload(source: str) -> bool:
    """Whether a source is a file that was given through the browser."""
    return Path(source).resolve().is_relative_to(home.uploads_dir().resolve())
