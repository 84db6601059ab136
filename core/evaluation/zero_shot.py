"""What the starting model knows without any training: the class whose name is nearest in meaning to the text.

Only where the checkpoint makes sentence embeddings, so that near in its numbers means near in meaning, and where the
classes are called by words. Sources: Reimers and Gurevych (2019), "Sentence-BERT", EMNLP; Chang et al. (2008),
"Importance of Semantic Representation: Dataless Classification", AAAI.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.data.types import Target
from core.evaluation import intervals
from core.evaluation.types import Baseline
from core.models.pooling import mean_over_tokens
from core.models.weights import WHOLE
from core.said import said

WORDS = Baseline(
    "zero_shot",
    said("Without training"),
    said("The model to start from as it came: it answers the class whose name is nearest to the text in meaning."),
)
MOST_ROWS = 2_000
"""Of more test rows, so many are read, spread evenly over all; of long texts, as many as ``_TOKENS`` allow."""
FEWEST_ROWS = 100
MOST_CLASSES = 200
_LONGEST = 64
"""Tokens of a text that are read; the meaning of the whole is mostly told by then."""
_TOKENS = 32_000
"""Read in all: some seconds, also without a graphics card."""
_CHARACTERS = 4
"""Of one token, roughly."""
_BATCH = 32
_SCALE = 20.0
"""Cosines to logits, as these models were trained with."""
_WORD = re.compile(r"[^\W\d_]{3,}")
_NUMBERED = re.compile(r"(label|class|category|cat|group|type|topic|cluster)?[\s_-]*(\d+|[a-z])", re.IGNORECASE)


def may_answer(checkpoint: Path, target: Target, texts: Sequence[str]) -> bool:
    """Whether there is anything to be told: a model of sentence embeddings, one text, and classes called by words."""
    if len(texts) != 1 or not 2 <= len(target.labels) <= MOST_CLASSES:
        return False
    named = all(_WORD.search(label) and not _NUMBERED.fullmatch(label.strip()) for label in target.labels)
    return named and means_over_tokens(checkpoint) and _is_plain(checkpoint)


def _is_plain(checkpoint: Path) -> bool:
    """Whether its weights are one file that can do no harm, and its architecture is one that transformers knows."""
    from core.models.programs import trusting

    return (checkpoint / WHOLE).is_file() and not trusting(checkpoint)["trust_remote_code"]


def means_over_tokens(checkpoint: Path) -> bool:
    """Whether a folder holds a model of sentence embeddings (of the library sentence-transformers) that takes the mean
    over all tokens, which is what is done here.
    """
    try:
        modules = json.loads((checkpoint / "modules.json").read_text(encoding="utf-8"))
        place = next(one["path"] for one in modules if str(one["type"]).endswith(".Pooling"))
        pooling = json.loads((checkpoint / place / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError, TypeError, StopIteration):
        return False
    return bool(pooling.get("pooling_mode_mean_tokens"))


def judged(
    checkpoint: Path, test: Any, target: Target, texts: Sequence[str], names: Sequence[str], logits: Any = None
) -> dict[str, Any]:
    """The judgement of its answers in the form of ``classification.judge``, with ``note`` and, where the trained
    model's ``logits`` on ``test`` are given, ``comparison`` on the rows that were read.
    """
    import numpy as np

    from core.evaluation import classification

    most = _bearable(test[texts[0]])
    places = np.arange(test.num_rows)
    if test.num_rows > most:
        places = np.linspace(0, test.num_rows - 1, most).astype(int)
    some = test.select([*texts, "label"]).take(places)
    references = classification.class_numbers(some["label"].to_pylist(), target)
    similar = similarities(checkpoint, some[texts[0]].to_pylist(), target.labels)
    found = classification.judge(_SCALE * similar, references, target, names)
    is_some = len(places) < test.num_rows
    found["note"] = f"Judged on {len(places):,} of the {test.num_rows:,} examples." if is_some else ""
    if logits is not None:
        model_right = np.asarray(logits)[places].argmax(-1) == references
        found["comparison"] = intervals.paired(model_right, similar.argmax(-1) == references)
    return found


def _bearable(texts: Any) -> int:
    """How many rows with such texts are read."""
    import pyarrow.compute as pc

    length = pc.mean(pc.min_element_wise(pc.utf8_length(texts), _CHARACTERS * _LONGEST)).as_py() / _CHARACTERS
    return max(FEWEST_ROWS, min(MOST_ROWS, int(_TOKENS / max(1.0, length))))


def similarities(checkpoint: Path, texts: Sequence[str], labels: Sequence[str]) -> Any:
    """Cosines of shape (texts, labels) between what they mean to the model."""
    from core.models.tokenizers import load_tokenizer

    tokenizer, model = load_tokenizer(str(checkpoint)), _model(checkpoint)
    called = [" ".join(re.split(r"[\s_/-]+", label)) for label in labels]
    return _embedded(tokenizer, model, texts) @ _embedded(tokenizer, model, called).T


def _model(checkpoint: Path) -> Any:
    import torch
    from transformers import AutoModel

    from core.models.heads import quietly

    device = "cuda" if torch.cuda.is_available() else "cpu"
    with quietly():
        model = AutoModel.from_pretrained(checkpoint, local_files_only=True, use_safetensors=True, dtype="float32")
    return model.eval().to(device)


def _embedded(tokenizer: Any, model: Any, texts: Sequence[str]) -> Any:
    """Unit vectors, one a text: the mean of the last layer over the tokens of the text."""
    import numpy as np
    import torch

    # Texts of one length together need no padding.
    order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
    found: list[Any] = [None] * len(texts)
    for start in range(0, len(order), _BATCH):
        places = order[start : start + _BATCH]
        batch = tokenizer(
            [texts[place] for place in places],
            padding=True,
            truncation=True,
            max_length=_LONGEST,
            return_tensors="pt",
        ).to(model.device)
        with torch.inference_mode():
            states = model(**batch).last_hidden_state
        means = torch.nn.functional.normalize(mean_over_tokens(states, batch["attention_mask"]), dim=-1)
        for place, vector in zip(places, means.cpu().numpy(), strict=True):
            found[place] = vector
    return np.stack(found)
