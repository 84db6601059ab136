"""Pieces that people who program bring along, by import path: ``package.module:NAME``.

They are named in a ``run.yaml`` or in the environment of the app, never in the browser. Their module must be importable
where the app was started: the folder of the ``run.yaml`` is not searched.
"""

from __future__ import annotations

import importlib
from typing import Any, TypeVar

from core.errors import ConfigError

T = TypeVar("T")


def imported(path: str, kind: type[T]) -> T:
    """What stands at an import path. Raises ``ConfigError`` when there is nothing, or something else."""
    found = load(path)
    if not isinstance(found, kind):
        raise ConfigError(
            f"{path} is no {kind.__name__}.", f"It is {type(found).__name__}. Name a {kind.__name__} that stands there."
        )
    return found


def load(path: str) -> Any:
    """Whatever stands at an import path. Raises ``ConfigError`` when it cannot be imported."""
    module, found, name = path.partition(":")
    if not found or not all(part.isidentifier() for part in [*module.split("."), name]):
        raise ConfigError(f"{path} is no import path.", "Write it as package.module:NAME.")
    try:
        return getattr(importlib.import_module(module), name)
    except ImportError as exc:
        raise ConfigError(
            f"The module {module} cannot be imported.",
            "Start Tunesmith from the folder that holds it, or put that folder on PYTHONPATH.",
            cause=f"{type(exc).__name__}: {exc}",
        ) from exc
    except AttributeError as exc:
        raise ConfigError(f"The module {module} has no {name}.", "Check the name behind the colon.") from exc


def callables(paths: tuple[str, ...]) -> list[Any]:
    """What stands at these paths, each of which must be callable. Raises ``ConfigError``."""
    found = [load(path) for path in paths]
    for path, one in zip(paths, found, strict=True):
        if not callable(one):
            raise ConfigError(f"{path} cannot be called.", "Name a function or a class.")
    return found
