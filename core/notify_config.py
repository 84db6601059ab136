"""The part of a config about being told when the run is over."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, field_validator

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
        Setting("Command to run", "On this machine. It must be allowed at start: --allow command.", "expert"),
    ] = ""

    @field_validator("webhook")
    @classmethod
    def _is_an_address(cls, address: str) -> str:
        if address and not address.startswith(("http://", "https://")):
            raise ValueError("give a web address that begins with https://")
        return address
