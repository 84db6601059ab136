"""The ``TrainingArguments`` of a run as they stand in its script: those that differ from the library's defaults.

Read from the object that the run itself trains with, so every setting comes along by itself.
"""

from __future__ import annotations

from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from typing import Any

from core.config import TrainingConfig

OURS = {
    # Said by the script itself.
    "output_dir",
    "seed",
    "label_smoothing_factor",
    # Of this machine, or of how we show a run.
    "dataloader_pin_memory",
    "disable_tqdm",
    "logging_dir",
    "report_to",
    "run_name",
    "project",
    "trackio_space_id",
    "push_to_hub",
    "ignore_data_skip",
    "resume_from_checkpoint",
    "auto_find_batch_size",
}
"""Arguments that a script has no need of."""


DEALT_OUT = {"per_device_train_batch_size", "gradient_accumulation_steps"}
"""Arguments that a run hands to its Trainer in a form of its own: see ``core.training.batching``."""


def differing(arguments: Any, training: TrainingConfig) -> dict[str, Any]:
    """Name -> value, as plain data, of the arguments that are not as they are by default, but for ``OURS``. Those that
    are ``DEALT_OUT`` are as ``training`` has them.

    A second object is not made to compare with: that would make the library forget the devices of the first.
    """
    from transformers import TrainingArguments

    found = {}
    for field in fields(TrainingArguments):
        value = _plain(getattr(training if field.name in DEALT_OUT else arguments, field.name))
        if field.init and field.name not in OURS and not _is_usual(value, field):
            found[field.name] = value
    return found


def _is_usual(value: Any, field: Field[Any]) -> bool:
    default = _plain(field.default_factory() if field.default_factory is not MISSING else field.default)
    # Nothing is written down as None or as an empty text, and becomes False or an empty list.
    is_nothing = not default and (value is None or value is False or value == [] or value == {})
    return is_nothing or bool(value == default)


def _plain(value: Any) -> Any:
    """As it would be written down; of records, what differs from their own defaults."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(inner) for inner in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: _plain(mine) for one in fields(value) if (mine := getattr(value, one.name)) != one.default}
    return value if value is None or isinstance(value, str | int | float) else str(value)
