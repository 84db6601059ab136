"""Judged rows that the model may have known: copies of training rows and of each other, and words that tell a class.

A mark on rows that were learned from says nothing of new ones. So it is made once more without them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core.evaluation.types import Section
from core.evaluation.verdicts import percent
from core.judging.readings.base import Facts, Reading, Report
from core.judging.readings.slices import texts_of
from core.said import Figures, in_a_row, said, said_many, together

if TYPE_CHECKING:
    import numpy as np

NAME = "overlap"
FEWEST_LEFT = 10
"""Of fewer rows no mark is made."""
MOST_COMPARED = 50_000
"""Of no more rows of both parts together, near copies are looked for: some seconds."""
_TEXTS_FOR_WORDS = 10_000
MOST_OPENED = 200
_WORTH_A_WORD = 0.01
"""Fewer near copies than this share, which leave the mark as it is, are not worth a sentence at the top."""

_WORDS_UNTOLD = "A single word gives the answer away: if somebody put it there, the mark will not hold without it."


def read(facts: Facts) -> dict[str, Any] | None:
    """``rows``; how many of them are ``copied`` (stand among the training rows too), ``near`` (nearly so; None where
    not looked for) and ``repeated`` (say the same as an earlier one); ``metric``, its value on ``all``, ``without``
    those that are copied or near (None where too few are left) and ``once`` (without repetitions); ``giveaways``, words
    that tell a class; ``opens``, numbers of rows by the same names.

    Texts are compared as for the warning before the training: spaces around them and capital letters aside.
    """
    import numpy as np

    from core.data.leakage import text_keys

    train, judged = facts.parts.train, facts.parts.test
    names = [name for name in facts.task.read_columns if name in judged.column_names]
    if not names or not judged.num_rows or not set(names) <= set(train.column_names):
        return None
    keys = text_keys(judged, names)
    copied = np.isin(keys, text_keys(train, names))
    _, first = np.unique(keys, return_index=True)
    repeated = np.ones(len(keys), dtype=bool)
    repeated[first] = False
    near = _near(train, judged, names)
    known = copied if near is None else copied | near
    masks = {"copied": copied, "near": known & ~copied, "repeated": repeated}
    measure = _Measure(facts)
    numbers = judged.column("row").to_numpy()
    return {
        "rows": len(keys),
        "copied": int(copied.sum()),
        "near": None if near is None else int((known & ~copied).sum()),
        "repeated": int(repeated.sum()),
        "metric": measure.words,
        "all": measure.of(np.ones(len(keys), dtype=bool)),
        "without": measure.of(~known) if known.any() else None,
        "once": measure.of(~repeated) if repeated.any() else None,
        "giveaways": _giveaways(facts),
        "opens": {name: numbers[mask][:MOST_OPENED].tolist() for name, mask in masks.items()},
    }


def _near(train: Any, judged: Any, names: list[str]) -> np.ndarray | None:
    """Which judged rows are a near copy of a training row; None where that would take long."""
    import numpy as np
    import pyarrow as pa

    from core.data.near import near_groups

    if train.num_rows + judged.num_rows > MOST_COMPARED:
        return None
    groups = near_groups(pa.concat_tables([train.select(names), judged.select(names)]), names)
    return np.isin(groups[train.num_rows :], groups[: train.num_rows])


class _Measure:
    """The mark of some of the judged rows: how many answers are right where that can be said, else the main metric."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        found = (facts.report.get("metrics") or {}).get("test") or {}
        wanted = "accuracy" if "accuracy" in found else facts.task.main_metric
        words = next((one for one in facts.task.metrics if one.name == wanted), None)
        self.words: dict[str, Any] = {
            "name": wanted,
            "label": words.label if words else wanted.capitalize(),
            "style": words.style if words else "number",
            "greater_is_better": words.greater_is_better if words else wanted != "loss",
        }
        self._whole = found.get(wanted)

    def of(self, mask: np.ndarray) -> float | None:
        """None where too few rows are left, or the mark cannot be made of some of them."""
        import numpy as np
        import pyarrow as pa

        if mask.all():
            return None if self._whole is None else float(self._whole)
        if mask.sum() < FEWEST_LEFT:
            return None
        facts = self._facts
        if isinstance(facts.outputs, np.ndarray):
            some: Any = facts.outputs[mask]
        elif isinstance(facts.outputs, list):
            some = [one for one, is_in in zip(facts.outputs, mask, strict=True) if is_in]
        else:
            return None
        found = facts.task.judge(some, facts.parts.test.filter(pa.array(mask)), facts.context).get(self.words["name"])
        return None if found is None else float(found)


