"""Datasets of the Hub in words. What their authors wrote is shown as plain text: nothing in it can ask another host."""

from __future__ import annotations

import re
from functools import cache
from html import escape

import yaml

from core import home
from core.data.hub.types import HubCard, HubDataset, HubSplit, HubSubset
from ui import pieces, words
from ui.languages import tr

LINE = 50e6 / 8
"""Bytes a second of a usual line at home, for a time that nobody can know before."""
LONGEST_README = 60_000
ACCESS = {"open": "", "gated": "gated: its authors must let you in", "private": "private"}


@cache
def filters() -> dict[str, dict[str, str]]:
    """What a search can be narrowed to: ``tasks``, ``languages``, ``sizes``, each the Hub's name -> words."""
    known: dict[str, dict[str, str]] = yaml.safe_load((home.ASSETS / "hub_filters.yaml").read_text(encoding="utf-8"))
    return {kind: {str(name): said for name, said in named.items()} for kind, named in known.items()}


def line(one: HubDataset) -> str:
    """A dataset as a card to choose: its name, and what is known of it under that."""
    author = f"by {one.author}" if one.author else ""
    known = [
        author,
        f"{words.short(one.downloads)} downloads",
        words.plural(one.likes, "like"),
        rows_in_words(one.size),
    ]
    licence = f"licence {one.licence}" if one.licence else ""
    return f"{one.id}\n{' · '.join(filter(None, [*known, licence, tr(ACCESS[one.access])]))}"


def rows_in_words(size: str) -> str:
    """The Hub's class of sizes in words; empty when it is not known."""
    return filters()["sizes"].get(size, size)


def card(one: HubCard) -> str:
    """What is known of a dataset before anything of it is fetched."""
    about = one.about
    tasks, languages = filters()["tasks"], filters()["languages"]
    facts = pieces.facts(
        [
            (tr("By"), about.author),
            (tr("Rows"), rows_in_words(about.size)),
            (tr("Language"), _listed([languages.get(name, name) for name in about.languages])),
            (tr("Made for"), _listed([tasks.get(name, name) for name in about.tasks])),
            (tr("Licence"), about.licence or tr("its author names none")),
            (tr("Downloads"), words.count(about.downloads)),
            (tr("Likes"), words.count(about.likes)),
            (tr("Changed"), about.updated[:10]),
        ]
    )
    access = pieces.message(
        tr("This dataset is {access}.", access=tr(ACCESS[about.access])), one.access_help, "nr-warning"
    )
    return pieces.card(about.id, facts + (access if one.access_help else "") + _readme(one))


def cost(subset: HubSubset | None, free: int) -> str:
    """What a download takes, in words. ``free`` is what the disk has left, in bytes."""
    size = subset.download_bytes if subset else None
    if size is None:
        return pieces.tag("p", tr("How large the download is, its author does not say."), "nr-note")
    said = tr(
        "The download has {size}: {size2} on a line of 50 Mbit a second.",
        size=words.size(size),
        size2=words.about(size / LINE),
    )
    if 2 * size < free:
        return pieces.tag("p", said, "nr-note")
    advice = tr(
        "Here {free} are free. Stream it instead, choose a smaller part of it, or make room.", free=words.size(free)
    )
    return pieces.message(tr("{said} Kept as a table it takes about as much again.", said=said), advice, "nr-warning")


def is_large(subset: HubSubset | None, free: int) -> bool:
    """Whether a download would leave too little room on the disk."""
    return subset is not None and subset.download_bytes is not None and 2 * subset.download_bytes >= free


def split_words(split: HubSplit) -> str:
    """A split as a choice: its name, and how many rows it has."""
    return f"{split.name} ({words.plural(split.rows, 'row')})" if split.rows is not None else split.name


def _listed(names: list[str], shown: int = 4) -> str:
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return ", ".join(names[:shown]) + more


def _readme(one: HubCard) -> str:
    """The card that came with it, folded away; its citation under it."""
    parts = ((tr("What its authors say of it"), plain(one.readme)), (tr("How to cite it"), one.citation))
    return "".join(
        f'<details class="nr-more"><summary>{title}</summary>'
        f'<pre class="nr-readme" tabindex="0" aria-label="{title}">{escape(text[:LONGEST_README])}</pre></details>'
        for title, text in parts
        if text.strip()
    )


def plain(markdown: str) -> str:
    """Markdown as text that reads well: without comments, tags, pictures and the addresses of links."""
    text = re.sub(r"<!--.*?-->", "", markdown, flags=re.DOTALL)
    text = re.sub(r"</?[a-zA-Z][^<>]{0,2000}>", "", text)
    text = re.sub(r"!\[[^\]]*\]\([^)\s]*[^)]*\)", "", text)
    text = re.sub(r"\[([^\]]*)\]\((?:[^()\s]|\([^()]*\))*\)", r"\1", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()
