"""Text models with any answer layer: built from a checkpoint for a task, and loaded again once trained.

Weights are read from safetensors only, and no code that a checkpoint brings along is run, unless whoever started the
app allows it (``core.permissions``): then weights in the old form are read with ``weights_only``, by which torch makes
nothing of them but numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

from core.errors import CheckpointError
from core.models.adapted import is_adapted
from core.models.answer_layer import settle
from core.models.families import family_of
from core.models.fresh import mark, mark_widened
from core.models.programs import check_program, trusting
from core.models.types import Built, Family, Note
from core.models.weights import weight_files
from core.permissions import allows
from core.said import said, said_many

FAMILIES: dict[str, tuple[Family, ...]] = {
    "AutoModelForQuestionAnswering": ("encoder", "seq2seq"),
    "AutoModelForMaskedLM": ("encoder",),
    "AutoModelForCausalLM": ("decoder",),
    "AutoModelForSeq2SeqLM": ("seq2seq",),
}
"""Who can carry a head. Those that transformers would let carry others too were not made for it: an encoder that
writes on sees the word it should guess, and a decoder names the start of an answer before it has read the rest.
"""
_NAMES_WORDS = ("AutoModelForMaskedLM", "AutoModelForCausalLM", "AutoModelForSeq2SeqLM")
_CHOOSE = {
    "AutoModelForMaskedLM": "Choose a model that reads texts and fills gaps, such as BERT, RoBERTa or ModernBERT.",
    "AutoModelForCausalLM": "Choose a model that writes on from a text, such as SmolLM2, GPT-2 or Qwen2.",
    "AutoModelForSeq2SeqLM": "Choose a model that writes one text from another, such as T5, mT5, BART or Marian.",
    "": "Choose a text model, such as BERT, RoBERTa or ModernBERT.",
}


def build(auto: str, folder: str, *, what: str, **options: Any) -> Built:
    """The checkpoint's body under the head of the transformers class ``auto``, and what had to be done for it.

    ``what`` completes "cannot …": ``sort texts into classes``. ``options`` go into the model's config; labels in
    ``id2label`` decide whether an answer layer that the checkpoint has can be kept. Raises ``CheckpointError``.
    """
    before = _read_config(auto, folder, what)
    if auto == "AutoModelForQuestionAnswering":
        # The beginning and the end of an answer, also where the checkpoint sorted into more classes.
        options = {"num_labels": 2} | options
    model, loading = _load(auto, folder, options)
    replaceable = _head(auto, model)
    _require([name for name in _lacking(loading) if name not in replaceable], folder)
    _prepare(auto, model, folder)
    if auto in _NAMES_WORDS:
        return Built(model, _about_word_layer(auto, _lacking(loading)))
    return Built(model, (settle(model, before, loading, has_labels="id2label" in options),))


def load(auto: str, folder: str) -> Any:
    """A trained model as it was kept. Raises ``CheckpointError``."""
    _read_config(auto, folder, "be used here")
    model, loading = _load(auto, folder, {})
    _require(_lacking(loading), folder)
    _prepare(auto, model, folder)
    return model


def build_for_words(auto: str, folder: str, tokenizer: Any, *, what: str) -> Built:
    """``build`` for a head that names words, with a row in its embeddings for each token of the tokenizer."""
    built = build(auto, folder, what=what)
    widened = resize(built.model, tokenizer)
    return Built(built.model, (*built.notes, widened)) if widened else built


def resize(model: Any, tokenizer: Any) -> Note | None:
    """Give every token of the tokenizer a row in the model's embeddings; they are never made smaller.

    New rows are drawn around the mean of the old ones. None when all tokens have a row.
    """
    parts = [model.encoder, model.decoder] if model.config.model_type == "encoder-decoder" else [model]
    size = len(tokenizer)
    new = max(size - part.get_input_embeddings().weight.shape[0] for part in parts)
    if new <= 0:
        return None
    with quietly():
        for part in parts:
            if part.get_input_embeddings().weight.shape[0] < size:
                part.resize_token_embeddings(size, mean_resizing=True)
    mark_widened(model)
    return Note(
        said_many(
            new,
            "The model's vocabulary was widened by {count} token.",
            "The model's vocabulary was widened by {count} tokens.",
        ),
        said("It starts with an average meaning for them and learns the true one from your examples."),
    )


@contextmanager
def quietly() -> Iterator[None]:
    """Without progress bars and tables of missing weights: ``build`` says what matters of those."""
    from transformers.utils import logging

    level = logging.get_verbosity()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)


# --- Loading ---------------------------------------------------------------------------------------------------------


def _read_config(auto: str, folder: str, what: str) -> Any:
    """The checkpoint's own config. Raises ``CheckpointError`` where its architecture has no such head."""
    import transformers

    trusted = trusting(folder)
    try:
        plain, _ = transformers.PretrainedConfig.get_config_dict(folder, local_files_only=True)
        check_program(folder)
        config = transformers.AutoConfig.from_pretrained(folder, local_files_only=True, **trusted)
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise _unusable(folder, exc) from exc
    families, family = FAMILIES.get(auto), family_of(config.to_dict())
    fits = families is None or family is None or family in families
    has_head = type(config) in getattr(transformers, auto)._model_mapping
    if trusted["trust_remote_code"]:
        has_head = auto in plain["auto_map"]
    if not has_head or not fits:
        raise CheckpointError(
            said("A model of the kind {kind} cannot {what}.", kind=config.model_type, what=what),
            said(_CHOOSE[auto if auto in _CHOOSE else ""]),
        )
    return config


