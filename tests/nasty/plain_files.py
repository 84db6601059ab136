"""Files with nothing in them, files that are something else, plain text, and tags that do not line up."""

from __future__ import annotations

import random
import sqlite3
import struct
import tempfile
import zlib
from pathlib import Path

from tests.nasty.record import Nasty, refused, table

TOKENS = "Anna B-PER\nlives O\nin O\nParis B-LOC\n. O\n\nShe O\nsmiles O\n. O\n\n"
READ = [
    (["Anna", "lives", "in", "Paris", "."], ["B-PER", "O", "O", "B-LOC", "O"]),
    (["She", "smiles", "."], ["O", "O", "O"]),
]


def png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


def database() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "made.db"
        with sqlite3.connect(place) as connection:
            connection.execute("create table t (a text)")
        return place.read_bytes()


def noise(size: int = 100_000) -> bytes:
    return random.Random(4).randbytes(size)


EMPTY: tuple[Nasty, ...] = (
    *(refused(f"nothing{ending}", b"", "is empty") for ending in (".csv", ".jsonl", ".json", ".txt", ".parquet", "")),
    *(refused(f"white{ending}", b" \n\t\r\n  ", "is empty") for ending in (".csv", ".jsonl", ".json", ".txt")),
    refused("mark-only.csv", b"\xef\xbb\xbf", "is empty"),
    refused("wide-mark-only.csv", b"\xff\xfe", "is empty"),
    refused("mark-and-spaces.csv", b"\xef\xbb\xbf \n", "is empty"),
    refused("zeros.csv", bytes(1000), "binary data"),
)

FOREIGN: tuple[Nasty, ...] = (
    refused("picture.csv", png, "PNG picture"),
    refused("photo.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF" + noise(500), "JPEG picture"),
    refused("program.csv", b"\x7fELF\x02\x01\x01" + bytes(200), "a program"),
    refused("document.csv", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n", "PDF document"),
    refused("database.csv", database, "SQLite database"),
    refused("old-office.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "could not be opened as a workbook"),
    refused("web-page.csv", "\n<!DOCTYPE html>\n<html><body>Sign in, please</body></html>\n", "web page"),
    refused("pickle.csv", b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00", "pickle"),
    refused("noise.csv", noise, "binary data"),
    refused("noise.jsonl", noise, "binary data"),
    refused("noise.txt", noise, "binary data"),
    refused("noise", noise, "binary data"),
)

TEXTS: tuple[Nasty, ...] = (
    table("one-word.txt", "word", ["text"], [("word",)], "text-rows"),
    table(
        "paragraphs.txt",
        "\n\nOne\ntwo.\r\n \t \r\nThree.\n\n\n\n" + "\n\n".join(f"Four {n}" for n in range(20)),
        ["text"],
        [("One\ntwo.",), ("Three.",), *((f"Four {n}",) for n in range(20))],
        "text-rows",
    ),
    table(
        "next-line-characters.txt",
        "one\x85two\u2028three\n" * 20,
        ["text"],
        [("one\x85two\u2028three",)] * 20,
        "text-rows",
    ),
    table("old-mac.txt", "one\rtwo\rthree\r" * 10, ["text"], [("one",), ("two",), ("three",)] * 10, "text-rows"),
    table("brackets.txt", "[not json, but a note]\n" * 20, ["text"], [("[not json, but a note]",)] * 20, "text-rows"),
)

CONLL: tuple[Nasty, ...] = (
    table("tags.conll", TOKENS * 15, ["tokens", "tags"], READ * 15, "conll-rows", blocks=True),
    table("tags-called.txt", TOKENS * 15, ["tokens", "tags"], READ * 15, "conll-rows", blocks=True),
    table("tags-with-windows-ends.conll", (TOKENS * 15).replace("\n", "\r\n"), ["tokens", "tags"], READ * 15,
          "conll-rows", blocks=True),
    refused("uneven-columns.conll", TOKENS * 15 + "one two three four\n\n", "Line 151 of"),
    refused("a-token-without-a-tag.conll", TOKENS * 15 + "lonely\n\n", "Line 151 of"),
    refused("many-uneven-columns.conll", TOKENS * 15 + "lonely\n" * 40, "40 lines of"),
    refused("prose.conll", "It was late.\nNobody came and nobody called.\n" * 20, "not written like a CoNLL file"),
    refused("only-empty-sentences.conll", "# a comment\n\n\n-DOCSTART- -X- O\n\n", "not written like a CoNLL file"),
    table(
        "no-break-space-in-a-token.conll",
        (TOKENS + "10\u00a0000 O\neuros O\n\n") * 15,
        ["tokens", "tags"],
        [*READ, (["10\u00a0000", "euros"], ["O", "O"])] * 15,
        "conll-rows",
        blocks=True,
    ),
    table(
        "comments-and-a-hash.conll",
        ("# sent_id = 1\n" + TOKENS + "# O\none O\n\n") * 15,
        ["tokens", "tags"],
        [*READ, (["#", "one"], ["O", "O"])] * 15,
        "conll-rows",
        blocks=True,
    ),
)  # fmt: skip

PLAIN_FILES = (*EMPTY, *FOREIGN, *TEXTS, *CONLL)
