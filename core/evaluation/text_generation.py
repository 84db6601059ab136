"""Judging answers that are texts of the model's own: how much they share with the text that was wanted.

Predictions and references are lists of strings, one wanted text a row. ROUGE is rouge-score's (F1, without stemming),
BLEU and chrF are sacreBLEU's, on its scale from 0 to 100.

rouge-score reads Latin letters and digits only. Where the wanted texts are mostly in other scripts, it is given their
words, set apart by spaces and punctuation; where the script sets no spaces, as in Chinese or Thai, their characters,
and BLEU counts characters then too. ``tokenization`` in a judgement says which it was.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any, Literal

from core.evaluation import intervals, resampling
from core.evaluation.types import Metrics, MetricWords

WORDS = (
    MetricWords(
        "chrf",
        "chrF",
        "How many short pieces of spelling the text shares with the wanted one, from 0 to 100.",
        "number",
    ),
    MetricWords(
        "bleu",
        "BLEU",
        "How many runs of up to four words are those of the wanted text, from 0 to 100, taken over all texts together.",
        "number",
    ),
    MetricWords("rouge1", "ROUGE-1", "How many words the text shares with the wanted one."),
    MetricWords("rouge2", "ROUGE-2", "How many pairs of neighbouring words the text shares with the wanted one."),
    MetricWords("rougeL", "ROUGE-L", "How long the longest series of words is that both have in the same order."),
    MetricWords("exact_match", "Exact match", "The share of texts that are the wanted one to the letter."),
)

WORST = 50
Tokenization = Literal["latin", "words", "characters"]

_ROUGE = ("rouge1", "rouge2", "rougeL")
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Thai, Lao, Burmese, Khmer, Japanese and Chinese: scripts that set no spaces between words."""
_LOOKED_AT = 200_000
"""Characters that settle which script the texts are in."""


def live_metrics(predictions: Sequence[str], references: Sequence[str]) -> Metrics:
    """The metrics of ``WORDS`` for one evaluation; nothing without rows."""
    if not len(references):
        return {}
    tokenization = tokenization_of(references)
    chrf, bleu = _chrf_parts(predictions, references), _bleu_parts(predictions, references, tokenization)
    return _metrics(chrf, bleu, _rouge(predictions, references, tokenization), _right(predictions, references))


def judge(predictions: Sequence[str], references: Sequence[str]) -> dict[str, Any]:
    """Everything a report holds on one split: ``rows``, the metrics of ``WORDS``, ``tokenization`` (see above) and
    ``intervals`` of each metric, from drawing rows."""
    if not len(references):
        return {"rows": 0, "intervals": {}}
    tokenization = tokenization_of(references)
    chrf, bleu = _chrf_parts(predictions, references), _bleu_parts(predictions, references, tokenization)
    rouge, right = _rouge(predictions, references, tokenization), _right(predictions, references)
    ends = {
        "chrf": resampling.interval(chrf, _chrf_of),
        "bleu": resampling.interval(bleu, _bleu_of),
        **{name: resampling.interval(resampling.counted(values), resampling.mean) for name, values in rouge.items()},
        "exact_match": intervals.wilson(int(right.sum()), len(right)),
    }
    return {
        "rows": len(references),
        "tokenization": tokenization,
        **_metrics(chrf, bleu, rouge, right),
        "intervals": {name: list(found) if found else None for name, found in ends.items()},
    }


def paired(predictions: Sequence[str], other: Sequence[str], references: Sequence[str]) -> dict[str, Any]:
    """Whether the average chrF of a row differs from another answerer's on the same rows; see ``resampling.paired``."""
    mine, theirs = (resampling.counted(row_chrf(given, references)) for given in (predictions, other))
    return resampling.paired(mine, theirs, resampling.mean)


def worst(predictions: Sequence[str], references: Sequence[str], most: int = WORST) -> list[dict[str, Any]]:
    """The rows farthest from what was wanted by chrF, worst first: ``place`` (from 0) and ``chrf``.

    Exact matches are not among them.
    """
    import numpy as np

    scores, right = row_chrf(predictions, references), _right(predictions, references)
    order = [place for place in np.argsort(scores, kind="stable").tolist() if not right[place]]
    return [{"place": place, "chrf": float(scores[place])} for place in order[:most]]


def row_chrf(predictions: Sequence[str], references: Sequence[str]) -> Any:
    """The chrF of each row, of shape (rows,): sacreBLEU's ``sentence_chrf``."""
    return _chrf_of(_chrf_parts(predictions, references))


def tokenization_of(references: Sequence[str]) -> Tokenization:
    """How the words of these texts are told apart; the first ones settle it."""
    looked = " ".join(reference[:1000] for reference in references[:1000])[:_LOOKED_AT]
    letters = [letter for letter in looked if letter.isalpha()]
    if 2 * sum(letter < "\u0250" for letter in letters) >= len(letters):
        return "latin"
    return "characters" if 2 * len(_UNSPACED.findall("".join(letters))) >= len(letters) else "words"


