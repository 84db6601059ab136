"""What goes up: the model as it can be loaded anywhere, its card, and what somebody wants beside them.

Texts of the user's own table stay here: the examples and mistakes of a report are left out. Places of this machine
become bare names. Training arguments and optimizers, which are kept as pickles, are never taken.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core import events
from core.errors import HubError, RunError
from core.judging.readings.overlap import without_words
from core.models import adapted, manual
from core.models.weights import INDEX, WHOLE
from core.publishing.card import card_files
from core.publishing.checked import private_places
from core.publishing.types import EXTRAS, Item, Publishing
from core.runs import Run
from core.said import said
from core.tasks import TASKS, defaults
from core.training import checkpoints

LAST, ADAPTER_FOLDER = "last", "adapter"
TAKEN = {".safetensors", ".json", ".txt", ".jinja", ".model"}
"""Endings of what a model is made of: weights that hold no code, and texts. All others stay here."""
_TOLD_APART = {"advice", "examples", "giveaways", "mistakes", "samples", "slices", "sources"}
"""Parts of a report with texts of the user's own table."""
_VOCABULARIES = {"tokenizer.json", "vocab.json", "added_tokens.json"}
_CURVES = (events.Stepped, events.Evaluated)


def items_of(run: Run, wanted: Publishing, progress: Callable[[float, str], None] | None = None) -> list[Item]:
    """Every file of a publication, each once. Raises ``HubError`` where something that is wanted is not there."""
    if wanted.demo_of:
        from core.publishing.demo import demo_items

        return demo_items(run, wanted.demo_of)
    need_model(run)
    _need(run, wanted)
    items = [*_model(run, wanted), *_beside(run, wanted)]
    for extra in wanted.include:
        items += _EXTRA[extra](run, progress)
    return list({item.name: item for item in items}.values())


def available(run: Run) -> tuple[str, ...]:
    """What can go up beside the best model: ``last``, and those of ``EXTRAS`` that are there or can be made."""
    if not run.has_model:
        return ()
    from core.publishing.onnx import can_export

    has_weights = bool(_checkpoints(run)) and not changes_afterwards(run)
    there = {LAST: has_weights, "checkpoints": has_weights, "logs": _has_curves(run), "onnx": can_export(run)}
    there["adapter"] = adapter_of(run).is_dir() and not adapted.is_adapted(run.model_path)
    return tuple(name for name in (LAST, *EXTRAS) if there[name])


def adapter_of(run: Run) -> Path:
    """Where the adapter lies that a run has kept, if it has."""
    return run.path / ADAPTER_FOLDER


def need_model(run: Run) -> None:
    """Raises ``RunError`` where there is nothing to publish yet."""
    if not run.has_model:
        raise RunError(said("This run has no model yet."), said("Wait until it is through, or take it up again."))


def title_of(run: Run, wanted: Publishing) -> str:
    """The message of the commit."""
    if wanted.message or wanted.demo_of:
        return wanted.message or f"Add a demo of {wanted.demo_of}"
    newest = _newest(run) if wanted.version == LAST else None
    return f"Add the model of step {checkpoints.step_of(newest)}, not judged" if newest else "Add the best model"


def _need(run: Run, wanted: Publishing) -> None:
    there = available(run)
    missing = [name for name in wanted.include if name not in there]
    if (wanted.version == LAST or "checkpoints" in wanted.include) and changes_afterwards(run):
        advice = said("Publish the best model, without checkpoints.")
        raise HubError(said("Checkpoints of this task answer in other units than the finished model."), advice)
    if wanted.version == LAST and LAST not in there:
        advice = said("A run that is finished keeps only its best model. Publish that.")
        raise HubError(said("The newest checkpoint of this run is not there any more."), advice)
    if missing:
        raise HubError(said(_LACKING[missing[0]]), said("Leave that out and try again."))


def changes_afterwards(run: Run) -> bool:
    """Whether the model is changed after training, so that the weights of a checkpoint alone answer otherwise."""
    return TASKS[run.config.task].polish is not defaults.leave_model


_LACKING = {
    "checkpoints": "This run has no checkpoints that can be published.",
    "logs": "This run has no curves that can be published.",
    "onnx": "This run has no ONNX copy that can be published.",
    "adapter": "This run has no adapter that can be published.",
}


# The model


def _model(run: Run, wanted: Publishing) -> list[Item]:
    files = {item.name: item for item in _files(run.model_path)}
    newest = _newest(run) if wanted.version == LAST else None
    if newest is not None:
        # Its tokenizer is the model's: training does not change it.
        newer = {item.name: item for item in _files(newest) if _is_weights(item.name) or item.name == "config.json"}
        files = {name: item for name, item in files.items() if not _is_weights(name)} | newer
    _need_label_names(run, files["config.json"])
    return [*files.values(), *_program(run.model_path)]


