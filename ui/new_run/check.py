"""What can be said of a draft at once: how many rows go where, what the classes are, and what stands in the way."""

from __future__ import annotations

from dataclasses import dataclass

from core.config import STARTER, RunConfig, validate
from core.data.columns import several
from core.errors import ConfigError, StudioError
from core.studio import Checkup, Studio
from core.tasks import TASKS
from core.tasks.base import Task
from ui import pieces, words
from ui.languages import told, tr
from ui.new_run.draft import Draft

CLOSER = "The rows themselves are looked at in the next step."
BLOCKED = "The data check found something that must be fixed first; it is marked in red."
BAD_SEED = "The seed of the split must be a whole number from 0 to 4,294,967,295."
SEED, SPLIT = "data.split.seed", "data.split"
ONE = {"label": "class", "labels": "label", "number": "range", "other": "kind"}
MANY = {"label": "classes", "labels": "labels", "number": "ranges", "other": "kinds"}
TITLES = {"label": "Classes", "labels": "Labels", "number": "Ranges", "other": "Kinds"}
"""What there is to learn, by the kind of the answer."""
RANGES = "How many rows lie in each range of the numbers."
BAD_SPLIT = "Correct how the rows are shared out first."
BARS_SHOWN = 6


@dataclass(frozen=True)
class Examined:
    """The data check and the classes as HTML, and why the walk cannot go on (empty when it can)."""

    check: str
    classes: str = ""
    why_not: str = ""


def config_of(draft: Draft) -> RunConfig:
    """The draft as a config that says all of the data. Raises ``ConfigError``."""
    # The model is another step's matter: whatever stands there must not be held against the columns.
    return validate(draft.with_checkpoint(STARTER).plain(draft.options))


def examine(studio: Studio, draft: Draft) -> Examined:
    """Check the data as the draft has it; whatever is wrong is explained, never raised.

    What can be put right by the next step, because changes are taken back or fixes offered there, holds nobody up here.
    """
    if why_not := draft.why_not_columns():
        return Examined(pieces.message(why_not, css="nr-warning"), why_not=why_not)
    try:
        checkup = studio.checkup(config_of(draft))
    except ConfigError as exc:
        title = complaint(exc)
        return Examined(pieces.message(title), why_not=tr(BAD_SPLIT) if exc.field.startswith(SPLIT) else title)
    except StudioError as exc:
        return Examined(pieces.message(exc.title, exc.advice), why_not="" if draft.steps else exc.title)
    mendable = draft.steps or any(found.fixes for found in checkup.findings if found.severity == "error")
    return Examined(describe(checkup), classes(draft, checkup), tr(BLOCKED) if checkup.blocks and not mendable else "")


def complaint(exc: ConfigError) -> str:
    """What is wrong with the columns or the split, without the name of the field in the config."""
    if exc.field == SEED:
        return tr(BAD_SEED)
    title = told(exc.title).removeprefix(f"{exc.field}: ")
    return title[:1].upper() + title[1:]


def describe(checkup: Checkup) -> str:
    """How many examples go where, and what stands in the way, as HTML."""
    errors = [found for found in checkup.findings if found.severity == "error"]
    return pieces.card(
        tr("Data check"), _parts(checkup) + (pieces.findings(errors) or pieces.tag("p", tr(CLOSER), "nr-note"))
    )


def _parts(checkup: Checkup) -> str:
    if checkup.parts is None:
        return ""
    found = checkup.parts
    return pieces.facts(
        [
            (tr("To learn from"), words.count(found.train)),
            (tr("To check while learning"), words.count(found.validation)),
            (tr("For the final mark"), words.count(found.test)),
            (tr("Cannot be used"), words.count(found.unusable) if found.unusable else ""),
        ]
    )


def classes(draft: Draft, checkup: Checkup) -> str:
    """What there is to learn, as bars: classes by their number, ranges of numbers in their order; else empty."""
    if not checkup.labels:
        return ""
    task = TASKS[draft.task]
    rows, counted = used_rows(checkup), sum(count for _, count in checkup.labels) or 1
    # Where a row has several labels their shares are shares of the rows, and add up to more than all.
    total = (rows or counted) if task.output == "labels" else counted
    most = max(count for _, count in checkup.labels) or 1
    in_order = list(checkup.labels) if task.output == "number" else sorted(checkup.labels, key=lambda pair: -pair[1])
    items = [(name, count / most, f"{words.count(count)} · {share(count / total)}") for name, count in in_order]
    summary = tr(RANGES) if task.output == "number" else in_number(task, len(in_order), rows)
    shown = pieces.BARS_SHOWN if task.output == "number" else BARS_SHOWN
    return pieces.card(
        title_of_classes(task, draft),
        pieces.tag("p", summary, "nr-note") + pieces.bars(items, tr("Rows of each"), shown),
    )


def kind_of(task: Task) -> str:
    """What there is to learn, as a key of the words for it."""
    return task.output if task.output in MANY else "other"


def how_many(task: Task, number: int) -> str:
    """``6 classes``"""
    kind = kind_of(task)
    return words.plural(number, ONE[kind], MANY[kind])


def in_number(task: Task, number: int, rows: int = 0) -> str:
    """``6 classes in 5,381 rows.``, as a sentence."""
    kinds = how_many(task, number)
    if not rows:
        return tr("{kinds}.", kinds=kinds)
    return tr("{kinds} in {rows}.", kinds=kinds, rows=words.plural(rows, "row"))


def title_of_classes(task: Task, draft: Draft) -> str:
    """The heading above classes: the column's name where it is one."""
    answers = [name for role in task.roles if not role.is_input for name in several(draft.columns.get(role.name))]
    return tr("What “{answers}” holds", answers=answers[0]) if len(answers) == 1 else tr(TITLES[kind_of(task)])


def used_rows(checkup: Checkup) -> int:
    """How many rows go to any of the parts."""
    parts = checkup.parts
    return parts.train + parts.validation + parts.test if parts else 0


def share(part: float) -> str:
    """A share of the rows: ``22 %``; one that would round to nothing is ``below 1 %``."""
    return tr("below 1 %") if part < 0.005 else words.percent(round(part, 2))
