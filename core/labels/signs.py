"""What a text says before anything was learned from its label: vectors of the model that the run began with, and words.

Used in workers only.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.data.leakage import text_keys
from core.labels import read_once
from core.labels.types import Signs
from core.models.pooling import mean_over_tokens

if TYPE_CHECKING:
    import numpy as np

    from core.prediction.predictor import Predictor
    from core.runs import Run
    from core.tasks.base import Context, Forwarded, Piece, Purpose

MOST_FEATURES = 50_000
"""Of words, and as many of pieces of words: enough for any table, and bounded in time."""
READ_LETTERS = 4000
"""Of each text, for the counting of words."""

Progress = Callable[[int, int], None]


def signs(predictor: Predictor, run: Run, folder: Path, examples: Any, progress: Progress) -> Signs:
    """All views of the rows of ``examples``. ``folder`` is that of the model that the run began with. What that makes
    of them is kept in the run's folder.
    """
    columns = [name for name in predictor.task.read_columns if name in examples.column_names]
    texts = {name: examples.column(name).to_pylist() for name in columns}
    of = read_once.hash_of(folder, predictor.context, texts)
    views: list[Any] = [read_once.once(run, of, lambda: vectors(predictor, folder, texts, progress))]
    counted = words([" ".join(filter(None, row)) for row in zip(*texts.values(), strict=True)])
    return Signs([*views, *([] if counted is None else [counted])], text_keys(examples, columns))


def vectors(predictor: Predictor, folder: Path, texts: Mapping[str, Sequence[str]], progress: Progress) -> np.ndarray:
    """Float array of shape (rows, 2 * width): the mean over all tokens of the last layer, and of the middle one.

    The middle one knows more of form, the last one more of meaning: together they tell classes apart best.
    """
    import torch

    from core.prediction.inference import run_model

    model = predictor.task.build_model(str(folder), predictor.context).model
    model.to("cuda" if torch.cuda.is_available() else "cpu")
    reader = dataclasses.replace(predictor.task, forward=_means, finish=_mean_of_pieces)
    found: np.ndarray = run_model(model, reader, predictor.context, texts, "predict", progress).rows
    return found


def _means(model: Any, batch: Mapping[str, Any], context: Context, purpose: Purpose, loss: Any) -> Forwarded:
    import torch

    from core.tasks.base import Forwarded

    said = model(**batch, output_hidden_states=True)
    layers = getattr(said, "hidden_states", None) or said.encoder_hidden_states
    chosen = (layers[-1], layers[len(layers) // 2])
    means = [mean_over_tokens(layer, batch["attention_mask"]) for layer in chosen]
    return Forwarded(list(torch.cat(means, dim=1).cpu().numpy()))


def _mean_of_pieces(pieces: list[list[Piece]], context: Context) -> np.ndarray:
    import numpy as np

    return np.stack([np.mean([piece.output for piece in row], axis=0) for row in pieces])


def words(texts: Sequence[str]) -> Any:
    """Sparse matrix of (rows, features): words and pairs of words, and pieces of three to five letters, by TF-IDF.

    None where no text has a word.
    """
    from scipy.sparse import hstack
    from sklearn.feature_extraction.text import TfidfVectorizer

    shortened = [text[:READ_LETTERS] for text in texts]
    of_words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_features=MOST_FEATURES)
    of_letters = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(3, 5), min_df=2, sublinear_tf=True, max_features=MOST_FEATURES
    )
    made = []
    for counter in (of_words, of_letters):
        try:
            made.append(counter.fit_transform(shortened))
        except ValueError:  # nothing to count, as in a script without spaces between words
            continue
    return hstack(made).tocsr() if made else None
