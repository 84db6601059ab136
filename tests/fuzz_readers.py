"""A program that feeds the readers with bytes that nobody wrote, led by which lines of theirs each input reaches.

``python -m tests.fuzz_readers FOLDER -max_total_time=20``: FOLDER holds inputs to begin from and takes those found on
the way; further arguments are libFuzzer's. The first byte of an input chooses the file's name, the rest is its content.
It ends with an error at the first file that is neither read as a table nor refused in words.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["core.data"]):
    from tests.nasty.look import look_at

from core import home
from core.data import reading, unpacking, workbooks
from tests.nasty.record import NAMES


def main() -> None:
    """Fuzz until libFuzzer's limits are reached, which ends the program."""
    place = Path(tempfile.mkdtemp(prefix="fuzz-"))  # left behind: libFuzzer ends the program without a word
    os.environ["TUNESMITH_HOME"] = str(place / "home")

    def one_input(data: bytes) -> None:
        if not data:
            return
        path = place / NAMES[data[0] % len(NAMES)]
        path.write_bytes(data[1:])
        try:
            look_at(path)
        finally:
            path.unlink()
            shutil.rmtree(home.cache_dir(), ignore_errors=True)

    reading.import_workbook = workbooks.read_workbook  # type: ignore[attr-defined]  # a process each would be too slow
    unpacking._LARGE = 1 << 22  # what swells further than this is stopped
    (place / "home").mkdir()
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
