"""Models in words. What their authors wrote is shown as plain text: nothing in it can ask another host."""

from __future__ import annotations

from collections.abc import Sequence

from core.data.types import Finding
from core.hub.types import HubModel, Method, ModelFacts, Recommendation
from core.models.cards import in_words, licence_in_words
from core.models.other_language import other_language
from core.models.types import Checkpoint
from core.tasks.base import Task
from ui import pieces, words

FAMILIES = {
    "encoder": "reads a text whole",
    "decoder": "writes on from a text",
    "seq2seq": "writes one text from another",
}
NOT_INSTALLED = "It has to be installed first, by somebody who sits in front of this machine."
HELP = {
    "Numbers inside": "What it learned is held in them, its parameters. More can know more, and are slower.",
    "Reads at most": "A token is a word or a piece of one. Longer texts are cut.",
    "Family": "How it is built inside, its architecture.",
    "An epoch takes": "In an epoch it reads all your examples once. A training has several.",
    "Unknown words": "Of the words in your rows, those that it has no token for.",
}
ACCESS = {"open": "", "gated": "gated: its authors must let you in", "private": "private"}
DOWNLOADED = "It is downloaded when the run starts, which needs the network."
FAR = "Has to be downloaded first."
ACCOUNT = (
    '<p class="nr-note"><a href="./account" target="_blank" rel="noopener">Sign in on the page “Hub account”</a> '
    "(it opens beside this one), then ask again.</p>"
)
TRAINING = "Memory that training it takes"
MOST_LANGUAGES = 4


def describe(known: Checkpoint, local: bool = True) -> str:
    """What is known of a checkpoint without asking the Hub, as HTML."""
    network = DOWNLOADED if known.needs_network else ""
    if known.install:
        network = known.install if local else NOT_INSTALLED
    body = pieces.facts(
        [
            ("Numbers inside", "" if known.parameters is None else words.short(known.parameters)),
            ("Language", ", ".join(known.languages)),
            ("Licence", known.licence),
            ("Size on disk", "" if known.disk_bytes is None else words.size(known.disk_bytes)),
            ("Reads at most", "" if known.max_length is None else f"{known.max_length:,} tokens"),
            ("Family", known.architecture),
        ],
        HELP,
    )
    return pieces.card(known.title, f"{pieces.tag('p', known.summary)}{body}{pieces.tag('p', network, 'nr-note')}")


def unlike(known: Checkpoint, task: Task, language: str = "") -> str:
    """Warnings where the checkpoint is of another family than the task is made for, and where it has not read the
    texts' ``language`` (a code).
    """
    strange = other_language(known.languages, language)
    said = pieces.message(strange.title, strange.detail, "nr-warning") if strange else ""
    if known.family in (None, task.family):
        return said
    return said + pieces.message(
        f"This model {FAMILIES[known.family]}.",
        f"“{task.title}” is made for a model that {FAMILIES[task.family]}. This one may learn it badly, or the run may "
        "end before it begins.",
        "nr-warning",
    )


# --- Cards to choose from


def recommended(one: Recommendation) -> str:
    """A recommended model as a card: its title, and why."""
    return f"{one.title}\n{one.reason}{f' {FAR}' if one.needs_network else ''}"


def offered(one: Checkpoint) -> str:
    """Another model as a card."""
    return f"{one.title}\n{one.summary}"


def line(one: HubModel) -> str:
    """A model that was found on the Hub as a card: its name, and what is known of it under that."""
    size = f"{words.short(one.parameters)} numbers inside" if one.parameters is not None else ""
    known = [size, f"{words.short(one.downloads)} downloads", words.plural(one.likes, "like")]
    said = licence_in_words(one.licence)
    licence = said if not said or "licence" in said else f"licence {said}"
    return f"{one.id}\n{' · '.join(filter(None, [*known, licence, languages(one.languages), ACCESS[one.access]]))}"


def languages(codes: Sequence[str]) -> str:
    """Languages by their codes, in words; of many, the first few."""
    names = in_words(codes)
    more = f" and {len(names) - MOST_LANGUAGES} more" if len(names) > MOST_LANGUAGES else ""
    return ", ".join(names[:MOST_LANGUAGES]) + more


# --- The facts of one


def card(one: ModelFacts) -> str:
    """Everything about a model of the Hub before it is downloaded."""
    about = one.about
    explained = pieces.facts(
        [
            ("Numbers inside", "" if about.parameters is None else words.short(about.parameters)),
            ("Reads at most", "" if one.max_length is None else f"{one.max_length:,} tokens"),
            ("An epoch takes", "" if one.epoch_seconds is None else words.about(one.epoch_seconds)),
            ("Unknown words", "" if one.unknown_share is None else share(one.unknown_share)),
            ("Family", one.architecture),
        ],
        HELP,
    )
    further = pieces.facts(
        [
            ("Size on disk", "" if one.disk_bytes is None else words.size(one.disk_bytes)),
            ("Language", languages(about.languages) or "its author names none"),
            ("Licence", licence_in_words(about.licence) or "its author names none"),
            ("Downloads", words.count(about.downloads)),
            ("Likes", words.count(about.likes)),
            ("Changed", about.updated[:10]),
        ]
    )
    end = "" if why_not(one) else pieces.tag("p", DOWNLOADED, "nr-note")
    return pieces.card(about.id, _warnings(one) + _access(one) + explained + further + methods(one.methods) + end)


def why_not(one: ModelFacts) -> str:
    """Why no run can start from it; empty when one can."""
    return next((f"{told.title} Choose another model." for told in one.warnings if told.blocks), "")


def methods(known: Sequence[Method]) -> str:
    """The memory that each way of training takes, and whether this machine has it."""
    if not known:
        return ""
    rows = [[one.title, f"{words.size(one.memory_bytes)}, {_fits(one)}"] for one in known]
    table = pieces.table(["Way of training", "Memory"], rows, TRAINING, "nr-methods")
    return f"<h3>{TRAINING}</h3>{table}"


def share(part: float) -> str:
    """A share in words: ``0 %``, ``below 1 %``, ``12 %``."""
    return "below 1 %" if 0 < part < 0.005 else f"{part:.0%}".replace("%", " %")


def _fits(one: Method) -> str:
    if one.fits:
        return "fits here"
    return "needs a graphics card" if one.needs_gpu else "does not fit here"


def _access(one: ModelFacts) -> str:
    """How to get at a closed model, unless its warnings say so already; or that one is let in."""
    if not one.access_help:
        let_in = f"This model is {one.about.access}, and you may use it."
        return pieces.tag("p", let_in, "nr-note") if one.about.access != "open" else ""
    said = any(told.detail == one.access_help for told in one.warnings)
    message = pieces.message(f"This model is {ACCESS[one.about.access]}.", one.access_help, "nr-warning")
    return ("" if said else message) + ACCOUNT


def _warnings(one: ModelFacts) -> str:
    """What to weigh before choosing it; what no run can start from stands first."""
    return pieces.findings(
        [Finding(told.code, "error" if told.blocks else "warning", told.title, told.detail) for told in one.warnings]
    )


def closed(title: str, advice: str) -> str:
    """Why nothing can be said of a model, with the way to sign in where that may help."""
    may_help = "sign in" in advice.lower()
    return pieces.message(title, advice, "nr-warning") + (ACCOUNT if may_help else "")
