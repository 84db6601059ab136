"""What the step has seen so far, and the closer look that goes on in the background and adds to it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import gradio as gr

from core.data.browse import Wanted
from core.data.types import Finding
from core.errors import StudioError
from core.models.checkpoints import readable_length
from core.studio import Studio
from ui.languages import tr
from ui.new_run import check, model
from ui.new_run.draft import Draft
from ui.new_run.frame import Answers
from ui.new_run.look import findings, lengths

if TYPE_CHECKING:
    from ui.new_run.look.step import CheckView

ANYTHING = Wanted()


@dataclass(frozen=True)
class Seen:
    """What stands on the step. ``of`` names the data that the ``findings`` belong to (see ``facts``)."""

    is_open: bool = False
    of: str = ""
    findings: tuple[Finding, ...] = ()
    wanted: Wanted = ANYTHING
    only: str = ""
    """Which finding's rows are shown, as HTML."""
    start: int = 0
    row: tuple[Any, int] | None = None
    """The row that is open: its file and its number."""
    focus: tuple[Any, int] | None = None
    """The row that the keyboard comes back to."""


def part_choices() -> list[tuple[str, str]]:
    """The parts that rows go to, to choose from."""
    return [(tr("All"), ""), *((title, name) for name, title in findings.PARTS)]


def facts(draft: Draft) -> str:
    """A name for the data that a draft learns from: another one as soon as anything of it changes."""
    plain = draft.plain(draft.options)
    said = json.dumps([plain["task"], plain["data"], plain.get("options")], sort_keys=True, default=str)
    return hashlib.blake2b(said.encode(), digest_size=12).hexdigest()


def watch(studio: Studio, view: CheckView, draft: Draft, seen: Seen) -> Iterator[Answers]:
    """The lengths of the texts, then what each check finds, as it comes. Closing this ends the check."""
    if not seen.is_open or seen.of != facts(draft):
        return
    try:
        config = check.config_of(draft)
        if studio.checkup(config).parts is None:
            return
        yield {view.lengths: measured(studio, draft)}
        before = None
        for news in studio.check(config):
            if news.findings:
                seen = replace(seen, findings=(*seen.findings, *news.findings))
            if (news.done, news.total, news.title, len(news.findings)) == before:
                yield {view.progress: gr.skip()}
                continue
            before = (news.done, news.total, news.title, 0)
            through = bool(news.total) and news.done == news.total
            updates: Answers = {view.progress: findings.progress(news, len(seen.findings))}
            if news.findings or through:
                updates |= {view.found: findings.listed(draft, seen.findings, through), view.seen: seen}
            yield updates
    except StudioError as exc:
        yield {view.progress: findings.broken(exc.title, exc.advice)}


def measured(studio: Studio, draft: Draft) -> str:
    """How long the texts are for the model that would be taken, against what it would read."""
    try:
        config, _ = studio.complete(model.settle(studio, draft).plain())
        limit = readable_length(studio.describe(config.model.checkpoint), config.training.max_length)
        return lengths.drawn(studio.token_lengths(config), limit, studio.parts(config).train.num_rows)
    except StudioError as exc:
        return lengths.failed(exc.title, exc.advice)
