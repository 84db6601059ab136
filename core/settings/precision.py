"""Settings of how exactly and on what is computed."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from core.schema import Setting, Settings, When
from core.settings.words import said

_COMPILED = When("torch_compile", (True,), "The model is not compiled.")
_ON_GPU = When("use_cpu", (False,), "It is computed on the CPU.")


class Precision(Settings):
    """How exactly, how fast, on what."""

    group: ClassVar[str] = "Precision and speed"

    bf16: Annotated[
        bool,
        Setting(
            "16 bits (bf16)",
            "Most is computed with half the digits: about twice as fast, half the memory for what lies in between.",
            "advanced",
            needs="bf16",
            when=When("fp16", (False,), "The other kind of 16 bits is chosen."),
        ),
    ] = False
    fp16: Annotated[
        bool,
        Setting(
            "16 bits (fp16)",
            "The older kind, for GPUs before 2020. Large numbers break in it; bf16 is safer where there is a choice.",
            "advanced",
            needs="gpu",
            when=(When("bf16", (False,), "The other kind of 16 bits is chosen."), _ON_GPU),
        ),
    ] = False
    tf32: Annotated[
        bool,
        Setting(
            "Fast products (tf32)",
            "Products with 32 bits leave out some digits: 2 to 5 times as fast, hardly ever worse.",
            "advanced",
            needs="ampere",
            when=_ON_GPU,
        ),
    ] = False
    torch_compile: Annotated[
        bool,
        Setting(
            "Compile",
            "The model is translated for this GPU first: a minute or two at the start, then up to a half faster.",
            "expert",
            needs="gpu",
            when=_ON_GPU,
        ),
    ] = False
    torch_compile_backend: Annotated[
        Literal["inductor", "cudagraphs", "eager", "aot_eager"],
        Setting("Compiler", "What translates it. The last two do so to find mistakes only.", "expert", when=_COMPILED),
    ] = "inductor"
    torch_compile_mode: Annotated[
        Literal["default", "reduce-overhead", "max-autotune", "max-autotune-no-cudagraphs"],
        Setting(
            "Effort of the compiler", "More effort takes longer at the start and more memory.", "expert", when=_COMPILED
        ),
    ] = "default"
    use_liger_kernel: Annotated[
        bool,
        Setting(
            "Liger kernels",
            "Faster pieces for large models that write: about a fifth faster and less than half the memory.",
            "expert",
            needs="liger_kernel",
            when=_ON_GPU,
        ),
    ] = False
    probe: Annotated[
        Literal["choose", "measure", "no"],
        BeforeValidator(said),
        Setting(
            "Measure first",
            "Before a longer training a few real steps, undone afterwards, tell how this machine computes fastest and "
            "how long it will take: two or three seconds.",
            "expert",
            choices=(
                ("and compute in the fastest way", "choose"),
                ("to say how long it takes, nothing else", "measure"),
                ("no", "no"),
            ),
            when=When("data.streaming", (None,), "A stream is not measured: its examples come only once."),
        ),
    ] = "choose"
    use_cpu: Annotated[
        bool,
        Setting("Leave the GPU alone", "Everything is computed on the CPU, also where there is a GPU.", "expert"),
    ] = False


class Chance(Settings):
    """What is left to chance, and how far it can be repeated. The seed itself stands among the basics."""

    group: ClassVar[str] = "Chance"

    data_seed: Annotated[
        int | None,
        Setting(
            "Seed of the order",
            "Chance of its own for the order of the examples. Left empty: from the seed.",
            "expert",
            when=When("data.streaming", (None,), "A stream is mixed in its own way."),
        ),
    ] = Field(None, ge=0, le=2**32 - 1)
    full_determinism: Annotated[
        bool,
        Setting(
            "Repeat to the last digit",
            "A GPU may add in any order, which changes last digits. This makes it always the same: slower. "
            "A CPU does so anyway.",
            "expert",
        ),
    ] = False
