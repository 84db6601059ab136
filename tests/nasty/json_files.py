"""JSON and JSON lines: mixed types, odd numbers, half letters, depth, and ends that come too early."""

from __future__ import annotations

import json
from typing import Any

from tests.nasty.record import HEADER, Nasty, padding, refused, table

NAN = float("nan")
INFINITY = float("inf")
ORDINARY = [dict(zip(HEADER, row, strict=True)) for row in padding()]
MORE = "".join(json.dumps(record) + "\n" for record in ORDINARY)
"""Ordinary rows as lines."""
REST = ", ".join(json.dumps(record) for record in ORDINARY)
"""The same as the rest of a list."""


def _lines(
    name: str, nasty: str, rows: list[tuple[Any, ...]], *findings: str, columns: tuple[str, ...] = HEADER
) -> Nasty:
    """JSON lines: nasty ones, and ordinary ones under them."""
    width = len(columns)
    return table(name, nasty + MORE, columns, [*rows, *((*row, *[None] * (width - 2)) for row in padding())], *findings)


def _late(what: str, early: Any, late: Any, read_early: Any, read_late: Any, mixed: bool = True) -> Nasty:
    """Lines whose last, far down, has another kind of value than all before it."""
    values = [*[(early, read_early)] * 9000, (late, read_late)]
    plain = [(f"{n} " + "x" * 1000, str(n % 2)) for n in range(len(values))]
    lines = [
        json.dumps({"text": text, "label": label, "n": value})
        for (text, label), (value, _) in zip(plain, values, strict=True)
    ]
    rows = [(*row, read) for row, (_, read) in zip(plain, values, strict=True)]
    codes = ["mixed-kinds"] if mixed else []
    return table(f"late-{what}.jsonl", "\n".join(lines), (*HEADER, "n"), rows, *codes)


def _several_lists() -> str:
    return json.dumps({"train": ORDINARY, "test": ORDINARY})


