"""Letters as other bytes: marks, wide and old encodings, damage, and what is no letter at all."""

from __future__ import annotations

import codecs

from tests.nasty.record import HEADER, Nasty, padded, padding, refused, table, written


def _numbered(*rows: tuple[str, str]) -> list[tuple[str, str]]:
    """24 rows or more, no two of them alike."""
    return [(f"{text} {number}", label) for number in range(-(-24 // len(rows))) for text, label in rows]


GERMAN = _numbered(
    ("Die Straße ist schön, sehr schön", "gut"),
    ("Größere Übel gibt es überall", "schlecht"),
    ("Süße Äpfel für alle Käufer", "gut"),
    ("Höflich und natürlich können wir das prüfen", "schlecht"),
)
FRENCH = _numbered(
    ("Le café était très bon, même délicieux", "élevé"),
    ("Où êtes-vous allés cet été avec ma sœur", "médiocre"),
    ("C’est naïf de prétendre être prêt à ça", "élevé"),
)
RUSSIAN = _numbered(
    ("Очень хороший фильм, смотрел с удовольствием", "хорошо"),
    ("Ужасное обслуживание, больше не приду", "плохо"),
    ("Доставка была быстрой и вежливой", "хорошо"),
    ("Телефон сломался через неделю после покупки", "плохо"),
)
JAPANESE = _numbered(
    ("この映画はとても面白かったです", "良い"),
    ("サービスが悪くて二度と行きません", "悪い"),
    ("料理は美味しくて値段も安いです", "良い"),
    ("電池がすぐに切れてしまいました", "悪い"),
)
CHINESE = _numbered(
    ("这部电影非常好看,我很喜欢", "好"),
    ("服务态度很差,再也不来了", "差"),
    ("味道不错,价格也很便宜", "好"),
    ("手机用了一个星期就坏了", "差"),
)
SIGNS = _numbered(("naïve café, 日本語, Привет, שלום", "good"), ("price: 5 € – “fine”", "bad"))

GUESSED = "encoding-guessed"


def _in(name: str, rows: list[tuple[str, str]], encoding: str, *findings: str, mark: bytes = b"") -> Nasty:
    return table(name, mark + written([HEADER, *rows]).encode(encoding), HEADER, rows, *findings)


def _mixed() -> bytes:
    """A long file of UTF-8 into which two rows of another encoding were pasted."""
    good = written([HEADER, *GERMAN * 20]).encode()
    return good + "Schöne Grüße,gut\nÄrger über Öl,schlecht\n".encode("cp1252")


ENCODINGS: tuple[Nasty, ...] = (
    _in("utf8-mark.csv", SIGNS, "utf-8", mark=codecs.BOM_UTF8),
    table(
        "utf8-mark-quoted-header.csv",
        codecs.BOM_UTF8 + ('"text","label"\n' + written(SIGNS)).encode(),
        HEADER,
        SIGNS,
    ),
    _in("utf16-le-mark.csv", SIGNS, "utf-16-le", mark=codecs.BOM_UTF16_LE),
    _in("utf16-be-mark.csv", SIGNS, "utf-16-be", mark=codecs.BOM_UTF16_BE),
    _in("utf16-le-no-mark.csv", FRENCH, "utf-16-le"),
    _in("utf16-be-no-mark.csv", FRENCH, "utf-16-be"),
    _in("utf16-le-cyrillic-no-mark.csv", RUSSIAN, "utf-16-le"),
    _in("utf32-le-mark.csv", SIGNS, "utf-32-le", mark=codecs.BOM_UTF32_LE),
    _in("utf32-be-mark.csv", SIGNS, "utf-32-be", mark=codecs.BOM_UTF32_BE),
    _in("utf32-le-no-mark.csv", FRENCH, "utf-32-le"),
    _in("utf32-be-no-mark.csv", FRENCH, "utf-32-be"),
    _in("windows-1252.csv", FRENCH, "cp1252", GUESSED),
    _in("latin-1.csv", GERMAN, "latin-1", GUESSED),
    _in("windows-1251.csv", RUSSIAN, "cp1251", GUESSED),
    _in("koi8-r.csv", RUSSIAN, "koi8-r", GUESSED),
    _in("shift-jis.csv", JAPANESE, "shift-jis", GUESSED),
    _in("gb18030.csv", CHINESE, "gb18030", GUESSED),
    padded(
        "next-line-character.csv",
        "one\x85two,good\nthree\u2028four,bad\nfive\u2029six\x0bseven\x0ceight\x1cnine,bad\n",
        [("one\x85two", "good"), ("three\u2028four", "bad"), ("five\u2029six\x0bseven\x0ceight\x1cnine", "bad")],
    ),
    table(
        "latin-1-next-line-character.csv",
        written([HEADER, *GERMAN, ("ein\x85Wort", "gut")]).encode("latin-1"),
        HEADER,
        [*GERMAN, ("ein…Wort", "gut")],
        GUESSED,
    ),
    table(
        "mixed-utf8-and-latin-1.csv",
        _mixed,
        HEADER,
        [*GERMAN * 20, ("Sch�ne Gr��e", "gut"), ("�rger �ber �l", "schlecht")],
        "damaged-letters",
    ),
    padded("replacement-characters.csv", "caf� and na�ve,good\n", [("caf� and na�ve", "good")]),
    padded("double-encoded.csv", "cafÃ© – â€œfineâ€\x9d,good\n", [("cafÃ© – â€œfineâ€\x9d", "good")]),
    table(
        "cut-in-the-middle-of-a-letter.csv",
        written([HEADER, *GERMAN, ("das Ende ist wei\xdf", "gut")]).encode()[:-6],
        HEADER,
        [*GERMAN],
        "row-width",
        "damaged-letters",
        skipped=(25,),
    ),
    table(
        "half-a-letter-at-the-end.csv",
        codecs.BOM_UTF16_LE + (written([HEADER, *GERMAN]) + "das Ende,").encode("utf-16-le") + b"a",
        HEADER,
        [*GERMAN, ("das Ende", "\ufffd")],
        "damaged-letters",
    ),
    refused("utf16-odd-byte.csv", codecs.BOM_UTF16_LE + "text,label\n".encode("utf-16-le") + b"a", "header"),
    refused(
        "nul-in-a-wide-header.csv", "te\0xt,label\n".encode("utf-16") + "a,good\n".encode("utf-16-le") * 20, "binary"
    ),
    refused("nul-bytes.csv", "text,label\na\0b,good\n", "binary data"),
    table(
        "nul-bytes-far-down.csv",
        written([HEADER, *padding() * 200]) + "a\0b,good\n",
        HEADER,
        [*padding() * 200, ("a\0b", "good")],
    ),
    padded(
        "control-characters.csv",
        "bell\x07 escape\x1b[31m delete\x7f,good\nback\x08space unit\x1fseparator,bad\n",
        [("bell\x07 escape\x1b[31m delete\x7f", "good"), ("back\x08space unit\x1fseparator", "bad")],
    ),
    table(
        "text-in-utf16.txt",
        "\r\n".join(text for text, _ in RUSSIAN),
        ["text"],
        [(text,) for text, _ in RUSSIAN],
        "text-rows",
        encoding="utf-16",
    ),
    table(
        "lines-in-utf16.jsonl",
        "".join(f'{{"text": "é日本 {n}", "label": "{n % 2}"}}\n' for n in range(24)),
        HEADER,
        [(f"é日本 {n}", f"{n % 2}") for n in range(24)],
        encoding="utf-16",
    ),
)
