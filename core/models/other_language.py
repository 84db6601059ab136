"""Whether a model has read the language that texts are in, in words for people."""

from __future__ import annotations

from collections.abc import Sequence

from core.data.check.language_names import NAMES
from core.models.types import Note

MUST_LEARN = "It must learn from your examples alone what their words mean."
_MOST = 3


def other_language(languages: Sequence[str], texts: str, *, who: str = "It", why: str = MUST_LEARN) -> Note | None:
    """A warning where a model has read these ``languages`` (English names) and the ``texts`` (a code) are in none of
    them; None also where it is not known what it has read, or in what they are written.
    """
    if not languages or texts not in NAMES or NAMES[texts] in languages:
        return None
    if any(name not in NAMES.values() for name in languages):  # such as "many languages"
        return None
    title = f"{who} has read {_listed(languages)}, and your texts are in {NAMES[texts]}."
    return Note(title, f"{why} Choose one that has read {NAMES[texts]}, or one for many languages.", "warning")


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _MOST
    if more > 0:
        return f"{', '.join(names[:_MOST])} and {more} more"
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
