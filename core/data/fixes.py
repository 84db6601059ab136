"""What one click can do about a finding: steps with the config's own columns, or settings.

Rows that cannot be used are left out without any step, so findings on them have no fix.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from core.config import RunConfig
from core.data.classes import FEW_EXAMPLES
from core.data.columns import several
from core.data.streamed import fitting
from core.data.types import Finding, Fix
from core.said import said, said_many, together

if TYPE_CHECKING:
    from core.data.rows import Rows
    from core.data.types import Examples
    from core.tasks.base import Task

OTHER = "other"
"""What rare classes are called when they are merged."""
BALANCING: dict[str, tuple[Any, str, str]] = {
    "class_weights": (
        "balanced",
        said("Weigh rare classes more"),
        said("Class weights are right when rare classes matter as much as common ones: a mistake on them counts more."),
    ),
    "focal_gamma": (
        2.0,
        said("Use focal loss"),
        said(
            "Focal loss is right when very many easy examples drown the hard ones: what is answered well counts less."
        ),
    ),
    "oversampling": (
        0.5,
        said("Repeat rare classes"),
        said("Repeating is right when a class has so few rows that most batches would be without it."),
    ),
}
"""Option of a task -> the value that is offered, the words on the button, when it is right."""


@dataclass(frozen=True)
class Case:
    """A finding, and all that its fixes may be made of."""

    finding: Finding
    config: RunConfig
    rows: Rows
    examples: Examples

    @property
    def task(self) -> Task:
        from core.tasks import TASKS

        return TASKS[self.config.task]

    @property
    def counts(self) -> list[tuple[str, int]]:
        target = self.examples.target
        return list(zip(target.labels, target.counts, strict=True))

    @property
    def values_column(self) -> str | None:
        """The files' column whose values are the classes, one a row or in lists; None where they are in other forms."""
        column = self.config.data.columns.get(self.finding.role)
        if not isinstance(column, str) or column not in self.rows.table.column_names:
            return None
        role = next((role for role in self.task.roles if role.name == self.finding.role), None)
        plain = role is not None and role.kind == "label"
        return column if plain or self.in_lists else None

    @property
    def in_lists(self) -> bool:
        """Whether the role's column holds lists."""
        import pyarrow as pa

        column = self.config.data.columns.get(self.finding.role)
        if not isinstance(column, str) or column not in self.rows.table.column_names:
            return False
        kind = self.rows.table.schema.field(column).type
        return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind)) and bool(
            pa.types.is_string(kind.value_type) or pa.types.is_large_string(kind.value_type)
        )


