"""An adapter in a run: put on its model before the training, merged after it, and kept as the config wants it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from core.adapter_config import AdapterConfig
from core.adapters.attached import CONFIG, PREFIX, WEIGHTS, Adapter, attach, tensors_in, write
from core.adapters.holding import is_held
from core.errors import ConfigError
from core.models import adapted, programs
from core.said import Figures, enumerated, said, said_many, together
from core.tasks.base import Context
from core.training import checkpoints
from core.training.shop import Workshop

FOLDER = "adapter"
"""Of a run: the adapter in peft's own form."""


def put_on(shop: Workshop, model: Any) -> Adapter | None:
    """The adapter that the run's config asks for, on its model; None where the whole model is trained.

    Raises ``ConfigError`` where the model does not have the layers that are asked for.
    """
    wanted = shop.config.adapter
    if not wanted.is_used:
        return None
    if wanted.save == "adapter" and getattr(model.config, "auto_map", None):
        raise ConfigError(
            said("A model that brings its own program cannot be kept as an adapter alone."),
            said("Choose to have it merged into the model."),
            field="adapter.save",
            remedy={"adapter.save": "merged"},
        )
    adapter = attach(model, wanted, shop.task.auto_class)
    shop.notice(trained_part(adapter), _beside(adapter, wanted))
    if wanted.method == "ia3" and wanted.quantization != "none":
        shop.notice(said("The model is held in its own precision."), said("Fewer bits go with LoRA alone."), "warning")
    return adapter


def trainer_of(adapter: Adapter | None, base: Path) -> tuple[Any, dict[str, Any]]:
    """(the class of the run's Trainer, what it needs beside what every Trainer does). ``base`` is the folder of the
    checkpoint.
    """
    if adapter is None:
        from core.training.trainer import SafeTrainer

        return SafeTrainer, {}
    from core.adapters.trainer import AdapterTrainer

    return AdapterTrainer, {"adapter": adapter, "base": base}


def trained_part(adapter: Adapter) -> str:
    """How much of the model is trained, in words."""
    trained, whole = _counted(adapter.model)
    return said(
        "Of {whole} numbers {trained} are trained ({share}%).",
        whole=_many(whole),
        trained=_many(trained),
        share=Figures(f"{100 * trained / whole:.1f}"),
    )


def settle(shop: Workshop, trainer: Any, context: Context) -> None:
    """Merge the best adapter, so that all that follows has a plain model; polish that, and keep the adapter.

    A model that was held in fewer bits is loaded anew from its checkpoint in full.
    """
    adapter: Adapter | None = getattr(trainer, "adapter", None)
    if adapter is None:
        shop.task.polish(trainer.model, context)
        return
    config, learned = adapter.config, adapter.tensors()
    if is_held(adapter.model):
        adapter = _in_full(shop, trainer.base, context, learned)
        trainer.exchange(adapter)
    adapter.merge()
    shop.task.polish(trainer.model, context)
    if shop.config.adapter.save == "merged":
        shutil.rmtree(shop.run.path / FOLDER, ignore_errors=True)
        return
    _keep(shop, config, learned | _polished(adapter, learned))


def is_kept_whole(shop: Workshop, trainer: Any, module: str) -> bool:
    """Whether a change of this module of the merged model would be in all that is kept of it."""
    adapter: Adapter | None = getattr(trainer, "adapter", None)
    if adapter is None or shop.config.adapter.save == "merged":
        return True
    return any(module == whole or module.startswith(f"{whole}.") for whole in adapter.whole)


def settle_again(shop: Workshop, trainer: Any) -> None:
    """Keep the adapter anew after a change of the merged model; see ``is_kept_whole``."""
    adapter: Adapter | None = getattr(trainer, "adapter", None)
    if adapter is not None and shop.config.adapter.save != "merged":
        held = tensors_in(shop.run.path / FOLDER)
        _keep(shop, adapter.config, held | _polished(adapter, held))


def write_model(shop: Workshop, trainer: Any, draft: Path) -> None:
    """Write the model into ``draft``: whole, or of one that is kept as an adapter alone, what opening it takes."""
    model = trainer.model
    if getattr(trainer, "adapter", None) is None or shop.config.adapter.save != "adapter":
        model.save_pretrained(draft)
        return
    draft.mkdir()
    model.config.architectures = [type(model).__name__]
    model.config.save_pretrained(draft)
    if model.can_generate():
        model.generation_config.save_pretrained(draft)
    for name in (WEIGHTS, CONFIG):
        shutil.copy2(shop.run.path / FOLDER / name, draft / name)
    start = shop.config.model
    pinned = start.revision or programs.pinned(shop.run.path, start.checkpoint)
    adapted.note_base(draft, start.checkpoint, pinned, trainer.base)


def _in_full(shop: Workshop, folder: Path, context: Context, learned: dict[str, Any]) -> Adapter:
    from transformers import set_seed

    # Whatever is drawn by chance is drawn as it was at first.
    set_seed(shop.config.training.seed)
    model = shop.task.build_model(str(folder), context).model
    adapter = attach(model, shop.config.adapter, shop.task.auto_class)
    adapter.take(learned, str(folder))
    bits = shop.config.adapter.quantization.removesuffix("bit")
    shop.notice(
        said(
            "The model was held in {bits} bits while the adapter was trained, and comes back to its own precision.",
            bits=bits,
        ),
        said(
            "The model was loaded again in full and the adapter merged into that, so its answers differ a little from "
            "those of the checks while it learned. The figures of the report are those of the model that is kept."
        ),
    )
    return adapter


def _polished(adapter: Adapter, learned: dict[str, Any]) -> dict[str, Any]:
    """What was trained whole, as it is now: a task may have changed it after training."""
    now = {PREFIX + name: value for name, value in adapter.model.state_dict().items()}
    held_whole = tuple(f"{PREFIX}{name}." for name in adapter.whole)
    return {name: now[name].detach().clone().cpu() for name in learned if name.startswith(held_whole)}


def _keep(shop: Workshop, config: Any, tensors: dict[str, Any]) -> None:
    """Write ``adapter/`` aside, then give it its name."""
    draft = shop.run.path / f".{FOLDER}.draft"
    shutil.rmtree(draft, ignore_errors=True)
    write(draft, config, tensors, adapted.public_name(shop.config.model.checkpoint))
    checkpoints.commit(draft, shop.run.path / FOLDER)


def _counted(model: Any) -> tuple[int, int]:
    """(numbers that are trained, all numbers). Those held in 4 bits stand two in a byte."""
    trained = everything = 0
    for parameter in model.parameters():
        count = parameter.numel() * (2 if type(parameter).__name__ == "Params4bit" else 1)
        everything += count
        trained += count if parameter.requires_grad else 0
    return trained, everything


def _many(count: int) -> str:
    if count < 1_000_000:
        if count < 10_000:
            return Figures(f"{count:,}")
        return said("{number} million", number=Figures(f"{count / 1e6:.2f}"))
    if count >= 1e9:
        return said("{number} billion", number=Figures(f"{count / 1e9:.1f}"))
    return said("{number} million", number=Figures(f"{count / 1e6:.1f}"))


def _beside(adapter: Adapter, wanted: AdapterConfig) -> str:
    layers = len(adapter.targets)
    words = said_many(
        layers,
        "{count} layer has an adapter; the rest of them stays as it is.",
        "{count} layers have an adapter; the rest of them stays as it is.",
    )
    if not adapter.whole:
        return words
    whole = said(
        "Trained whole, because an adapter can only correct what is there: {names}.", names=enumerated(*adapter.whole)
    )
    return together(words, whole)
