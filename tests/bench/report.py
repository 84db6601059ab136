"""How fast a report on very many predictions opens: what the app answers, the rows behind a cell, and the page."""

from __future__ import annotations

import json
import time
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import quote

from core import events, runs
from core.config import validate
from core.data.parts import DataParts
from core.data.types import Target
from core.judging import judging
from core.judging.readings.base import Facts
from core.runs import Run
from core.tasks import TASKS
from core.tasks.base import Context
from tests.browser import CHROMIUM_FLAGS, running_app
from tests.shelf import finished

ROWS, FEW = 100_000, 1000
LABELS = ("delivery", "payment", "quality", "returns", "size", "staff", "website")
TIMES = 5
WORDS = ("parcel", "late", "refund", "card", "zip", "seam", "courier", "voucher", "colour", "small", "helpful", "page")


def measure() -> dict[str, Any]:
    """Seconds and bytes. A page is measured beside the one of a report on ``FEW`` rows: what stays is not of the rows.

    ``cpu_s`` is what the browser computed meanwhile: on a machine that is busy with other things, seconds say little.
    """
    from core import home

    small, _ = _judged(FEW)
    run, made_s = _judged(ROWS)
    figures: dict[str, Any] = {
        "rows": ROWS,
        "made_s": round(made_s, 1),
        "report_bytes": (run.path / "report.json").stat().st_size,
        "rows_bytes": (run.path / "judgements" / "test.parquet").stat().st_size,
    }
    with running_app(home.home()) as app:
        address = f"{app.url}/reads/runs/{run.id}"
        cell = quote(json.dumps([["truth", "==", LABELS[0]], ["answer", "==", LABELS[1]]]))
        rows = f"{address}/judgements/test/rows"
        return figures | {
            "report": _best(f"{address}/report"),
            "rows_first_page": _best(f"{rows}?count=20"),
            "rows_of_a_cell": _best(f"{rows}?where={cell}"),
            "rows_worst_first": _best(f"{rows}?order=-error"),
            **_in_a_browser(app.url, {"page": run, "page_of_few_rows": small}),
        }


def _judged(count: int) -> tuple[Run, float]:
    """A run whose model was judged on ``count`` rows, by the real functions, of made-up answers; seconds that took."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    from core import home

    draw, task = np.random.default_rng(0), TASKS["text-classification"]
    truth = draw.integers(len(LABELS), size=count)
    words = draw.integers(len(WORDS), size=(count, 18))
    texts = [" ".join(WORDS[place] for place in row) + f", order {number}" for number, row in enumerate(words)]
    logits = draw.normal(size=(count, len(LABELS)))
    logits[np.arange(count), truth] += 2.5
    names = np.asarray(LABELS)[truth]
    table = pa.table({"text": texts, "label": names, "shop": draw.choice(["north", "south", "web"], count)})
    source = home.home() / f"reviews-{count}.parquet"
    pq.write_table(table, source)
    columns = {"text": "text", "label": "label"}
    config = validate({"task": task.id, "data": {"source": str(source), "columns": columns},
                       "model": {"checkpoint": "starter/minilm"}})  # fmt: skip
    rows = pa.table({"text": texts, "label": names, "row": np.arange(1, count + 1)})
    target = Target(LABELS, tuple(np.bincount(truth).tolist()))
    context = Context(None, target, 128, config.options)
    train = rows.slice(0, 5000)
    parts = DataParts(train, rows.slice(0, 0), rows, target, (), 0)
    run = runs.create(config)
    began = time.perf_counter()
    _write(run, Facts(config, task, parts, context, logits, None, {}))
    return run, time.perf_counter() - began


def _write(run: Run, facts: Facts) -> None:
    task, parts, context, outputs = facts.task, facts.parts, facts.context, facts.outputs
    rows = parts.test

    def complain(title: str, detail: str) -> None:
        raise RuntimeError(f"{title} {detail}")

    found = judging.marks(task, outputs, rows, context, None, {}, complain)
    counts = {"train": parts.train.num_rows, "validation": 0, "test": rows.num_rows, "unusable": 0}
    report = {
        **judging.opening(facts.config, parts.target.labels, counts),
        "metrics": {"validation": found, "test": found},
        "baselines": task.baselines(parts.train, rows, context, outputs, None),
        **judging.seen_in(task, outputs, rows, context),
        "confusion_matrix": found["confusion_matrix"],
        "train_runtime": 300.0,
    }
    kept = judging.keep(run, "test", task, outputs, rows, context)
    facts = Facts(facts.config, task, parts, context, outputs, kept, report)
    judging.write(run.path / "report.json", judging.concluded(facts, report, complain))
    log = events.EventLog(run.events_path)
    for event in finished():
        log.append(event)
    log.close()
    run.model_path.mkdir()
    (run.model_path / "config.json").write_text("{}", encoding="utf-8")


def _best(address: str) -> dict[str, float]:
    times = []
    for _ in range(TIMES):
        began = time.perf_counter()
        with urllib.request.urlopen(address) as answer:
            size = len(answer.read())
        times.append(time.perf_counter() - began)
    return {"first": round(times[0], 3), "best": round(min(times), 3), "bytes": size}


def _in_a_browser(url: str, runs: dict[str, Run]) -> dict[str, dict[str, float]]:
    """From the address to the last block of the report on the page, and from the report's answer to there."""
    from playwright.sync_api import sync_playwright

    program = next((path for path in ("/usr/bin/chromium", "/usr/bin/google-chrome") if Path(path).exists()), None)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=list(CHROMIUM_FLAGS))
        page = browser.new_page()
        page.set_default_timeout(120_000)
        page.goto(url)
        page.get_by_role("link", name="New run").first.wait_for()
        found = {name: [_opened(browser, page, url, run) for _ in range(3)] for name, run in runs.items()}
        browser.close()
    return {name: min(times, key=lambda one: one["cpu_s"]) for name, times in found.items()}


def _opened(browser: Any, page: Any, url: str, run: Run) -> dict[str, float]:
    before, began = _computed(browser), time.perf_counter()
    with page.expect_response(lambda answer: answer.url.endswith("/report")) as answered:
        page.goto(f"{url}/run?id={run.id}", wait_until="commit")
    answered.value.finished()
    there, computed = time.perf_counter(), _computed(browser)
    page.locator("#ts-details .ts-section").last.wait_for()
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    over, after = time.perf_counter(), _computed(browser)
    figures = {"s": over - began, "cpu_s": after - before, "drawing_s": over - there, "drawing_cpu_s": after - computed}
    return {name: round(value, 2) for name, value in figures.items()}


def _computed(browser: Any) -> float:
    """Seconds that all processes of the browser have computed so far."""
    session = browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return float(sum(process["cpuTime"] for process in processes))
