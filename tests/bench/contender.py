"""A long-lived process that does a block of work when it is told to, so that starting it is not measured."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from core.spares import PROJECT
from tests.bench.jobs import Job
from tests.bench.options import Options
from tests.bench.ratios import Block, orders


class Contender:
    """The parent's end of one; it is ready when made."""

    def __init__(self, name: str, module: str, job: Job, options: Options) -> None:
        self.name = name
        self._log = Path(job.folder) / f"{job.name}-{name}.log".replace(" ", "-")
        given = self._log.with_suffix(".json")
        given.write_text(json.dumps(asdict(job)), encoding="utf-8")
        with open(self._log, "w", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, str(given)],
                cwd=PROJECT,
                env=_environment(options),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self.began = self.read()

    def ask(self, **command: Any) -> dict[str, Any]:
        """Tell it to do something, and wait for what came of it."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        return self.read()

    def read(self) -> dict[str, Any]:
        """The next thing that it says. Raises ``RuntimeError`` with its last words where it has gone."""
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            self.close()
            raise RuntimeError(f"{self.name} has ended: {self._log.read_text(encoding='utf-8')[-3000:]}")
        found: dict[str, Any] = json.loads(line)
        return found

    def close(self) -> None:
        self._process.kill()
        self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def race(contenders: list[Contender], commands: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """What each said of each command, one after the other in alternating order. The first command warms them up."""
    said: dict[str, list[dict[str, Any]]] = {one.name: [] for one in contenders}
    by_name = {one.name: one for one in contenders}
    for turn, (command, order) in enumerate(zip(commands, orders(list(by_name), len(commands)), strict=True)):
        print(f"  round {turn} of {len(commands) - 1}: {', '.join(order)}", file=sys.stderr, flush=True)
        for name in order:
            said[name].append(by_name[name].ask(**command))
    return {name: replies[1:] for name, replies in said.items()}


def blocks(replies: list[dict[str, Any]]) -> list[Block]:
    return [Block(reply["wall"], reply["cpu"]) for reply in replies]


def _environment(options: Options) -> dict[str, str]:
    threads = str(options.threads)
    return {
        **os.environ,
        "PYTHONPATH": str(PROJECT),
        "OMP_NUM_THREADS": threads,
        "MKL_NUM_THREADS": threads,
        "TOKENIZERS_PARALLELISM": "false",
        "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_VERBOSITY": "error",
    }
