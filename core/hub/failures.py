"""What went wrong between this machine and the Hub, in words that say what to do. For datasets see
``core.data.hub.failures``, which knows about tables besides.
"""

from __future__ import annotations

import errno
import re
from pathlib import Path
from typing import Literal

from core.errors import HubError, StudioError, explain
from core.redaction import redacted
from core.said import said, said_many, together

Doing = Literal["reading", "writing"]
NOTHING_LOST = said("The model on this machine is untouched.")
AGAIN = said("Try again: what has arrived is not sent a second time.")
_BROKEN_OFF = {
    "TransportError", "ConnectionError", "TimeoutException", "RemoteProtocolError", "ReadError", "WriteError",
    "OfflineModeIsEnabled", "LocalEntryNotFoundError", "IncompleteRead",
}  # fmt: skip
_NO_ROOM = re.compile(r"quota|storage|exceed|limit reached|space left", re.IGNORECASE)


def offline(doing: Doing = "reading") -> HubError:
    """There is no way to the Hub now."""
    title = said("The Hugging Face Hub cannot be reached.")
    return _for(doing, HubError(title, said("Check the connection and try again.")))


def explained(exc: BaseException, repo: str, doing: Doing = "reading") -> StudioError:
    """Any failure with a model, a Space or an account as an error for people.

    Types are told by name, so that no library is imported to tell one.
    """
    if isinstance(exc, StudioError):
        return exc
    kinds, status = _kinds(exc), status_of(exc)
    cause = " from ".join(f"{type(one).__name__}: {one}".strip()[:1000] for one in _chain(exc)[:3])
    found = _of_the_repository(kinds, repo, doing, cause) or _of_status(status, exc, repo, doing, cause)
    found = found or _of_the_way(kinds, repo, doing, cause)
    if found is not None:
        return _for(doing, found)
    if isinstance(exc, FileNotFoundError) and exc.filename:
        advice = said(
            "It was deleted or moved meanwhile. Try again; if it stays away, train again or take another run."
        )
        return HubError(said("A file is missing: {file}.", file=Path(str(exc.filename)).name), advice, cause=cause)
    if isinstance(exc, OSError) and exc.errno in (errno.ENOSPC, errno.EDQUOT):
        return explain(exc)
    return explain(exc)


def _for(doing: Doing, error: HubError) -> HubError:
    """With a word on what was to be published, where that was the matter."""
    if doing == "reading":
        return error
    return HubError(error.title, together(error.advice, NOTHING_LOST), cause=error.cause)


def is_passing(exc: BaseException) -> bool:
    """Whether it may go well next time: the connection broke, or the Hub was busy."""
    status = status_of(exc)
    return status == 429 or status >= 500 if status is not None else bool(_kinds(exc) & _BROKEN_OFF)


_BROKE_OFF = {
    "reading": "The connection to the Hugging Face Hub broke off while {repo} was being read.",
    "writing": "The connection to the Hugging Face Hub broke off while {repo} was being published.",
}
_TOO_LATE = {
    "reading": "The Hugging Face Hub did not answer in time while {repo} was being read.",
    "writing": "The Hugging Face Hub did not answer in time while {repo} was being published.",
}


def _of_the_way(kinds: set[str], repo: str, doing: Doing, cause: str) -> HubError | None:
    """No answer came, or nothing was sent."""
    if kinds & _BROKEN_OFF:
        title = said(_BROKE_OFF[doing], repo=repo)
        if "TimeoutException" in kinds:
            title = said(_TOO_LATE[doing], repo=repo)
        return HubError(title, AGAIN if doing == "writing" else said("Try again."), cause=cause)
    if "Invalid metadata in README.md" in cause:
        advice = said("Tell the makers of Tunesmith what stands below.")
        return HubError(said("The Hugging Face Hub does not accept the head of the model card."), advice, cause=cause)
    return None


def _of_the_repository(kinds: set[str], repo: str, doing: Doing, cause: str) -> HubError | None:
    if "GatedRepoError" in kinds:
        advice = said(
            "Accept its terms on {page}, sign in on the page “Hub account”, then try again.", page=page_of(repo)
        )
        return HubError(said("{repo} is open only to people who accepted its terms.", repo=repo), advice, cause=cause)
    if "RevisionNotFoundError" in kinds:
        advice = said("Leave the version out to take the newest.")
        return HubError(said("{repo} has no such version.", repo=repo), advice, cause=cause)
    if "HFValidationError" in kinds:
        advice = said("It is an owner, a slash and a name: letters, digits, '-', '_' and '.', such as anna/reviews.")
        return HubError(said("{name} cannot be the name of a repository.", name=repr(repo)), advice, cause=cause)
    if "RepositoryNotFoundError" in kinds:
        spelling = said(
            "Check its spelling. If it is private, sign in on the page “Hub account” as somebody who may see it."
        )
        may_write = said("Check the name of the owner: it must be yours, or that of an organisation of yours.")
        advice = spelling if doing == "reading" else may_write
        title = said("There is no {repo} on the Hugging Face Hub that you may see.", repo=repo)
        return HubError(title, advice, cause=cause)
    return None


