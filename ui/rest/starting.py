"""From a config as JSON to a run: what this visitor may name, and then the same completion and checks as a run.yaml."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from core.config import DataConfig, put
from core.data.joined import named_files
from core.errors import ConfigError, DataError
from core.schema import Row
from core.studio import Studio
from core.tasks import TASKS
from ui import forms
from ui.new_run import from_files, model
from ui.rest.limits import CONFIG_LETTERS, starting
from ui.rest.models import Decision, Remark, Started
from ui.rest.problems import Refusal
from ui.rest.runs import line_of
from ui.rest.uploads import PREFIX, place_of

OWN = ("custom", "ensemble", "origin", "distribution.launcher")
"""What only the command line and the app itself may fill."""
FILES = ("data.source", "data.split.validation", "data.split.test")
"""Where a config names files. Other settings that do are closed to whoever may name none: ``ui.forms``."""
NOT_YOURS = "Files of this machine can only be named from this machine."


def start(studio: Studio, config: Mapping[str, Any], local: bool, agreed: float | None = None) -> Started:
    """Begin a run. ``local``: the visitor may name files and folders of this machine. ``agreed``: what they agree to
    pay for a rented machine at the most.

    Raises ``StudioError`` for what is wrong in the config or with its data, or where too much is going on.
    """
    draft = _copied(config)
    with starting.passed():
        _need_allowed(studio, draft, local)
        whole, reasons = studio.complete(draft)
        found = studio.checkup(whole)
        if found.blocks:
            worst = next(finding for finding in found.findings if finding.severity == "error")
            raise DataError(worst.title, worst.fix or worst.meaning)
        remarks = studio.remarks(whole)
        run_id = studio.start(whole, agreed)
    return Started(
        run=line_of(studio, run_id),
        decisions=[Decision(setting=one.path, value=_plain(one.value), reason=one.reason) for one in reasons],
        remarks=[Remark(title=one.title, detail=one.detail) for one in remarks],
    )


def _copied(config: Mapping[str, Any]) -> dict[str, Any]:
    """The same as plain data that can be written down."""
    try:
        text = json.dumps(config, ensure_ascii=False, allow_nan=False)
        text.encode()
    except ValueError as exc:  # a half of a letter, or a number that is none
        raise ConfigError(
            "The config holds letters or numbers that cannot be written down.", "Leave them out."
        ) from exc
    if len(text) > CONFIG_LETTERS:
        raise Refusal(413, f"The config is longer than {CONFIG_LETTERS:,} letters.", "Bring a table as an upload.")
    copied: dict[str, Any] = json.loads(text)
    return copied


def _need_allowed(studio: Studio, draft: dict[str, Any], local: bool) -> None:
    """Raise ``ConfigError`` for what this visitor may not name; put places in place of uploads.

    Nothing that the config names is looked at before this.
    """
    for section in OWN:
        if _at(draft, section):
            raise ConfigError(f"{section} cannot be set from here.", "Use the command line.", field=section)
    task = draft.get("task")
    if task is not None and not (isinstance(task, str) and task in TASKS):
        # A task's import path is a program, and nobody has those run from here.
        raise ConfigError("task: there is no such task.", f"The tasks are: {', '.join(TASKS)}.", field="task")
    _resolve_uploads(draft)
    _need_tables(studio, draft, local)
    _need_model(draft, local)
    if not local:
        for row in _closed(draft, task):
            raise ConfigError(forms.why_closed(row), f"Take {row.path} out of the config.", field=row.path)


def _resolve_uploads(draft: dict[str, Any]) -> None:
    for path in FILES:
        value = _at(draft, path)
        if isinstance(value, str) and value.startswith(PREFIX):
            try:
                put(draft, path, place_of(value))
            except DataError as exc:
                raise ConfigError(f"{path}: {exc.title}", exc.advice, field=path) from exc


def _need_tables(studio: Studio, draft: Mapping[str, Any], local: bool) -> None:
    """All tables, those beside the first too, which are looked for only if the first may be named."""
    source = _at(draft, "data.source")
    if not isinstance(source, str) or not source:
        return  # the completion says that it is missing
    if "\0" in source:
        raise ConfigError("data.source: this names no file.", "Take out the sign with the number 0.", field=FILES[0])
    if not from_files.may_open(studio, source, local):
        raise ConfigError(
            f"data.source: {NOT_YOURS}", "Upload the table, and name it as the answer does.", field=FILES[0]
        )
    try:
        data = DataConfig.model_validate({key: value for key, value in draft["data"].items() if key != "columns"})
    except ValidationError as exc:
        first = exc.errors()[0]
        field = ".".join(("data", *map(str, first["loc"])))
        raise ConfigError(f"{field}: {first['msg'].removeprefix('Value error, ')}.", field=field) from exc
    if not all(from_files.may_open(studio, origin.source, local) for _, origin in named_files(data)):
        raise ConfigError(f"data.split: {NOT_YOURS}", "Upload those tables too.", field="data.split")


def _need_model(draft: Mapping[str, Any], local: bool) -> None:
    name = _at(draft, "model.checkpoint")
    if not isinstance(name, str):
        return
    if "\0" in name:
        raise ConfigError("model.checkpoint: this names no model.", field="model.checkpoint")
    if not model.may_name(name, local):
        advice = "Name a starter, a model of the Hugging Face Hub, or the model of a run."
        raise ConfigError(f"model.checkpoint: {model.NOT_HERE}", advice, field="model.checkpoint")


def _closed(draft: Mapping[str, Any], task: str | None) -> Iterator[Row]:
    """The settings in a draft that only somebody in front of this machine may change."""
    tasks = [task] if task else list(TASKS)
    allowed = {row.path for one in tasks for row in forms.rows_for(one, False)}
    for row in (row for one in tasks for row in forms.rows_of(one)):
        value = _at(draft, row.path)
        if row.path not in allowed and value is not None and value != row.default:
            yield row


def _at(draft: Any, path: str) -> Any:
    """What a draft says at a dotted path; None where it says nothing."""
    for name in path.split("."):
        if not isinstance(draft, Mapping):
            return None
        draft = draft.get(name)
    return draft


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value, default=str))
