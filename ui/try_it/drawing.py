"""What a model has said so far, as HTML: for the place of one answer, or for a bubble of a conversation."""

from __future__ import annotations

import logging
from html import escape

from core.errors import StudioError, explain
from core.tasks.base import Kind
from ui import pieces, widgets
from ui.languages import tr_html
from ui.try_it.answering import Said

log = logging.getLogger(__name__)

EMPTY = '<p class="nr-note">The answer appears here.</p>'
LOADING = '<p class="nr-loading" role="status">Loading the model: the first answer takes a few seconds.</p>'
STOPPED = '<p class="nr-note">Stopped here.</p>'


def empty() -> str:
    """Where the answer will stand."""
    return tr_html(EMPTY)


def loading() -> str:
    """Until the first word is there."""
    return tr_html(LOADING)


def heading(title: str) -> str:
    """Who answers, where more than one does."""
    return f'<h3 class="try-title">{escape(title)}</h3>' if title else ""


def answer(kind: Kind, said: Said, waiting: str = "") -> str:
    """An answer, growing or whole, or what went wrong. One that grows is read aloud when it is whole."""
    if said.problem is not None:
        return explained(said.problem)
    stopped = tr_html(STOPPED) if said.was_stopped else ""
    if said.record is None:
        return stopped or waiting or loading()
    if said.is_over:
        return f'<div role="status">{widgets.show(kind)(said.record)}{stopped}</div>'
    begun = str(said.record.get("text", "")).strip()
    if not begun:
        return waiting or loading()
    return f'<div class="try-growing" aria-busy="true">{widgets.show(kind)(said.record)}</div>'


def explained(exc: Exception) -> str:
    """A failure as HTML, for the place where the answer would stand. One that nobody foresaw goes to the log too."""
    if not isinstance(exc, StudioError):
        log.error("The model could not be asked", exc_info=exc)
    error = explain(exc)
    return pieces.message(error.title, error.advice)


def problem(words: str) -> str:
    """What is missing before a question can be put."""
    return f'<p class="nr-problem" role="alert">{escape(words)}</p>'
