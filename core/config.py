"""The whole intent of a run, as frozen data: what to learn from, what to start from, how to train.

A config never looks at the hardware, the command line or the network. Names are those of
``transformers.TrainingArguments`` wherever it has the setting. Each field carries its own words and limits; the form,
the command line, the YAML and the docs read them here (see ``core.schema``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

import yaml
from pydantic import Field, ValidationError, create_model, field_validator, model_validator

from core import plain_yaml
from core.adapter_config import AdapterConfig as AdapterConfig
from core.data_config import DataConfig as DataConfig
from core.data_config import ReadingConfig as ReadingConfig
from core.data_config import SplitConfig as SplitConfig
from core.distribution_config import DistributionConfig as DistributionConfig
from core.errors import ConfigError
from core.hub_config import HubConfig as HubConfig
from core.job_config import JobConfig as JobConfig
from core.notify_config import NotifyConfig as NotifyConfig
from core.origin_config import EnsembleConfig as EnsembleConfig
from core.origin_config import OriginConfig as OriginConfig
from core.said import said
from core.schema import Setting, Settings, refusal
from core.settings.training import TrainingConfig as TrainingConfig
from core.watch_config import WatchConfig as WatchConfig
from core.watch_config import asked_roles, questions

STARTER = "starter/minilm"


class ModelConfig(Settings):
    """The checkpoint to start from: a starter's id, a folder, or a Hub id; and what is changed in its own config."""

    group: ClassVar[str] = "Model"

    checkpoint: str = Field(STARTER, min_length=1)
    revision: str | None = None
    dropout: Annotated[
        float | None,
        Setting(
            "Dropout",
            "The share of its inner numbers that is left out at random while it learns: more learns less by heart. "
            "Left empty: as the model comes.",
            "expert",
        ),
    ] = Field(None, ge=0, lt=1)
    attention_dropout: Annotated[
        float | None,
        Setting("Dropout of attention", "The same for where it looks. Left empty: as the model comes.", "expert"),
    ] = Field(None, ge=0, lt=1)
    classifier_dropout: Annotated[
        float | None,
        Setting(
            "Dropout before the answer",
            "The same for what the layer that answers gets. Left empty: as the model comes.",
            "expert",
        ),
    ] = Field(None, ge=0, lt=1)


