"""Which table is asked for: by files, by the page's address, or by a draft that has one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from pydantic import ValidationError

from core.config import STARTER, SplitConfig, put
from core.data.guess_files import guess_files
from core.data.joined import named_files
from core.data.origins import Origin, origin_of
from core.data_config import HUB, DataConfig
from core.errors import ConfigError
from core.studio import Studio
from ui.languages import tr
from ui.new_run.draft import ANY_TASK, Draft, is_own

SECTIONS = ("reading", "streaming")
NAMES = ("subset", "revision")
PARTS = ("train", "validation", "test")
SAMPLE = "sample/"
MODEL, VERSION = "model", "model_revision"


@dataclass(frozen=True)
class Asked:
    """A table, named but not yet looked at."""

    source: str
    more: Mapping[str, Any] = field(default_factory=dict)
    """As ``Draft.more_data``."""
    split: Mapping[str, str] = field(default_factory=dict)
    """Part to file or split of the Hub. Without any, the table is asked itself."""

    @property
    def is_on_hub(self) -> bool:
        return self.source.startswith(HUB)

    @property
    def is_streamed(self) -> bool:
        return self.more.get("streaming") is not None

    @property
    def data(self) -> DataConfig:
        """The same as a config says it. Raises ``ConfigError`` where that cannot be."""
        try:
            return DataConfig.model_validate({"source": self.source, **self.more, "split": dict(self.split)})
        except ValidationError as exc:
            wrong = str(exc.errors()[0]["msg"]).removeprefix("Value error, ")
            raise ConfigError(tr("This table cannot be had like that."), f"{wrong}.", cause=str(exc)) from exc

    @property
    def plain(self) -> dict[str, Any]:
        """What else of the data was decided, as a draft keeps it."""
        return self.data.model_dump(mode="json", include={*NAMES, *SECTIONS}, exclude_defaults=True)

    @property
    def origin(self) -> Origin:
        """The table to learn from."""
        return origin_of(self.data)

    @property
    def origins(self) -> list[Origin]:
        """The table to learn from, and those to check and to judge by."""
        return [origin for _, origin in named_files(self.data)]


def of_files(sources: Sequence[str], more: Mapping[str, Any] | None = None) -> Asked:
    """Several files are the parts of one table, told apart by their names; raises ``DataError`` when those say nothing.

    ``more`` says how they are read.
    """
    source, split = guess_files(sources)
    named = split.model_dump(include=set(PARTS), exclude_defaults=True) if is_own(split) else {}
    return Asked(source, dict(more or {}), named)


def of_draft(draft: Draft) -> Asked:
    """The table that a draft has."""
    own = draft.proposed_split or SplitConfig()
    split = {} if own.column else {part: getattr(own, part) for part in PARTS if isinstance(getattr(own, part), str)}
    # Chance shares out the rows of one split too, and which one that is is never forgotten.
    if draft.source.startswith(HUB) and (train := draft.split.get("train")):
        split["train"] = train
    return Asked(draft.source, draft.more_data, split)


def of_query(query: Mapping[str, str]) -> Asked | None:
    """The table that a page's address names, or None when it names none. What may be opened is not asked here."""
    source = query.get("source", "")
    if not source:
        return None
    more: dict[str, Any] = {name: query[name] for name in NAMES if query.get(name)}
    for name, value in query.items():
        if name.partition(".")[0] in SECTIONS and "." in name:
            put(more, name, value)
    return Asked(source, more, {part: query[part] for part in PARTS if query.get(part)})


def address(draft: Draft) -> str:
    """Where the page stands again with the same table and the same model, relative to the app."""
    asked = of_draft(draft)
    if not asked.source:
        return "new"
    named = _table_named(asked) | _model_named(draft)
    return f"new?{urlencode(named, safe='/:', quote_via=quote)}"


def of_model(query: Mapping[str, str]) -> Draft:
    """A draft with the model that a page's address names, if it names one. Whether it may be used is not asked here."""
    name = query.get(MODEL, "").strip()
    return Draft(checkpoint=name, revision=query.get(VERSION) or None, chosen_for=ANY_TASK) if name else Draft()


def of_run(studio: Studio, run_id: str) -> Draft:
    """A draft that starts from the model of a run, for the task that it has learned."""
    checkpoint, task = str(studio.model_folder(run_id)), studio.config(run_id).task
    return Draft(checkpoint=checkpoint, task=task, chosen_for=ANY_TASK)


def _table_named(asked: Asked) -> dict[str, str]:
    if asked.source.startswith(SAMPLE) and not asked.more:
        return {"sample": asked.source.removeprefix(SAMPLE)}
    data = asked.data
    named = {name: value for name in NAMES if (value := getattr(data, name))}
    settings = {
        f"{section}.{name}": _said(value)
        for section in SECTIONS
        if (chosen := getattr(data, section)) is not None
        for name, value in chosen.model_dump(mode="json", exclude_none=True).items()
    }
    return {"source": asked.source, **named, **settings, **asked.split}


def _model_named(draft: Draft) -> dict[str, str]:
    """The model, where one was chosen that is not the first choice anyway."""
    if not draft.chosen_for or draft.checkpoint in ("", STARTER):
        return {}
    return {MODEL: draft.checkpoint} | ({VERSION: draft.revision} if draft.revision else {})


def _said(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
