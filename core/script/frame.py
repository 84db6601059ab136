"""The frame of a script: what every ``train.py`` has, around what its task says."""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.script.losses import has_plain
from core.script.trainer import fair_trainer
from core.script.types import ScriptParts
from core.usage.code import Source, filled, literal, parts

OUTPUT, CHECKPOINTS = "model", "checkpoints"
PARTS = ("train", "validation", "test")
WIDTH = 120
"""Characters a line."""
_NAMES = ("AutoTokenizer", "Trainer", "TrainingArguments", "set_seed")

_READ = '''
def read(part):
    """The rows of a part. (``load_dataset("json")`` would make dates of texts that look like one.)"""
    with open(f"{part}.jsonl", encoding="utf-8") as file:
        return Dataset.from_list([json.loads(line) for line in file])
'''
_MAIN = '''
def main():
    """Train, judge by the rows that were kept aside for it, and keep the model."""
    rows = {part: read(part) for part in ("train", "validation", "test")}
$encoders
    pieces = {
        part: data.map($encode, batched=True, batch_size=4096, remove_columns=data.column_names)
        for part, data in rows.items()
    }
    # A new answer layer is drawn by chance.
    set_seed(SEED)
$model
    collator = $collator
    arguments = TrainingArguments(
$arguments
    )
    trainer = FairTrainer(
        model=model,
        args=arguments,
        train_dataset=pieces["train"],
        eval_dataset=pieces["validation"],
        processing_class=tokenizer,
        data_collator=collator,
$more
    )
    trainer.train()
    trainer.save_state()
    print(trainer.evaluate(pieces["test"], metric_key_prefix="test"))
$before_saving
    trainer.save_model(OUTPUT)


if __name__ == "__main__":
    main()
'''


@dataclass(frozen=True)
class Framed:
    """What the frame says of a run."""

    head: Sequence[str]
    """Paragraphs of the words at the top."""
    checkpoint: str
    about_checkpoint: str
    seed: int
    max_length: int
    arguments: Mapping[str, Any]
    callbacks: Sequence[tuple[str, Mapping[str, Any]]] = ()
    """Classes of transformers, with what they are made with."""
    constants: Mapping[str, tuple[Any, str]] = field(default_factory=dict)
    shape: str = ""
    """Statements that change ``model`` once it is there."""


def script(framed: Framed, task: ScriptParts) -> str:
    """The whole of ``train.py``."""
    start = "\n".join(
        [
            _head(framed.head),
            "",
            _imports(framed, task),
            "",
            *(f"# {line}" for line in _wrapped(framed.about_checkpoint, WIDTH - 2)),
            f"CHECKPOINT = sys.argv[1] if len(sys.argv) > 1 else {literal(framed.checkpoint)}",
            f"OUTPUT = {literal(OUTPUT)}",
            f"SEED = {framed.seed}",
            f"MAX_LENGTH = {framed.max_length}",
            *_constants({**(task.constants or {}), **framed.constants}),
            "",
            "tokenizer = AutoTokenizer.from_pretrained(CHECKPOINT)",
            *([task.tokenizer.strip("\n")] if task.tokenizer else []),
        ]
    )
    return parts(start, _READ, task.functions, fair_trainer(has_plain(task.functions)), _main(framed, task))


def _main(framed: Framed, task: ScriptParts) -> str:
    are_two = task.encode_to_judge != task.encode
    arguments = {"output_dir": CHECKPOINTS, "seed": Source("SEED"), **framed.arguments}
    callbacks = [f"{name}({_keywords(options)})" for name, options in framed.callbacks] + list(task.callbacks)
    more = ["compute_metrics=compute_metrics,"] if task.metrics else []
    more += [f"callbacks=[{', '.join(callbacks)}],"] if callbacks else []
    found = filled(
        _MAIN,
        encoders=Source(f"    encoders = {_encoders(task)}\n" if are_two else ""),
        encode=Source("encoders[part]" if are_two else task.encode),
        model=Source(_indented(f"{task.model}\n{framed.shape}", 4)),
        collator=Source(task.collator),
        arguments=Source(_indented("\n".join(f"{name}={literal(value)}," for name, value in arguments.items()), 8)),
        more=Source(_indented("\n".join(more), 8)),
        before_saving=Source(_indented(task.before_saving, 4)),
    )
    return _without_gaps(found)


def _without_gaps(code: str) -> str:
    """Without the lines in which nothing was said after all."""
    return re.sub(r"\n(?:[ \t]*\n)+(?=    |\Z)", "\n", code)


def _encoders(task: ScriptParts) -> str:
    return literal({part: Source(task.encode if part == "train" else task.encode_to_judge) for part in PARTS})


def _head(paragraphs: Sequence[str]) -> str:
    wrapped = ["\n".join(_wrapped(text, WIDTH)) if not text.startswith("    ") else text for text in paragraphs]
    body = "\n\n".join(wrapped).replace("\\", "\\\\").replace('"""', "'''")
    return f'"""{body}\n"""'


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)


def _imports(framed: Framed, task: ScriptParts) -> str:
    names = {*_NAMES, *task.transformers, *(name for name, _ in framed.callbacks)}
    code = "\n".join([task.functions, task.model, task.tokenizer, task.before_saving, str(task.constants)])
    needed = (line for line in task.modules if re.search(rf"\b{line.split()[-1]}\b", code))
    modules = {"import json", "import sys", "import torch", "from datasets import Dataset", *needed}
    standard = {line for line in modules if line.split()[1].split(".")[0] in sys.stdlib_module_names}
    third = [*sorted(modules - standard, key=_by_kind), _from_transformers(sorted(names, key=_by_case))]
    return "\n".join([*sorted(standard, key=_by_kind), "", *third])


def _by_kind(line: str) -> tuple[bool, str]:
    return line.startswith("from"), line


def _by_case(name: str) -> tuple[bool, str]:
    return name.islower(), name


def _from_transformers(names: Sequence[str]) -> str:
    line = f"from transformers import {', '.join(names)}"
    if len(line) <= WIDTH:
        return line
    return "\n".join(["from transformers import (", *(f"    {name}," for name in names), ")"])


def _constants(found: Mapping[str, tuple[Any, str]]) -> list[str]:
    lines = []
    for name, (value, why) in found.items():
        lines += [f"# {line}" for line in _wrapped(why, WIDTH - 2)]
        lines.append(f"{name} = {literal(value)}")
    return lines


def _keywords(options: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={literal(value)}" for name, value in options.items())


def _indented(text: str, by: int) -> str:
    return textwrap.indent(text.strip("\n"), " " * by)
