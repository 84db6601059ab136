"""What is asked of the Hub about one rented machine: to have it, how it stands, to give it back. And the private
repository that goes with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from core.errors import HubError, StudioError
from core.hub import failures
from core.hub.failures import status_of, words_of_the_hub
from core.hub.identity import to_send
from core.jobs.parcel import Piece
from core.jobs.record import Job
from core.redaction import redacted
from core.said import said, together

IMAGE = "ghcr.io/astral-sh/uv:python3.11-bookworm"
LABEL = "tunesmith-run"
PAGE = "huggingface.co/settings/jobs"


class Renting:
    """The Hub, asked about one Job. Failures come as the clients raise them: see ``explained``."""

    def __init__(self) -> None:
        from huggingface_hub import HfApi

        self.api = HfApi()

    def repository(self, repo: str) -> dict[str, Any]:
        """How the client names a repository, and as whom it is asked."""
        return {"repo_id": repo, "repo_type": "dataset", "token": to_send()}

    def make_private(self, repo: str) -> None:
        """Make a new repository, and see that nobody else can look into it before anything is sent there.

        One that is there already is never used: somebody may have opened it.
        """
        self.api.create_repo(**self.repository(repo), private=True, exist_ok=False)
        self.need_private(repo)

    def need_private(self, repo: str) -> None:
        """Raise ``HubError`` where others could see what is sent."""
        if self.api.repo_info(**self.repository(repo)).private is not True:
            advice = said(
                "Nothing was sent. Make repositories private in the settings of that account, then try again."
            )
            raise HubError(said("{repo} was made, and is not private.", repo=repo), advice)

    def send(self, repo: str, pieces: Sequence[Piece]) -> str:
        """Put the parcel into it, in one commit; returns that."""
        from huggingface_hub import CommitOperationAdd

        self.need_private(repo)
        operations = [
            CommitOperationAdd(one.name, str(one.content) if isinstance(one.content, Path) else one.content)
            for one in pieces
        ]
        words = "What goes along with a run"
        made = self.api.create_commit(**self.repository(repo), operations=operations, commit_message=words)
        return str(made.oid)

    def hand_on(self, repo: str, order: str) -> None:
        """Ask something of the run on the machine, which looks there every few seconds."""
        self.api.upload_file(
            **self.repository(repo),
            path_or_fileobj=b"asked for\n",
            path_in_repo=f"orders/{order}",
            commit_message=f"Ask: {order}",
        )

    def has_results(self, repo: str) -> str:
        """The commit in which what was made lies; empty where it has not come."""
        from core.jobs.results import MANIFEST

        about = self.api.repo_info(**self.repository(repo))
        there = self.api.file_exists(repo, MANIFEST, repo_type="dataset", revision=about.sha, token=to_send())
        return str(about.sha) if there else ""

    def delete_repository(self, repo: str) -> None:
        """Delete it for good; one that is gone already is fine."""
        self.api.delete_repo(**self.repository(repo), missing_ok=True)

    def rent(self, job: Job, commit: str, token: str) -> Any:
        """Ask for the machine: from here on it costs. The token goes as a secret, which the Hub shows to nobody."""
        return self.api.run_job(
            image=IMAGE,
            command=command(),
            env={
                "TUNESMITH_REPO": job.repo,
                "TUNESMITH_COMMIT": commit,
                "TUNESMITH_SECONDS": str(round(job.limit)),
            },
            secrets={"HF_TOKEN": token},
            flavor=job.hardware,
            timeout=round(job.limit),
            name="tunesmith",
            labels={LABEL: job.mark},
            namespace=job.namespace,
            token=to_send(),
        )

    def found(self, job: Job) -> Any | None:
        """The Job that bears this mark, as the Hub has it; None where it has none."""
        wanted: dict[str, Any] = {"labels": {LABEL: job.mark}, "namespace": job.namespace, "token": to_send()}
        # The mark is looked at here too: an answer to another question must never be taken for ours.
        return next((one for one in self.api.list_jobs(**wanted) if (one.labels or {}).get(LABEL) == job.mark), None)

    def inspect(self, job: Job) -> Any:
        """How it stands."""
        return self.api.inspect_job(job_id=job.id, namespace=job.namespace, token=to_send())

    def cancel(self, job: Job) -> None:
        """Have the machine taken away at once."""
        self.api.cancel_job(job_id=job.id, namespace=job.namespace, token=to_send())

    def output(self, job: Job) -> Iterator[str]:
        """What it prints, from its first line on, until it ends or the stream breaks off."""
        yield from self.api.fetch_job_logs(job_id=job.id, namespace=job.namespace, follow=True, token=to_send())


def command() -> list[str]:
    """What the machine is told to do first: ``core.jobs.boot``, with the one package that it takes."""
    from huggingface_hub import __version__

    boot = (Path(__file__).parent / "boot.py").read_text(encoding="utf-8")
    return ["uv", "run", "--no-project", "--with", f"huggingface_hub=={__version__}", "python", "-c", boot]


def explained(exc: Exception) -> StudioError:
    """Why the Hub rents out no machine, or does not say how it stands, in words."""
    status, reason = status_of(exc), redacted(words_of_the_hub(exc)).strip()
    cause, hub_says = f"{type(exc).__name__}: {exc}", said("It says: {reason}", reason=reason) if reason else ""
    if status == 402:
        title = said("The Hub rents out machines for credit or a paid plan only.")
        advice = said("Add credit or a plan on huggingface.co/settings/billing, or train on this machine.")
    elif status == 403:
        title = said("This token may not rent machines there.")
        advice = said(
            "Use a token that may run Jobs: sign in on the page “Hub account”, or name another account that pays."
        )
    elif status == 429:
        title = said("The Hub rents out no more machines to this account now.")
        advice = said("Wait until another Job has ended ({page}), or ask for a higher limit there.", page=PAGE)
    elif status in (400, 422):
        title = said("The Hub does not rent out such a machine.")
        advice = said("Choose another machine, or another time limit.")
    else:
        return failures.explained(exc, said("how the rented machine stands"))
    return HubError(title, together(hub_says, advice), cause=cause)
