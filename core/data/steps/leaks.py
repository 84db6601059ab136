"""The step that keeps what a model is judged by out of what it learns from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from core.data.steps.base import Stage, Step
from core.said import said

if TYPE_CHECKING:
    import numpy as np


class DropLeaks(Step):
    """Take rows out of the training part whose text stands in the validation or test part too, or nearly so."""

    stage: ClassVar[Stage] = "parts"

    kind: Literal["drop_leaks"] = "drop_leaks"
    similarity: float = Field(1.0, ge=0.5, le=1)

    @property
    def words(self) -> str:
        """What it does, to be told."""
        return said(
            "Takes out training rows whose text stands among the rows kept aside too"
            if self.similarity == 1
            else "Takes out training rows whose text stands, or nearly so, among the rows kept aside too"
        )

    @property
    def reason(self) -> str:
        return said("kept out of training, as the rows kept aside say the same")

    def left_out(self, texts: Any, part: np.ndarray) -> np.ndarray:
        """The training rows whose texts are also those of a row that is kept aside."""
        import numpy as np

        from core.data.joined import SOURCE

        groups = text_groups(texts, self.similarity)
        aside = np.unique(groups[part > SOURCE])
        return (part == SOURCE) & np.isin(groups, aside)


def text_groups(texts: Any, similarity: float) -> np.ndarray:
    """A number a row, equal where all columns of a ``pyarrow.Table`` are (spaces around and capital letters aside), or,
    below a similarity of 1, where they nearly are.
    """
    from core.data.leakage import text_keys
    from core.data.near import near_groups

    names = texts.column_names
    return text_keys(texts, names) if similarity == 1 else near_groups(texts, names, similarity)
