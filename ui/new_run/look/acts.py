"""What the buttons of the step do to a draft, each by its name."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import gradio as gr

from core.errors import DataError
from core.studio import Studio
from ui.languages import tr
from ui.new_run import check
from ui.new_run.draft import Draft
from ui.new_run.look import changes, classes, findings, rows
from ui.new_run.look.seen import Seen, facts
from ui.page import sent

Done = tuple[Draft, str]
"""The draft after something was done, and words about it beyond those that it remembers itself."""


def fix(studio: Studio, draft: Draft, seen: Seen, event: gr.EventData) -> Done:
    """A finding's fix was chosen. One that is not there any more, as after a second click, does nothing."""
    one = findings.find(seen.findings, sent(event, "finding")) if seen.of == facts(draft) else None
    place = number(event, "fix")
    if one is None or not 0 <= place < len(one.fixes):
        return draft, ""
    chosen = one.fixes[place]
    return changes.fixed(draft, chosen), changes.fix_words(draft, chosen)


def back(studio: Studio, draft: Draft, seen: Seen, event: gr.EventData) -> Done:
    return changes.without(draft, number(event, "place")), ""


def rename(studio: Studio, draft: Draft, seen: Seen, event: gr.EventData) -> Done:
    """One class, or all that are ticked, get a new name."""
    old = json.loads(sent(event, "ticked") or "[]") or [sent(event, "label")]
    new = sent(event, "to").strip()
    if not new:
        raise DataError(tr("The new name is empty."), tr("Type how the class is to be called."))
    kinds = studio.class_rows(check.config_of(draft))
    return classes.renamed(draft, kinds, [str(name) for name in old], new), ""


def drop(studio: Studio, draft: Draft, seen: Seen, event: gr.EventData) -> Done:
    return classes.dropped(draft, studio.class_rows(check.config_of(draft)), sent(event, "label")), ""


def save(studio: Studio, draft: Draft, seen: Seen, event: gr.EventData) -> Done:
    """What was edited of a row is written."""
    row = studio.row(check.config_of(draft), *row_of(event))
    return (rows.edited(draft, row, json.loads(sent(event, "cells") or "{}")) if row else draft), ""


def out(studio: Studio, draft: Draft, seen: Seen, event: gr.EventData) -> Done:
    row = studio.row(check.config_of(draft), *row_of(event))
    return (rows.taken_out(draft, row) if row else draft), ""


CHANGES: dict[str, Callable[[Studio, Draft, Seen, gr.EventData], Done]] = {
    "fix": fix,
    "back": back,
    "all": lambda studio, draft, seen, event: (changes.without_all(draft), ""),
    "undo": lambda studio, draft, seen, event: (changes.undone(draft), ""),
    "rename": rename,
    "merge": rename,
    "drop": drop,
    "save": save,
    "out": out,
}
"""What a button may do to the draft, by its name."""


def number(event: gr.EventData, name: str) -> int:
    """A whole number that the script sent along; -1 when it did not."""
    text = sent(event, name)
    return int(text) if text.isdecimal() and len(text) < 12 else -1


def row_of(event: gr.EventData) -> tuple[Any, int]:
    """The file and the number of the row that is meant."""
    file = sent(event, "file")
    return file if file in rows.FILES else "source", number(event, "number")
