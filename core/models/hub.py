"""Getting a checkpoint from the Hugging Face Hub: a dead network is noticed at once, and no code of theirs is run."""

from __future__ import annotations

import re
import socket
import threading
import urllib.parse
import urllib.request
from pathlib import Path

from core.errors import CheckpointError
from core.hub.identity import to_send
from core.models.weights import INDEX, PICKLED, PICKLED_INDEX, WHOLE
from core.permissions import allows
from core.said import said, together

_ID = re.compile(r"[\w.-]+(/[\w.-]+)?")
_CONVERTER = "SFconvertbot"
"""Hugging Face's own account that offers safetensors for repositories without them, as a pull request."""
_ALLOW_BIN = said("If you trust its author, and it is you who starts Tunesmith, start it with --allow bin.")
_TEXT_FILES = (".json", ".txt", ".model", ".jinja")
_NO_NETWORK = said(
    "Connect to the network once to download it, or choose the starter model or a local folder: those need none."
)


def looks_like_id(checkpoint: str) -> bool:
    """Whether this can be a Hub id: ``name`` or ``owner/name``."""
    return _ID.fullmatch(checkpoint) is not None and ".." not in checkpoint


def reachable(timeout: float = 3.0) -> bool:
    """Whether the Hub, or the proxy on the way to it, takes a connection within ``timeout`` seconds.

    Without this, each call to a dead network waits for half a minute. Name look-up has no time limit of its own, so it
    is made in a thread that can be left behind.
    """
    from huggingface_hub import constants, is_offline_mode

    if is_offline_mode():
        return False
    address = urllib.parse.urlsplit(constants.ENDPOINT)
    proxy = urllib.request.getproxies().get(address.scheme)
    if proxy and not urllib.request.proxy_bypass(address.hostname or ""):
        address = urllib.parse.urlsplit(proxy if "//" in proxy else f"//{proxy}", scheme="http")
    port = address.port or (443 if address.scheme == "https" else 80)
    answered = threading.Event()

    def connect() -> None:
        try:
            socket.create_connection((address.hostname or "", port), timeout).close()
        except OSError:
            return
        answered.set()

    probe = threading.Thread(target=connect, daemon=True)
    probe.start()
    probe.join(timeout)
    return answered.is_set()


def cached(checkpoint: str, revision: str | None = None) -> Path | None:
    """The folder of a checkpoint that was downloaded before, whole, or None. No network is used."""
    from huggingface_hub import constants

    kept = Path(constants.HF_HUB_CACHE) / f"models--{checkpoint.replace('/', '--')}"
    if not kept.is_dir():
        return None
    proposed = [file.relative_to(kept / "refs").as_posix() for file in kept.glob("refs/refs/pr/*")]
    revisions = [None, *proposed] if revision is None else [revision]
    found = (_snapshot(checkpoint, candidate) for candidate in revisions)
    return next((folder for folder in found if folder), None)


