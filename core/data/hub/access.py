"""Who may see what lies on this machine of a private or gated dataset: whoever the Hub has let see it."""

from __future__ import annotations

from typing import Any

from core.data.hub.failures import explained
from core.data.hub.network import need_network
from core.data.hub.places import folder_of
from core.hub import access
from core.hub.access import Access
from core.hub.identity import MACHINE, current, to_send


def note(repo: str, info: Any) -> Access:
    """Remember, from a ``DatasetInfo`` that the Hub gave to whoever asks now, whether a dataset is closed."""
    # Of a gated one, everybody is told what it is.
    return access.note(folder_of(repo), bool(info.private or info.gated), let_in=bool(info.private and not info.gated))


def need_access(repo: str) -> None:
    """Raise ``DataError`` when a dataset is closed, and whoever asks now may not see it.

    The Hub is asked only where that is not known yet.
    """
    known = access.known(folder_of(repo))
    if known is None:
        if current() == MACHINE:  # of before anybody else could ask
            return
        known = _looked_up(repo)
    if known.is_mine:
        return
    from huggingface_hub import HfApi

    need_network(repo)
    try:
        HfApi().auth_check(repo, repo_type="dataset", token=to_send())
    except Exception as exc:
        raise explained(exc, repo) from exc
    access.note(folder_of(repo), known.closed, let_in=True)


def _looked_up(repo: str) -> Access:
    from core.data.hub.contents import info_of

    return note(repo, info_of(repo))
