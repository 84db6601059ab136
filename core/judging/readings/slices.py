"""Where it fails: groups of the judged rows that are wrong clearly more often than all others, found by themselves."""

from __future__ import annotations

from typing import Any

from core.data.others import other_columns
from core.evaluation.types import Section
from core.judging.readings.base import Facts, Reading, Report
from core.said import begun, said, together

NAME = "slices"
MOST_ROWS = 20_000
"""Of more judged rows, so many are looked at, drawn with a fixed seed."""
FEWEST_ROWS, FEWEST_WRONG = 40, 5
"""Of fewer, nothing could stand out."""
MOST_OPENED = 200


def read(facts: Facts) -> dict[str, Any] | None:
    """``rows``, ``looked_at`` (groups), ``is_share`` (errors are right or wrong, so that rates are shares), ``wrong``
    (rows with an error) and ``found``: of each slice its ``words``, ``rows``, ``rate``, ``others`` (the rate of all
    other rows), ``low``, ``high``, ``p_value``, ``extra`` and ``opens``, the numbers of its worst rows.
    """
    import numpy as np

    kept = facts.kept
    if kept is None or "error" not in kept.column_names:
        return None
    kept = _some(kept.filter(kept.column("error").is_valid()))
    error = np.asarray(kept.column("error").to_numpy(), dtype=float)
    kept, error = kept.filter(np.isfinite(error)), error[np.isfinite(error)]
    found, looked_at = _found(facts, kept, error)
    from core.judging.slicing_chance import is_right_or_wrong

    return {
        "rows": len(error),
        "of": facts.kept.num_rows,
        "wrong": int((error > 0).sum()),
        "is_share": is_right_or_wrong(error),
        "looked_at": looked_at,
        "found": found,
    }


def _some(kept: Any) -> Any:
    import numpy as np

    if kept.num_rows <= MOST_ROWS:
        return kept
    return kept.take(np.sort(np.random.default_rng(0).choice(kept.num_rows, MOST_ROWS, replace=False)))


def _found(facts: Facts, kept: Any, error: Any) -> tuple[list[dict[str, Any]], int]:
    import numpy as np

    from core.judging import slicing, slicing_chance, slicing_features, slicing_words

    if len(error) < FEWEST_ROWS or (error > 0).sum() < FEWEST_WRONG:
        return [], 0
    texts = texts_of(kept, facts.task.read_columns)
    truth = kept.column("truth") if "truth" in kept.column_names else None
    single = slicing_features.groups_of(texts, truth, other_columns(facts.config.data, kept))
    found, looked_at = slicing.find(single, slicing_words.word_groups(texts), error)
    numbers = kept.column("row").to_numpy()
    lines = []
    for one in found:
        worst = one.places[np.argsort(-error[one.places], kind="stable")][:MOST_OPENED]
        low, high = slicing_chance.interval(error[one.places])
        lines.append(
            {
                "words": one.words,
                "rows": len(one.places),
                "rate": one.rate,
                "others": one.others,
                "low": low,
                "high": high,
                "p_value": one.p_value,
                "extra": one.extra,
                "opens": numbers[worst].tolist(),
            }
        )
    return lines, looked_at


def texts_of(table: Any, columns: Any) -> list[str]:
    """What the model reads of each row as one text; empty for a table without such columns."""
    import pyarrow as pa

    rows = [""] * table.num_rows
    for name in columns:
        if name not in table.column_names:
            continue
        values = table.column(name).to_pylist()
        is_list = pa.types.is_nested(table.schema.field(name).type)
        plain = [" ".join(map(str, value or ())) if is_list else str(value or "") for value in values]
        rows = [f"{before}\n{text}" if before else text for before, text in zip(rows, plain, strict=True)]
    return rows


def sections(report: Report) -> list[Section]:
    """One block: the slices, or that there are none and how many groups were looked at."""
    found = report[NAME]
    if not found["rows"]:
        return []
    share = found["is_share"]
    style = "percent" if share else "number"
    columns = [
        {"label": said("Which rows"), "style": "text"},
        {"label": said("Examples"), "style": "count"},
        {
            "label": said("Errors beyond chance" if share else "Error beyond chance, in all"),
            "style": "count" if share else "number",
        },
        {"label": said("Wrong elsewhere" if share else "Error elsewhere, on average"), "style": style},
        {"label": said("Wrong here" if share else "Error here, on average"), "style": style},
    ]
    rows = [
        [begun(one["words"]), one["rows"], round(one["extra"]) if share else one["extra"], one["others"], one["rate"]]
        for one in found["found"]
    ]
    content = {
        "columns": columns,
        "rows": rows,
        "low": [one["low"] for one in found["found"]],
        "high": [one["high"] for one in found["found"]],
        "opens": [[["row", "in", one["opens"]]] for one in found["found"]],
    }
    return [Section("slices", said("Where it fails"), _help(found), content)]


def _help(found: dict[str, Any]) -> str:
    if not found["looked_at"]:
        return said(
            "{rows} examples with {wrong} wrong answers are too few to tell where the model fails more often than "
            "elsewhere.",
            rows=found["rows"],
            wrong=found["wrong"],
        )
    some = ""
    if found["rows"] < found["of"]:
        some = said("{rows} of the {of} examples, drawn by chance, were looked at.", rows=found["rows"], of=found["of"])
    if not found["found"]:
        nothing = said(
            "Nothing stands out: of {groups} groups of examples (by length, right answer, language, words and the "
            "other columns of the table), none is clearly worse than all other examples.",
            groups=found["looked_at"],
        )
        return together(nothing, some)
    listed = said(
        "The model was tested on {groups} groups of examples (by length, right answer, language, words and the other "
        "columns of the table). Only those are listed that are clearly worse than all other examples, even after "
        "counting how many were looked at: in a table where errors fall by pure chance, one time in a hundred would "
        "anything be listed. The range says where the true value lies, 19 times out of 20.",
        groups=found["looked_at"],
    )
    return together(listed, some)


SLICES = Reading(NAME, said("Where it fails"), read, sections, comes_first=True)
