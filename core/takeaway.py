"""A report as files: one page that needs nothing else, and the same as JSON.

The page holds the very scripts and styles that draw a run's page, plotly.js, and the blocks as data. Texts of a table
are in it as data alone, never as HTML, and a policy in it forbids its scripts to ask anything of anybody.
"""

from __future__ import annotations

import html
import json
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from core import home
from core.config import RunConfig
from core.errors import RunError
from core.evaluation.types import Section
from core.said import said
from core.tasks import TASKS

STATIC = home.ASSETS / "static"
STYLES = ("tunesmith.css", "report.css", "takeaway.css")
ENTRY = "takeaway.js"
_IMPORT = re.compile(r'(?<=from ")\./(?=[\w-]+\.js")')
"""What stands before the name of a script that another one imports."""
_PREFIX = "tunesmith/"
"""A name for the browser's import map: a script inside a page has no address that ``./`` could start from."""
POLICY = "default-src 'none'; script-src 'unsafe-inline' data:; style-src 'unsafe-inline'; img-src data: blob:"

Facts = Sequence[tuple[str, str]]


def facts_of(config: RunConfig, report: Mapping[str, Any]) -> Facts:
    """What the report is of, as (word, value): the task, the model it began with, the table, how many rows."""
    rows, judged = report.get("rows") or {}, report.get("judged") or {}
    parts = [f"{rows[part]:,} for {words}" for part, words in _PARTS.items() if rows.get(part)]
    version = (report.get("versions") or {}).get("tunesmith")
    found = [
        ("Task", TASKS[config.task].title if TASKS.knows(config.task) else config.task),
        ("Started from", config.model.checkpoint),
        ("Data", config.data.source.rstrip("/").rpartition("/")[2]),
        ("Judged on", str(judged.get("title") or "")),
        ("Rows", ", ".join(parts)),
        ("Made with", f"Tunesmith {version}" if version else ""),
    ]
    return [(word, value) for word, value in found if value]


_PARTS = {"train": "training", "validation": "validation", "test": "the test"}


def as_json(report: Mapping[str, Any], sections: Sequence[Section], name: str, facts: Facts = ()) -> bytes:
    """Report and blocks as one JSON object: ``name``, ``facts``, ``report``, ``sections``."""
    whole = {
        "name": name,
        "facts": dict(facts),
        "report": report,
        "sections": [asdict(section) for section in sections],
    }
    return json.dumps(whole, ensure_ascii=False, indent=1).encode(errors="replace")


def as_html(
    report: Mapping[str, Any], sections: Sequence[Section], name: str, facts: Facts = (), title: str = "Report"
) -> Iterator[bytes]:
    """One page with the verdict and all blocks, in pieces. It needs no network, and no other file.

    Raises ``RunError`` where plotly.js is not there.
    """
    shown = {
        "name": name,
        "facts": list(facts),
        "verdict": str(report.get("verdict") or ""),
        "sections": [asdict(section) for section in sections],
    }
    drawing, scripts = _plotly(), _scripts(ENTRY)
    imports = {f"{_PREFIX}{file}": _address(code) for file, code in scripts.items()}
    yield _HEAD.format(title=html.escape(f"{name} · {title}"), policy=POLICY).encode(errors="replace")
    for style in STYLES:
        yield f"<style>\n{(STATIC / style).read_text(encoding='utf-8')}</style>\n".encode()
    yield f'<script type="importmap">{json.dumps({"imports": imports})}</script>\n'.encode()
    yield _BODY.encode()
    yield f'<script type="application/json" id="ts-report">{_inert(shown)}</script>\n'.encode(errors="replace")
    yield b"<script>"
    yield drawing.read_bytes()
    yield f'</script>\n<script type="module">import "{_PREFIX}{ENTRY}";</script>\n</body>\n</html>\n'.encode()


def _inert(value: Any) -> str:
    """JSON that can stand in a page: no text in it can end its script or begin a tag."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")


def _scripts(entry: str) -> dict[str, str]:
    """A script of ours with all that it imports, by file name, ready for the import map."""
    found: dict[str, str] = {}
    waiting = [entry]
    while waiting:
        file = waiting.pop()
        if file not in found:
            code = (STATIC / file).read_text(encoding="utf-8")
            waiting += re.findall(r'from "\./([\w-]+\.js)"', code)
            found[file] = _IMPORT.sub(_PREFIX, code)
    return found


def _address(code: str) -> str:
    return f"data:text/javascript;base64,{b64encode(code.encode()).decode()}"


def _plotly() -> Path:
    """plotly.js as it lies in the plotly package."""
    spec = find_spec("plotly")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        if (path := Path(folder) / "package_data" / "plotly.min.js").is_file():
            return path
    raise RunError(
        said("plotly.js is not installed, which draws the curves."), said("Install Tunesmith anew, then try again.")
    )


_HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
"""
_BODY = """</head>
<body>
<main class="ts-page ts-stack" id="ts-kept"></main>
<noscript>This report draws itself with scripts that are inside this file. Let your browser run them.</noscript>
"""
