"""What a model card says of the training: the settings, how long it took, on what, with which versions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core import events, figures, limits
from core.markdown import code, escaped, made_table
from core.publishing.facts import Facts
from core.schema import Row, Settings, rows

_LONGEST_VALUE = 200


def training(facts: Facts) -> list[str]:
    """Two tables, and a sentence on versions."""
    return [
        "## Training",
        made_table(["Setting", "Value", "Name in `run.yaml`"], list(_settings(facts))),
        *_circumstances(facts),
        f"Versions: {', '.join(f'{name} {version}' for name, version in facts.versions.items())}.",
    ]


def _settings(facts: Facts) -> Iterator[list[str]]:
    """The settings that mattered: the basic ones of the training, and of all others those that are not as they come."""
    config = facts.config
    # A batch that did not fit into memory was made smaller on the way.
    training = config.training.model_copy(update=facts.report.get("batch") or {})
    sections: list[tuple[str, Settings, bool]] = [("training.", training, True)]
    if config.data.streaming is not None:
        sections.append(("data.streaming.", config.data.streaming, True))
    sections.append(("options.", config.options, False))
    for prefix, section, is_whole in sections:
        for row in rows(type(section)):
            value = getattr(section, row.name)
            told = is_whole and row.setting.level == "basic"
            if _matters(row, section, facts) and (told or value != row.default):
                yield [escaped(row.setting.label), _value(row, value), code(f"{prefix}{row.path}")]


def _matters(row: Row, section: Settings, facts: Facts) -> bool:
    if facts.config.data.streaming is not None and row.name in ("num_train_epochs", "keep_checkpoints"):
        return False
    return row.name not in ("keep_checkpoints", "resume_from_checkpoint") and all(
        when.holds(section) for when in row.setting.conditions
    )


def _value(row: Row, value: Any) -> str:
    words = limits.shown(row, value)
    if row.type is str and not row.choices:
        words = words if len(words) <= _LONGEST_VALUE else f"{words[: _LONGEST_VALUE - 1]}…"
        return code(words, in_table=True) if words else "none"
    return escaped(f"{words} {row.setting.unit}".strip())


def _circumstances(facts: Facts) -> Iterator[str]:
    lines = [[label, escaped(value)] for label, value in _measured(facts) if value]
    if lines:
        yield made_table(["", ""], lines)


def _measured(facts: Facts) -> Iterator[tuple[str, str]]:
    """(what, how much) of the time, the machine and its cost; only what is known."""
    report, hardware = facts.report, facts.report.get("hardware") or {}
    stepped = [event for event in facts.happened if isinstance(event, events.Stepped)]
    started = [event for event in facts.happened if isinstance(event, events.Started)]
    seconds = report.get("train_runtime") or (stepped[-1].elapsed_s if stepped else None)
    parameters = report.get("parameters") or (facts.planned.parameters if facts.planned else None)
    steps = report.get("steps") or (stepped[-1].step if stepped else None)
    yield "Parameters", f"{parameters:,}" if parameters else ""
    yield "Steps", f"{steps:,}{_best_step(report)}" if steps else ""
    yield "Padding", _padding(report.get("padding") or {})
    yield "Training time", figures.duration(seconds) if seconds else ""
    yield "Hardware", hardware.get("device") or (started[-1].device if started else "")
    yield "Peak memory", figures.size(report["memory_bytes"]) if report.get("memory_bytes") else ""
    yield "System", ", ".join(filter(None, (hardware.get("system"), _python(hardware))))
    yield from _energy(report.get("energy") or {})


def _best_step(report: Any) -> str:
    best = report.get("best_step")
    return f"; the best version is that of step {best:,}" if best and best != report.get("steps") else ""


def _padding(shares: Any) -> str:
    if not shares:
        return ""
    return f"{shares['computed']:.0%} of what was computed; in whole batches it would be {shares['whole']:.0%}"


def _python(hardware: Any) -> str:
    return f"Python {hardware['python']}" if hardware.get("python") else ""


def _energy(measured: Any) -> Iterator[tuple[str, str]]:
    """Only what was measured: an estimate out of the blue helps nobody."""
    if measured.get("kwh") is not None:
        source = f" ({measured['source']})" if measured.get("source") else ""
        yield "Energy", f"{measured['kwh']:.3g} kWh{source}"
    if measured.get("co2_kg") is not None:
        yield "CO₂", f"{measured['co2_kg']:.3g} kg"