class EvaluationConfig(Settings):
    """What to measure beside the task's own metrics: names that ``evaluate.load`` knows, such as ``mcc_metric``."""

    metrics: tuple[str, ...] = ()

    @field_validator("metrics")
    @classmethod
    def _no_foreign_programs(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        foreign = [name for name in names if "/" in name]
        if foreign:
            raise ValueError(f"{foreign[0]} is a program of somebody else, and those are not run")
        return names


class CustomConfig(Settings):
    """Pieces of one's own by import path (``package.module:NAME``), for people who program: see ``core.custom``.

    They stand in a ``run.yaml`` only; no page writes them.
    """

    collator: str | None = None
    """Called as the task's own: (context, purpose) -> a function from encoded pieces to a batch."""
    metrics: tuple[str, ...] = ()
    """Functions (predictions, references) -> a number, measured at each check and on the test part."""
    callbacks: tuple[str, ...] = ()
    """Classes or functions that give a ``transformers.TrainerCallback`` when called without arguments."""

    @property
    def is_used(self) -> bool:
        return bool(self.collator or self.metrics or self.callbacks)


class RunConfig(Settings):
    """One run, whole. The form that fits a task, with that task's own options, is ``shape_of(task)``."""

    version: Literal[1] = 1
    task: str
    name: Annotated[str, Setting("Name", "What you will find this run by. Any words will do.")] = Field(
        "", max_length=120
    )
    data: DataConfig
    model: ModelConfig = ModelConfig()
    training: TrainingConfig = TrainingConfig()
    adapter: AdapterConfig = AdapterConfig()
    distribution: DistributionConfig = DistributionConfig()
    job: JobConfig = JobConfig()
    options: Settings = Settings()
    """The task's own settings."""
    evaluation: EvaluationConfig = EvaluationConfig()
    watch: WatchConfig = WatchConfig()
    hub: HubConfig = HubConfig()
    notify: NotifyConfig = NotifyConfig()
    custom: CustomConfig = CustomConfig()
    origin: OriginConfig = OriginConfig()
    ensemble: EnsembleConfig = EnsembleConfig()

    @field_validator("task")
    @classmethod
    def _task_is_known(cls, task: str) -> str:
        from core.tasks import TASKS

        if not TASKS.knows(task):
            raise ValueError(f"choose one of: {', '.join(TASKS)}")
        return task

    @model_validator(mode="after")
    def _roles_are_known(self) -> Self:
        from core.tasks import TASKS

        roles = {role.name: role for role in TASKS[self.task].roles}
        for name, column in self.data.columns.items():
            if name not in roles:
                raise ValueError(f"data.columns: {name} is no role of this task; its roles are {', '.join(roles)}")
            if isinstance(column, tuple) and not roles[name].many:
                raise ValueError(f"data.columns: {name} takes one column, not a list")
        return self

    @model_validator(mode="after")
    def _best_by_what_is_measured(self) -> Self:
        from core.tasks import TASKS

        wanted = self.training.metric_for_best_model
        known = ["loss", *(metric.name for metric in TASKS[self.task].metrics)]
        if wanted and wanted not in known:
            raise refusal("training.metric_for_best_model", said("choose one of: {choices}", choices=", ".join(known)))
        return self

    @model_validator(mode="after")
    def _processes_can_share(self) -> Self:
        if self.distribution.is_several and self.data.streaming is not None:
            words = said("a stream is learned from by one process: nobody can share it out")
            raise refusal("distribution.processes", words)
        return self

    @model_validator(mode="after")
    def _tokens_can_be_counted(self) -> Self:
        if self.training.tokens_per_step and self.data.streaming:
            words = said("nobody knows beforehand how many tokens a stream has: leave this empty, or read a table")
            raise refusal("training.tokens_per_step", words)
        if self.training.tokens_per_step and self.distribution.processes != 1 and self.distribution.strategy != "ddp":
            words = said(
                "processes that hold parts of a model need batches of one size: leave this empty, or choose DDP"
            )
            raise refusal("training.tokens_per_step", words)
        return self

    @model_validator(mode="after")
    def _watched_can_be_asked(self) -> Self:
        from core.tasks import TASKS

        try:
            questions(self.watch, asked_roles(TASKS[self.task], self.data.columns))
        except ValueError as exc:
            raise refusal("watch.sentences", exc.args[0]) from exc
        return self

    def to_yaml(self) -> str:
        """The config as YAML, complete, in the order of declaration."""
        return yaml.safe_dump(self.model_dump(mode="json"), sort_keys=False, allow_unicode=True)


@cache
def shape_of(task: str) -> type[RunConfig]:
    """``RunConfig`` as a task needs it: with its own options, and its first checkpoint where none is named."""
    from core.tasks import TASKS

    known = TASKS[task]
    model = _model_of(known.starters[0]) if known.starters else ModelConfig
    fields: dict[str, Any] = {"options": (known.options, known.options()), "model": (model, model())}
    return create_model("RunConfig", __base__=RunConfig, **fields)


def _model_of(starter: str) -> type[ModelConfig]:
    """``ModelConfig`` with the first checkpoint of a task, also where other things are said of the model."""
    return create_model("ModelConfig", __base__=ModelConfig, checkpoint=(str, Field(starter, min_length=1)))


def shape_for(data: Any) -> type[RunConfig]:
    """The shape that a config in plain data should have; the general one where it names no known task."""
    from core.tasks import TASKS

    task = data.get("task") if isinstance(data, Mapping) else None
    return shape_of(task) if isinstance(task, str) and TASKS.knows(task) else RunConfig


def validate(data: Mapping[str, Any]) -> RunConfig:
    """The config, or its first complaint as a ``ConfigError`` on its field."""
    try:
        return shape_for(data).model_validate(data)
    except ValidationError as exc:
        first = exc.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        others = len(exc.errors()) - 1
        raise ConfigError(
            f"{field or 'The config'}: {message}.",
            f"There {'is 1 more problem' if others == 1 else f'are {others} more problems'} after this one."
            if others
            else "",
            field=field,
        ) from exc


def load(path: Path, overrides: Iterable[str] = ()) -> dict[str, Any]:
    """Read ``run.yaml`` and apply ``key.path=value`` overrides (values are YAML). The result is not yet validated."""
    try:
        data = plain_yaml.load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as exc:
        raise ConfigError(f"There is no file {path}.", "Check the path of the config file.") from exc
    except (yaml.YAMLError, UnicodeDecodeError) as exc:
        raise ConfigError(
            f"{path} is not a readable YAML file.", "Check its indentation and quotes.", cause=str(exc)
        ) from exc
    if not isinstance(data, dict):
        raise ConfigError(f"{path} holds no settings.", "It needs at least two: 'task:' and, under 'data:', 'source:'.")
    for override in overrides:
        key, found, value = override.partition("=")
        if not found:
            raise ConfigError(f"--set {override} has no '='.", "Write it as --set training.learning_rate=1e-4.")
        put(data, key.strip(), read_value(value))
    return data


def put(data: dict[str, Any], path: str, value: Any) -> None:
    """Set ``data["a"]["b"] = value`` for the path ``a.b``, making the sections in between."""
    *sections, last = path.split(".")
    for section in sections:
        inner = data.setdefault(section, {})
        if not isinstance(inner, dict):
            raise ConfigError(f"{path}: {section} is not a section.", field=path)
        data = inner
    data[last] = value


def read_value(text: str) -> Any:
    """The text as YAML has it. YAML 1.1 reads ``1e-4`` (no dot) as text; people mean the number."""
    try:
        value = plain_yaml.load(text)
    except yaml.YAMLError:
        return text
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return value
    return value
