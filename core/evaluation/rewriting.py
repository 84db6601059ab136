"""Judging a model that writes one text from another: loss, what it wrote against what was wanted, and its report.

``outputs`` has a record of ``core.models.seq2seq.Written`` for each row; only some rows are written out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.evaluation import resampling, text_generation, writing_groups
from core.evaluation.before import BEFORE
from core.evaluation.sections import Judgement, judged, scores
from core.evaluation.types import Baseline, Metrics, MetricWords, Section
from core.evaluation.verdicts import claim, percent, place_of, reach
from core.said import Figures, in_a_row, said, said_many, together

_TEXT_METRICS = ("chrf", "bleu", "rouge1", "rouge2", "rougeL", "exact_match")
_KNOWN = {metric.name: metric for metric in text_generation.WORDS}
WORDS = (
    *(_KNOWN[name] for name in _TEXT_METRICS),
    MetricWords(
        "loss",
        "Loss",
        "How surprised the model is by the wanted text, a token on average.",
        "number",
        greater_is_better=False,
    ),
)
COPY = Baseline("copy", said("Copying the source"), said("Gives the source back as it is, and changes nothing."))
SHOWN = 4
"""Of the worst and of the middling answers, so many are shown beside those before training."""
_LONGEST = 1000


def live_metrics(outputs: Sequence[Any], references: Sequence[str]) -> Metrics:
    """The metrics of ``WORDS`` for one evaluation; without any text that was written, only the loss."""
    places, texts = written(outputs)
    found = text_generation.live_metrics(texts, [references[place] for place in places])
    return {name: found[name] for name in _TEXT_METRICS if name in found} | _loss(outputs)


def judge(
    outputs: Sequence[Any], references: Sequence[str], sources: Sequence[str], rows: Sequence[int]
) -> dict[str, Any]:
    """Everything a report holds on one split.

    ``rows``, ``written`` (how many were written out), ``empty`` (how many of these have no word), the metrics of
    ``WORDS`` (those that are defined) and their ``intervals``, ``tokenization``, ``samples`` of the worst and of
    middling answers, ``by_length`` and ``oddities`` (see ``core.evaluation.writing_groups``). ``_texts``: what
    was written, a row, None where nothing was. Raises ``TrainingError`` where the model gave no number.
    """
    import numpy as np

    from core.evaluation.classification import require_numbers

    require_numbers([output.nll for output in outputs])
    places, texts = written(outputs)
    wanted = [references[place] for place in places]
    found = text_generation.judge(texts, wanted)
    parts = np.array([[output.nll, output.tokens] for output in outputs]).reshape(len(outputs), 2)
    ends = resampling.interval(parts, resampling.mean)
    shown = [places[place] for place in _telling(texts, wanted)]
    return {
        **found,
        **_loss(outputs),
        "rows": len(outputs),
        "written": len(places),
        "empty": sum(not text for text in texts),
        "intervals": found["intervals"] | {"loss": list(ends) if ends else None},
        "samples": [_sample(outputs[p].text, references[p], sources[p], rows[p]) for p in shown],
        **writing_groups.judge(texts, wanted, [sources[place] for place in places]),
        "_texts": [output.text for output in outputs],
    }


def baselines(
    outputs: Sequence[Any],
    references: Sequence[str],
    sources: Sequence[str],
    rows: Sequence[int],
    before: Mapping[str, Any] | None,
) -> dict[str, dict[str, Any]]:
    """Copying the source, and the model before training, on the rows that were written out; compared by chrF."""
    places, texts = written(outputs)
    wanted = [references[place] for place in places]
    found: dict[str, dict[str, Any]] = {}
    if places:
        copied = [sources[place] for place in places]
        found[COPY.name] = _named(COPY, text_generation.judge(copied, wanted))
        found[COPY.name]["comparison"] = text_generation.paired(texts, copied, wanted)
    if before is not None:
        former = before["_texts"]
        found[BEFORE.name] = _named(BEFORE, before)
        if places:
            kept = [former[place] for place in places]
            found[BEFORE.name]["comparison"] = text_generation.paired(texts, kept, wanted)
            shown = [places[place] for place in _telling(texts, wanted)]
            # Of the same rows as those of the trained model, whose worst are not the worst of this one.
            found[BEFORE.name]["samples"] = [_sample(former[p], references[p], sources[p], rows[p]) for p in shown]
    return found


def mistakes(
    outputs: Sequence[Any], references: Sequence[str], sources: Sequence[str], rows: Sequence[int]
) -> list[dict[str, Any]]:
    """The answers farthest from what was wanted, worst first: a ``_sample`` with its ``chrf``."""
    places, texts = written(outputs)
    found = text_generation.worst(texts, [references[place] for place in places]) if places else []
    return [
        _sample(outputs[p].text, references[p], sources[p], rows[p]) | {"chrf": record["chrf"]}
        for record in found
        for p in (places[record["place"]],)
    ]


def written(outputs: Sequence[Any]) -> tuple[list[int], list[str]]:
    """(places of the rows that were written out, their texts)."""
    places = [place for place, output in enumerate(outputs) if output.text is not None]
    return places, [outputs[place].text for place in places]


# --- The report ------------------------------------------------------------------------------------------------------


def blocks(report: Mapping[str, Any]) -> list[Section]:
    """Scores beside copying and the model before training, answers side by side, and the worst of them."""
    found, is_test = judged(report)
    if not found:
        return []
    others = report.get("baselines") or {} if is_test else {}
    # A loss is shown where it was measured: copying has none.
    words = [metric for metric in WORDS if metric.name in found]
    some = [
        scores(found, others, words, "test" if is_test else "validation", [COPY, BEFORE]),
        _side_by_side(found, others),
        *writing_groups.blocks(found),
        _worst(report.get("mistakes") or []),
    ]
    return [block for block in some if block is not None]


def verdict(report: Mapping[str, Any]) -> str:
    """Plain sentences on how near its texts come to those that were wanted."""
    found, is_test = judged(report)
    if not found or not found.get("rows"):
        return said("There were no examples to judge the model on, so nothing can be said about how good it is.")
    others = report.get("baselines") or {} if is_test else {}
    if not found.get("written"):
        return said(
            "No text was written to be compared, as the options ask; the loss on {rows} examples is {loss}. Try the "
            "model to see what it writes.",
            rows=found["rows"],
            loss=Figures(f"{found['loss']:.2f}"),
        )
    return together(_score(found, is_test), _standings(others), reach(found["written"], is_test))


def _score(found: Judgement, is_test: bool) -> str:
    where, rows = place_of(is_test), found["rows"]
    low, high = found["intervals"]["chrf"]
    if found["written"] < rows:
        what = said("{some} of the {rows} examples {where}", some=found["written"], rows=rows, where=where)
    else:
        what = said_many(rows, "the one example {where}", "{count} examples {where}", where=where)
    if found.get("empty") == found["written"]:
        return said("It wrote nothing at all for {examples}: it has not learned to write yet.", examples=what)
    right = (
        said("none of them is right to the letter")
        if found["exact_match"] == 0
        else said("{share} of them are right to the letter", share=percent(found["exact_match"]))
    )
    return said(
        "On {examples}, its texts reach {points} of 100 points in chrF, which counts the spelling shared with the "
        "wanted text (most likely between {low} and {high}); {right}.",
        examples=what,
        points=Figures(f"{found['chrf']:.0f}"),
        low=Figures(f"{low:.0f}"),
        high=Figures(f"{high:.0f}"),
        right=right,
    )


def _standings(others: Mapping[str, Judgement]) -> str:
    called = {
        COPY.name: said("just copying the source"),
        BEFORE.name: said("the model before its training"),
    }
    clauses = [
        claim(
            other["comparison"]["clearly"],
            [
                said(
                    "{other} ({points}; {difference})",
                    other=called[name],
                    points=Figures(f"{other['chrf']:.0f}"),
                    difference=_difference(other),
                )
            ],
        )
        for name, other in others.items()
        if name in called and other.get("comparison") and "chrf" in other
    ]
    return said("That is {claims}.", claims=in_a_row(*clauses)) if clauses else ""


def _difference(other: Judgement) -> str:
    """What was tested: the mean of the texts' own scores, in which long texts weigh no more than short ones."""
    points = other["comparison"]["difference"]
    return said(
        "taken text by text, {points} points more on average"
        if points >= 0
        else "taken text by text, {points} points less on average",
        points=Figures(f"{abs(points):.1f}"),
    )


