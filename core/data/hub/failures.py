"""What went wrong on the Hub, in words that say what to do."""

from __future__ import annotations

import errno
import re

from core.errors import DataError, StudioError, explain

OFFLINE_ADVICE = "Check the connection and try again. What was fetched before can be used without it."
LOG_IN = "sign in on the page “Hub account” (or with 'hf auth login')"
_BROKEN = {
    "DatasetGenerationError", "ArrowInvalid", "ArrowException", "ArrowTypeError", "ArrowNotImplementedError",
    "ParserError", "EmptyDataError", "UnicodeDecodeError", "JSONDecodeError", "BadZipFile", "BadGzipFile",
    "EOFError", "ArrowKeyError",
}  # fmt: skip
_NETWORK = {"TransportError", "ConnectionError", "TimeoutException", "OfflineModeIsEnabled", "LocalEntryNotFoundError"}


def offline(repo: str = "") -> DataError:
    """There is no way to the Hub now."""
    title = "The Hugging Face Hub cannot be reached."
    if repo:
        title = f"{repo} is not on this machine, and the Hugging Face Hub cannot be reached."
    return DataError(title, OFFLINE_ADVICE)


def page_of(repo: str) -> str:
    """The address of a dataset's page."""
    from huggingface_hub import constants

    return f"{constants.ENDPOINT}/datasets/{repo}"


def gated_help(repo: str) -> str:
    """What to do to get at a gated dataset."""
    return f"Accept its terms on {page_of(repo)}, then {LOG_IN}."


def explained(exc: BaseException, repo: str, revision: str | None = None) -> StudioError:
    """Any failure with a dataset as an error for people. Types are told by name: no library is imported to tell one."""
    if isinstance(exc, StudioError):
        return exc
    kinds, status = _kinds(exc), _status(exc)
    cause = f"{type(exc).__name__}: {exc}".strip()[:2000]
    if "GatedRepoError" in kinds or "is a gated dataset" in cause:
        title = f"{repo} is open only to people who accepted its terms."
        return DataError(title, gated_help(repo), cause=cause)
    if "RevisionNotFoundError" in kinds:
        advice = "Leave the revision out to take the newest, or name a branch, a tag or a commit."
        return DataError(f"{repo} has no revision {revision!r}.", advice, cause=cause)
    if "Dataset scripts are no longer supported" in cause:
        return script_only(repo, cause)
    if kinds & {"EmptyDatasetError", "DataFilesNotFoundError"}:
        advice = "It may hold other things than tables. Choose another dataset, or download a file of it and upload it."
        return DataError(f"{repo} has no files that can be read as a table.", advice, cause=cause)
    if kinds & {"RepositoryNotFoundError", "DatasetNotFoundError", "HFValidationError"}:
        advice = f"Check its spelling: names look like stanfordnlp/imdb. For a private one, {LOG_IN}."
        return DataError(f"There is no dataset {repo} on the Hugging Face Hub, or it is private.", advice, cause=cause)
    return _of_http(repo, status, cause) or _of_the_machine(exc, kinds, repo, cause) or explain(exc)


def script_only(repo: str, cause: str = "") -> DataError:
    """Its tables come out of a program of its author."""
    return DataError(
        f"{repo} is made by a program of its author, which is not run here.",
        "Programs from strangers can do anything to this machine. Look for a copy of this dataset as Parquet: the Hub "
        "often offers one as the revision refs/convert/parquet.",
        cause=cause,
    )


def broken(repo: str, file: str, cause: str = "") -> DataError:
    """A file came whole, and cannot be read."""
    where = f"{file} of {repo}" if file else f"A file of {repo}"
    advice = "Tell its authors on the dataset's page, or try an earlier revision."
    return DataError(f"{where} is damaged or not what it says it is.", advice, cause=cause)


def is_passing(exc: BaseException) -> bool:
    """Whether it may go well next time: the connection broke, or the Hub was busy."""
    status = _status(exc)
    return bool(_kinds(exc) & _NETWORK) or status == 429 or (status is not None and status >= 500)


def _of_http(repo: str, status: int | None, cause: str) -> DataError | None:
    if status == 401:
        advice = f"It may have expired or been deleted: {LOG_IN} again."
        return DataError("The Hugging Face Hub does not accept the token that was sent.", advice, cause=cause)
    if status == 429:
        advice = f"Wait a few minutes and try again; people who {LOG_IN} may ask more often."
        return DataError("The Hugging Face Hub was asked too often from here.", advice, cause=cause)
    if status is not None and status >= 500:
        advice = "This is on their side. Try again in a while."
        return DataError("The Hugging Face Hub has a problem.", advice, cause=cause)
    return None


def _of_the_machine(exc: BaseException, kinds: set[str], repo: str, cause: str) -> DataError | None:
    full = isinstance(exc, OSError) and exc.errno in (errno.ENOSPC, errno.EDQUOT)
    if full or "no space left on device" in cause.lower():
        advice = "Free space on the disk and try again: what was fetched so far is kept and taken up."
        return DataError(f"The disk is full: {repo} could not be kept.", advice, cause=cause)
    if kinds & _NETWORK:
        return DataError(f"The connection to the Hugging Face Hub broke off while {repo} was read.", OFFLINE_ADVICE)
    if "CastError" in kinds or re.search(
        r"Couldn't cast|column names don't match|Failed to parse string|changed from", cause
    ):
        advice = "Tell its authors on the dataset's page, or download its files and join them with the same columns."
        return DataError(f"The files of {repo} do not have the same columns or kinds of values.", advice, cause=cause)
    if kinds & _BROKEN or re.search(r"CSV parse|Parquet magic|parse json", cause):
        return broken(repo, "", cause)
    return None


def _kinds(exc: BaseException) -> set[str]:
    """The names of what it is, and of what led to it."""
    kinds: set[str] = set()
    one: BaseException | None = exc
    while one is not None:
        kinds |= {kind.__name__ for kind in type(one).__mro__}
        one = one.__cause__
    return kinds


def _status(exc: BaseException) -> int | None:
    status = getattr(getattr(exc, "response", None), "status_code", None)
    return status if isinstance(status, int) else None
