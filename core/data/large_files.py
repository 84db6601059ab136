"""The first part of a large file, cut where a row ends, to look at while the whole of it is still read."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from core.data.dialect import sniff
from core.data.encoding import Encoding, chosen
from core.data.encoding import detect as detect_encoding
from core.data.formats import recognise
from core.data.unpacking import inner_name, opened, packing_of
from core.data_config import ReadingConfig

LARGE = 20_000_000
"""Bytes. Smaller files are read whole in a moment."""
_HEAD = 1 << 20
_BLOCK = 1 << 16
_BY_LINES = ("csv", "jsonl", "conll", "text")


def first_part(path: Path, reading: ReadingConfig, folder: Path) -> tuple[Path, float] | None:
    """A file in ``folder`` with the first rows of a large one, and which share of the large one they are.

    None for a small file, and for kinds that are not read row by row from their start.
    """
    if path.is_dir() or path.stat().st_size < LARGE:
        return None
    packing = packing_of(path)
    head, taken = _head(path, packing)
    part = folder / (inner_name(path.name) if packing else path.name)
    part.write_bytes(head)
    if head.startswith((b"PAR1", b"ARROW1", b"FEA1", b"\xff\xff\xff\xff", b"PK", b"\xd0\xcf\x11\xe0")):
        return None
    encoding = chosen(part, reading.encoding) if reading.encoding else detect_encoding(part)
    text = _text(part, encoding)
    form = recognise(part, reading)
    if form.format not in _BY_LINES:
        return None
    whole = _whole_rows(text, reading) if form.format == "csv" else _whole_lines(text, form.format)
    if not whole:
        return None
    part.write_text(whole, encoding=encoding.codec, errors="replace", newline="")
    return part, taken / path.stat().st_size * len(whole) / len(text)


def _head(path: Path, packing: str) -> tuple[bytes, int]:
    """The first part of a file, unpacked, and how many bytes of the file it is."""
    with open(path, "rb") as raw:
        if not packing:
            return raw.read(_HEAD), _HEAD
        head = b""
        stream = opened(raw, packing)
        while len(head) < _HEAD and (block := stream.read(_BLOCK)):
            head += block
        return head, raw.tell()


def _text(part: Path, encoding: Encoding) -> str:
    """The letters, but for one that the cut has halved."""
    with encoding.open(part) as file:
        return file.read().rstrip("\ufffd")


def _whole_lines(text: str, format: str) -> str:
    blocks = text.rfind("\n\n") + 2
    is_parted = format != "jsonl" and blocks > len(text) // 2
    return text[: blocks if is_parted else text.rfind("\n") + 1]


def _whole_rows(text: str, reading: ReadingConfig) -> str:
    """The text up to the end of its last row that is surely whole: a quoted text may hold line ends."""
    lines = io.StringIO(text, newline="").readlines()
    reader = sniff(io.StringIO(text, newline=""), reading).rows(iter(lines))
    ends = [0]
    while True:
        try:
            next(reader)
            ends.append(reader.line_num)
        except StopIteration:
            break
        except csv.Error as exc:
            if "unexpected end of data" in str(exc) or "field larger" in str(exc):
                break
    while ends[-1] >= len(lines) and len(ends) > 1:  # the last line is cut
        ends.pop()
    return "".join(lines[: ends[-1]])