def _of_status(status: int | None, exc: BaseException, repo: str, doing: Doing, cause: str) -> HubError | None:
    if status is None:
        return None
    if status == 401:
        advice = said("It may have expired or been deleted: sign in on the page “Hub account” again.")
        return HubError(said("The Hugging Face Hub does not accept the token that was sent."), advice, cause=cause)
    if status == 402:
        reason = redacted(words_of_the_hub(exc))
        advice = said("It says: {reason} See huggingface.co/pricing.", reason=reason or said("nothing more."))
        return HubError(said("The Hugging Face Hub asks for a paid plan for this."), advice, cause=cause)
    if status in (413, 507) or (status == 403 and _NO_ROOM.search(words_of_the_hub(exc))):
        advice = said("Free some there (huggingface.co/settings/storage), or leave checkpoints out.")
        return HubError(said("The Hugging Face Hub has no more room for this account."), advice, cause=cause)
    if status == 403 and doing == "writing":
        advice = said(
            "Use a token that may write to it (sign in on the page “Hub account”), or publish under a name of your own."
        )
        return HubError(said("{repo} may not be written to with this token.", repo=repo), advice, cause=cause)
    if status == 403:
        advice = said("Ask its owner for access, or sign in on the page “Hub account” with a token that has it.")
        return HubError(said("{repo} may not be read with this token.", repo=repo), advice, cause=cause)
    if status in (409, 412):
        advice = said("Somebody else changed it at the same moment. Look at it, then try again.")
        return HubError(said("{repo} was changed on the Hub meanwhile.", repo=repo), advice, cause=cause)
    if status == 429:
        return HubError(said("The Hugging Face Hub was asked too often from here."), _pause(exc), cause=cause)
    if status >= 500:
        advice = said("This is on their side. Try again in a while.")
        return HubError(said("The Hugging Face Hub has a problem."), advice, cause=cause)
    if status >= 400:
        advice = said(
            "It says: {reason}. If that does not help you on, look at {page}.",
            reason=redacted(words_of_the_hub(exc)).rstrip(".") or said("status {number}", number=str(status)),
            page=page_of(repo),
        )
        title = said("The Hugging Face Hub does not accept what was asked for {repo}.", repo=repo)
        return HubError(title, advice, cause=cause)
    return None


def page_of(repo: str, kind: str = "models") -> str:
    """The address of a repository's page. ``kind``: ``models``, ``datasets`` or ``spaces``."""
    from huggingface_hub import constants

    return f"{constants.ENDPOINT}/{'' if kind == 'models' else f'{kind}/'}{repo}"


def retry_after(exc: BaseException) -> float | None:
    """Seconds that the Hub asked to wait, where it did: in ``Retry-After``, or as ``RateLimit: "api";r=0;t=55``."""
    headers = getattr(_response(exc), "headers", None) or {}
    asked = str(headers.get("Retry-After", ""))
    if re.fullmatch(r"\d+(\.\d+)?", asked):
        return float(asked)
    limit = re.search(r"\br=0\b.*\bt=(\d+)", str(headers.get("RateLimit", "")))
    return float(limit[1]) if limit else None


def status_of(exc: BaseException) -> int | None:
    """The status that the Hub answered with, where an answer led to the failure."""
    status = getattr(_response(exc), "status_code", None)
    return status if isinstance(status, int) else None


def _pause(exc: BaseException) -> str:
    seconds = retry_after(exc)
    if seconds is None:
        return said("Wait a few minutes, then try again.")
    if seconds < 90:
        whole = round(seconds)
        return said_many(whole, "Wait {count} second, then try again.", "Wait {count} seconds, then try again.")
    return said("Wait {minutes} minutes, then try again.", minutes=round(seconds / 60))


def _chain(exc: BaseException) -> list[BaseException]:
    """The failure, and what led to it: clients wrap what they tell."""
    found: list[BaseException] = []
    one: BaseException | None = exc
    while one is not None and one not in found:
        found.append(one)
        one = one.__cause__ or one.__context__
    return found


def _kinds(exc: BaseException) -> set[str]:
    return {kind.__name__ for one in _chain(exc) for kind in type(one).__mro__}


def words_of_the_hub(exc: BaseException) -> str:
    """What the Hub itself said; addresses and names, which may hold any word, are no part of it."""
    heard = (getattr(one, "server_message", None) for one in _chain(exc))
    return " ".join(str(words).strip() for words in heard if words)


def _response(exc: BaseException) -> object:
    found = (getattr(one, "response", None) for one in _chain(exc))
    return next((response for response in found if response is not None), None)
