"""Who may see what lies on this machine of a private or gated model: whoever the Hub has let see it, and whoever sits
in front of the machine, whose disk it is.
"""

from __future__ import annotations

from pathlib import Path

from core import home
from core.errors import HubError
from core.hub import access
from core.hub.failures import explained
from core.hub.identity import MACHINE, current, to_send
from core.models.known import HUB
from core.said import said

_OPEN = frozenset(one.id for one in HUB)
_ONE_ANSWER_SECONDS = 10.0


def folder_of(repo: str) -> Path:
    """Where things known of a model of the Hub are kept."""
    return home.cache_dir() / "hub" / f"models--{repo.replace('/', '--')}"


def note(repo: str, closed: bool, let_in: bool) -> None:
    """Remember what the Hub has said to whoever asks now."""
    access.note(folder_of(repo), closed, let_in)


def may_see(repo: str) -> bool:
    """Whether whoever asks now is known as somebody who may see it. No network is used."""
    if current() == MACHINE or repo in _OPEN:
        return True
    known = access.known(folder_of(repo))
    return known is not None and known.is_mine


def need_access(repo: str) -> None:
    """Raise ``HubError`` when whoever asks now may not see a model; the Hub is asked where that is not known yet."""
    if may_see(repo):
        return
    from huggingface_hub import HfApi

    from core.data.hub.network import is_reachable

    if not is_reachable():
        raise HubError(
            said("Whether you may use {repo} cannot be told: the Hugging Face Hub cannot be reached.", repo=repo),
            said("Check the connection and try again, or choose another model."),
        )
    try:
        info = HfApi().model_info(repo, timeout=_ONE_ANSWER_SECONDS, token=to_send())
        if info.gated:
            HfApi().auth_check(repo, token=to_send())
    except Exception as exc:
        raise explained(exc, repo) from exc
    note(repo, bool(info.private or info.gated), let_in=True)
