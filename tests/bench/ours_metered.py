"""As ``tests.bench.ours``, with the cost of callbacks measured.

Run as: ``python -m tests.bench.ours_metered JOB.json``
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.bench import gate
from tests.bench.callback_cost import Meter
from tests.bench.ours import main

if __name__ == "__main__":
    gate.meter = Meter()
    main(Path(sys.argv[1]))
