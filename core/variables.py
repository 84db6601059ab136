"""Flags that can be given as variables of the environment too: each ``--flag-name`` as ``TUNESMITH_FLAG_NAME``.

Spaces and containers are set up by variables. A flag that is given stands above its variable.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping

from core import ceilings

PREFIX = "TUNESMITH_"
_NAMED = {"limit": ceilings.VARIABLE}
_READ_ELSEWHERE = {"home", "devices", "allow", "limit"}
"""What all processes read for themselves, wherever it comes from."""
_GRADIO = {"host": "GRADIO_SERVER_NAME", "port": "GRADIO_SERVER_PORT"}
"""By these a Space says where the app has to listen."""
_YES, _NO = ("1", "true", "yes", "on"), ("", "0", "false", "no", "off")


def variable_of(flag: argparse.Action) -> str:
    """The name of a flag's variable."""
    return _NAMED.get(flag.dest, PREFIX + flag.dest.upper())


def flags_of(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """The flags that have a variable: all but ``--help``."""
    return [flag for flag in parser._actions if flag.option_strings and flag.dest != "help"]


def take(parser: argparse.ArgumentParser, environment: Mapping[str, str] = os.environ) -> None:
    """Let the variables say what stands where a flag is not given. Ends the program where one says nonsense."""
    for flag in flags_of(parser):
        told = environment.get(variable_of(flag)) or environment.get(_GRADIO.get(flag.dest, ""))
        if told and flag.dest not in _READ_ELSEWHERE:
            flag.default = _value(parser, flag, told)


def _value(parser: argparse.ArgumentParser, flag: argparse.Action, told: str) -> object:
    if flag.nargs == 0:
        if told.lower() not in (*_YES, *_NO):
            parser.error(f"{variable_of(flag)} has to be 1 or 0, not {told}")
        return told.lower() in _YES
    is_list = isinstance(flag, argparse._AppendAction)
    parts = [part.strip() for part in told.split(",") if part.strip()] if is_list else [told]
    for part in parts:
        if flag.choices is not None and part not in flag.choices:
            parser.error(f"{variable_of(flag)} has to be one of {', '.join(flag.choices)}, not {part}")
    return parts if is_list else told
