"""Whether a model has read the language that texts are in, in words for people."""

from __future__ import annotations

from collections.abc import Sequence

from core.data.check.language_names import NAMES, called
from core.models.types import Note
from core.said import enumerated, in_a_row, said, together

MUST_LEARN = said("It must learn from your examples alone what their words mean.")
_MOST = 3


def other_language(languages: Sequence[str], texts: str, *, named: bool = False, why: str = MUST_LEARN) -> Note | None:
    """A warning where a model has read these ``languages`` (English names) and the ``texts`` (a code) are in none of
    them; None also where it is not known what it has read, or in what they are written. ``named``: the model is called
    one, because nothing beside the words shows it.
    """
    if not languages or texts not in NAMES or NAMES[texts] in languages:
        return None
    if any(name not in NAMES.values() for name in languages):  # such as "many languages"
        return None
    title = said(
        "The model has read {languages}, and your texts are in {yours}."
        if named
        else "It has read {languages}, and your texts are in {yours}.",
        languages=_listed([said(name) for name in languages]),
        yours=called(texts),
    )
    choose = said("Choose one that has read {language}, or one for many languages.", language=called(texts))
    return Note(title, together(why, choose), "warning")


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _MOST
    if more > 0:
        return said("{names} and {count} more", names=enumerated(*names[:_MOST]), count=more)
    return in_a_row(*names)
