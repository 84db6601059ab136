"""What the page says of publishing, and what it proposes: names, rights, what goes along, what has to be confirmed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from html import escape

from core.hub.types import Account
from core.publishing.standing import Standing
from core.publishing.types import Extra, Published, Publishing
from ui import pieces
from ui.languages import current, told, tr, tr_html

LONGEST_NAME = 96
"""Characters of a repository's name, as the Hub has it."""
DEFAULT_NAME = "my-model"
SIGN_IN = '<a href="./account">Hub account</a>'
ASKING = '<p class="nr-loading" role="status">Asking the Hub who is signed in.</p>'
LOOKING = '<p class="nr-loading" role="status">Looking at what is there on the Hub.</p>'
LOCAL_WORKS = "Everything else on this page works without the Hub."
NOBODY = (
    '<p class="nr-note">Nobody is signed in. The Hub has to know whose name a model stands under: sign in on the page '
    '<a href="./account">Hub account</a>, then come back. Nothing else on this page needs it.</p>'
)
PRIVATE = "Only you and those you invite see it. You can open it to everyone on the Hub at any time."
EXTRAS: dict[Extra, str] = {
    "checkpoints": "Checkpoints: to go on with the training elsewhere. They are large.",
    "logs": "Curves of the training, for TensorBoard: the Hub draws them on a tab of their own.",
    "onnx": "An ONNX copy of the model, for programs without Python.",
    "adapter": "The adapter that was merged into the model, alone: small, for those who have the model beneath it.",
}
"""What goes along, each with what it is for."""
BEST = "The best model: the report and the card are about it."
LAST = "The model of the newest checkpoint: nobody has judged it, and the results on the card are not about it."
ONNX_FIRST = "The ONNX copy comes to it: it is made before anything goes up, and is about as large as the model."
COMMIT, PROPOSAL = "Write it", "Propose it"
HOW = (
    (f"{COMMIT}: it stands there at once (a commit)", False),
    (f"{PROPOSAL}: somebody looks at it first (a pull request), as for a repository of somebody else", True),
)
ADAPTER_ALONE = (
    "This is an adapter alone: the example code fetches the model that it was made for and makes one of both."
)
SCRIPT = (
    "train.py trains again without Tunesmith, for people who program. The rows it learns from come along; what it does "
    "otherwise than the run stands in its first lines."
)
MERGED = "The model is whole: no adapter lies beside it, and nothing has to be merged before it is used."


def proposed_name(run_name: str) -> str:
    """A repository's name made of the run's: letters of the Latin alphabet, digits, ``-``, ``_`` and ``.`` only."""
    plain = unicodedata.normalize("NFKD", run_name.casefold()).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9_.]+", "-", plain)
    name = re.sub(r"([-.])[-.]+", r"\1", name)[:LONGEST_NAME].strip("-._")
    return name.removesuffix(".git").strip("-._") or DEFAULT_NAME


def problem(owner: str, name: str) -> str:
    """Why these cannot name a repository, and what to do; empty where they can."""
    if not owner:
        return tr("Choose under whose name the model stands.")
    if not re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9_.]|-(?!-))*", owner):
        return tr("The owner is a name on the Hub, such as anna: without a slash, spaces or accents.")
    if not name:
        return tr("Give the model a name.")
    if not re.fullmatch(rf"[A-Za-z0-9_.-]{{1,{LONGEST_NAME}}}", name):
        return tr(
            "A name has up to {longest_name} letters (without accents), digits, '-', '_' and '.', and no spaces.",
            longest_name=LONGEST_NAME,
        )
    if re.search(r"--|\.\.|^[-.]|[-.]$|\.git$|\.ipynb$", name):
        return tr("A name begins and ends with a letter, a digit or '_', has no '--' or '..', and no ending like .git.")
    return ""


def not_theirs(account: Account, wanted: Publishing) -> str:
    """Why they cannot write there themselves, as far as can be told from here; empty where they may."""
    owner = wanted.repo.partition("/")[0]
    may = owner.lower() in {one.lower() for one in account.owners} or wanted.repo in account.only_repos
    if not account.can_write or wanted.as_pull_request or may:
        return ""
    theirs = _listed([*account.owners, *account.only_repos])
    return tr(
        "With this token you may publish as {theirs}. To {repo} you can propose it (a pull request).",
        theirs=theirs,
        repo=wanted.repo,
    )


def nothing_to_propose_to(repo: str) -> str:
    """A pull request needs a repository."""
    return tr(
        "There is no {repo} on the Hub that you may see, so nothing can be proposed to it. Write it instead.", repo=repo
    )


