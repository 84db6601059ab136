"""What is known of a checkpoint, and where its files are. Nothing here loads a weight or runs a checkpoint's code."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.config import STARTER
from core.errors import CheckpointError
from core.models import hub, smollm2
from core.models.families import family_of
from core.models.known import HUB
from core.models.programs import check_program
from core.models.starters import MINILM, checked_starter_folder, starter_folder
from core.models.types import Checkpoint
from core.models.weights import count_parameters, pickled_files, weight_files
from core.permissions import allows

TOKENIZERS = ("tokenizer.json", "vocab.txt", "vocab.json", "spiece.model", "sentencepiece.bpe.model", "tokenizer.model")
ARCHITECTURES = {
    "albert": "ALBERT", "bert": "BERT", "camembert": "CamemBERT", "deberta": "DeBERTa", "deberta-v2": "DeBERTa",
    "bart": "BART", "distilbert": "DistilBERT", "electra": "ELECTRA", "encoder-decoder": "encoder and decoder",
    "gpt2": "GPT-2", "llama": "Llama", "marian": "Marian", "mbart": "mBART", "mistral": "Mistral",
    "modernbert": "ModernBERT", "mpnet": "MPNet", "mt5": "mT5", "qwen2": "Qwen2", "qwen3": "Qwen3",
    "roberta": "RoBERTa", "t5": "T5", "xlm-roberta": "XLM-RoBERTa",
}  # fmt: skip
"""How people write them; others are called as ``config.json`` does."""
_WITH_OFFSET = {"roberta", "xlm-roberta", "xlm-roberta-xl", "camembert", "longformer", "data2vec-text", "mpnet", "esm"}
"""Their position table begins with two places that no token takes."""
_RELATIVE = {"t5", "mt5", "umt5", "longt5"}
"""They know how far two tokens stand apart, and have no position table: ``n_positions`` says what they have seen."""
_NO_LIMIT = 1_000_000
"""Tokenizers without a limit of their own say so with a huge number."""

LANGUAGES = {
    "ar": "Arabic", "bn": "Bengali", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek", "en": "English",
    "es": "Spanish", "fa": "Persian", "fi": "Finnish", "fr": "French", "he": "Hebrew", "hi": "Hindi", "hu": "Hungarian",
    "id": "Indonesian", "it": "Italian", "ja": "Japanese", "ko": "Korean", "nl": "Dutch", "no": "Norwegian",
    "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sv": "Swedish", "th": "Thai",
    "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese", "zh": "Chinese",
    "multilingual": "many languages",
}  # fmt: skip


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
        folder = hub.cached(checkpoint)
        if folder is None:
            return Checkpoint(
                id=checkpoint,
                title=checkpoint,
                summary="From the Hugging Face Hub. What it is will be known once it has been downloaded.",
                path=None,
                needs_network=True,
            )
    else:
        folder = Path(checkpoint).expanduser()
    return _fill(Checkpoint(checkpoint, folder.name if _is_folder(checkpoint) else checkpoint, "", None), check(folder))


def readable_length(checkpoint: Checkpoint, wanted: int) -> int:
    """``wanted`` tokens, or as many as the checkpoint can read at once where those are fewer."""
    return min(wanted, checkpoint.max_length or wanted)


def resolve(checkpoint: str, revision: str | None = None) -> Path:
    """The folder of a checkpoint, complete and checked, downloaded where that is needed. Raises ``CheckpointError``."""
    if checkpoint == STARTER:
        return check(checked_starter_folder())
    if checkpoint == smollm2.ID:
        return check(smollm2.folder())
    if _is_folder(checkpoint):
        return check(Path(checkpoint).expanduser())
    return check(hub.download(checkpoint, revision))


def check(folder: Path) -> Path:
    """Give the folder back if it holds a whole checkpoint of a text model. Raises ``CheckpointError`` otherwise."""
    check_program(str(folder), read_config(folder))
    files = weight_files(folder)
    if not files and not (allows("bin") and pickled_files(folder)):
        raise hub.no_safetensors(str(folder), [file.name for file in folder.iterdir()])
    count_parameters(files)
    if not any((folder / name).is_file() for name in TOKENIZERS):
        raise CheckpointError(
            f"{folder} has no tokenizer, so it is no text model or not whole.",
            "It should hold tokenizer.json or a vocabulary file beside config.json.",
        )
    return folder


def _describe_smollm2() -> Checkpoint:
    """The same before and after it is made ready, but for its path; and how to install it while it is not here."""
    folder, known = smollm2.ready_folder(), smollm2.SMOLLM2
    if folder:
        return _fill(known, folder)
    summary = f"{known.summary} It is made ready when it is first used, which takes about a minute."
    return dataclasses.replace(
        known, summary=summary, install="" if smollm2.is_installed() else smollm2.install_words()
    )


def read_config(folder: Path) -> dict[str, Any]:
    """``config.json`` of a checkpoint. Raises ``CheckpointError`` when it is missing or cannot be read."""
    file = folder / "config.json"
    if not folder.is_dir():
        raise CheckpointError(f"There is no folder {folder}.", "Check the path: it may have been moved or renamed.")
    if not file.is_file():
        raise CheckpointError(
            f"{folder} is no checkpoint: config.json is missing.",
            "Choose the folder that holds config.json, model.safetensors and a tokenizer.",
        )
    try:
        config = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, UnicodeDecodeError) as exc:
        raise CheckpointError(
            f"config.json in {folder} is damaged.", "Copy or download the checkpoint again.", cause=str(exc)
        ) from exc
    if not isinstance(config, dict) or "model_type" not in config:
        raise CheckpointError(
            f"config.json in {folder} does not say what kind of model this is.",
            "It should have an entry 'model_type'. Choose a checkpoint in the form of the transformers library.",
        )
    return config


def _is_folder(checkpoint: str) -> bool:
    """Whether a name means a folder. ``owner/name`` means the Hub unless such a folder is there."""
    if Path(checkpoint).expanduser().is_dir():
        return True
    if checkpoint.startswith("starter/"):
        raise CheckpointError(f"There is no starter model {checkpoint!r}.", f"There are {STARTER} and {smollm2.ID}.")
    if checkpoint.startswith(("/", ".", "~")) or not hub.looks_like_id(checkpoint):
        raise CheckpointError(
            f"There is no folder {checkpoint}.",
            "Check the path, or type a Hub id such as distilbert/distilbert-base-uncased.",
        )
    return False


def _fill(known: Checkpoint, folder: Path) -> Checkpoint:
    """Complete what is known with what the files in ``folder`` say."""
    config, card, files = read_config(folder), _front_matter(folder / "README.md"), weight_files(folder)
    kept = files or (pickled_files(folder) if allows("bin") else [])
    architecture = known.architecture or ARCHITECTURES.get(config["model_type"], str(config["model_type"]))
    return dataclasses.replace(
        known,
        path=str(folder),
        summary=known.summary or f"A {architecture} model in {folder}.",
        architecture=architecture,
        parameters=count_parameters(files) if files else None,
        languages=known.languages or _languages(card.get("language")),
        licence=known.licence or _licence(card),
        disk_bytes=_disk_bytes(folder, kept),
        max_length=_max_length(folder, config),
        hidden_size=_number(config, "hidden_size", "dim", "d_model", "n_embd"),
        layers=_number(config, "num_hidden_layers", "n_layers", "n_layer", "num_layers"),
        vocab_size=_number(config, "vocab_size"),
        needs_network=False,
        family=family_of(config),
    )


def _number(config: dict[str, Any], *names: str) -> int | None:
    return next((config[name] for name in names if isinstance(config.get(name), int)), None)


def _max_length(folder: Path, config: dict[str, Any]) -> int | None:
    """Tokens that fit: the smaller of the position table and the tokenizer's own limit, where they are given."""
    places = _number(config, "max_position_embeddings", "n_positions", "n_ctx")
    if config["model_type"] in _RELATIVE:
        places = None
    if places and config["model_type"] in _WITH_OFFSET:
        places -= 2
    limits = [limit for limit in (places, _tokenizer_limit(folder)) if limit and 0 < limit < _NO_LIMIT]
    return min(limits, default=None)


