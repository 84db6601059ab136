"""What the data room says about a table: plain records, safe to show and to send."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from core.said import Said, packed, restored, said

if TYPE_CHECKING:
    from core.data_config import ReadingConfig

ColumnKind = Literal["text", "category", "number", "boolean", "list", "other"]
Severity = Literal["error", "warning", "info"]
Part = Literal["train", "validation", "test"]

Progress = Callable[[float, str], None]
"""Called with a fraction of 0 to 1 and words for what goes on."""


@dataclass(frozen=True)
class Sample:
    """A table that ships with the app."""

    id: str
    """As in a config's ``data.source``: ``sample/feedback``."""
    title: str
    summary: str


@dataclass(frozen=True)
class Column:
    """One column as found. ``distinct`` counts different non-missing values; lengths are in characters.

    ``fields`` says what lists and objects are made of: ``("string",)`` or ``("number",)`` for a list of these, the
    names of the keys, as ``("role", "content")``, for objects and lists of objects. ``examples`` show them as JSON.
    """

    name: str
    kind: ColumnKind
    missing: int
    distinct: int
    examples: tuple[str, ...]
    mean_length: float = 0.0
    max_length: int = 0
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fix:
    """What one click can do about a finding. ``words`` stand on the button: ``Take out the 12 copies``.

    ``steps`` are added to ``data.steps`` of the config, each in plain data; ``settings`` (path -> value, such as
    ``data.split.time`` or ``options.class_weights``) are put into the config.
    """

    words: str
    steps: tuple[Mapping[str, Any], ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """Something true of the table that a person should know before training.

    An error blocks the start; a warning explains. ``rows`` are row numbers as a person counts them (the first row under
    the header is 1), at most the first twenty; ``count`` is how many there are in all.
    """

    code: str
    severity: Severity
    title: str
    meaning: str
    fix: str = ""
    count: int = 0
    rows: tuple[int, ...] = ()
    role: str = ""
    fixes: tuple[Fix, ...] = ()

    @staticmethod
    def of(record: Mapping[str, Any]) -> Finding:
        """A finding from its JSON record, in which tuples are lists."""
        record = restored(dict(record))
        fixes = tuple(
            Fix(one["words"], tuple(one["steps"]), dict(one["settings"])) for one in record.get("fixes") or ()
        )
        return Finding(**{**record, "rows": tuple(record["rows"]), "fixes": fixes})

    def as_record(self) -> dict[str, Any]:
        """For JSON, with what its sentences were made of."""
        return packed(asdict(self))


def in_file(file: str, title: str) -> Said:
    """What a title says, with the file that it says it of."""
    return said("{file}: {title}", file=file, title=title)


@dataclass(frozen=True)
class News:
    """A word from the data check while it goes on: ``done`` of ``total`` checks, and what the last of them found."""

    done: int
    total: int
    title: str
    findings: tuple[Finding, ...] = ()

    @staticmethod
    def of(record: Mapping[str, Any]) -> News:
        """News from their JSON record."""
        record = restored(dict(record))
        return News(**{**record, "findings": tuple(Finding.of(finding) for finding in record["findings"])})

    def as_record(self) -> dict[str, Any]:
        """For JSON, with what the sentences were made of."""
        told = packed({"done": self.done, "total": self.total, "title": self.title})
        return {**told, "findings": [finding.as_record() for finding in self.findings]}


@dataclass(frozen=True)
class Account:
    """Where every row of the files went: ``read`` = ``used`` + all that were set ``aside``, each reason in words."""

    read: int
    used: int
    aside: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Preview:
    """A table at a glance: the first rows, its columns, and what was noticed while reading it."""

    source: str
    title: str
    """The file's own name, or the sample's title."""
    format: str
    rows: int
    bytes: int
    columns: tuple[Column, ...]
    head: tuple[dict[str, str], ...]
    """The first rows as text, cells cut to a readable length."""
    findings: tuple[Finding, ...] = ()
    reading: dict[str, str] = field(default_factory=dict)
    """How the file was read, in words: encoding, delimiter and so on, where its kind has them."""
    read_as: ReadingConfig | None = None
    """The same as a config says it: what was found, or chosen. None where there is nothing to choose."""
    sheets: tuple[str, ...] = ()
    """All sheets of a workbook."""
    is_estimate: bool = False
    """Whether this is told from the first part of a large file alone; ``rows`` is then about right."""

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)


@dataclass(frozen=True)
class Guess:
    """A task and the columns that play its roles, with the reason for each in a sentence. ``score`` is 0 to 1."""

    task: str
    columns: Mapping[str, str | tuple[str, ...]]
    reasons: dict[str, str]
    score: float


@dataclass(frozen=True)
class Target:
    """What a task learns to answer.

    ``labels`` are class names in a stable order; ``counts`` the rows of each. Where a row may have several labels or
    none, ``rows`` is how many there are. A task that learns a number has its
    ``mean``, ``spread`` (the standard deviation), ``low`` and ``high`` instead. ``shown`` is for people: the classes,
    or the ranges of the number, with how many rows have each.
    """

    labels: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()
    rows: int = 0
    mean: float = 0.0
    spread: float = 1.0
    low: float = 0.0
    high: float = 0.0
    ranges: tuple[tuple[str, int], ...] = ()

    @property
    def shown(self) -> tuple[tuple[str, int], ...]:
        return self.ranges or tuple(zip(self.labels, self.counts, strict=True))


@dataclass(frozen=True)
class Examples:
    """The usable rows of a table for one task.

    ``table`` is a ``pyarrow.Table`` with one column a role, cleaned, and ``row``: the row number in the source (the
    first row is 1). ``strata`` is a numpy array with a group number a row, each of which is shared out evenly, or None
    when the task has nothing to balance. ``members`` is a boolean array of shape (rows, labels): which of the target's
    labels a row has; without it each row has the label that ``strata`` says. ``target`` is that of all rows.
    ``retarget`` makes that of some of them (a boolean mask over the rows) where it is more than counts of rows.
    """

    table: Any
    target: Target
    strata: Any
    findings: tuple[Finding, ...]
    members: Any = None
    retarget: Callable[[Any], Target] | None = None

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == "error")

    def target_of(self, chosen: Any) -> Target:
        """The target as the rows of a boolean mask alone tell it, with the labels of all rows in their order."""
        import numpy as np

        if self.retarget is not None:
            return self.retarget(chosen)
        if not self.target.labels or (self.members is None and self.strata is None):
            return self.target
        if self.members is None:
            counts = np.bincount(np.asarray(self.strata)[chosen], minlength=len(self.target.labels))
        else:
            counts = np.asarray(self.members)[chosen].sum(0)
        rows = int(np.count_nonzero(chosen)) if self.target.rows else 0
        return replace(self.target, counts=tuple(counts.tolist()), rows=rows)


@dataclass(frozen=True)
class Parts:
    """How many examples go where, and how many cannot be used."""

    train: int
    validation: int
    test: int
    unusable: int


@dataclass(frozen=True)
class Checkup:
    """The data check: findings, the class counts, the parts."""

    findings: tuple[Finding, ...]
    labels: tuple[tuple[str, int], ...]
    parts: Parts | None
    """None while an error stands."""
    account: Account | None = None
    """None while an error stands."""

    @property
    def blocks(self) -> bool:
        return any(finding.severity == "error" for finding in self.findings)
