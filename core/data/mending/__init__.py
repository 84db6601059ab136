"""Ways to mend texts: what a check looks for and what a step then changes, in one place, so that they always agree."""

from __future__ import annotations

from collections.abc import Mapping

from core.data.mending import characters, markup, personal, white_space
from core.data.mending.types import Mend as Mend

CLEANING: Mapping[str, Mend] = {
    "mojibake": characters.MOJIBAKE,
    "html": markup.HTML,
    "control": characters.CONTROL,
    "invisible": characters.INVISIBLE,
    "whitespace": white_space.WHITESPACE,
}
"""In the order in which they are made: letters first, since tags and signs are told by them."""

MASKING: Mapping[str, Mend] = {
    "iban": personal.IBAN,
    "card": personal.CARD,
    "phone": personal.PHONE,
    "email": personal.EMAIL,
}
"""In the order in which they are made: long numbers first, since a short one may be found inside of them."""
