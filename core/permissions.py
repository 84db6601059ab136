"""What the person who starts the app allows, beyond the safe defaults. No page can change it.

Flags of ``app.py`` and of the command line set it; processes that are started from there inherit it.
"""

from __future__ import annotations

import os
from typing import Literal

Permission = Literal["bin", "remote-code", "command", "inside"]
"""Weights in the old form that can hide code (``.bin``, read by torch with ``weights_only``), and programs that come
with a model and are run to use it (``trust_remote_code``); commands of a config that are run when it is done; web
addresses of this machine's own network that are told of it."""
VARIABLE = "TUNESMITH_ALLOW"


def allows(permission: Permission) -> bool:
    return permission in os.environ.get(VARIABLE, "").split(",")


def allow(*permissions: Permission) -> None:
    """From here on, in this process and those it starts."""
    already = [one for one in os.environ.get(VARIABLE, "").split(",") if one]
    os.environ[VARIABLE] = ",".join(dict.fromkeys([*already, *permissions]))
