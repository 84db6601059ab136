"""The model card: README.md of a published model, and the files that go with it.

Written from the run's folder alone (``core.publishing.facts``), without the network. It never shows a row of the
table that was learned from, a path, or the name of a machine: whoever may see the model sees its card.
"""

from __future__ import annotations

from core.publishing import card_about, card_reproduce, card_results, card_training
from core.publishing.card_data import training_data
from core.publishing.card_head import head
from core.publishing.card_limits import limits
from core.publishing.card_reproduce import CONFIG
from core.publishing.cleaned import as_yaml
from core.publishing.facts import Version, facts_of
from core.publishing.picture import PICTURE, confusion_picture
from core.publishing.types import Item
from core.runs import Run

CARD = "README.md"
MARKER = (
    "<!-- Written by Tunesmith. Take this line out to keep changes of your own when the model is published again. -->"
)
"""Stands in every card made here. One on the Hub that has it no more is somebody's own, and is not overwritten."""


def card_of(run: Run, repo: str = "", version: Version = "best") -> str:
    """The whole card. ``repo`` is where the model will be found; without it, it is used from its folder.

    ``version`` ``last`` is the model of the newest checkpoint, of which the card says that nobody has judged it.
    """
    facts = facts_of(run, repo, version)
    parts = [
        MARKER,
        *card_about.about(facts),
        *card_about.what_it_does(facts),
        *card_about.how_to_use(facts),
        *card_results.results(facts),
        *limits(facts),
        *training_data(facts),
        *card_training.training(facts),
        *card_reproduce.reproduce(facts),
        *card_reproduce.licence(facts),
        *card_reproduce.citation(facts),
        "---",
        card_reproduce.made_with(facts),
    ]
    return f"---\n{head(facts)}\n---\n\n" + "\n\n".join(parts) + "\n"


def card_files(run: Run, repo: str = "", version: Version = "best") -> list[Item]:
    """The card, its picture where it shows one, and the config to train the model again."""
    picture = confusion_picture(run.report or {}) if version == "best" else None
    return [
        Item(CARD, card_of(run, repo, version).encode()),
        *([Item(PICTURE, picture)] if picture else []),
        Item(CONFIG, as_yaml(run.config, run.name).encode()),
        *_script(run),
    ]


def _script(run: Run) -> list[Item]:
    """The training as a program of its own, where the run has written one."""
    from core.script.making import NAME, portable

    try:
        text = (run.path / NAME).read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    return [Item(NAME, portable(text, run.config.model.checkpoint).encode())]
