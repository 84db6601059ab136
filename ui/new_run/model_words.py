"""Models in words. What their authors wrote is shown as plain text: nothing in it can ask another host."""

from __future__ import annotations

from collections.abc import Sequence

from core.data.types import Finding
from core.hub.types import HubModel, Method, ModelFacts, Recommendation
from core.models.cards import in_words, licence_in_words
from core.models.other_language import other_language
from core.models.types import Checkpoint
from core.said import enumerated, share_of
from core.tasks.base import Task
from ui import pieces, words
from ui.languages import told, tr, tr_html, tr_many

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
    network = tr(DOWNLOADED) if known.needs_network else ""
    if known.install:
        network = known.install if local else tr(NOT_INSTALLED)
    body = pieces.facts(
        [
            (tr("Numbers inside"), "" if known.parameters is None else words.short(known.parameters)),
            (tr("Language"), told(enumerated(*known.languages))),
            (tr("Licence"), told(known.licence)),
            (tr("Size on disk"), "" if known.disk_bytes is None else words.size(known.disk_bytes)),
            (tr("Reads at most"), tokens(known.max_length)),
            (tr("Family"), known.architecture),
        ],
        {tr(name): tr(HELP[name]) for name in HELP},
    )
    return pieces.card(
        known.title, f"{pieces.tag('p', told(known.summary))}{body}{pieces.tag('p', told(network), 'nr-note')}"
    )


def unlike(known: Checkpoint, task: Task, language: str = "") -> str:
    """Warnings where the checkpoint is of another family than the task is made for, and where it has not read the
    texts' ``language`` (a code).
    """
    strange = other_language(known.languages, language)
    said = pieces.message(strange.title, strange.detail, "nr-warning") if strange else ""
    if known.family in (None, task.family):
        return said
    return said + pieces.message(
        tr("This model {families}.", families=tr(FAMILIES[known.family])),
        tr(
            "“{title}” is made for a model that {families}. This one may learn it badly, or the run may end "
            "before it begins.",
            title=task.title,
            families=tr(FAMILIES[task.family]),
        ),
        "nr-warning",
    )


# --- Cards to choose from


def recommended(one: Recommendation) -> str:
    """A recommended model as a card: its title, and why."""
    return f"{one.title}\n{told(one.reason)}{f' {tr(FAR)}' if one.needs_network else ''}"


def offered(one: Checkpoint) -> str:
    """Another model as a card."""
    return f"{one.title}\n{told(one.summary)}"


def line(one: HubModel) -> str:
    """A model that was found on the Hub as a card: its name, and what is known of it under that."""
    size = (
        tr("{parameters} numbers inside", parameters=words.short(one.parameters)) if one.parameters is not None else ""
    )
    downloads = tr("{number} downloads", number=words.short(one.downloads))
    known = [size, downloads, words.plural(one.likes, "like")]
    said = licence_in_words(one.licence)
    licence = told(said) if not said or "licence" in said else tr("licence {name}", name=said)
    return f"{one.id}\n{' · '.join(filter(None, [*known, licence, languages(one.languages), tr(ACCESS[one.access])]))}"


def tokens(length: int | None) -> str:
    """How much it reads at once."""
    return "" if length is None else tr_many(length, "{count} token", "{count} tokens")


def languages(codes: Sequence[str]) -> str:
    """Languages by their codes, in words; of many, the first few."""
    names = in_words(codes)
    listed = told(enumerated(*names[:MOST_LANGUAGES]))
    if len(names) <= MOST_LANGUAGES:
        return listed
    return tr("{names} and {count} more", names=listed, count=len(names) - MOST_LANGUAGES)


# --- The facts of one


def card(one: ModelFacts) -> str:
    """Everything about a model of the Hub before it is downloaded."""
    about = one.about
    explained = pieces.facts(
        [
            (tr("Numbers inside"), "" if about.parameters is None else words.short(about.parameters)),
            (tr("Reads at most"), tokens(one.max_length)),
            (tr("An epoch takes"), "" if one.epoch_seconds is None else words.about(one.epoch_seconds)),
            (tr("Unknown words"), "" if one.unknown_share is None else share(one.unknown_share)),
            (tr("Family"), one.architecture),
        ],
        {tr(name): tr(HELP[name]) for name in HELP},
    )
    further = pieces.facts(
        [
            (tr("Size on disk"), "" if one.disk_bytes is None else words.size(one.disk_bytes)),
            (tr("Language"), languages(about.languages) or tr("its author names none")),
            (tr("Licence"), told(licence_in_words(about.licence)) or tr("its author names none")),
            (tr("Downloads"), words.count(about.downloads)),
            (tr("Likes"), words.count(about.likes)),
            (tr("Changed"), about.updated[:10]),
        ]
    )
    end = "" if why_not(one) else pieces.tag("p", tr(DOWNLOADED), "nr-note")
    return pieces.card(about.id, _warnings(one) + _access(one) + explained + further + methods(one.methods) + end)


def why_not(one: ModelFacts) -> str:
    """Why no run can start from it; empty when one can."""
    blocking = (warned.title for warned in one.warnings if warned.blocks)
    return next((tr("{title} Choose another model.", title=title) for title in blocking), "")


def methods(known: Sequence[Method]) -> str:
    """The memory that each way of training takes, and whether this machine has it."""
    if not known:
        return ""
    rows = [[told(one.title), f"{words.size(one.memory_bytes)}, {_fits(one)}"] for one in known]
    table = pieces.table([tr("Way of training"), tr("Memory")], rows, tr(TRAINING), "nr-methods")
    return f"<h3>{tr(TRAINING)}</h3>{table}"


def share(part: float) -> str:
    """A share in words: ``0 %``, ``below 1 %``, ``12 %``."""
    return tr("below {number} %", number=1) if 0 < part < 0.005 else told(share_of(f"{100 * part:.0f} %"))


def _fits(one: Method) -> str:
    if one.fits:
        return tr("fits here")
    return tr("needs a graphics card") if one.needs_gpu else tr("does not fit here")


def _access(one: ModelFacts) -> str:
    """How to get at a closed model, unless its warnings say so already; or that one is let in."""
    if not one.access_help:
        let_in = tr("This model is {access}, and you may use it.", access=one.about.access)
        return pieces.tag("p", let_in, "nr-note") if one.about.access != "open" else ""
    said = any(warned.detail == one.access_help for warned in one.warnings)
    message = pieces.message(
        tr("This model is {access}.", access=tr(ACCESS[one.about.access])), one.access_help, "nr-warning"
    )
    return ("" if said else message) + tr_html(ACCOUNT)


def _warnings(one: ModelFacts) -> str:
    """What to weigh before choosing it; what no run can start from stands first."""
    return pieces.findings(
        [Finding(each.code, "error" if each.blocks else "warning", each.title, each.detail) for each in one.warnings]
    )


def closed(title: str, advice: str, more: str = "") -> str:
    """Why nothing can be said of a model, with the way to sign in where that may help."""
    may_help = "sign in" in advice.lower()
    whole = f"{told(advice)} {more}".strip()
    return pieces.message(title, whole, "nr-warning") + (tr_html(ACCOUNT) if may_help else "")
