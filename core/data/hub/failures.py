"""What went wrong on the Hub, in words that say what to do."""

from __future__ import annotations

import errno
import re

from core.errors import DataError, StudioError, explain
from core.said import said

OFFLINE_ADVICE = said("Check the connection and try again. What was fetched before can be used without it.")
_BROKEN = {
    "DatasetGenerationError", "ArrowInvalid", "ArrowException", "ArrowTypeError", "ArrowNotImplementedError",
    "ParserError", "EmptyDataError", "UnicodeDecodeError", "JSONDecodeError", "BadZipFile", "BadGzipFile",
    "EOFError", "ArrowKeyError",
}  # fmt: skip
_NETWORK = {"TransportError", "ConnectionError", "TimeoutException", "OfflineModeIsEnabled", "LocalEntryNotFoundError"}


def offline(repo: str = "") -> DataError:
    """There is no way to the Hub now."""
    title = (
        said("{repo} is not on this machine, and the Hugging Face Hub cannot be reached.", repo=repo)
        if repo
        else said("The Hugging Face Hub cannot be reached.")
    )
    return DataError(title, OFFLINE_ADVICE)


def page_of(repo: str) -> str:
    """The address of a dataset's page."""
    from huggingface_hub import constants

    return f"{constants.ENDPOINT}/datasets/{repo}"


def gated_help(repo: str) -> str:
    """What to do to get at a gated dataset."""
    return said(
        "Accept its terms on {page}, then sign in on the page “Hub account” (or with 'hf auth login').",
        page=page_of(repo),
    )


def explained(exc: BaseException, repo: str, revision: str | None = None) -> StudioError:
    """Any failure with a dataset as an error for people. Types are told by name: no library is imported to tell one."""
    if isinstance(exc, StudioError):
        return exc
    kinds, status = _kinds(exc), _status(exc)
    cause = f"{type(exc).__name__}: {exc}".strip()[:2000]
    if "GatedRepoError" in kinds or "is a gated dataset" in cause:
        title = said("{repo} is open only to people who accepted its terms.", repo=repo)
        return DataError(title, gated_help(repo), cause=cause)
    if "RevisionNotFoundError" in kinds:
        advice = said("Leave the revision out to take the newest, or name a branch, a tag or a commit.")
        title = said("{repo} has no revision {revision}.", repo=repo, revision=repr(revision))
        return DataError(title, advice, cause=cause)
    if "Dataset scripts are no longer supported" in cause:
        return script_only(repo, cause)
    if kinds & {"EmptyDatasetError", "DataFilesNotFoundError"}:
        title = said("{repo} has no files that can be read as a table.", repo=repo)
        advice = said(
            "It may hold other things than tables. Choose another dataset, or download a file of it and upload it."
        )
        return DataError(title, advice, cause=cause)
    if kinds & {"RepositoryNotFoundError", "DatasetNotFoundError", "HFValidationError"}:
        title = said("There is no dataset {repo} on the Hugging Face Hub, or it is private.", repo=repo)
        advice = said(
            "Check its spelling: names look like stanfordnlp/imdb. For a private one, sign in on the page “Hub "
            "account” (or with 'hf auth login')."
        )
        return DataError(title, advice, cause=cause)
    return _of_http(repo, status, cause) or _of_the_machine(exc, kinds, repo, cause) or explain(exc)


def script_only(repo: str, cause: str = "") -> DataError:
    """Its tables come out of a program of its author."""
    return DataError(
        said("{repo} is made by a program of its author, which is not run here.", repo=repo),
        said(
            "Programs from strangers can do anything to this machine. Look for a copy of this dataset as Parquet: the "
            "Hub often offers one as the revision refs/convert/parquet."
        ),
        cause=cause,
    )


def broken(repo: str, file: str, cause: str = "") -> DataError:
    """A file came whole, and cannot be read."""
    title = (
        said("{file} of {repo} is damaged or not what it says it is.", file=file, repo=repo)
        if file
        else said("A file of {repo} is damaged or not what it says it is.", repo=repo)
    )
    advice = said("Tell its authors on the dataset's page, or try an earlier revision.")
    return DataError(title, advice, cause=cause)


def is_passing(exc: BaseException) -> bool:
    """Whether it may go well next time: the connection broke, or the Hub was busy."""
    status = _status(exc)
    return bool(_kinds(exc) & _NETWORK) or status == 429 or (status is not None and status >= 500)


def _of_http(repo: str, status: int | None, cause: str) -> DataError | None:
    if status == 401:
        advice = said(
            "It may have expired or been deleted: sign in on the page “Hub account” (or with 'hf auth login') again."
        )
        return DataError(said("The Hugging Face Hub does not accept the token that was sent."), advice, cause=cause)
    if status == 429:
        advice = said(
            "Wait a few minutes and try again; people who sign in on the page “Hub account” (or with 'hf auth login') "
            "may ask more often."
        )
        return DataError(said("The Hugging Face Hub was asked too often from here."), advice, cause=cause)
    if status is not None and status >= 500:
        advice = said("This is on their side. Try again in a while.")
        return DataError(said("The Hugging Face Hub has a problem."), advice, cause=cause)
    return None


def _of_the_machine(exc: BaseException, kinds: set[str], repo: str, cause: str) -> DataError | None:
    full = isinstance(exc, OSError) and exc.errno in (errno.ENOSPC, errno.EDQUOT)
    if full or "no space left on device" in cause.lower():
        advice = said("Free space on the disk and try again: what was fetched so far is kept and taken up.")
        return DataError(said("The disk is full: {repo} could not be kept.", repo=repo), advice, cause=cause)
    if kinds & _NETWORK:
        title = said("The connection to the Hugging Face Hub broke off while {repo} was read.", repo=repo)
        return DataError(title, OFFLINE_ADVICE)
    if "CastError" in kinds or re.search(
        r"Couldn't cast|column names don't match|Failed to parse string|changed from", cause
    ):
        title = said("The files of {repo} do not have the same columns or kinds of values.", repo=repo)
        advice = said(
            "Tell its authors on the dataset's page, or download its files and join them with the same columns."
        )
        return DataError(title, advice, cause=cause)
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
