"""Settings of what is noted while a model learns, and where else that is shown."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from core.schema import Setting, Settings, When
from core.settings.words import said

_TRACKED = When("report_to", ("none",), "No tracker is chosen.", but=True)


def _plain_no(value: object) -> object:
    """``report_to: null`` and YAML's bare ``no`` mean none."""
    return "none" if value is None or said(value) == "no" else value


class Notes(Settings):
    """The curve, and trackers beside this app."""

    group: ClassVar[str] = "Notes and trackers"

    logging_strategy: Annotated[
        Literal["steps", "epoch"],
        Setting(
            "Note the loss",
            "Each note is a point of the curve, and a look at whether the numbers are sound.",
            "advanced",
            choices=(("every few steps", "steps"), ("after each epoch", "epoch")),
        ),
    ] = "steps"
    logging_steps: Annotated[
        int | None,
        Setting(
            "Steps between notes",
            "Left empty: so that the curve is smooth and the notes stay few, which is at most 50.",
            "advanced",
            unit="steps",
            when=When("logging_strategy", ("steps",), "The loss is noted after each epoch."),
        ),
    ] = Field(None, ge=1, le=1_000_000)
    logging_first_step: Annotated[
        bool, Setting("Note the first step", "The curve begins at the very first step.", "expert")
    ] = False
    include_num_input_tokens_seen: Annotated[
        Literal["no", "all", "non_padding"],
        BeforeValidator(said),
        Setting(
            "Count tokens",
            "How many tokens it has learned from is noted for trackers. Slows a GPU a little.",
            "expert",
            choices=(("no", "no"), ("all", "all"), ("without padding", "non_padding")),
        ),
    ] = "no"
    report_to: Annotated[
        Literal["none", "tensorboard", "trackio", "wandb"],
        BeforeValidator(_plain_no),
        Setting(
            "Tracker",
            "Curves are shown there too. Weights & Biases, and Trackio with a Space, send them over the network.",
            "advanced",
            choices=(
                ("none", "none"),
                ("TensorBoard", "tensorboard"),
                ("Trackio", "trackio"),
                ("Weights & Biases", "wandb"),
            ),
            choice_needs={"trackio": "trackio", "wandb": "wandb"},
        ),
    ] = "none"
    run_name: Annotated[
        str,
        Setting("Name in the tracker", "Left empty: the run's own.", "expert", when=_TRACKED),
    ] = Field("", max_length=120)
    project: Annotated[
        str,
        Setting(
            "Project in the tracker",
            "Runs of a project stand together.",
            "advanced",
            when=(_TRACKED, When("report_to", ("trackio", "wandb"), "TensorBoard has no projects.")),
        ),
    ] = Field("tunesmith", min_length=1, max_length=120)
    trackio_space_id: Annotated[
        str | None,
        Setting(
            "Space of Trackio",
            "A Space of the Hub that shows the curves, as owner/name. Left empty: they stay on this machine.",
            "expert",
            when=When("report_to", ("trackio",), "Trackio is not chosen."),
        ),
    ] = Field(None, max_length=200)
