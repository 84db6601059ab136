"""What a person has decided so far on the way to a new run: small, frozen, and testable without a browser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from core.config import STARTER, RunConfig, SplitConfig
from core.data.columns import Columns, names, several
from core.data.types import Guess, Preview
from core.data_config import HUB
from core.said import in_a_row, said
from core.suggest import Suggestion
from core.tasks import TASKS
from core.tasks.base import Role
from core.tasks.needs import ways_in_words
from core.watch_config import Sentence
from ui.forms import OPTIONS, Values, config_from, problems, values_from
from ui.languages import told, tr

NAMED = ("column", "train", "validation", "test")
"""What of a split may be the table's own."""
ANY_TASK = "*"
"""Of a model that the page's address names, whatever the task will be."""
WATCHED = "watch.sentences"
LIKELY = 0.3
"""A guess below this is made for want of something better."""


@dataclass(frozen=True)
class Draft:
    """The choices of one visitor. It never holds the table, only the names of its columns."""

    source: str = ""
    title: str = ""
    """How the table is called on screen."""
    headers: tuple[str, ...] = ()
    guesses: tuple[Guess, ...] = ()
    task: str = ""
    columns: Columns = field(default_factory=dict)
    """Role to column; of a role that several columns may play, a tuple of columns."""
    split: Mapping[str, Any] = field(default_factory=dict)
    """As in ``SplitConfig``, not yet validated; what is left out has its default."""
    more_data: Mapping[str, Any] = field(default_factory=dict)
    """What else of ``DataConfig`` was decided, in plain data: ``subset``, ``revision``, ``streaming``, ``reading``."""
    steps: tuple[Mapping[str, Any], ...] = ()
    """Changes of the table, in plain data, in their order."""
    past: tuple[Any, ...] = ()
    """How the draft stood before each thing that was done in the step Check (see ``look.changes``)."""
    proposed_split: SplitConfig | None = None
    """The table's own split, where it has one."""
    checkpoint: str = STARTER
    revision: str | None = None
    chosen_for: str = ""
    """The task for which the model was chosen, or ``ANY_TASK``; another task may start from another one."""
    metrics: tuple[str, ...] = ()
    """Further metrics of a run that is used again."""
    values: Values = field(default_factory=dict)
    """What stands in the settings form; empty until it was shown."""
    suggested: Values = field(default_factory=dict)
    """What was suggested there. A setting that still equals its suggestion follows the next suggestion."""
    preset: str = ""
    """The preset that was chosen last, if any."""
    before_preset: Values = field(default_factory=dict)
    """What stood in the settings that it changed."""
    adjusted: tuple[Suggestion, ...] = ()
    """What it changed, and why."""
    watch: tuple[Sentence, ...] = ()
    """Sentences to watch, as they were written; see ``why_not_watched``."""
    run_id: str = ""
    """The run that was started from this draft."""

    @staticmethod
    def of(config: RunConfig) -> Draft:
        """A draft that says what a finished config says: every setting counts as chosen."""
        return Draft(
            source=config.data.source,
            task=config.task,
            columns=dict(config.data.columns),
            more_data=config.data.model_dump(
                mode="json", include={"subset", "revision", "streaming", "reading"}, exclude_defaults=True
            ),
            steps=tuple(step.model_dump(mode="json") for step in config.data.steps),
            split=config.data.split.model_dump(mode="json"),
            checkpoint=config.model.checkpoint,
            revision=config.model.revision,
            chosen_for=config.task,
            metrics=config.evaluation.metrics,
            watch=config.watch.sentences,
            values=values_from(config),
        )

    def with_data(
        self,
        preview: Preview,
        guesses: Sequence[Guess],
        split: SplitConfig,
        more_data: Mapping[str, Any] | None = None,
    ) -> Draft:
        """Take a table and its own split. What was chosen before stays where it fits; the rest is as guessed.

        ``split`` names a column, files or splits of the Hub where the table has a split of its own; otherwise it only
        holds shares. ``more_data`` is as in the draft.
        """
        more = dict(more_data or {})
        headers = tuple(column.name for column in preview.columns)
        draft = replace(
            self,
            source=preview.source,
            title=preview.title,
            headers=headers,
            guesses=tuple(guesses),
            proposed_split=split if is_own(split) else None,
            more_data=more,
            run_id="",
        )
        same = self.source == preview.source and _rows_of(self.more_data) == _rows_of(more)
        if same and self.columns and set(names(self.columns)) <= set(headers):
            own = SplitConfig.model_validate({part: name for part in NAMED if (name := self._named(part))})
            return replace(draft, proposed_split=own) if is_own(own) else draft
        best = guesses[0].task if guesses else next(iter(TASKS))
        if not self.headers and self.guess_among(guesses, self.task):
            best = self.task  # a file of settings said so, and no table was looked at yet
        # They were made for another table; what a preset changed counts as chosen from now on.
        draft = replace(draft, steps=(), past=(), split={}, preset="", before_preset={}, adjusted=())
        return draft.with_task(best).with_split(split.model_dump(mode="json"))

    def with_task(self, task: str) -> Draft:
        """Change the task: its roles are filled by the guess for it, if there is one; options belong to their task."""
        guess = self.guess_for(task)
        draft = replace(self, task=task, columns=dict(guess.columns) if guess else {})
        if task == self.task:
            return draft
        return replace(draft, values=_without_options(self.values), suggested=_without_options(self.suggested))

    def with_column(self, role: str, column: str | Sequence[str] | None) -> Draft:
        """Give a role to a column, to several, or to none."""
        columns = {name: chosen for name, chosen in self.columns.items() if name != role}
        chosen = column if isinstance(column, str) else tuple(column or ())
        return replace(self, columns=columns | ({role: chosen} if chosen else {}))

    def with_step(self, *steps: Mapping[str, Any]) -> Draft:
        """One or more changes of the table after those there are."""
        return replace(self, steps=(*self.steps, *steps), run_id="")

    def without_step(self, place: int = -1) -> Draft:
        """Take back the step at a place, by default the last one."""
        kept = list(self.steps)
        del kept[place]
        return replace(self, steps=tuple(kept), run_id="")

    def with_split(self, split: Mapping[str, Any]) -> Draft:
        """Share out the rows otherwise. The split of a Hub dataset that is learned from stays the same."""
        train = {"train": self.split["train"]} if self.source.startswith(HUB) and self.split.get("train") else {}
        return replace(self, split=train | dict(split))

    def with_checkpoint(self, checkpoint: str) -> Draft:
        """Start from another model. A revision belongs to the model it was given for."""
        checkpoint = checkpoint.strip()
        revision = self.revision if checkpoint == self.checkpoint else None
        return replace(self, checkpoint=checkpoint, revision=revision, chosen_for=self.task)

    @property
    def has_chosen_model(self) -> bool:
        """Whether somebody has chosen a model for the task."""
        return self.chosen_for in (self.task, ANY_TASK)

    def with_settings(self, values: Values) -> Draft:
        """Take what stands in the form."""
        return replace(self, values=dict(values))

    def with_watch(self, lines: str) -> Draft:
        """Take other sentences to watch, one a line."""
        return replace(self, watch=tuple(line.strip() for line in lines.splitlines() if line.strip()))

    @property
    def why_not_watched(self) -> str:
        """Why the sentences cannot be watched, or an empty text. Such sentences stay out of the config."""
        plain = {**self._data(), "watch": {"sentences": self.watch}}
        return problems(plain).get(WATCHED, "") if self.watch else ""

    def with_suggestions(self, config: RunConfig) -> Draft:
        """Take a config completed without this form's values; settings that a person changed stay as they are."""
        suggested = values_from(config)
        return replace(self, values=suggested | self.chosen, suggested=suggested)

    def reset(self) -> Draft:
        """All settings as suggested, except the name: that is nobody's to suggest."""
        draft = replace(self, preset="", before_preset={}, adjusted=())
        return replace(draft, values=self.suggested | {"name": self.values.get("name", "")})

    def with_preset(self, preset: str, changes: Sequence[Suggestion]) -> Draft:
        """Make the changes of a preset, in place of those of an earlier one."""
        before = {one.path: self.values[one.path] for one in changes}
        values = self.values | {one.path: one.value for one in changes}
        return replace(self, values=values, preset=preset, before_preset=before, adjusted=tuple(changes))

    def without_preset(self) -> Draft:
        """Take the changes of the preset back, those that nobody has changed since."""
        untouched = {one.path for one in self.adjusted if self.values.get(one.path) == one.value}
        before = {path: value for path, value in self.before_preset.items() if path in untouched}
        return replace(self, values=self.values | before, preset="", before_preset={}, adjusted=())

    def _named(self, part: str) -> str | None:
        name = self.split.get(part)
        return name if isinstance(name, str) else None

    def guess_for(self, task: str) -> Guess | None:
        return self.guess_among(self.guesses, task)

    @staticmethod
    def guess_among(guesses: Sequence[Guess], task: str) -> Guess | None:
        return next((guess for guess in guesses if guess.task == task), None)

    @property
    def fitting(self) -> tuple[str, ...]:
        """Tasks that suit the table, best first."""
        return tuple(guess.task for guess in self.guesses if guess.score >= LIKELY)

    @property
    def chosen(self) -> Values:
        """Settings that a person changed, and that no new suggestion may change back."""
        return {
            path: value
            for path, value in self.values.items()
            if path not in self.suggested or value != self.suggested[path]
        }

    @property
    def options(self) -> Values:
        """The task's own settings as a person changed them, those that may stand so."""
        changed = {path: value for path, value in self.chosen.items() if path.startswith(OPTIONS)}
        wrong = problems(self.plain(changed))
        return {path: value for path, value in changed.items() if path not in wrong}

    @property
    def missing(self) -> tuple[Role, ...]:
        """Roles that need a column and have none, by the shortest way."""
        return TASKS[self.task].lacking(self.columns)

    @property
    def shared(self) -> dict[str, tuple[str, ...]]:
        """Columns that play more than one role, each with the labels of those roles."""
        players: dict[str, tuple[str, ...]] = {}
        for role in TASKS[self.task].roles:
            for column in several(self.columns.get(role.name)):
                players[column] = (*players.get(column, ()), role.label)
        return {column: labels for column, labels in players.items() if len(labels) > 1}

    def why_not_data(self) -> str:
        """Why the walk cannot go on from the data, or an empty text."""
        return "" if self.source else tr("Choose a table first: drop a file above, or take one of the samples.")

    def why_not_columns(self) -> str:
        """Why the walk cannot go on from the columns, or an empty text."""
        if self.missing:
            ways = map(told, ways_in_words(TASKS[self.task], self.columns))
            return tr("Choose a column for: {ways}.", ways=tr(". Or: ").join(ways))
        for column, labels in self.shared.items():
            return tr(
                "“{column}” is chosen for {labels}. Choose a different column for one of them.",
                column=column,
                labels=told(in_a_row(*map(said, labels))),
            )
        if any(part in self.split and self.split[part] is None for part in ("validation", "test", "seed")):
            return tr("Fill in how many percent of the rows are kept aside, and the seed.")
        return ""

    def plain(self, settings: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The draft as a config in plain data, with ``settings`` (by default those a person changed) put in."""
        config: dict[str, Any] = {} if not self.metrics else {"evaluation": {"metrics": list(self.metrics)}}
        if self.watch and not self.why_not_watched:
            config["watch"] = {"sentences": list(self.watch)}
        config |= {
            **self._data(),
            "model": {"checkpoint": self.checkpoint, "revision": self.revision},
        }
        return config_from(config, self.chosen if settings is None else settings)

    def _data(self) -> dict[str, Any]:
        return {
            "task": self.task,
            "data": {
                "source": self.source,
                **self.more_data,
                "columns": dict(self.columns),
                "steps": [dict(step) for step in self.steps],
                "split": dict(self.split),
            },
        }


def _rows_of(more_data: Mapping[str, Any]) -> dict[str, Any]:
    """What of a draft's data says which rows a source holds."""
    return {name: value for name, value in more_data.items() if name != "streaming" and value}


def _without_options(values: Values) -> Values:
    return {path: value for path, value in values.items() if not path.startswith(OPTIONS)}


def is_own(split: SplitConfig) -> bool:
    """Whether the table itself says which rows are for what, in a column or in files of their own."""
    return isinstance(split.validation, str) or isinstance(split.test, str)
