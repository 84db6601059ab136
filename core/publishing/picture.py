"""The confusion matrix as a picture for a model card: light, and readable for eyes that see colours otherwise."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from core.evaluation import sections

PICTURE = "confusion_matrix.png"
"""Its name in a repository."""
MOST = 30
"""More classes than this cannot be read; the most confused ones are shown then."""
_WITH_SHARES = 12
"""Up to so many classes a cell has room for a second line."""
_LONGEST_LABEL = 26
_DOTS_AN_INCH = 150
_DARK = 0.55
"""From this share on, a cell is so dark that its figures are white."""


def confusion_picture(report: Mapping[str, Any]) -> bytes | None:
    """A PNG of what was taken for what, by the judgement that counts; None where the report has no such thing."""
    found, is_test = sections.judged(report)
    confusion = found.get("confusion_matrix") or (report.get("confusion_matrix") if is_test else None)
    block = sections.matrix(confusion, "test" if is_test else "validation", MOST)
    if block is None or len(block.content["labels"]) < 2:
        return None
    return drawn(block.content["labels"], block.content["counts"])


def drawn(labels: Sequence[str], counts: Sequence[Sequence[int]]) -> bytes:
    """The matrix as PNG. A cell has the count and, of few classes, its share of the row; shades go by that share."""
    import numpy as np
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    numbers = np.asarray(counts)
    shares = numbers / np.maximum(numbers.sum(axis=1, keepdims=True), 1)
    classes = len(labels)
    cell = 0.8 if classes <= _WITH_SHARES else 0.42
    side = max(2.4, cell * classes)
    figure = Figure(figsize=(side + 2.6, side + 1.8), dpi=_DOTS_AN_INCH, facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    names = _drawable(labels)
    # A dollar sign in a name is no formula.
    axes.set_xticks(range(classes), names, rotation=45, ha="right", rotation_mode="anchor", parse_math=False)
    axes.set_yticks(range(classes), names, parse_math=False)
    axes.set_xlabel("Answer")
    axes.set_ylabel("Truth")
    axes.tick_params(length=0, labelsize=9 if classes <= _WITH_SHARES else 7)
    axes.set_xticks(np.arange(classes + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(classes + 1) - 0.5, minor=True)
    axes.grid(which="minor", color="white", linewidth=1.5)
    axes.tick_params(which="minor", length=0)
    axes.spines[:].set_visible(False)
    for truth, answer in np.ndindex(numbers.shape):
        if words := _words(int(numbers[truth, answer]), float(shares[truth, answer]), classes, truth == answer):
            axes.text(
                answer,
                truth,
                words,
                ha="center",
                va="center",
                fontsize=9 if classes <= _WITH_SHARES else 6,
                color="white" if shares[truth, answer] > _DARK else "#1b1b1b",
            )
    file = io.BytesIO()
    figure.savefig(file, format="png", bbox_inches="tight", metadata={"Software": None})
    return file.getvalue()


def _words(count: int, share: float, classes: int, is_right: bool) -> str:
    """What stands in a cell; nothing where nothing was mixed up, so that what was meets the eye."""
    if not count and not is_right:
        return ""
    return f"{count:,}\n{share:.0%}".replace("%", " %") if classes <= _WITH_SHARES else f"{count:,}"


def _drawable(labels: Sequence[str]) -> list[str]:
    """Names that the picture's own font can write, cut to a readable length; another has its number in the list."""
    from matplotlib.font_manager import findfont, get_font

    font = get_font(findfont("DejaVu Sans"))

    def name(number: int, label: str) -> str:
        line = " ".join(label.split())
        if not line or any(not font.get_char_index(ord(sign)) for sign in line if not sign.isspace()):
            return f"no. {number}"
        return line if len(line) <= _LONGEST_LABEL else f"{line[: _LONGEST_LABEL - 1].rstrip()}…"

    return [name(number, label) for number, label in enumerate(labels, start=1)]
