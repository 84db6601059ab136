"""What probes have found, kept for the next run like it: one JSON file for each machine, kind of model and way to train
it, named by a hash of all that the figures depend on. Read before a start, too, so without torch.
"""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from core import __version__, home, machine
from core.config import RunConfig, TrainingConfig
from core.models.types import Checkpoint
from core.probing.found import Probed
from core.runs import write_atomically

_TRAINING = (
    "bf16",
    "fp16",
    "tf32",
    "torch_compile",
    "torch_compile_backend",
    "torch_compile_mode",
    "use_liger_kernel",
    "use_cpu",
    "optim",
    "activation_checkpointing",
    "freeze",
    "frozen_layers",
    "padding",
)
_MODEL = ("dropout", "attention_dropout", "classifier_dropout")
ENOUGH_SHARE = 0.8
"""Below this share of the processor a probe is taken for one of a busy machine: a run on a quiet one measures anew."""
STRETCH = 1.3
"""How much longer texts may be than those that were tried."""


def chooses(training: TrainingConfig) -> bool:
    """Whether the fastest way is taken. A training that is to be repeated to the last digit goes by no stopwatch."""
    return training.probe == "choose" and not training.full_determinism


def facts(config: RunConfig, checkpoint: Checkpoint) -> dict[str, Any]:
    """All that the figures depend on."""
    return {
        "machine": [machine.processor(), machine.cores(), machine.threads(), machine.gpu_name()],
        "versions": [__version__, *map(_version, ("torch", "transformers", "peft"))],
        "model": [
            checkpoint.architecture,
            checkpoint.parameters,
            checkpoint.hidden_size,
            checkpoint.layers,
            checkpoint.vocab_size,
            *(getattr(config.model, name) for name in _MODEL),
        ],
        "task": config.task,
        "adapter": config.adapter.model_dump(mode="json", exclude={"save"}),
        "chooses": chooses(config.training),
        "training": {name: getattr(config.training, name) for name in _TRAINING},
    }


def known(config: RunConfig, checkpoint: Checkpoint) -> Probed | None:
    """What was found of such a run on this machine; None where nothing was, or it cannot be read."""
    try:
        return Probed.of(json.loads(_path(config, checkpoint).read_text(encoding="utf-8"))["found"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep(config: RunConfig, checkpoint: Checkpoint, found: Probed) -> None:
    """Keep what was found, with what it depends on, so that a person can read it."""
    record = {"found": found.as_record(), "of": facts(config, checkpoint)}
    write_atomically(_path(config, checkpoint), json.dumps(record, indent=1, allow_nan=False))


def holds(found: Probed, longest: int) -> bool:
    """Whether a run whose longest text has so many tokens may do with it. What was found on a busy machine is no worse
    than what would be found on one that is busy still.
    """
    is_as_good = found.share >= ENOUGH_SHARE or machine.is_busy()
    return is_as_good and longest <= STRETCH * found.widest


def _path(config: RunConfig, checkpoint: Checkpoint) -> Path:
    folder = home.shared_cache_dir() / "probes"
    folder.mkdir(exist_ok=True)
    text = json.dumps(facts(config, checkpoint), sort_keys=True, default=str)
    return folder / f"{hashlib.blake2b(text.encode(), digest_size=12).hexdigest()}.json"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
