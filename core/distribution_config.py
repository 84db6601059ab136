"""The part of a config about several processes: how many learn one run together, and how they share the work.

Names say what they do; those of accelerate's, FSDP's and DeepSpeed's own files are made of them in
``core.launchers.files``.
"""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, field_validator, model_validator

from core.said import Figures, said
from core.schema import Setting, Settings, When, refusal

_HOST = re.compile(r"[\w.:-]*")
_ALONE = When("processes", (1,), "One process has nobody to share the work with.", but=True)
_MACHINES = When("machines", (1,), "One machine needs no meeting point.", but=True)

Strategy = Literal["ddp", "fsdp", "deepspeed_zero2", "deepspeed_zero3"]


class DistributionConfig(Settings):
    """How many processes learn one run together, on how many machines, and what each of them holds."""

    group: ClassVar[str] = "Several processes"

    processes: Annotated[
        int,
        Setting(
            "Processes on each machine",
            "Each takes a GPU of its own and a share of the examples, so an epoch is over sooner. On a CPU they share "
            "its cores, which rarely pays. 0: one for each GPU.",
            "advanced",
        ),
    ] = Field(1, ge=0, le=1024)
    strategy: Annotated[
        Strategy,
        Setting(
            "What each process holds",
            "The whole model is fastest, as long as it fits. Where it fits on no GPU, each can hold a part, with more "
            "talk between them: FSDP, or DeepSpeed.",
            "advanced",
            choices=(
                ("the whole model (DDP)", "ddp"),
                ("a part of the model (FSDP)", "fsdp"),
                ("the model, a part of the optimizer (ZeRO 2)", "deepspeed_zero2"),
                ("a part of everything (ZeRO 3)", "deepspeed_zero3"),
            ),
            when=_ALONE,
            choice_needs={"fsdp": "several_gpus", "deepspeed_zero2": "deepspeed", "deepspeed_zero3": "deepspeed"},
        ),
    ] = "ddp"
    offload: Annotated[
        bool,
        Setting(
            "Keep parts in the machine's memory",
            "What a GPU does not need at the moment waits in the machine's own memory: larger models fit, and each "
            "step takes longer.",
            "expert",
            when=When("strategy", ("ddp",), "With DDP each GPU holds the whole model.", but=True),
        ),
    ] = False
    machines: Annotated[
        int,
        Setting(
            "Machines",
            "Several machines that reach each other and see the same folder of runs. The run's page shows the command "
            "to give on each of the others.",
            "expert",
        ),
    ] = Field(1, ge=1, le=1024)
    machine_rank: Annotated[
        int,
        Setting(
            "Number of this machine",
            "0 is the one that writes the run down. The command for each of the others has its own number.",
            "expert",
            when=_MACHINES,
        ),
    ] = Field(0, ge=0, le=1023)
    address: Annotated[
        str,
        Setting(
            "Address of the first machine",
            "A name or an address under which all others reach machine 0, such as 10.0.0.5.",
            "expert",
            when=_MACHINES,
        ),
    ] = Field("", max_length=253)
    port: Annotated[
        int,
        Setting("Port of the first machine", "A free one, open between these machines.", "expert", when=_MACHINES),
    ] = Field(29500, ge=1024, le=65535)
    launcher: str = Field("", max_length=200)
    """Who starts it, by a name of ``core.launchers.LAUNCHERS`` or an import path; empty: this app, as it sees fit. It
    stands in a ``run.yaml`` only; no page writes it.
    """

    @field_validator("address")
    @classmethod
    def _is_an_address(cls, address: str) -> str:
        if not _HOST.fullmatch(address):
            raise ValueError(said("write a name or an address alone, such as 10.0.0.5"))
        return address

    @field_validator("launcher")
    @classmethod
    def _is_known(cls, launcher: str) -> str:
        # What an import path leads to is a program: it is run when a run is started, not when a file is read.
        if launcher and ":" not in launcher:
            from core.launchers import LAUNCHERS

            if launcher not in LAUNCHERS:
                raise ValueError(f"choose one of: {', '.join(LAUNCHERS)}")
        return launcher

    @model_validator(mode="after")
    def _machines_can_meet(self) -> Self:
        if self.machines > 1 and not self.address:
            raise refusal("address", said("several machines need the address of the first of them"))
        if self.machine_rank >= self.machines:
            raise refusal("machine_rank", said("give a number from 0 to {most}", most=Figures(self.machines - 1)))
        if self.machines > 1 and not self.processes:
            raise refusal("processes", said("with several machines, say how many processes each of them has"))
        return self

    @property
    def is_several(self) -> bool:
        """Whether it asks for more than one process, whatever the machine has."""
        return self.processes > 1 or self.machines > 1

    @property
    def is_split(self) -> bool:
        """Whether no process holds the whole model."""
        return self.strategy in ("fsdp", "deepspeed_zero3")
