"""What stands under the controls: what is wrong, why a setting is not used, what was suggested and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from core.limits import limits, shown
from core.schema import Row, why_not
from core.studio import Suggestion
from ui.forms.values import capital
from ui.languages import told, tr

Line = dict[str, str]
"""``{"kind": "problem" | "why" | "note", "bold": words that stand out, "words": the rest}``."""


def applies(row: Row, values: Mapping[str, Any]) -> bool:
    """Whether the setting matters on this machine, given the rest of the form."""
    return not why_not(row, values)


def lines(
    row: Row,
    values: Mapping[str, Any],
    suggestions: Iterable[Suggestion] = (),
    problem: str = "",
    effect: str = "",
    chosen: Collection[Suggestion] = (),
) -> list[Line]:
    """What is said under a control: the problem, else why it is not used, else the suggestion and why.

    ``suggestions`` are those for this setting, the app's own first; the one that stands in the field is told. Those
    that are among ``chosen`` came with a preset.
    ``effect`` says what the value comes to.
    """
    if problem:
        return [_line("problem", problem)]
    if why := why_not(row, values):
        return [_line("why", told(why))]
    offered = list(suggestions)
    if not offered:
        first = [_line("note", tr("{limits}.", limits=capital(told(limits(row)))))] if row.minimum is not None else []
    else:
        one = next((one for one in reversed(offered) if one.value == values.get(row.path)), offered[0])
        bold = tr("Chosen: {value}." if one in chosen else "Suggested: {value}.", value=told(shown(row, one.value)))
        first = [_line("note", told(one.reason), bold)]
    return [*first, *([_line("note", effect)] if effect else [])]


def _line(kind: str, words: str, bold: str = "") -> Line:
    return {"kind": kind, "bold": bold, "words": words}
