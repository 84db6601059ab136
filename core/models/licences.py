"""What a licence asks, as far as its name on the Hub tells. No advice of a lawyer: it says when to read one."""

from __future__ import annotations

import re

from core.hub.types import Warned

_NOT_FOR_MONEY = re.compile(r"(^|-)nc(-|$)|non-?commercial|research|^apple-amlr$|^deepfloyd-if-license$|^mnpl")
_OF_ITS_OWN = re.compile(
    r"^other$|^unknown$|llama|gemma|openrail|^bigscience-|^creativeml-|^mrl|^qwen|^deepseek|^tongyi|^yi-|^falcon|^exaone"
)
_FOR_MONEY = "Whatever you train from it falls under the same terms: it may not be used to earn money, nor at work."


def about_licence(licence: str, name: str, page: str) -> Warned | None:
    """What to weigh about a licence (``name``: what its author calls one of their own), or None where nothing is."""
    said = (name or licence).lower()
    if not said or said == "unknown":
        return Warned(
            "no-licence",
            "It has no licence.",
            f"Without one nobody but its author may use it, strictly speaking. Ask them on {page}, or choose another.",
        )
    if _NOT_FOR_MONEY.search(said):
        return Warned("not-commercial", f"Its licence forbids commercial use ({name or licence}).", _FOR_MONEY)
    if licence.lower() == "other" or _OF_ITS_OWN.search(said):
        named = "" if said == "other" else f" ({name or licence})"
        detail = f"Read it on {page} before you use or publish what you train from it: such licences have conditions."
        return Warned("own-licence", f"It has a licence of its own{named}.", detail)
    return None
