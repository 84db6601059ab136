"""Start a small Hub by hand, with a few datasets and models: ``python -m tests.small_hub --port 8765``."""

from __future__ import annotations

import argparse
import signal
import tempfile
from pathlib import Path

from tests.small_hub.demo import fill, fill_models
from tests.small_hub.server import SmallHub
from tests.tiny_models import TEXTS, tiny_checkpoint


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.small_hub", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes one that is free")
    parser.add_argument("--folder", type=Path, help="where its files are kept; a temporary folder without it")
    parser.add_argument("--rows", type=int, default=20_000, help="how many rows the long dataset has")
    options = parser.parse_args()
    with SmallHub(options.folder, options.port) as hub:
        fill(hub, options.rows)
        with tempfile.TemporaryDirectory() as shelf:
            fill_models(hub, tiny_checkpoint(Path(shelf), TEXTS))
        print(hub.url, flush=True)
        for token, user in hub.store.users.items():
            print(f"token of {user.name}: {token}", flush=True)
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


if __name__ == "__main__":
    main()