def _side_by_side(found: Judgement, others: Mapping[str, Judgement]) -> Section | None:
    if not found.get("samples"):
        return None
    before = {record["row"]: record["answer"] for record in (others.get(BEFORE.name) or {}).get("samples") or []}
    rows = [
        [record["source"], *([before.get(record["row"])] if before else []), record["answer"], record["target"]]
        for record in found["samples"]
    ]
    labels = [said("Source"), *([said("Before training")] if before else []), said("After training"), said("Wanted")]
    return Section(
        "samples",
        said("Answers"),
        said("First the {shown} that are farthest from what was wanted, then {shown} of the usual kind.", shown=SHOWN),
        {
            "columns": [{"label": label} for label in labels],
            "rows": rows,
            "opens": [[["row", "==", record["row"]]] for record in found["samples"]],
        },
    )


def _worst(found: Sequence[Mapping[str, Any]]) -> Section | None:
    if not found:
        return None
    labels = (
        (said("Source"), "text"),
        (said("Answer"), "text"),
        (said("Wanted"), "text"),
        ("chrF", "number"),
        (said("Row"), "count"),
    )
    rows = [[record[name] for name in ("source", "answer", "target", "chrf", "row")] for record in found]
    return Section(
        "examples",
        said("Farthest from what was wanted"),
        said(
            "The answers that share least with the wanted text. Some may be right in other words, and "
            "some wanted texts are odd: these rows are worth a look first."
        ),
        {
            "columns": [{"label": label, "style": style} for label, style in labels],
            "rows": rows,
            "opens": [[["row", "==", record["row"]]] for record in found],
        },
    )


# --- Small things ----------------------------------------------------------------------------------------------------


def _loss(outputs: Sequence[Any]) -> Metrics:
    tokens = sum(output.tokens for output in outputs)
    return {"loss": sum(output.nll for output in outputs) / tokens} if tokens else {}


def _telling(texts: Sequence[str], wanted: Sequence[str]) -> list[int]:
    """Places of the worst answers, then of those in the middle; each once."""
    import numpy as np

    if not texts:
        return []
    order = np.argsort(text_generation.row_chrf(texts, wanted), kind="stable").tolist()
    middle = max(0, len(order) // 2 - SHOWN // 2)
    return list(dict.fromkeys([*order[:SHOWN], *order[middle : middle + SHOWN]]))


def _named(baseline: Baseline, found: Mapping[str, Any]) -> dict[str, Any]:
    return {**found, "title": baseline.label, "help": baseline.help}


def _sample(answer: str | None, target: str, source: str, row: int) -> dict[str, Any]:
    texts = {"source": source, "answer": answer, "target": target}
    return {name: text[:_LONGEST] if text else text for name, text in texts.items()} | {"row": row}
