"""What goes wrong when words are tagged, sentence by sentence, and two simple ways to tag that know no language."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.evaluation import entities as scores
from core.evaluation.clipped import clipped
from core.evaluation.entities import OUTSIDE, Entity, Tags
from core.said import said

CONFUSIONS = 50
MISTAKES = 50

KINDS = ("right", "type", "ends", "both", "missed", "invented")
"""Of a true entity: found whole; at its place but as another type; overlapped, with its type; overlapped, as another
type; not found. And of an answer: where there is nothing."""


def judge(predictions: Tags, references: Tags, plain: bool) -> dict[str, Any]:
    """``entities.judge``, and beside it:

    ``errors``: how many entities were of each of ``KINDS``, and ``errors_by_type`` the same of each type, both None for
    plain tags; ``confusions``: which type was taken for which, most frequent first (``{"truth", "answer", "count"}``).
    """
    found = Counter(
        one
        for given_tags, true in zip(predictions, references, strict=True)
        for one in outcomes(given_tags, true, plain)
    )
    by_type: dict[str, Counter[str]] = defaultdict(Counter)
    pairs: Counter[tuple[str, str]] = Counter()
    for outcome, count in found.items():
        by_type[outcome.truth or outcome.answer][outcome.kind] += count
        if outcome.is_mix_up:
            pairs[outcome.truth, outcome.answer] += count
    return {
        **scores.judge(predictions, references, plain),
        "errors": None if plain else {kind: sum(counts[kind] for counts in by_type.values()) for kind in KINDS},
        "errors_by_type": None
        if plain
        else {name: {kind: counts[kind] for kind in KINDS} for name, counts in sorted(by_type.items())},
        "confusions": [
            {"truth": truth, "answer": answer, "count": count}
            for (truth, answer), count in sorted(pairs.items(), key=lambda item: (-item[1], item[0]))[:CONFUSIONS]
        ],
    }


@dataclass(frozen=True)
class Outcome:
    """What became of a true entity, or of an answer where there is none: one of ``KINDS``, the true type (empty where
    there is none), and the type that was answered, where something was marked there as another type or for nothing.
    """

    kind: str
    truth: str
    answer: str = ""

    @property
    def is_mix_up(self) -> bool:
        return bool(self.truth and self.answer)


def outcomes(given_tags: Sequence[str], true: Sequence[str], plain: bool) -> Iterator[Outcome]:
    """Of each true entity of one text, and of the answers that no true one overlaps. Of plain tags, of each word."""
    if plain:
        for asked, answer in zip(true, given_tags, strict=True):
            yield Outcome("right", asked) if asked == answer else Outcome("type", asked, answer)
        return
    wanted, given = scores.entities(true), scores.entities(given_tags)
    for kind, begin, stop in wanted:
        touching = [one for one in given if one[1] < stop and one[2] > begin]
        same = [one for one in touching if one[0] == kind]
        exact = [one for one in touching if one[1:] == (begin, stop)]
        if (kind, begin, stop) in exact:
            yield Outcome("right", kind)
            continue
        what = "type" if exact else "ends" if same else "both" if touching else "missed"
        mixed = touching and not same
        yield Outcome(
            what, kind, max(touching, key=lambda one: min(one[2], stop) - max(one[1], begin))[0] if mixed else ""
        )
    for kind, begin, stop in given:
        if all(begin >= end or stop <= start for _, start, end in wanted):
            yield Outcome("invented", "", kind)


# --- Simple ways -----------------------------------------------------------------------------------------------------


def baselines(
    train: tuple[Tags, Tags], tokens: Tags, references: Tags, predictions: Tags, plain: bool
) -> dict[str, dict[str, Any]]:
    """Always one tag, and a list of known words: each in the form of ``judge`` with its words and a ``comparison``.

    ``train`` are tokens and tags of the training examples; the others are of the test examples, ``predictions`` those
    of the model.
    """
    counts = Counter(tag for tags in train[1] for tag in tags)
    usual = OUTSIDE if OUTSIDE in counts else counts.most_common(1)[0][0] if counts else OUTSIDE
    known = _known_words(*train)
    always = {
        "title": said("Never marks anything") if usual == OUTSIDE else said("Always {tag}", tag=usual),
        "help": said("Gives every word the tag {tag}, whatever the text says.", tag=usual),
        "answers": [[usual] * len(words) for words in tokens],
    }
    looked_up = {
        "title": said("List of known words"),
        "help": said(
            "Gives each word the tag that it had most often in the training examples, and words that were not there "
            "the tag {tag}. It knows nothing of what stands around a word.",
            tag=usual,
        ),
        "answers": [[known.get(word.casefold(), usual) for word in words] for words in tokens],
    }
    found = {}
    for name, baseline in (("always_one_tag", always), ("known_words", looked_up)):
        given_tags = baseline.pop("answers")
        comparison = scores.paired(predictions, given_tags, references, plain)
        found[name] = {**judge(given_tags, references, plain), **baseline, "comparison": comparison}
    return found


def _known_words(tokens: Tags, tags: Tags) -> dict[str, str]:
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for words, given_tags in zip(tokens, tags, strict=True):
        for word, tag in zip(words, given_tags, strict=True):
            seen[word.casefold()][tag] += 1
    return {word: min(counts, key=lambda tag: (-counts[tag], tag)) for word, counts in seen.items()}


# --- Mistakes --------------------------------------------------------------------------------------------------------


def mistakes(
    predictions: Tags, chances: Sequence[Any], examples: Mapping[str, Sequence[Any]], plain: bool
) -> list[dict[str, Any]]:
    """The sentences with the most and surest wrong tags, at most ``MISTAKES``: what was to be marked there and was not,
    and what was marked instead.

    ``examples`` has ``text``, ``tokens``, ``tags`` and ``row``, ``chances`` the probability of each answered tag.
    ``probability`` is the mean over the wrong tags.
    """
    worst = []
    for place, (given, true) in enumerate(zip(predictions, examples["tags"], strict=True)):
        wrong = [
            float(chances[place][word])
            for word, (one, other) in enumerate(zip(given, true, strict=True))
            if one != other
        ]
        if wrong:
            worst.append((sum(wrong), sum(wrong) / len(wrong), place))
    worst.sort(key=lambda one: (-one[0], one[2]))
    return [
        {
            "text": clipped(str(examples["text"][place])),
            **_difference(examples["tokens"][place], predictions[place], examples["tags"][place], plain),
            "probability": probability,
            "row": examples["row"][place],
        }
        for _, probability, place in worst[:MISTAKES]
    ]


def _difference(tokens: Sequence[str], given: Sequence[str], true: Sequence[str], plain: bool) -> dict[str, str]:
    if plain:
        wrong = [place for place, (one, other) in enumerate(zip(given, true, strict=True)) if one != other]
        truth, answer = ([(tags[place], place, place + 1) for place in wrong] for tags in (true, given))
        return {"truth": _in_words(tokens, truth), "answer": _in_words(tokens, answer)}
    asked, found = scores.entities(true), scores.entities(given)
    return {
        "truth": _in_words(tokens, [entity for entity in asked if entity not in found]),
        "answer": _in_words(tokens, [entity for entity in found if entity not in asked]),
    }


def _in_words(tokens: Sequence[str], found: Iterable[Entity]) -> str:
    """``Paris: CITY; next Monday: DATE``."""
    shown = [f"{' '.join(tokens[begin:stop])}: {kind}" for kind, begin, stop in found]
    return clipped("; ".join(shown)) or "nothing"
