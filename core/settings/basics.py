"""The ten settings that everybody sees."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from core.schema import Setting, Settings, When
from core.settings.words import said


class Basics(Settings):
    """How long, how fast, in what portions, and how often is looked whether it helps."""

    group: ClassVar[str] = "Basics"

    num_train_epochs: Annotated[
        float,
        Setting(
            "Epochs",
            "How many times the model reads all the examples. More helps small tables, then stops helping.",
            when=(
                When("max_steps", (-1, 0), "The number of steps is given, so epochs are not counted."),
                When("data.streaming", (None,), "A stream says in steps how long it is learned from."),
            ),
        ),
    ] = Field(3, gt=0, le=1000)
    learning_rate: Annotated[
        float,
        Setting(
            "Learning rate",
            "How big each correction is. Too big and it forgets what it knew, too small and it learns little.",
        ),
    ] = Field(5e-5, gt=0, le=1)
    per_device_train_batch_size: Annotated[
        int,
        Setting(
            "Batch size",
            "How many examples it looks at before each correction. Smaller needs less memory.",
            unit="examples",
        ),
    ] = Field(16, ge=1, le=4096)
    max_length: Annotated[
        int,
        Setting(
            "Maximum length",
            "Longer texts are cut here. A token is a word or a piece of one; shorter is faster.",
            unit="tokens",
        ),
    ] = Field(128, ge=8, le=1_000_000)
    warmup_steps: Annotated[
        float,
        Setting(
            "Warm-up",
            "The learning rate rises slowly at first. Below 1 this is a share of the run (0.1 is a tenth), "
            "otherwise a number of steps.",
            when=When(
                "lr_scheduler_type",
                ("constant", "reduce_lr_on_plateau", "greedy"),
                "The schedule that is chosen begins at the full learning rate.",
                but=True,
            ),
        ),
    ] = Field(0.1, ge=0, le=1_000_000)
    weight_decay: Annotated[
        float,
        Setting(
            "Weight decay", "A gentle pull towards small weights; it keeps the model from learning examples by heart."
        ),
    ] = Field(0.01, ge=0, le=1)
    eval_strategy: Annotated[
        Literal["epoch", "steps", "no"],
        BeforeValidator(said),
        Setting(
            "Check progress",
            "How often the model is tried on the validation examples while it learns. Without checks the last state of "
            "the model is kept, not the best, and nothing stops early.",
            choices=(("after each epoch", "epoch"), ("every few steps", "steps"), ("not at all", "no")),
        ),
    ] = "epoch"
    eval_steps: Annotated[
        int,
        Setting(
            "Steps between checks",
            "A step is one correction, made from one batch.",
            unit="steps",
            when=(
                When("eval_strategy", ("no",), "Progress is not checked, so this number is not used.", but=True),
                When("eval_strategy", ("steps",), "Progress is checked after each epoch, so this number is not used."),
            ),
        ),
    ] = Field(100, ge=1, le=10_000_000)
    early_stopping_patience: Annotated[
        int,
        Setting(
            "Early stopping",
            "Stop when this many checks in a row bring nothing better; 0 never stops early. "
            "The best model is kept either way.",
            unit="checks",
            when=When("eval_strategy", ("no",), "Progress is not checked, so nothing tells when to stop.", but=True),
        ),
    ] = Field(3, ge=0, le=1000)
    seed: Annotated[
        int,
        Setting("Seed", "The start of all chance. The same seed on the same machine gives the same model."),
    ] = Field(42, ge=0, le=2**32 - 1)
