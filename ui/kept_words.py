"""What the page of kept runs says."""

from __future__ import annotations

from html import escape

from core import space
from core.errands import Errand
from core.keeping.types import KeptRuns
from ui import words
from ui.pieces import card, message, prose, tag

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
        return f"<p>Nothing is kept yet. The repository {where} is made, private, with the first run.</p>"
    total = words.size(sum(one.size for one in found.runs))
    told = f"<p>{words.plural(len(found.runs), 'run')} ({total}) in {where}.</p>"
    if found.is_public:
        return (
            message(f"{found.repo} is public.", "Everybody can see what is kept there, and nothing more is sent.")
            + told
        )
    return told


def progress(errand: Errand | None, going: str, done: str) -> str:
    """How far something is that was begun here."""
    if errand is None:
        return ""
    if errand.state == "failed":
        return message(errand.title, errand.advice)
    if errand.state == "going":
        share = f" {errand.share:.0%}" if errand.share else ""
        return tag("p", f"{going}: {errand.words}{share}", "nr-note")
    return tag("p", done if errand.state == "done" else "Cancelled.", "nr-note")


def this_space() -> str:
    """What this Space can do, and how to have one of one's own; empty elsewhere."""
    if not space.is_space():
        return ""
    why = space.vanishing()
    disk = f"{why} Runs vanish with it." if why else "Runs outlast a restart here: they lie on storage of its own."
    notes = "".join(f"<p><b>{escape(note.title)}</b> {escape(note.detail)}</p>" for note in space.hardware())
    page = escape(space.duplicate_page())
    copy = (
        f'<p><a href="{page}" target="_blank" rel="noopener">Duplicate this Space</a> to have one of your own: choose '
        "who sees it, its hardware (a GPU is many times as fast, and costs by the hour while it runs) and a storage "
        "bucket, mounted at <code>/data</code>, so that runs outlast a restart. Nothing else is to be set.</p>"
    )
    return card("This Space", prose(disk) + notes + copy)
