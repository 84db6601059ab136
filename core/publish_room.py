"""The part of the one door that leads out: publishing a model, taking it home, using it from a program."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

from core import runs
from core.errors import StudioError
from core.people import audit
from core.publishing.standing import Standing
from core.publishing.types import Item, Kind, Publication, Published, Publishing
from core.usage.types import Snippet

Version = Literal["best", "last"]


class PublishRoom:
    """What may be asked about letting a model out of its run's folder. A failure never touches the model."""

    def publish(self, run_id: str, wanted: Publishing) -> None:
        """Begin to publish, in the background, as whoever is asking now; ``publication`` says how far it is.

        Raises ``HubError`` or ``RunError`` when it cannot begin: nobody is signed in, no model, one is going on.
        """
        from core.publishing.publications import PUBLICATIONS

        PUBLICATIONS.begin(runs.find(run_id), wanted)
        audit.note("published", run_id, f"to {wanted.repo}")

    def publication(self, run_id: str) -> Publication | None:
        """The newest attempt since the app was started, going on or over; None where there was none."""
        from core.publishing.publications import PUBLICATIONS

        return PUBLICATIONS.of(run_id)

    def cancel_publication(self, run_id: str) -> None:
        """End the attempt that is going on. What has come to the Hub so far is taken up by the next."""
        from core.publishing.publications import PUBLICATIONS

        PUBLICATIONS.cancel(run_id)

    def published(self, run_id: str) -> list[Published]:
        """Where this run stands on the Hub, newest first."""
        from core.publishing.record import published

        return published(runs.find(run_id))

    def lasting(self, run_id: str) -> tuple[str, ...]:
        """What can go up beside the best model now: ``last``, and those of ``types.EXTRAS`` that are there."""
        from core.publishing.package import available

        return available(runs.find(run_id))

    def standing(self, repo: str, kind: Kind = "model") -> Standing | None:
        """What is on the Hub under this name, as far as whoever asks may see it. Raises ``HubError`` within seconds."""
        from core.publishing.standing import standing

        return standing(repo, kind)

    def hub_page(self, url: str, repo: str, kind: Kind) -> str:
        """``url`` where it is the page of this repository on the Hub or one below it; else an empty text."""
        from core.publishing.standing import safe_page

        return safe_page(url, repo, kind)

    def going_up(self, run_id: str, wanted: Publishing) -> list[Item]:
        """The files that would be published now, but for an ONNX copy: that is made only then."""
        from core.publishing.package import items_of

        include = tuple(extra for extra in wanted.include if extra != "onnx")
        return items_of(runs.find(run_id), replace(wanted, include=include))

    def card(self, run_id: str, repo: str = "", version: Version = "best") -> str:
        """The model card, as it will stand in README.md. ``repo`` is where the model will be found."""
        from core.publishing.card import card_of

        return card_of(runs.find(run_id), repo, version)

    def snippets(self, run_id: str, repo: str = "", is_private: bool = True) -> list[Snippet]:
        """How to use the model from a program: from the Hub where ``repo`` is given, else from its folder."""
        from core.usage.snippets import snippets

        return snippets(runs.find(run_id), repo, is_private)

    def take_home(self, run_id: str) -> Iterator[bytes]:
        """A zip of the model with its card and example code, piece by piece as it is made."""
        from core.publishing.zipped import zipped

        return zipped(runs.find(run_id))

    def has_script(self, run_id: str) -> bool:
        """Whether the run can be taken away as a program of its own."""
        from core.script.export import has_script

        return has_script(runs.find(run_id))

    def write_script(self, run_id: str, folder: Path) -> list[Path]:
        """Put the run's program, the rows it learns from and what it takes to run it into ``folder``: the files.

        Raises ``RunError`` where it has none, ``DataError`` where its table cannot be read any more.
        """
        from core.script.export import write

        return write(runs.find(run_id), folder)

    def take_script(self, run_id: str) -> Iterator[bytes]:
        """The same as a zip, piece by piece as it is made."""
        from core.script.export import zipped

        return zipped(runs.find(run_id))

    def export_onnx(self, run_id: str, progress: Callable[[float, str], None] | None = None) -> Path:
        """The folder of an ONNX copy of the model, once it was checked to answer as the model does.

        Raises ``StudioError`` when the packages for it are missing, the task cannot be exported, or answers differ.
        """
        from core.publishing.onnx import export

        return export(runs.find(run_id), progress)

    def has_onnx(self, run_id: str) -> bool:
        """Whether there is an ONNX copy of the model as it is now."""
        from core.publishing.onnx import is_current

        return is_current(runs.find(run_id))

    def why_no_onnx(self, run_id: str) -> StudioError | None:
        """Why no ONNX copy can be made here, and what to do; None where it can be tried."""
        from core.publishing.onnx import why_not

        return why_not(runs.find(run_id))
