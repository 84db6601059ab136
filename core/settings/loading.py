"""Settings of how examples come to the model."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from core.schema import Setting, Settings, When

_TABLE = When("data.streaming", (None,), "A stream is read in its own way.")
_WORKERS = When("dataloader_num_workers", (0,), "The run itself prepares its batches.", but=True)


class Loading(Settings):
    """In which order batches come, and who prepares them."""

    group: ClassVar[str] = "Reading the examples"

    train_sampling_strategy: Annotated[
        Literal["random", "sequential", "batch_rebalance", "group_by_length"],
        Setting(
            "Order of the examples",
            "Grouped by length, each correction rests on texts of like length: fastest where lengths differ much, but "
            "what is learned differs a little from an order by chance.",
            "advanced",
            choices=(
                ("by chance", "random"),
                ("as in the table", "sequential"),
                ("by chance, each batch shared out by length", "batch_rebalance"),
                ("grouped by length", "group_by_length"),
            ),
            when=_TABLE,
        ),
    ] = "random"
    dataloader_num_workers: Annotated[
        int,
        Setting(
            "Helpers",
            "Processes that prepare batches beside the run. With texts 0 is mostly the fastest.",
            "advanced",
            unit="processes",
            when=_TABLE,
        ),
    ] = Field(0, ge=0, le=64)
    dataloader_prefetch_factor: Annotated[
        int | None,
        Setting(
            "Batches ahead",
            "How many each helper prepares beforehand. Left empty: 2.",
            "expert",
            unit="batches",
            when=(_TABLE, _WORKERS),
        ),
    ] = Field(None, ge=1, le=1000)
    dataloader_persistent_workers: Annotated[
        bool,
        Setting(
            "Keep helpers",
            "They stay from one epoch to the next. Not where each epoch hides other words, which helpers must hear of.",
            "expert",
            when=(_TABLE, _WORKERS),
        ),
    ] = False
    dataloader_pin_memory: Annotated[
        bool,
        Setting(
            "Pin memory",
            "Batches reach the GPU sooner; they take memory that nothing else can use.",
            "expert",
            needs="gpu",
        ),
    ] = True
    dataloader_drop_last: Annotated[
        bool,
        Setting(
            "Leave out the rest",
            "A last batch of an epoch that is not full is left out.",
            "expert",
            when=(_TABLE, When("tokens_per_step", (None,), "All corrections have about as many tokens.")),
        ),
    ] = False
