"""From a draft with gaps to a whole config: columns, split, name and settings are filled in, each with its reason."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from core import machine, outside
from core.config import RunConfig, SplitConfig, put, validate
from core.data.columns import in_words, names, several
from core.data.hub.choosing import has_subsets, origin_in, parts_by_name, secret_splits
from core.data.hub.contents import commit_of
from core.data.origins import Origin, origin_of
from core.data.types import Guess, Preview
from core.data_config import HUB, ReadingConfig
from core.errors import ConfigError, DataError
from core.jobs.agreement import refuse_what_cannot_go
from core.launchers import launcher_of
from core.said import enumerated, said, together
from core.schema import lacking, rows
from core.suggest import Suggestion, adapter_rate, suggest
from core.tasks import TASKS
from core.tasks.needs import needs
from core.training.steps import rows_a_step

if TYPE_CHECKING:
    from core.studio import Studio

LONGEST_NAME = 120
BATCH = "per_device_train_batch_size"
COUNTED_BY_EPOCHS = ("training.num_train_epochs", "training.eval_strategy", "training.eval_steps")
"""Settings of which nothing is suggested for a stream, which has no epochs."""
CHECKS = COUNTED_BY_EPOCHS[1:]


def complete(studio: Studio, draft: Mapping[str, Any]) -> tuple[RunConfig, list[Suggestion]]:
    """Fill what ``draft`` leaves out. What it says is never changed, only made absolute where it is a path.

    Raises ``ConfigError`` for what is wrong in it and ``DataError`` when the table does not fit the task.
    """
    filled = copy.deepcopy(dict(draft))
    _check_shapes(filled)
    origin, reasons = _origin(filled)
    preview = studio.preview(origin)
    reasons += _fill_task_and_columns(filled, preview, studio.guess(preview))
    reasons += _fill_split(filled, preview, origin)
    if not filled.get("name"):
        filled["name"] = _name(preview, origin)
    config = absolute(validate(filled))
    if studio.checkup(config).blocks:
        return config, reasons
    settled = config.training.per_device_train_batch_size if BATCH in (filled.get("training") or {}) else None
    for suggestion in _training_suggestions(studio, config, settled):
        section, field = suggestion.path.split(".")
        if field not in (filled.get(section) or {}):
            put(filled, suggestion.path, suggestion.value)
            reasons.append(suggestion)
    return absolute(validate(filled)), reasons


def refuse_lacking(config: RunConfig) -> None:
    """Raise ``ConfigError`` where a setting takes something that this machine has not."""
    _refuse_inside(config)
    if config.job.is_rented:
        refuse_what_cannot_go(config)  # what the machine has, nobody knows here
        return
    for path, why in lacking(config).items():
        row = next(row for row in rows(type(config)) if row.path == path)
        raise ConfigError(
            said("{setting} cannot be used on this machine.", setting=said(row.setting.label)),
            together(why, said("Or leave the setting as it comes.")),
            field=path,
            remedy={path: row.default},
        )
    if why := launcher_of(config).missing(config):
        raise ConfigError(
            said("So many processes cannot be started on this machine."),
            together(why, said("Or leave the setting as it comes.")),
            field="distribution.processes",
            remedy={"distribution.processes": 1},
        )


def _refuse_inside(config: RunConfig) -> None:
    """Raise ``ConfigError`` where an address in plain sight lies inside of this machine's network; names are looked up
    when they are told.
    """
    try:
        outside.need_allowed(config.notify.webhook)
    except outside.Inside as exc:
        title = f"This web address is not told: {exc}."
        advice = "Name one of the public web, such as your messenger's, or leave it empty."
        raise ConfigError(title, advice, field="notify.webhook", remedy={"notify.webhook": ""}) from exc


def absolute(config: RunConfig) -> RunConfig:
    """The same config with whole paths: a worker has another working folder than whoever asked for the run.

    A dataset of the Hub is held to the commit that it has now, so that the run can be made again.
    """
    data = config.model_dump()
    if config.data.source.startswith(HUB):
        data["data"]["revision"] = commit_of(origin_of(config.data))
    elif not config.data.source.startswith("sample/"):
        data["data"]["source"] = str(Path(config.data.source).expanduser().absolute())
    folder = Path(config.model.checkpoint).expanduser()
    if folder.is_dir():
        data["model"]["checkpoint"] = str(folder.absolute())
    return validate(data)


def _check_shapes(draft: Mapping[str, Any]) -> None:
    """Sections must be sections before they can be filled. Raises ``ConfigError`` on the first that is not."""
    for path in ("data", "data.columns", "data.split", "model", "training", "options"):
        value: Any = draft
        for part in path.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        if value is not None and not isinstance(value, dict):
            example = "{text: review, label: sentiment}" if path == "data.columns" else "{key: value}"
            raise ConfigError(
                said("{path} is not a section.", path=path),
                said("Write it as {path}: {example}.", path=path, example=example),
                field=path,
            )
    if not isinstance(draft.get("task", ""), str):
        raise ConfigError(
            said("task is not a name."), said("Choose one of: {names}.", names=enumerated(*TASKS)), field="task"
        )


def _origin(filled: dict[str, Any]) -> tuple[Origin, list[Suggestion]]:
    """The table of a draft, and what had to be filled in to know it: of a Hub dataset, its subset and commit."""
    source, data = _source(filled), filled["data"]
    if not source.startswith(HUB):
        try:
            return Origin(source, ReadingConfig.model_validate(data.get("reading") or {})), []
        except ValidationError:  # the config as a whole says what is wrong, and where
            validate({"task": "", **filled})
            raise
    origin = origin_in(data)
    reasons = []
    if not data.get("subset") and has_subsets(origin):
        reasons.append(Suggestion("data.subset", origin.subset, "It is the one that this dataset offers first."))
        put(filled, "data.subset", origin.subset)
    if data.get("revision") != origin.revision:
        reasons.append(
            Suggestion("data.revision", origin.revision, "The version of now, so that the run can be made again.")
        )
    put(filled, "data.source", origin.source)
    put(filled, "data.revision", origin.revision)
    return origin, reasons


def _source(filled: dict[str, Any]) -> str:
    data = filled.get("data")
    source = data.get("source") if isinstance(data, dict) else None
    if not source or not isinstance(source, str):
        raise ConfigError(said("data.source is missing."), said("Name the table to learn from."), field="data.source")
    if not source.startswith(("sample/", HUB)):
        source = str(Path(source).expanduser().absolute())
        put(filled, "data.source", source)
    return source


def _fill_task_and_columns(filled: dict[str, Any], preview: Preview, guesses: list[Guess]) -> list[Suggestion]:
    """Columns that the draft names stay. Without any, all roles are guessed; else those required that it leaves out."""
    task = filled.get("task") or (guesses[0].task if guesses else None)
    if task is None:
        needed = [said("{task}: {columns}.", task=said(task.title), columns=needs(task)) for task in TASKS.values()]
        raise DataError(
            said("No task fits this table."),
            together(said("These are the columns that each task needs."), *needed),
        )
    filled["task"] = task
    if not TASKS.knows(task):
        return []
    # One that is named by its import path is not among those that were asked.
    guess = TASKS[task].guess(preview)
    columns = dict((filled.get("data") or {}).get("columns") or {})
    if guess is None:
        return []
    wanted = {role.name for role in TASKS[task].lacking(columns)} if columns else set(guess.columns)
    taken = set(names(columns))
    guessed = {
        role: column for role, column in guess.columns.items() if role in wanted and not taken & set(several(column))
    }
    put(filled, "data.columns", columns | guessed)
    return [
        Suggestion(f"data.columns.{role}", in_words(column), guess.reasons.get(role, ""))
        for role, column in guessed.items()
    ]


def _name(preview: Preview, origin: Origin) -> str:
    if origin.is_on_hub:
        subset = origin.subset if has_subsets(origin) else ""
        return f"{origin.repo.rpartition('/')[2]} {subset}".strip()[:LONGEST_NAME]
    return Path(preview.title).stem.replace("_", " ")[:LONGEST_NAME]


def _fill_split(filled: dict[str, Any], preview: Preview, origin: Origin) -> list[Suggestion]:
    from core.data.guess_split import guess_split

    given = (filled.get("data") or {}).get("split")
    if given:
        if origin.is_on_hub and not given.get("column"):
            given.setdefault("train", origin.split)
        return []
    split = guess_split(preview)
    if origin.is_on_hub:
        return _fill_hub_split(filled, split, origin)
    put(filled, "data.split", split.model_dump())
    if split.column is None:
        if split == SplitConfig():
            return []
        return [Suggestion("data.split.test", split.test, "A small table keeps more aside, so that its mark can tell.")]
    return [Suggestion("data.split.column", split.column, f"The column `{split.column}` says which row is for what.")]


def _fill_hub_split(filled: dict[str, Any], shares: SplitConfig, origin: Origin) -> list[Suggestion]:
    """The splits that the dataset has itself; a share of the rows in place of one that is not there, or is no use."""
    task, columns = filled["task"], filled["data"].get("columns") or {}
    roles = [role.name for role in TASKS[task].roles if not role.is_input] if TASKS.knows(task) else []
    answers = [name for role in roles for name in several(columns.get(role) or ())]
    parts = parts_by_name(origin)
    secret = {
        one.split: one for one in secret_splits(origin, [parts[part] for part in parts if part != "train"], answers)
    }
    reasons = []
    for part in ("train", "validation", "test"):
        split = parts.get(part)
        if split is None:
            put(filled, f"data.split.{part}", SplitConfig().test if shares.column else getattr(shares, part))
        elif split in secret:
            share = SplitConfig().test if shares.column else getattr(shares, part)
            put(filled, f"data.split.{part}", share)
            reason = f"The split `{split}` has no answers in `{secret[split].column}`: they are kept secret."
            reasons.append(Suggestion(f"data.split.{part}", share, f"{reason} So rows to learn from are kept aside."))
        else:
            put(filled, f"data.split.{part}", split)
            reasons.append(Suggestion(f"data.split.{part}", split, "The dataset has a split of its own for it."))
    return reasons


def _training_suggestions(studio: Studio, config: RunConfig, batch_size: int | None) -> list[Suggestion]:
    """What suits data, machine and task. A batch size that is given decides how many steps an epoch has."""
    task, parts = TASKS[config.task], studio.parts(config)
    lengths, accumulation = studio.token_lengths(config), config.training.gradient_accumulation_steps
    if config.training.tokens_per_step and lengths:
        tokens = parts.train.num_rows * mean(min(length, config.training.max_length) for length in lengths)
        batch_size = max(1, round(rows_a_step(config.training, parts.train.num_rows, tokens)))
        accumulation = 1
    found = suggest(
        train_rows=parts.train.num_rows,
        validation_rows=parts.validation.num_rows,
        lengths=lengths,
        checkpoint=studio.describe(config.model.checkpoint),
        has_gpu=machine.has_gpu(),
        batch_size=batch_size or task.suggested.get(f"training.{BATCH}", (None, ""))[0],
        accumulation=accumulation,
        max_steps=config.training.max_steps,
    )
    own = [Suggestion(path, value, said(reason)) for path, (value, reason) in task.suggested.items()]
    if rate := adapter_rate(config.adapter.method):
        own = [rate, *(one for one in own if one.path != rate.path)]
    settled = {*task.suggested, *(COUNTED_BY_EPOCHS if config.data.streaming else ())}
    everything = [*own, *(suggestion for suggestion in found if suggestion.path not in settled)]
    if config.training.save_strategy not in ("epoch", "steps"):
        return everything
    # Saving of one's own has to go together with the checks that stand beside it.
    return [suggestion for suggestion in everything if suggestion.path not in CHECKS]
