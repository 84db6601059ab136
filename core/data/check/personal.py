"""Personal data in texts: harmless while a model stays at home, not when it or its data are published."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from core.data.check.subject import Subject
from core.data.check.written import Found, may_change, named, of_how_many, to_mend, words_of
from core.data.types import Finding, Fix
from core.said import said, said_many, together


@dataclass(frozen=True)
class _Words:
    """What one kind of personal data is called, and the button that masks it."""

    many: str
    mask: str


_KINDS = {
    "email": _Words(said("an e-mail address"), "[email]"),
    "phone": _Words(said("a telephone number"), "[phone]"),
    "card": _Words(said("the number of a payment card"), "[card]"),
    "iban": _Words(said("the number of a bank account (IBAN)"), "[iban]"),
}


def personal_data(subject: Subject) -> Iterator[Finding]:
    """One finding for each kind. What was found is never shown in full."""
    from core.data.mending import MASKING

    for kind, words in _KINDS.items():
        found = to_mend(subject, MASKING[kind])
        if not found.count:
            continue
        fixes: tuple[Fix, ...] = ()
        advice = said("Take them out of the file: marks in these texts are counted in characters.")
        if may_change(subject, found.columns):
            step = {"kind": "mask_personal", "columns": list(found.columns), "what": [kind]}
            fixes = (Fix(said("Put {mask} in their place", mask=words.mask), (step,)),)
            advice = said("Mask them, or keep the model to you.")
        yield Finding(
            f"personal-{kind}",
            "info",
            said_many(
                found.count,
                "1 row has {what} in {columns}{example}.",
                "{count} rows have {what} in {columns}{example}.",
                what=words.many,
                columns=named(found.columns),
                example=_example(subject, found, kind),
            ),
            together(
                said(
                    "Think of it before something is published: a model can give away what it has read, and the data "
                    "itself may not be passed on without the people's consent."
                ),
                of_how_many(subject),
            ),
            advice,
            fixes=fixes,
            **subject.at_rows(found.mask),
        )


def _example(subject: Subject, found: Found, kind: str) -> str:
    import numpy as np

    from core.data.mending import personal

    finders: dict[str, Any] = {
        "email": personal.emails, "phone": personal.phones, "card": personal.cards, "iban": personal.ibans
    }  # fmt: skip
    place = int(np.flatnonzero(found.mask)[0])
    for name in found.columns:
        text = words_of(subject.table.column(name)[place].as_py())
        for start, end in finders[kind](text):
            return said(", such as {example}", example=masked(text[start:end]))
    return ""


def masked(text: str) -> str:
    """``j•••@e•••.org``, ``+4•••``: enough to see what kind of thing it is, too little to use it."""
    if "@" in text:
        name, _, domain = text.rpartition("@")
        return f"{name[0]}•••@{domain[0]}•••.{domain.rpartition('.')[2]}"
    return f"{text[:2]}•••"
