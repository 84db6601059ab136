"""HTML that was left in texts, and texts that are white space for the most part."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from core.data.check.characters import cleaning
from core.data.check.subject import Subject
from core.data.check.written import look, named, of_how_many, to_mend
from core.data.types import Finding
from core.said import said, said_many, together

if TYPE_CHECKING:
    import numpy as np

_MUCH = 0.25
"""White space is worth a word when needless spaces make up so much of a text."""
_LEAST = 20
"""And when there are so many of them."""


def left_in_markup(subject: Subject) -> Iterator[Finding]:
    """Rows with tags or entities of HTML."""
    from core.data.mending.markup import HTML

    found = to_mend(subject, HTML)
    if not found.count:
        return
    advice, fixes = cleaning(subject, found, "html", said("Take the HTML out"))
    yield Finding(
        "html",
        "warning",
        said_many(
            found.count,
            "1 row has HTML in {columns}.",
            "{count} rows have HTML in {columns}.",
            columns=named(found.columns),
        ),
        together(
            said(
                "Tags such as {tag} and signs such as {sign} take up room, and a model may learn from them instead of "
                "the words.",
                tag="<br>",
                sign="&amp;",
            ),
            of_how_many(subject),
        ),
        together(
            advice,
            said("The text between the tags stays, scripts go. Where texts are about HTML, leave it.") if fixes else "",
        ),
        fixes=fixes,
        **subject.at_rows(found.mask),
    )


def needless_space(subject: Subject) -> Iterator[Finding]:
    """Rows that are needless white space to a good part."""
    found = look(subject, _much_space)
    if not found.count:
        return
    advice, fixes = cleaning(subject, found, "whitespace", said("Take the needless white space out"))
    yield Finding(
        "much-white-space",
        "info",
        said_many(
            found.count,
            "1 row has a lot of empty space in {columns}.",
            "{count} rows have a lot of empty space in {columns}.",
            columns=named(found.columns),
        ),
        together(said("More than a quarter of each of these texts is spaces and empty lines."), of_how_many(subject)),
        together(advice, said("In program code and verse, leave it.") if fixes else ""),
        fixes=fixes,
        **subject.at_rows(found.mask),
    )


def _much_space(column: Any) -> np.ndarray:
    from core.data.mending.columns import rows_where

    return rows_where(column, _is_spacious)


def _is_spacious(texts: Any) -> np.ndarray:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    from core.data.mending.white_space import SPACES

    runs = rf"[{SPACES}\r\n]{{4,}}"
    suspicious = np.asarray(pc.fill_null(pc.match_substring_regex(texts, runs), False), dtype=bool)
    if not suspicious.any():
        return suspicious
    few = texts.filter(pa.array(suspicious))
    before = pc.utf8_length(few).to_numpy(zero_copy_only=False)
    after = pc.utf8_length(pc.replace_substring_regex(few, runs, " ")).to_numpy(zero_copy_only=False)
    suspicious[suspicious] = (before - after > _MUCH * before) & (before - after >= _LEAST)
    return suspicious
