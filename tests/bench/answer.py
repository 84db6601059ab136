"""How fast the playground answers once it is warm: from pressing the button to the whole answer, through HTTP.

What a page does is done without a browser: the event of the button joins the app's queue, and what comes back is read
until it is over.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from core import events, home, runs
from core.config import validate
from core.data.types import Target
from core.models import manual
from core.models.checkpoints import resolve
from core.spares import PROJECT
from tests import ports
from tests.bench import checkpoints, ratios
from tests.bench.pages import _wait_for

LABELS = ("negative", "positive")
TEXT = "The parcel came two days late, and the box was open on one side."
WARM, TIMES = 5, 40
SESSION = "bench"


def measure() -> dict[str, Any]:
    """Milliseconds of one answer of the starter model: the median, the least and the most, and the first of all."""
    run = _run()
    port = ports.free()
    app = subprocess.Popen(
        [sys.executable, "app.py", "--port", str(port)], cwd=PROJECT, env=dict(os.environ), stdout=subprocess.DEVNULL
    )
    try:
        address = f"http://127.0.0.1:{port}/"
        _wait_for(address)
        question = _question(address)
        first_ms, answer = _asked(address, run, question)
        if not any(label in answer for label in LABELS):
            raise RuntimeError(f"this is no answer: {answer[:500]}")
        for _ in range(WARM):
            _asked(address, run, question)
        return {"first_ms": round(first_ms), "warm_ms": ratios.spread(
            [_asked(address, run, question)[0] for _ in range(TIMES)])}  # fmt: skip
    finally:
        app.terminate()
        app.wait()


def _run() -> str:
    """A run with a model to try: the starter model with an answer layer drawn by chance."""
    checkpoint = resolve("starter/minilm")
    columns = {"text": "text", "label": "label"}
    run = runs.create(validate({"task": "text-classification", "data": {"source": "gone.csv", "columns": columns},
                                "model": {"checkpoint": str(checkpoint)}}))  # fmt: skip
    made = Path(checkpoints.with_answers(checkpoint, home.home() / "bench-answer", LABELS))
    made.rename(run.model_path)
    manual.write(run.model_path, manual.Manual("text-classification", 128, Target(LABELS)))
    log = events.EventLog(run.events_path)
    log.append(events.Finished(train_runtime_s=1.0))
    log.close()
    return run.id


def _question(address: str) -> dict[str, Any]:
    """The event of the button as a page would send it, the text in every field."""
    with urllib.request.urlopen(f"{address}config") as answer:
        config = json.loads(answer.read())
    parts = {part["id"]: part for part in config["components"]}
    button = next(place for place, part in parts.items() if part["props"].get("elem_id") == "try-ask")
    event = next(one for one in config["dependencies"] if [button, "click"] in [list(two) for two in one["targets"]]
                 and one["backend_fn"] and one["outputs"])  # fmt: skip
    data = [TEXT if parts[place]["type"] == "textbox" else parts[place]["props"].get("value")
            for place in event["inputs"]]  # fmt: skip
    return {"data": data, "fn_index": event["id"], "session_hash": SESSION, "event_data": None, "trigger_id": button}


def _asked(address: str, run: str, question: dict[str, Any]) -> tuple[float, str]:
    """(milliseconds until the last word, all that was said)."""
    began, said = time.perf_counter(), []
    join = urllib.request.Request(
        f"{address}gradio_api/queue/join?id={run}", json.dumps(question).encode(), {"Content-Type": "application/json"}
    )
    urllib.request.urlopen(join).close()
    with urllib.request.urlopen(f"{address}gradio_api/queue/data?session_hash={SESSION}") as stream:
        for line in stream:
            said.append(line.decode())
            if b'"process_completed"' in line:
                return 1000 * (time.perf_counter() - began), "".join(said)
    raise RuntimeError(f"the answer never ended: {''.join(said)[-500:]}")
