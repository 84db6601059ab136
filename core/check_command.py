"""The command ``check``: what is found in a table, as it is found, and a config with what is done about it."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from core.config import RunConfig, put, validate
from core.data.origins import origin_of
from core.data.types import Checkup, Finding, Fix
from core.errors import ConfigError

if TYPE_CHECKING:
    from core.studio import Studio

ALL = "all"


def check(studio: Studio, options: Namespace, draft: Mapping[str, Any]) -> int:
    """Check a draft's data and print what is found. Returns 0 when it can be learned from, after the fixes if any."""
    if bool(options.fix) != bool(options.write):
        raise ConfigError("--fix and --write belong together.", "Write them as --fix duplicates --write run.yaml.")
    config, reasons = studio.complete(draft)
    preview, checkup = studio.preview(origin_of(config.data)), studio.checkup(config)
    remarks = [] if checkup.blocks else studio.remarks(config)
    if not options.json:
        print(f"{preview.title}: {preview.rows:,} rows, {len(preview.columns)} columns")
        for reason in reasons:
            if reason.path.startswith("data."):
                print(f"  {reason.path.removeprefix('data.')}: {reason.value}  ({reason.reason})")
    findings = []
    for finding in _found(studio, config, preview.findings, checkup):
        findings.append(finding)
        if not options.json:
            print(in_words(finding), flush=True)
    fixed = _fixed(config, findings, options.fix) if options.fix else config
    after = studio.checkup(fixed) if options.fix else checkup
    if options.write:
        options.write.write_text(fixed.to_yaml(), encoding="utf-8")
    if options.json:
        found = {
            "rows": preview.rows,
            "columns": config.data.columns,
            "labels": dict(checkup.labels),
            "task": config.task,
            "findings": [asdict(finding) for finding in findings],
            "account": asdict(after.account) if after.account else None,
            "remarks": [vars(remark) for remark in remarks],
        }
        print(json.dumps(found, ensure_ascii=False, default=str))
    else:
        for remark in remarks:
            print(f"note: {remark.title} {remark.detail}".rstrip())
        _print_account(after)
        if options.write:
            print(f"Written to {options.write}, with {_steps(len(fixed.data.steps))}.")
    return 1 if after.blocks else 0


def in_words(finding: Finding) -> str:
    """A finding with its rows and its fixes, each on a line of its own."""
    lines = [f"{finding.severity}: {finding.title} {finding.meaning} {finding.fix}".rstrip()]
    if finding.rows:
        more = f" and {finding.count - len(finding.rows):,} more" if finding.count > len(finding.rows) else ""
        lines.append(f"    rows {', '.join(f'{row:,}' for row in finding.rows)}{more}")
    for number, fix in enumerate(finding.fixes, start=1):
        name = finding.code if number == 1 else f"{finding.code}:{number}"
        lines.append(f"    {number}. {fix.words}  (--fix {name})")
    return "\n".join(lines)


def _found(studio: Studio, config: RunConfig, early: Sequence[Finding], checkup: Checkup) -> Iterator[Finding]:
    """What reading told, what the task tells, and, unless that stands in the way, what the checks tell one by one."""
    told = {finding.code for finding in checkup.findings}  # of several files, what reading told stands there by name
    yield from (finding for finding in early if finding.code not in told)
    yield from checkup.findings
    if checkup.blocks:
        return
    for word in studio.check(config):
        if sys.stderr.isatty():
            going_on = f"{word.title}…" if word.done < word.total else ""
            print(f"\r\033[K{going_on}", end="\r" if word.findings else "", file=sys.stderr, flush=True)
        yield from word.findings


def _fixed(config: RunConfig, findings: Sequence[Finding], names: Sequence[str]) -> RunConfig:
    """The config with the fixes of these names: a finding's code, with ``:2`` for its second fix, or ``all``."""
    data = config.model_dump(mode="json")
    for fix in _chosen(findings, names):
        data["data"]["steps"] = [*data["data"]["steps"], *(dict(step) for step in fix.steps)]
        for path, value in fix.settings.items():
            put(data, path, value)
    return validate(data)


def _chosen(findings: Sequence[Finding], names: Sequence[str]) -> list[Fix]:
    fixable: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.fixes:
            fixable.setdefault(finding.code, []).append(finding)
    wanted = [name for name in names if name != ALL]
    if ALL in names:
        # What a person names comes with the number of its fix; of all others the first is made.
        named = {name.partition(":")[0] for name in wanted}
        wanted += [code for code in fixable if code not in named]
    chosen = []
    for name in wanted:
        code, _, number = name.partition(":")
        place = int(number) if number.isdigit() else 1 if not number else 0
        made = [one.fixes[place - 1] for one in fixable.get(code, ()) if 1 <= place <= len(one.fixes)]
        if not made:
            known = ", ".join(fixable) or "none"
            raise ConfigError(f"There is no fix {name} for what was found.", f"There are fixes for: {known}.")
        chosen += made
    return chosen


def _print_account(checkup: Checkup) -> None:
    if checkup.account is not None:
        print(f"{checkup.account.used:,} of {checkup.account.read:,} rows are used.")
        for reason, count in checkup.account.aside:
            print(f"    {count:,} set aside: {reason}")
    print("This table cannot be learned from yet." if checkup.blocks else "This table can be learned from.")


def _steps(count: int) -> str:
    return f"{count:,} {'change' if count == 1 else 'changes'} of the table"
