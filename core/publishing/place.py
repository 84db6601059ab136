"""The repository to publish to: whether it may be written to, what stands there, and making one that is new."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from core.errors import HubError
from core.hub import identity
from core.hub.account import token_of
from core.hub.failures import NOTHING_LOST
from core.hub.rights import Rights, rights_of
from core.publishing.card import CARD, MARKER
from core.publishing.types import Item, Publishing
from core.said import enumerated, said, together

OTHER_CARD = "MODEL_CARD.md"
_OWN_FILE = "tunesmith.json"
_WEIGHTS = re.compile(r"(adapter_)?model(-\d+-of-\d+)?\.safetensors(\.index\.json)?|adapter_config\.json")
_COPIES = re.compile(r"(onnx|checkpoints|adapter)/.+")
_HEAD_ONLY = re.compile(r"\s*(---\n.*?\n---\s*)?", re.DOTALL)


@dataclass(frozen=True)
class There:
    """A file of the Hub. Large ones are known by ``sha256``, others by git's own hash."""

    size: int
    git_sha1: str
    sha256: str = ""


@dataclass(frozen=True)
class Place:
    """A repository as it stands at one commit."""

    commit: str
    private: bool
    files: dict[str, There]
    readme: str = ""
    """What its README.md says; empty without one."""
    is_new: bool = False
    """It was made for this publication."""


class Repository:
    """One repository of the Hub. Each method is one question, or one after the other, and may stumble."""

    def __init__(self, wanted: Publishing) -> None:
        from huggingface_hub import HfApi

        self.api = HfApi()
        self.name, self.kind, self.private = wanted.repo, wanted.kind, wanted.private

    @property
    def facts(self) -> dict[str, Any]:
        """What each call of the client needs."""
        return {"repo_id": self.name, "repo_type": self.kind, "token": identity.to_send()}

    def rights(self) -> tuple[str, Rights]:
        """(name of whoever asks, what they may do). Raises ``HubError`` where they are nobody."""
        if not token():
            raise nobody()
        heard = self.api.whoami(token=token())
        auth, orgs = heard.get("auth") or {}, heard.get("orgs") or []
        return heard["name"], rights_of(heard["name"], orgs, auth, identity.current().scope)

    def look(self) -> Place | None:
        """As it stands; None where there is none that whoever asks may see."""
        from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError

        try:
            info = self.api.repo_info(**self.facts, timeout=None)
        except GatedRepoError:
            raise
        except RepositoryNotFoundError:
            return None
        files = self.files(str(info.sha))
        readme = self._read(CARD, str(info.sha)) if CARD in files else ""
        return Place(str(info.sha), bool(info.private), files, readme)

    def make(self) -> None:
        """Make it; one of that name that is there already is fine."""
        sdk = "gradio" if self.kind == "space" else None
        self.api.create_repo(**self.facts, private=self.private, exist_ok=True, space_sdk=sdk)

    def files(self, revision: str) -> dict[str, There]:
        """All files of a revision."""
        from huggingface_hub.hf_api import RepoFile

        listed = self.api.list_repo_tree(**self.facts, revision=revision, recursive=True)
        return {
            one.path: There(one.size, one.blob_id, one.lfs.sha256 if one.lfs else "")
            for one in listed
            if isinstance(one, RepoFile)
        }

    def _read(self, path: str, revision: str) -> str:
        from huggingface_hub import get_session, hf_hub_url, hf_raise_for_status
        from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

        url = hf_hub_url(self.name, path, repo_type=self.kind, revision=revision)
        answer = get_session().get(url, headers=build_hf_headers(token=identity.to_send()))
        hf_raise_for_status(answer)
        return answer.content.decode("utf-8", "replace")


def token() -> str:
    """What proves who asks; empty for nobody, and on a machine where nobody has logged in."""
    return token_of(identity.current())


def nobody() -> HubError:
    """Publishing is for those who are signed in."""
    return HubError(
        said("Nobody is signed in on the Hugging Face Hub."),
        said("Sign in on the page “Hub account”, or run: {command}", command="hf auth login"),
    )


def need_rights(wanted: Publishing, name: str, rights: Rights, place: Place | None) -> None:
    """Raise ``HubError`` where publishing would be refused after everything was prepared."""
    if wanted.as_pull_request and place is not None:
        return  # whoever may see a repository may propose something
    if not rights.can_write:
        advice = together(said("Sign in on the page “Hub account” with a token that may write."), NOTHING_LOST)
        raise HubError(said("The token of {name} {rights}.", name=name, rights=rights.words), advice)
    owner = wanted.repo.partition("/")[0]
    owners = [*([name] if rights.under_own_name else []), *rights.orgs]
    if owner.lower() not in [one.lower() for one in owners] and wanted.repo not in rights.repos:
        known = enumerated(*(f"{one}/{wanted.repo.partition('/')[2]}" for one in owners))
        advice = said("Publish as {names}.", names=known) if known else said("Use another token.")
        title = said("{name} may not publish under the name {owner}.", name=name, owner=repr(owner))
        raise HubError(title, together(advice, NOTHING_LOST))


def fitted(items: Iterable[Item], place: Place, kind: str) -> list[Item]:
    """The files as they go beside what is there: a card that somebody else wrote is not overwritten.

    Raises ``HubError`` for a Space that shows something else.
    """
    is_theirs = MARKER not in place.readme and not _HEAD_ONLY.fullmatch(place.readme)
    if kind == "space" and (is_theirs or ("app.py" in place.files and MARKER not in place.readme)):
        advice = together(said("Choose another name for the demo."), NOTHING_LOST)
        raise HubError(said("This Space shows something else already."), advice)
    if not is_theirs:
        return list(items)
    return [Item(OTHER_CARD, item.content) if item.name == CARD else item for item in items]


def outdated(place: Place, sent: Iterable[str]) -> list[str]:
    """Files to delete, so that whoever loads the model gets the one that is sent.

    Weights under other names would be loaded instead or beside it. Copies go where this app has put them there.
    """
    kept = set(sent)
    is_ours = _OWN_FILE in place.files
    found = [name for name in place.files if _WEIGHTS.fullmatch(name) or (is_ours and _COPIES.fullmatch(name))]
    return sorted(set(found) - kept)
