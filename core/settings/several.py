"""Settings of several GPUs that learn together. They go to torch, accelerate and DeepSpeed as they are."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from core.schema import Setting, Settings, When
from core.settings.words import Automatic, said

_CHOICES = (("as torch has it", "automatic"), ("yes", "yes"), ("no", "no"))


class SeveralGpus(Settings):
    """How the processes of one run share the work. All of them take several GPUs."""

    group: ClassVar[str] = "Several GPUs"

    ddp_find_unused_parameters: Annotated[
        Automatic,
        BeforeValidator(said),
        Setting(
            "Look for unused weights",
            "Slower, and needed where a step leaves out a part of the model. Takes several GPUs.",
            "expert",
            choices=_CHOICES,
            needs="several_gpus",
        ),
    ] = "automatic"
    ddp_bucket_cap_mb: Annotated[
        int | None,
        Setting(
            "Size of a parcel",
            "So much is exchanged at once. Left empty: 25 MB. Takes several GPUs.",
            "expert",
            unit="MB",
            needs="several_gpus",
        ),
    ] = Field(None, ge=1, le=100_000)
    ddp_broadcast_buffers: Annotated[
        Automatic,
        BeforeValidator(said),
        Setting(
            "Share side notes",
            "Numbers of a model that are not learned are kept alike too. Takes several GPUs.",
            "expert",
            choices=_CHOICES,
            needs="several_gpus",
        ),
    ] = "automatic"
    ddp_static_graph: Annotated[
        Automatic,
        BeforeValidator(said),
        Setting(
            "Every step is alike",
            "Faster where each step uses the same parts of the model. Takes several GPUs.",
            "expert",
            choices=_CHOICES,
            needs="several_gpus",
        ),
    ] = "automatic"
    ddp_backend: Annotated[
        Literal["automatic", "nccl", "gloo", "mpi"],
        Setting(
            "Way of exchange",
            "How processes talk with each other. Takes several GPUs.",
            "expert",
            choices=(("as torch has it", "automatic"), ("NCCL", "nccl"), ("Gloo", "gloo"), ("MPI", "mpi")),
            needs="several_gpus",
        ),
    ] = "automatic"
    ddp_timeout: Annotated[
        int,
        Setting(
            "Patience",
            "How long a process waits for the others before it gives up. Takes several GPUs.",
            "expert",
            unit="s",
            needs="several_gpus",
        ),
    ] = Field(1800, ge=1, le=1_000_000)
    fsdp: Annotated[
        bool,
        Setting(
            "Share out the model (FSDP)",
            "Each GPU holds a part of the weights: for models that fit on none. Takes several GPUs.",
            "expert",
            needs="several_gpus",
            when=When("deepspeed", ("",), "DeepSpeed shares out the model."),
        ),
    ] = False
    fsdp_config: Annotated[
        str,
        Setting(
            "FSDP's own settings",
            "A JSON file, or JSON itself, as accelerate reads it. Takes several GPUs.",
            "expert",
            needs="several_gpus",
            when=When("fsdp", (True,), "FSDP is not used."),
        ),
    ] = Field("", max_length=5000)
    deepspeed: Annotated[
        str,
        Setting(
            "DeepSpeed",
            "The JSON file with its settings. Left empty: not used. Takes several GPUs and the package.",
            "expert",
            needs="deepspeed",
            when=When("fsdp", (False,), "FSDP shares out the model."),
        ),
    ] = Field("", max_length=1000)
