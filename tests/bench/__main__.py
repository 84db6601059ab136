"""Run the benchmarks named on the command line, or all.

Run as: ``python -m tests.bench [start] [overhead] [tick] [pages] [report]``
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable
from typing import Any


def main(names: list[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="tunesmith-bench-", ignore_cleanup_errors=True) as home:
        os.environ["TUNESMITH_HOME"] = home
        from tests.bench import overhead, pages, report, start, tick

        benches: dict[str, Callable[[], dict[str, Any]]] = {
            "tick": tick.measure,
            "start": start.measure,
            "pages": pages.measure,
            "overhead": overhead.measure,
            "report": report.measure,
        }
        figures = {}
        for name in names or list(benches):
            print(f"measuring: {name}", file=sys.stderr, flush=True)
            figures[name] = benches[name]()
            print(json.dumps({name: figures[name]}, indent=1), file=sys.stderr, flush=True)
        print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
