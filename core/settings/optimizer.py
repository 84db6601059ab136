"""Settings of how a correction is made from what was learned, and of which part of a model it changes."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from core.schema import Setting, Settings, When

OPTIM_ARGS: dict[str, tuple[str, ...]] = {
    "sgd": ("momentum", "dampening", "nesterov"),
    "adagrad": ("lr_decay", "eps"),
    "rmsprop": ("momentum", "alpha", "eps", "centered"),
    "ademamix": ("beta1", "beta2", "beta3", "alpha", "eps", "t_alpha", "t_beta3"),
    "ademamix_8bit": ("beta1", "beta2", "beta3", "alpha", "eps", "t_alpha", "t_beta3"),
}
"""What transformers takes from ``optim_args``, for those optimizers that have numbers of their own."""
SWITCHES = ("nesterov", "centered")
"""Those of them that are on or off."""

_BITSANDBYTES = (
    "adamw_8bit",
    "paged_adamw_32bit",
    "paged_adamw_8bit",
    "ademamix",
    "ademamix_8bit",
    "lion_32bit",
    "lion_8bit",
    "paged_lion_32bit",
    "paged_lion_8bit",
)
_PLAIN = ("sgd", "adagrad", "rmsprop", "adafactor")
_LIONS = ("lion_32bit", "lion_8bit", "paged_lion_32bit", "paged_lion_8bit")
_HAS_BETAS = When("optim", _PLAIN, "The optimizer that is chosen has no such number.", but=True)


class Optimizer(Settings):
    """The rule of corrections."""

    group: ClassVar[str] = "Optimizer"

    optim: Annotated[
        Literal[
            "adamw_torch_fused",
            "adamw_torch",
            "adafactor",
            "sgd",
            "adagrad",
            "rmsprop",
            "adamw_8bit",
            "paged_adamw_32bit",
            "paged_adamw_8bit",
            "ademamix",
            "ademamix_8bit",
            "lion_32bit",
            "lion_8bit",
            "paged_lion_32bit",
            "paged_lion_8bit",
        ],
        Setting(
            "Optimizer",
            "How a correction is worked out. 8-bit ones remember in a quarter of the memory: of a small model on a CPU "
            "5 % less in all, by measurement. Paged ones use the machine's memory when the GPU's is full.",
            "advanced",
            choices=(
                ("AdamW, fast", "adamw_torch_fused"),
                ("AdamW", "adamw_torch"),
                ("Adafactor, little memory", "adafactor"),
                ("SGD", "sgd"),
                ("Adagrad", "adagrad"),
                ("RMSprop", "rmsprop"),
                ("AdamW, 8-bit", "adamw_8bit"),
                ("AdamW, paged", "paged_adamw_32bit"),
                ("AdamW, paged, 8-bit", "paged_adamw_8bit"),
                ("AdEMAMix", "ademamix"),
                ("AdEMAMix, 8-bit", "ademamix_8bit"),
                ("Lion", "lion_32bit"),
                ("Lion, 8-bit", "lion_8bit"),
                ("Lion, paged", "paged_lion_32bit"),
                ("Lion, paged, 8-bit", "paged_lion_8bit"),
            ),
            choice_needs=dict.fromkeys(_BITSANDBYTES, "bitsandbytes"),
        ),
    ] = "adamw_torch_fused"
    adam_beta1: Annotated[
        float,
        Setting("Beta 1", "How long the direction of corrections is remembered.", "expert", when=_HAS_BETAS),
    ] = Field(0.9, ge=0, lt=1)
    adam_beta2: Annotated[
        float,
        Setting("Beta 2", "How long the size of corrections is remembered.", "expert", when=_HAS_BETAS),
    ] = Field(0.999, ge=0, lt=1)
    adam_epsilon: Annotated[
        float,
        Setting(
            "Epsilon",
            "A tiny number that keeps corrections from growing without end.",
            "expert",
            when=When("optim", (*_PLAIN, *_LIONS), "The optimizer that is chosen has no such number.", but=True),
        ),
    ] = Field(1e-8, gt=0, le=1)
    optim_args: Annotated[
        str,
        Setting(
            "Numbers of the optimizer",
            "Those that it has besides, as momentum=0.9, nesterov=true.",
            "expert",
            when=When("optim", tuple(OPTIM_ARGS), "The optimizer that is chosen has no others."),
        ),
    ] = Field("", max_length=500)
    max_grad_norm: Annotated[
        float,
        Setting(
            "Longest correction",
            "Corrections that are longer are cut to this, so that a few odd examples do no harm; 0 cuts nothing.",
            "advanced",
        ),
    ] = Field(1.0, ge=0, le=1_000_000)
    layerwise_lr_decay: Annotated[
        float,
        Setting(
            "Less for lower layers",
            "Each layer further from the answer learns at this share of the rate of the one above it; 1 is off, 0.9 is "
            "usual. Lower layers know language already.",
            "advanced",
        ),
    ] = Field(1.0, gt=0, le=1)
    head_learning_rate: Annotated[
        float | None,
        Setting(
            "Learning rate of the new layer",
            "The layer that answers is new and may take larger steps. Left empty: the learning rate of all.",
            "advanced",
        ),
    ] = Field(None, gt=0, le=1)


class Trained(Settings):
    """Which part of the model learns, and how what it learns from is blurred."""

    group: ClassVar[str] = "What is trained"

    freeze: Annotated[
        Literal["none", "embeddings", "layers", "base"],
        Setting(
            "Keep as it is",
            "What is kept as it is does not learn: faster, less memory, less forgotten, less learned.",
            "advanced",
            choices=(
                ("nothing: all of it learns", "none"),
                ("its words (embeddings)", "embeddings"),
                ("its words and first layers", "layers"),
                ("everything but the layer that answers", "base"),
            ),
        ),
    ] = "none"
    frozen_layers: Annotated[
        int,
        Setting(
            "Layers kept",
            "So many, counted from the words on.",
            "advanced",
            unit="layers",
            when=When("freeze", ("layers",), "No single layers are kept as they are."),
        ),
    ] = Field(1, ge=1, le=1000)
    label_smoothing_factor: Annotated[
        float,
        Setting(
            "Label smoothing",
            "The right answer is taught as a little uncertain, by this share; 0 is off, 0.1 is usual. Good where some "
            "labels are wrong.",
            "advanced",
        ),
    ] = Field(0.0, ge=0, lt=1)
    neftune_noise_alpha: Annotated[
        float | None,
        Setting(
            "Noise on words (NEFTune)",
            "A little noise on the words while it learns, for models that write answers; 5 is usual. Left empty: none.",
            "expert",
        ),
    ] = Field(None, gt=0, le=1000)
