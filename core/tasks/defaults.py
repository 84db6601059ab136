"""What most tasks do alike: the defaults of ``core.tasks.base.Task``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.data.types import Target
from core.models.types import Note

if TYPE_CHECKING:
    from core.tasks.base import Columns, Context, Forwarded, Piece, Purpose, Questions


def text_questions(table: Any, columns: Columns) -> Questions:
    """Every column as texts without blanks around them; a row needs a text in each."""
    from core.data.cleaning import as_text
    from core.tasks.base import Questions

    texts = {role: as_text(table.column(name)).to_pylist() for role, name in columns.items() if isinstance(name, str)}
    usable = [row for row in range(table.num_rows) if all(values[row] for values in texts.values())]
    return Questions(texts, usable)


def one_feature_a_row(lengths: Sequence[int], max_length: int, options: Any) -> list[int]:
    """Each row is one piece, cut at ``max_length`` tokens."""
    return [min(length, max_length) for length in lengths]


def no_remarks(folder: Path | None, target: Target, options: Any) -> tuple[Note, ...]:
    """Nothing has to be done to the model."""
    return ()


def load_tokenizer(folder: str, options: Any) -> tuple[Any, tuple[Note, ...]]:
    """The checkpoint's tokenizer as it is. Raises ``CheckpointError``."""
    from core.models.tokenizers import load_tokenizer

    return load_tokenizer(folder), ()


def as_they_are(train: Any, context: Context) -> Any:
    """Every training example once."""
    return train


def logits(model: Any, batch: Mapping[str, Any], context: Context, purpose: Purpose, loss: Any) -> Forwarded:
    """float32 logits of each piece, and the loss where the batch has labels."""
    from core.tasks.base import Forwarded

    if "labels" not in batch:
        return Forwarded(list(model(**batch).logits.float().cpu().numpy()))
    scored = loss(model, batch)
    return Forwarded(list(scored.output.logits.float().cpu().numpy()), float(scored.total), int(scored.items))


def next_tokens(model: Any, batch: Mapping[str, Any], context: Context, purpose: Purpose, loss: Any) -> Forwarded:
    """How the tokens of each piece are guessed from those before them; to predict, what the model writes on.

    For tasks with the option ``max_new_tokens``.
    """
    from core.models import blocks
    from core.prediction.generation import generate_batch
    from core.tasks.base import Forwarded

    if purpose == "predict":
        return Forwarded(generate_batch(model, context.tokenizer, batch, context.options.max_new_tokens))
    scores = blocks.next_token_scores(model, batch)
    return Forwarded(scores, sum(score.nll for score in scores), sum(score.tokens for score in scores))


def first_pieces(pieces: list[list[Piece]], context: Context) -> Any:
    """One piece a row: an array of shape (rows, ...)."""
    import numpy as np

    return np.stack([row[0].output for row in pieces])


def outputs_of_pieces(pieces: list[list[Piece]], context: Context) -> list[list[Any]]:
    """What was said of each row's pieces; a row that was left out has none."""
    return [[piece.output for piece in row] for row in pieces]


def nothing_to_tune(outputs: Any, examples: Any, context: Context) -> dict[str, Any]:
    """Nothing is chosen on the validation part."""
    return {}


def leave_model(model: Any, context: Context) -> None:
    """The model stays as it was trained."""


def kept(outputs: Any, examples: Any, context: Any, task: Any) -> dict[str, Any]:
    """What was answered, as in a table given back."""
    columns: dict[str, Any] = task.answer_columns(task.answers(outputs, context))
    return columns
