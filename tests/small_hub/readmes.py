"""READMEs as the Hub wants them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml


def card(head: Mapping[str, Any], text: str) -> str:
    """A README with its YAML head."""
    return f"---\n{yaml.safe_dump(dict(head), sort_keys=False)}---\n\n{text}"