def _load(auto: str, folder: str, options: Mapping[str, Any]) -> tuple[Any, Mapping[str, Any]]:
    """The model, and what ``from_pretrained`` says of missing weights and wrong shapes.

    An adapter alone is merged into the model that it was made for.
    """
    import transformers
    from safetensors import SafetensorError

    from core.adapters import opening
    from core.adapters.holding import how_held

    if is_adapted(Path(folder)):
        load_base = partial(_load, auto)
        if not options and not how_held(auto, folder):
            return opening.opened(load_base, folder)
        with opening.merged_folder(load_base, folder) as merged:
            return _load(auto, merged, options)
    try:
        with quietly():
            model, loading = getattr(transformers, auto).from_pretrained(
                folder,
                use_safetensors=not _is_pickled(folder),
                weights_only=True,
                **trusting(folder),
                local_files_only=True,
                dtype="float32",
                output_loading_info=True,
                ignore_mismatched_sizes=True,
                **how_held(auto, folder),
                **options,
            )
    except SafetensorError as exc:
        raise CheckpointError(
            said("The model's weights file is damaged or incomplete."),
            said("Copy or download {folder} again.", folder=folder),
            cause=str(exc),
        ) from exc
    except UnpicklingError as exc:
        raise CheckpointError(
            said("The weights in {folder} hold more than numbers, or are damaged.", folder=folder),
            said("What else is in them may be harmful and was not read. Choose another model."),
            cause=str(exc),
        ) from exc
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise _unusable(folder, exc) from exc
    mark(model, _lacking(loading))
    return model, loading


def _is_pickled(folder: str) -> bool:
    """Whether the weights are to be read in their old form: allowed, and there is no other."""
    return allows("bin") and not weight_files(Path(folder))


def _lacking(loading: Mapping[str, Any]) -> list[str]:
    """Tensors that the config asks for and the weights do not have, or have in another shape. Tied ones are there."""
    return sorted([*loading["missing_keys"], *(entry[0] for entry in loading["mismatched_keys"])])


