"""What the page of the Hub account says."""

from __future__ import annotations

from datetime import UTC, datetime

from core.hub.types import Account
from ui.languages import current, told, tr, tr_html
from ui.pieces import card, facts, message, prose, tag

_TOKENS = (
    '<a href="https://huggingface.co/settings/tokens" target="_blank" rel="noopener">huggingface.co/settings/tokens</a>'
)
HEADING = (
    "<h1>Hub account</h1>"
    '<p class="nr-lead">The Hugging Face Hub is a public library of models and datasets at huggingface.co. '
    "You need no account for what is open there.</p>"
)
ASKING = '<p class="nr-note" role="status">Asking the Hub who is signed in…</p>'
HOW_TO_SIGN_IN = (
    '<h2 class="nr-h2">Sign in with a token</h2>'
    "<p>A token is a key that you make for one purpose and can take back at any time. Make one on "
    f"{_TOKENS}, and paste it here:</p>"
    '<ul class="nr-reasons">'
    "<li><b>To read gated models or private data:</b> a token of the kind “Read”.</li>"
    "<li><b>To publish:</b> one of the kind “Fine-grained” with “Write access to contents/settings of all repos under "
    "your personal namespace”, or simply one of the kind “Write”.</li></ul>"
)
_FROM = {
    "machine": "the token that is saved on this machine",
    "token": "a token that you pasted here",
    "oauth": "your login on the Hub",
    "nobody": "",
}
_WHEN = (
    "<p>Only for three things:</p>"
    '<ul class="nr-reasons"><li><b>Private data:</b> datasets and models that only you, or your organisation, may '
    "see.</li><li><b>Gated models and datasets:</b> those whose terms you accept on their page first.</li>"
    "<li><b>Publishing:</b> a model that you trained.</li></ul>"
    "<p>All else works without: training, judging and trying models, and everything that is open on the Hub.</p>"
)
_WHERE = (
    "<p>In the memory of this app, under a random name that your browser keeps as a cookie. It is never written to "
    "a disk, a log or an address, and no page shows it again. It is forgotten when you sign out, when Tunesmith is "
    "closed, and when you have not been here for 12 hours. A run that you started has it until it is over.</p>"
    "<p>Where nobody has to sign in to this app, whoever can open it sees all runs and their models.</p>"
)
_LOGIN = (
    "<p>Who uses Tunesmith on the machine that it runs on can log in there once, for all programs: "
    "<code>hf auth login</code> in a terminal asks for a token and saves it in that user’s folder, in the clear. "
    "Tunesmith then uses it for whoever sits in front of that machine, and for nobody who visits from elsewhere; "
    "<code>hf auth logout</code> takes it back. A token that you paste here goes before it.</p>"
)
_ON_A_SPACE = (
    "<p>The Hub keeps your password to itself and gives this Space a login that ends by itself after some hours. "
    "It lies in a cookie of your browser, and in the memory of what works for you; never on the disk of this Space.</p>"
)


def signed_in(account: Account) -> str:
    """Somebody with an account, and what they may do."""
    called = f"{account.full_name} ({account.name})" if account.full_name != account.name else account.name
    pairs = [
        (tr("Signed in as"), called),
        (tr("With"), tr(_FROM[account.kind])),
        (tr("This token"), told(account.rights)),
        (tr("Until"), _until(account.until)),
        (tr("Can publish as"), ", ".join(account.owners) or _elsewhere(account)),
    ]
    sign_out = tr("To sign out, run hf auth logout on this machine.") if account.kind == "machine" else ""
    return card(
        tr("{name} is signed in", name=account.name), facts(pairs) + (prose(sign_out, "nr-note") if sign_out else "")
    )


def nobody(is_local: bool, has_login: bool) -> str:
    """No token at all: what is missed by that, which may well be nothing."""
    way = tr("with the button below") if has_login else tr("below")
    saved = tr(" No token is saved on this machine.") if is_local else ""
    words = tr(
        "You can search, train and try everything that is open.{saved} To get at private data and gated models, ",
        saved=saved,
    )
    said = tr("{words}and to publish, sign in {way}.", words=words, way=way)
    return card(tr("Nobody is signed in to the Hub"), tag("p", said))


def explained(on_space: bool) -> str:
    """When signing in is needed, and where a token lives."""
    if on_space:
        return card(tr("When you need this"), tr_html(_WHEN)) + card(tr("Where your login lives"), tr_html(_ON_A_SPACE))
    return card(tr("When you need this"), tr_html(_WHEN)) + card(
        tr("Where your token lives"), tr_html(_WHERE) + tr_html(_LOGIN)
    )


def _elsewhere(account: Account) -> str:
    return (
        tr("nobody; only into {only_repos}", only_repos=", ".join(account.only_repos))
        if account.only_repos
        else tr("nobody: it may only read")
    )


def _until(moment: float | None) -> str:
    if moment is None:
        return tr("you delete it; the Hub names no end")
    return datetime.fromtimestamp(moment, UTC).strftime(f"{current().day}, %H:%M UTC")


def no_token() -> str:
    """What was pasted cannot be one."""
    return message(
        tr("This is no token."), tr("A token is one word that begins with hf_. Copy it whole, and paste it here.")
    )


def no_cookie() -> str:
    """The browser will not remember who signed in."""
    return message(
        tr("Your browser keeps no cookie for this page, so it would not be known again."),
        tr("Allow cookies for this address, load the page again, and paste the token once more."),
    )


def not_encrypted() -> str:
    """A warning before a token is pasted."""
    return message(
        tr("This connection is not encrypted."),
        tr(
            "Others on this network could read a token that you paste. Open Tunesmith on the machine that it runs on, "
            "or through an address that begins with https."
        ),
        "nr-warning",
    )
