"""The whole intent of a run, as frozen data: what to learn from, what to start from, how to train.

A config never looks at the hardware, the command line or the network. Names are those of
``transformers.TrainingArguments`` wherever it has the setting. Each field carries its own words and limits; the form,
the command line, the YAML and the docs read them here (see ``core.schema``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import Field, ValidationError, create_model, field_validator, model_validator

from core.adapter_config import AdapterConfig as AdapterConfig
from core.data_config import DataConfig as DataConfig
from core.data_config import ReadingConfig as ReadingConfig
from core.data_config import SplitConfig as SplitConfig
from core.errors import ConfigError
from core.hub_config import HubConfig as HubConfig
from core.notify_config import NotifyConfig as NotifyConfig
from core.origin_config import EnsembleConfig as EnsembleConfig
from core.origin_config import OriginConfig as OriginConfig
from core.schema import Setting, Settings, When

STARTER = "starter/minilm"


class ModelConfig(Settings):
    """The checkpoint to start from: a starter's id, a folder, or a Hub id."""

    checkpoint: str = Field(STARTER, min_length=1)
    revision: str | None = None


class TrainingConfig(Settings):
    """How to train. Names and meaning are those of ``transformers.TrainingArguments`` where it has them."""

    num_train_epochs: Annotated[
        float,
        Setting(
            "Epochs", "How many times the model reads all the examples. More helps small tables, then stops helping."
        ),
    ] = Field(3, gt=0, le=1000)
    learning_rate: Annotated[
        float,
        Setting(
            "Learning rate",
            "How big each correction is. Too big and it forgets what it knew, too small and it learns little.",
        ),
    ] = Field(5e-5, gt=0, le=1)
    per_device_train_batch_size: Annotated[
        int,
        Setting(
            "Batch size",
            "How many examples it looks at before each correction. Smaller needs less memory.",
            unit="examples",
        ),
    ] = Field(16, ge=1, le=4096)
    max_length: Annotated[
        int,
        Setting(
            "Maximum length",
            "Longer texts are cut here. A token is a word or a piece of one; shorter is faster.",
            unit="tokens",
        ),
    ] = Field(128, ge=8, le=1_000_000)
    warmup_steps: Annotated[
        float,
        Setting(
            "Warm-up",
            "The learning rate rises slowly at first. Below 1 this is a share of the run (0.1 is a tenth), "
            "otherwise a number of steps.",
        ),
    ] = Field(0.1, ge=0, le=1_000_000)
    gradient_accumulation_steps: Annotated[
        int,
        Setting(
            "Accumulation",
            "So many batches make one correction together: like one larger batch, in the memory of a small one.",
            "advanced",
            unit="batches",
        ),
    ] = Field(1, ge=1, le=4096)
    auto_find_batch_size: Annotated[
        bool,
        Setting(
            "Find a batch that fits",
            "Out of memory, the batch is halved and the accumulation doubled, and the run goes on as before.",
            "advanced",
        ),
    ] = True
    weight_decay: Annotated[
        float,
        Setting(
            "Weight decay", "A gentle pull towards small weights; it keeps the model from learning examples by heart."
        ),
    ] = Field(0.01, ge=0, le=1)
    eval_strategy: Annotated[
        Literal["epoch", "steps"],
        Setting(
            "Check progress",
            "How often the model is tried on the validation examples while it learns.",
            choices=(("after each epoch", "epoch"), ("every few steps", "steps")),
        ),
    ] = "epoch"
    eval_steps: Annotated[
        int,
        Setting(
            "Steps between checks",
            "A step is one correction, made from one batch.",
            unit="steps",
            when=When("eval_strategy", ("steps",), "Progress is checked after each epoch, so this number is not used."),
        ),
    ] = Field(100, ge=1, le=10_000_000)
    early_stopping_patience: Annotated[
        int,
        Setting(
            "Early stopping",
            "Stop when this many checks in a row bring nothing better; 0 never stops early. "
            "The best model is kept either way.",
            unit="checks",
        ),
    ] = Field(3, ge=0, le=1000)
    keep_checkpoints: Annotated[
        bool,
        Setting(
            "Keep checkpoints",
            "They otherwise go when the run has finished. Kept ones can be published, or trained on from; each takes "
            "three times the room of the model.",
            "advanced",
        ),
    ] = False
    resume_from_checkpoint: Annotated[
        str | None,
        Setting(
            "Go on from",
            "The folder of a checkpoint of another run, whose training goes on here. Left empty: begin anew.",
            "expert",
        ),
    ] = Field(None, max_length=1000)
    seed: Annotated[
        int,
        Setting("Seed", "The start of all chance. The same seed on the same machine gives the same model."),
    ] = Field(42, ge=0, le=2**32 - 1)


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
    options: Settings = Settings()
    """The task's own settings."""
    evaluation: EvaluationConfig = EvaluationConfig()
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

    def to_yaml(self) -> str:
        """The config as YAML, complete, in the order of declaration."""
        return yaml.safe_dump(self.model_dump(mode="json"), sort_keys=False, allow_unicode=True)


@cache
def shape_of(task: str) -> type[RunConfig]:
    """``RunConfig`` as a task needs it: with its own options, and its first checkpoint where none is named."""
    from core.tasks import TASKS

    known = TASKS[task]
    model = ModelConfig(checkpoint=known.starters[0]) if known.starters else ModelConfig()
    fields: dict[str, Any] = {"options": (known.options, known.options()), "model": (ModelConfig, model)}
    return create_model("RunConfig", __base__=RunConfig, **fields)


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
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
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
        put(data, key.strip(), _value(value))
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


def _value(text: str) -> Any:
    """The text as YAML has it. YAML 1.1 reads ``1e-4`` (no dot) as text; people mean the number."""
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError:
        return text
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return value
    return value
