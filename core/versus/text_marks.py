"""What kept answers say that are texts, or guesses at the words of one. See ``core.versus.marks``."""

from __future__ import annotations

from typing import Any

from core.evaluation import resampling
from core.evaluation.types import MetricWords
from core.versus.marks import resampled, right_answers
from core.versus.types import Compared

NEARNESS = MetricWords(
    "chrf",
    "Nearness to the wanted text",
    "How many runs of letters a text shares with the wanted one (chrF): the average over the texts.",
)


def answers(first: Any, other: Any) -> list[Compared]:
    """For answers found in a text: F1 of their words, then those that are right to the letter."""
    from core.evaluation import squad

    words = {one.name: one for one in squad.WORDS}
    shared = [resampling.counted(table.column("f1").to_numpy()) for table in (first, other)]
    exact = [table.column("exact").to_numpy() == 1 for table in (first, other)]
    return [
        resampled(words["f1"], shared[0], shared[1], resampling.mean),
        right_answers(exact[0], exact[1], words["exact_match"]),
    ]


def written(first: Any, other: Any) -> list[Compared]:
    """For written texts: how near they come to the wanted ones, then those that are the same to the letter."""
    from core.evaluation import text_generation

    words = {one.name: one for one in text_generation.WORDS}
    near = [resampling.counted(1 - table.column("error").to_numpy()) for table in (first, other)]
    exact = [table.column("exact").to_numpy() == 1 for table in (first, other)]
    return [
        resampled(NEARNESS, near[0], near[1], resampling.mean),
        right_answers(exact[0], exact[1], words["exact_match"]),
    ]


def guessed(first: Any, other: Any) -> list[Compared]:
    """For guesses at tokens: perplexity, then the right ones. Nothing where the models cut the texts into other tokens:
    then each was judged by how well it guesses its own.
    """
    import numpy as np

    from core.evaluation import language_model

    words = {one.name: one for one in language_model.WORDS}
    tokens = first.column("tokens").to_numpy()
    if not np.array_equal(tokens, other.column("tokens").to_numpy()):
        return []

    def parts(table: Any, name: str) -> Any:
        return np.stack([table.column(name).to_numpy(), tokens], axis=1).astype(float)

    return [
        resampled(words["perplexity"], parts(first, "nll"), parts(other, "nll"), _perplexity),
        resampled(words["token_accuracy"], parts(first, "right"), parts(other, "right"), resampling.mean),
    ]


def _perplexity(sums: Any) -> Any:
    """Bounded where it is larger than a number can be."""
    import numpy as np

    return np.exp(np.minimum(resampling.mean(sums), 700))