def _program(folder: Path) -> list[Item]:
    """The program that a model brings along, where it is loaded by one: without it nobody could load the model."""
    named = json.loads((folder / "config.json").read_text(encoding="utf-8")).get("auto_map") or {}
    if not named:
        return []
    found = [Item(path.name, path) for path in sorted(folder.glob("*.py"))]
    if not found and not any("--" in str(place) for place in named.values()):
        advice = said(
            "It needs a program of its makers, and that is not in its folder. Train again from a newer version."
        )
        raise HubError(said("This model could not be loaded by anybody else."), advice)
    return found


def _need_label_names(run: Run, config: Item) -> None:
    """Whoever loads the model must read ``good`` and not ``LABEL_1``."""
    told = manual.read(run.model_path)
    names = json.loads(_bytes(config)).get("id2label")
    if told is None or not told.target.labels or not names:
        return
    if not set(told.target.labels) <= set(names.values()):
        advice = said("Its config.json was changed by hand or is damaged: train again, or publish another run.")
        raise HubError(said("The model does not know the names of its labels."), advice)


def _files(folder: Path, under: str = "") -> list[Item]:
    """What a folder has of a model, with its place in the repository."""
    found = [path for path in sorted(folder.iterdir()) if path.is_file() and not path.name.startswith(".")]
    # What an adapter lies upon stands in its own config too, as peft has it.
    found = [path for path in found if path.name != adapted.NOTE]
    return [_told(Item(f"{under}{path.name}", path)) for path in found if path.suffix in TAKEN]


def _told(item: Item) -> Item:
    """The item without places of this machine. What has none stays the file that it is."""
    path = item.content
    if not isinstance(path, Path) or path.suffix != ".json" or path.name in _VOCABULARIES:
        return item
    data = json.loads(path.read_text(encoding="utf-8"))
    bare = without_places(data)
    return item if bare == data else Item(item.name, _json(bare))


def without_places(value: Any) -> Any:
    """JSON data in which each path of this machine is only the name of its file or folder."""
    if isinstance(value, dict):
        return {key: without_places(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [without_places(inner) for inner in value]
    return Path(value).name if isinstance(value, str) and _is_place(value) else value


def _is_place(text: str) -> bool:
    """Labels may look like paths, too: what counts is that it is there, or would be in a folder of the user."""
    if len(text) > 4096 or not Path(text).is_absolute():
        return False
    return Path(text).exists() or any(folder.match(text) for folder in private_places())


def _is_weights(name: str) -> bool:
    return name.endswith(".safetensors") or name == INDEX


# Beside it


def _beside(run: Run, wanted: Publishing) -> list[Item]:
    return [*card_files(run, wanted.repo, wanted.version), *_report(run)]


def _report(run: Run) -> list[Item]:
    """All figures of the judgement, without the texts that they were found on."""
    report = run.report
    if report is None:
        return []
    told = {**report, "verdict": without_words(report)}
    return [Item("report.json", _json(without_places(_figures(told))))]


def _figures(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _figures(inner) for key, inner in value.items() if key not in _TOLD_APART}
    return [_figures(inner) for inner in value] if isinstance(value, list) else value


# Extras


def _checkpoint_items(run: Run, progress: Callable[[float, str], None] | None) -> list[Item]:
    return [item for folder in _checkpoints(run) for item in _files(folder, f"checkpoints/{folder.name}/")]


def _log_items(run: Run, progress: Callable[[float, str], None] | None) -> list[Item]:
    import tempfile

    from core.publishing.tensorboard import log_items

    with tempfile.TemporaryDirectory() as folder:
        made = log_items(run, Path(folder))
        return [Item(item.name, _bytes(item)) for item in made]


def _onnx_items(run: Run, progress: Callable[[float, str], None] | None) -> list[Item]:
    from core.publishing.onnx import NOTE, export

    folder = export(run, progress)
    found = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != NOTE]
    return [_told(Item(f"onnx/{path.relative_to(folder).as_posix()}", path)) for path in found]


def _adapter_items(run: Run, progress: Callable[[float, str], None] | None) -> list[Item]:
    return _files(adapter_of(run), f"{ADAPTER_FOLDER}/")


_EXTRA: dict[str, Callable[[Run, Callable[[float, str], None] | None], list[Item]]] = {
    "checkpoints": _checkpoint_items,
    "logs": _log_items,
    "onnx": _onnx_items,
    "adapter": _adapter_items,
}


def _checkpoints(run: Run) -> list[Path]:
    """Folders of checkpoints with weights, the oldest first."""
    found = run.checkpoints_path.glob("checkpoint-*") if run.checkpoints_path.is_dir() else ()
    return sorted((path for path in found if _holds_weights(path)), key=checkpoints.step_of)


def _newest(run: Run) -> Path | None:
    return next(reversed(_checkpoints(run)), None)


def _holds_weights(folder: Path) -> bool:
    return (folder / WHOLE).is_file() or (folder / INDEX).is_file()


def _has_curves(run: Run) -> bool:
    happened, _ = events.read(run.events_path)
    return any(isinstance(event, _CURVES) for event in happened)


def _bytes(item: Item) -> bytes:
    return item.content.read_bytes() if isinstance(item.content, Path) else item.content


def _json(data: Any) -> bytes:
    return (json.dumps(data, ensure_ascii=False, indent=2) + "\n").encode()
