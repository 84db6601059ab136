"""What is different for data that is learned from as a stream: its first rows stand for it until it is learned from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.data.joined import SOURCE, Files
from core.data.steps import kinds
from core.data.types import Finding, Fix
from core.data_config import DataConfig, SplitConfig
from core.errors import ConfigError
from core.said import said

if TYPE_CHECKING:
    import numpy as np

_LARGEST_SHARE = 0.25
"""Of the first rows, for each of the parts that are kept aside."""


def refuse_unfit(data: DataConfig) -> None:
    """Raise ``ConfigError`` for what cannot be done while rows come one after the other and are not kept."""
    if data.streaming is None:
        return
    field = next((name for name in ("column", "time") if getattr(data.split, name) is not None), None)
    if field is not None:
        raise ConfigError(
            said("The parts of a stream cannot be told by a column."),
            said(
                "Choose splits of the dataset to judge by, or let the first rows be shared out by chance; or fetch the "
                "dataset whole."
            ),
            field=f"data.split.{field}",
        )
    unfit = next((step for step in data.steps if not step.by_row), None)
    if unfit is not None:
        raise ConfigError(
            said("This change cannot be made in a stream: “{change}”.", change=unfit.words),
            said(
                "It compares rows with each other, and of a stream only a few are here at a time. Take the change "
                "back, or fetch the dataset whole."
            ),
            field="data.steps",
        )


def fitting(data: DataConfig, finding: Finding) -> Finding:
    """The finding with those of its fixes that can be made where its data is read."""
    if data.streaming is None:
        return finding
    return replace(finding, fixes=tuple(fix for fix in finding.fixes if _fits(fix)))


def _fits(fix: Fix) -> bool:
    by_row = {kind.model_fields["kind"].default for kind in kinds() if kind.by_row}
    is_split = any(path.startswith("data.split.") for path in fix.settings)
    return not is_split and all(step["kind"] in by_row for step in fix.steps)


def split_for(data: DataConfig, usable: int) -> SplitConfig:
    """How ``usable`` rows are shared out. Of the first rows of a stream, as many are kept aside as were asked for."""
    if data.streaming is None:
        return data.split
    share = min(_LARGEST_SHARE, data.streaming.evaluation_rows / max(1, usable))
    drawn = {name: share for name in ("validation", "test") if not isinstance(getattr(data.split, name), str)}
    return data.split.model_copy(update=drawn)


@dataclass(frozen=True)
class Flow(Files):
    """Rows from anywhere in a stream. Their positions count the rows of the stream from 0."""

    def roles_of(self, positions: np.ndarray) -> np.ndarray:
        import numpy as np

        return np.full(len(positions), SOURCE)

    def row_numbers(self, positions: np.ndarray) -> np.ndarray:
        return positions + 1
