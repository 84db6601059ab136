"""Texts to measure with: those of a folder of real ones, or the samples that ship with the program."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.spares import PROJECT

TEXT_COLUMNS = ("text", "message", "review", "sentence")
LABEL_COLUMNS = ("label", "topic", "sentiment", "category")
FEWEST_ROWS = 200
FEWEST_OF_A_CLASS = 10
csv.field_size_limit(1 << 24)


@dataclass(frozen=True)
class Texts:
    """``labels`` has one for each text, or none at all."""

    name: str
    texts: tuple[str, ...]
    labels: tuple[str, ...] = ()

    @property
    def mean_length(self) -> float:
        return sum(map(len, self.texts)) / len(self.texts)


def classified(folder: Path | None) -> list[Texts]:
    """The tables of texts with one class each, those of the shortest texts first. Raises ``FileNotFoundError``."""
    place = folder or PROJECT / "assets" / "samples"
    found = [read for path in sorted(place.glob("*.csv")) if (read := _table(path)) is not None]
    if not found:
        raise FileNotFoundError(f"{place} has no CSV file with a column text and a column label")
    return sorted(found, key=lambda texts: texts.mean_length)


def commonest(texts: Texts, classes: int) -> Texts:
    """The texts of so many classes, those with the most of them."""
    kept = {label for label, _ in Counter(texts.labels).most_common(classes)}
    rows = [(text, label) for text, label in zip(texts.texts, texts.labels, strict=True) if label in kept]
    return Texts(texts.name, tuple(text for text, _ in rows), tuple(label for _, label in rows))


def documents(folder: Path | None) -> Texts:
    """Texts of a paragraph or so, without classes."""
    place = folder or PROJECT / "assets" / "samples"
    for path in sorted(place.glob("*.jsonl")):
        told = [text for text in _told(path) if len(text) > 40]
        if len(told) >= FEWEST_ROWS:
            return Texts(path.name, tuple(told))
    paragraphs = [(path.name, _paragraphs(path)) for path in sorted(place.glob("*.txt"))]
    name, found = max(paragraphs, key=lambda one: len(one[1]), default=("", []))
    if not found:
        raise FileNotFoundError(f"{place} has no documents: neither JSON lines with an output nor text files")
    return Texts(name, tuple(found))


def _table(path: Path) -> Texts | None:
    with open(path, newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        names = reader.fieldnames or []
        text = next((name for name in TEXT_COLUMNS if name in names), None)
        label = next((name for name in LABEL_COLUMNS if name in names), None)
        if text is None or label is None:
            return None
        # The first row of each text: what stands twice would be in two parts.
        rows = {row[text].strip(): row[label].strip() for row in reader if row[text].strip() and row[label].strip()}
    counts = Counter(rows.values())
    kept = {one: label for one, label in rows.items() if counts[label] >= FEWEST_OF_A_CLASS}
    if len(kept) < FEWEST_ROWS or len(set(kept.values())) < 2:
        return None
    return Texts(path.name, tuple(kept), tuple(kept.values()))


def _told(path: Path) -> Iterator[str]:
    """What an instruction asks and the answer to it, as one text."""
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if isinstance(row, dict) and row.get("output"):
            yield f"{row.get('instruction', '')}\n{row['output']}".strip()


def _paragraphs(path: Path) -> list[str]:
    return [
        block for text in path.read_text(encoding="utf-8").split("\n\n") if len(block := " ".join(text.split())) > 40
    ]
