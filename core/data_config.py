"""What to learn from, as a config says it: where the table is, how it is read, changed and shared out."""

from __future__ import annotations

import codecs
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from core.data.steps import AnyStep
from core.schema import Setting, Settings

HEAD_ROWS = 10_000
HUB = "hf://datasets/"
"""How the source of a Hub dataset begins, as everywhere with the Hub's own clients: ``hf://datasets/owner/name``."""


class SplitConfig(Settings):
    """How rows are shared out: to learn from, to check while learning, and to judge at the end.

    ``validation`` and ``test`` are a share of the rows (0.1), or a name: of a value in ``column``, of another file, or
    of a split of a Hub dataset, where ``train`` names one too. With ``time``, a column of dates, shares are not drawn
    by chance: the newest rows are kept aside. ``keep_together`` says which rows never part by chance.
    """

    column: str | None = None
    train: str | None = None
    validation: float | str = 0.1
    test: float | str = 0.1
    seed: int = Field(42, ge=0, le=2**32 - 1)
    time: str | None = None
    keep_together: Literal["same", "similar"] = "same"

    @model_validator(mode="after")
    def _shares_leave_something(self) -> Self:
        shares = [share for share in (self.validation, self.test) if isinstance(share, float | int)]
        if any(not 0 < share < 1 for share in shares) or sum(shares) > 0.9:
            raise ValueError("shares must be above 0, and leave at least a tenth of the rows to learn from")
        return self


class ReadingConfig(Settings):
    """How a file is read, where that should not be as its content says."""

    delimiter: Annotated[
        Literal["comma", "semicolon", "tab", "vertical bar"] | None,
        Setting("Between cells", "What stands between two cells of a row."),
    ] = None
    quotes: Annotated[
        bool | None,
        Setting("Quote marks", "Whether a text in double quotes is one cell, whatever stands in it."),
    ] = None
    encoding: Annotated[
        str | None,
        Setting("Encoding", "Which letters the bytes of the file stand for, such as utf-8 or cp1252."),
    ] = None
    header: Annotated[
        bool | None,
        Setting("First row", "Whether the first row holds the names of the columns."),
    ] = None
    sheet: Annotated[
        str | None,
        Setting("Sheet", "Which sheet of a workbook is read."),
    ] = None

    @field_validator("encoding")
    @classmethod
    def _encoding_is_known(cls, name: str | None) -> str | None:
        if name is None:
            return None
        try:
            return codecs.lookup(name).name
        except LookupError as exc:
            raise ValueError(f"{name} is no encoding that Python knows, such as utf-8, cp1252 or utf-16") from exc

    @property
    def is_detected(self) -> bool:
        """Whether everything is as the file's content says."""
        return self == ReadingConfig()


class StreamingConfig(Settings):
    """Learning from a Hub dataset that never comes whole to this disk: rows are read as they are needed."""

    max_steps: Annotated[
        int,
        Setting("Steps", "How many corrections are made in all. A stream has no end to count epochs by.", unit="steps"),
    ] = Field(1000, ge=1, le=100_000_000)
    shuffle_buffer: Annotated[
        int,
        Setting(
            "Shuffle buffer",
            "So many rows are held back and drawn from by chance. More is fairer and takes more memory.",
            unit="rows",
        ),
    ] = Field(10_000, ge=1, le=10_000_000)
    evaluation_rows: Annotated[
        int,
        Setting(
            "Rows to judge by",
            "So many rows are read beforehand for each of the two parts that are kept aside.",
            unit="rows",
        ),
    ] = Field(1000, ge=10, le=1_000_000)

    @property
    def head_rows(self) -> int:
        """The first rows of the stream, which are looked at before anything is learned: classes are known by them, and
        rows to judge by are taken from them.
        """
        return max(HEAD_ROWS, 4 * self.evaluation_rows)


class DataConfig(Settings):
    """Where the table comes from, how it is read and changed, and which column plays which role.

    ``source`` is ``sample/<id>``, a path, or ``hf://datasets/<id>``; ``subset`` (which ``datasets`` calls the config
    name), ``revision`` and ``streaming`` belong to the last.
    """

    source: str = Field(min_length=1)
    subset: str | None = None
    revision: str | None = None
    streaming: StreamingConfig | None = None
    reading: ReadingConfig = ReadingConfig()
    columns: dict[str, str | tuple[str, ...]] = Field(default_factory=dict)
    """Role to column. A role that many columns may play takes a list."""
    steps: tuple[AnyStep, ...] = ()
    """Changes of the table, made in this order each time it is read. The file itself stays as it is."""
    split: SplitConfig = SplitConfig()

    @model_validator(mode="after")
    def _fits_its_source(self) -> Self:
        if self.source.startswith(HUB):
            return self
        for name in ("subset", "revision", "streaming"):
            if getattr(self, name) is not None:
                raise ValueError(f"{name} is for a dataset of the Hub: a source that begins with {HUB}")
        return self