def _metrics(chrf: Any, bleu: Any, rouge: dict[str, Any], right: Any) -> Metrics:
    return {
        "chrf": float(_chrf_of(chrf.sum(0))),
        "bleu": float(_bleu_of(bleu.sum(0))),
        **{name: float(values.mean()) for name, values in rouge.items()},
        "exact_match": float(right.mean()),
    }


def _right(predictions: Sequence[str], references: Sequence[str]) -> Any:
    import numpy as np

    return np.array([given.strip() == wanted.strip() for given, wanted in zip(predictions, references, strict=True)])


# --- ROUGE -----------------------------------------------------------------------------------------------------------


def _rouge(predictions: Sequence[str], references: Sequence[str], tokenization: Tokenization) -> dict[str, Any]:
    """F1 of each row by the name of the metric."""
    import numpy as np
    from rouge_score.rouge_scorer import RougeScorer

    tokenizer = None if tokenization == "latin" else _Tokenizer(tokenization)
    scorer = RougeScorer(list(_ROUGE), tokenizer=tokenizer)
    rows = [scorer.score(wanted, given) for given, wanted in zip(predictions, references, strict=True)]
    return {name: np.array([row[name].fmeasure for row in rows]) for name in _ROUGE}


class _Tokenizer:
    """In the form that rouge-score asks for."""

    def __init__(self, tokenization: Tokenization) -> None:
        self._joined = tokenization == "characters"

    def tokenize(self, text: str) -> list[str]:
        plain = "".join(" " if unicodedata.category(letter)[0] in "PSZC" else letter for letter in text.lower())
        return list("".join(plain.split())) if self._joined else plain.split()


# --- BLEU ------------------------------------------------------------------------------------------------------------


def _bleu_parts(predictions: Sequence[str], references: Sequence[str], tokenization: Tokenization) -> Any:
    """What each row adds to BLEU, of shape (rows, 10): both lengths, right runs of 1 to 4 words, all runs of them."""
    import numpy as np
    from sacrebleu.metrics import BLEU

    # effective_order silences a warning that is about the scores of single rows, which are not looked at.
    metric = BLEU(tokenize="char" if tokenization == "characters" else "13a", effective_order=True)
    rows = [metric.sentence_score(given, [wanted]) for given, wanted in zip(predictions, references, strict=True)]
    return np.array([[row.sys_len, row.ref_len, *row.counts, *row.totals] for row in rows], dtype=float)


def _bleu_of(sums: Any) -> Any:
    import numpy as np
    from sacrebleu.metrics import BLEU

    def score(row: Any) -> float:
        given, wanted, *runs = row.astype(int).tolist()
        return BLEU.compute_bleu(runs[:4], runs[4:], given, wanted, smooth_method="exp").score

    return np.apply_along_axis(score, -1, np.round(sums))


# --- chrF ------------------------------------------------------------------------------------------------------------

_ORDER, _BETA = 6, 2


def _chrf_parts(predictions: Sequence[str], references: Sequence[str]) -> Any:
    """What each row adds to chrF, of shape (rows, 18): for runs of 1 to 6 characters, how many the answer has, how many
    were wanted, and how many of these are the same."""
    import numpy as np
    from sacrebleu.metrics.helpers import extract_all_char_ngrams

    parts = np.zeros((len(references), _ORDER, 3))
    for row, (given, wanted) in enumerate(zip(predictions, references, strict=True)):
        pairs = zip(extract_all_char_ngrams(given, _ORDER), extract_all_char_ngrams(wanted, _ORDER), strict=True)
        for order, (found, asked) in enumerate(pairs):
            # As in sacreBLEU, an answer is not blamed for runs longer than the wanted text.
            parts[row, order] = (found.total() if asked else 0, asked.total(), (found & asked).total())
    return parts.reshape(len(references), -1)


def _chrf_of(sums: Any) -> Any:
    """chrF2 without words, as sacreBLEU has it by default, from sums of shape (..., 18).

    Source: Popović (2015), "chrF: character n-gram F-score for automatic MT evaluation", WMT.
    """
    import numpy as np

    given, wanted, same = np.moveaxis(np.reshape(sums, (*np.shape(sums)[:-1], _ORDER, 3)), -1, 0)
    orders = ((given > 0) & (wanted > 0)).sum(-1)
    precision = resampling.ratio(resampling.ratio(same, given).sum(-1), orders)
    recall = resampling.ratio(resampling.ratio(same, wanted).sum(-1), orders)
    return 100 * resampling.ratio((1 + _BETA**2) * precision * recall, _BETA**2 * precision + recall)
