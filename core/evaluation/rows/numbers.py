"""The judged rows of a model that gives numbers: how far off each answer is, and to which side."""

from __future__ import annotations

from typing import Any


def kept(outputs: Any, examples: Any, context: Any, task: Any) -> dict[str, Any]:
    """A ``Task.kept``: numbers ``truth`` and ``answer``, ``residual`` (the answer less the truth, so that it is above 0
    where the answer is too high) and ``error`` (the same without its sign), in the units of the table.
    """
    import numpy as np
    import pyarrow as pa

    given, truth = np.asarray(outputs, dtype=float).ravel(), examples["score"].to_numpy().astype(float)
    found = {"truth": truth, "answer": given, "residual": given - truth, "error": np.abs(given - truth)}
    return {name: pa.array(values, pa.float64()) for name, values in found.items()}
