"""White space: spaces of many kinds, empty lines, and where they take up more room than words."""

from __future__ import annotations

import re

from core.data.mending.types import Mend

SPACES = r"\t \x{a0}\x{1680}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}"
"""All that is a space between words, as RE2 writes it."""
_SPACES = "\t \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_BREAK = re.compile("\r\n?|\u2028|\u2029")
_RUN = re.compile(f"[{_SPACES}]{{2,}}|[\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_LINE_ENDS = re.compile(r" ?\n ?")
_EMPTY_LINES = re.compile(r"\n{3,}")


def tidied(text: str) -> str:
    """One space between words, at most one empty line between paragraphs, nothing around the whole."""
    text = _RUN.sub(" ", _BREAK.sub("\n", text))
    return _EMPTY_LINES.sub("\n\n", _LINE_ENDS.sub("\n", text)).strip(" \n")


WHITESPACE = Mend(
    lambda: (
        rf"[{SPACES}]{{2,}}|[\t\r\x{{a0}}\x{{1680}}\x{{2000}}-\x{{200a}}\x{{202f}}\x{{205f}}\x{{3000}}]"
        r"|[\x{2028}\x{2029}]| \n|\n |\n\n\n|^[ \n]|[ \n]\z"
    ),
    tidied,
)