def _tokenizer_limit(folder: Path) -> int | None:
    try:
        limit = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8")).get("model_max_length")
    except (FileNotFoundError, ValueError, AttributeError):
        return None
    return int(limit) if isinstance(limit, int | float) else None


def _disk_bytes(folder: Path, weights: list[Path]) -> int:
    small = [folder / name for name in ("config.json", "tokenizer_config.json", *TOKENIZERS)]
    return sum(file.stat().st_size for file in (*weights, *small) if file.is_file())


def _front_matter(readme: Path) -> dict[str, Any]:
    """The YAML between the two ``---`` lines that begin a model card; empty where there is none."""
    import yaml

    try:
        opening, _, rest = readme.read_text(encoding="utf-8", errors="replace").partition("---\n")
        found = yaml.safe_load(rest.partition("\n---")[0]) if not opening.strip() else {}
    except (FileNotFoundError, yaml.YAMLError):
        return {}
    return found if isinstance(found, dict) else {}


def _languages(given: Any) -> tuple[str, ...]:
    codes = given if isinstance(given, list) else [given] if given else []
    return tuple(LANGUAGES.get(str(code).lower(), str(code)) for code in codes)


def _licence(card: dict[str, Any]) -> str:
    """As people write it: ``Apache-2.0``, ``MIT``, ``CC-BY-4.0``."""
    name = str(card.get("license_name") or card.get("license") or "")
    if name == "other":
        return "its own licence"
    return {"apache-2.0": "Apache-2.0", "mit": "MIT"}.get(name, name.upper() if name.startswith("cc") else name)
