"""An adapter on a model: put there, written as peft has it, read again, and merged into the model.

peft's layers are put into the model in place, so that it stays the class that it is, and what a task does with it (its
losses, hooks on its body, texts that it writes) is the same with and without an adapter.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.adapter_config import AdapterConfig
from core.adapters.layers import Layers, layers_of
from core.errors import CheckpointError
from core.models.adapted import ADAPTER
from core.said import said

WEIGHTS, CONFIG = ADAPTER, "adapter_config.json"
"""The names that peft looks for."""
PREFIX = "base_model.model."
"""Before each name in a file of peft's: there, the model stands inside two others."""
_TASK_TYPES = {
    "AutoModelForSequenceClassification": "SEQ_CLS",
    "AutoModelForTokenClassification": "TOKEN_CLS",
    "AutoModelForQuestionAnswering": "QUESTION_ANS",
    "AutoModelForCausalLM": "CAUSAL_LM",
    "AutoModelForSeq2SeqLM": "SEQ_2_SEQ_LM",
}


@dataclass(frozen=True)
class Adapter:
    """``config`` is peft's; ``whole`` are the modules that are trained without an adapter."""

    model: Any
    config: Any
    whole: tuple[str, ...]
    _tuner: Any

    @property
    def targets(self) -> list[str]:
        """Full names of the layers that have an adapter."""
        return list(self._tuner.targeted_module_names)

    def tensors(self) -> dict[str, Any]:
        """All that is trained, by the names that peft's files have; copies on the CPU."""
        from peft import get_peft_model_state_dict

        found = dict(get_peft_model_state_dict(self.model, save_embedding_layers=False))
        for name in self.whole:
            inner = self.model.get_submodule(name).state_dict()
            found |= {f"{name}.{tensor}": value for tensor, value in inner.items()}
        return {PREFIX + name: value.detach().clone().contiguous().cpu() for name, value in found.items()}

    def write(self, folder: Path, base: str = "") -> None:
        """Write ``adapter_config.json`` and ``adapter_model.safetensors``; ``base`` is what its model is called."""
        write(folder, self.config, self.tensors(), base)

    def read(self, folder: Path) -> None:
        """Take the numbers from a folder that ``write`` has written. Raises ``CheckpointError``."""
        self.take(tensors_in(folder), str(folder))

    def take(self, tensors: Mapping[str, Any], place: str) -> None:
        """Take these numbers, which were found at ``place``."""
        from peft import set_peft_model_state_dict

        if differing := self.tensors().keys() ^ tensors.keys():
            raise CheckpointError(
                said("The adapter in {folder} does not fit its model.", folder=place),
                said("Files of different adapters were probably mixed, or its model has changed since."),
                cause=f"{len(differing)} tensors differ, for example {min(differing)}",
            )
        plain = {name.removeprefix(PREFIX): value for name, value in tensors.items()}
        kept = {name for name in plain if any(name.startswith(f"{module}.") for module in self.whole)}
        set_peft_model_state_dict(self.model, {name: plain[name] for name in plain.keys() - kept})
        self.model.load_state_dict({name: plain[name] for name in kept}, strict=False)

    def merge(self) -> None:
        """Work the adapter into the model's own weights: afterwards it is a model like any other."""
        self._tuner.merge_and_unload()
        self.model._hf_peft_config_loaded = False
        self.model.requires_grad_(True)


def attach(model: Any, wanted: AdapterConfig, auto_class: str) -> Adapter:
    """Put an adapter on a model, whose own numbers are trained no more, but for ``Layers.whole``.

    Raises ``ConfigError`` where ``wanted`` names layers that the model does not have.
    """
    layers = layers_of(model, wanted.method, wanted.target_modules)
    return _put(model, peft_config(wanted, layers, auto_class), layers.whole)


def peft_config(wanted: AdapterConfig, layers: Layers, auto_class: str) -> Any:
    """The config of peft for these settings."""
    from peft import IA3Config, LoraConfig

    shared: dict[str, Any] = {"target_modules": list(layers.targets), "task_type": _TASK_TYPES.get(auto_class)}
    if wanted.method == "ia3":
        return IA3Config(**shared, feedforward_modules=list(layers.forwards))
    return LoraConfig(
        **shared,
        r=wanted.r,
        lora_alpha=wanted.lora_alpha,
        lora_dropout=wanted.lora_dropout,
        use_dora=wanted.use_dora,
        use_rslora=wanted.use_rslora,
    )


def reattach(model: Any, folder: Path) -> Adapter:
    """Put the adapter of a folder on its model, numbers and all. Raises ``CheckpointError``."""
    from peft import PeftConfig

    try:
        config = PeftConfig.from_pretrained(str(folder))
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise CheckpointError(
            said("{file} in {folder} is missing or damaged.", file=CONFIG, folder=folder),
            said("Copy the adapter again."),
            cause=str(exc),
        ) from exc
    config.inference_mode = False
    adapter = _put(model, config, tuple(config.modules_to_save or ()))
    adapter.read(folder)
    return adapter


def write(folder: Path, config: Any, tensors: Mapping[str, Any], base: str) -> None:
    """See ``Adapter.write``."""
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    save_file(dict(tensors), folder / WEIGHTS, metadata={"format": "pt"})
    told = copy.deepcopy(config)
    told.base_model_name_or_path, told.inference_mode = base or None, True
    told.save_pretrained(str(folder))


def tensors_in(folder: Path) -> dict[str, Any]:
    """All numbers of the adapter in a folder, by the names that peft gives them. Raises ``CheckpointError``."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return dict(load_file(folder / WEIGHTS))
    except (OSError, SafetensorError) as exc:
        raise CheckpointError(
            said("The adapter in {folder} is missing, damaged or incomplete.", folder=folder),
            said("Copy it again."),
            cause=str(exc),
        ) from exc


def _put(model: Any, config: Any, whole: tuple[str, ...]) -> Adapter:
    from peft import PEFT_TYPE_TO_TUNER_MAPPING

    # What is trained whole is trained in its place: a copy of it, as peft would make, no longer shares its weights.
    config.modules_to_save = None
    tuner = PEFT_TYPE_TO_TUNER_MAPPING[config.peft_type](model, copy.deepcopy(config), "default")
    for name in whole:
        model.get_submodule(name).requires_grad_(True)
    # By this the Trainer takes a model that is held in few bits.
    model._hf_peft_config_loaded = True
    config.modules_to_save = list(whole) or None
    if config.task_type is None:
        kind = type(model)
        config.auto_mapping = {"base_model_class": kind.__name__, "parent_library": kind.__module__}
    return Adapter(model, config, whole, tuner)
