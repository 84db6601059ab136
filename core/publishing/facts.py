"""Everything that a model card is written from, gathered once: what a run's folder says, and its base model.

No row of somebody's table is among it, on purpose: what a card shows, everybody sees. The examples in ``report.json``
are looked at for their language alone.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

from core import events
from core.config import RunConfig
from core.data.types import Target
from core.data_config import HUB
from core.evaluation.sections import Judgement, judged
from core.judging.readings.overlap import without_words
from core.models import manual
from core.models.adapted import is_adapted
from core.models.manual import Manual
from core.publishing.base_model import HUB_PAGE, Base, base_of
from core.publishing.restarts import since_last_restart
from core.runs import Run
from core.tasks import TASKS
from core.tasks.base import Task
from core.versions import versions

Version = Literal["best", "last"]
_ENOUGH = 2
"""So many texts must be in a language before it is named."""


@dataclass(frozen=True)
class Facts:
    """What is known of a run when its card is written."""

    run: Run
    repo: str
    """``owner/name``; empty while it is not decided."""
    version: Version
    """``last`` is the model of the newest checkpoint, which nobody has judged."""
    config: RunConfig
    task: Task
    base: Base
    report: Mapping[str, Any]
    """Empty where the model was not judged."""
    manual: Manual | None
    happened: tuple[events.Event, ...]
    """What counts of a run that was taken up again."""
    languages: tuple[str, ...]
    """Codes (ISO 639-1) of the texts, where they can be told."""

    @property
    def title(self) -> str:
        return self.repo.partition("/")[2] or self.run.name

    @property
    def is_adapter(self) -> bool:
        """Whether it was kept as an adapter alone, without the weights that it lies upon."""
        return is_adapted(self.run.model_path)

    @property
    def judgement(self) -> Judgement:
        """The one that counts; empty where there is none."""
        return judged(self.report)[0]

    @property
    def part(self) -> str:
        """The part of the table that it was judged on, in a word."""
        return "test" if judged(self.report)[1] else "validation"

    @property
    def target(self) -> Target:
        """What it learned to answer. Without a manual, the classes alone, as the report has them."""
        if self.manual is not None:
            return self.manual.target
        labels = tuple(self.report.get("labels") or ())
        return Target(labels, (0,) * len(labels))

    @property
    def dataset(self) -> str:
        """``owner/name`` of a Hub dataset; empty for a table of one's own."""
        source = self.config.data.source
        return source.removeprefix(HUB) if source.startswith(HUB) else ""

    @property
    def dataset_page(self) -> str:
        """Its address on the Hub, whatever somebody wrote for its name."""
        return f"{HUB_PAGE}datasets/{quote(self.dataset)}"

    @property
    def max_length(self) -> int:
        """Tokens that it reads at once."""
        known = self.manual.max_length if self.manual else self.report.get("max_length")
        return int(known or self.config.training.max_length)

    @property
    def has_script(self) -> bool:
        """Whether the training stands beside the model as a program of its own."""
        from core.script.export import has_script

        return has_script(self.run)

    @property
    def versions(self) -> Mapping[str, str]:
        """Of the packages that trained it."""
        started = [event.versions for event in self.happened if isinstance(event, events.Started) and event.versions]
        found: Mapping[str, str] = self.report.get("versions") or (started[-1] if started else versions())
        return found

    @property
    def tunesmith(self) -> str:
        return self.versions.get("tunesmith") or versions()["tunesmith"]

    @property
    def notices(self) -> tuple[events.Noticed, ...]:
        """What was said to people while it trained."""
        return tuple(event for event in self.happened if isinstance(event, events.Noticed))

    @property
    def warnings(self) -> tuple[str, ...]:
        """What people were warned of while it trained, each once. Titles alone."""
        return tuple(dict.fromkeys(one.title for one in self.notices if one.level == "warning"))

    @property
    def planned(self) -> events.Planned | None:
        return next((event for event in reversed(self.happened) if isinstance(event, events.Planned)), None)


def facts_of(run: Run, repo: str, version: Version = "best") -> Facts:
    """Read the run's folder. No network is used."""
    config = run.config
    report = (run.report or {}) if version == "best" else {}
    report = {**report, "verdict": without_words(report)} if report else {}
    task = TASKS[config.task]
    return Facts(
        run=run,
        repo=repo,
        version=version,
        config=config,
        task=task,
        base=base_of(config.model),
        report=report,
        manual=manual.read(run.model_path),
        happened=tuple(since_last_restart(events.read(run.events_path)[0])),
        languages=_languages(task, run.report or {}),
    )


def _languages(task: Task, report: Mapping[str, Any]) -> tuple[str, ...]:
    """The languages of the texts that the report keeps, what was asked before what was answered."""
    return tuple(dict.fromkeys(code for texts in _texts(task, report).values() for code in _told_by(texts)))


def _told_by(texts: Sequence[str]) -> list[str]:
    from core.data.check.language_names import NAMES
    from core.data.check.languages import language_of

    found = Counter(filter(None, map(language_of, texts)))
    sure = [language for language, count in found.most_common() if count >= _ENOUGH]
    if not sure and len(texts) >= _ENOUGH:  # short texts do not tell one by one
        sure = [language_of(" ".join(texts))]
    return [language for language in sure if language in NAMES]


def _texts(task: Task, report: Mapping[str, Any]) -> Mapping[str, list[str]]:
    """By role, and the answers as the table has them."""
    chats = {role.name for role in task.asked if role.kind == "chat"}
    found: dict[str, list[str]] = defaultdict(list)
    for example in report.get("examples") or ():
        for role, text in example.items():
            found[role] += [str(turn["content"]) for turn in json.loads(text)] if role in chats else [text]
    for record in judged(report)[0].get("samples") or ():
        found["wanted"] += filter(None, (record.get("reference"), record.get("target")))
    return found
