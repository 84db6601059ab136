"""A run to take away as a program of its own: ``train.py``, the rows it learns from, and what it takes to run it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core import events
from core.data.joined import data_hash
from core.data.parts import DataParts, load_parts
from core.data.writers import open_writer
from core.errors import RunError
from core.publishing.card_reproduce import CONFIG
from core.publishing.cleaned import as_yaml, source_name
from core.publishing.types import Item
from core.publishing.zipped import packed
from core.runs import Run, State
from core.said import said
from core.script.frame import PARTS
from core.script.making import NAME
from core.tasks import TASKS
from core.tasks.base import Context
from core.versions import versions

README, REQUIREMENTS = "README.md", "requirements.txt"
_NEEDED = ("torch", "transformers", "datasets", "accelerate", "tokenizers")
_ROWS_AT_A_TIME = 4096
_CHANGED = (
    "**Mind: the table has changed since the run.** The rows beside this text are those of now, so the losses will "
    "not be those of the run."
)


def zipped(run: Run) -> Iterator[bytes]:
    """Everything as a zip, piece by piece, in a folder of the run's name. Raises as ``write``, at its first piece."""
    with tempfile.TemporaryDirectory() as folder:
        write(run, Path(folder))
        found = sorted(path for path in Path(folder).iterdir())
        yield from packed([Item(path.name, path) for path in found], f"{run.id}-script")


def write(run: Run, folder: Path) -> list[Path]:
    """Put everything into ``folder``, which is made where it is missing; files of these names are replaced.

    Raises ``RunError`` where the run has no script, ``DataError`` where its table cannot be read any more.
    """
    script = text_of(run)
    parts = load_parts(run.config)
    folder.mkdir(parents=True, exist_ok=True)
    for part, table in _tables(run, parts).items():
        _write_rows(folder / f"{part}.jsonl", table)
    texts = {
        NAME: script,
        REQUIREMENTS: _requirements(run),
        CONFIG: as_yaml(run.config, run.name),
        README: _readme(run, parts),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in (NAME, *(f"{part}.jsonl" for part in PARTS), REQUIREMENTS, CONFIG, README)]


def has_script(run: Run) -> bool:
    """Whether the run can be taken away as a program: it was begun, by a task that can say itself in Python."""
    return (run.path / NAME).is_file()


def text_of(run: Run) -> str:
    """The run's ``train.py``. Raises ``RunError`` where there is none."""
    try:
        return (run.path / NAME).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise RunError(said("This run has no script of its own."), _why_none(run)) from None


def _why_none(run: Run) -> str:
    if run.config.ensemble.is_used:
        return said("It has trained nothing: take away the runs whose models it puts together.")
    if TASKS[run.config.task].script is None:
        return said("Its task was brought along as program code, and that is what there is to take away.")
    if run.config.training.tokens_per_step:
        return said(
            "Its corrections go by tokens, and the stock Trainer of such a program knows a fixed number of examples."
        )
    if run.state is State.FINISHED:
        return said(
            "An earlier version trained it, or its notices say why. Use its settings again for a run that has one."
        )
    return said("A run writes it when its training begins: wait until then, or take the run up again.")


def _tables(run: Run, parts: DataParts) -> dict[str, Any]:
    config, task = run.config, TASKS[run.config.task]
    # Rows are repeated by what the options and the classes say; nobody asks the tokenizer for that.
    context = Context(None, parts.target, config.training.max_length, config.options, config.training.seed)
    train = task.training_rows(parts.train, context)
    return {"train": train, "validation": parts.validation, "test": parts.test}


def _write_rows(path: Path, table: Any) -> None:
    writer = open_writer("jsonl", path, table.schema)
    for start in range(0, table.num_rows, _ROWS_AT_A_TIME):
        writer.write(table.slice(start, _ROWS_AT_A_TIME))
    writer.close()


def _started(run: Run) -> events.Started | None:
    happened, _ = events.read(run.events_path)
    return next((event for event in reversed(happened) if isinstance(event, events.Started)), None)


def _requirements(run: Run) -> str:
    started = _started(run)
    found = started.versions if started else versions()
    return "".join(f"{name}=={found[name].partition('+')[0]}\n" for name in _NEEDED if name in found)


def _readme(run: Run, parts: DataParts) -> str:
    config, started = run.config, _started(run)
    counts = {part: getattr(parts, part).num_rows for part in PARTS}
    lines = [
        f"# {run.name}",
        f"The training of this run as a program: `{NAME}` needs the packages of `{REQUIREMENTS}` and the rows beside "
        "it, and nothing else.",
        f"```bash\npip install -r {REQUIREMENTS}\npython {NAME}\n```",
        f"`train.jsonl` ({counts['train']:,} rows) is learned from, `validation.jsonl` ({counts['validation']:,}) says "
        f"which model is best, `test.jsonl` ({counts['test']:,}) was kept aside for the last judgement: the rows as "
        "the run had them, after all changes and in its own split. `row` is the number of the row in its file.",
        f"The words at the top of `{NAME}` say what the run did beside that.",
        f"To repeat the whole run with Tunesmith, put its table ({source_name(config.data)}) beside `{CONFIG}`:",
        f"```bash\ntunesmith train {CONFIG}\n```",
    ]
    if started is not None and started.data and started.data != data_hash(config.data):
        lines.insert(1, _CHANGED)
    return "\n\n".join(lines) + "\n"
