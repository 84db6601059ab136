"""A dataset of the Hub before it is fetched: its card, what it holds, its first rows."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from core import home
from core.data.hub.client import ask
from core.data.hub.contents import Contents, contents_of, info_of, settled
from core.data.hub.failures import explained, gated_help
from core.data.hub.network import need_network
from core.data.hub.places import repo_of, title_of_split
from core.data.hub.search import one_of
from core.data.hub.types import HubCard
from core.data.origins import Origin
from core.data.types import Column, Finding, Preview
from core.errors import DataError
from core.hub.identity import to_send
from core.said import said

_LONGEST_README = 200_000
_LOOKED_AT = 200
"""Rows that the columns are judged by."""


def hub_card(repo: str, revision: str | None = None) -> HubCard:
    """Everything about one dataset. Raises ``DataError`` when it is not there, cannot be reached or read as tables."""
    repo = repo_of(Origin(repo))
    info = info_of(repo, revision)
    closed = _closed(info)
    contents = Contents((), "") if closed else contents_of(info.id, info.sha, info)
    return HubCard(
        about=one_of(info),
        commit=info.sha,
        readme=_readme(info),
        subsets=contents.subsets,
        default_subset=contents.default,
        citation=info.citation or "",
        access_help=closed,
    )


def hub_preview(origin: Origin, rows: int = 20) -> Preview:
    """The first rows of a split, read as a stream; its columns are judged by the first 200."""
    need_network()
    return _preview(settled(origin), rows)


@lru_cache(maxsize=32)
def _preview(place: Origin, rows: int) -> Preview:
    """``place`` is settled: at a commit, the rows never change."""
    from core.data import arrow_files
    from core.data.profile import profile, shown

    repo = repo_of(place)
    with tempfile.TemporaryDirectory(dir=home.temp_dir()) as folder:
        target = Path(folder) / "sample.arrow"
        answer = ask(
            {
                "do": "sample",
                "repo": repo,
                "commit": place.revision,
                "subset": place.subset,
                "split": place.split,
                "rows": max(rows, _LOOKED_AT),
                "target": str(target),
            },
            repo,
        )
        table = arrow_files.read(target)
        columns = tuple(_with_names(column, answer["names"].get(column.name)) for column in profile(table))
        head = tuple({name: shown(value) for name, value in row.items()} for row in table.slice(0, rows).to_pylist())
        number = table.num_rows
    if not number:
        title = said("The split {split} of {repo} has no rows.", split=place.split, repo=repo)
        raise DataError(title, said("Choose another split."))
    split = next(split for split in _splits(place) if split.name == place.split)
    return Preview(
        source=place.source,
        title=title_of_split(place),
        format="hub",
        rows=number,
        bytes=split.bytes or 0,
        columns=columns,
        head=head,
        findings=(_first_rows(number, split.rows), *(Finding.of(finding) for finding in answer["findings"])),
    )


def _splits(place: Origin) -> Any:
    subset = contents_of(repo_of(place), str(place.revision)).subset(str(place.subset))
    return subset.splits if subset else ()


def _first_rows(number: int, rows: int | None) -> Finding:
    return Finding(
        "first-rows",
        "info",
        said("These are the first {count} of {rows} rows.", count=number, rows=rows)
        if rows
        else said("These are the first {count} rows.", count=number),
        said("They were read from the Hub for a first look; nothing of them is kept on this disk."),
    )


def _with_names(column: Column, names: list[str] | None) -> Column:
    """A column of classes with all its classes: sorted datasets have only one in their first rows."""
    if not names or column.kind == "list":
        return column
    examples = tuple(dict.fromkeys([*column.examples, *names]))[:8]
    return replace(column, kind="category", distinct=max(column.distinct, len(names)), examples=examples)


def _closed(info: Any) -> str:
    """What to do to get at a dataset; empty when its files can be had."""
    from huggingface_hub import HfApi
    from huggingface_hub.errors import GatedRepoError

    if not info.gated:
        return ""
    try:
        HfApi().auth_check(info.id, repo_type="dataset", token=to_send())
    except GatedRepoError:
        return gated_help(info.id)
    except Exception as exc:
        raise explained(exc, info.id) from exc
    return ""


def _readme(info: Any) -> str:
    """The card without its YAML head; of one that may not be read, what the Hub shows of it."""
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError, GatedRepoError

    try:
        place = hf_hub_download(info.id, "README.md", repo_type="dataset", revision=info.sha, token=to_send())
    except EntryNotFoundError:
        return ""
    except GatedRepoError:
        return info.description or ""
    except Exception as exc:
        raise explained(exc, info.id) from exc
    text = Path(place).read_text(encoding="utf-8", errors="replace")[:_LONGEST_README]
    if text.startswith("---"):
        text = text[3:].partition("\n---")[2]
    return text.strip()
