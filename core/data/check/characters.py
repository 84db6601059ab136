"""Signs that do not belong in texts: lost and misread letters, control and invisible characters, no word at all."""

from __future__ import annotations

from collections.abc import Iterator

from core.data.check.subject import Subject
from core.data.check.written import Found, look, may_change, named, of_how_many, to_mend
from core.data.types import Finding, Fix
from core.said import said, said_many, together

_BY_HAND = said(
    "Correct them in the file: marks in these texts are counted in characters, so a step must not change them."
)


def unusual_characters(subject: Subject) -> Iterator[Finding]:
    """Findings from the worst to the most harmless."""
    yield from _lost(subject)
    yield from _misread(subject)
    yield from _control(subject)
    yield from _invisible(subject)
    yield from _wordless(subject)


def cleaning(subject: Subject, found: Found, what: str, words: str) -> tuple[str, tuple[Fix, ...]]:
    """(advice, fixes) for rows that a step can clean."""
    if not may_change(subject, found.columns):
        return _BY_HAND, ()
    step = {"kind": "clean_text", "columns": list(found.columns), "what": [what]}
    return said("{do}, or leave it so.", do=words), (Fix(words, (step,)),)


def _lost(subject: Subject) -> Iterator[Finding]:
    from core.data.steps.texts import is_unfit

    found = look(subject, lambda column: is_unfit(column, "damaged"))
    if not found.count:
        return
    step = {"kind": "drop_texts", "columns": list(found.columns), "what": "damaged"}
    yield Finding(
        "lost-letters",
        "warning",
        said_many(
            found.count,
            "1 row has lost letters (�) in {columns}.",
            "{count} rows have lost letters (�) in {columns}.",
            columns=named(found.columns),
        ),
        together(
            said(
                "Where this sign stands, a letter could not be read: now, because of a wrong encoding, or already "
                "when the file was made; then it is lost for good."
            ),
            of_how_many(subject),
        ),
        said(
            "If another encoding brings the letters back, choose that; else get a better copy of the file, take these "
            "rows out, or leave it so if they are few."
        ),
        fixes=(Fix(said("Take out the rows with lost letters"), (step,)),),
        **subject.at_rows(found.mask),
    )


def _misread(subject: Subject) -> Iterator[Finding]:
    from core.data.mending.characters import MOJIBAKE

    found = to_mend(subject, MOJIBAKE)
    if not found.count:
        return
    advice, fixes = cleaning(subject, found, "mojibake", said("Mend the letters"))
    mixed = ""
    if _right_ones(subject, found):
        mixed = said(
            "Other rows have such letters right: the table was put together from files in different encodings."
        )
    yield Finding(
        "misread-letters",
        "warning",
        said_many(
            found.count,
            "1 row has letters that were read in a wrong encoding in {columns}{example}.",
            "{count} rows have letters that were read in a wrong encoding in {columns}{example}.",
            columns=named(found.columns),
            example=_example(subject, found),
        ),
        together(said("To the model these are other words than the right ones."), mixed, of_how_many(subject)),
        advice,
        fixes=fixes,
        **subject.at_rows(found.mask),
    )


def _right_ones(subject: Subject, found: Found) -> bool:
    """Whether other rows have letters with accents as they should be."""
    from core.data.mending.columns import matching, rows_where

    accented = look(subject, lambda column: rows_where(column, matching(r"[\x{c0}-\x{17f}]")))
    return bool((accented.mask & ~found.mask).any())


def _example(subject: Subject, found: Found) -> str:
    """``, such as `dÃ©jÃ` for `déjà```, from the first row."""
    import numpy as np

    from core.data.check.written import words_of
    from core.data.mending.characters import MOJIBAKE

    place = int(np.flatnonzero(found.mask)[0])
    for name in found.columns:
        old = words_of(subject.table.column(name)[place].as_py())
        before, after = old.split(), MOJIBAKE.mended(old).split()
        for one, other in zip(before, after, strict=False):
            if one != other and len(before) == len(after):
                return said(", such as `{wrong}` for `{right}`", wrong=one[:30], right=other[:30])
    return ""


def _control(subject: Subject) -> Iterator[Finding]:
    from core.data.mending.characters import CONTROL

    found = to_mend(subject, CONTROL)
    if not found.count:
        return
    advice, fixes = cleaning(subject, found, "control", said("Take the control characters out"))
    yield Finding(
        "control-characters",
        "warning",
        said_many(
            found.count,
            "1 row has control characters in {columns}.",
            "{count} rows have control characters in {columns}.",
            columns=named(found.columns),
        ),
        together(
            said(
                "They are orders to a machine, such as colours of a terminal or the end of a page, or quotation marks "
                "of Windows that were misread; they are no part of the text."
            ),
            of_how_many(subject),
        ),
        advice,
        fixes=fixes,
        **subject.at_rows(found.mask),
    )


def _invisible(subject: Subject) -> Iterator[Finding]:
    from core.data.mending.characters import INVISIBLE

    found = to_mend(subject, INVISIBLE)
    if not found.count:
        return
    advice, fixes = cleaning(subject, found, "invisible", said("Take the invisible characters out"))
    yield Finding(
        "invisible-characters",
        "info",
        said_many(
            found.count,
            "1 row has invisible characters in {columns}.",
            "{count} rows have invisible characters in {columns}.",
            columns=named(found.columns),
        ),
        together(
            said(
                "They show nothing but split words, so that the model does not know these again. Those that a script "
                "or an emoji needs are not meant."
            ),
            of_how_many(subject),
        ),
        advice,
        fixes=fixes,
        **subject.at_rows(found.mask),
    )


def _wordless(subject: Subject) -> Iterator[Finding]:
    from core.data.steps.texts import is_unfit

    found = look(subject, lambda column: is_unfit(column, "wordless"))
    if not found.count:
        return
    step = {"kind": "drop_texts", "columns": list(found.columns), "what": "wordless"}
    yield Finding(
        "no-words",
        "info",
        said_many(
            found.count,
            "1 row has nothing but punctuation in {columns}.",
            "{count} rows have nothing but punctuation in {columns}.",
            columns=named(found.columns),
        ),
        together(said("Signs such as “:)” may say something; “--” says nothing."), of_how_many(subject)),
        said("Look at these rows, and take them out if they say nothing."),
        fixes=(Fix(said("Take out the rows without a word"), (step,)),),
        **subject.at_rows(found.mask),
    )
