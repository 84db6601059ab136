"""What is done to a table on the way to a run: steps and settings that go into the draft, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from core.config import put
from core.data.steps import AnyStep
from core.data.types import Fix
from ui import forms, pieces, words
from ui.languages import told, tr
from ui.new_run.draft import Draft

MOST_UNDONE = 100
LISTED = 8
SPLIT, DATA, CHECKPOINT = "data.split.", "data.", "model.checkpoint"
FILE_STAYS = "Your file stays as it is. These changes are made anew each time it is read, also by the command line."


@dataclass(frozen=True)
class Past:
    """How a draft stood before something was done, and ``words`` for what that was."""

    words: str
    steps: tuple[Mapping[str, Any], ...]
    split: Mapping[str, Any]
    more_data: Mapping[str, Any]
    values: Mapping[str, Any]
    model: tuple[str, str | None, str]
    """The checkpoint, its revision and the task that it was chosen for."""


def added(draft: Draft, said: str, *steps: Mapping[str, Any]) -> Draft:
    """The draft with these steps after the others; ``said``: what they do, in words."""
    return _remembering(draft, said).with_step(*steps)


def fixed(draft: Draft, fix: Fix) -> Draft:
    """The draft with a finding's fix: its steps after the others, its settings as if a person had chosen them."""
    changed = added(draft, told(fix.words), *fix.steps)
    split, more, values = dict(draft.split), {"data": dict(draft.more_data)}, dict(draft.values)
    for path, value in fix.settings.items():
        if path.startswith(SPLIT):
            split[path.removeprefix(SPLIT)] = value
        elif path.startswith(DATA):
            put(more, path, value)
        else:
            values[path] = value
    if isinstance(checkpoint := values.pop(CHECKPOINT, None), str):
        changed = changed.with_checkpoint(checkpoint)
    return replace(changed, split=split, more_data=more["data"], values=values, run_id="")


def is_taken(draft: Draft, fix: Fix) -> bool:
    """Whether a fix that is only settings was chosen already."""
    return (
        bool(fix.settings) and not fix.steps and all(chosen(draft, path) == fix.settings[path] for path in fix.settings)
    )


def chosen(draft: Draft, path: str) -> Any:
    """What a draft says of a setting; None where it says nothing."""
    if path.startswith(SPLIT):
        return draft.split.get(path.removeprefix(SPLIT))
    if path.startswith(DATA):
        found: Any = draft.more_data
        for part in path.removeprefix(DATA).split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        return found
    return draft.checkpoint if path == CHECKPOINT else draft.values.get(path)


def without(draft: Draft, place: int) -> Draft:
    """The draft without the step at a place."""
    if not 0 <= place < len(draft.steps):
        return draft
    return _remembering(draft, tr("Taken back: {steps}", steps=step_words(draft.steps[place]))).without_step(place)


def without_all(draft: Draft) -> Draft:
    """The draft without any step."""
    return (
        replace(_remembering(draft, tr("All changes were taken back")), steps=(), run_id="") if draft.steps else draft
    )


def undone(draft: Draft) -> Draft:
    """The draft as it stood before the last thing that was done."""
    if not draft.past:
        return draft
    last: Past = draft.past[-1]
    checkpoint, revision, chosen_for = last.model
    return replace(
        draft,
        steps=last.steps,
        split=last.split,
        more_data=last.more_data,
        values=dict(last.values),
        checkpoint=checkpoint,
        revision=revision,
        chosen_for=chosen_for,
        past=draft.past[:-1],
        run_id="",
    )


def _remembering(draft: Draft, said: str) -> Draft:
    model = (draft.checkpoint, draft.revision, draft.chosen_for)
    now = Past(said, draft.steps, draft.split, draft.more_data, draft.values, model)
    return replace(draft, past=(*draft.past, now)[-MOST_UNDONE:])


@cache
def _steps() -> TypeAdapter[Any]:
    return TypeAdapter(AnyStep)


def step_words(step: Mapping[str, Any]) -> str:
    """A step in words, as ``Takes out 12 rows``."""
    return told(_steps().validate_python(dict(step)).words)


def fix_words(draft: Draft, fix: Fix) -> str:
    """Where what a fix has put is found later, in words; empty where it is a change of the table."""
    labels = {row.path: tr(row.setting.label) for row in forms.rows_of(draft.task)}
    named = [f"“{labels[path]}”" for path in fix.settings if path in labels]
    return tr("It stands under Settings now: {named}.", named=", ".join(named)) if named else ""


def listed(draft: Draft) -> str:
    """The changes in their order, each with the way back, as HTML; empty while there are none."""
    if not draft.steps:
        return ""
    lines = [_line(place, step_words(step)) for place, step in enumerate(draft.steps)]
    early, last = lines[:-LISTED], lines[-LISTED:]
    folded = (
        f'<details class="nr-more" data-key="early"><summary>{words.plural(len(early), "earlier change")}</summary>'
        f'<ol class="nr-changes">{"".join(early)}</ol></details>'
    )
    every = (
        pieces.act(tr("Take back all"), "all", ask=tr("Take back all changes?"), css="ts-plain")
        if len(lines) > 1
        else ""
    )
    return pieces.card(
        tr("Changes to the table"),
        pieces.tag("p", tr(FILE_STAYS), "nr-note")
        + (folded if early else "")
        + f'<ol class="nr-changes" start="{len(early) + 1}">{"".join(last)}</ol>{every}',
    )


def _line(place: int, said: str) -> str:
    button = pieces.act(
        tr("Take back"), "back", css="ts-plain", spoken=tr("Take back: {said}", said=said), place=str(place)
    )
    return f"<li><div>{pieces.prose(said)}{button}</div></li>"
