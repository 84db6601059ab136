"""What a Space installs, ``requirements.txt``: the pins of the lock, as far as the builder of Spaces takes them.

Run as: ``python -m core.requirements_list requirements.lock > requirements.txt``
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

HELD: Mapping[str, str] = {"pydantic": "2.12.5", "pydantic_core": "2.41.5"}
"""Pins that differ from the lock's. A Space is built in one go with ``gradio[oauth,mcp]``, whose part for assistants
takes no newer pydantic: with the lock's the build ends before the app starts."""
_HEAD = """\
# What a Hugging Face Space installs: the pins of requirements.lock, but for {names}, which
# Gradio's part for assistants holds back there. Made by 'make docs'; elsewhere install requirements.lock. On a Space
# without a GPU the image is smaller by 3 GB with one more line: --extra-index-url https://download.pytorch.org/whl/cpu
"""
_PIN = re.compile(r"([\w.-]+)==\S+(.*)")


def listed(lock: str) -> str:
    """The whole ``requirements.txt`` for this lock."""
    lines = [_held(line) for line in lock.splitlines() if line and not line.startswith("#")]
    return "\n".join([_HEAD.format(names=" and ".join(HELD)).rstrip(), *lines, ""])


def _held(line: str) -> str:
    found = _PIN.fullmatch(line)
    return f"{found[1]}=={HELD[found[1]]}{found[2]}" if found and found[1] in HELD else line


def main(arguments: Sequence[str]) -> int:
    """Print the file; the one argument is the lock."""
    (lock,) = arguments
    print(listed(Path(lock).read_text(encoding="utf-8")), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