def who(account: Account | None) -> str:
    """Who is signed in and what they may do, as HTML."""
    if account is None:
        return nobody()
    full = f" ({escape(account.full_name)})" if account.full_name not in ("", account.name) else ""
    until = tr(", until {day}", day=day(account.until)) if account.until else ""
    rights = f": {escape(told(account.rights))}" if account.rights else ""
    as_whom = escape(tr("Signed in as {name}")).replace("{name}", f"<b>{escape(account.name)}</b>")
    line = f'<p class="nr-note">{as_whom}{full}{rights}{escape(until)}. {_sign_in()}</p>'
    return line if account.can_write else line + tr_html(READ_ONLY)


def _sign_in() -> str:
    return tr_html(SIGN_IN)


def asking() -> str:
    """While the Hub is asked who this is."""
    return tr_html(ASKING)


def looking() -> str:
    """While the Hub is asked what is there."""
    return tr_html(LOOKING)


def nobody() -> str:
    """Where nobody is signed in."""
    return tr_html(NOBODY)


def local_works() -> str:
    """What is said where the Hub cannot be asked."""
    return tr(LOCAL_WORKS)


def best() -> str:
    """The version that the report is about."""
    return tr(BEST)


def last() -> str:
    """The version of the newest checkpoint."""
    return tr(LAST)


def extra(name: Extra) -> str:
    """Something that may go along."""
    return tr(EXTRAS[name])


def adapter_alone() -> str:
    """Of a model that is an adapter."""
    return tr(ADAPTER_ALONE)


def script() -> str:
    """Of the training as a program."""
    return tr(SCRIPT)


def merged() -> str:
    """Of a model that was trained through an adapter, and is whole."""
    return tr(MERGED)


READ_ONLY = (
    '<div class="nr-finding nr-warning" role="status"><span class="nr-sign" aria-hidden="true">!</span><div>'
    "<b>This token may only read.</b><p>To publish, make a token of the kind “Write” on the Hub (Settings, Access "
    'Tokens) and sign in with it on the page <a href="./account">Hub account</a>.</p></div></div>'
)


def day(seconds: float) -> str:
    """``23 November 2026``."""
    when = datetime.fromtimestamp(seconds)
    return when.strftime(current().day)


def to_confirm(wanted: Publishing, there: Standing | None) -> str:
    """What somebody should know and say yes to before this is published; empty where nothing is lost or shown."""
    said = []
    if there is not None and not wanted.as_pull_request:
        said.append(
            tr(
                "{repo} is on the Hub already. Its files are replaced, but for a card that somebody wrote by "
                "hand; what stood there before stays in its history.",
                repo=wanted.repo,
            )
        )
    if there is not None and not there.private:
        said.append(tr("It is public: everyone on the internet can see and download what you publish."))
    if there is None and not wanted.private:
        what = tr("the demo") if wanted.demo_of else tr("the model and its card")
        said.append(tr("It will be public: everyone on the internet can see and download {what}.", what=what))
    return " ".join(said)


def standing(published: Sequence[Published], page_of: dict[str, str]) -> str:
    """Where the run stands on the Hub, newest first, as HTML. ``page_of``: a safe address by what is published."""
    if not published:
        return ""
    items = "".join(f"<li>{_line(one, page_of.get(one.url, ''))}</li>" for one in published)
    return f'{pieces.tag("h3", tr("Where it stands"))}<ul class="pub-standing">{items}</ul>'


def _line(one: Published, address: str) -> str:
    kind = tr("a demo") if one.kind == "space" else tr("the model")
    kind = tr("a pull request with {kind}", kind=kind) if one.as_pull_request else kind
    seen = tr("private") if one.private else tr("public")
    return f"{link(one.repo, address)} <span>{kind}, {seen}, {day(one.when)}</span>"


def link(text: str, address: str) -> str:
    """A link to a page of the Hub that opens beside this one; only the text where the address is none of the Hub's."""
    if not address:
        return f"<b>{escape(text)}</b>"
    return f'<a href="{escape(address)}" target="_blank" rel="noopener noreferrer">{escape(text)}</a>'


def _listed(names: Sequence[str]) -> str:
    if not names:
        return tr("nobody")
    return names[0] if len(names) == 1 else tr("{names} or {last}", names=", ".join(names[:-1]), last=names[-1])


def trouble(title: str, advice: str, css: str = "nr-error") -> str:
    """A failure as HTML; where it tells to sign in, the page for that can be clicked."""
    shown, named = pieces.message(title, advice, css), escape(tr("Hub account"))
    for opening in ("“", "„", "«", "«\N{NO-BREAK SPACE}"):
        shown = shown.replace(opening + named, opening + _sign_in())
    return shown
