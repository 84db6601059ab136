"""What a comparison of runs is made of, as plain records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.comparing import Apart
from core.evaluation.types import Style

Clearly = Literal["better", "worse", ""]
"""What can be said of a run beside the first one; nothing where chance may have made the difference."""


@dataclass(frozen=True)
class Compared:
    """One metric of two models on the same rows. ``difference`` is ``other - first``, from ``low`` to ``high``."""

    metric: str
    label: str
    help: str
    style: Style
    first: float
    other: float
    difference: float
    low: float | None
    high: float | None
    p_value: float
    """How likely so large a difference would be if the two were equally good: see ``way``."""
    clearly: Clearly
    way: Literal["mcnemar", "swapped"]
    """Where the p value is from: the rows that only one of them got right, or answers that change sides by chance."""
    greater_is_better: bool = True


@dataclass(frozen=True)
class Side:
    """One run of a comparison."""

    id: str
    name: str
    task: str
    checkpoint: str
    state: str
    judged: bool
    """It has a report."""
    rows: int | None
    """Rows it was judged on, whose answers were kept; None where none were."""


@dataclass(frozen=True)
class Sameness:
    """Whether the runs were judged on the same rows.

    ``same``: on exactly the same. ``shared``: nearly all rows of the smallest part are there in all, and those count.
    ``judged``: on rows that were judged afterwards for this comparison. ``other``: no, and ``reasons`` say why.
    ``none``: something is missing for it, which ``reasons`` say.
    """

    kind: Literal["same", "shared", "judged", "other", "none"]
    rows: int = 0
    """Rows that all of them have answered and that count here."""
    mended: int = 0
    """Of the rows in common, those whose right answer was changed in between."""
    left_out: int = 0
    """Of those, the ones that do not count because their answers cannot be judged anew."""
    reasons: tuple[str, ...] = ()
    can_judge: bool = False
    """The models can be asked about each other's rows."""


@dataclass(frozen=True)
class Mark:
    """A metric as the runs' own reports have it: a value a run, in their order."""

    metric: str
    label: str
    help: str
    style: Style
    greater_is_better: bool
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class Against:
    """What the same rows say of one run beside the first: its metrics, most telling first, and a sentence or two.

    The p values of several runs are corrected for their number: see ``core.versus.verdicts``.
    """

    run: str
    marks: tuple[Compared, ...]
    clearly: Clearly
    words: str
    better: int
    """Rows that it answers better than the first run, or ``worse``."""
    worse: int


@dataclass(frozen=True)
class Versus:
    """Several runs beside each other; the first is what the others are measured against."""

    runs: tuple[Side, ...]
    same: Sameness
    verdict: str
    against: tuple[Against, ...]
    marks: tuple[Mark, ...]
    settings: tuple[Apart, ...]


@dataclass(frozen=True)
class Changed:
    """A row that two runs answer unequally well. ``texts`` are what was asked, by the words of the roles."""

    row: int
    texts: dict[str, str]
    truth: str
    first: str
    other: str
    error_first: float
    error_other: float


@dataclass(frozen=True)
class ChangedPage:
    """Some of the rows, and how many there are in all."""

    total: int
    rows: tuple[Changed, ...]


@dataclass(frozen=True)
class Curve:
    """A line that a run drew while it learned. ``points``: [step, value, epoch, seconds at work, examples, tokens]."""

    name: str
    label: str
    style: Style
    greater_is_better: bool
    points: tuple[tuple[float | None, ...], ...]
