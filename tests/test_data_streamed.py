"""What is offered for data that is learned from as a stream: only what can be done while its rows pass by."""

from __future__ import annotations

from typing import Any

import pytest

from core.data.streamed import fitting, refuse_unfit
from core.data.types import Finding, Fix
from core.data_config import DataConfig
from core.errors import ConfigError

FIXES = (
    Fix("Take the copies out", ({"kind": "drop_duplicates", "columns": ["text"]},)),
    Fix("Take the HTML out", ({"kind": "clean_text", "columns": ["text"], "what": ["html"]},)),
    Fix("Keep the newest rows aside", settings={"data.split.time": "day"}),
    Fix("Weigh rare classes more", settings={"options.class_weights": "balanced"}),
)
FINDING = Finding("anything", "info", "Something was found.", "It means something.", fixes=FIXES)


def data(**more: Any) -> DataConfig:
    return DataConfig.model_validate({"source": "hf://datasets/owner/name", **more})


def test_a_stream_is_offered_what_can_be_done_row_by_row() -> None:
    assert fitting(data(), FINDING) == FINDING
    assert fitting(data(streaming={}), FINDING).fixes == (FIXES[1], FIXES[3])


def test_what_is_not_offered_is_what_would_be_refused() -> None:
    for fix in FIXES[:3]:
        split = {path.removeprefix("data.split."): value for path, value in fix.settings.items()}
        chosen = data(streaming={}, steps=list(fix.steps), split=split)
        if fix in fitting(chosen, FINDING).fixes:
            refuse_unfit(chosen)
        else:
            with pytest.raises(ConfigError):
                refuse_unfit(chosen)
