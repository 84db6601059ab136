"""Text models with an answer layer for classes: built from a checkpoint, loaded again, and what they are fed.

Weights are read from safetensors only, and no code that a checkpoint brings along is run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from core.data.types import Target
from core.errors import CheckpointError, DataError


def build(folder: str, target: Target) -> Any:
    """The checkpoint's body with a new answer layer, one output a label. Raises ``CheckpointError``."""
    labels = dict(enumerate(target.labels))
    model, loading = _load(
        folder,
        num_labels=len(labels),
        id2label=labels,
        label2id={label: number for number, label in labels.items()},
        problem_type="single_label_classification",
    )
    # The answer layer is new on purpose, also where the checkpoint had one for other classes; a pooler often is.
    body = f"{model.base_model_prefix}."
    _require([name for name in _lacking(loading) if name.startswith(body) and ".pooler." not in name], folder)
    _set_padding(model, folder)
    return model


def load(folder: str) -> Any:
    """A trained model as it was kept. Raises ``CheckpointError``."""
    model, loading = _load(folder)
    _require(_lacking(loading), folder)
    _set_padding(model, folder)
    return model


def _load(folder: str, **options: Any) -> tuple[Any, Mapping[str, Any]]:
    """The model, and what ``from_pretrained`` says of missing weights and wrong shapes."""
    from safetensors import SafetensorError
    from transformers import AutoConfig, AutoModelForSequenceClassification

    try:
        config = AutoConfig.from_pretrained(folder, trust_remote_code=False, local_files_only=True)
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise _unusable(folder, exc) from exc
    if type(config) not in AutoModelForSequenceClassification._model_mapping:
        raise CheckpointError(
            f"A model of the kind {config.model_type} cannot sort texts into classes.",
            "Choose a text model, such as BERT, RoBERTa or ModernBERT.",
        )
    try:
        with _quietly():
            model, loading = AutoModelForSequenceClassification.from_pretrained(
                folder,
                use_safetensors=True,
                trust_remote_code=False,
                local_files_only=True,
                dtype="float32",
                output_loading_info=True,
                ignore_mismatched_sizes=True,
                **options,
            )
    except SafetensorError as exc:
        raise CheckpointError(
            "The model's weights file is damaged or incomplete.", f"Copy or download {folder} again.", cause=str(exc)
        ) from exc
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise _unusable(folder, exc) from exc
    # Classification heads ignore the count of items that the Trainer would otherwise divide their loss by.
    model.accepts_loss_kwargs = False
    return model, loading


@contextmanager
def _quietly() -> Iterator[None]:
    """Without progress bars and tables of missing weights: ``_require`` says what matters of those."""
    from transformers.utils import logging

    level = logging.get_verbosity()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)


def _lacking(loading: Mapping[str, Any]) -> list[str]:
    """Tensors that the config asks for and the weights do not have, or have in another shape."""
    return sorted([*loading["missing_keys"], *(entry[0] for entry in loading["mismatched_keys"])])


def _require(lacking: list[str], folder: str) -> None:
    """Refuse weights that do not belong to their config: what lacks would be drawn by chance, and nobody told."""
    if lacking:
        raise CheckpointError(
            f"The weights in {folder} do not fit its config.json.",
            "Files of different checkpoints were probably mixed. Copy or download it again.",
            cause=f"{len(lacking)} tensors are missing or of another shape, for example {lacking[0]}",
        )


def _unusable(folder: str, exc: Exception) -> CheckpointError:
    return CheckpointError(
        f"The checkpoint in {folder} cannot be loaded.",
        "It is damaged, or of a kind that needs its own program code, which is not run here. Choose another one, "
        "or copy or download it again.",
        cause=f"{type(exc).__name__}: {exc}",
    )


def _set_padding(model: Any, folder: str) -> None:
    """Models that were made to write text have no padding token; the end token stands in, as in ``collator``."""
    if model.config.pad_token_id is None:
        end = model.config.eos_token_id
        model.config.pad_token_id = end[0] if isinstance(end, list) else end
    if model.config.pad_token_id is None:
        model.config.pad_token_id = _tokenizer(folder).eos_token_id


def _tokenizer(folder: str) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder, trust_remote_code=False, local_files_only=True)


def encode(
    columns: Mapping[str, Sequence[Any]], tokenizer: Any, target: Target, max_length: int
) -> dict[str, list[Any]]:
    """A batch of examples as model inputs, in one call of the tokenizer: cut at ``max_length`` tokens, not padded.

    ``columns`` has ``text``, and may have ``text_pair`` and ``label``; labels become class numbers in ``labels``.
    Raises ``DataError`` for a label that is not among the target's.
    """
    texts = _strings(columns["text"])
    pairs = _strings(columns["text_pair"]) if "text_pair" in columns else None
    inputs = dict(tokenizer(texts, pairs, truncation=True, max_length=max_length, padding=False))
    if "label" in columns:
        inputs["labels"] = _numbers(columns["label"], target)
    return inputs


def _strings(values: Sequence[Any]) -> list[str]:
    return ["" if value is None else str(value) for value in values]


def _numbers(labels: Sequence[Any], target: Target) -> list[int]:
    number = {label: place for place, label in enumerate(target.labels)}
    try:
        return [number[label] for label in labels]
    except KeyError as exc:
        raise DataError(
            f"The label {exc.args[0]!r} is not among the classes that are learned.",
            f"The classes are: {', '.join(target.labels[:20])}. Correct the label, or train on a table that has it.",
        ) from exc


def collator(tokenizer: Any) -> Any:
    """A ``DataCollatorWithPadding``: each batch as wide as its longest text."""
    from transformers import DataCollatorWithPadding

    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return DataCollatorWithPadding(tokenizer)
