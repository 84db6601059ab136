"""What the page of kept runs says."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from core import space
from core.errands import Errand
from core.keeping.types import KeptRuns
from core.models.types import Note
from ui import words
from ui.languages import told, tr, tr_many
from ui.pieces import card, message, tag

HEADING = (
    "<h1>Kept runs</h1>"
    '<p class="nr-lead">Runs that are over can be kept in a private repository of yours on the Hugging Face Hub, and '
    "be brought back from there: after a restart, or on another machine.</p>"
)
ASKING = '<p class="nr-note" role="status">Asking the Hub what is kept…</p>'
HOW = (
    "<p>Settings, what happened, the report with its judged rows, and the model go up. Checkpoints, the log and the "
    "table stay here. Nobody but you sees the repository, unless you open it to others; what comes back from there is "
    "looked through first.</p>"
)
KEEP_ALL = "Keep each run that gets through from now on"
UNTIL = "Until you turn it off, your sign-in ends, or Tunesmith is started anew: who you are is in memory only."


def standing(found: KeptRuns, page: str) -> str:
    """What is kept, and where."""
    where = tag("b", found.repo)
    if page:
        where = f'<a href="{escape(page)}" target="_blank" rel="noopener">{escape(found.repo)}</a>'
    if not found.is_there:
        words_ = tr("Nothing is kept yet. The repository {where} is made, private, with the first run.")
        return f"<p>{_with(words_, where)}</p>"
    total = words.size(sum(one.size for one in found.runs))
    count, one = len(found.runs), "{count} run ({size}) in {where}."
    told = f"<p>{_with(tr_many(count, one, '{count} runs ({size}) in {where}.', size=total), where)}</p>"
    if found.is_public:
        title = tr("{repo} is public.", repo=found.repo)
        return message(title, tr("Everybody can see what is kept there, and nothing more is sent.")) + told
    return told


def _with(said: str, where: str) -> str:
    """A text whose gap is filled with HTML."""
    return escape(said).replace("{where}", where)


def progress(errand: Errand | None, going: str, done: str) -> str:
    """How far something is that was begun here."""
    if errand is None:
        return ""
    if errand.state == "failed":
        return message(errand.title, errand.advice)
    if errand.state == "going":
        share = f" {words.percent(errand.share)}" if errand.share else ""
        return tag("p", f"{going}: {told(errand.words)}{share}", "nr-note")
    return tag("p", done if errand.state == "done" else tr("Cancelled."), "nr-note")


def this_space() -> str:
    """What this Space can do, and how to have one of one's own; empty elsewhere."""
    return about_space(space.vanishing(), space.hardware(), space.duplicate_page()) if space.is_space() else ""


def about_space(vanishing: str, notes: Sequence[Note], duplicate: str) -> str:
    """The same for a Space like this. ``vanishing``: why runs do not outlast a restart."""
    disk = "".join(f"<span>{escape(one)}</span> " for one in (vanishing, "Runs vanish with it.") if vanishing)
    disk = disk or "<span>Runs outlast a restart here: they lie on storage of its own.</span>"
    told = "".join(f"<p><b>{escape(note.title)}</b> <span>{escape(note.detail)}</span></p>" for note in notes)
    copy = (
        f'<p><a href="{escape(duplicate)}" target="_blank" rel="noopener">Duplicate this Space</a> <span>to have one '
        "of your own: choose who sees it, its hardware (a GPU is many times as fast, and costs by the hour while it "
        "runs) and a storage bucket at /data, so that runs outlast a restart. Nothing else is to be set.</span></p>"
    )
    return card("This Space", f"<p>{disk}</p>{told}{copy}")
