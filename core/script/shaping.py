"""What a run's settings change in its model before it learns anything, as text: see ``core.training.taught``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.config import ModelConfig
from core.training.dropouts import NAMES

EXPRESSED = ("freeze", "frozen_layers", "dropout", "attention_dropout", "classifier_dropout")
"""The settings that these take account of."""
WHY_FROZEN = "How the names of what stays as it is begin."
FROZEN = """
for name, parameter in model.named_parameters():
    parameter.requires_grad_(not name.startswith(FROZEN))
"""


def frozen(model: Any) -> tuple[str, ...]:
    """How the names of the frozen parameters begin, each of the fewest words that no other name begins with."""
    named = dict(model.named_parameters())
    learning = [name for name, parameter in named.items() if parameter.requires_grad]
    found: dict[str, None] = {}
    for name in named.keys() - set(learning):
        words = name.split(".")
        beginnings = [".".join(words[:count]) + "." for count in range(1, len(words))]
        alone = (one for one in beginnings if not any(other.startswith(one) for other in learning))
        found[next(alone, name)] = None
    return tuple(sorted(found))


def dropouts(config: ModelConfig, model: Any) -> dict[str, float]:
    """Those that the settings name, under the names that this kind of model has for them."""
    found: dict[str, float] = {}
    for kind, names in NAMES.items():
        if getattr(config, kind) is not None:
            found |= _there(names, model.config, getattr(config, kind))
    return found


def _there(names: Sequence[str], config: Any, value: float) -> dict[str, float]:
    return {name: value for name in names if getattr(config, name, None) == value}
