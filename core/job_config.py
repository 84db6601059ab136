"""The part of a config about renting: whether a run computes on a machine of the Hub, which, and for how long at most.

What it costs is agreed to when a run is started, and never by a file: see ``core.jobs.agreement``.
"""

from __future__ import annotations

import re
from typing import Annotated, ClassVar

from pydantic import Field, field_validator

from core.said import said
from core.schema import Setting, Settings, When

_NAME = re.compile(r"[\w.-]*")
_HERE = When("hardware", ("",), "This run computes on this machine.", but=True)


class JobConfig(Settings):
    """A machine of the Hugging Face Hub, rented for one run (the Hub calls that a Job)."""

    group: ClassVar[str] = "A rented machine"

    hardware: Annotated[
        str,
        Field(max_length=60),
        Setting(
            "Machine of the Hub",
            "Its name there, such as t4-small: it costs money by the minute, which is asked before the start. Left "
            "empty: this machine.",
            "advanced",
        ),
    ] = ""
    time_limit: Annotated[
        float,
        Setting(
            "Time limit",
            "After so long the machine is taken away, whatever it does. Shortly before, the run stops by itself and "
            "keeps its best model.",
            "advanced",
            unit="hours",
            when=_HERE,
        ),
    ] = Field(1.0, ge=0.01, le=168)
    namespace: Annotated[
        str,
        Field(max_length=96),
        Setting(
            "Who pays",
            "Your name on the Hub, or that of an organisation of yours. Left empty: you.",
            "advanced",
            when=_HERE,
        ),
    ] = ""

    @field_validator("hardware", "namespace")
    @classmethod
    def _is_a_name(cls, name: str) -> str:
        name = name.strip()
        if not _NAME.fullmatch(name):
            raise ValueError(said("write the name alone, such as t4-small"))
        return name

    @property
    def is_rented(self) -> bool:
        """Whether the run computes on a machine of the Hub."""
        return bool(self.hardware)

    @property
    def seconds(self) -> int:
        """The time limit in seconds."""
        return round(self.time_limit * 3600)
