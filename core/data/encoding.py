"""Which letters the bytes of a text file stand for."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

_BLOCK = 1 << 22
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Detection is surest among the encodings that tables are really saved in; each language has one or two.
_LEGACY = (
    "cp1252", "cp1250", "cp1251", "koi8_r", "cp1253", "cp1254", "cp1255", "cp1256",
    "cp932", "gb18030", "big5", "euc_kr", "euc_jp",
)  # fmt: skip


@dataclass(frozen=True)
class Encoding:
    """A codec of Python's, whether it was guessed from the letters, and how many characters it could not read."""

    codec: str
    guessed: bool = False
    damaged: int = 0

    @property
    def is_plain_utf8(self) -> bool:
        """Whether the bytes can be used as they are (a byte order mark aside)."""
        return self.codec in ("utf-8", "utf-8-sig") and not self.damaged

    def open(self, path: Path) -> TextIO:
        """The file as text, line ends untouched; what cannot be read becomes U+FFFD."""
        return open(path, encoding=self.codec, errors="replace", newline="")


def detect(path: Path) -> Encoding:
    """The encoding of a text file: by its byte order mark, else UTF-8 where the whole file is valid, else guessed."""
    with open(path, "rb") as file:
        head = file.read(4096)
    for mark, codec in _BOMS:
        if head.startswith(mark):
            return _counted(path, codec)
    wide = _wide(head)
    if wide:
        return _counted(path, wide)
    try:
        for _ in _decoded(path, "utf-8", "strict"):
            pass
    except UnicodeDecodeError:
        return _not_quite_utf8(path)
    return Encoding("utf-8")


def _wide(head: bytes) -> str:
    """UTF-16 without a mark: in most alphabets every second byte is then zero or nearly constant."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = len(head) / 2
    if odd > 0.4 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.4 * half and odd < 0.05 * half:
        return "utf-16-be"
    return ""


def _not_quite_utf8(path: Path) -> Encoding:
    """A few bad bytes in a UTF-8 file are damage; many mean that it is another encoding."""
    bad = good = 0
    for text in _decoded(path, "utf-8", "replace"):
        wrong = text.count("\ufffd")
        bad += wrong
        good += len(text) - len(text.encode("ascii", "ignore")) - wrong
    if good > 10 * bad:
        return Encoding("utf-8", damaged=bad)
    return _counted(path, _guess(_telling_lines(path)), guessed=True)


def _guess(sample: bytes) -> str:
    from charset_normalizer import from_bytes

    matches = list(from_bytes(sample, cp_isolation=list(_LEGACY)))
    if not matches:
        return "cp1252"
    best = matches[0]
    for match in matches:
        as_good = match.chaos <= best.chaos + 0.01 and match.coherence >= best.coherence - 0.01
        # Western European texts often read the same in cp1250, and are by far the more common.
        if as_good and "cp1252" in match.could_be_from_charset:
            return "cp1252"
    return best.encoding


def _telling_lines(path: Path, limit: int = 1 << 16) -> bytes:
    """The first lines that are not plain ASCII: only they tell encodings apart."""
    found: list[bytes] = []
    size = 0
    with open(path, "rb") as file:
        while size < limit and (line := file.readline(limit)):
            if not line.isascii():
                found.append(line)
                size += len(line)
    return b"".join(found)


def _counted(path: Path, codec: str, guessed: bool = False) -> Encoding:
    return Encoding(codec, guessed, sum(text.count("\ufffd") for text in _decoded(path, codec, "replace")))


def _decoded(path: Path, codec: str, errors: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(codec)(errors)
    with open(path, "rb") as file:
        while block := file.read(_BLOCK):
            yield decoder.decode(block)
    yield decoder.decode(b"", final=True)
