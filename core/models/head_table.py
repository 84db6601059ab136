"""Which kinds of models the library transformers has a class for, under each of its Auto classes.

The app tells from ``assets/heads.json`` whether a model on the Hub can carry a task's answer layer, because it never
imports transformers. The table is written anew with a new version of transformers (``make docs``). Run as:
    python -m core.models.head_table > assets/heads.json
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache

from core import home

KINDS = "AutoConfig"
"""Under this name stand all kinds that the library knows at all."""


def has_head(auto_class: str, kind: str) -> bool | None:
    """Whether a model of this ``model_type`` can be opened as ``auto_class``; None for a class that is not listed."""
    listed = _table().get(auto_class)
    return None if listed is None else kind in listed


def is_known(kind: str) -> bool:
    """Whether the library can open a model of this ``model_type`` without a program of the model's own."""
    return kind in _table()[KINDS]


def auto_classes() -> list[str]:
    """Those that open the models of a task."""
    from core.tasks import TASKS

    return sorted({task.auto_class for task in TASKS.values() if task.auto_class})


def made(names: Iterable[str]) -> dict[str, list[str]]:
    """The table from the installed library, for these Auto classes. Imports transformers."""
    import transformers
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING_NAMES

    found = {name: sorted(getattr(transformers, name)._model_mapping._model_mapping) for name in names}
    return {KINDS: sorted(CONFIG_MAPPING_NAMES), **found}


@cache
def _table() -> dict[str, frozenset[str]]:
    read = json.loads((home.ASSETS / "heads.json").read_text(encoding="utf-8"))
    return {name: frozenset(kinds) for name, kinds in read.items()}


if __name__ == "__main__":
    lines = [f" {json.dumps(name)}: {json.dumps(kinds)}" for name, kinds in made(auto_classes()).items()]
    print("{\n" + ",\n".join(lines) + "\n}")
