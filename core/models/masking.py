"""Hidden words: texts in pieces, some of their tokens hidden by chance, and a model that has to name them.

In training 8 of 10 chosen tokens are hidden behind the model's mask, one becomes another token, one stays as it is
(Devlin et al. 2019, "BERT", arXiv:1810.04805), others in each epoch. Judged are always the same tokens of a text, all
of them behind the mask, so that figures of different moments, and of different runs, can be compared.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.errors import CheckpointError
from core.models import heads
from core.models.causal import IGNORED, TokenScores, padded, token_scores
from core.models.types import Built, Note
from core.said import said
from core.training.losses import Scored, cross_entropy

AUTO = "AutoModelForMaskedLM"
WHAT = said("guess hidden words")
JUDGED_SHARE = 0.15
_JUDGED_SEED = 0
_MASKED, _REPLACED = 0.8, 0.9


def build(folder: str, tokenizer: Any) -> Built:
    """The checkpoint with a layer that names words. Raises ``CheckpointError``."""
    return heads.build_for_words(AUTO, folder, tokenizer, what=WHAT)


def load(folder: str) -> Any:
    """A trained model. Raises ``CheckpointError``."""
    return heads.load(AUTO, folder)


def load_tokenizer(folder: str) -> Any:
    """The checkpoint's tokenizer. Raises ``CheckpointError`` where it has nothing to hide a word behind."""
    from core.models import tokenizers

    tokenizer = tokenizers.load_tokenizer(folder)
    if tokenizer.mask_token_id is None:
        raise CheckpointError(
            said("This model's vocabulary has no mark for a hidden word."),
            said("Choose a model that reads texts and fills gaps, such as BERT, RoBERTa or ModernBERT."),
        )
    return tokenizer


