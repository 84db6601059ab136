"""Tables of texts without any answer beside them: which column holds them, and which rows can be learned from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from core.data.cleaning import SHOWN_ROWS
from core.data.columns import Columns
from core.data.types import Examples, Finding, Preview, Target
from core.said import said, said_many, share_of

if TYPE_CHECKING:
    from core.tasks.base import Role

LITTLE_TEXT = 20_000
"""Characters: about ten pages."""
LONG_DOCUMENT = 2_000
"""Characters, on average, from which a row is a document rather than a paragraph."""
FEWEST_DOCUMENTS = 10
_SHORT_WORD = 30
_SMALL_SHARE = 0.01
_UNSPACED = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
"""Scripts that set no spaces between words."""


def found_text(preview: Preview) -> tuple[str, str, bool] | None:
    """(the column that holds the texts, why, whether the file is nothing but text), or None without any."""
    from core.data import guessing

    column = guessing.best_text(preview)
    if preview.format == "text" and preview.columns:
        column = column or preview.columns[0]
        reason = said("The file is plain text; each of its {rows} paragraphs or lines is a row.", rows=preview.rows)
        return column.name, reason, True
    if column is None:
        return None
    reason = said(
        "`{column}` holds texts of {length} characters on average; no answers are needed.",
        column=column.name,
        length=round(column.mean_length),
    )
    return column.name, reason, False


def examples(table: Any, columns: Columns, roles: Sequence[Role]) -> Examples:
    """Rows with a text in the role ``text``; findings on empty rows, copies, single words, and too little text."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    from core.data import cleaning

    problems = cleaning.column_problems(table, columns, roles)
    if problems:
        return Examples(_table(pa.array([], pa.large_string()), []), Target(), None, tuple(problems))
    name = cleaning.single(columns)["text"]
    texts = cleaning.as_text(table.column(name))
    usable = pc.not_equal(texts, "")
    kept = _table(texts, np.arange(1, table.num_rows + 1)).filter(usable)
    # Of any length: what is too long for the model is read in pieces.
    findings = [found for found in cleaning.text_findings(name, "text", texts) if found.code != "long-text"]
    findings += [*_single_words(kept), *_copies(kept)]
    return Examples(kept, Target(), None, (*_amount(kept, name), *findings))


def _table(texts: Any, rows: Any) -> Any:
    import pyarrow as pa

    return pa.table({"text": texts, "row": pa.array(rows, pa.int64())})


def _amount(kept: Any, name: str) -> list[Finding]:
    """Nothing at all, a few long documents that cannot be shared out, or little text in all."""
    import pyarrow.compute as pc

    rows, characters = kept.num_rows, pc.sum(pc.utf8_length(kept.column("text"))).as_py() or 0
    if not rows:
        title = said("No row has a text in `{column}`.", column=name)
        meaning, fix = said("So there is nothing to learn from."), said("Choose another column.")
        return [Finding("no-text", "error", title, meaning, fix)]
    if rows < FEWEST_DOCUMENTS and characters >= LONG_DOCUMENT * rows:
        return [_few_documents(rows)]
    if characters >= LITTLE_TEXT:
        return []
    return [
        Finding(
            "little-text",
            "warning",
            said("All texts together have {characters} characters: less than ten pages.", characters=characters),
            said(
                "The model gets used to the commonest words and turns of phrase; it will hardly learn a style, and its "
                "mark rests on very few words."
            ),
            said("Add more texts of the same kind; a hundred pages make a clear difference."),
            rows,
        )
    ]


def _few_documents(rows: int) -> Finding:
    return Finding(
        "few-documents",
        "error",
        said_many(rows, "There is only {count} long text.", "There are only {count} long texts."),
        said("Whole rows are kept aside to judge the model by, so a few long documents cannot be shared out."),
        said(
            "Cut them into paragraphs, each a row of its own: in a text file, put an empty line between them. At least "
            "{least} rows are needed.",
            least=FEWEST_DOCUMENTS,
        ),
        rows,
    )


def _single_words(kept: Any) -> list[Finding]:
    import pyarrow.compute as pc

    texts = kept.column("text")
    plain = pc.invert(pc.match_substring_regex(texts, rf"\s|{_UNSPACED}"))
    single = pc.and_(plain, pc.less_equal(pc.utf8_length(texts), _SHORT_WORD)).to_numpy()
    found = _at(single, kept)
    if not found["count"]:
        return []
    many = found["count"] >= kept.num_rows / 2
    return [
        Finding(
            "single-word",
            "warning" if many else "info",
            said_many(found["count"], "{count} row has a single word.", "{count} rows have a single word."),
            said(
                "A word without others around it shows nothing of how your texts are written."
                if many
                else "They are learned from too, though a word alone shows little."
            ),
            said("Choose the column with whole sentences, if there is one.") if many else "",
            role="text",
            **found,
        )
    ]


def _copies(kept: Any) -> list[Finding]:
    import pandas as pd

    from core.data.leakage import text_keys

    copies = pd.Series(text_keys(kept, ["text"])).duplicated().to_numpy()
    found = _at(copies, kept)
    if not found["count"]:
        return []
    share = found["count"] / kept.num_rows
    part = share_of("under 1 %" if share < _SMALL_SHARE else f"{100 * share:.0f} %")
    return [
        Finding(
            "duplicates",
            "info",
            said_many(
                found["count"],
                "{count} row is a copy of another row: {share}.",
                "{count} rows are copies of another row: {share}.",
                share=part,
            ),
            said("The model reads them more often than the others and learns them more by heart."),
            said("Take the copies out of the table."),
            **found,
        )
    ]


def _at(mask: Any, kept: Any) -> dict[str, Any]:
    rows = kept.column("row").to_numpy()[mask]
    return {"count": len(rows), "rows": tuple(rows[:SHOWN_ROWS].tolist())}
