"""Which pieces a model is asked about together, and how they come to it: of like length, as many as suit the machine,
and the next of them being made ready while it is at work on these.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

from core.errors import is_out_of_memory
from core.training.batching.planning import by_size, parts_of

T = TypeVar("T")

TOKENS_A_THREAD = 512
"""On a CPU at once, padding included: what lies between two layers stays in the processor's cache then."""
LEAST_ON_CPU, MOST_ON_CPU = 1024, 8192
"""Measured with one thread and two, where 1,024 tokens take a seventh less time than 4,096."""
NUMBERS_ON_GPU = 16_000_000
"""Between two layers at once: a GPU wants much to do at a time, and wide models have less room."""
MOST_ON_GPU = 65_536
"""Tokens at once, however narrow the layers are."""
USUAL_WIDTH = 384
"""Of a model that does not say how wide its layers are."""

ALONE = 4e9
"""Floating-point operations, less than a tenth of a second of one core: not worth sharing among several, which wait for
each other at every layer. Where a training keeps the machine busy, that makes a moment a second."""
USUAL_LAYERS = 12


def planned(
    model: Any, lengths: Sequence[int], written: Sequence[int] = (), most: int | None = None
) -> list[list[int]]:
    """The places of the pieces of each batch, the longest first; at ``most`` so many in one. ``written``: how many
    tokens each has to write, where that is known.
    """
    parts = parts_of(lengths, by_size(width_of(model)), tokens_at_once(model), written)
    if most is None:
        return parts
    return [part[start : start + most] for part in parts for start in range(0, len(part), most)]


def tokens_at_once(model: Any) -> int:
    """How many tokens are computed together on the model's device, padding included."""
    if model.device.type == "cpu":
        import torch

        return min(MOST_ON_CPU, max(LEAST_ON_CPU, TOKENS_A_THREAD * torch.get_num_threads()))
    return max(LEAST_ON_CPU, min(MOST_ON_GPU, NUMBERS_ON_GPU // width_of(model)))


def width_of(model: Any) -> int:
    """How many numbers a layer of the model makes of a token."""
    return getattr(model.config.get_text_config(), "hidden_size", None) or USUAL_WIDTH


@contextmanager
def fitting_threads(model: Any, tokens: int) -> Iterator[None]:
    """Within, a model on the CPU that has to read few tokens does so in one thread."""
    import torch

    layers = getattr(model.config.get_text_config(), "num_hidden_layers", None) or USUAL_LAYERS
    before = torch.get_num_threads()
    if model.device.type != "cpu" or tokens * layers * by_size(width_of(model)).token > ALONE:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def ahead(made: Iterable[T]) -> Generator[T, None, None]:
    """The same things in their order, each being made in a thread while the one before it is used."""
    source = iter(made)
    with ThreadPoolExecutor(1, "ahead") as thread:
        coming = thread.submit(lambda: next(source, None))
        while (ready := coming.result()) is not None:
            coming = thread.submit(lambda: next(source, None))
            yield ready


def halved(compute: Callable[[list[int]], T], places: list[int]) -> list[tuple[list[int], T]]:
    """What ``compute`` makes of the pieces at these places: of all together, or of halves where memory runs out."""
    try:
        return [(places, compute(places))]
    except Exception as exc:
        if len(places) == 1 or not is_out_of_memory(exc):
            raise
    # The exception held what had been computed: only now is it free.
    _tidy()
    middle = len(places) // 2
    return [*halved(compute, places[:middle]), *halved(compute, places[middle:])]


def _tidy() -> None:
    import gc

    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
