"""Settings of how long is learned, and how the learning rate goes meanwhile."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from core.schema import Setting, Settings, When

_COSINES = ("cosine", "cosine_with_restarts", "cosine_with_min_lr", "cosine_warmup_with_min_lr", "warmup_stable_decay")
_FLOORS = ("cosine_with_min_lr", "cosine_warmup_with_min_lr", "warmup_stable_decay", "reduce_lr_on_plateau", "greedy")


def _only(*schedules: str) -> When:
    return When("lr_scheduler_type", schedules, "The schedule that is chosen has no such number.")


class Schedule(Settings):
    """The course of the learning rate, and its end. Names of numbers are those of transformers' schedules."""

    group: ClassVar[str] = "Length and schedule"

    max_steps: Annotated[
        int,
        Setting(
            "Steps in all",
            "How many corrections are made, however many epochs that is. -1: as many as the epochs have.",
            "advanced",
            unit="steps",
            when=When("data.streaming", (None,), "How long a stream is learned from is said where it is opened."),
        ),
    ] = Field(-1, ge=-1, le=100_000_000)
    lr_scheduler_type: Annotated[
        Literal[
            "linear",
            "cosine",
            "cosine_with_restarts",
            "polynomial",
            "constant",
            "constant_with_warmup",
            "inverse_sqrt",
            "reduce_lr_on_plateau",
            "cosine_with_min_lr",
            "cosine_warmup_with_min_lr",
            "warmup_stable_decay",
            "greedy",
        ],
        Setting(
            "Schedule",
            "How the learning rate falls after the warm-up.",
            "advanced",
            choices=(
                ("in a straight line", "linear"),
                ("in a soft curve (cosine)", "cosine"),
                ("in soft curves, each from the top again", "cosine_with_restarts"),
                ("in a curve of a chosen power", "polynomial"),
                ("not at all, without warm-up", "constant"),
                ("not at all", "constant_with_warmup"),
                ("ever more slowly (inverse square root)", "inverse_sqrt"),
                ("when checks bring nothing better", "reduce_lr_on_plateau"),
                ("in a soft curve to a least rate", "cosine_with_min_lr"),
                ("in a soft curve to a least rate, its warm-up from a chosen one", "cosine_warmup_with_min_lr"),
                ("at the end only (warm-up, stable, decay)", "warmup_stable_decay"),
                ("up and down, by what checks say (greedy)", "greedy"),
            ),
        ),
    ] = "linear"
    num_cycles: Annotated[
        float | None,
        Setting(
            "Waves",
            "How many waves the soft curve has, or how often it starts again. Left empty: half a wave, or one start.",
            "expert",
            when=_only(*_COSINES),
        ),
    ] = Field(None, gt=0, le=1000)
    power: Annotated[
        float,
        Setting("Power", "1 is a straight line; above, the rate falls sooner.", "expert", when=_only("polynomial")),
    ] = Field(1.0, gt=0, le=10)
    lr_end: Annotated[
        float,
        Setting(
            "Learning rate at the end",
            "Where the curve ends. It has to be below the learning rate.",
            "expert",
            when=_only("polynomial"),
        ),
    ] = Field(1e-7, ge=0, le=1)
    min_lr_rate: Annotated[
        float,
        Setting(
            "Least share",
            "The learning rate never falls below this share of itself: 0.1 is a tenth.",
            "expert",
            when=_only(*_FLOORS),
        ),
    ] = Field(0.1, ge=0, le=1)
    max_lr_rate: Annotated[
        float,
        Setting(
            "Most times", "The learning rate never rises above so many times itself.", "expert", when=_only("greedy")
        ),
    ] = Field(2.0, ge=1, le=100)
    warmup_lr_rate: Annotated[
        float | None,
        Setting(
            "Share at the start",
            "The warm-up begins at this share of the learning rate. Left empty: at nearly nothing.",
            "expert",
            when=_only("cosine_warmup_with_min_lr"),
        ),
    ] = Field(None, ge=0, le=1)
    num_decay_steps: Annotated[
        float,
        Setting(
            "Fall at the end",
            "How long the rate falls at the end. Below 1 this is a share of the run, otherwise a number of steps.",
            "expert",
            when=_only("warmup_stable_decay"),
        ),
    ] = Field(0.2, gt=0, le=100_000_000)
    warmup_type: Annotated[
        Literal["linear", "cosine", "1-sqrt"],
        Setting("Shape of the warm-up", "How the rate rises at first.", "expert", when=_only("warmup_stable_decay")),
    ] = "linear"
    decay_type: Annotated[
        Literal["linear", "cosine", "1-sqrt"],
        Setting("Shape of the fall", "How the rate falls at the end.", "expert", when=_only("warmup_stable_decay")),
    ] = "cosine"
    timescale: Annotated[
        int | None,
        Setting(
            "Time scale",
            "How many steps the fall takes to come to 7 tenths. Left empty: as many as the warm-up has, or 10,000.",
            "expert",
            unit="steps",
            when=_only("inverse_sqrt"),
        ),
    ] = Field(None, ge=1, le=100_000_000)
    plateau_factor: Annotated[
        float,
        Setting(
            "Change at a standstill",
            "The learning rate is multiplied by this when checks bring nothing better.",
            "expert",
            when=_only("reduce_lr_on_plateau", "greedy"),
        ),
    ] = Field(0.5, gt=0, lt=1)
    plateau_patience: Annotated[
        int,
        Setting(
            "Checks until it changes",
            "So many checks without anything better are waited for; the one after them changes the rate.",
            "expert",
            unit="checks",
            when=_only("reduce_lr_on_plateau", "greedy"),
        ),
    ] = Field(1, ge=0, le=1000)
