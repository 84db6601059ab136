"""The part of a config about being told when the run is over."""

from __future__ import annotations

import shlex
from typing import Annotated, ClassVar

from pydantic import Field, field_validator

from core.said import said
from core.schema import Setting, Settings


class NotifyConfig(Settings):
    """Whom to tell when a run ends, well or not. The browser's own note and sound are asked for on the run's page."""

    group: ClassVar[str] = "When it is done"

    webhook: Annotated[
        str,
        Field(max_length=500),
        Setting(
            "Web address to tell",
            "It gets the run's name, state and mark (a POST with JSON). No rows, no model.",
            "advanced",
        ),
    ] = ""
    command: Annotated[
        str,
        Field(max_length=500),
        Setting(
            "Command to run",
            "On this machine, in the run's folder, without a shell. It finds TUNESMITH_RUN, TUNESMITH_STATE and "
            "TUNESMITH_NAME in its environment.",
            "expert",
            needs="command",
        ),
    ] = ""

    @field_validator("webhook")
    @classmethod
    def _is_an_address(cls, address: str) -> str:
        if address and not address.startswith(("http://", "https://")):
            raise ValueError(said("give a web address that begins with https://"))
        return address

    @field_validator("command")
    @classmethod
    def _is_a_command(cls, command: str) -> str:
        try:
            shlex.split(command)
        except ValueError as exc:
            raise ValueError(said("this is no command: {why}", why=str(exc))) from exc
        return command
