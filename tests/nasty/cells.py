"""What stands in the cells: very much, very many, what looks like something else, and letters that play tricks."""

from __future__ import annotations

from tests.nasty.record import HEADER, Nasty, padded, padding, refused, table, written

MEGABYTE = 1 << 20
WIDE = [f"column {place}" for place in range(10_000)]


def _giant_cell() -> bytes:
    return b"text,label\n" + b"word " * (10 * MEGABYTE) + b",odd\n" + written(padding()).encode()


def _giant_quoted_cell() -> bytes:
    return b'text,label\n"' + b'a "" b\n' * (2 * MEGABYTE) + b'",odd\n' + written(padding()).encode()


def _kept_as(*cells: str) -> list[tuple[str, str]]:
    return [(cell, "odd" if place % 2 else "even") for place, cell in enumerate(cells)]


def _file_of(name: str, *cells: str) -> Nasty:
    """A file whose texts are these, letter by letter."""
    rows = [*_kept_as(*cells), *padding()]
    return table(name, written([HEADER, *rows]), HEADER, rows)


CELLS: tuple[Nasty, ...] = (
    table("fifty-megabytes-in-a-cell.csv", _giant_cell, HEADER, [("word " * (10 * MEGABYTE), "odd"), *padding()]),
    table(
        "fourteen-megabytes-of-lines-in-a-cell.csv",
        _giant_quoted_cell,
        HEADER,
        [('a " b\n' * (2 * MEGABYTE), "odd"), *padding()],
    ),
    refused("seventy-megabytes-in-a-cell.csv", lambda: b"text,label\n" + b"x" * 70_000_000 + b",a\n", "64,000,000"),
    refused("a-hundred-megabyte-line.txt", lambda: b"word " * 20_000_000, "longer than 64,000,000 characters"),
    table(
        "ten-thousand-columns.csv",
        written([WIDE, *padding(10_000)]),
        WIDE,
        padding(10_000),
    ),
    table(
        "ten-thousand-columns-of-one-name.csv",
        written([["x"] * 10_000, *padding(10_000)]),
        ["x", *(f"x_{copy}" for copy in range(2, 10_001))],
        padding(10_000),
        "duplicate-column",
    ),
    _file_of(
        "formulas.csv",
        "=1+1",
        "+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(A1:A9)",
        '=HYPERLINK("http://evil.example","click")',
        "\t=1+1",
    ),
    _file_of(
        "markup-and-code.csv",
        "<script>alert(1)</script>",
        "{{7*7}} ${7*7} <%= 7*7 %>",
        "'; DROP TABLE rows; --",
        "../../etc/passwd",
        "%s%n %x",
        "[label](javascript:alert(1))",
    ),
    _file_of(
        "right-to-left.csv",
        "שלום עולם, מה שלומך",
        "مرحبا بالعالم، كيف حالك",
        "\u202eabc\u202c and \u2067def\u2069",
    ),
    _file_of("emoji.csv", "👨‍👩‍👧‍👦 family", "👩🏽‍🚀 astronaut", "🏳️‍🌈 flag", "🇩🇪🇫🇷", "1️⃣ first", "😀" * 500),
    _file_of("combining-marks.csv", "e\u0301 is not é", "Z̸͓̺̙a̷̢͓l̴̥̈́g̵͉̎o̶͓͑", "ﬁne ﬂour", "Å Å Å", "a" + "\u0301" * 1000),
    _file_of(
        "zero-width-characters.csv",
        "zero\u200bwidth\u200cspace\u200d",
        "\ufeffmark in the middle",
        "soft\u00adhyphen",
        "no\u00a0break\u202fspace\u2007here",
        "tag \U000e0041\U000e007f",
        "\u200b",
    ),
    _file_of("noncharacters.csv", "\ufffe and \uffff", "\U0010ffff", "private \ue000 use", "unassigned \u0378"),
    _file_of(
        "words-that-stay-words.csv",
        "NA",
        "N/A",
        "null",
        "NULL",
        "None",
        "nan",
        "NaN",
        "TRUE",
        "false",
        "007",
        "1e5",
        "-0",
        "0x1F",
        "1_000",
        "#N/A",
        "inf",
        "-",
        "?",
    ),
    _file_of(
        "dates-that-stay-words.csv", "2024-02-30", "01/02/03", "12:60", "1900-01-00", "2024-01-01T00:00:00Z", "MAR1"
    ),
    _file_of(
        "numbers-that-stay-words.csv",
        "12345678901234567890",
        "0.1000000000000000055511151231257827",
        "1,234.50",
        "1.234,50",
        "٣٫١٤",
        "+49 30 123456",
        "1e999",
    ),
    table(
        "booleans-for-labels.csv",
        "text,label\n" + "".join(f"words number {n},{n % 2 == 0}\n" for n in range(30)),
        HEADER,
        [(f"words number {n}", str(n % 2 == 0)) for n in range(30)],
    ),
    table(
        "labels-of-all-kinds.csv",
        "text,label\n" + "".join(f"words number {n},{('1', '1.0', ' 1', 'one', '')[n % 5]}\n" for n in range(30)),
        HEADER,
        [(f"words number {n}", ("1", "1.0", " 1", "one", None)[n % 5]) for n in range(30)],
    ),
    table(
        "every-row-the-same.csv",
        "text,label\n" + "same,a\n" * 40,
        HEADER,
        [("same", "a")] * 40,
        blocks=True,
    ),
    padded("lists-in-cells.csv", '"[\'a\', \'b\']",x\n"[""a""]",y\n', [("['a', 'b']", "x"), ('["a"]', "y")]),
)
