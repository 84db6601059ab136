"""The settings form, drawn from the one declaration of every setting (``core.schema``).

``values`` are plain functions between a config and what the form holds, a dict of dotted path to value. ``shape`` and
``remarks`` say what is drawn, as data; ``form`` is the component, which a script of the page draws; ``controls`` are
Gradio's own, for a few settings elsewhere. A new field in ``core.config``, or among the options of a task, appears in
the form by itself.
"""

from ui.forms.controls import Group, control, group
from ui.forms.form import Form, draw
from ui.forms.remarks import applies, lines
from ui.forms.values import (
    HERE_ONLY,
    OPTIONS,
    ROWS,
    WATCH_ROWS,
    Values,
    config_from,
    own_rows,
    problems,
    read,
    rows_for,
    rows_of,
    values_from,
    why_closed,
)

__all__ = [
    "HERE_ONLY",
    "OPTIONS",
    "ROWS",
    "WATCH_ROWS",
    "Form",
    "Group",
    "Values",
    "applies",
    "config_from",
    "control",
    "draw",
    "group",
    "lines",
    "own_rows",
    "problems",
    "read",
    "rows_for",
    "rows_of",
    "values_from",
    "why_closed",
]
