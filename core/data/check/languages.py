"""Which languages the texts are in, told from a sample, and whether the model to start from has read them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from core.data.check.language_names import NAMES, called
from core.data.check.subject import Subject
from core.data.check.written import SEED, looked_at, named, words_of, written_columns
from core.data.types import Finding, Fix
from core.said import in_a_row, percent, said, said_many, together

if TYPE_CHECKING:
    import numpy as np

SAMPLE = 2000
"""So many texts are looked at; a guess takes a third of a millisecond."""
_ENOUGH, _READ = 60, 400
"""Shorter texts do not tell their language; of longer ones, the beginning does."""
_SURE = 0.9
_WORTH_A_WORD, _LEAST = 0.02, 5
"""Another language counts above this share, and from so many texts."""
_FEW_TEXTS = 20
_MOSTLY = 0.5


@dataclass(frozen=True)
class Languages:
    """Of a column: how many sampled texts are in which language, and which rows are not in the main one."""

    counts: tuple[tuple[str, int], ...]
    others: np.ndarray
    """Places in ``Subject.table``."""

    @property
    def total(self) -> int:
        return sum(count for _, count in self.counts)

    def share_of(self, languages: tuple[str, ...]) -> float:
        """The share of texts in one of these languages, by their English names."""
        return sum(count for code, count in self.counts if NAMES[code] in languages) / self.total


def language_mix(subject: Subject) -> Iterator[Finding]:
    """Columns with several languages, and those in a language that the checkpoint does not know."""
    told = {name: found for name in written_columns(subject) if (found := languages_of(subject, name)) is not None}
    yield from _strange(subject, told)
    for name, found in told.items():
        yield from _mixed(subject, name, found)


def languages_of(subject: Subject, column: str) -> Languages | None:
    """The languages of a seeded sample; None where too few texts are long enough to tell."""
    import numpy as np

    values = subject.table.column(column)
    chance = np.random.RandomState(SEED)
    rows = len(values)
    places = np.sort(chance.choice(rows, SAMPLE, replace=False)) if rows > SAMPLE else np.arange(rows)
    told = [(int(place), language_of(words_of(values[int(place)].as_py()))) for place in places]
    counts = Counter(language for _, language in told if language)
    if sum(counts.values()) < _FEW_TEXTS:
        return None
    least = max(_LEAST, _WORTH_A_WORD / 4 * sum(counts.values()))
    kept = [(language, count) for language, count in counts.most_common() if count >= least] or counts.most_common(1)
    known = {language for language, _ in kept[1:]}
    others = np.array([place for place, language in told if language in known], dtype=np.int64)
    return Languages(tuple(kept), others)


def main_language(texts: Iterable[str]) -> str:
    """The code of the language that most of these texts are in; empty where it is not clear. Short ones are read
    together with those beside them.
    """
    told: Counter[str] = Counter()
    together = ""
    for text in texts:
        together = f"{together} {text}".strip()
        if len(together) >= _READ:
            told[language_of(together)] += 1
            together = ""
    told[language_of(together)] += 1
    language, count = told.most_common(1)[0]
    return language if count >= _MOSTLY * told.total() else ""


def language_of(text: str) -> str:
    """The code of a text's language; empty where it is not clear."""
    text = " ".join(text[: 4 * _READ].split())[:_READ]
    letters = sum(character.isalpha() for character in text)
    dense = sum(character > "\u2e7f" for character in text)  # one sign of these scripts is a syllable or a word
    if letters + 2 * dense < _ENOUGH or letters < 0.6 * len(text.replace(" ", "")):
        return ""
    language, sure = _identifier().classify(text)
    return str(language) if sure >= _SURE and language in NAMES else ""


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


# --- What is said of them --------------------------------------------------------------------------------------------


def _mixed(subject: Subject, column: str, told: Languages) -> Iterator[Finding]:
    import numpy as np

    if len(told.others) < _WORTH_A_WORD * told.total:
        return
    mask = np.zeros(subject.table.num_rows, dtype=bool)
    mask[told.others] = True
    at = subject.at_rows(mask)
    rows = subject.table.num_rows
    sampled = looked_at(SAMPLE, rows) if rows > SAMPLE else ""
    yield Finding(
        "several-languages",
        "info",
        said("The texts in {column} are in several languages: {shares}.", column=named([column]), shares=shares(told)),
        together(
            said(
                "A model learns each language from its own examples for the most part, and judges worse in those with "
                "few. Short texts were left out: they do not tell."
            ),
            sampled,
        ),
        said("Start from a model for many languages, or keep to one language if the others came in by mistake."),
        **at,
    )


def shares(told: Languages, most: int = 4) -> str:
    """``English (92 %), German (5 %) and 3 others``."""
    listed = [
        said("{language} ({share})", language=called(code), share=percent(count / told.total))
        for code, count in told.counts[:most]
    ]
    more = len(told.counts) - len(listed)
    return in_a_row(*listed, *([said_many(more, "{count} other", "{count} others")] if more else []))


def _strange(subject: Subject, told: dict[str, Languages]) -> Iterator[Finding]:
    """A warning where most texts of a column are in no language of the checkpoint."""
    from core.models.known import HUB

    spoken = spoken_by(subject.config.model.checkpoint)
    strange = {name: found for name, found in told.items() if spoken and found.share_of(spoken) < _MOSTLY}
    if not strange:
        return
    offered = [one for one in HUB if one.id in subject.task.starters and one.languages[0].endswith(" languages")]
    fixes = tuple(
        Fix(said("Start from {model}", model=one.title), settings={"model.checkpoint": one.id}) for one in offered[:2]
    )
    first = next(iter(strange.values()))
    yield Finding(
        "unknown-language",
        "warning",
        said(
            "The texts in {columns} are mostly not in {languages}: {shares}.",
            columns=named(strange),
            languages=in_a_row(*(said(name) for name in spoken)),
            shares=shares(first),
        ),
        said(
            "The model to start from has learned {languages}. It takes these texts apart into small pieces, and must "
            "learn from your examples alone what their words mean.",
            languages=in_a_row(*(said(name) for name in spoken)),
        ),
        said("Start from a model that knows their language."),
        fixes=fixes,
    )


def spoken_by(checkpoint: str) -> tuple[str, ...]:
    """The languages that a known checkpoint has read, by their English names; empty where that is not known."""
    from core.models.known import HUB
    from core.models.smollm2 import SMOLLM2
    from core.models.starters import MINILM

    languages = next((one.languages for one in (MINILM, SMOLLM2, *HUB) if one.id == checkpoint), ())
    return () if any(name not in NAMES.values() for name in languages) else tuple(languages)
