"""Everything about a model of the Hub before it is downloaded: what it is, and how it suits a user's table here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from core import machine, runs
from core.errors import HubError, StudioError
from core.estimate import epoch_seconds, finished_runs
from core.hub.types import Method, ModelFacts
from core.models import memory
from core.models.asking import fetch_tokenizer, told
from core.models.checkpoints import readable_length
from core.models.doubts import Wish, doubts
from core.models.told import Told
from core.models.types import Checkpoint
from core.probing import kept
from core.probing.foretelling import foretold
from core.tasks import TASKS

if TYPE_CHECKING:
    from pathlib import Path

    from core.config import RunConfig
    from core.hub_room import HubRoom
    from core.studio import Studio


def model_facts(
    door: HubRoom, repo: str, revision: str | None = None, draft: Mapping[str, Any] | None = None
) -> ModelFacts:
    """A model as the Hub tells of it now, or as it was last seen where the Hub cannot be reached. No weights are
    fetched: descriptions, two small JSON files, the tokenizer, and headers at the most.

    ``draft`` names the task and the table: without it, nothing is said of them. Raises ``HubError``.
    """
    studio = cast("Studio", door)
    known = told(repo.strip(), revision)
    checkpoint = known.as_checkpoint()
    wish = _wish(studio, known, draft)
    ways = _methods(checkpoint, wish)
    return ModelFacts(
        about=known.about,
        commit=known.commit,
        architecture=checkpoint.architecture,
        family=checkpoint.family,
        disk_bytes=checkpoint.disk_bytes,
        max_length=checkpoint.max_length,
        hidden_size=checkpoint.hidden_size,
        layers=checkpoint.layers,
        vocab_size=checkpoint.vocab_size,
        methods=ways,
        epoch_seconds=_epoch_seconds(checkpoint, wish),
        unknown_share=wish.unknown_share,
        warnings=doubts(known, wish, ways),
        access_help=known.access_help,
    )


def _wish(studio: Studio, known: Told, draft: Mapping[str, Any] | None) -> Wish:
    """What the draft wants of the model: measured on its table, where there is one that can be learned from."""
    task = (draft or {}).get("task")
    wish = Wish(task=TASKS[task] if isinstance(task, str) and TASKS.knows(task) else None)
    if not draft or not (draft.get("data") or {}).get("source"):
        return wish
    try:
        tokenizer = fetch_tokenizer(known)
    except HubError:  # what can be known without it is still worth saying
        tokenizer = None
    wanted = {**draft, "model": {"checkpoint": known.about.id}}
    try:
        config, _ = studio.complete(wanted)
        return _measured(studio, config, tokenizer)
    except StudioError:  # what is wrong with the table is said where it is shown
        return wish


def _measured(studio: Studio, config: RunConfig, tokenizer: Path | None) -> Wish:
    from core.data.check.languages import main_language
    from core.models.tokens import sample_texts
    from core.models.unknown_words import ROWS, unknown_share

    task, table = TASKS[config.task], studio.parts(config).train
    checkpoint = studio.describe(config.model.checkpoint)
    texts = sample_texts(table, list(task.read_columns), ROWS)
    lengths = studio.token_lengths(config)
    limit = readable_length(checkpoint, config.training.max_length)
    pieces = task.features(lengths, limit, config.options)
    return Wish(
        task=task,
        training=config.training,
        rows=table.num_rows,
        read=round(table.num_rows * len(pieces) / max(1, len(lengths))),
        lengths=lengths,
        pieces=pieces,
        language=main_language(texts),
        unknown_share=unknown_share(tokenizer, texts) if tokenizer else None,
        found=kept.known(config, checkpoint),
    )


def _methods(checkpoint: Checkpoint, wish: Wish) -> tuple[Method, ...]:
    """Memory by the way of training; nothing where it is not known how large the model is."""
    if not checkpoint.parameters:
        return ()
    limit = readable_length(checkpoint, wish.training.max_length)
    longest = min(max(wish.pieces, default=limit), limit)
    batch = wish.training.per_device_train_batch_size
    return memory.methods(checkpoint, batch, longest, writes=_writes(checkpoint, wish))


def _epoch_seconds(checkpoint: Checkpoint, wish: Wish) -> float | None:
    """What was measured of such a run, as its estimate has it. Else none without a table or the model's size, and for a
    GPU of which no run has told the speed yet.
    """
    if wish.found is not None:
        return foretold(wish.found, wish.training, wish.pieces, wish.read, 0).epoch_s
    finished = finished_runs(runs.all_runs())
    if wish.rows is None or not checkpoint.parameters or (machine.has_gpu() and not finished):
        return None
    writes = _writes(checkpoint, wish)
    return epoch_seconds(wish.training, checkpoint, wish.read, wish.pieces, finished, writes=writes)


def _writes(checkpoint: Checkpoint, wish: Wish) -> bool:
    """Whether the vocabulary is scored at each token: by what the task is, or else the model."""
    return (wish.task.family if wish.task else checkpoint.family) != "encoder"