def _giveaways(facts: Facts) -> list[dict[str, Any]]:
    """Words of the training rows that tell a class by themselves, with how many judged texts have them."""
    import numpy as np

    from core.data.check.giveaway_words import marks

    train, labels = facts.parts.train, facts.context.target.labels
    role = next((role.name for role in facts.task.roles if role.kind == "label" and not role.is_input), "")
    if role not in train.column_names or len(labels) < 2:
        return []
    some = train
    if train.num_rows > _TEXTS_FOR_WORDS:
        chosen = np.random.default_rng(0).choice(train.num_rows, _TEXTS_FOR_WORDS, replace=False)
        some = train.take(np.sort(chosen))
    members = np.asarray(some.column(role).to_pylist(), dtype=object)[:, None] == np.asarray(labels, dtype=object)
    found = marks([text[:4000] for text in texts_of(some, facts.task.read_columns)], members, labels)
    judged = [text.lower() for text in texts_of(facts.parts.test, facts.task.read_columns)]
    return [
        {"word": word, "label": labels[number], "rows": sum(map(bool, map(_as_word(word).search, judged)))}
        for word, number in found
    ]


def _as_word(word: str) -> re.Pattern[str]:
    """It, but not inside of a longer one."""
    return re.compile(rf"(?<![^\W_]){re.escape(word)}(?![^\W_])")


# --- In words --------------------------------------------------------------------------------------------------------


def sections(report: Report) -> list[Section]:
    """One table: how many rows the model may have known, and the mark without them; none where there are none."""
    found = report[NAME]
    lines = [line for line in _lines(found) if line[1]]
    if not lines:
        return []
    metric, total = found["metric"], found["rows"]
    columns = [
        {"label": said("Test examples"), "style": "text"},
        {"label": said("How many"), "style": "count"},
        {"label": said("{metric} without them", metric=said(metric["label"])), "style": metric["style"]},
    ]
    opens = [[["row", "in", found["opens"][name]]] if name else None for _, _, _, name in lines]
    return [
        Section(
            "table",
            said("Examples it may have known"),
            said(
                "A mark counts for new texts only if the model has not seen the judged ones. On all {rows} examples, "
                "{metric} is {mark}. Texts are compared without spaces around them and without regard to capital "
                "letters; near copies share four fifths of their short pieces.",
                rows=total,
                metric=said(metric["label"]),
                mark=_value(metric, found["all"]),
            ),
            {"columns": columns, "rows": [[words, count, value] for words, count, value, _ in lines], "opens": opens},
        )
    ]


def _lines(found: Mapping[str, Any]) -> list[tuple[str, int, float | None, str]]:
    both = found["copied"] and found["near"]
    first = said(
        "Stand among the training rows too (without the near copies as well)"
        if both
        else "Stand among the training rows too"
    )
    copies = (first, found["copied"], found["without"], "copied")
    near = (said("Are nearly the same as a training row"), found["near"] or 0, found["without"], "near")
    again = (said("Say the same as an earlier test example"), found["repeated"], found["once"], "repeated")
    words = [
        (
            said("Have the word “{word}”, which tells “{label}” by itself", word=one["word"], label=one["label"]),
            one["rows"],
            None,
            "",
        )
        for one in found["giveaways"]
    ]
    return [copies, near, again, *words]


