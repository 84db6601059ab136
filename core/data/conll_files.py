"""Read CoNLL files: one token a line with its tags after it, sentences parted by empty lines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from core.data import arrow_files
from core.data.arrow_files import EARLY, Imported, portion
from core.data.encoding import Encoding
from core.data.types import Finding, Progress
from core.errors import DataError
from core.said import Figures, enumerated, said, said_many, together

_HEAD_LINES = 2000
_BATCH_SENTENCES = 5000
_SPAN_TAG = re.compile(r"O|[BIESLUM]-\S+")
_PLAIN_TAG = re.compile(r"[^\s\d]\S{0,24}")
_COUNTER = re.compile(r"\d+([-.]\d+)?")
_CONLLU = ("", "tokens", "lemma", "tags", "xpos", "feats", "head", "deprel", "deps", "misc")
"""The columns of CoNLL-U; the first counts the words of a sentence."""

Fields = list[str]
Sentence = list[Fields]


@dataclass(frozen=True)
class _Shape:
    """How the lines are written: what stands between fields, how many there are, and what each is called.

    ``names`` has one name a field, empty for a counter that is not kept. ``tags`` are the last fields seen early on.
    """

    has_tabs: bool
    names: tuple[str, ...]
    tags: frozenset[str]

    def fields(self, line: str) -> Fields:
        """The fields of a line without its line end."""
        return _split(line, self.has_tabs)

    def is_comment(self, line: str, fields: Fields) -> bool:
        """A line that begins with # and could not be the token #."""
        if not line.startswith("#"):
            return False
        return len(fields) != len(self.names) or not (fields[-1] in self.tags or _SPAN_TAG.fullmatch(fields[-1]))

    def is_part_of_word(self, fields: Fields) -> bool:
        """CoNLL-U writes ``1-2`` before a word that it takes apart, and ``1.1`` for one that is not in the text."""
        return not self.names[0] and not fields[0].isdigit()


# --- Telling ---------------------------------------------------------------------------------------------------------


def has_tags(head: str) -> bool:
    """Whether a text begins like a CoNLL file whose last fields are span tags: O, B-X, I-X."""
    return _looks_so(head, plain_tags=False)


def looks_like_conll(head: str) -> bool:
    """Whether a text begins like a CoNLL file, with span tags or with any small set of tags."""
    return _looks_so(head, plain_tags=True)


def _looks_so(head: str, plain_tags: bool) -> bool:
    blocks = _blocks(_lines(head))
    rows = [line for block in blocks for line in block]
    shape = _shape(blocks)
    if shape is None or len(blocks) < 2 or len(rows) < 1.5 * len(blocks):
        return False
    if shape.names == _CONLLU:
        return True
    fitting = [fields for line in rows if len(fields := shape.fields(line)) == len(shape.names)]
    if len(fitting) < 0.9 * len(rows):
        return False
    spans = sum(bool(_SPAN_TAG.fullmatch(fields[-1])) for fields in fitting)
    return spans >= 0.9 * len(fitting) or (plain_tags and _has_plain_tags(shape, fitting))


def _has_plain_tags(shape: _Shape, rows: list[Fields]) -> bool:
    """A few short words that return again and again after many different tokens."""
    tags = Counter(fields[shape.names.index("tags")] for fields in rows)
    tokens = {fields[shape.names.index("tokens")] for fields in rows}
    are_words = all(_PLAIN_TAG.fullmatch(tag) for tag in tags)
    return len(rows) >= 20 and are_words and len(tags) <= min(60, 0.3 * len(rows)) and 2 * len(tags) < len(tokens)


def _lines(head: str) -> list[str]:
    """The first lines; the last of many is left out, since the head may end in the middle of it."""
    lines = head.split("\n")[: _HEAD_LINES + 1]
    return [line.rstrip("\r") for line in (lines[:-1] if len(lines) > 100 else lines)]


def _blocks(lines: list[str]) -> list[list[str]]:
    """Lines with a token in them, parted where empty lines part them."""
    blocks: list[list[str]] = [[]]
    for line in lines:
        if not line.strip():
            blocks.append([])
        elif not line.startswith(("#", "-DOCSTART-")):
            blocks[-1].append(line)
    return [block for block in blocks if block]


def _shape(blocks: list[list[str]]) -> _Shape | None:
    """The shape that most lines have, or None when most are no token with a tag."""
    rows = [line for block in blocks for line in block]
    has_tabs = sum("\t" in line for line in rows) > len(rows) / 2
    widths = Counter(len(_split(line, has_tabs)) for line in rows)
    width, count = widths.most_common(1)[0] if widths else (0, 0)
    if width < 2 or count <= len(rows) / 2:
        return None
    usual = [fields for line in rows if len(fields := _split(line, has_tabs)) == width]
    counted = all(_COUNTER.fullmatch(fields[0]) for fields in usual)
    starts = {_split(block[0], has_tabs)[0].partition("-")[0] for block in blocks}
    if width > 2 and counted and starts <= {"0", "1"}:
        names = _CONLLU if width == len(_CONLLU) else ("", "tokens", *_middle(3, width), "tags")
    else:
        names = ("tokens", *_middle(2, width), "tags")
    return _Shape(has_tabs, names, frozenset(fields[-1] for fields in usual))


