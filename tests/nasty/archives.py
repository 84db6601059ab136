"""Packed files: cut off, harmed, locked, holding nothing, holding each other, or far more than they seem to."""

from __future__ import annotations

import bz2
import gzip
import io
import struct
import zipfile
import zlib
from functools import partial

import pyarrow as pa

from tests.nasty.plain_files import png
from tests.nasty.record import HEADER, Nasty, padding, refused, table, written

CSV = written([HEADER, *padding()]).encode()
MEGABYTE = 1 << 20


def zstd(content: bytes) -> bytes:
    out = pa.BufferOutputStream()
    with pa.CompressedOutputStream(out, "zstd") as packed:
        packed.write(content)
    return out.getvalue().to_pybytes()


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def by_class(files: int = 12) -> dict[str, bytes]:
    """A folder for each class, a file for each text."""
    return {f"reviews/{label}/{n:02}.txt": f"ordinary {label} words {n}".encode() for label in ("bad", "good")
            for n in range(files)}  # fmt: skip


def _gzip_bomb() -> bytes:
    """A quarter of a gigabyte of rows in less than a megabyte: one packed piece, again and again."""
    piece = gzip.compress(b"ordinary words,odd\n" * (16 * MEGABYTE // 19), 9)
    return gzip.compress(b"text,label\n") + piece * 16


def _zip_bomb() -> bytes:
    """A quarter of a gigabyte of zeros in a quarter of a megabyte."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(bytes(MEGABYTE)) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(bytes(MEGABYTE)) + packer.flush(zlib.Z_FULL_FLUSH)
    return _zip_of(b"bomb.csv", packed + again * 255 + packer.flush(), 256 * MEGABYTE, 8)


def _zip_of(name: bytes, packed: bytes, size: int, method: int, flags: int = 0) -> bytes:
    """A zip archive of one file, written by hand, so that what it says of the file need not be true."""
    about = struct.pack("<HHHHHIIIHH", 20, flags, method, 0, 33, 0, len(packed), size, len(name), 0)
    local = b"PK\x03\x04" + about + name + packed
    entry = b"PK\x01\x02" + struct.pack("<H", 20) + about + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(entry), len(local), 0)
    return local + entry + end


def _with_wrong_sum() -> bytes:
    """A stored file in which one letter is another than the archive's checksum says."""
    return zipped({"table.csv": CSV}, zipfile.ZIP_STORED).replace(b"number 7", b"number 8", 1)


def _with_wrong_places() -> bytes:
    """An archive that lacks a piece, so that nothing stands where its list says."""
    whole = zipped({"table.csv": CSV})
    return whole[:30] + whole[70:]


PACKED: tuple[Nasty, ...] = (
    table("packed.csv.gz", partial(gzip.compress, CSV), HEADER, padding()),
    table("packed-twice-over.csv.gz", lambda: gzip.compress(CSV[:100]) + gzip.compress(CSV[100:]), HEADER, padding()),
    table("packed.csv.zst", partial(zstd, CSV), HEADER, padding()),
    table("packed.csv.bz2", partial(bz2.compress, CSV), HEADER, padding()),
    table("packed-under-another-name.csv", partial(gzip.compress, CSV), HEADER, padding()),
    table("not-packed-at-all.csv.gz", CSV, HEADER, padding()),
    refused("cut-off.csv.gz", lambda: gzip.compress(CSV)[:-40], "cut off"),
    refused("cut-off.csv.zst", lambda: zstd(CSV)[:-20], "cut off"),
    refused("cut-off.csv.bz2", lambda: bz2.compress(CSV)[:-20], "cut off"),
    refused("only-its-mark.csv.gz", b"\x1f\x8b", "cut off"),
    refused("harmed.csv.gz", lambda: gzip.compress(CSV)[:60] + b"\xff\xff\xff" + gzip.compress(CSV)[63:], "damaged"),
    refused("wrong-sum.csv.gz", lambda: gzip.compress(CSV)[:-8] + bytes(4) + gzip.compress(CSV)[-4:], "damaged"),
    refused("nothing-packed.csv.gz", partial(gzip.compress, b""), "empty"),
    refused("nothing-packed.csv.zst", partial(zstd, b""), "empty"),
    refused("packed-picture.csv.gz", lambda: gzip.compress(png()), "PNG picture"),
    table("packed-again.csv.gz", lambda: gzip.compress(gzip.compress(CSV)), HEADER, padding()),
    refused("bomb.csv.gz", _gzip_bomb, "swells to more than 200 times"),
)

ZIPPED: tuple[Nasty, ...] = (
    table("one-table.zip", lambda: zipped({"table.csv": CSV}), HEADER, padding()),
    table("with-notes-of-a-mac.zip", lambda: zipped({"__MACOSX/._table.csv": b"\0\5\26\7", "table.csv": CSV,
                                                       ".DS_Store": b"\0\0\0\1Bud1"}), HEADER, padding()),
    table("folders-for-classes.zip", lambda: zipped(by_class()), (*HEADER, "file"),
          [(content.decode(), name.split("/")[1], name[8:]) for name, content in by_class().items()],
          "text-files"),
    table("several-tables.zip", lambda: zipped({"a.csv": CSV, "b.csv": CSV}), (*HEADER, "file"),
          [(*row, name) for name in ("a.csv", "b.csv") for row in padding()], "joined-tables"),
    refused("no-files.zip", lambda: zipped({}), "no files in it"),
    refused("cut-off.zip", lambda: zipped({"table.csv": CSV})[:-30], "damaged zip archive"),
    refused("wrong-sum.zip", _with_wrong_sum, "damaged zip archive"),
    refused("locked.zip", lambda: _zip_of(b"table.csv", bytes(12) + CSV, len(CSV), 0, flags=1), "with a password"),
    refused("unknown-method.zip", lambda: _zip_of(b"table.csv", CSV, len(CSV), 99), "packed in an unusual way"),
    refused("bomb.zip", _zip_bomb, "swells to more than 200 times"),
    refused("outside.zip", lambda: zipped({"../../outside.csv": CSV}), "outside of its folder"),
    table("zip-in-a-zip.zip", lambda: zipped({"inner.zip": zipped({"table.csv": CSV})}), HEADER, padding()),
    refused("a-file-without-a-name.zip", lambda: _zip_of(b"", CSV, len(CSV), 0), "outside of its folder"),
    refused("a-name-of-300-letters.zip", lambda: zipped({"ü" * 150 + ".csv": CSV}), "whose name is too long"),
    refused("on-another-drive.zip", lambda: zipped({"C:/table.csv": CSV}), "outside of its folder"),
    table("a-name-with-a-colon.zip", lambda: zipped({"Re: " + "ж" * 115 + ".csv": CSV}), HEADER, padding()),
    refused("places-that-are-none.zip", _with_wrong_places, "damaged zip archive"),
    refused("pictures.zip", lambda: zipped({"a.png": png(), "b.png": png()}), "No table was found"),
)  # fmt: skip

ARCHIVES = (*PACKED, *ZIPPED)
