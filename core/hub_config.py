"""The part of a config about the Hub: whether, and how, a run publishes its model while it trains.

Names are those of ``transformers.TrainingArguments``. The token is never a part of a config.
"""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from core.said import said
from core.schema import Setting, Settings, When

_NAME = re.compile(r"[\w.-]+/[\w.-]+")
_PUSHED = When("push_to_hub", (True,), "Nothing is published while this run trains, so this is not used.")


class HubConfig(Settings):
    """Publishing while a run trains, as the guide has it. Publishing afterwards needs none of this."""

    group: ClassVar[str] = "The Hub"

    push_to_hub: Annotated[
        bool,
        Setting(
            "Publish while training",
            "Put the model on the Hugging Face Hub while it still learns. Afterwards it can be published either way.",
            "advanced",
        ),
    ] = False
    hub_model_id: Annotated[
        str,
        Field(max_length=120),
        Setting("Repository", "Where it goes: your name on the Hub, a slash, and a name.", "advanced", when=_PUSHED),
    ] = ""
    hub_strategy: Annotated[
        Literal["end", "every_save", "checkpoint", "all_checkpoints"],
        Setting(
            "What is published",
            "The model when it is done; at every save; or with what is needed to go on training elsewhere.",
            "advanced",
            choices=(
                ("the model, at the end", "end"),
                ("the model, at every save", "every_save"),
                ("that, and the newest checkpoint", "checkpoint"),
                ("that, and all checkpoints", "all_checkpoints"),
            ),
            when=_PUSHED,
        ),
    ] = "every_save"
    hub_private_repo: Annotated[
        bool,
        Setting("Keep it private", "Only you and those you invite see a new repository.", "advanced", when=_PUSHED),
    ] = True

    @property
    def holds_a_checkpoint(self) -> bool:
        """Whether a checkpoint is kept for as long as it is being published, beside those that training keeps."""
        return self.push_to_hub and self.hub_strategy != "end"

    @field_validator("hub_model_id")
    @classmethod
    def _is_a_place(cls, name: str, known: ValidationInfo) -> str:
        if not name and known.data.get("push_to_hub"):
            raise ValueError(said("name the repository to publish to, such as your-name/reviews"))
        if name and not _NAME.fullmatch(name):
            raise ValueError(said("write it as your name on the Hub, a slash and a name, such as your-name/reviews"))
        return name
