"""What tells the answer before the text is read: columns that do, words that do, and columns of mere row numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from core.data.check.giveaway_words import word_findings
from core.data.check.subject import Subject
from core.data.check.written import named
from core.data.columns import names
from core.data.types import Finding
from core.said import in_a_row, said

if TYPE_CHECKING:
    import numpy as np

_FEWEST = 50
"""Of fewer rows, nothing can be told from what goes together."""
_VALUES, _ROWS_A_VALUE = 1000, 5
"""A column that tells the answer has so few values, each with so many rows on average."""
_TELLS, _ALIKE = 0.995, 0.999
_LONGEST_ID = 40


def giveaways(subject: Subject) -> Iterator[Finding]:
    """Findings where rows have one class each, or a score."""
    yield from _ids(subject)
    if subject.examples.num_rows < _FEWEST:
        return
    yield from _inputs_that_tell(subject)
    yield from _others_that_tell(subject)
    yield from word_findings(subject)


def _ids(subject: Subject) -> Iterator[Finding]:
    import numpy as np
    import pyarrow.compute as pc

    for name, role in ((name, subject.task.role(name)) for name in subject.texts if _is_role(subject, name)):
        texts = subject.examples.column(name)
        if len(texts) < _FEWEST or pc.max(pc.utf8_length(texts)).as_py() > _LONGEST_ID:
            continue
        like_ids = pc.match_substring_regex(texts, r"^[A-Za-z]{0,6}[-_:#/.]?[0-9a-fA-F\-_]*[0-9][0-9a-fA-F\-_]*$")
        if pc.mean(like_ids.cast("int8")).as_py() < 0.98 or pc.count_distinct(texts).as_py() < 0.98 * len(texts):
            continue
        yield Finding(
            "id-as-input",
            "warning",
            said("{column} holds a number for each row, no texts.", column=named(subject.columns_of(name))),
            said("Numbers that stand nowhere else teach nothing: a model can only learn them by heart."),
            said("Choose the column with the texts."),
            role=role.name,
            **subject.at(np.asarray(like_ids)),
        )


def _is_role(subject: Subject, name: str) -> bool:
    return any(role.name == name for role in subject.task.roles)


# --- Columns ---------------------------------------------------------------------------------------------------------


def _inputs_that_tell(subject: Subject) -> Iterator[Finding]:
    for name in subject.texts:
        codes = _codes(subject.examples.column(name))
        if codes is None or not _tells(codes, subject):
            continue
        column = named(subject.columns_of(name)) if _is_role(subject, name) else f"`{name}`"
        yield Finding(
            "input-tells-answer",
            "warning",
            said(
                "{column} has only {values} different values, and each stands with one answer alone.",
                column=column,
                values=int(codes.max()) + 1,
            ),
            said(
                "The model needs to learn this column only and will not read the rest. If it is not known yet when the "
                "model is used, the marks here mean nothing."
            ),
            said("Leave the column out, unless it will be there in real use too."),
            role=name if _is_role(subject, name) else "",
        )


def _others_that_tell(subject: Subject) -> Iterator[Finding]:
    """Columns that play no role but go together with the answer: not to be brought in."""
    split = subject.config.data.split
    taken = {*names(subject.config.data.columns), split.column, split.time}
    found = [
        name for name in subject.table.column_names
        if name not in taken and _tells_unused(subject, subject.table.column(name))
    ]  # fmt: skip
    if not found:
        return
    shown = [f"`{name}`" for name in found[:5]]
    if len(found) > 5:
        shown.append(said("{count} more", count=len(found) - 5))
    yield Finding(
        "column-tells-answer",
        "info",
        said(
            "{columns} tells the answer of nearly every row."
            if len(found) == 1
            else "{columns} tell the answer of nearly every row.",
            columns=in_a_row(*shown),
        ),
        said(
            "It is not used, and should not be: a model that sees it need not read the text."
            if len(found) == 1
            else "They are not used, and should not be: a model that sees them need not read the text."
        ),
        said("Keep it so."),
    )


def _tells_unused(subject: Subject, column: Any) -> bool:
    import numpy as np
    import pyarrow as pa

    if pa.types.is_nested(column.type) or (_scores(subject) is None and _many_values(column)):
        return False
    column = column.take(pa.array(subject.places))
    scores = _scores(subject)
    if scores is not None:
        if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
            return False
        values = column.to_numpy().astype(float)
        both = ~np.isnan(values)
        if both.sum() < _FEWEST or values[both].std() == 0 or scores[both].std() == 0:
            return False
        return bool(abs(np.corrcoef(values[both], scores[both])[0, 1]) > _ALIKE)
    codes = _codes(column)
    return codes is not None and _tells(codes, subject)


def _scores(subject: Subject) -> np.ndarray | None:
    """The scores to learn, for a task that learns a number."""
    import numpy as np

    for role in subject.task.roles:
        if role.kind == "number" and not role.is_input and role.required and role.name in subject.examples.column_names:
            return np.asarray(subject.examples.column(role.name).to_numpy(), dtype=float)
    return None


def _codes(column: Any) -> np.ndarray | None:
    """A number for each value of a column, those that are missing alike; None where it has too many values."""
    import numpy as np
    import pyarrow as pa

    if pa.types.is_nested(column.type):
        return None
    if _many_values(column):
        return None
    encoded = column.combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = pa.concat_arrays(encoded.unify_dictionaries().chunks)
    if len(encoded.dictionary) > min(_VALUES, len(column) // _ROWS_A_VALUE):
        return None
    return np.asarray(encoded.indices.fill_null(len(encoded.dictionary)).to_numpy(zero_copy_only=False))


def _many_values(column: Any) -> bool:
    """Whether the first rows alone have more values than a column has that tells the answer."""
    import pyarrow.compute as pc

    early = column.slice(0, 20 * _VALUES)
    return bool(pc.count_distinct(early, mode="all").as_py() > min(_VALUES, max(2, len(early) // _ROWS_A_VALUE)))


def _tells(codes: np.ndarray, subject: Subject) -> bool:
    """Whether each value goes with one class, far more than chance and the commonest class would have it."""
    import numpy as np

    strata = subject.shared.examples.strata
    if strata is None or not subject.shared.target.labels or subject.shared.examples.members is not None:
        return False
    strata = np.asarray(strata)
    if len(strata) != len(codes) or strata.min() < 0:
        return False
    classes = int(strata.max()) + 1
    together = np.bincount(codes * classes + strata, minlength=(int(codes.max()) + 1) * classes)
    together = together.reshape(-1, classes)
    right = together.max(1).sum() / len(codes)
    commonest = np.bincount(strata).max() / len(strata)
    return bool(right >= _TELLS and 1 - right <= 0.1 * (1 - commonest))
