"""How a file was read, in a small form: what was detected, and the way to have it read otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.components import Component

from core.data.types import Preview
from core.data_config import ReadingConfig
from core.schema import Row, rows
from ui.languages import tr
from ui.new_run.asked import SAMPLE, Asked
from ui.new_run.frame import Answers

FIELDS = tuple(rows(ReadingConfig))
DETECTED = ""
"""The value of a field that is left to the file's content."""
ENCODINGS = ("utf-8", "cp1252", "cp1250", "cp1251", "iso8859-15", "utf-16", "gb18030", "big5", "cp932", "euc_kr")
YES, NO = "yes", "no"
QUESTION = "Not right? Change how the file is read"


@dataclass(frozen=True)
class ReadingView:
    """A dropdown for each setting of ``ReadingConfig``, those that matter in sight, and the way back."""

    box: gr.Accordion
    fields: dict[str, gr.Dropdown]
    reset: gr.Button

    @property
    def inputs(self) -> set[Component]:
        return set(self.fields.values())

    @property
    def outputs(self) -> list[Any]:
        return [self.box, *self.fields.values(), self.reset]


def layout() -> ReadingView:
    """Draw the form, out of sight."""
    with gr.Accordion(QUESTION, open=False, visible=False, elem_id="data-reading", elem_classes="nr-reading") as box:
        with gr.Row(elem_classes="nr-form"):
            fields = {row.name: _field(row) for row in FIELDS}
        reset = gr.Button("All as found", size="sm", elem_id="reading-reset", elem_classes="nr-small")
    return ReadingView(box, fields, reset)


def _field(row: Row) -> gr.Dropdown:
    return gr.Dropdown(
        [(tr("as found"), DETECTED)],
        value=DETECTED,
        label=row.setting.label,
        info=row.setting.help,
        allow_custom_value=row.type is str and not row.choices,
        elem_id=f"reading-{row.name}",
    )


def shown(view: ReadingView, asked: Asked | None, preview: Preview | None) -> Answers:
    """The form for a file: what it was read as, what was chosen. Samples and tables of the Hub need none.

    ``preview`` is None where the file could not be read, which may be for what stands in this form.
    """
    chosen = dict((asked.more.get("reading") or {}) if asked else {})
    of_file = asked is not None and not asked.is_on_hub and not asked.source.startswith(SAMPLE)
    seen = {row.name for row in FIELDS if of_file and (row.name in chosen or _matters(row, preview))}
    updates: Answers = {view.box: gr.update(visible=bool(seen)), view.reset: gr.update(visible=bool(chosen))}
    for row in FIELDS:
        value = _shown(chosen.get(row.name))
        choices = [(_detected(row, None if row.name in chosen else preview), DETECTED), *_choices(row, preview)]
        if value not in [one for _, one in choices]:
            choices.append((value, value))
        updates[view.fields[row.name]] = gr.update(choices=choices, value=value, visible=row.name in seen)
    return updates


def read(view: ReadingView, answers: Answers) -> dict[str, Any]:
    """What stands in the form, as ``data.reading`` of a config has it; fields as detected are left out."""
    said = {name: (answers[field] or "").strip() for name, field in view.fields.items()}
    return {row.name: _meant(row, said[row.name]) for row in FIELDS if said[row.name] != DETECTED}


def _meant(row: Row, said: str) -> Any:
    return said == YES if row.type is bool else said


def _shown(value: Any) -> str:
    if value is None:
        return DETECTED
    return (YES if value else NO) if isinstance(value, bool) else str(value)


def _choices(row: Row, preview: Preview | None) -> list[tuple[str, str]]:
    if row.type is bool:
        return [(YES, YES), (NO, NO)]
    if row.choices:
        return [(words, str(value)) for words, value in row.choices]
    offered: Mapping[str, tuple[str, ...]] = {"encoding": ENCODINGS, "sheet": preview.sheets if preview else ()}
    return [(name, name) for name in offered.get(row.name, ())]


def _matters(row: Row, preview: Preview | None) -> bool:
    """Whether the setting says anything of such a file. Of one that could not be read, only what there is to choose."""
    return bool(_choices(row, None)) if preview is None else _was(row, preview) is not None


def _detected(row: Row, preview: Preview | None) -> str:
    was = _was(row, preview) if preview else None
    return tr("as found") if was is None else tr("as found ({was})", was=_shown(was))


def _was(row: Row, preview: Preview) -> Any:
    """What the file was read with; None where it has no such thing."""
    return getattr(preview.read_as, row.name, None)