def with_fixes(config: RunConfig, rows: Rows, examples: Examples, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The findings with what can be done about each; those that have fixes already are left as they are."""
    found = (
        _with_fixes(Case(finding, config, rows, examples)) if not finding.fixes else finding for finding in findings
    )
    return tuple(fitting(config.data, finding) for finding in found)


def _with_fixes(case: Case) -> Finding:
    make = FIXES.get(case.finding.code)
    if make is None or case.finding.severity == "error":
        return case.finding
    found = replace(case.finding, fixes=tuple(make(case)))
    if found.code != "imbalance" or not found.fixes:
        return found
    reasons = [reason for name, (_, _, reason) in BALANCING.items() if _settings_with(found, f"options.{name}")]
    return replace(found, fix=together(found.fix, *reasons))


def _settings_with(finding: Finding, path: str) -> bool:
    return any(path in fix.settings for fix in finding.fixes)


# --- Columns ---------------------------------------------------------------------------------------------------------


def input_columns(config: RunConfig, task: Task) -> tuple[str, ...]:
    """The files' columns that the model reads."""
    return _columns(config, [role.name for role in task.inputs])


def answer_columns(config: RunConfig, task: Task) -> tuple[str, ...]:
    """The files' columns with the right answers. A number beside another kind of answer only says where that stands."""
    roles = [role for role in task.roles if not role.is_input and (role.kind != "number" or task.output == "number")]
    return _columns(config, [role.name for role in roles])


def _columns(config: RunConfig, roles: Sequence[str]) -> tuple[str, ...]:
    return tuple(column for role in roles for column in several(config.data.columns.get(role)))


# --- One kind of finding each ----------------------------------------------------------------------------------------


def _duplicates(case: Case) -> list[Fix]:
    columns = (*input_columns(case.config, case.task), *answer_columns(case.config, case.task))
    # Where answers are free texts, copies are told without regard to capital letters.
    step: dict[str, Any] = {"kind": "drop_duplicates", "columns": list(columns)}
    if case.examples.strata is None:
        step["ignore_case"] = True
    words = said_many(case.finding.count, "Take out the copy", "Take out the {count} copies")
    return [Fix(words, (step,))]


def _contradictions(case: Case) -> list[Fix]:
    answers = answer_columns(case.config, case.task)
    step = {
        "kind": "drop_contradictions",
        "columns": list(input_columns(case.config, case.task)),
        "answers": list(answers),
    }
    return [
        Fix(said("Keep the answer that most of them have"), ({**step, "keep": "majority"},)),
        Fix(said("Take all of these rows out"), (step,)),
    ]


def _similar(case: Case) -> list[Fix]:
    groups = defaultdict(list)
    for label, count in case.counts:
        groups[" ".join(label.casefold().split())].append((label, count))
    return renaming(case, [group for group in groups.values() if len(group) > 1])


def renaming(case: Case, groups: Sequence[Sequence[tuple[str, int]]]) -> list[Fix]:
    """Give every class of a group the name of its commonest; groups hold (class, rows)."""
    column = case.values_column
    if column is None:
        return []
    values: dict[str, str] = {}
    for group in groups:
        best = max(group, key=lambda one: one[1])[0]
        values |= {label: best for label, _ in group if label != best}
    old, new = next(iter(values.items()))
    words = said("Write them alike") if len(values) > 1 else said("Write “{old}” as “{new}”", old=old, new=new)
    return [Fix(words, ({"kind": "rename_values", "column": column, "values": values},))]


def _rare_classes(low: int, high: int) -> Callable[[Case], list[Fix]]:
    """Fixes for classes of ``low`` to ``high`` rows."""

    def fixes(case: Case) -> list[Fix]:
        column = case.values_column
        names = [label for label, count in case.counts if low <= count <= high]
        rest = len(case.counts) - len(names)
        if column is None or not names or case.in_lists:
            return []
        found = []
        if rest >= 2:
            words = said_many(len(names), "Leave this class out", "Leave these {count} classes out")
            found.append(Fix(words, ({"kind": "drop_values", "column": column, "values": names},)))
        if rest >= 1 and len(names) > 1 and OTHER not in dict(case.counts):
            values = dict.fromkeys(names, OTHER)
            words = said("Merge them into one class “{name}”", name=OTHER)
            found.append(Fix(words, ({"kind": "rename_values", "column": column, "values": values},)))
        return found

    return fixes


def _rare_types(low: int, high: int) -> Callable[[Case], list[Fix]]:
    """Fixes for kinds of marked words: forget them, as ``O`` says of a word that it is nothing of the kind."""

    def fixes(case: Case) -> list[Fix]:
        if not case.in_lists:
            return []
        names = [name for name, count in case.examples.target.shown if name != "O" and low <= count <= high]
        tags = [tag for tag in case.examples.target.labels if tag[1:2] == "-"]
        values = {tag: "O" for tag in tags if tag[2:] in names or tag in names}
        if not values:
            return []
        words = said_many(len(names), "Leave this type unmarked", "Leave these {count} types unmarked")
        return [Fix(words, ({"kind": "rename_values", "column": case.values_column, "values": values},))]

    return fixes


def _imbalance(case: Case) -> list[Fix]:
    fields, options = case.task.options.model_fields, case.config.options
    return [
        Fix(words, settings={f"options.{name}": value})
        for name, (value, words, _) in BALANCING.items()
        if name in fields and getattr(options, name) == fields[name].default
    ]


def _far_scores(case: Case) -> list[Fix]:
    from core.data.score_findings import far_limits

    column = case.config.data.columns.get(case.finding.role)
    if not isinstance(column, str):
        return []
    low, high = far_limits(case.examples.table.column(case.finding.role).to_numpy())
    step = {"kind": "drop_outside", "column": column, "low": low, "high": high}
    return [Fix(_take_out(case.finding.count), (step,))]


def _leakage(case: Case) -> list[Fix]:
    return [Fix(said("Keep these texts out of training"), ({"kind": "drop_leaks"},))]


def _missing_class(case: Case) -> list[Fix]:
    """Draw the parts anew where a column names them, so that each class reaches all of them."""
    if case.config.data.split.column is None:
        return []
    paths: Mapping[str, Any] = {"column": None, "train": None, "validation": 0.1, "test": 0.1}
    return [
        Fix(said("Draw the parts by chance"), settings={f"data.split.{name}": value for name, value in paths.items()})
    ]


def _listed_rows(case: Case) -> list[Fix]:
    """Take out the rows of a finding, where all of them are known."""
    rows = case.finding.rows
    if not rows or len(rows) != case.finding.count:
        return []
    return [Fix(_take_out(len(rows)), ({"kind": "drop_rows", "rows": list(rows)},))]


def _take_out(count: int) -> str:
    return said_many(count, "Take out the row", "Take out the {count} rows")


FIXES: dict[str, Callable[[Case], list[Fix]]] = {
    "duplicates": _duplicates,
    "contradictions": _contradictions,
    "similar-labels": _similar,
    "single-example": _rare_classes(1, 1),
    "few-examples": _rare_classes(2, FEW_EXAMPLES - 1),
    "single-type": _rare_types(1, 1),
    "few-of-type": _rare_types(2, FEW_EXAMPLES - 1),
    "imbalance": _imbalance,
    "far-scores": _far_scores,
    "leakage": _leakage,
    "unseen-class": _missing_class,
    "validation-lacks-class": _missing_class,
    "test-lacks-class": _missing_class,
    "long-text": _listed_rows,
    "long-text_pair": _listed_rows,
    "long-source": _listed_rows,
    "long-target": _listed_rows,
    "equal-texts": _listed_rows,
    "single-word": _listed_rows,
    "no-label": _listed_rows,
    "moved": _listed_rows,
    "first-of-several": _listed_rows,
    "long-answers": _listed_rows,
    "begins-inside": _listed_rows,
    "without-prefix": _listed_rows,
}
"""Code of a finding -> its fixes."""
