"""What a report says of a model that guesses tokens of plain texts: beside itself before training and beside counting.

``scores`` below are the token scores of each row's pieces, as ``core.models.causal`` has them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from core.evaluation import before as beside
from core.evaluation import language_model, surprise
from core.evaluation.sections import Judgement, judged
from core.evaluation.sections import scores as scores_section
from core.evaluation.types import Baseline, MetricWords, Section
from core.evaluation.verdicts import percent, place_of, reach
from core.said import Figures, said, said_many, together

Guessed = Literal["hidden", "next"]
"""Which token is guessed: one that was hidden in the text, or the one that comes next."""

UNIGRAM = Baseline(
    "unigram",
    said("Counting words"),
    said(
        "Answers always the same: how often each token stands in the training texts. It knows "
        "nothing of what is around."
    ),
)
BASELINES = (beside.BEFORE, UNIGRAM)
MISTAKES = 30
COUNTED_CHARACTERS = 2_000_000
_FEWEST_TOKENS = 5
"""A text with fewer tokens to guess is surprising by chance."""
_LONGEST_SHOWN = 1000
_BLIND = 0.95
"""A loss of this share of that of blind guessing is no better than blind."""


# --- Judging ---------------------------------------------------------------------------------------------------------


def judge(scores: Any, vocabulary: int, rows_before: int) -> dict[str, Any]:
    """``language_model.judge``, the size of the ``vocabulary``, ``of_rows`` where only some of the rows were judged,
    and ``_nll`` and ``_tokens`` a row, for comparing."""
    from core.models import causal

    sums = causal.row_sums(scores)
    found = language_model.judge(**sums)
    chosen = {"of_rows": rows_before} if rows_before > found["rows"] else {}
    return found | chosen | {"vocabulary": vocabulary, "_nll": sums["nll"], "_tokens": sums["tokens"]}


def baselines(counts: Any, scores: Any, before: Mapping[str, Any] | None, vocabulary: int) -> dict[str, dict[str, Any]]:
    """The model before its training, where that was judged, and counting, by ``counts`` of each token in training."""
    from core.models import causal

    sums = causal.row_sums(scores)
    found: dict[str, dict[str, Any]] = {}
    if before is not None and list(before["_tokens"]) == sums["tokens"].tolist():
        found |= beside.before_training(before, sums["nll"], sums["tokens"])
    counted = unigram(counts, scores)
    compared = language_model.paired(sums["nll"], counted["nll"], sums["tokens"])
    words = {"title": UNIGRAM.label, "help": UNIGRAM.help, "comparison": compared, "vocabulary": vocabulary}
    return {**found, UNIGRAM.name: language_model.judge(**counted) | words}


def unigram(counts: Any, scores: Any) -> dict[str, Any]:
    """``nll``, ``tokens``, ``top1`` and ``top5`` a row of whoever guesses by ``counts``, an array over the vocabulary.

    One is added to each count (Laplace), so that a token never seen is unlikely and not impossible.
    """
    import numpy as np

    chances = np.log((counts + 1) / (counts + 1).sum())
    ranks = np.argsort(-counts, kind="stable")[:5]
    wanted = [np.concatenate([np.zeros(0, dtype=int), *(piece.wanted for piece in row)]) for row in scores]
    return {
        "nll": np.array([-chances[ids].sum() for ids in wanted]),
        "tokens": np.array([len(ids) for ids in wanted], dtype=float),
        "top1": np.array([(ids == ranks[0]).sum() for ids in wanted], dtype=float),
        "top5": np.array([np.isin(ids, ranks).sum() for ids in wanted], dtype=float),
    }


def token_counts(texts: Any, tokenizer: Any, vocabulary: int) -> Any:
    """How often each token stands in the texts (pyarrow strings), of shape (vocabulary,).

    Of many texts, some that are spread evenly over them are counted, about ``COUNTED_CHARACTERS`` long together.
    """
    import numpy as np
    import pyarrow.compute as pc

    from core.models.blocks import token_ids

    characters = pc.sum(pc.utf8_length(texts)).as_py() or 0
    step = max(1, -(-characters // COUNTED_CHARACTERS))
    counts = np.zeros(vocabulary, dtype=np.int64)
    for ids in token_ids(tokenizer, texts.take(np.arange(0, len(texts), step)).to_pylist()):
        counts += np.bincount(ids, minlength=vocabulary)
    counts[tokenizer.all_special_ids] = 0
    return counts


def mistakes(scores: Any, examples: Any) -> list[dict[str, Any]]:
    """The texts that surprise the model most, a token; worst first."""
    import numpy as np

    from core.models import causal

    sums = causal.row_sums(scores)
    loss = sums["nll"] / np.maximum(sums["tokens"], 1)
    order = [place for place in np.argsort(-loss, kind="stable").tolist() if sums["tokens"][place] >= _FEWEST_TOKENS]
    texts, rows = examples.column("text"), examples.column("row")
    return [
        {
            "text": texts[place].as_py()[:_LONGEST_SHOWN],
            "perplexity": language_model.perplexity_of(float(loss[place])),
            "tokens": int(sums["tokens"][place]),
            "row": rows[place].as_py(),
        }
        for place in order[:MISTAKES]
    ]


# --- Blocks ----------------------------------------------------------------------------------------------------------


def blocks(report: Mapping[str, Any], words: Sequence[MetricWords]) -> list[Section]:
    """Scores, texts written on before and after training where there are any, and the texts that surprise it most."""
    found, is_test = judged(report)
    if not found:
        return []
    others = report.get("baselines") or {} if is_test else {}
    table = scores_section(found, others, words, "test" if is_test else "validation", BASELINES)
    deeper = surprise.blocks(found, others.get(beside.BEFORE.name))
    found_blocks = [table, continuations(report), *deeper, surprises(report.get("mistakes") or [])]
    return [block for block in found_blocks if block is not None]


def continuations(report: Mapping[str, Any]) -> Section | None:
    """Beginnings of held-out texts as the model goes on with them, before and after, and as they really go on."""
    found = beside.samples(report, said("Beginning"))
    if found is None:
        return None
    columns = found.content["columns"]
    return Section(
        "samples",
        said("How it goes on"),
        together(
            said(
                "The beginnings of a few texts that it has never seen, and how it goes on, always with the likeliest "
                "word: texts are broken off after a few words, and may repeat themselves. No text has to be met word "
                "for word; look whether it sounds like yours."
            ),
            beside.odd_answers(report["metrics"]["test"]["samples"]),
        ),
        {**found.content, "columns": [*columns[:-1], {"label": said("How the text really goes on")}]},
    )


def surprises(found: Sequence[Mapping[str, Any]]) -> Section | None:
    """The texts that the model expected least."""
    if not found:
        return None
    columns = [
        {"label": said("Text"), "style": "text"},
        {"label": said("Perplexity"), "style": "number"},
        {"label": said("Tokens guessed"), "style": "count"},
        {"label": said("Row"), "style": "count"},
    ]
    rows = [[record["text"], record["perplexity"], record["tokens"], record["row"]] for record in found]
    return Section(
        "examples",
        said("Texts that surprised it most"),
        said(
            "The texts of the test part that the model expected least. Some are unlike the others: in "
            "another language, damaged, or lists of names and numbers."
        ),
        {"columns": columns, "rows": rows, "opens": [[["row", "==", record["row"]]] for record in found]},
    )


# --- In words --------------------------------------------------------------------------------------------------------


def verdict(report: Mapping[str, Any], guessed: Guessed) -> str:
    """Plain sentences on how well the tokens of the texts are guessed, now, before, and by counting."""
    found, is_test = judged(report)
    if not found or not found.get("tokens"):
        return said("There were no texts to judge the model on, so nothing can be said about how good it is.")
    others = report.get("baselines") or {} if is_test else {}
    parts = [
        _change(found, others.get(beside.BEFORE.name)),
        _accuracy(found, guessed, is_test),
        _counting(others.get(UNIGRAM.name)),
        _size(found, is_test),
    ]
    return together(*parts)


def _change(found: Judgement, before: Judgement | None) -> str:
    """How surprised it is, and how that compares with before."""
    now = _surprise(found)
    if before is None:
        return said("Its perplexity on your texts is {now}: the smaller, the less they surprise it.", now=now)
    former = _surprise(before)
    if _is_blind(before):
        return said(
            "It guessed blindly before training and hardly better now: perplexity {former} → {now}."
            if before["comparison"]["clearly"] != "better"
            else "Before training it guessed blindly, so the fall of its perplexity from {former} to {now} says "
            "little; the comparison with counting says more.",
            former=former,
            now=now,
        )
    return said(_CHANGES[before["comparison"]["clearly"] or ""], former=former, now=now)


_CHANGES = {
    "better": "It is clearly less surprised by your texts than before training: perplexity {former} → {now}.",
    "worse": "Your texts clearly surprise it more than before training: perplexity {former} → {now}. Fewer epochs or "
    "a smaller learning rate may help.",
    "": "Training made no clear difference: perplexity {former} → {now}.",
}


def _accuracy(found: Judgement, guessed: Guessed, is_test: bool) -> str:
    return said(
        "On {texts}, it named {share} of {tokens} hidden words or parts of words right, and {first} were among its "
        "first five guesses."
        if guessed == "hidden"
        else "On {texts}, it named {share} of {tokens} next words or parts of words right, and {first} were among its "
        "first five guesses.",
        texts=said_many(found["rows"], "{count} text {where}", "{count} texts {where}", where=place_of(is_test)),
        share=percent(found["token_accuracy"]),
        tokens=found["tokens"],
        first=percent(found["top5"]),
    )


_COUNTING = {
    "better": "That is clearly better than mere counting of words, which names {share} right (perplexity {other}).",
    "worse": "That is worse than mere counting of words, which names {share} right (perplexity {other}): it has not "
    "learned enough to be of use.",
    "": "That is not clearly different from mere counting of words, which names {share} right (perplexity {other}).",
}


def _counting(counted: Judgement | None) -> str:
    if counted is None:
        return ""
    share, other = percent(counted["token_accuracy"]), _surprise(counted)
    return said(_COUNTING[counted["comparison"]["clearly"] or ""], share=share, other=other)


def _size(found: Judgement, is_test: bool) -> str:
    rows, of = found["rows"], found.get("of_rows")
    some = said("Of {of} texts kept aside, {rows} spread evenly over them were judged.", of=of, rows=rows) if of else ""
    return together(some, reach(rows, is_test, "texts"))


def _is_blind(before: Judgement) -> bool:
    return bool(before["loss"] >= _BLIND * math.log(before["vocabulary"]))


def _surprise(found: Judgement) -> str:
    perplexity = found.get("perplexity")
    if perplexity is None or perplexity >= 1e6:
        return said("over a million")
    return Figures(f"{perplexity:,.1f}" if perplexity < 100 else f"{perplexity:,.0f}")
