"""A short list of checkpoints for a task, the language of the texts and the number of rows, each with its reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core import machine
from core.data.check.language_names import NAMES, called
from core.hub.types import Recommendation
from core.models.checkpoints import describe
from core.models.doubts import NEVER_TOO_LARGE, NUMBERS_FOR_A_ROW
from core.models.known import KNOWN
from core.models.memory import body_parameters
from core.models.types import Checkpoint
from core.said import in_a_row, said
from core.tasks import TASKS
from core.tasks.base import Task

MOST = 4
FEW_ROWS = 300
"""So few settle no large model, with a GPU or without."""
_HEAVIEST_WITHOUT_GPU = 250_000_000
"""Numbers that work on every token: beyond, a step takes many seconds on a CPU."""
_PACES = (
    (25_000_000, said("small and quick to train")),
    (60_000_000, said("a little larger and still quick to train")),
    (130_000_000, said("of middle size, usually better than smaller ones and slower")),
    (10**15, said("large, best with a GPU")),
)
"""By the numbers that work on every token."""
_NAMES_HIDDEN_WORDS = "AutoModelForMaskedLM"


@dataclass(frozen=True)
class _Candidate:
    checkpoint: Checkpoint
    is_offered: bool
    """Among the task's own starters."""
    reads_it: bool
    """The language that is asked for."""
    names_words: bool

    @property
    def here(self) -> bool:
        return not self.checkpoint.needs_network and not self.checkpoint.install

    @property
    def pace(self) -> int:
        work = body_parameters(self.checkpoint)
        return next(place for place, (limit, _) in enumerate(_PACES) if work <= limit)

    @property
    def reads_many(self) -> bool:
        return self.checkpoint.languages[0] not in NAMES.values()


def recommended(task: str, language: str = "", rows: int | None = None) -> list[Recommendation]:
    """At most four, the best first choice first. ``language`` is a code such as ``zh``; empty where it is not known.

    English: those that need no network first. Other languages: those that have read them. Few rows, or no GPU: the
    quickest first, else the strongest. One of each size, as far as there is one.
    """
    wanted, strongest_first = TASKS[task], machine.has_gpu() and (rows or 0) >= FEW_ROWS
    candidates = list(_candidates(wanted, language or "en"))
    suited = [one for one in candidates if one.reads_it] or [one for one in candidates if one.reads_many]
    found = _bearable(suited, rows)

    def order(one: _Candidate) -> tuple[bool, bool, bool, int, bool]:
        pace = -one.pace if strongest_first else one.pace
        return (not one.here, not one.names_words, language in ("", "en") and one.reads_many, pace, not one.is_offered)

    ordered = sorted(found, key=order)
    by_size: dict[tuple[int, bool], _Candidate] = {}
    for one in ordered:
        by_size.setdefault((one.pace, one.here), one)
    first_of_size = list(by_size.values())
    others = [one for one in ordered if one not in first_of_size]
    chosen = sorted([*first_of_size, *others][:MOST], key=order)
    return [
        Recommendation(one.checkpoint.id, one.checkpoint.title, _reason(one, language, rows, place == 0), not one.here)
        for place, one in enumerate(chosen)
    ]


def _candidates(task: Task, language: str) -> Iterator[_Candidate]:
    """All that is known of the task's family; the starters that need no network stand for the same on the Hub."""
    words = task.auto_class == _NAMES_HIDDEN_WORDS
    shipped = [found for found in map(describe, task.starters) if found.hub_id]
    for found in shipped:
        yield _Candidate(found, True, NAMES.get(language) in found.languages, not words)
    same = {found.hub_id for found in shipped}
    for one in KNOWN:
        if one.checkpoint.family == task.family and not one.special and one.checkpoint.id not in same:
            offered = one.checkpoint.id in task.starters
            yield _Candidate(describe(one.checkpoint.id), offered, language in one.reads, not words or one.names_words)


def _bearable(found: Sequence[_Candidate], rows: int | None) -> list[_Candidate]:
    """Without those that are too large for the machine or for so few rows, unless nothing else is left."""
    too_large = max(NEVER_TOO_LARGE, NUMBERS_FOR_A_ROW * rows) if rows else 10**15
    heaviest = 10**15 if machine.has_gpu() else _HEAVIEST_WITHOUT_GPU
    light = [
        one for one in found
        if (one.checkpoint.parameters or 0) <= too_large and body_parameters(one.checkpoint) <= heaviest
    ]  # fmt: skip
    return light or list(found)


def _reason(one: _Candidate, language: str, rows: int | None, is_first: bool) -> str:
    about = said("{about}, {more}", about=_about_language(one, language), more=_PACES[one.pace][1])
    if one.here:
        about = said("{about}, {more}", about=about, more=said("needs no network"))
    if not one.names_words:
        return said("{about}; but it must first learn to name words at all.", about=about)
    if not is_first:
        return said("{about}.", about=about)
    if one.pace == len(_PACES) - 1 and not machine.has_gpu():
        return said("{about}: the quickest that is known for this, and still slow on this machine.", about=about)
    if rows and machine.has_gpu():
        return said("{about}: a good first choice for {rows} examples.", about=about, rows=rows)
    if rows:
        return said(
            "{about}: a good first choice for {rows} examples on a machine without a GPU.", about=about, rows=rows
        )
    if machine.has_gpu():
        return said("{about}: a good first choice.", about=about)
    return said("{about}: a good first choice on a machine without a GPU.", about=about)


def _about_language(one: _Candidate, language: str) -> str:
    known = one.checkpoint.languages
    if not one.reads_many or language not in NAMES:
        return said("For {languages}", languages=in_a_row(*known))
    return said(
        "For {languages}, {yours} among them" if one.reads_it else "For {languages}, {yours} not surely among them",
        languages=known[0],
        yours=called(language),
    )