def _snapshot(checkpoint: str, revision: str | None) -> Path | None:
    """The folder of one version that was downloaded before, or None where it is not whole."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    try:
        names = _listed(checkpoint, revision)
        folder = Path(snapshot_download(checkpoint, revision=revision, allow_patterns=names, local_files_only=True))
    except (OSError, ValueError, HfHubHTTPError, HFValidationError):
        return None
    names = [file.name for file in folder.iterdir()] if folder.is_dir() else []
    return folder if "config.json" in names and any(name in names for name in _ways()) else None


def _listed(checkpoint: str, revision: str | None) -> list[str] | None:
    """What is wanted of the files that the Hub listed when a version was downloaded; None where no list was kept.

    Without it, a version counts as incomplete for each file that was left on the Hub on purpose.
    """
    from huggingface_hub import get_cached_repo_tree
    from huggingface_hub.errors import CachedRepoTreeNotFoundError

    try:
        listed = get_cached_repo_tree(checkpoint, revision=revision)
    except CachedRepoTreeNotFoundError:
        return None
    return taken_among([file.path for file in listed if "/" not in file.path])


def download(checkpoint: str, revision: str | None = None) -> Path:
    """The folder of a checkpoint of the Hub: what was downloaded before, or downloaded now. Raises ``CheckpointError``.

    Only safetensors weights and text files are taken, from the top folder. Where a repository has none, those that
    Hugging Face has made of its weights are taken, if there are any. Weights in the old form, and programs, are taken
    where they are allowed.
    """
    if not reachable():
        folder = cached(checkpoint, revision)
        if folder is None:
            raise CheckpointError(
                said(
                    "The model {model} is not on this machine, and the Hugging Face Hub cannot be reached.",
                    model=checkpoint,
                ),
                _NO_NETWORK,
            )
        return folder
    from huggingface_hub import snapshot_download

    try:
        names, version = _wanted(checkpoint, revision)
        return Path(snapshot_download(checkpoint, revision=version, allow_patterns=names, token=to_send()))
    except CheckpointError:
        raise
    except Exception as exc:
        raise _explained(checkpoint, revision, exc) from exc


def _wanted(checkpoint: str, revision: str | None) -> tuple[list[str], str | None]:
    """The names to download, and of which version. Raises ``CheckpointError`` where no weights are safe to read."""
    names = _names(checkpoint, revision)
    if not weights_among(names, safe=True) and revision is None:
        converted = conversion_of(checkpoint)
        revision, names = (converted, _names(checkpoint, converted)) if converted else (revision, names)
    if not weights_among(names):
        raise no_safetensors(checkpoint, names)
    return taken_among(names), revision


def taken_among(names: list[str]) -> list[str]:
    """The files to download, among these: weights, descriptions, a tokenizer, the card; programs where allowed."""
    endings = (*_TEXT_FILES, ".py") if allows("remote-code") else _TEXT_FILES
    return weights_among(names) + [name for name in names if name.endswith(endings) or name == "README.md"]


def _names(checkpoint: str, revision: str | None) -> list[str]:
    from huggingface_hub import HfApi

    return [name for name in HfApi(token=to_send()).list_repo_files(checkpoint, revision=revision) if "/" not in name]


def _ways(safe: bool = False) -> dict[str, str]:
    """Files that say how weights are kept -> the pattern of those that hold them, the best way first."""
    ways = {WHOLE: re.escape(WHOLE), INDEX: r"model-\d+-of-\d+\.safetensors"}
    if allows("bin") and not safe:
        ways |= {PICKLED: re.escape(PICKLED), PICKLED_INDEX: r"pytorch_model-\d+-of-\d+\.bin"}
    return ways


def weights_among(names: list[str], safe: bool = False) -> list[str]:
    """The files with the weights, among these. ``safe``: in the form that cannot hide code."""
    pattern = next((pattern for way, pattern in _ways(safe).items() if way in names), None)
    return [name for name in names if pattern and re.fullmatch(pattern, name)]


def conversion_of(checkpoint: str) -> str | None:
    """The version with safetensors that Hugging Face has proposed to the owner of a repository, or None."""
    from huggingface_hub import HfApi

    proposed = HfApi(token=to_send()).get_repo_discussions(
        checkpoint, author=_CONVERTER, discussion_type="pull_request"
    )
    return next((one.git_reference for one in proposed if one.author == _CONVERTER and one.status == "open"), None)


def no_safetensors(place: str, names: list[str]) -> CheckpointError:
    """Weights are missing, or are there only in a form that can run code when it is opened."""
    other = next((name for name in names if name.endswith((".bin", ".pt", ".pth", ".ckpt"))), None)
    if other:
        return CheckpointError(
            said("{place} has its weights only as {file}, a form that can hide harmful code.", place=place, file=other),
            together(
                said(
                    "Tunesmith reads safetensors only. Choose another checkpoint, or one that offers model.safetensors."
                ),
                _ALLOW_BIN if other.endswith(".bin") else "",
            ),
        )
    return CheckpointError(
        said("{place} has no weights: model.safetensors is missing.", place=place),
        said(
            "Choose the folder or the Hub id of a whole checkpoint, with config.json, model.safetensors and a "
            "tokenizer."
        ),
    )


def _explained(checkpoint: str, revision: str | None, exc: Exception) -> CheckpointError:
    from huggingface_hub import errors

    cause = f"{type(exc).__name__}: {exc}"
    match exc:
        case errors.GatedRepoError():
            return CheckpointError(
                said("{repo} is open only to people who accepted its terms.", repo=checkpoint),
                said(
                    "Accept them on its page on the Hugging Face Hub, sign in on the page “Hub account” (or with "
                    "'hf auth login'), then start again."
                ),
                cause=cause,
            )
        case errors.RevisionNotFoundError():
            return CheckpointError(
                said("{repo} has no version {version}.", repo=checkpoint, version=repr(revision)),
                said("Leave the version out to take the newest."),
                cause=cause,
            )
        case errors.RepositoryNotFoundError() | errors.HFValidationError():
            return CheckpointError(
                said("There is no model {model} on the Hugging Face Hub, or it is private.", model=checkpoint),
                said(
                    "Check its spelling: ids look like distilbert/distilbert-base-uncased. For a private one, sign in "
                    "on the page “Hub account” (or with 'hf auth login')."
                ),
                cause=cause,
            )
        case OSError() if exc.errno is not None:
            return CheckpointError(
                said("{model} could not be stored on this machine.", model=checkpoint),
                said("Check that the disk has room and that its folder may be written."),
                cause=cause,
            )
        case _:
            return CheckpointError(said("{model} could not be downloaded.", model=checkpoint), _NO_NETWORK, cause=cause)
