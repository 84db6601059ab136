"""What scripts of classifications say of a run's calibration: they learn as it does, and stop before that."""

from __future__ import annotations

from core.models.calibrated import is_wanted
from core.script.types import ScriptFacts

EXPRESSED = ("calibrate",)


def left_out(facts: ScriptFacts) -> tuple[str, ...]:
    """A phrase for ``ScriptParts.leaves_out``."""
    return ("the temperature that sets its probabilities right in the end",) if is_wanted(facts.options) else ()
