"""Which columns of a table hold a text and the text that should be made from it: by their usual names."""

from __future__ import annotations

import re

from core.data import guessing
from core.data.types import Column, Preview
from core.said import said

_PAIRS = (
    (("source", "src", "source_text"), ("target", "tgt", "target_text"), 0.85),
    (("text", "sentence", "source", "original"), ("translation", "translated", "target_text"), 0.85),
    (
        ("article", "document", "text", "dialogue", "dialog", "body", "content", "transcript", "maintext"),
        ("summary", "highlights", "abstract", "headline", "tldr"),
        0.85,
    ),
    (
        ("original", "wrong", "incorrect", "mistake", "misspelled", "with_mistakes", "text", "sentence"),
        ("corrected", "correct", "right", "correction", "fixed"),
        0.85,
    ),
    (("complex", "normal", "original", "text"), ("simple", "simplified", "plain", "easy"), 0.85),
    (("sentence", "text", "original"), ("paraphrase", "rewritten", "rewrite"), 0.8),
    (("input", "input_text"), ("output", "target", "output_text"), 0.75),
    (("question",), ("answer",), 0.6),
)
"""(names of the text to read, names of the text to write, how sure such a pair is)."""
_SENTENCE = 18
"""Characters: what is longer on average and has spaces is hardly the name of a class."""
_LANGUAGES = frozenset({
    "ar", "bg", "bn", "ca", "cs", "da", "de", "el", "en", "es", "et", "eu", "fa", "fi", "fr", "ga", "gl", "he", "hi",
    "hr", "hu", "id", "is", "it", "ja", "ka", "ko", "lt", "lv", "mk", "mn", "ms", "nb", "nl", "no", "pl", "pt", "ro",
    "ru", "sk", "sl", "sq", "sr", "sv", "sw", "ta", "th", "tr", "uk", "ur", "vi", "zh",
    "arabic", "chinese", "dutch", "english", "french", "german", "hindi", "italian", "japanese", "korean", "polish",
    "portuguese", "russian", "spanish", "turkish",
})  # fmt: skip
_CALLED = (
    "`{column}` is called like a text to start from ({length} characters on average).",
    "`{column}` is called like what is made from it ({length} characters on average).",
)
_MAY_BE = (
    "`{column}` may be a text to start from ({length} characters on average).",
    "`{column}` may be what is made from it ({length} characters on average).",
)
_READS_FURTHER = ("context", "passage", "answers", "instruction", "choices")
"""Beside these a question and its answer, an input and its output belong to another kind of work."""


def rewriting(preview: Preview) -> tuple[dict[str, str | tuple[str, ...]], dict[str, str], float] | None:
    """(columns of source and target, a reason for each, how sure that is), or None where nothing speaks for it."""
    texts = {column.name.strip().lower(): column for column in preview.columns if _is_free(column, preview)}
    for sources, targets, score in _PAIRS:
        source = next((texts[name] for name in sources if name in texts), None)
        target = next((texts[name] for name in targets if name in texts and texts[name] is not source), None)
        if source and target and not (score < 0.8 and _read_further(preview)):
            return _found(source, target, True, score)
    spoken = [column for name, column in texts.items() if _language(name)]
    if len(spoken) == 2:
        return _found(spoken[0], spoken[1], True, 0.85)
    return None


def two_texts(preview: Preview) -> tuple[dict[str, str | tuple[str, ...]], dict[str, str], float] | None:
    """The same for want of better: exactly two columns, both with free texts."""
    texts = [column for column in preview.columns if _is_free(column, preview)]
    if len(texts) != 2 or len(preview.columns) != 2:
        return None
    return _found(texts[0], texts[1], False, 0.2)


def _found(
    source: Column, target: Column, is_named: bool, score: float
) -> tuple[dict[str, str | tuple[str, ...]], dict[str, str], float]:
    reasons: dict[str, str] = {
        "source": said(_CALLED[0] if is_named else _MAY_BE[0], column=source.name, length=round(source.mean_length)),
        "target": said(_CALLED[1] if is_named else _MAY_BE[1], column=target.name, length=round(target.mean_length)),
    }
    return {"source": source.name, "target": target.name}, reasons, score


def _is_free(column: Column, preview: Preview) -> bool:
    """Texts that hardly return, as classes do, or that are whole sentences."""
    if column.kind == "category":
        return column.mean_length >= _SENTENCE and all(" " in text.strip() for text in column.examples)
    return column.kind == "text" and guessing.text_score(column, preview.rows) > 0


def _language(name: str) -> bool:
    last = re.split(r"[^a-z]+", name)[-1]
    return last in _LANGUAGES


def _read_further(preview: Preview) -> bool:
    return any(column.name.strip().lower() in _READS_FURTHER for column in preview.columns)
