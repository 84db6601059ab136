"""The machines that the Hub rents out, with what they cost."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any

from core.errors import ConfigError, HubError
from core.figures import dollars
from core.hub import failures
from core.hub.identity import to_send
from core.hub.patience import within
from core.said import enumerated, said

FRESH_SECONDS = 600.0
"""So long a price list is believed before a start; the price is asked again when a machine is rented."""
PATIENCE_SECONDS = 15.0
_HOUR = {"second": 3600.0, "minute": 60.0, "hour": 1.0}


@dataclass(frozen=True)
class Hardware:
    """One kind of machine. ``price`` is in US dollars an hour; ``gpu`` is empty for one without."""

    name: str
    title: str
    price: float
    gpu: str = ""
    gpus: int = 0
    cpu: str = ""
    memory: str = ""

    @property
    def parts(self) -> str:
        """``Nvidia T4 - small: 1 × T4 (16 GB), 4 vCPU, 15 GB``"""
        return f"{self.title}: {', '.join(filter(None, (self.gpu, self.cpu, self.memory)))}"

    def in_words(self) -> str:
        """The same with what it costs: ``…; 0.40 $ an hour``"""
        return f"{self.parts}; {dollars(self.price)} an hour"


_heard: dict[str, tuple[float, tuple[Hardware, ...]]] = {}
_lock = threading.Lock()


def hardware(fresh: bool = False) -> tuple[Hardware, ...]:
    """All machines, the cheapest first. ``fresh``: as the Hub says now.

    Raises ``HubError`` where it cannot be asked.
    """
    from huggingface_hub import constants

    place = str(constants.ENDPOINT)
    with _lock:
        known = _heard.get(place)
    if known and not fresh and time.monotonic() - known[0] < FRESH_SECONDS:
        return known[1]
    found = _ask()
    with _lock:
        _heard[place] = (time.monotonic(), found)
    return found


def hardware_of(name: str, fresh: bool = False) -> Hardware:
    """The machine of this name. Raises ``ConfigError`` where the Hub rents out none of that name."""
    machines = hardware(fresh)
    for machine in machines:
        if machine.name == name:
            return machine
    known = said("Choose one of: {names}.", names=enumerated(*(machine.name for machine in machines)))
    title = said("The Hub rents out no machine called {name}.", name=repr(name))
    raise ConfigError(title, known, field="job.hardware")


def _ask() -> tuple[Hardware, ...]:
    from core.data.hub.network import is_reachable

    if not is_reachable():
        raise failures.offline()
    try:
        from huggingface_hub import HfApi

        listed = within(PATIENCE_SECONDS, lambda: HfApi().list_jobs_hardware(token=to_send()))
    except HubError:
        raise
    except Exception as exc:
        raise failures.explained(exc, said("the list of machines")) from exc
    found = [_described(one) for one in listed if one.unit_label in _HOUR]
    return tuple(sorted(found, key=lambda machine: (machine.price, machine.name)))


def _described(listed: Any) -> Hardware:
    gpu, count = "", 0
    if listed.accelerator is not None:
        count = int(listed.accelerator.quantity)
        gpu = f"{count} × {listed.accelerator.model} ({listed.accelerator.vram})"
    price = listed.unit_cost_micro_usd / 1e6 * _HOUR[listed.unit_label]
    return Hardware(listed.name, listed.pretty_name, price, gpu, count, listed.cpu, listed.ram)
