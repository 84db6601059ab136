"""Settings of batches, and of the memory that they take."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from core.schema import Setting, Settings, When


class Batches(Settings):
    """In what portions the work goes into memory."""

    group: ClassVar[str] = "Batches and memory"

    gradient_accumulation_steps: Annotated[
        int,
        Setting(
            "Accumulation",
            "So many batches make one correction together, in the memory of one. Measured with a small model on a CPU: "
            "4 batches of 4 took 47 % less memory than one of 16.",
            "advanced",
            unit="batches",
            when=When("tokens_per_step", (None,), "Each correction takes as many examples as its tokens allow."),
        ),
    ] = Field(1, ge=1, le=4096)
    tokens_per_step: Annotated[
        int | None,
        Setting(
            "Tokens a correction",
            "Each correction takes as many examples as hold about so many tokens: as much to learn from, in like time. "
            "Not the same training as with a fixed number of examples. Left empty: off.",
            "expert",
            unit="tokens",
        ),
    ] = Field(None, ge=8, le=100_000_000)
    auto_find_batch_size: Annotated[
        bool,
        Setting(
            "Find a batch that fits",
            "Out of memory, the batch is halved and the accumulation doubled, and the run goes on as before.",
            "advanced",
        ),
    ] = True
    padding: Annotated[
        Literal["automatic", "packed", "split", "whole"],
        Setting(
            "Texts of unequal length",
            "What a short text lacks beside a long one is filled up, and costs as much time. Laid end to end nothing "
            "is, in parts of like length hardly anything: the same result, mostly twice as fast.",
            "advanced",
            choices=(
                ("end to end where the model allows it, else in parts", "automatic"),
                ("end to end, without padding", "packed"),
                ("each batch in parts of like length", "split"),
                ("each batch as one", "whole"),
            ),
        ),
    ] = "automatic"
    per_device_eval_batch_size: Annotated[
        int | None,
        Setting(
            "Batch size of checks",
            "At most so many examples at once while progress is checked. Left empty: as many as have few tokens "
            "together, which is fastest. The answers are the same.",
            "advanced",
            unit="examples",
        ),
    ] = Field(None, ge=1, le=4096)
    activation_checkpointing: Annotated[
        bool,
        Setting(
            "Gradient checkpointing",
            "What lies between the layers is computed a second time instead of kept: the same result. Measured with a "
            "small model on a CPU: 38 % less memory, 46 % slower.",
            "advanced",
        ),
    ] = False
    torch_empty_cache_steps: Annotated[
        int | None,
        Setting(
            "Steps between tidying",
            "Memory of the GPU that is free is given back each time. It may save a run that is short of it; slower. "
            "Left empty: never.",
            "expert",
            unit="steps",
            needs="gpu",
        ),
    ] = Field(None, ge=1, le=1_000_000)
