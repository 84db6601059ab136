"""Asking the Hub what a model is, without a byte of its weights but the header: descriptions and small files alone."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.data.hub.network import is_reachable
from core.errors import HubError
from core.hub.failures import explained, offline, page_of, status_of
from core.hub.identity import to_send
from core.hub.patience import within
from core.hub.types import HubModel
from core.models import access, hub
from core.models.search import one_of, parameters_of
from core.models.told import Told, remember, remembered
from core.said import said, together

PATIENCE_SECONDS = 30.0
_ONE_ANSWER_SECONDS = 10.0
_LARGEST_CONFIG, _LARGEST_TOKENIZER = 5_000_000, 20_000_000
"""Bytes. Some configs list a hundred thousand classes; a tokenizer of 250,000 tokens takes 17 MB."""
_NOT_NEEDED = ("id2label", "label2id", "task_specific_params")
TOKENIZER = "tokenizer.json"


def told(repo: str, revision: str | None = None) -> Told:
    """What the Hub tells of a model, or what it last told where it cannot be reached.

    Raises ``HubError`` when it is not there, may not be seen, or was never asked for and there is no network.
    """
    if not hub.looks_like_id(repo):
        raise HubError(
            said("{name} cannot be the name of a repository.", name=repr(repo)),
            said("It is an owner, a slash and a name, such as distilbert/distilbert-base-uncased."),
        )
    if not is_reachable():
        kept = remembered(repo, revision)
        if kept is None:
            raise offline()
        return kept
    try:
        found = within(PATIENCE_SECONDS, lambda: _asked(repo, revision))
    except Exception as exc:
        raise explained(exc, repo) from exc
    access.note(repo, found.about.access != "open", let_in=not found.access_help)
    remember(found, repo, revision)
    return found


def fetch_tokenizer(known: Told) -> Path | None:
    """A model's ``tokenizer.json`` on this machine, fetched where it is not; None where it has none, a very large one,
    or it cannot be had. It is kept in the cache of the Hub's client, by commit.
    """
    here = tokenizer_here(known)
    size = known.files.get(TOKENIZER)
    if here or size is None or size > _LARGEST_TOKENIZER or known.access_help or not known.fresh:
        return here
    try:
        return within(PATIENCE_SECONDS, lambda: _fetched(known.about.id, TOKENIZER, known.commit))
    except Exception as exc:
        raise explained(exc, known.about.id) from exc


def tokenizer_here(known: Told) -> Path | None:
    """The same, where it was fetched before. No network is used."""
    from huggingface_hub import try_to_load_from_cache

    if known.access_help:
        return None
    found = try_to_load_from_cache(known.about.id, TOKENIZER, revision=known.commit)
    return Path(found) if isinstance(found, str) else None


# --- In another thread: who is asking is in its context ---------------------------------------------------------------


def _asked(repo: str, revision: str | None) -> Told:
    info = _info(repo, revision)
    files = _files(info)
    if revision is None and not hub.weights_among(list(files), safe=True):
        converted = _converted(info.id)
        if converted:
            info = _info(repo, converted)
            files = _files(info)
    access_help = _access_help(info)
    config = dict(info.config or {}) | ({} if access_help else _small_json(info, files, "config.json"))
    card = info.card_data.to_dict() if info.card_data is not None else {}
    base = card.get("base_model") or ""
    about = one_of(info)
    return Told(
        about=about if about.parameters or access_help else _counted(info, about, files),
        commit=str(info.sha),
        seen=time.time(),
        files=files,
        taken=tuple(hub.taken_among(list(files))) if hub.weights_among(list(files)) else (),
        config={name: value for name, value in config.items() if name not in _NOT_NEEDED},
        tokenizer_config={} if access_help else _limit_of(_small_json(info, files, "tokenizer_config.json")),
        base_model=str(base[0] if isinstance(base, list) and base else base or ""),
        access_help=access_help,
        licence_name=str(card.get("license_name") or ""),
    )


def _info(repo: str, revision: str | None) -> Any:
    from huggingface_hub import HfApi

    return HfApi().model_info(
        repo, revision=revision, files_metadata=True, timeout=_ONE_ANSWER_SECONDS, token=to_send()
    )


def _converted(repo: str) -> str | None:
    """The version with safetensors that Hugging Face proposes to its owner; None also where nobody may propose any."""
    from huggingface_hub.errors import HfHubHTTPError

    try:
        return hub.conversion_of(repo)
    except HfHubHTTPError as exc:
        if status_of(exc) in (403, 404):
            return None
        raise


def _files(info: Any) -> dict[str, int | None]:
    return {one.rfilename: one.size for one in info.siblings or [] if "/" not in one.rfilename}


def _access_help(info: Any) -> str:
    """What to do to get at a gated one; empty where its files can be had."""
    from huggingface_hub import HfApi
    from huggingface_hub.errors import GatedRepoError

    if not info.gated:
        return ""
    try:
        HfApi().auth_check(info.id, token=to_send())
    except GatedRepoError:
        reviewed = info.gated == "manual"
        return together(
            said(
                "Accept its terms on {page}, sign in on the page “Hub account”, then look again.", page=page_of(info.id)
            ),
            said("Its owner answers each request in person, which may take days.") if reviewed else "",
        )
    return ""


def _small_json(info: Any, files: Mapping[str, int | None], name: str) -> dict[str, Any]:
    """A JSON file of the repository; empty where it is missing, damaged, or beyond all reason."""
    if name not in files or (files[name] or 0) > _LARGEST_CONFIG:
        return {}
    try:
        found = json.loads(_fetched(info.id, name, str(info.sha)).read_text(encoding="utf-8"))
    except ValueError:  # whoever starts a run from it is told; here it says nothing
        return {}
    return found if isinstance(found, dict) else {}


def _fetched(repo: str, name: str, commit: str) -> Path:
    from huggingface_hub import hf_hub_download

    return Path(hf_hub_download(repo, name, revision=commit, token=to_send()))


def _limit_of(tokenizer_config: Mapping[str, Any]) -> dict[str, Any]:
    limit = tokenizer_config.get("model_max_length")
    return {"model_max_length": limit} if isinstance(limit, int | float) else {}


def _counted(info: Any, about: HubModel, files: Mapping[str, int | None]) -> HubModel:
    """The line of a search with the parameters from the headers of the weights, where the Hub does not say them."""
    from huggingface_hub import HfApi

    if not hub.weights_among(list(files), safe=True):
        return about
    found = HfApi().get_safetensors_metadata(info.id, revision=str(info.sha), token=to_send())
    return replace(about, parameters=parameters_of(found.parameter_count))
