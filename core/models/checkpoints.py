"""What is known of a checkpoint, and where its files are. Nothing here loads a weight or runs a checkpoint's code."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core import home, plain_yaml
from core.config import STARTER
from core.errors import CheckpointError
from core.models import access, configs, hub, smollm2
from core.models.adapted import is_adapted
from core.models.cards import codes_of, in_words, licence_in_words
from core.models.families import family_of
from core.models.known import HUB
from core.models.programs import check_program
from core.models.starters import MINILM, checked_starter_folder, starter_folder
from core.models.told import remembered
from core.models.types import Checkpoint
from core.models.weights import count_parameters, pickled_files, weight_files
from core.permissions import allows
from core.said import said, together

TOKENIZERS = ("tokenizer.json", "vocab.txt", "vocab.json", "spiece.model", "sentencepiece.bpe.model", "tokenizer.model")


def starters(ids: Sequence[str]) -> list[Checkpoint]:
    """These checkpoints described, in their order, those that need no network first. Well-known ones that were
    downloaded before need none either.
    """
    return sorted((describe(checkpoint) for checkpoint in ids), key=lambda found: found.needs_network)


def describe(checkpoint: str) -> Checkpoint:
    """What a starter, a folder or a Hub id is, from small files on this machine alone: quick, and without a network.

    Raises ``CheckpointError`` when it is a folder that cannot be trained from, or nothing at all.
    """
    if checkpoint == STARTER:
        return _fill(MINILM, starter_folder())
    if checkpoint == smollm2.ID:
        return _describe_smollm2()
    known = next((entry for entry in HUB if entry.id == checkpoint), None)
    if known is not None:
        folder = hub.cached(checkpoint)
        return dataclasses.replace(known, path=str(folder), needs_network=False) if folder else known
    if not _is_folder(checkpoint):
        folder = hub.cached(checkpoint) if access.may_see(checkpoint) else None
        if folder is None:
            return _not_here(checkpoint)
    else:
        return describe_folder(Path(checkpoint).expanduser())
    return _fill(Checkpoint(checkpoint, checkpoint, "", None), check(folder))


def describe_folder(folder: Path) -> Checkpoint:
    """The same of a folder that a checkpoint was found in, wherever it lies (``resolve``). Nobody names it here."""
    return _fill(Checkpoint(str(folder), folder.name, "", None), check(folder))


def readable_length(checkpoint: Checkpoint, wanted: int) -> int:
    """``wanted`` tokens, or as many as the checkpoint can read at once where those are fewer."""
    return min(wanted, checkpoint.max_length or wanted)


def resolve(checkpoint: str, revision: str | None = None) -> Path:
    """The folder of a checkpoint, complete and checked, downloaded where that is needed.

    Raises ``CheckpointError``, or ``HubError`` where it lies here and whoever asks may not see it.
    """
    if checkpoint == STARTER:
        return check(checked_starter_folder())
    if checkpoint == smollm2.ID:
        return check(smollm2.folder())
    if _is_folder(checkpoint):
        return check(Path(checkpoint).expanduser())
    if hub.cached(checkpoint, revision) is not None:  # the Hub is not asked for what lies here
        access.need_access(checkpoint)
    return check(hub.download(checkpoint, revision))


def check(folder: Path) -> Path:
    """Give the folder back if it holds a whole checkpoint of a text model. Raises ``CheckpointError`` otherwise."""
    read_config(folder)
    check_program(folder)
    files = weight_files(folder)
    if not files and not is_adapted(folder) and not (allows("bin") and pickled_files(folder)):
        raise hub.no_safetensors(str(folder), [file.name for file in folder.iterdir()])
    count_parameters(files)
    if not any((folder / name).is_file() for name in TOKENIZERS):
        raise CheckpointError(
            said("{folder} has no tokenizer, so it is no text model or not whole.", folder=folder),
            said("It should hold tokenizer.json or a vocabulary file beside config.json."),
        )
    return folder


def _not_here(checkpoint: str) -> Checkpoint:
    """As the Hub told when it was last asked about it."""
    told = remembered(checkpoint)
    if told is not None:
        return told.as_checkpoint()
    summary = said(
        "From the Hugging Face Hub. What it is will be known once it has been looked up there, or downloaded."
    )
    return Checkpoint(id=checkpoint, title=checkpoint, summary=summary, path=None, needs_network=True)


def _describe_smollm2() -> Checkpoint:
    """The same before and after it is made ready, but for its path; and how to install it while it is not here."""
    folder, known = smollm2.ready_folder(), smollm2.SMOLLM2
    if folder:
        return _fill(known, folder)
    summary = together(known.summary, said("It is made ready when it is first used, which takes about a minute."))
    return dataclasses.replace(
        known, summary=summary, install="" if smollm2.is_installed() else smollm2.install_words()
    )


def read_config(folder: Path) -> dict[str, Any]:
    """``config.json`` of a checkpoint. Raises ``CheckpointError`` when it is missing or cannot be read."""
    file = folder / "config.json"
    if not folder.is_dir():
        raise CheckpointError(
            said("There is no folder {folder}.", folder=folder),
            said("Check the path: it may have been moved or renamed."),
        )
    if not file.is_file():
        raise CheckpointError(
            said("{folder} is no checkpoint: config.json is missing.", folder=folder),
            said("Choose the folder that holds config.json, model.safetensors and a tokenizer."),
        )
    try:
        config = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, UnicodeDecodeError) as exc:
        raise CheckpointError(
            said("config.json in {folder} is damaged.", folder=folder),
            said("Copy or download the checkpoint again."),
            cause=str(exc),
        ) from exc
    if not isinstance(config, dict) or "model_type" not in config:
        raise CheckpointError(
            said("config.json in {folder} does not say what kind of model this is.", folder=folder),
            said("It should have an entry 'model_type'. Choose a checkpoint in the form of the transformers library."),
        )
    return config


def _is_folder(checkpoint: str) -> bool:
    """Whether a name means a folder. ``owner/name`` means the Hub unless such a folder is there."""
    if (folder := Path(checkpoint).expanduser()).is_dir() and home.may_name(folder):
        return True
    if checkpoint.startswith("starter/"):
        raise CheckpointError(
            said("There is no starter model {name}.", name=repr(checkpoint)),
            said("There are {first} and {second}.", first=STARTER, second=smollm2.ID),
        )
    if checkpoint.startswith(("/", ".", "~")) or not hub.looks_like_id(checkpoint):
        raise CheckpointError(
            said("There is no folder {folder}.", folder=checkpoint),
            said("Check the path, or type a Hub id such as distilbert/distilbert-base-uncased."),
        )
    return False


def _fill(known: Checkpoint, folder: Path) -> Checkpoint:
    """Complete what is known with what the files in ``folder`` say."""
    config, card, files = read_config(folder), _front_matter(folder / "README.md"), weight_files(folder)
    kept = files or (pickled_files(folder) if allows("bin") else [])
    architecture = known.architecture or configs.architecture(config)
    return dataclasses.replace(
        known,
        path=str(folder),
        summary=known.summary or said("A {kind} model in {folder}.", kind=architecture, folder=folder),
        architecture=architecture,
        parameters=count_parameters(files) if files else None,
        languages=known.languages or in_words(codes_of(card.get("language"))),
        licence=known.licence or licence_in_words(str(card.get("license") or ""), str(card.get("license_name") or "")),
        disk_bytes=_disk_bytes(folder, kept),
        max_length=configs.max_length(config, _tokenizer_config(folder)),
        hidden_size=configs.hidden_size(config),
        layers=configs.layers(config),
        vocab_size=configs.vocab_size(config),
        needs_network=False,
        family=family_of(config),
    )


def _tokenizer_config(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _disk_bytes(folder: Path, weights: list[Path]) -> int:
    small = [folder / name for name in ("config.json", "tokenizer_config.json", *TOKENIZERS)]
    return sum(file.stat().st_size for file in (*weights, *small) if file.is_file())


def _front_matter(readme: Path) -> dict[str, Any]:
    """The YAML between the two ``---`` lines that begin a model card; empty where there is none."""
    import yaml

    try:
        opening, _, rest = readme.read_text(encoding="utf-8", errors="replace").partition("---\n")
        found = plain_yaml.load(rest.partition("\n---")[0]) if not opening.strip() else {}
    except (FileNotFoundError, yaml.YAMLError):
        return {}
    return found if isinstance(found, dict) else {}
