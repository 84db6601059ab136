"""How fast the app answers twenty people at once while a run trains, and whether each gets their own and nothing else.

The people, the app and the training share this machine, so the figures hold what the crowd itself computes, too.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import httpx

from tests import crowd

PEOPLE = 20
SECONDS, PAUSE = 60.0, 3.0
"""So long they stay; so long they look at a page before they go on, on average."""
PATIENCE_SECONDS = 300.0
PAGES = ("page", "read", "event", "change")


def measure() -> dict[str, Any]:
    """Milliseconds of each kind of question, median and 95th percentile. Raises ``RuntimeError`` for an answer that was
    wrong or held something of somebody else's.
    """
    folder = Path(os.environ["TUNESMITH_HOME"])
    people, members = crowd.gather_people(folder, PEOPLE)
    figures: dict[str, Any] = {}
    with crowd.serving(people) as address:
        for name, starts in (("idle", False), ("while_training", True)):
            if starts:
                owner = httpx.Client(base_url=address, timeout=60)
                run = _training(owner, members[0])
            seen = crowd.walk_all(address, members, SECONDS, PAUSE, starts)
            if seen.errors or seen.foreign:
                raise RuntimeError(f"{len(seen.errors)} errors, {seen.errors[:3]}; cross-talk: {seen.foreign[:3]}")
            figures[name] = _told(seen)
        if owner.get(run).json()["state"] != "running":
            raise RuntimeError("the run ended before the measurement did")
        owner.post(f"{run}/stop", json={"keep": "nothing"}).raise_for_status()
        while owner.get(run).json()["state"] == "running":
            time.sleep(0.2)
    return figures


def _training(owner: httpx.Client, member: crowd.Member) -> str:
    """A run of somebody's that has made its first step; its address."""
    owner.post("/sign-in", data={"name": member.name, "password": crowd.SECRET})
    training = {"num_train_epochs": 200.0, "early_stopping_patience": 0}
    config = {"name": f"long {member.mark}", "data": {"source": "sample/reviews"}, "training": training}
    begun = owner.post("/api/v1/runs", json={"config": config}).raise_for_status().json()["run"]["id"]
    run, deadline = f"/api/v1/runs/{begun}", time.monotonic() + PATIENCE_SECONDS
    while '"stepped"' not in owner.get(f"{run}/events").text:
        if time.monotonic() > deadline:
            raise TimeoutError(f"no step after {PATIENCE_SECONDS:.0f} s: {owner.get(run).text}")
        time.sleep(0.5)
    return run


def _told(seen: crowd.Seen) -> dict[str, Any]:
    def both(*kinds: str) -> dict[str, float]:
        return {f"p{share:.0f}_ms": round(seen.quantile(share / 100, *kinds), 1) for share in (50, 95)}

    each = {kind: both(kind) | {"n": len(times)} for kind, times in sorted(seen.times.items())}
    return {"pages": both(*PAGES), **each, "asked_to_wait": seen.asked_to_wait}
