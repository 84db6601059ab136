"""The fixture ``small_hub``: an empty Hub for one test, or one with what a test's own fixture adds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.small_hub import SmallHub


@pytest.fixture
def small_hub(tmp_path: Path) -> Iterator[SmallHub]:
    with SmallHub(tmp_path / "hub") as hub:
        yield hub
