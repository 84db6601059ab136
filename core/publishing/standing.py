"""What stands on the Hub under a name before something is published there."""

from __future__ import annotations

from dataclasses import dataclass

from core.hub import failures, identity
from core.publishing.types import Kind

PATIENCE = 3.0
"""Seconds: a page waits for the answer."""


@dataclass(frozen=True)
class Standing:
    """A repository that is there, as far as whoever asks may see it."""

    private: bool
    commit: str


def standing(repo: str, kind: Kind) -> Standing | None:
    """The repository of this name, or None where whoever asks sees none. Raises ``HubError`` within seconds."""
    from core.data.hub.network import is_reachable

    if not is_reachable():
        raise failures.offline()
    from huggingface_hub import HfApi
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError

    try:
        found = HfApi().repo_info(repo, repo_type=kind, timeout=PATIENCE, token=identity.to_send())
    except GatedRepoError:
        return Standing(private=False, commit="")
    except RepositoryNotFoundError:
        return None
    except Exception as exc:
        raise failures.explained(exc, repo) from exc
    return Standing(private=bool(found.private), commit=str(found.sha or ""))


def safe_page(url: str, repo: str, kind: Kind) -> str:
    """``url`` where it is the page of this repository on the Hub, or one below it; else an empty text."""
    page = failures.page_of(repo, "spaces" if kind == "space" else "models")
    is_web = url.startswith(("https://", "http://"))
    return url if is_web and (url == page or url.startswith(f"{page}/")) else ""
