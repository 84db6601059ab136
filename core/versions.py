"""The versions that a result depends on."""

from __future__ import annotations

from importlib import metadata

from core import __version__


def versions() -> dict[str, str]:
    """Name to version, read from the installed packages without importing them."""
    packages = ("torch", "transformers", "datasets", "accelerate", "tokenizers", "scikit-learn")
    return {"tunesmith": __version__} | {name: metadata.version(name) for name in packages}
