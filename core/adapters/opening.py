"""A model that was kept as an adapter alone, opened: the model it was made for is loaded, and the adapter merged."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.adapters.attached import reattach
from core.models.adapted import base_folder

Load = Callable[[str, Mapping[str, Any]], tuple[Any, Mapping[str, Any]]]
"""(folder, options of its config) -> a model, and what ``from_pretrained`` says of missing weights."""


def opened(load: Load, folder: str) -> tuple[Any, Mapping[str, Any]]:
    """The merged model of a folder for which ``adapted.is_adapted`` holds, and what its weights still lack.

    ``load`` is given the folder of the base. Raises ``CheckpointError``.
    """
    from transformers import AutoConfig

    from core.models.programs import trusting

    # Its own config: as many labels, and rows for as many tokens, as the adapter was trained with.
    config = AutoConfig.from_pretrained(folder, local_files_only=True, **trusting(folder))
    model, loading = load(str(base_folder(Path(folder))), {"config": config})
    adapter = reattach(model, Path(folder))
    adapter.merge()
    held = tuple(f"{name}." for name in adapter.whole)
    return model, {
        "missing_keys": [name for name in loading["missing_keys"] if not name.startswith(held)],
        "mismatched_keys": [entry for entry in loading["mismatched_keys"] if not entry[0].startswith(held)],
    }


@contextmanager
def merged_folder(load: Load, folder: str) -> Iterator[str]:
    """A folder, for as long as the block lasts, with the merged model's weights: to begin another training from."""
    model, _ = opened(load, folder)
    with tempfile.TemporaryDirectory(prefix="tunesmith-") as place:
        model.save_pretrained(place)
        del model
        yield place
