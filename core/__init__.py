"""Tunesmith's core: everything the app can do, with no skin on it.

``core.studio.Studio`` is the one door. Modules here are light to import (standard library, pydantic, yaml);
torch, transformers and datasets are imported only inside functions that run in worker processes.
"""

__version__ = "0.1.0"
