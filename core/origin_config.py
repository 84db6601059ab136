"""The part of a config about where the run comes from. Written by the app; no form asks for it."""

from __future__ import annotations

from typing import Literal

from core.ensembles.types import Method
from core.schema import Settings


class OriginConfig(Settings):
    """The run or the search that this run was made from, and how."""

    kind: Literal["", "retry", "longer", "model", "trial", "mended"] = ""
    """``retry``: after a failure, with a change; ``longer``: more epochs; ``model``: its model, other data; ``trial``:
    one of a search; ``mended``: the same with mended labels."""
    run: str = ""
    """The id of the run."""
    search: str = ""
    """The id of the search."""
    trial: int | None = None
    """Its number in the search, from 0."""


class EnsembleConfig(Settings):
    """Finished runs whose models answer together. A run that has members trains nothing: it is judged only."""

    members: tuple[str, ...] = ()
    """Ids of finished runs of the same task, on the same rows."""
    method: Method = "probabilities"

    @property
    def is_used(self) -> bool:
        return bool(self.members)
