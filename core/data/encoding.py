"""Which letters the bytes of a text file stand for."""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from core.data.types import Progress
from core.errors import DataError
from core.said import said

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


_HOPELESS = 0.1
"""With more than this share of unreadable characters, a chosen encoding is the wrong one."""


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


def detect(path: Path, progress: Progress | None = None) -> Encoding:
    """The encoding of a text file: by its byte order mark, else UTF-8 where the whole file is valid, else guessed."""
    with open(path, "rb") as file:
        head = file.read(4096)
    for mark, codec in _BOMS:
        if head.startswith(mark):
            return _counted(path, codec, progress=progress)
    wide = _wide(head)
    if wide:
        return _counted(path, wide, progress=progress)
    try:
        for _ in _decoded(path, "utf-8", "strict", progress):
            pass
    except UnicodeDecodeError:
        return _not_quite_utf8(path)
    return Encoding("utf-8")


def chosen(path: Path, codec: str, progress: Progress | None = None) -> Encoding:
    """The encoding that a person has chosen for a file. Raises ``DataError`` where the file is surely not in it."""
    with open(path, "rb") as file:
        head = file.read(4)
    if not getattr(codecs.lookup(codec), "_is_text_encoding", True):  # base64, zlib and the like
        raise _no_encoding_of(path, codec, "it is not an encoding of letters")
    family = codecs.lookup(codec).name.replace("_", "-")
    for mark, marked in _BOMS:
        if head.startswith(mark) and family.startswith(marked.removesuffix("-sig")):
            codec = marked  # the mark itself is no part of the text
            break
    try:
        letters = damaged = 0
        for text in _decoded(path, codec, "replace", progress):
            letters += len(text)
            damaged += text.count("\ufffd")
    except (UnicodeError, LookupError, ValueError, TypeError) as exc:
        raise _no_encoding_of(path, codec, str(exc)) from exc
    if damaged > max(10, letters * _HOPELESS):
        raise _no_encoding_of(path, codec, f"{damaged} of {letters} characters could not be read")
    return Encoding(codec, damaged=damaged)


def guess_codec(sample: bytes) -> str:
    """A codec for bytes that are not UTF-8. Lines of plain ASCII tell nothing and are best left out."""
    return _guess(sample)


def _no_encoding_of(path: Path, codec: str, cause: str) -> DataError:
    return DataError(
        said("{file} is not written in the encoding {encoding}.", file=path.name, encoding=codec),
        said("Most of its letters could not be read in that way. Choose another encoding."),
        cause=cause,
    )


def _wide(head: bytes) -> str:
    """UTF-16 or UTF-32 without a mark: spaces and line ends alone make every second byte, or three of four, zero."""
    if head and head.count(0) > len(head) / 2:
        for codec in ("utf-32-le", "utf-32-be"):
            if _is_readable(head, codec):
                return codec
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = len(head) / 2
    for codec, high, low in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if high > 0.4 * half and low < 0.05 * half:
            return codec
        if high > 0.01 * half and low < 0.05 * high and _is_readable(head, codec):
            return codec
    return ""


def _is_readable(head: bytes, codec: str) -> bool:
    """Whether the bytes are letters, signs and white space in this encoding, and nothing else."""
    try:
        text = codecs.getincrementaldecoder(codec)("strict").decode(head)
    except UnicodeDecodeError:
        return False
    return all(letter in "\t\n\r" or unicodedata.category(letter) not in ("Cc", "Cn", "Co") for letter in text)


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


def _counted(path: Path, codec: str, guessed: bool = False, progress: Progress | None = None) -> Encoding:
    return Encoding(codec, guessed, sum(text.count("\ufffd") for text in _decoded(path, codec, "replace", progress)))


def _decoded(path: Path, codec: str, errors: str, progress: Progress | None = None) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(codec)(errors)
    size = path.stat().st_size
    with open(path, "rb") as file:
        while block := file.read(_BLOCK):
            yield decoder.decode(block)
            if progress is not None:
                progress(file.tell() / size, said("Looking at the letters"))
    yield decoder.decode(b"", final=True)
