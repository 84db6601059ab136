"""What goes to the Hub while a run still learns: its newest model, and on wish what it takes to go on elsewhere.

Names and places are those of ``hub_strategy`` in ``transformers.TrainingArguments``: the newest checkpoint stands in
``last-checkpoint``, or each in ``checkpoint-STEP``. Its optimizer, schedule and chance are kept as pickles, which is
what ``Trainer`` reads; they go only into these folders, and only where somebody asked for them. ``training_args.bin``
never goes: nothing needs it, and it names folders of this machine.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from core.publishing import checked
from core.publishing.base_model import base_of
from core.publishing.card import CARD, MARKER
from core.publishing.package import TAKEN, changes_afterwards, without_places
from core.publishing.patience import Patience, Say
from core.publishing.place import OTHER_CARD, Repository, fitted, need_rights, token
from core.publishing.types import Item, Publishing
from core.runs import Run
from core.tasks import TASKS

STATE = "trainer_state.json"
_RESUMED_FROM = re.compile(r"(optimizer|scheduler|scaler)\.pt|rng_state(_\d+)?\.pth")


def items_of_save(run: Run, save: Path, step: int, checkpoints: Mapping[str, Path]) -> list[Item]:
    """The model of one save with a short card, and whole checkpoints, by the folder in the repository."""
    items = [Item(CARD, card(run, step).encode())]
    items += [_told(file.name, file) for file in _files(save) if file.suffix in TAKEN and file.name != STATE]
    for place, folder in checkpoints.items():
        items += [_told(f"{place}/{file.name}", file) for file in _files(folder) if _is_resumed_from(file)]
    return items


def card(run: Run, step: int) -> str:
    """A few words until there is more to say."""
    config = run.config
    base = base_of(config.model).hub_id
    task = TASKS[config.task]
    library = "peft" if config.adapter.is_used else "transformers"
    head = ["---", f"library_name: {library}", f"pipeline_tag: {task.pipeline_tag}" if task.pipeline_tag else ""]
    head += [f"base_model: {base}" if base else "", "---"]
    units = " Its numbers are not yet in the units of its examples." if changes_afterwards(run) else ""
    body = (
        f"# {run.config.hub.hub_model_id.rpartition('/')[2]}\n\nThis model is still being trained: here it is after "
        f"{step:,} steps. Nobody has judged it yet.{units}\n\n{MARKER}\n"
    )
    return "\n".join(filter(None, head)) + "\n\n" + body


def check(repository: Repository, wanted: Publishing, patience: Patience, say: Say) -> None:
    """Raise ``HubError`` where whoever asks may not write there; make the repository where there is none."""
    name, rights = patience.through(repository.rights, say)
    place = patience.through(repository.look, say)
    need_rights(wanted, name, rights, place)
    if place is None:
        patience.through(repository.make, say)


def send(repository: Repository, items: list[Item], message: str, patience: Patience, say: Say) -> str:
    """Everything in one commit; returns its hash. Raises what the Hub's client raises, or ``HubError``."""
    from huggingface_hub import CommitOperationAdd

    checked.check([item for item in items if not _RESUMED_FROM.fullmatch(Path(item.name).name)], [token()])
    place = patience.through(repository.look, say)
    if place is not None:
        # Whoever wrote a card of their own keeps it; the words above are not worth a file beside it.
        items = [item for item in fitted(items, place, "model") if item.name != OTHER_CARD]

    def commit() -> str:
        operations = [CommitOperationAdd(item.name, item.content) for item in items]
        made = repository.api.create_commit(**repository.facts, operations=operations, commit_message=message)
        return str(made.oid)

    return patience.through(commit, say)


def _files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.iterdir()) if path.is_file() and not path.name.startswith(".")]


def _is_resumed_from(file: Path) -> bool:
    return file.suffix in TAKEN or bool(_RESUMED_FROM.fullmatch(file.name))


def _told(name: str, file: Path) -> Item:
    """A file as it goes up: the Trainer notes in its state where on this machine the best checkpoint is."""
    if file.name != STATE:
        return Item(name, file)
    return Item(name, json.dumps(without_places(json.loads(file.read_text(encoding="utf-8")))).encode())
