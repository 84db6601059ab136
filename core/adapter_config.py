"""The part of a config about adapters: a few new numbers are learned beside the model's own, which stay as they are.

Names are those of ``peft``'s configs where it has them.
"""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Literal

from pydantic import Field, field_validator

from core.said import said
from core.schema import Setting, Settings, When

_USED = When("method", ("lora", "ia3"), "The whole model is trained, so there is no adapter.")
_NAME = re.compile(r"[\w.]*")
_LORA = When("method", ("lora",), "Only LoRA has it.")


class AdapterConfig(Settings):
    """Whether an adapter is trained instead of the whole model, and of what kind and size."""

    group: ClassVar[str] = "Adapter"

    method: Annotated[
        Literal["none", "lora", "ia3"],
        Setting(
            "What is trained",
            "An adapter is a small addition that is trained while the model stays as it is: a small file, less memory "
            "for large models. With a small one on a CPU LoRA took 30 % more, by measurement.",
            "advanced",
            choices=(("the whole model", "none"), ("an adapter: LoRA", "lora"), ("an adapter: IA³", "ia3")),
        ),
    ] = "none"
    r: Annotated[
        int,
        Field(ge=1, le=1024),
        Setting("Rank", "How large the adapter is. More can learn more.", "advanced", when=_LORA),
    ] = 16
    lora_alpha: Annotated[
        int,
        Field(ge=1, le=4096),
        Setting("Alpha", "How strongly the adapter speaks; often twice the rank.", "expert", when=_LORA),
    ] = 32
    lora_dropout: Annotated[
        float,
        Field(ge=0, lt=1),
        Setting(
            "Dropout of the adapter", "The share of it that is left out at random at each step.", "expert", when=_LORA
        ),
    ] = 0.05
    use_dora: Annotated[
        bool,
        Setting("DoRA", "Learns size and direction apart: often a little better, and slower.", "expert", when=_LORA),
    ] = False
    use_rslora: Annotated[
        bool,
        Setting(
            "rsLoRA",
            "Keeps large ranks from speaking too softly: alpha counts by the root of the rank.",
            "expert",
            when=_LORA,
        ),
    ] = False
    target_modules: Annotated[
        str,
        Field(max_length=1000),
        Setting(
            "Layers",
            "Names of the layers that get one, with commas. Left empty, all linear layers of its body do; with IA³ "
            "keys, values and the ends of feed-forward blocks.",
            "expert",
            when=_USED,
        ),
    ] = ""
    quantization: Annotated[
        Literal["none", "8bit", "4bit"],
        Setting(
            "Hold the model in",
            "Fewer bits for each number that stays as it is: less memory, slower. Called QLoRA. At the end the adapter "
            "is merged into the whole model, which takes 4 bytes a number.",
            "advanced",
            choices=(("its own precision", "none"), ("8 bits", "8bit"), ("4 bits", "4bit")),
            when=_LORA,
            needs="bitsandbytes",
        ),
    ] = "none"
    save: Annotated[
        Literal["merged", "adapter", "both"],
        Setting(
            "What is kept",
            "Merged is a model like any other. The adapter alone is small, and needs the model it was made for.",
            "advanced",
            choices=(("merged into the model", "merged"), ("the adapter alone", "adapter"), ("both", "both")),
            when=_USED,
        ),
    ] = "merged"

    @field_validator("target_modules")
    @classmethod
    def _names_are_names(cls, names: str) -> str:
        odd = next((name.strip() for name in names.split(",") if not _NAME.fullmatch(name.strip())), "")
        if odd:
            words = said(
                "{name} is no name of a layer: write such as query, value with commas between them", name=odd[:40]
            )
            raise ValueError(words)
        return names

    @property
    def is_used(self) -> bool:
        return self.method != "none"

    @property
    def is_quantized(self) -> bool:
        """Whether the model is held in fewer bits while an adapter is trained."""
        return self.method == "lora" and self.quantization != "none"
