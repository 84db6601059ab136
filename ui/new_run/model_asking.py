"""Asking the Hub about the chosen model while the page watches: what is known at once, then its facts."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from core.errors import explain
from core.hub.types import ModelFacts
from core.studio import Studio
from ui import pieces
from ui.languages import tr, tr_html
from ui.new_run import model_words
from ui.new_run.draft import Draft
from ui.new_run.working import Stopped, Work

PATIENCE = 30.0
"""Seconds after which nobody is kept waiting any longer."""
ASKING = '<p class="nr-loading" role="status">Asking the Hub what this model is. Nothing of it is downloaded yet.</p>'
STILL_ASKING = "The Hub is being asked what this model is. Wait a moment, or choose another one."
TOO_SLOW = "The Hub has not said in time what this model is."
GO_ON = "You can go on with it all the same: the run downloads it, and says what is wrong if it cannot."
STRANGERS = "Private models of this machine's account can only be used by somebody who sits in front of it."
CHOOSE_FIRST = "Choose a model that can be read first."
_FINAL = ("RepositoryNotFoundError", "RevisionNotFoundError", "HFValidationError", "GatedRepoError")
"""What the Hub says of models that no run can have as things stand."""

Hold = Callable[[Work[Any]], AbstractContextManager[Work[Any]]]


@dataclass(frozen=True)
class Looked:
    """What was said of a model of the Hub. ``is_over`` is False while the Hub is still asked."""

    checkpoint: str
    of: str
    """On what that rests: ``facts_of`` the draft."""
    html: str
    why_not: str = ""
    """Why no run can start from it, or not yet; empty when one can."""
    may_ask_again: bool = False
    is_over: bool = True

    def is_of(self, draft: Draft) -> bool:
        """Whether it holds for what this draft wants to start from, and for its table."""
        return self.of == facts_of(draft)


def facts_of(draft: Draft) -> str:
    """All of a draft on which depends what is said of its model."""
    plain = draft.plain({})
    return json.dumps([plain["task"], plain["model"], plain["data"]], default=str)


def ask(
    studio: Studio,
    draft: Draft,
    before: str,
    meanwhile: bool,
    may_see: Callable[[ModelFacts], bool],
    hold: Hold = nullcontext,
) -> Iterator[Looked]:
    """Ask about a draft's model. ``before``: HTML of what is known of it without the Hub; ``meanwhile``: it is worth
    showing while the Hub is asked, too.

    Within ``hold`` the asking may be given up. One that was given up because another model was chosen says nothing
    any more.
    """
    name, revision = draft.checkpoint, draft.revision or ""
    of = (name, facts_of(draft))
    yield Looked(*of, f"{before if meanwhile else ''}{tr_html(ASKING)}", tr(STILL_ASKING), is_over=False)
    work: Work[ModelFacts] = Work(lambda progress: studio.model_facts(name, revision or None, draft.plain()))
    try:
        with hold(work):
            deadline = time.monotonic() + PATIENCE
            for _ in work.ticks():
                if time.monotonic() > deadline:
                    yield Looked(*of, model_words.closed(tr(TOO_SLOW), tr(GO_ON)) + before, may_ask_again=True)
                    return
            facts = work.result
    except Stopped:
        return
    except Exception as exc:
        yield _failed(of, exc, before)
        return
    if not may_see(facts):
        yield Looked(*of, pieces.message(tr(STRANGERS)), tr(CHOOSE_FIRST))
        return
    yield Looked(*of, model_words.card(facts), model_words.why_not(facts), bool(facts.access_help))


def _failed(of: tuple[str, str], exc: Exception, before: str) -> Looked:
    """It cannot be told what the model is: only where no run can have it, that holds the walk."""
    error = explain(exc)
    if error.cause.startswith(_FINAL):
        return Looked(*of, model_words.closed(error.title, error.advice), tr(CHOOSE_FIRST), may_ask_again=True)
    return Looked(*of, model_words.closed(error.title, error.advice, tr(GO_ON)) + before, may_ask_again=True)
