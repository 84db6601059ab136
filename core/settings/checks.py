"""Settings of checks while it learns: when they begin, what makes a model the best one, and what is saved."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from core.schema import Setting, Settings, When
from core.settings.words import Automatic, said

_CHECKED = When("eval_strategy", ("no",), "Progress is not checked.", but=True)


class Checks(Settings):
    """What is looked at in checks, and from when on."""

    group: ClassVar[str] = "Checks"

    metric_for_best_model: Annotated[
        str,
        Setting(
            "Best by",
            "The measure by which the best model is chosen, as loss or accuracy. Left empty: the task's main one.",
            "advanced",
            when=_CHECKED,
        ),
    ] = Field("", max_length=100)
    greater_is_better: Annotated[
        Automatic,
        BeforeValidator(said),
        Setting(
            "More is better",
            "Whether a larger value of that measure is the better one; of each measure it is known.",
            "expert",
            choices=(("as that measure has it", "automatic"), ("yes", "yes"), ("no", "no")),
            when=_CHECKED,
        ),
    ] = "automatic"
    early_stopping_threshold: Annotated[
        float,
        Setting(
            "Least improvement",
            "A check counts as better for early stopping only when it is so by more than this.",
            "advanced",
            when=(_CHECKED, When("early_stopping_patience", (0,), "Early stopping is off.", but=True)),
        ),
    ] = Field(0.0, ge=0, le=1_000_000)
    eval_delay: Annotated[
        float,
        Setting(
            "First check after",
            "No check before so many epochs; where checks go by steps, so many steps.",
            "expert",
            when=_CHECKED,
        ),
    ] = Field(0, ge=0, le=10_000_000)
    eval_time_share: Annotated[
        float,
        Setting(
            "Share of time for checks",
            "Checks that would take more of the time read a fixed sample of the validation rows, of 500 or more. "
            "1: always all rows. The final judgement always reads all.",
            "advanced",
            when=_CHECKED,
        ),
    ] = Field(0.2, gt=0, le=1)
    eval_on_start: Annotated[
        bool,
        Setting("Check before the first step", "How good it is before it has learned anything.", "advanced"),
    ] = False


class Saving(Settings):
    """What is saved on the way, so that a run can go on after anything that happens."""

    group: ClassVar[str] = "Saving"

    save_strategy: Annotated[
        Literal["checks", "epoch", "steps", "best", "no"],
        BeforeValidator(said),
        Setting(
            "Save",
            "A run that is interrupted goes on from what was saved last. Never: it begins anew, and its last state is "
            "kept, not the best.",
            "advanced",
            choices=(
                ("with each check", "checks"),
                ("after each epoch", "epoch"),
                ("every few steps", "steps"),
                ("when a check is better than all before", "best"),
                ("never", "no"),
            ),
        ),
    ] = "checks"
    save_steps: Annotated[
        int,
        Setting(
            "Steps between saving",
            "Where progress is checked, a multiple of the steps between checks: the best must be among what is saved.",
            "advanced",
            unit="steps",
            when=When("save_strategy", ("steps",), "It is not saved every few steps."),
        ),
    ] = Field(500, ge=1, le=100_000_000)
    save_total_limit: Annotated[
        int,
        Setting(
            "Checkpoints at once",
            "Older ones go; the best and the newest stay. Each takes three times the room of the model.",
            "advanced",
            unit="checkpoints",
            when=When("save_strategy", ("no",), "Nothing is saved on the way.", but=True),
        ),
    ] = Field(2, ge=2, le=1000)
    save_only_model: Annotated[
        bool,
        Setting(
            "Save the model alone",
            "Checkpoints take a third of the room. A run that is interrupted then begins anew: what it would go on "
            "with is not saved.",
            "expert",
            when=When("save_strategy", ("no",), "Nothing is saved on the way.", but=True),
        ),
    ] = False
    keep_checkpoints: Annotated[
        bool,
        Setting(
            "Keep checkpoints",
            "They otherwise go when the run has finished. Kept ones can be published, or trained on from; each takes "
            "three times the room of the model.",
            "advanced",
        ),
    ] = False
    resume_from_checkpoint: Annotated[
        str | None,
        Setting(
            "Go on from",
            "The folder of a checkpoint of another run, whose training goes on here. Left empty: begin anew.",
            "expert",
        ),
    ] = Field(None, max_length=1000)
