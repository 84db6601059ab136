"""What the settings of a run may name where its owner is one of several people: nothing outside of their own home."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core import home
from core.config import RunConfig
from core.errors import ConfigError
from core.said import said

LONGEST_PATH = 4096
"""Characters. What is longer is no path on any system."""


def confined(config: RunConfig) -> RunConfig:
    """These settings. Raises ``ConfigError`` where they name files of others or of the machine, or its programs."""
    if home.home() == home.root():
        return config
    if config.custom.is_used:
        raise ConfigError(
            said("Pieces of one's own programs can be used only by whoever runs Tunesmith for themselves."),
            said("Take `custom` out of the settings."),
        )
    need_own(config.model_dump(mode="json"))
    return config


def need_own(value: Any) -> None:
    """Raise ``ConfigError`` where texts in these nested records name files of others or of the machine."""
    if home.home() == home.root():
        return
    for named in _texts(value):
        if _is_there(named) and not home.may_name(Path(named)):
            raise ConfigError(
                said("The settings name {named}, which does not lie among your own files.", named=named),
                said("Upload the file on the page “New run”, then choose it."),
            )


def _is_there(named: str) -> bool:
    if "/" not in named or len(named) > LONGEST_PATH or "\0" in named:
        return False
    try:
        return Path(named).expanduser().exists()
    except (OSError, RuntimeError):  # a name too long for a disk, or of a user who is not there
        return False


def _texts(value: Any) -> Iterator[str]:
    """All texts in nested records and lists."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
