"""What a setting may need of this machine beyond its CPU, and in words why it is not there.

Asked by the form and the command line, so without torch: the GPU's driver and the installed packages say it.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

from core import machine


def _gpu() -> str:
    return "" if machine.has_gpu() else "It takes an NVIDIA GPU, and this machine has none that can be used."


def _package(name: str, extra: str) -> Callable[[], str]:
    def missing() -> str:
        return "" if find_spec(name) else f"It takes the package {name}: pip install 'tunesmith[{extra}]'."

    return missing


CAPABILITIES: dict[str, Callable[[], str]] = {
    "gpu": _gpu,
    "bitsandbytes": _package("bitsandbytes", "quantized"),
    "trackio": _package("trackio", "trackio"),
    "wandb": _package("wandb", "wandb"),
}
"""Name -> why it is missing here, or an empty text where it is there."""


def missing(needs: str) -> str:
    """Why this machine lacks what a setting ``needs``; empty when it has it, or when nothing is needed."""
    return CAPABILITIES[needs]() if needs else ""