def foretold(folder: Path) -> tuple[Note, ...]:
    """What will become of the layer that names words, as far as the checkpoint's ``config.json`` tells."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return ()
    if any(str(name).endswith("ForMaskedLM") for name in config.get("architectures") or ()):
        kept = said("The checkpoint's layer that names hidden words is kept: training goes on from what it knows.")
        return (Note(kept),)
    return (
        Note(
            said("The layer that names the hidden words starts from nothing; the language knowledge is kept."),
            said(
                "The checkpoint was kept without it, so its guesses before training are blind, and it needs many texts "
                "until they are good. A model such as BERT or RoBERTa brings that layer along."
            ),
        ),
    )


# --- Hiding ----------------------------------------------------------------------------------------------------------


class Hiding:
    """A collator that hides tokens of each piece: at least one, others in each epoch in training, else the same ones.

    What it leaves to chance follows from the seed, the epoch and the piece's tokens alone.
    """

    def __init__(self, tokenizer: Any, share: float, whole_words: bool, seed: int | None) -> None:
        """``seed`` is None where the pieces are to be judged."""
        import numpy as np

        self._tokenizer, self._share, self._whole_words, self._seed = tokenizer, share, whole_words, seed
        self._epoch = 0
        self._special = np.asarray(tokenizer.all_special_ids)
        self._ordinary = np.setdiff1d(np.arange(len(tokenizer)), self._special)

    def set_epoch(self, epoch: int) -> None:
        self._epoch = epoch

    def __call__(self, pieces: list[dict[str, Any]]) -> dict[str, Any]:
        hidden = [self.hidden(piece) for piece in pieces]
        ids = [{**piece, "input_ids": ids} for piece, (ids, _) in zip(pieces, hidden, strict=True)]
        return collate(self._tokenizer, ids, [labels for _, labels in hidden])

    def hidden(self, piece: Mapping[str, Any]) -> tuple[list[int], list[int]]:
        """(tokens as they are read, labels: the true token where it is to be named)."""
        import numpy as np

        ids = np.asarray(piece["input_ids"], dtype=np.int64)
        mark = zlib.crc32(ids.tobytes())
        drawn = [_JUDGED_SEED, mark] if self._seed is None else [self._seed, self._epoch, mark]
        random = np.random.default_rng(drawn)
        chosen = self._chosen(ids, piece.get("words"), random)
        labels = np.full(len(ids), IGNORED)
        labels[chosen] = ids[chosen]
        read = ids.copy()
        luck = np.zeros(len(chosen)) if self._seed is None else random.random(len(chosen))
        read[chosen[luck < _MASKED]] = self._tokenizer.mask_token_id
        other = chosen[(luck >= _MASKED) & (luck < _REPLACED)]
        read[other] = random.choice(self._ordinary, len(other))
        return read.tolist(), labels.tolist()

    def _chosen(self, ids: Any, words: Sequence[int] | None, random: Any) -> Any:
        """The places to hide: the asked-for share of ordinary tokens; of whole words, until it is reached."""
        import numpy as np

        free = np.flatnonzero(~np.isin(ids, self._special))
        wanted = max(1, round(self._share * len(free)))
        if not (self._whole_words and words is not None):
            return np.sort(random.permutation(free)[:wanted])
        _, groups = np.unique(np.asarray(words)[free], return_inverse=True)
        chosen: list[int] = []
        for group in random.permutation(groups.max(initial=-1) + 1):
            if len(chosen) >= wanted:
                break
            chosen += free[groups == group].tolist()
        return np.sort(np.asarray(chosen, dtype=np.int64))


def collate(tokenizer: Any, pieces: Sequence[Mapping[str, Any]], labels: list[list[int]] | None = None) -> Any:
    """Pieces as tensors padded to the longest, with their labels where there are any."""
    import torch

    fillers = {"input_ids": tokenizer.pad_token_id or 0, "attention_mask": 0, "token_type_ids": 0}
    filled = {
        name: padded([piece[name] for piece in pieces], filler) for name, filler in fillers.items() if name in pieces[0]
    }
    if labels is not None:
        filled["labels"] = padded(labels, IGNORED)
    return {name: torch.tensor(rows) for name, rows in filled.items()}


# --- Naming ----------------------------------------------------------------------------------------------------------


def logits_at(model: Any, batch: Mapping[str, Any], places: Any) -> Any:
    """Logits of shape (tokens, vocabulary) at ``places``, a boolean tensor like ``input_ids``.

    The answer layer is asked at these places alone: it costs as much as the rest of a small model.
    """
    inputs = {name: tensor for name, tensor in batch.items() if name != "labels"}

    def only_those(module: Any, args: Any, output: Any) -> Any:
        output["last_hidden_state"] = output[0][places][None]
        return output

    hook = getattr(model, "module", model).base_model.register_forward_hook(only_those)
    try:
        return model(**inputs).logits[0]
    finally:
        hook.remove()


class ByHiddenTokens:
    """The mean loss over the tokens that have a label: a ``core.training.losses.Loss``."""

    def __init__(self, smoothing: float = 0.0) -> None:
        self.smoothing = smoothing

    def smoothed(self, amount: float) -> ByHiddenTokens:
        return ByHiddenTokens(amount)

    def items(self, batch: Mapping[str, Any]) -> Any:
        return batch["labels"].ne(IGNORED).sum()

    def __call__(self, model: Any, batch: Mapping[str, Any]) -> Scored:
        places = batch["labels"].ne(IGNORED)
        logits = logits_at(model, batch, places)
        total = cross_entropy(logits, batch["labels"][places], self.smoothing)
        return Scored(logits, total, places.sum())


by_hidden_tokens = ByHiddenTokens()


def hidden_token_scores(model: Any, batch: Mapping[str, Any]) -> list[TokenScores]:
    """How the model names the hidden tokens of each piece."""
    places = batch["labels"].ne(IGNORED)
    logits, sizes = logits_at(model, batch, places), places.sum(1).tolist()
    scores = token_scores(logits.split(sizes), batch["labels"][places].split(sizes))
    where = [row.nonzero()[:, 0].cpu().numpy().astype("int32") for row in places]
    return [replace(score, places=one) for score, one in zip(scores, where, strict=True)]
