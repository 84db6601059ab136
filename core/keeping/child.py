"""The process that keeps a run, or fetches one: see ``core.publishing.child`` for how it is spoken with."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.publishing.child import main


def work(job: dict[str, Any], tell: Callable[..., None]) -> Any:
    """Say which runs are kept, keep the one whose folder is named, or bring back the one whose id is."""
    from core.keeping.fetching import bring_back, kept_runs
    from core.keeping.sending import keep
    from core.publishing.patience import Patience
    from core.runs import Run

    patience = Patience(**job["patience"])
    if job["do"] == "list":
        return asdict(kept_runs(patience))
    if job["do"] == "keep":
        return keep(Run(Path(job["run"])), tell, patience)
    return bring_back(job["run"], tell, patience)


if __name__ == "__main__":
    sys.exit(main(work))
