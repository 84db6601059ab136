"""What a person should hear before a run starts: texts that are too long, and what will be done to the model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.config import RunConfig
from core.limits import in_words
from core.models import long_texts, programs
from core.models.checkpoints import readable_length
from core.models.long_texts import LABEL, WORDS, LongTexts
from core.models.other_language import other_language
from core.models.types import Note
from core.said import Figures, Said, percent, said, together
from core.suggest import adapter_rate
from core.tasks import TASKS

if TYPE_CHECKING:
    from core.studio import Studio

TOO_LOW = 5
"""An adapter's learning rate that is below the usual one divided by this is remarked on."""


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
    strange = other_language(checkpoint.languages, studio.language(config), named=True)
    adapter = about_adapter(config.adapter.method, config.training.learning_rate)
    return [*foreign, *([strange] if strange else []), *cut, *adapter, *task.remarks(folder, target, config.options)]


def about_adapter(method: str, rate: float) -> list[Note]:
    """Whether the learning rate is one for a whole model, at which an adapter of this method hardly learns."""
    fitting = adapter_rate(method)
    if fitting is None or rate >= fitting.value / TOO_LOW:
        return []
    advice = said(
        "Set the learning rate to {fitting}, say; now it is {rate}.",
        fitting=in_words(fitting.value),
        rate=in_words(rate),
    )
    title = said("At this learning rate the adapter will hardly learn.")
    return [Note(title, together(fitting.reason, advice), "warning")]


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
    title = _longer(percent(long / len(lengths)), limit)
    if isinstance(options, LongTexts):
        return [_chosen(title, lengths, pieces, limit, options, can_read_more)]
    are_cut = list(pieces) == [min(length, limit) for length in lengths]
    if not are_cut and sum(pieces) >= 0.999 * sum(lengths):
        return [Note(title, said("They are read in pieces, so nothing is lost."))]
    more = said(
        "A larger maximum length reads more and takes longer."
        if can_read_more
        else "This checkpoint cannot read more at once."
    )
    return [Note(title, together(_are_cut(lengths, limit), more), "warning")]


def _longer(share: Said, limit: int) -> Said:
    """Said as a sentence begins, whatever the share begins with."""
    match share.split(" "):
        case ["under", number, _]:
            return said(
                "Under {number} % of your texts are longer than {limit} tokens.", number=Figures(number), limit=limit
            )
        case ["over", number, _]:
            return said(
                "Over {number} % of your texts are longer than {limit} tokens.", number=Figures(number), limit=limit
            )
    return said("{share} of your texts are longer than {limit} tokens.", share=share, limit=limit)


def _are_cut(lengths: Sequence[int], limit: int) -> Said:
    return said("They are cut there: {share} of all text is not read.", share=_unread(lengths, limit))


def _chosen(
    title: str, lengths: Sequence[int], pieces: Sequence[int], limit: int, options: LongTexts, can_read_more: bool
) -> Note:
    names = {"pieces": said(WORDS["windows"]), "setting": said(LABEL)}
    match options.long_texts:
        case "cut":
            other = said(
                "A larger maximum length reads more and takes longer; or choose “{pieces}” for “{setting}”, or "
                "“{ends}” where the point often comes last."
                if can_read_more
                else "This checkpoint cannot read more at once; or choose “{pieces}” for “{setting}”, or “{ends}” "
                "where the point often comes last.",
                ends=said(WORDS["head_tail"]),
                **names,
            )
            return Note(title, together(_are_cut(lengths, limit), other), "warning")
        case "head_tail":
            left_out = said(
                "Of these the beginning and the end are read: {share} of all text, from their middle, is not.",
                share=_unread(lengths, limit),
            )
            return Note(
                title, together(left_out, said("To read all of it, choose “{pieces}” for “{setting}”.", **names))
            )
        case "windows":
            return Note(title, _about_pieces(lengths, pieces, limit))


def _about_pieces(lengths: Sequence[int], pieces: Sequence[int], limit: int) -> str:
    words = together(
        said(
            "They are read in pieces that overlap, and what is found in the pieces is averaged, so the whole text "
            "counts."
        ),
        said(
            "Learning reads {pieces} pieces for each text, which takes longer.",
            pieces=Figures(f"{len(pieces) / len(lengths):.1f}"),
        ),
    )
    beyond = long_texts.beyond_pieces(lengths, limit)
    if not beyond:
        return words
    learned = said(
        "Of the longest ({share} of all), {most} pieces spread over the text are learned from.",
        share=percent(beyond / len(lengths)),
        most=long_texts.PIECES_LEARNED,
    )
    return together(words, learned)


def _unread(lengths: Sequence[int], limit: int) -> Said:
    return percent(sum(max(0, length - limit) for length in lengths) / sum(lengths))