def _middle(first: int, width: int) -> list[str]:
    return [f"column_{place}" for place in range(first, width)]


def _split(line: str, has_tabs: bool) -> Fields:
    # Not str.split(): a no-break space may be part of a token.
    return line.strip("\n\r").split("\t") if has_tabs else re.split("[ \t]+", line.strip(" \t\n\r"))


# --- Reading ---------------------------------------------------------------------------------------------------------


def import_conll(path: Path, encoding: Encoding, target: Path, progress: Progress | None = None) -> Imported:
    """Write one row a sentence to the Arrow file ``target``: lists of texts, ``tokens`` first. Memory stays bounded.

    The last field of a line is in ``tags``, those between in ``column_2`` and so on. Raises ``DataError`` that names
    the lines whose number of fields is not that of the others.
    """
    import pyarrow as pa

    with encoding.open(path) as text:
        shape = _shape(_blocks([line.strip("\r\n") for line in islice(text, _HEAD_LINES)]))
    if shape is None:
        raise DataError(
            said("{file} is not written like a CoNLL file.", file=path.name),
            said(
                "Each line should be a token, a tab and its tag, as in: Paris, tab, B-LOC. An empty line ends a "
                "sentence."
            ),
        )
    misfits: list[int] = []
    kept = {name: place for place, name in enumerate(shape.names) if name}
    schema = pa.schema([(name, pa.list_(pa.string())) for name in kept])
    sentences = _sentences(path, encoding, shape, misfits, portion(progress, 0.0, 1.0))
    rows = arrow_files.write(target, schema, _batches(sentences, kept, schema))
    if misfits:
        raise _misfit_error(path, shape, misfits)
    return Imported(rows, (_finding(rows, shape),))


def _sentences(
    path: Path, encoding: Encoding, shape: _Shape, misfits: list[int], progress: Progress
) -> Iterator[Sentence]:
    """The sentences of the file. The numbers of lines that do not fit are added to ``misfits``."""
    size = path.stat().st_size
    read = 0
    sentence: Sentence = []
    with encoding.open(path) as text:
        for number, line in enumerate(text, start=1):
            read += len(line)
            if not number % 65_536:
                progress(read / size, said("Reading the rows"))
            if not line.strip():
                if sentence:
                    yield sentence
                sentence = []
                continue
            fields = shape.fields(line)
            if line.startswith("-DOCSTART-") or shape.is_comment(line, fields) or shape.is_part_of_word(fields):
                continue
            if len(fields) == len(shape.names):
                sentence.append(fields)
            else:
                misfits.append(number)
    if sentence:
        yield sentence


def _batches(sentences: Iterator[Sentence], kept: dict[str, int], schema: Any) -> Iterator[Any]:
    import pyarrow as pa

    while some := list(islice(sentences, _BATCH_SENTENCES)):
        columns = [[[fields[place] for fields in sentence] for sentence in some] for place in kept.values()]
        arrays = [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def _misfit_error(path: Path, shape: _Shape, misfits: list[int]) -> DataError:
    lines = enumerated(*(Figures(f"{number:,}") for number in misfits[:EARLY]))
    if len(misfits) > EARLY:
        lines = said("{lines} and so on", lines=lines)
    width = len(shape.names)
    if shape.has_tabs:
        form = said("A line is a token and what is said of it, with a tab between them.")
    else:
        form = said("A line is a token and what is said of it, with spaces between them.")
    if len(misfits) == 1:
        title = said(
            "Line {line} of {file} does not have {fields} fields, as the others do.",
            line=misfits[0],
            file=path.name,
            fields=width,
        )
        return DataError(title, together(form, said("Correct or remove that line.")))
    title = said(
        "{lines} lines of {file} do not have {fields} fields, as the others do.",
        lines=len(misfits),
        file=path.name,
        fields=width,
    )
    return DataError(title, together(form, said("Correct or remove lines {lines}.", lines=lines)))


def _finding(rows: int, shape: _Shape) -> Finding:
    named = [name for name in shape.names if name not in ("", "tokens", "tags")]
    return Finding(
        "conll-rows",
        "info",
        said_many(
            rows,
            "The file was read as {count} sentence of tokens and their tags.",
            "The file was read as {count} sentences of tokens and their tags.",
        ),
        together(
            said("Lines between two empty lines are one sentence, and one row of the table."),
            said("The other columns of the file are called: {columns}.", columns=enumerated(*named)) if named else "",
        ),
        said("Put an empty line between sentences if there should be more.") if rows == 1 else "",
        rows,
    )
