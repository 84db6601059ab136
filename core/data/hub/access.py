"""Who may see what lies on this machine of a private or gated dataset: whoever the Hub has let see it.

Tables of the Hub are kept once for everybody, so whoever asks for one of a closed dataset has to be known for it.
"""

from __future__ import annotations

import json
from typing import Any

from core.data.hub.failures import explained
from core.data.hub.network import need_network
from core.data.hub.places import folder_of
from core.hub.identity import MACHINE, current, to_send
from core.runs import write_atomically

_NAME = "access.json"


def note(repo: str, info: Any) -> None:
    """Remember, from a ``DatasetInfo`` that the Hub gave to whoever asks now, whether a dataset is closed."""
    known = _known(repo)
    askers = set(known["askers"]) if known else set()
    if info.private and not info.gated:  # of a gated one, everybody is told what it is
        askers.add(current().key)
    found = {"closed": bool(info.private or info.gated), "askers": sorted(askers)}
    if found != known:
        _write(repo, found)


def need_access(repo: str) -> None:
    """Raise ``DataError`` when a dataset is closed, and whoever asks now may not see it.

    The Hub is asked only where that is not known yet.
    """
    known = _known(repo)
    if known is None:
        if current() == MACHINE:  # of before anybody else could ask
            return
        known = _looked_up(repo)
    if not known["closed"] or current().key in known["askers"]:
        return
    from huggingface_hub import HfApi

    need_network(repo)
    try:
        HfApi().auth_check(repo, repo_type="dataset", token=to_send())
    except Exception as exc:
        raise explained(exc, repo) from exc
    _write(repo, known | {"askers": sorted({*known["askers"], current().key})})


def _looked_up(repo: str) -> dict[str, Any]:
    from core.data.hub.contents import info_of

    info = info_of(repo)
    return _known(repo) or {"closed": bool(info.private or info.gated), "askers": []}


def _known(repo: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads((folder_of(repo) / _NAME).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return found


def _write(repo: str, found: dict[str, Any]) -> None:
    write_atomically(folder_of(repo) / _NAME, json.dumps(found))
