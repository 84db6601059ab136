"""Texts that a model writes: one that grows before the eyes of who waits for it, or many at once.

What is not set here is taken from the model's own ``generation_config``, which is never changed.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Annotated, Any

from pydantic import Field

from core.errors import PredictionError
from core.said import said
from core.schema import Setting, Settings, When

AT_ONCE = 32
"""Texts that are written side by side: each keeps what it has read in memory."""
_ANSWER_SHARE = 4
"""Of all that a model can read, one part of so many is kept for what it writes."""


class Knobs(Settings):
    """How a text is written on."""

    temperature: Annotated[
        float,
        Field(ge=0, le=2),
        Setting(
            "Temperature",
            "How freely it chooses its words. 0: always the likeliest one, so the same question has the same answer. "
            "Higher: more surprising, and more often wrong.",
        ),
    ] = 0.7
    max_new_tokens: Annotated[
        int,
        Field(ge=1, le=4096),
        Setting(
            "Length",
            "It stops here at the latest, perhaps in the middle of a sentence. A token is a word or a piece of one.",
            unit="tokens",
        ),
    ] = 200
    top_p: Annotated[
        float,
        Field(gt=0, le=1),
        Setting(
            "Top-p",
            "Only the likeliest words are chosen from, as many as make up this share of all chances. 1: any word. "
            "Of no effect at temperature 0.",
            "advanced",
        ),
    ] = 0.9
    repetition_penalty: Annotated[
        float,
        Field(ge=1, le=2),
        Setting(
            "Repetition penalty",
            "Makes words that were used already less likely. 1: no penalty. Small models that go round in circles "
            "need a little of it.",
            "advanced",
        ),
    ] = 1.1
    stop: Annotated[
        str,
        Setting(
            "Stop at",
            "It stops as soon as it writes one of these texts, separated by |. The text itself is not shown.",
            "advanced",
        ),
    ] = ""
    seed: Annotated[
        int,
        Field(ge=0, le=2**32 - 1),
        Setting(
            "Seed",
            "Where chance begins. The same seed gives the same answer again, another one another answer.",
            "advanced",
        ),
    ] = 42


class RewritingKnobs(Knobs):
    """How one text is written from another: by default without chance."""

    temperature: Annotated[
        float,
        Field(ge=0, le=2),
        Setting(
            "Temperature",
            "How freely it chooses its words. 0: always the likeliest one, which suits most texts made from another.",
        ),
    ] = 0.0
    repetition_penalty: Annotated[
        float,
        Field(ge=1, le=2),
        Setting("Repetition penalty", "Makes words that were used already less likely. 1: no penalty.", "advanced"),
    ] = 1.0
    num_beams: Annotated[
        int,
        Field(ge=1, le=16),
        Setting(
            "Beams",
            "How many beginnings are followed side by side until the best one wins. 1: one, which is quickest and can "
            "be watched while it is written.",
            "advanced",
            when=When("temperature", (0.0,), "Beams are for temperature 0: otherwise chance chooses the words."),
        ),
    ] = 1


def stream(model: Any, tokenizer: Any, inputs: Mapping[str, Any], knobs: Knobs) -> Iterator[str]:
    """The text so far, each time it has grown, and at the end the whole. Equal knobs give an equal text.

    ``inputs`` are tensors of shape (1, tokens). Whoever stops reading should close the iterator: the model stops too.
    Raises what goes wrong while the text is written, and ``PredictionError`` where there is no room for any.
    """
    stops = [mark for mark in knobs.stop.split("|") if mark]
    text, shown = "", None
    with closing(_pieces(model, tokenizer, inputs, knobs)) as pieces:
        for piece in pieces:
            text += piece
            place = _first_stop(text, stops)
            if place is not None:
                text = text[:place]
                break
            safe = _before_half_a_stop(text, stops)
            if safe and safe != shown:
                shown = safe
                yield safe
    if text != shown:
        yield text


def generate_batch(
    model: Any, tokenizer: Any, batch: Mapping[str, Any], max_new_tokens: int, num_beams: int = 1
) -> list[str]:
    """What the model holds likeliest after, or for, each text of ``batch``: only what is new, without blanks around.

    ``batch`` has ``input_ids`` and ``attention_mask`` of shape (texts, tokens), padded on either side. A text that is
    to be written on loses its beginning where it leaves no ``answer_room``; no answer depends on the texts beside it.
    """
    import torch

    batch = batch if model.config.is_encoder_decoder else _padded_left(batch)
    found = [""] * len(batch["input_ids"])
    with torch.inference_mode():
        for places, width, length in _like(model, batch, max_new_tokens):
            settings = _settings(model, tokenizer, width, length, num_beams=num_beams)
            part = {name: batch[name][places, -width:] for name in ("input_ids", "attention_mask")}
            written = model.generate(**_on(model, part), generation_config=settings)
            new = written if model.config.is_encoder_decoder else written[:, width:]
            for place, text in zip(places, tokenizer.batch_decode(new, skip_special_tokens=True), strict=True):
                found[place] = text.strip()
    return found


def _like(model: Any, batch: Mapping[str, Any], wanted: int) -> Iterator[tuple[list[int], int, int]]:
    """(places of at most ``AT_ONCE`` texts, tokens read of each, tokens that each may write): all texts, in groups.

    Texts share a group only where each has the room that it has by itself.
    """
    limit, width = room(model, 0), batch["input_ids"].shape[1]
    groups: dict[int, list[int]] = {}
    sizes = batch["attention_mask"].sum(1).tolist()
    for place, size in enumerate(sizes):
        free = wanted if limit is None or model.config.is_encoder_decoder else limit - size
        groups.setdefault(min(wanted, max(free, answer_room(limit or wanted, wanted))), []).append(place)
    for length, places in groups.items():
        for start in range(0, len(places), AT_ONCE):
            some = places[start : start + AT_ONCE]
            if model.config.is_encoder_decoder:
                yield some, width, length
            else:
                longest = max(1, *(sizes[place] for place in some))
                yield some, longest if limit is None else min(longest, limit - length), length


def evenly(rows: int, most: int) -> list[int]:
    """The places of at most ``most`` of ``rows`` rows, spread evenly over them: the same ones every time."""
    return sorted({place * rows // most for place in range(most)}) if rows else []


def room(model: Any, prompt: int) -> int | None:
    """How many tokens the model can write after a prompt of so many; None where nothing limits it."""
    config = model.config
    if config.is_encoder_decoder:
        limit = getattr(getattr(config, "decoder", config), "max_position_embeddings", None)
        return limit - 1 if limit else None
    limit = getattr(config, "max_position_embeddings", None)
    return limit - prompt if limit else None


def answer_room(limit: int, wanted: int) -> int:
    """Of ``limit`` tokens in all, those kept for ``wanted`` tokens of an answer, whatever the question takes."""
    return min(wanted, max(1, limit // _ANSWER_SHARE))


def _settings(model: Any, tokenizer: Any, prompt: int, max_new_tokens: int, **more: Any) -> Any:
    """A ``GenerationConfig``. Raises ``PredictionError`` where the prompt fills all that the model can read."""
    from transformers import GenerationConfig

    free = room(model, prompt)
    if free is not None and free < 1:
        raise PredictionError(
            said("The text fills all that the model can read."),
            said("Make it shorter, so that there is room for an answer."),
        )
    length = max_new_tokens if free is None else min(max_new_tokens, free)
    pad = model.generation_config.pad_token_id
    chances = {"do_sample": False, "repetition_penalty": 1.0} | more
    # Some checkpoints ask for a least length, or choose among 50 words: only what is said here should count.
    return GenerationConfig(
        max_new_tokens=length,
        min_length=0,
        pad_token_id=tokenizer.pad_token_id if pad is None else pad,
        **chances,
    )


def _with_chance(knobs: Knobs) -> dict[str, Any]:
    common = {"repetition_penalty": knobs.repetition_penalty}
    if knobs.temperature == 0:
        return {**common, "num_beams": getattr(knobs, "num_beams", 1)}
    chance = {"do_sample": True, "temperature": knobs.temperature, "top_p": knobs.top_p, "top_k": 0, "num_beams": 1}
    return common | chance


def _pieces(model: Any, tokenizer: Any, inputs: Mapping[str, Any], knobs: Knobs) -> Generator[str]:
    """The text in pieces as they are written, or in one where beams are followed to the end first."""
    settings = _settings(model, tokenizer, inputs["input_ids"].shape[1], knobs.max_new_tokens, **_with_chance(knobs))
    if settings.num_beams > 1:
        yield generate_batch(model, tokenizer, inputs, settings.max_new_tokens, settings.num_beams)[0]
    else:
        yield from _written(model, tokenizer, _on(model, inputs), settings, knobs.seed)


def _written(model: Any, tokenizer: Any, inputs: Mapping[str, Any], settings: Any, seed: int) -> Iterator[str]:
    """Generate in a thread of its own. It ends when this iterator is closed; its failure is raised here."""
    from threading import Event, Thread

    import torch
    from transformers import StoppingCriteriaList, TextIteratorStreamer

    streamer = TextIteratorStreamer(tokenizer, skip_prompt=True, skip_special_tokens=True)
    left, failures = Event(), list[Exception]()

    def nobody_reads(input_ids: Any, scores: Any, **more: Any) -> Any:
        return torch.full((len(input_ids),), left.is_set(), dtype=torch.bool, device=input_ids.device)

    def work() -> None:
        try:
            with torch.inference_mode(), _seeded(model.device, seed):
                criteria = StoppingCriteriaList([nobody_reads])
                model.generate(**inputs, generation_config=settings, streamer=streamer, stopping_criteria=criteria)
        except Exception as exc:
            failures.append(exc)
        finally:
            streamer.text_queue.put(streamer.stop_signal)

    thread = Thread(target=work, name="writing", daemon=True)
    thread.start()
    try:
        yield from streamer
    finally:
        left.set()
        thread.join()
    if failures:
        raise failures[0]


@contextmanager
def _seeded(device: Any, seed: int) -> Iterator[None]:
    """Chance that begins at ``seed``, and goes on afterwards where it was before."""
    import torch

    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        yield


def _on(model: Any, inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {name: inputs[name].to(model.device) for name in ("input_ids", "attention_mask")}


def _padded_left(batch: Mapping[str, Any]) -> dict[str, Any]:
    """With what fills up short texts moved before them: a text is written on from its end."""
    order = batch["attention_mask"].argsort(dim=1, stable=True)
    return {name: tensor.gather(1, order) for name, tensor in batch.items()}


def _first_stop(text: str, stops: Sequence[str]) -> int | None:
    return min((place for mark in stops if (place := text.find(mark)) >= 0), default=None)


def _before_half_a_stop(text: str, stops: Sequence[str]) -> str:
    """The text without an end that may yet become a stop text."""
    halves = (len(mark[:size]) for mark in stops for size in range(1, len(mark)) if text.endswith(mark[:size]))
    return text[: len(text) - max(halves, default=0)]
