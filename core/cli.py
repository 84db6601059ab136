"""The command line: the same door as the pages.

Run as:
    python -m core.cli train run.yaml [--set training.learning_rate=1e-4]
    python -m core.cli check reviews.csv [--fix all --write run.yaml]
    python -m core.cli tasks
    python -m core.cli list
    python -m core.cli show RUN
    python -m core.cli predict RUN --input in.csv --output out.csv
    python -m core.cli stop RUN [--keep best|last|nothing]
    python -m core.cli pause RUN | continue RUN | evaluate RUN | save RUN | move RUN PLACE
    python -m core.cli again RUN | retry RUN | longer RUN EPOCHS
    python -m core.cli ensemble RUN RUN [--method votes]
    python -m core.cli search RUN --over training.learning_rate=1e-5..1e-4:log --trials 8
    python -m core.cli searches | search-show SEARCH
    python -m core.cli script RUN [--output FOLDER]
    python -m core.cli push RUN anna/reviews [--public] [--pr] [--demo]
    python -m core.cli keep RUN | kept | bring-back RUN
    python -m core.cli judge RUN reviews-june.csv
    python -m core.cli labels RUN [--top 20]
    python -m core.cli compare RUN run.yaml
    python -m core.cli report RUN [--html report.html]
    python -m core.cli people add NAME --people people.txt
    python -m core.cli hardware | job RUN

Every command takes ``--json``. The exit code is 0 only when what was asked succeeded.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from core import home, permissions
from core.data.accepted import ACCEPTED
from core.errors import ConfigError, StudioError, explain
from core.permissions import Permission

if TYPE_CHECKING:
    from core.models.types import Note
    from core.studio import Studio

EXIT_OK, EXIT_FAILED, EXIT_USAGE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    parser = make_parser()
    options = parser.parse_args(arguments)
    from core.studio import Studio

    permissions.allow(*getattr(options, "allow", ()))
    studio = Studio()
    try:
        home.need_writable()
        return int(options.command(studio, options))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read the words, such as head, has had enough of them
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_OK
    except StudioError as exc:
        return _complain(exc, options.json)
    except (FileNotFoundError, PermissionError) as exc:  # of a file that was named: the words name it too
        return _complain(explain(exc), options.json)
    except Exception as exc:
        traceback.print_exc()
        return _complain(explain(exc), options.json)
    finally:
        studio.close()


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tunesmith", description="From a table of examples to a trained model.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, function: Any, words: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=words, description=words)
        sub.set_defaults(command=function)
        sub.add_argument("--json", action="store_true", help="print JSON for a program to read")
        return sub

    def permitting(sub: argparse.ArgumentParser) -> argparse.ArgumentParser:
        words = "let weights be read that can hide code (bin), a model's program or a run's own command be run"
        sub.add_argument("--allow", action="append", default=[], choices=get_args(Permission), help=words)
        return sub

    from core import jobs_command

    sub = permitting(command("train", train, "Train a model as a run.yaml says, and judge it."))
    sub.add_argument("config", type=Path, help="the run.yaml")
    sub.add_argument("--set", action="append", default=[], metavar="KEY.PATH=VALUE", help="change one setting")
    jobs_command.add_agreeing(sub)

    command("list", list_runs, "All runs, newest first.")
    command("show", show, "One run: its state, its mark, its verdict.").add_argument("run")

    sub = permitting(command("predict", predict, "Let a trained model answer every row of a table."))
    sub.add_argument("run")
    sub.add_argument("--input", type=Path, required=True, help=f"the table: {ACCEPTED}")
    sub.add_argument("--output", type=Path, required=True, help="the file to write, in the form that its ending says")
    fast = "with rounded weights, about twice as fast, where a trial on its first rows gives the same answers"
    sub.add_argument("--fast", action="store_true", help=fast)

    sub = permitting(command("again", again, "Take up an interrupted, stopped or failed run."))
    sub.add_argument("run")
    words = "on so many processes from now on; each step rests on the same examples as before"
    sub.add_argument("--processes", type=int, metavar="NUMBER", help=words)

    sub = command("check", check, "Look at a table before learning from it.")
    sub.add_argument("file", help=f"the table: {ACCEPTED}; hf://datasets/OWNER/NAME; or a run.yaml")
    sub.add_argument("--subset", help="of a Hub dataset: which of its tables")
    sub.add_argument("--revision", help="of a Hub dataset: a branch, a tag or a commit; the newest without it")
    sub.add_argument("--task", help="the task to check for; guessed without it")
    sub.add_argument("--column", action="append", default=[], metavar="ROLE=COLUMN", help="which column plays a role")
    sub.add_argument("--fix", action="append", default=[], metavar="CODE", help="a fix to make, or all; with --write")
    sub.add_argument("--write", type=Path, metavar="RUN.YAML", help="write a config with the fixes, to train with")

    from core import (
        compare_command,
        control_command,
        ensemble_command,
        judge_command,
        keep_command,
        labels_command,
        people_command,
        push_command,
        report_command,
        search_command,
    )
    from core.script import command as script_command

    control_command.add(command, permitting)
    keep_command.add(command)
    words = "Which of two runs is better, and what differs between their settings, or those of files."
    compare_command.add(command("compare", compare_command.compare, words))
    words = "Judge a trained model on other rows: a file, a part of its data, another run's test part."
    judge_command.add(permitting(command("judge", judge_command.judge, words)))
    report_command.add(command("report", report_command.report, "A run's report, to be read here or taken away."))
    words = "Which labels of a run's rows are probably wrong: models dispute them that did not learn from the row."
    labels_command.add(permitting(command("labels", labels_command.labels, words)))
    search_command.add(command, permitting)
    people_command.add(command)
    jobs_command.add(command)
    push_command.add(command("push", push_command.push, "Publish a trained model on the Hugging Face Hub."))

    script_command.add(command("script", script_command.script, "Take a run away as a program of its own: train.py."))

    ensemble_command.add(
        command("ensemble", ensemble_command.ensemble, "Let finished runs answer together, judged as one.")
    )

    sub = command("tasks", tasks, "What a model can learn, and what each task needs.")
    sub.add_argument("task", nargs="?", help="one task; all of them without it")
    sub.add_argument("--markdown", action="store_true", help="print the page of the docs")
    return parser


def train(studio: Studio, options: argparse.Namespace) -> int:
    from core import config as configs
    from core import jobs_command
    from core.following import follow

    studio.warm_up()
    draft = configs.load(options.config, options.set)
    _resolve_paths(draft, options.config.parent)
    config, reasons = studio.complete(draft)
    checkup = studio.checkup(config)
    if checkup.blocks:
        for finding in checkup.findings:
            print(f"{finding.severity}: {finding.title} {finding.fix or finding.meaning}", file=sys.stderr)
        if options.json:
            _print_json({"findings": [vars(finding) for finding in checkup.findings]})
        return EXIT_FAILED
    remarks = studio.remarks(config)
    if options.json:
        for remark in remarks:
            _print_json({"kind": "remark", **vars(remark)})
    else:
        for reason in reasons:
            print(f"{reason.path} = {reason.value}  ({reason.reason})")
        _print_remarks(remarks)
    run_id = studio.start(config, jobs_command.agreed(studio, config, options))
    studio.open(only=run_id)
    return follow(studio, run_id, as_json=options.json)


def again(studio: Studio, options: argparse.Namespace) -> int:
    from core.following import follow

    since = studio.live(options.run)["cursor"]
    if options.processes is not None:
        studio.spread_anew(options.run, options.processes)
    studio.again(options.run)
    studio.open(only=options.run)
    return follow(studio, options.run, since=since, as_json=options.json)


def list_runs(studio: Studio, options: argparse.Namespace) -> int:
    lines = studio.runs()
    if options.json:
        return _print_json([vars(line) for line in lines])
    if not lines:
        print("No runs yet. Start one with: python -m core.cli train run.yaml")
    for line in lines:
        mark = "" if line.metric is None else f"{line.metric_label} {_number(line.metric, line.metric_style)}"
        print(f"{line.id:32} {line.state:12} {mark:18} {line.task}  {line.name}")
    return EXIT_OK


def show(studio: Studio, options: argparse.Namespace) -> int:
    line, report, spread = studio.summary(options.run), studio.report(options.run), studio.spread(options.run)
    if options.json:
        config = studio.config(options.run).model_dump(mode="json")
        facts = {"folder": str(studio.folder(options.run)), "spread": vars(spread)}
        return _print_json({**vars(line), **facts, "config": config, "report": report})
    print(f"{line.name} ({line.id})\n{line.task} · {line.checkpoint} · {line.source}\nstate: {line.state}")
    print(f"folder: {studio.folder(options.run)}")
    if words := spread.in_words():
        print(f"spread: {words}")
    for number, given in enumerate(spread.commands, 1):
        print(f"on machine {number}: {given}")
    if report:
        print(f"\n{report['verdict']}")
        for name, value in report["metrics"]["test"].items():
            if isinstance(value, float):
                print(f"  {name:20} {value:.4f}")
    return EXIT_OK


def predict(studio: Studio, options: argparse.Namespace) -> int:
    from tqdm import tqdm

    from core.prediction.speed import in_words

    if not options.input.is_file():
        raise ConfigError(f"There is no file {options.input}.", "Check its path.")
    is_seen, drawn = sys.stderr.isatty() and not options.json, "{desc} |{bar:20}|"
    with tqdm(total=100, disable=not is_seen, leave=False, bar_format=drawn) as bar:

        def hear(share: float, words: str) -> None:
            bar.set_description_str(words, refresh=False)
            bar.update(int(100 * share) - bar.n)

        output, reply = studio.predict_file(options.run, options.input, hear, options.output.absolute(), options.fast)
    if options.json:
        told = ("rows", "skipped", "unreadable", "seconds", "precision")
        return _print_json({"output": str(output), **{key: reply[key] for key in told}})
    answered = reply["rows"] - reply["skipped"]
    print(f"{answered:,} rows answered in {output}, {in_words(answered / max(reply['seconds'], 0.001))}")
    if reply["precision"]:
        print(reply["precision"])
    if reply["skipped"]:
        print(f"{reply['skipped']:,} rows had nothing to answer; their new columns are empty.")
    if reply["unreadable"]:
        print(f"{reply['unreadable']:,} rows do not fit the header and were left out.")
    return EXIT_OK


def check(studio: Studio, options: argparse.Namespace) -> int:
    from core import check_command
    from core import config as configs

    hub = {name: value for name in ("subset", "revision") if (value := getattr(options, name))}
    draft: dict[str, Any] = {"data": {"source": options.file, **hub}}
    if options.file.endswith((".yaml", ".yml")):
        draft = configs.load(Path(options.file))
        _resolve_paths(draft, Path(options.file).parent)
    if options.task:
        draft["task"] = options.task
    if options.column:
        configs.put(draft, "data.columns", columns(options.column))
    return check_command.check(studio, options, draft)


def tasks(studio: Studio, options: argparse.Namespace) -> int:
    from core.catalogue import as_data, page, section
    from core.tasks import TASKS

    if options.task and not TASKS.knows(options.task):
        raise ConfigError(f"There is no task {options.task}.", f"The tasks are: {', '.join(TASKS)}.", field="task")
    chosen = [TASKS[options.task]] if options.task else list(TASKS.values())
    if options.json:
        return _print_json([as_data(task) for task in chosen])
    if options.task:
        print(section(chosen[0]), end="")
    elif options.markdown:
        print(page(chosen), end="")
    else:
        for task in chosen:
            print(f"{task.id:30} {task.summary}")
        print("\nMore of one: python -m core.cli tasks TASK")
    return EXIT_OK


def _resolve_paths(draft: dict[str, Any], folder: Path) -> None:
    """A relative source or checkpoint is looked for beside the run.yaml first, then where the command was given."""
    for name, key in (("data", "source"), ("model", "checkpoint")):
        section = draft.get(name)
        value = section.get(key) if isinstance(section, dict) else None
        if isinstance(section, dict) and isinstance(value, str) and (folder / value).exists():
            section[key] = str((folder / value).absolute())


def columns(pairs: Sequence[str]) -> dict[str, str | tuple[str, ...]]:
    """``ROLE=COLUMN`` as a config has it; a role that is named several times is played by several columns."""
    found: dict[str, tuple[str, ...]] = {}
    for pair in pairs:
        role, given, column = pair.partition("=")
        if not given:
            raise ConfigError(f"--column {pair} has no '='.", "Write it as --column text=review.")
        found[role] = (*found.get(role, ()), column)
    return {role: columns if len(columns) > 1 else columns[0] for role, columns in found.items()}


def _print_remarks(remarks: Sequence[Note]) -> None:
    """What will be done to long texts and to the model."""
    for remark in remarks:
        print(f"note: {remark.title} {remark.detail}".rstrip())


def _number(value: float, style: str) -> str:
    return f"{100 * value:.1f} %" if style == "percent" else f"{value:.3f}"


def _print_json(data: Any) -> int:
    print(json.dumps(data, ensure_ascii=False, default=str))
    return EXIT_OK


def _complain(error: StudioError, as_json: bool) -> int:
    if as_json:
        _print_json({"error": {"title": error.title, "advice": error.advice, "cause": error.cause}})
    else:
        print(f"{error.title}\n{error.advice}".strip(), file=sys.stderr)
        if error.cause:
            print(f"({error.cause})", file=sys.stderr)
    return EXIT_USAGE if isinstance(error, ConfigError) else EXIT_FAILED


if __name__ == "__main__":
    sys.exit(main())