def verdict(report: Report) -> str:
    """What must be known at once: that the mark is too good, or counts some texts twice."""
    found = report[NAME]
    return together(_said_of_copies(found), _said_of_repetitions(found), _said_of_words(found))


def _said_of_copies(found: Mapping[str, Any]) -> str:
    copied, near, rows = found["copied"], found["near"] or 0, found["rows"]
    if not copied and not near:
        return ""
    start = _known(copied, near, rows)
    if found["without"] is None or found["all"] is None:
        return said("{start}, so the mark may be too good.", start=start)
    metric, known = found["metric"], copied + near
    before, after = _value(metric, found["all"]), _value(metric, found["without"])
    if before == after and not copied and near < _WORTH_A_WORD * rows:
        return ""
    better = found["all"] > found["without"] if metric["greater_is_better"] else found["all"] < found["without"]
    if before == after:
        return said_many(
            known,
            "{start}; without it the mark stays the same ({mark}).",
            "{start}; without them the mark stays the same ({mark}).",
            start=start,
            mark=after,
        )
    if not better:
        return said_many(
            known,
            "{start}; without it the mark is no worse ({mark}).",
            "{start}; without them the mark is no worse ({mark}).",
            start=start,
            mark=_mark(metric, after),
        )
    return said_many(
        known,
        "{start}, so the mark is too good: without it {mark} instead of {before}.",
        "{start}, so the mark is too good: without them {mark} instead of {before}.",
        start=start,
        mark=_mark(metric, after),
        before=before,
    )


def _known(copied: int, near: int, rows: int) -> str:
    count = copied or near
    if count == rows:
        start = said(
            "All {rows} examples were in the training rows too"
            if copied
            else "All {rows} examples were nearly the same as a training row",
            rows=rows,
        )
    elif copied:
        start = said_many(
            count,
            "{count} of the {rows} examples was in the training rows too",
            "{count} of the {rows} examples were in the training rows too",
            rows=rows,
        )
    else:
        start = said_many(
            count,
            "{count} of the {rows} examples was nearly the same as a training row",
            "{count} of the {rows} examples were nearly the same as a training row",
            rows=rows,
        )
    return said("{start}, and {near} more nearly so", start=start, near=near) if copied and near else start


def _mark(metric: Mapping[str, Any], value: str) -> str:
    if metric["name"] == "accuracy":
        return said("it is right {mark}", mark=value)
    return said("{metric} is {mark}", metric=said(metric["label"]), mark=value)


def _said_of_repetitions(found: Mapping[str, Any]) -> str:
    count, rows = found["repeated"], found["rows"]
    if not count:
        return ""
    return said_many(
        count,
        "{count} of the {rows} examples says the same as an earlier one, so only {different} different ones were "
        "judged.",
        "{count} of the {rows} examples say the same as an earlier one, so only {different} different ones were "
        "judged.",
        rows=rows,
        different=rows - count,
    )


def without_words(report: Report) -> str:
    """The verdict of a report for everybody to see: words of the table that it names are left out."""
    verdict = str(report.get("verdict") or "")
    words = _said_of_words(report.get(NAME) or {"giveaways": ()})
    return verdict.replace(words, _WORDS_UNTOLD) if words else verdict


def _said_of_words(found: Mapping[str, Any]) -> str:
    if not found["giveaways"]:
        return ""
    told = [said("“{word}” tells `{label}`", word=one["word"], label=one["label"]) for one in found["giveaways"][:2]]
    return said(
        "A single word gives the answer away ({words}): if somebody put it there, the mark will not hold without it.",
        words=in_a_row(*told),
    )


def _value(metric: Mapping[str, Any], value: float | None) -> str:
    if value is None:
        return said("not known")
    return percent(value) if metric["style"] == "percent" else Figures(f"{value:.3g}")


OVERLAP = Reading(NAME, said("Examples it may have known"), read, sections, verdict, comes_first=True)
