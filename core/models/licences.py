"""What a licence asks, as far as its name on the Hub tells. No advice of a lawyer: it says when to read one."""

from __future__ import annotations

import re

from core.hub.types import Warned
from core.said import said

_NOT_FOR_MONEY = re.compile(r"(^|-)nc(-|$)|non-?commercial|research|^apple-amlr$|^deepfloyd-if-license$|^mnpl")
_OF_ITS_OWN = re.compile(
    r"^other$|^unknown$|llama|gemma|openrail|^bigscience-|^creativeml-|^mrl|^qwen|^deepseek|^tongyi|^yi-|^falcon|^exaone"
)
_FOR_MONEY = said(
    "Whatever you train from it falls under the same terms: it may not be used to earn money, nor at work."
)


def about_licence(licence: str, name: str, page: str) -> Warned | None:
    """What to weigh about a licence (``name``: what its author calls one of their own), or None where nothing is."""
    called = (name or licence).lower()
    if not called or called == "unknown":
        return Warned(
            "no-licence",
            said("It has no licence."),
            said(
                "Without one nobody but its author may use it, strictly speaking. Ask them on {page}, or choose "
                "another.",
                page=page,
            ),
        )
    if _NOT_FOR_MONEY.search(called):
        title = said("Its licence forbids commercial use ({licence}).", licence=name or licence)
        return Warned("not-commercial", title, _FOR_MONEY)
    if licence.lower() == "other" or _OF_ITS_OWN.search(called):
        detail = said(
            "Read it on {page} before you use or publish what you train from it: such licences have conditions.",
            page=page,
        )
        if called == "other":
            return Warned("own-licence", said("It has a licence of its own."), detail)
        title = said("It has a licence of its own ({licence}).", licence=name or licence)
        return Warned("own-licence", title, detail)
    return None