LINES: tuple[Nasty, ...] = (
    refused("a-line-that-is-no-json.jsonl", MORE + "text: hello\n" + MORE, "Line 25 of"),
    refused("cut-off.jsonl", MORE + '{"text": "cut o', "Line 25 of"),
    refused("lists-instead-of-objects.jsonl", '["a", "b"]\n' * 20, "not an object"),
    refused("numbers-instead-of-objects.jsonl", "1\n2\n3\n", "not an object"),
    refused("two-objects-on-a-line.jsonl", '{"text": "a"} {"text": "b"}\n' * 20, "Line 1 of"),
    refused("python-instead-of-json.jsonl", "{'text': 'a', 'label': None}\n" * 20, "Line 1 of"),
    refused("a-comment-in-lines.jsonl", "// made by a program\n" + MORE, "Line 1 of"),
    refused("deep.jsonl", MORE + '{"text": ' + "[" * 100_000 + "]" * 100_000 + "}\n", "deep"),
    refused("deep-objects.jsonl", '{"a":' * 100_000 + "1" + "}" * 100_000 + "\n", "deep"),
    refused("deep-and-never-closed.jsonl", '{"text": ' + "[" * 100_000 + "\n", "deep"),
    _lines("empty-lines.jsonl", '\n\n{"text": "a", "label": "b"}\n   \n\r\n', [("a", "b")]),
    _lines(
        "windows-line-ends.jsonl",
        '{"text": "a\\r\\nb", "label": "b"}\r\n{"text": "c", "label": "d"}\r',
        [("a\r\nb", "b"), ("c", "d")],
    ),
    _lines("same-key-twice.jsonl", '{"text": "first", "label": "x", "text": "last"}\n', [("last", "x")]),
    table(
        "key-without-letters.jsonl",
        '{"": "a", "text": "b", "label": "c"}\n' + MORE,
        ("column_1", *HEADER),
        [("a", "b", "c"), *((None, *row) for row in padding())],
        "column-without-name",
        blocks=True,
    ),
    _lines(
        "other-keys-in-each-line.jsonl",
        '{"text": "a"}\n{"label": "b"}\n{"text": "c", "extra": [1]}\n{}\n',
        [("a", None, None), (None, "b", None), ("c", None, [1]), (None, None, None)],
        columns=("text", "label", "extra"),
    ),
    _lines("nothing-and-null.jsonl", '{"text": null, "label": ""}\n', [(None, "")]),
    _lines(
        "numbers-and-texts.jsonl",
        '{"text": 1, "label": true}\n{"text": [1, {"a": null}], "label": 2.5}\n{"text": {"k": "ü"}, "label": null}\n',
        [("1", "true"), ('[1, {"a": null}]', "2.5"), ('{"k": "ü"}', None)],
        "mixed-kinds",
    ),
    _lines(
        "half-letters.jsonl",
        '{"text": "broken \\ud83d here", "label": "x"}\n{"text": "whole \\ud83d\\ude00", "label": "\\udc00"}\n',
        [("broken ? here", "x"), ("whole 😀", "?")],
    ),
    _lines(
        "escapes.jsonl",
        '{"text": "nul \\u0000 bell \\u0007 \\/ \\b\\f", "label": "x"}\n',
        [("nul \0 bell \x07 / \b\f", "x")],
    ),
    _lines(
        "numbers-that-are-none.jsonl",
        '{"text": "a", "label": "x", "n": NaN}\n{"text": "b", "label": "y", "n": -Infinity}\n'
        '{"text": "c", "label": "x", "n": 1e999}\n',
        [("a", "x", NAN), ("b", "y", -INFINITY), ("c", "x", INFINITY)],
        columns=("text", "label", "n"),
    ),
    _lines(
        "numbers-of-many-digits.jsonl",
        '{"text": "a", "label": "x", "n": 123456789012345678901234567890}\n{"text": "b", "label": "y", "n": 1}\n',
        [("a", "x", "123456789012345678901234567890"), ("b", "y", "1")],
        "mixed-kinds",
        columns=("text", "label", "n"),
    ),
    refused("a-number-of-ten-thousand-digits.jsonl", '{"text": ' + "9" * 10_000 + "}\n", "Line 1 of"),
    _lines(
        "a-very-long-line.jsonl",
        json.dumps({"text": "word " * 2_000_000, "label": "x"}) + "\n",
        [("word " * 2_000_000, "x")],
    ),
    _late("fraction", 1, 1.5, 1.0, 1.5, mixed=False),
    _late("fraction-after-many-digits", 2**60 + 1, 0.5, str(2**60 + 1), "0.5"),
    _late("many-digits", 1, 2**70, "1", str(2**70)),
    _late("truth", 0.5, True, "0.5", "true"),
    _late("text-after-lists", ["a", "b"], "hello", '["a", "b"]', "hello"),
    _late("fraction-in-a-list", [1, 2], [0.5], [1.0, 2.0], [0.5], mixed=False),
    _late("key-in-an-object", {"a": 1}, {"b": 0.5}, {"a": 1, "b": None}, {"a": None, "b": 0.5}, mixed=False),
    _lines(
        "truth-beside-fractions.jsonl",
        '{"text": "a", "label": "x", "n": 1.5}\n{"text": "b", "label": "y", "n": true}\n',
        [("a", "x", "1.5"), ("b", "y", "true")],
        "mixed-kinds",
        columns=("text", "label", "n"),
    ),
    refused(
        "keys-of-its-own-in-each-line.jsonl",
        lambda: "".join(f'{{"key {n}": {n}}}\n' for n in range(50_000)).encode(),
        "50,000 different keys",
    ),
    _lines(
        "keys-of-its-own-in-each-object.jsonl",
        "".join(f'{{"text": "words {n}", "label": "{n % 2}", "n": {{"key {n}": {n}}}}}\n' for n in range(3000)),
        [(f"words {n}", f"{n % 2}", f'{{"key {n}": {n}}}') for n in range(3000)],
        "mixed-kinds",
        columns=("text", "label", "n"),
    ),
    _lines(
        "late-change-of-type.jsonl",
        "".join(json.dumps({"text": "x" * 1000, "label": "a", "n": n}) + "\n" for n in range(9000))
        + '{"text": "y", "label": "b", "n": "nine"}\n',
        [*[("x" * 1000, "a", str(n)) for n in range(9000)], ("y", "b", "nine")],
        "mixed-kinds",
        columns=("text", "label", "n"),
    ),
    _lines(
        "deep-but-not-too-deep.jsonl",
        '{"text": "a", "label": "x", "deep": ' + "[" * 40 + "1" + "]" * 40 + "}\n",
        [("a", "x", json.loads("[" * 40 + "1" + "]" * 40))],
        columns=("text", "label", "deep"),
    ),
    table(
        "mark-before-lines.jsonl",
        b"\xef\xbb\xbf" + MORE.encode(),
        HEADER,
        padding(),
    ),
    table("lines-called.json", MORE, HEADER, padding()),
    table("lines-called.csv", MORE, HEADER, padding()),
)

