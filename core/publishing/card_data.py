"""What a model card says of the table that was learned from: where it came from, how it was changed and shared out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

import yaml

from core import home
from core.data.account import NOT_ALL
from core.data.steps import Step
from core.markdown import code, escaped, made_table, prose
from core.publishing.cleaned import file_name, is_showable, source_name
from core.publishing.facts import Facts

_SAMPLE = "sample/"


def table_words(facts: Facts) -> str:
    """The table in a few words: a link to a Hub dataset, the title of a sample, or the name of a file."""
    name = source_name(facts.config.data)
    if facts.dataset:
        return f"[{escaped(name)}]({facts.dataset_page})"
    if facts.config.data.source.startswith(_SAMPLE):
        return f"the sample table “{escaped(name)}”"
    return f"a table of its maker's own ({code(name)})"


def training_data(facts: Facts) -> list[str]:
    """Paragraphs on the table, its parts, its changes and its licence."""
    return [
        "## Training data",
        _whence(facts),
        *_parts(facts),
        *_changes(facts),
        f"Licence of the data: {_licence(facts)}",
    ]


def _whence(facts: Facts) -> str:
    data = facts.config.data
    subset = f", subset {code(data.subset)}" if data.subset else ""
    revision = f", version {code(data.revision)}" if data.revision else ""
    read = "Read as a stream, in the order of the dataset. " if data.streaming else ""
    columns = [
        f"{escaped(facts.task.role(role).label)}: {' and '.join(map(code, _listed(column)))}"
        for role, column in data.columns.items()
    ]
    used = f"{read}Columns that were used — {'; '.join(columns)}." if columns else read
    return f"From {table_words(facts)}{subset}{revision}. {used}".strip()


def _listed(column: str | tuple[str, ...]) -> tuple[str, ...]:
    return (column,) if isinstance(column, str) else column


def _parts(facts: Facts) -> Iterator[str]:
    rows = facts.report.get("rows")
    if rows is None:
        if (planned := facts.planned) is None:
            return
        rows = {"train": planned.train_rows, "validation": planned.validation_rows, "test": planned.test_rows}
    uses = {
        "train": "learned from",
        "validation": "to choose the best version by, while it learned",
        "test": "kept aside for the final mark",
    }
    lines = [[part.capitalize(), f"{rows[part]:,}", use] for part, use in uses.items() if part in rows]
    if rows.get("unusable"):
        lines.append(
            ["Left out", f"{rows['unusable']:,}", "set aside, see below" if any(_account(facts)) else "set aside"]
        )
    yield made_table(["Part", "Rows", "What for"], lines, [1])
    yield " ".join([_shared_out(facts), *_account(facts)])


def _account(facts: Facts) -> Iterator[str]:
    """Where the rows went that are in none of the parts, as it was said when the table was read."""
    yield from (prose(one.detail) for one in facts.notices if one.title == NOT_ALL)


def _shared_out(facts: Facts) -> str:
    split = facts.config.data.split
    if split.column is not None:
        return f"The column {code(split.column)} says which row belongs to which part."
    own = "a split of the dataset itself" if facts.dataset else "a file of its own"
    named = {
        part: f"{part} is {own} ({code(file_name(value))})"
        for part, value in (("validation", split.validation), ("test", split.test))
        if isinstance(value, str)
    }
    listed = ", and ".join(named.values())
    if len(named) == 2:
        return f"{listed.capitalize()[0]}{listed[1:]}."
    rest = f"{listed.capitalize()[0]}{listed[1:]}; the other parts are shared out: " if named else ""
    return f"{rest}{_by_chance(facts)}"


def _by_chance(facts: Facts) -> str:
    split = facts.config.data.split
    if facts.config.data.streaming is not None:
        return f"The rows kept aside are drawn from the beginning of the stream (seed {split.seed})."
    if split.time is not None:
        return f"The newest rows by the column {code(split.time)} are kept aside."
    together = "equal or nearly equal" if split.keep_together == "similar" else "equal"
    return f"Drawn by chance (seed {split.seed}); rows with {together} texts are always in the same part."


def _changes(facts: Facts) -> Iterator[str]:
    """The steps that changed the table, in words; those that would tell of its texts, by their number."""
    steps = facts.config.data.steps
    told = [prose(step.words) for step in steps if is_showable(facts.config, step)]
    hidden = [step for step in steps if not is_showable(facts.config, step)]
    columns = dict.fromkeys(code(name) for step in hidden for name in step.uses)
    if hidden:
        told.append(f"{len(hidden):,} {_kind(hidden)} by hand in {', '.join(columns)}")
    if told:
        yield "\n".join(["What was changed before training, in this order:", "", *(f"1. {one}." for one in told)])


def _kind(hidden: Sequence[Step]) -> str:
    return "change of values" if len(hidden) == 1 else "changes of values"


def _licence(facts: Facts) -> str:
    if facts.dataset:
        return f"see [the page of the dataset]({facts.dataset_page}), which also says how to cite it."
    source = facts.config.data.source
    if source.startswith(_SAMPLE) and (licence := _sample_licences().get(source.removeprefix(_SAMPLE))):
        return f"{licence}; the table ships with Tunesmith."
    return "not stated. The table is not published here: ask whoever made this model whether and how it may be used."


@cache
def _sample_licences() -> dict[str, str]:
    listing = home.ASSETS / "samples" / "samples.yaml"
    entries = yaml.safe_load(listing.read_text(encoding="utf-8"))
    return {str(entry["id"]): str(entry["licence"]) for entry in entries if "licence" in entry}
