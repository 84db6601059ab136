"""From a config to the stream that it learns from, and what to say of it in the end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.data.hub.contents import settled
from core.data.hub.heads import columns_of_head
from core.data.hub.reading import Blocks
from core.data.origins import origin_of
from core.data.parts import DataParts
from core.data.tables import open_table
from core.said import said
from core.tasks.base import Context
from core.training import checkpoints
from core.training.shop import Workshop
from core.training.streaming.place import Place
from core.training.streaming.rows import Sieve
from core.training.streaming.source import Source

if TYPE_CHECKING:
    from core.training.streaming.flow import Flow


def open_flow(shop: Workshop, parts: DataParts, context: Context, checkpoint: Path | None) -> Flow:
    """The stream of a run, from where ``checkpoint`` stood, or from its beginning."""
    from core.training.streaming.flow import Flow

    config = shop.config
    assert config.data.streaming is not None
    _be_less_patient()
    place = settled(origin_of(config.data))
    head = open_table(place)
    blocks = Blocks(place, columns_of_head(head.folder), head.table.schema, config.data.streaming.shuffle_buffer)

    def notice(title: str, detail: str) -> None:
        shop.notice(title, detail, "warning")

    step = checkpoints.step_of(checkpoint) if checkpoint else 0
    batch = config.training.per_device_train_batch_size * config.training.gradient_accumulation_steps
    sieve = Sieve.of(config, parts)
    return Flow(shop.task, context, Source(blocks, notice), sieve, batch, Place.of(checkpoint), step)


def _be_less_patient() -> None:
    """The library itself would wait for minutes, unheard, before it says that a connection broke."""
    import datasets

    for what in ("READ", "OPEN"):
        setattr(datasets.config, f"STREAMING_{what}_MAX_RETRIES", 3)
    for wait in ("READ_RETRY", "OPEN_RETRY", "READ_SERVER_UNAVAILABLE_RETRY", "READ_RATE_LIMIT_RETRY"):
        setattr(datasets.config, f"STREAMING_{wait}_INTERVAL", 5)


def told(flow: Flow, step: int) -> dict[str, Any]:
    """For the report, under ``stream``: what became of the rows up to a step."""
    place = flow.place_at(step)
    return {"read": place.tally.read, "learned": place.tally.learned, "rounds": place.round, "aside": place.tally.aside}


def notice_told(shop: Workshop, found: dict[str, Any]) -> None:
    """Say what was passed over of the stream."""
    if found["aside"]:
        reasons = "; ".join(f"{count:,} {reason}" for reason, count in found["aside"].items())
        passed = sum(found["aside"].values())
        shop.notice(
            said("{passed} of the {read} rows that were read were passed over.", passed=passed, read=found["read"]),
            f"{reasons}.",
        )
