"""What tells who a person is and should not be published: e-mail addresses, telephone, card and account numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from core.data.mending.types import Mend

Span = tuple[int, int]
"""Where in a text something stands: its first character, and the one after its last."""


def _masked(find: Callable[[str], Iterator[Span]], word: str) -> Callable[[str], str]:
    def masked(text: str) -> str:
        parts, done = [], 0
        for start, end in find(text):
            parts += [text[done:start], word]
            done = end
        return "".join([*parts, text[done:]]) if parts else text

    return masked


# --- E-mail addresses ------------------------------------------------------------------------------------------------

_EMAIL_BODY = (
    r"[A-Za-z0-9][A-Za-z0-9._%+\-]{0,63}@(?:[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}\b"
)
_EMAIL = re.compile(r"(?<![A-Za-z0-9._%+\-])" + _EMAIL_BODY)


def emails(text: str) -> Iterator[Span]:
    """Where e-mail addresses stand."""
    return (found.span() for found in _EMAIL.finditer(text))


EMAIL = Mend(lambda: _EMAIL_BODY, _masked(emails, "[email]"))

# --- Telephone numbers -----------------------------------------------------------------------------------------------

_CALLED = (
    r"(?:tel|telephone|telefon|téléphone|teléfono|telefono|telefax|phone|fax|mobile|mobil|handy|cell|whatsapp|sms)"
)
_FROM_ABROAD = re.compile(r"(?<![\w+=/])(?:\+|00)(?=[1-9])\d(?:[ ().\-/]{0,3}\d){7,14}(?!\d)")
_AMERICAN = re.compile(
    r"(?<![\w.\-+=/(])(?:1[ .\-])?(?:\([2-9]\d\d\) ?|[2-9]\d\d[.\- ])[2-9]\d\d[.\- ]\d{4}(?![\d.\-]\w|\w)"
)
_AFTER_WORD = re.compile(
    rf"\b{_CALLED}\b[^\d\n+]{{0,12}}?(\(?0\d[\d ()./\-]{{5,16}}\d|\(?\d{{2,5}}[)\-/ ][\d ()./\-]{{4,14}}\d)(?!\d)",
    re.IGNORECASE,
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d|\d{1,2}[./\-]\d{1,2}[./\-]\d{2,4}")


def phones(text: str) -> Iterator[Span]:
    """Where telephone numbers stand: with a country's code, as North America writes them, or after a word for it."""
    last = 0
    for start, end in sorted({*_abroad(text), *_american(text), *_announced(text)}):
        if start >= last:
            yield start, end
            last = end


def _abroad(text: str) -> Iterator[Span]:
    for found in _FROM_ABROAD.finditer(text):
        start, number = found.start(), found.group()
        # A number that follows may have been taken along.
        while number:
            if _is_valid("+" + number.removeprefix("+").removeprefix("00"), None):
                yield start, start + len(number)
                break
            number = re.sub(r"[ ().\-/]+\d+$", "", number) if re.search(r"[ ().\-/]\d+$", number) else ""


def _american(text: str) -> Iterator[Span]:
    return (found.span() for found in _AMERICAN.finditer(text) if _is_valid(found.group(), "US"))


def _announced(text: str) -> Iterator[Span]:
    for found in _AFTER_WORD.finditer(text):
        digits = sum(character.isdigit() for character in found.group(1))
        if 7 <= digits <= 15 and not _DATE.search(found.group(1)):
            yield found.span(1)


def _is_valid(number: str, region: str | None) -> bool:
    import phonenumbers

    try:
        return bool(phonenumbers.is_valid_number(phonenumbers.parse(number, region)))
    except phonenumbers.NumberParseException:
        return False


PHONE = Mend(
    lambda: (
        r"(?:\+|\b00)[1-9](?:[ ().\-/]{0,3}\d){8,14}|[2-9]\d\d\)? ?[.\- ]?[2-9]\d\d[.\- ]\d{4}"
        rf"|(?i:\b{_CALLED}\b[^\d\n+]{{0,12}}\(?\d)"
    ),
    _masked(phones, "[phone]"),
)

# --- Card and account numbers ----------------------------------------------------------------------------------------

_CARD = re.compile(
    r"(?<![\w.\-+/=])(?:\d{13,19}|\d{4}([ \-])\d{4}\1\d{4}\1\d{4}(?:\1\d{3})?|\d{4}([ \-])\d{6}\2\d{4,5})(?![\d.\-]?\w)"
)
_ISSUERS = re.compile(
    r"4\d{12}(?:\d{3})?|5[1-5]\d{14}|2(?:2[2-9]|[3-6]\d|7[01])\d{13}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}"
    r"|6(?:011|5\d\d)\d{12}|35\d{14}|62\d{14,17}"
)
_IBAN_BODY = r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b"
_IBAN = re.compile(_IBAN_BODY)


def cards(text: str) -> Iterator[Span]:
    """Where numbers of payment cards stand: in a form that some issuer has, and with the right check digit."""
    from stdnum import luhn

    for found in _CARD.finditer(text):
        digits = re.sub(r"\D", "", found.group())
        if _ISSUERS.fullmatch(digits) and len(set(digits)) > 1 and luhn.is_valid(digits):
            yield found.span()


def ibans(text: str) -> Iterator[Span]:
    """Where account numbers (IBAN) stand, with the right check digits and length for their country."""
    from stdnum import iban

    for found in _IBAN.finditer(text):
        words = found.group()
        # Words in capitals that follow may have been taken along.
        ends = [len(words), *(at.start() for at in reversed(list(re.finditer(" ", words))))]
        end = next((end for end in ends if iban.is_valid(words[:end])), None)
        if end is not None:
            yield found.start(), found.start() + end


CARD = Mend(lambda: r"\b\d(?:[ \-]?\d){12,18}\b", _masked(cards, "[card]"))
IBAN = Mend(lambda: _IBAN_BODY, _masked(ibans, "[iban]"))