def _head(auto: str, model: Any) -> set[str]:
    """The names of all tensors that a checkpoint may lack, because they belong to the answer layer alone.

    A layer that names words is the output embedding with what stands around it; below other heads a pooler often lacks
    too, and counts as a part of them.
    """
    names = {name for name, _ in [*model.named_parameters(remove_duplicate=False), *model.named_buffers()]}
    body = f"{model.base_model_prefix}."
    if auto not in ("AutoModelForCausalLM", "AutoModelForSeq2SeqLM"):
        return {name for name in names if not name.startswith(body) or ".pooler." in name}
    output = model.get_output_embeddings()
    own = (
        {id(tensor) for tensor in output.parameters()} - {id(model.get_input_embeddings().weight)} if output else set()
    )
    return {name for name, tensor in model.named_parameters(remove_duplicate=False) if id(tensor) in own} | {
        "final_logits_bias"
    }


def _about_word_layer(auto: str, lacking: list[str]) -> tuple[Note, ...]:
    title = (
        said("The layer that names the hidden words starts from nothing; the language knowledge is kept.")
        if auto == "AutoModelForMaskedLM"
        else said("The layer that names the next word starts from nothing; the language knowledge is kept.")
    )
    detail = said("The checkpoint was kept without it. Expect poor answers until it has seen many examples.")
    return (Note(title, detail),) if lacking else ()


def _require(lacking: list[str], folder: str) -> None:
    """Refuse weights that do not belong to their config: what lacks would be drawn by chance, and nobody told."""
    if lacking:
        raise CheckpointError(
            said("The weights in {folder} do not fit its config.json.", folder=folder),
            said("Files of different checkpoints were probably mixed. Copy or download it again."),
            cause=f"{len(lacking)} tensors are missing or of another shape, for example {lacking[0]}",
        )


def _unusable(folder: str, exc: Exception) -> CheckpointError:
    return CheckpointError(
        said("The checkpoint in {folder} cannot be loaded.", folder=folder),
        said(
            "It is damaged, or of a kind that needs its own program code, which is not run here. Choose another one, "
            "or copy or download it again."
        ),
        cause=f"{type(exc).__name__}: {exc}",
    )


# --- What a model needs before it is fed ------------------------------------------------------------------------------


def _prepare(auto: str, model: Any, folder: str) -> None:
    """Set what training and writing rely on, where the checkpoint leaves it open."""
    # Heads that are not for writing on ignore the count of items that the Trainer would otherwise divide their loss by.
    if auto != "AutoModelForCausalLM":
        model.accepts_loss_kwargs = False
    config = model.config
    # Models that were made to write text often have no padding token; the end token stands in.
    if config.pad_token_id is None:
        end = config.eos_token_id
        config.pad_token_id = end[0] if isinstance(end, list) else end
    if config.pad_token_id is None:
        tokenizer = _tokenizer(folder)
        config.pad_token_id = tokenizer.eos_token_id if tokenizer.pad_token_id is None else tokenizer.pad_token_id
    if auto == "AutoModelForSeq2SeqLM":
        _set_start_and_end(model, folder)
    if model.can_generate() and model.generation_config.pad_token_id is None:
        model.generation_config.pad_token_id = config.pad_token_id


def _set_start_and_end(model: Any, folder: str) -> None:
    """The tokens with which a text that is written begins and ends: in the config for training, and for writing."""
    config, writing = model.config, model.generation_config
    start = _first(config.decoder_start_token_id, writing.decoder_start_token_id)
    end = _first(config.eos_token_id, writing.eos_token_id)
    if start is None or end is None:
        tokenizer = _tokenizer(folder)
        start = _first(start, tokenizer.bos_token_id, tokenizer.cls_token_id, config.pad_token_id)
        end = _first(end, tokenizer.eos_token_id, tokenizer.sep_token_id)
    config.decoder_start_token_id, config.eos_token_id = start, end
    writing.decoder_start_token_id = _first(writing.decoder_start_token_id, start)
    writing.eos_token_id = _first(writing.eos_token_id, end)


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def _tokenizer(folder: str) -> Any:
    from core.models.tokenizers import load_tokenizer

    return load_tokenizer(folder)
