"""What a run's model makes of its training rows, kept in ``embeddings/``: one vector a row, and the rows beside them.

``vectors.npy`` holds unit vectors as float16 of shape (rows, width), ``rows.arrow`` the rows in the same order, their
texts cut; ``about.json`` is written last and says of which model they are.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from core.runs import Run

FOLDER = "embeddings"
VECTORS, ROWS, ABOUT = "vectors.npy", "rows.arrow", "about.json"


def folder(run: Run) -> Path:
    return run.path / FOLDER


def stamp(run: Run) -> int:
    """Which model a run has now: it changes when it is trained anew."""
    return (run.model_path / "config.json").stat().st_mtime_ns


def about(run: Run) -> dict[str, Any] | None:
    """``{"stamp", "rows", "of"}``, or None where there are none of the present model."""
    try:
        told: dict[str, Any] = json.loads((folder(run) / ABOUT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return told if told.get("stamp") == stamp(run) else None
