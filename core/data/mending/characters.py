"""Signs that do not belong in a text: letters read in the wrong encoding, control characters, invisible ones."""

from __future__ import annotations

import re
from functools import cache

from core.data.mending.types import Mend

DAMAGED = "�"
"""What stands where a letter could not be read. Which one it was is lost."""

# --- Letters read in the wrong encoding ------------------------------------------------------------------------------


@cache
def _badness() -> str:
    """ftfy's own expression for texts that look wrong, as RE2 takes it: without the comments and spaces between."""
    from ftfy.badness import BADNESS_RE

    plain = re.compile(r"(\\.)|(\[(?:\\.|[^\]\\])*\])|#[^\n]*|\s+", re.DOTALL)
    return plain.sub(lambda found: found.group(1) or found.group(2) or "", BADNESS_RE.pattern)


def _decoded(text: str) -> str:
    """``dÃ©jÃ`` as ``déjà``. Control characters are none of its business."""
    import ftfy

    return ftfy.fix_encoding(text, ftfy.TextFixerConfig(fix_c1_controls=False))


MOJIBAKE = Mend(_badness, _decoded)

# --- Control characters ----------------------------------------------------------------------------------------------

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_BREAKS = re.compile(r"[\x0b\x0c\x1c-\x1f]+")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")
_LATE_CONTROLS = re.compile(r"[\x80-\x9f]")


def _without_controls(text: str) -> str:
    """Colours of a terminal go, form feeds become line breaks, and the range of Windows its quotation marks."""
    text = _BREAKS.sub("\n", _ESCAPES.sub("", text))
    return _LATE_CONTROLS.sub(_as_in_windows, _CONTROLS.sub("", text))


def _as_in_windows(found: re.Match[str]) -> str:
    # Five places stand for nothing there.
    return found.group().encode("latin-1").decode("cp1252", errors="ignore")


CONTROL = Mend(lambda: r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x{80}-\x{9f}]", _without_controls, sure=True)

# --- Invisible characters --------------------------------------------------------------------------------------------

# Scripts that join letters or leave out spaces between words: Arabic, those of India, Thai, Khmer and their neighbours.
_JOINING = (
    "\u0600-\u08ff\u0900-\u0dff\u0e00-\u109f\u1780-\u18af\u1900-\u1aaf\u1b00-\u1bff\ua800-\uabff\ufb50-\ufdff\ufe70-\ufefc"
    "\U00011000-\U000114ff\u3040-\u30ff\u4e00-\u9fff"
)
_PICTURES = "\u200d\u2190-\u2bff\ufe0f\u3030\U0001f000-\U0001faff\U000e0020-\U000e007f"
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
_JOINERS = re.compile(f"(?<![{_JOINING}])[\u200b\u200c\u200d]+(?![{_JOINING}])")
_BETWEEN_PICTURES = re.compile(f"(?<=[{_PICTURES}])\u200d(?=[{_PICTURES}])")
_TAGS = re.compile("(?<![\U0001f3f4\U000e0020-\U000e007f])[\U000e0001-\U000e007f]+")
_USELESS = re.compile("[\u00ad\u2060-\u2064\ufeff\u180e\ufff9-\ufffb\u115f\u1160\u3164]")


def _visible(text: str) -> str:
    """Without signs that show nothing. They stay where a script needs them, as between the parts of an emoji."""
    text = _TAGS.sub("", _USELESS.sub("", text))
    if _RIGHT_TO_LEFT.search(text) is None:
        text = _DIRECTIONS.sub("", text)
    return _JOINERS.sub(_of_pictures, text)


def _of_pictures(found: re.Match[str]) -> str:
    around = found.string[max(0, found.start() - 1) : found.end() + 1]
    return found.group() if _BETWEEN_PICTURES.search(around) and found.group() == "\u200d" else ""


INVISIBLE = Mend(
    lambda: (
        r"[\x{ad}\x{61c}\x{115f}\x{1160}\x{180e}\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}-\x{2064}\x{2066}-\x{2069}"
        r"\x{3164}\x{feff}\x{fff9}-\x{fffb}\x{e0001}-\x{e007f}]"
    ),
    _visible,
)