WHOLE: tuple[Nasty, ...] = (
    refused("cut-off.json", "[" + REST, "ends too early"),
    refused("cut-in-a-text.json", "[" + REST[:-8], "ends too early"),
    refused("comma-at-the-end.json", "[" + REST + ",]", "is not JSON"),
    refused("single-quotes.json", "[{'text': 'a'}]", "is not JSON"),
    refused("numbers.json", "[1, 2, 3]", "not an object"),
    refused("a-text.json", '"just a text"', "JSON"),
    refused("an-empty-list.json", "[]", "no list of objects"),
    refused("an-empty-object.json", "{}\n", "is empty"),
    refused("lists-of-lists.json", json.dumps([list(row) for row in padding()]), "not an object"),
    refused("several-lists.json", _several_lists(), "several lists"),
    refused("goes-on-after-the-end.json", "[" + REST + "]\n[" + REST + "]", "goes on after the end"),
    refused("deep.json", '[{"text": ' + "[" * 100_000 + "]" * 100_000 + "}]", "deep"),
    refused("deep-lists-only.json", "[" * 100_000 + "]" * 100_000, "deep"),
    refused("deep-beside.json", '{"x": ' + "[" * 100_000 + "]" * 100_000 + ', "data": [' + REST + "]}", "deep"),
    refused("odd-one-out.json", "[" + REST + ", 7]", "Item 25 of the list"),
    table("far-below-white-space.json", " \n" * 100_000 + "[" + REST + "]", HEADER, padding()),
    table("one-list.json", "[" + REST + "]", HEADER, padding()),
    table(
        "held-far-down.json",
        json.dumps({"meta": {"rows": [1, 2]}, "rows": ORDINARY, "end": None}),
        HEADER,
        padding(),
        "json-holder",
    ),
    table(
        "nested.json",
        json.dumps([{**record, "user": {"id": n, "tags": ["a", {"b": n}]}} for n, record in enumerate(ORDINARY)]),
        (*HEADER, "user"),
        [(*row, f'{{"id": {n}, "tags": ["a", {{"b": {n}}}]}}') for n, row in enumerate(padding())],
        "mixed-kinds",
    ),
    table(
        "null-list-and-text.json",
        '[{"text": null, "label": ["a"]}, {"text": "b", "label": "c"}, ' + REST + "]",
        HEADER,
        [(None, '["a"]'), ("b", "c"), *padding()],
        "mixed-kinds",
    ),
    refused(
        "squad-with-holes.json",
        json.dumps({"data": [{"paragraphs": [{"qas": [{"question": "Who?", "answers": [{"text": "me"}]}]}]}]}),
        "not written as in SQuAD",
    ),
    refused("squad-without-questions.json", json.dumps({"data": [{"paragraphs": [{"context": "a", "qas": []}]}]}),
            "no question"),
)  # fmt: skip

JSON_FILES = (*LINES, *WHOLE)
