"""Example code for a model that was kept as an adapter alone: the model beneath it is fetched and both become one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.models import adapted
from core.usage.code import Source, filled

if TYPE_CHECKING:
    from core.runs import Run
    from core.tasks.base import Task

FOLDER = "merged"
"""Where the code puts the whole model."""
_MERGED = """
# Once: fetch the model that the adapter was made for, and make one model of both. Needs the package peft too.
from peft import PeftModel
from transformers import AutoConfig, AutoTokenizer, $auto

config = AutoConfig.from_pretrained($place)
base = $auto.from_pretrained($base, config=config, ignore_mismatched_sizes=True)
PeftModel.from_pretrained(base, $place).merge_and_unload().save_pretrained($folder)
AutoTokenizer.from_pretrained($place).save_pretrained($folder)

# From here on, the model is one like any other.
"""


def is_alone(run: Run) -> bool:
    return adapted.is_adapted(Path(run.model_path))


def merging(run: Run, task: Task, place: str) -> str:
    """Python that puts the whole model into ``FOLDER``, from the adapter at ``place``."""
    base = adapted.public_name(adapted.base_of(run.model_path).checkpoint)
    if not Path(place).is_absolute() and Path(base).is_absolute():
        base = Path(base).name  # where a folder lies is nobody's business
    return filled(_MERGED, auto=Source(task.auto_class), place=place, base=base, folder=FOLDER) + "\n\n"
