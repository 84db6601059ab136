"""The judged rows of a model that writes one text from another: how near each comes, and what is odd in it.

Only some rows are written out (see ``core.models.seq2seq``); in the others ``answer``, ``error`` and all that is said
of the written text are missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.evaluation import text_generation

_MANY_TIMES, _MORE = 2, 20
"""A text is far too long, or far too short, from so many times the wanted length and so many characters apart."""
_REPEATED, _RUN = 0.3, 4
_LONGEST_WORD = 20
"""Letters a word on average: where it has more, blanks do not set words apart."""


def kept(outputs: Any, examples: Any, context: Any, task: Any) -> dict[str, Any]:
    """A ``Task.kept``; see ``columns``."""
    return columns(outputs, examples["target"].to_pylist(), examples["source"].to_pylist())


def columns(outputs: Sequence[Any], targets: Sequence[str], sources: Sequence[str]) -> dict[str, Any]:
    """Beside ``truth`` (the wanted text) and ``answer``: ``error``, 1 less the text's own chrF as a share; ``chrf``;
    ``exact`` (1 or 0); ``nll`` and ``tokens`` of the wanted text; ``source_words``; and each of ``ODDITIES``.
    """
    import pyarrow as pa

    places = [place for place, output in enumerate(outputs) if output.text is not None]
    texts, wanted = [outputs[place].text for place in places], [targets[place] for place in places]
    scores = text_generation.row_chrf(texts, wanted).tolist() if places else []
    exact = [int(text.strip() == target.strip()) for text, target in zip(texts, wanted, strict=True)]
    odd = [oddities(outputs[place].text, targets[place], sources[place]) for place in places]

    def spread(values: Sequence[Any], kind: Any) -> Any:
        found = dict(zip(places, values, strict=True))
        return pa.array([found.get(place) for place in range(len(outputs))], kind)

    text, number, count, yes = pa.large_string(), pa.float64(), pa.int64(), pa.bool_()
    return {
        "truth": pa.array(targets, text),
        "answer": spread(texts, text),
        "error": spread([round(1 - score / 100, 12) for score in scores], number),
        "chrf": spread(scores, number),
        "exact": spread(exact, count),
        "nll": pa.array([output.nll for output in outputs], number),
        "tokens": pa.array([output.tokens for output in outputs], count),
        "source_words": pa.array([len(source.split()) for source in sources], count),
        **{name: spread([name in one for one in odd], yes) for name in ODDITIES},
    }


ODDITIES = ("is_empty", "repeats_itself", "far_too_long", "far_too_short", "copies_source")


def oddities(text: str, target: str, source: str) -> set[str]:
    """Which of ``ODDITIES`` a written text has."""
    given, wanted = len(text.strip()), len(target.strip())
    signs = {
        "is_empty": not given,
        "repeats_itself": repetition(text) > max(_REPEATED, repetition(target)),
        "far_too_long": given > _MANY_TIMES * wanted and given > wanted + _MORE,
        "far_too_short": bool(given) and wanted > _MANY_TIMES * given and wanted > given + _MORE,
        "copies_source": bool(given) and text.strip() == source.strip() != target.strip(),
    }
    return {name for name, is_so in signs.items() if is_so}


def repetition(text: str) -> float:
    """The share of its runs of four words (of letters, where no blanks set words apart) that stood in it before.

    Source: Welleck et al. (2020), "Neural Text Generation With Unlikelihood Training", arXiv:1908.04319, ``seq-rep-4``.
    """
    words: Sequence[str] = text.split()
    if text_generation.tokenization_of([text]) == "characters" or len(text) > _LONGEST_WORD * len(words):
        words = "".join(words)
    runs = [tuple(words[place : place + _RUN]) for place in range(len(words) - _RUN + 1)]
    return 1 - len(set(runs)) / len(runs) if runs else 0.0
