"""What was measured on: figures say nothing without it."""

from __future__ import annotations

import os
import platform
import time
from importlib.metadata import version
from typing import Any

from core import machine
from tests.bench.options import Options


def described(options: Options) -> dict[str, Any]:
    """The machine, how busy it was when it began, the versions, and how it was measured."""
    return {
        "processor": machine.processor(),
        "cores": machine.cores(),
        "gpu": machine.gpu_name() if machine.has_gpu() else None,
        "memory_free_gb": round(machine.memory_available() / 1e9, 1),
        "load": round(os.getloadavg()[0], 1),
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "versions": {name: version(name) for name in ("torch", "transformers", "datasets", "accelerate", "tokenizers")},
        "day": time.strftime("%Y-%m-%d"),
        "pairs": options.pairs,
        "steps_a_block": options.steps,
        "threads": options.threads,
        "data": str(options.data) if options.data else "the shipped samples",
    }
