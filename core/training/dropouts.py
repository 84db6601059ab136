"""How much a model forgets by chance while it learns, set under whatever names its kind has for that.

Each kind calls its dropouts otherwise, and reads them in places of its own. So the model is made once more, without
weights, from a config with a number that stands nowhere else: where that number turns up, the dropout is. Config and
layers then say the same, and a model that is loaded again has what was trained with.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any, Literal

from core.models.types import Note
from core.said import Figures, said

Kind = Literal["dropout", "attention_dropout", "classifier_dropout"]

NAMES: dict[Kind, tuple[str, ...]] = {
    "dropout": (
        "hidden_dropout_prob", "hidden_dropout", "dropout", "dropout_rate", "dropout_prob", "resid_pdrop", "embd_pdrop",
        "emb_pdrop", "resid_dropout", "residual_dropout", "embed_dropout", "embedding_dropout", "mlp_dropout",
    ),
    "attention_dropout": (
        "attention_probs_dropout_prob", "attention_dropout", "attn_pdrop", "attn_dropout", "attention_dropout_rate",
    ),
    "classifier_dropout": (
        "classifier_dropout", "classifier_dropout_prob", "classifier_dropout_rate", "cls_dropout", "pooler_dropout",
        "seq_classif_dropout", "qa_dropout", "classif_dropout", "summary_first_dropout", "summary_last_dropout",
    ),
}  # fmt: skip
"""Setting -> what the configs of transformers call it."""
_NONE = {
    "dropout": "This kind of model has no dropout in its layers, so that setting is not used.",
    "attention_dropout": "This kind of model has no dropout in its attention, so that setting is not used.",
    "classifier_dropout": "This kind of model has no dropout in its answer layer, so that setting is not used.",
}
_SET = {
    "dropout": "Dropout in the layers is {share}%.",
    "attention_dropout": "Dropout in the attention is {share}%.",
    "classifier_dropout": "Dropout in the answer layer is {share}%.",
}
_PROBE = 0.12345679


def set_dropouts(
    model: Any,
    dropout: float | None = None,
    attention_dropout: float | None = None,
    classifier_dropout: float | None = None,
) -> tuple[Note, ...]:
    """Set what is not None in the config and in the layers of a model without adapters, and say what came of it.

    That of the answer layer follows that of the layers where the kind has it so, unless it is set itself.
    """
    wanted: dict[Kind, float | None] = {
        "dropout": dropout,
        "attention_dropout": attention_dropout,
        "classifier_dropout": classifier_dropout,
    }
    return tuple(_set(model, kind, value) for kind, value in wanted.items() if value is not None)


def _set(model: Any, kind: Kind, value: float) -> Note:
    places = list(_places(model, kind))
    if not places:
        return Note(
            said(_NONE[kind]),
            said("Its makers left it out; weight decay and fewer epochs work against learning by heart too."),
            "warning",
        )
    for module, name in places:
        _put(module, name, value)
    for config in _configs(model.config):
        for name in _names(config, kind):
            setattr(config, name, value)
    return Note(said(_SET[kind], share=Figures(f"{value * 100:.0f}")))


def _places(model: Any, kind: Kind) -> Iterator[tuple[Any, str]]:
    """(module of the model, its attribute) for each place that a dropout of this kind is read into."""
    from torch import nn

    ours = dict(model.named_modules())
    for name, theirs in _probed(model, kind).named_modules():
        for attribute, value in vars(theirs).items():
            if value != _PROBE or not isinstance(value, float):
                continue
            if isinstance(theirs, nn.Dropout) and not isinstance(ours.get(name), nn.Dropout):
                # Where the checkpoint has none at all, some kinds put nothing into its place.
                above, _, last = name.rpartition(".")
                yield ours[above], last
            else:
                yield ours[name], attribute


def _put(module: Any, name: str, value: float) -> None:
    from torch import nn

    setattr(module, name, nn.Dropout(value) if isinstance(getattr(module, name), nn.Module) else value)


def _probed(model: Any, kind: Kind) -> Any:
    """A model of the same config but for the probe, without memory of its own, and without touching chance."""
    import torch

    config = deepcopy(model.config)
    for each in _configs(config):
        for name in _names(each, kind):
            setattr(each, name, _PROBE)
    with torch.random.fork_rng(devices=[]), torch.device("meta"):
        return type(model)(config)


def _configs(config: Any) -> Iterator[Any]:
    """A config and those within it: a model of two halves has one for each."""
    from transformers import PretrainedConfig

    yield config
    for value in vars(config).values():
        if isinstance(value, PretrainedConfig):
            yield from _configs(value)


def _names(config: Any, kind: Kind) -> tuple[str, ...]:
    """The names that a config has for it. The answer layers of some kinds ask for a name that their config lacks."""
    known = tuple(name for name in NAMES[kind] if hasattr(config, name))
    return known or (("classifier_dropout",) if kind == "classifier_dropout" else ())
