"""What a person should hear before a run starts: texts that are too long, and what will be done to the model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.config import RunConfig
from core.figures import percent
from core.limits import in_words
from core.models import long_texts, programs
from core.models.checkpoints import readable_length
from core.models.long_texts import LABEL, WORDS, LongTexts
from core.models.other_language import other_language
from core.models.types import Note
from core.suggest import adapter_rate
from core.tasks import TASKS

if TYPE_CHECKING:
    from core.studio import Studio

TOO_LOW = 5
"""An adapter's learning rate that is below the usual one divided by this is remarked on."""
_LONGER = "A larger maximum length reads more and takes longer"
_NO_LONGER = "This checkpoint cannot read more at once"


def remarks(studio: Studio, config: RunConfig) -> list[Note]:
    """The notes for a config whose data can be learned from."""
    task, checkpoint = TASKS[config.task], studio.describe(config.model.checkpoint)
    folder = Path(checkpoint.path) if checkpoint.path else None
    target = studio.parts(config).target
    wanted, lengths = config.training.max_length, studio.token_lengths(config)
    limit = readable_length(checkpoint, wanted)
    pieces = task.features(lengths, limit, config.options)
    cut = about_long_texts(lengths, pieces, limit, config.options, can_read_more=limit == wanted)
    foreign = programs.about(config.model.checkpoint, folder)
    strange = other_language(checkpoint.languages, studio.language(config), who="The model")
    adapter = about_adapter(config.adapter.method, config.training.learning_rate)
    return [*foreign, *([strange] if strange else []), *cut, *adapter, *task.remarks(folder, target, config.options)]


def about_adapter(method: str, rate: float) -> list[Note]:
    """Whether the learning rate is one for a whole model, at which an adapter of this method hardly learns."""
    fitting = adapter_rate(method)
    if fitting is None or rate >= fitting.value / TOO_LOW:
        return []
    advice = f"{fitting.reason} Set the learning rate to {in_words(fitting.value)}, say; now it is {in_words(rate)}."
    return [Note("At this learning rate the adapter will hardly learn.", advice, "warning")]


def about_long_texts(
    lengths: Sequence[int], pieces: Sequence[int], limit: int, options: Any, can_read_more: bool = True
) -> list[Note]:
    """The share of texts beyond the maximum length, what is done with them, and which choice there is.

    ``lengths`` are token counts of texts, ``pieces`` of what they are learned from as. ``can_read_more``: ``limit`` is
    what was chosen, not what the checkpoint can read at the most.
    """
    long = sum(length > limit for length in lengths)
    if not long:
        return []
    title = f"{percent(long / len(lengths))} of your texts are longer than {limit:,} tokens."
    title = title[0].upper() + title[1:]
    longer = _LONGER if can_read_more else _NO_LONGER
    if isinstance(options, LongTexts):
        return [_chosen(title, lengths, pieces, limit, options, longer)]
    are_cut = list(pieces) == [min(length, limit) for length in lengths]
    if not are_cut and sum(pieces) >= 0.999 * sum(lengths):
        return [Note(title, "They are read in pieces, so nothing is lost.")]
    return [Note(title, f"They are cut there: {_unread(lengths, limit)} is not read. {longer}.", "warning")]


def _chosen(
    title: str, lengths: Sequence[int], pieces: Sequence[int], limit: int, options: LongTexts, longer: str
) -> Note:
    in_pieces = f"choose “{WORDS['windows']}” for “{LABEL}”"
    match options.long_texts:
        case "cut":
            other = f"{longer}; or {in_pieces}, or “{WORDS['head_tail']}” where the point often comes last."
            return Note(title, f"They are cut there: {_unread(lengths, limit)} is not read. {other}", "warning")
        case "head_tail":
            left_out = f"Of these the beginning and the end are read: {_unread(lengths, limit)}, from their middle, is"
            return Note(title, f"{left_out} not. To read all of it, {in_pieces}.")
        case "windows":
            return Note(title, _about_pieces(lengths, pieces, limit))


def _about_pieces(lengths: Sequence[int], pieces: Sequence[int], limit: int) -> str:
    words = (
        "They are read in pieces that overlap, and what is found in the pieces is averaged, so the whole text counts. "
        f"Learning reads {len(pieces) / len(lengths):.1f} pieces for each text, which takes longer."
    )
    beyond = long_texts.beyond_pieces(lengths, limit)
    if not beyond:
        return words
    share, most = percent(beyond / len(lengths)), long_texts.PIECES_LEARNED
    return f"{words} Of the longest ({share} of all), {most} pieces spread over the text are learned from."


def _unread(lengths: Sequence[int], limit: int) -> str:
    return f"{percent(sum(max(0, length - limit) for length in lengths) / sum(lengths))} of all text"
