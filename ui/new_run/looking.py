"""A look at a table that is asked for: its first rows at once, then how far the reading is, then all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

from core.config import SplitConfig
from core.data.columns import several
from core.data.guess_split import guess_split
from core.data.hub.choosing import origin_in, parts_by_name, secret_splits
from core.data.origins import Origin
from core.data.types import Finding, Guess, Preview, Progress
from core.errors import StudioError, explain
from core.studio import Studio
from core.tasks import TASKS
from ui import pieces
from ui.languages import tr, tr_html
from ui.new_run import found
from ui.new_run.asked import Asked, of_files
from ui.new_run.draft import Draft
from ui.new_run.working import Stopped, Work

STREAMED_ROWS = 200
"""So many rows of a stream say what its columns hold."""
FETCHING = 0.9
"""The share of the progress that fetching takes; the rest is looking at what came."""
STOPPED = '<p class="nr-note" role="status">It was stopped. Choose it again whenever you want to.</p>'

Hold = Callable[[Work[Any]], AbstractContextManager[Work[Any]]]


@dataclass(frozen=True)
class Look:
    """What a page shows of a table: HTML of what is known and, while it is read, of how far that is.

    In the last look ``is_over``, and ``draft`` has the table, or none where it could not be read. ``asked`` is what was
    asked for, then with its splits.
    """

    draft: Draft
    asked: Asked
    found: str = ""
    working: str = ""
    preview: Preview | None = None
    is_over: bool = False


def look(studio: Studio, draft: Draft, asked: Asked, hold: Hold = nullcontext) -> Iterator[Look]:
    """Read a table while the page watches; what goes wrong is explained where the table would stand.

    Within ``hold`` the reading may be stopped. One that was stopped because another began says nothing any more.
    """
    work = Work(lambda progress: _read(studio, asked, progress))
    seen = Look(draft, asked)
    try:
        with hold(work):
            for number, tick in enumerate(work.ticks()):
                if number == 0:
                    seen = replace(seen, found=_first_sight(studio, asked))
                yield replace(seen, working=found.progress(tick))
        whole, preview = work.result
        taken = with_table(studio, draft, whole, preview)
        yield Look(taken, whole, found.summary(preview), preview=preview, is_over=True)
    except Stopped:
        if not work.is_forgotten:
            yield Look(_without_table(draft), asked, tr_html(STOPPED), is_over=True)
    except Exception as exc:
        error = explain(exc)
        yield Look(_without_table(draft), asked, pieces.message(error.title, error.advice), is_over=True)


def take(studio: Studio, draft: Draft, sources: Sequence[str]) -> tuple[Draft, str]:
    """Look at the table in these files to the end: the draft that has it, and what was found as HTML."""
    try:
        *_, last = look(studio, draft, of_files(sources))
    except StudioError as exc:
        return _without_table(draft), pieces.message(exc.title, exc.advice)
    return last.draft, found.describe(last.preview) if last.preview else last.found


def with_table(studio: Studio, draft: Draft, asked: Asked, preview: Preview) -> Draft:
    """The draft with a table that was looked at: as asked for, as the table itself says, or as guessed."""
    split = guess_split(preview)
    if asked.split:
        # Shares, where nothing was named: what a column names says nothing of files and splits of the Hub.
        shares = split if split.column is None else SplitConfig()
        split = SplitConfig.model_validate(shares.model_dump(include={"validation", "test"}) | dict(asked.split))
    return draft.with_data(preview, studio.guess(preview), split, asked.plain)


def _without_table(draft: Draft) -> Draft:
    return replace(draft, source="", title="")


def _first_sight(studio: Studio, asked: Asked) -> str:
    """The first rows of a file that takes a while; those of the Hub's tables were seen before."""
    if asked.is_on_hub:
        return found.on_its_way(asked.source)
    glance = studio.glance(asked.origin)
    return found.first_sight(glance) if glance else ""


def _read(studio: Studio, asked: Asked, progress: Progress) -> tuple[Asked, Preview]:
    if not asked.is_on_hub:
        return asked, studio.preview(asked.origin, progress)
    place = origin_in({"source": asked.source, **asked.more, "split": dict(asked.split)})
    named = asked.split or parts_by_name(place)
    asked = replace(asked, source=place.source, split={**named, "train": str(place.split)})
    if asked.is_streamed:
        progress(0.0, tr("Reading the first rows"))
        return asked, studio.hub_preview(asked.origin, STREAMED_ROWS)
    studio.hub_fetch(asked.origins, lambda done, words: progress(FETCHING * done, words))
    preview = studio.preview(asked.origin, lambda done, words: progress(FETCHING + (1 - FETCHING) * done, words))
    return _without_secrets(asked, place, preview, studio.guess(preview))


def _without_secrets(asked: Asked, place: Origin, preview: Preview, guesses: Sequence[Guess]) -> tuple[Asked, Preview]:
    """Without the splits that have no answers in the columns that would be learned, and with words for why."""
    others = {part: name for part, name in asked.split.items() if part != "train"}
    secrets = {one.split: one.column for one in secret_splits(place, list(others.values()), answers_of(guesses))}
    kept = {part: name for part, name in asked.split.items() if name not in secrets}
    told = [
        Finding(
            "secret-answers",
            "info",
            tr("The split `{split}` is not used: it has no answers in `{column}`.", split=split, column=column),
            tr("They are kept secret, as in competitions. Rows to learn from are kept aside in its place."),
        )
        for split, column in secrets.items()
    ]
    return replace(asked, split=kept), replace(preview, findings=(*preview.findings, *told))


def answers_of(guesses: Sequence[Guess]) -> list[str]:
    """The columns that the likeliest task would learn to answer."""
    if not guesses:
        return []
    best = guesses[0]
    roles = [role.name for role in TASKS[best.task].roles if not role.is_input]
    return [column for role in roles for column in several(best.columns.get(role) or ())]
