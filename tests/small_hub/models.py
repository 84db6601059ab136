"""What a Hub finds out about a model by itself: from its ``config.json``, its weights, and the head of its README."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from functools import cache
from math import prod
from pathlib import Path
from typing import Any, Protocol

MODEL_TAGS = {
    "language": "",
    "license": "license:",
    "datasets": "dataset:",
    "base_model": "base_model:",
    "tags": "",
    "library_name": "",
    "pipeline_tag": "",
}
"""Which part of a model's card becomes which tag. Languages stand as plain codes, other than those of datasets."""
_FORMS = {".safetensors": "safetensors", ".bin": "pytorch", ".onnx": "onnx", ".gguf": "gguf"}
_MADE_FOR = {
    "ForMaskedLM": "fill-mask",
    "ForCausalLM": "text-generation",
    "ForConditionalGeneration": "text2text-generation",
    "ForSequenceClassification": "text-classification",
    "ForTokenClassification": "token-classification",
    "ForQuestionAnswering": "question-answering",
    "Model": "feature-extraction",
}
_TIMES = {"": 1, "K": 10**3, "M": 10**6, "B": 10**9, "T": 10**12}


class File(Protocol):
    """What is kept of a file."""

    @property
    def place(self) -> Path: ...


class Model:
    """One model at one commit, from its files by name and the head of its README."""

    def __init__(self, files: Mapping[str, File], card: Mapping[str, Any]) -> None:
        self._files = files
        self._card = card

    @property
    def config(self) -> dict[str, Any]:
        """Of its ``config.json`` what the Hub shows; empty without one."""
        kept = self._files.get("config.json")
        try:
            whole = json.loads(kept.place.read_text(encoding="utf-8")) if kept else {}
        except ValueError:
            return {}
        return {name: whole[name] for name in ("architectures", "model_type", "auto_map") if name in whole}

    @property
    def safetensors(self) -> dict[str, Any] | None:
        """How many numbers of which form its weights hold: ``{"parameters": {"F32": n}, "total": n}``."""
        counted: Counter[str] = Counter()
        for name, kept in self._files.items():
            if "/" not in name and name.endswith(".safetensors"):
                counted.update(_counted(kept.place))
        return {"parameters": dict(counted), "total": counted.total()} if counted else None

    @property
    def library_name(self) -> str | None:
        """``transformers`` where its config says what it is; a card may say otherwise."""
        return self._card.get("library_name") or ("transformers" if "model_type" in self.config else None)

    @property
    def pipeline_tag(self) -> str | None:
        """What it is made for, as its card says or its architecture's name ends."""
        built = next(iter(self.config.get("architectures") or []), "")
        guessed = next((tag for end, tag in _MADE_FOR.items() if built.endswith(end)), None)
        return self._card.get("pipeline_tag") or guessed

    @property
    def tags(self) -> list[str]:
        """What the Hub adds to the tags of the card."""
        forms = [tag for end, tag in _FORMS.items() if any(name.endswith(end) for name in self._files)]
        own_code = "custom_code" if "auto_map" in self.config else None
        named = [self.library_name, *forms, self.config.get("model_type"), self.pipeline_tag, own_code]
        return [tag for tag in named if tag]

    def has_size(self, asked: str) -> bool:
        """Whether it lies in a range of parameters: ``min:0,max:500M``, or one of both."""
        total = (self.safetensors or {}).get("total")
        ends = dict(end.split(":", 1) for end in asked.split(",") if end)
        return total is not None and number(ends.get("min", "0")) <= total <= number(ends.get("max", "1000T"))

    @property
    def facts(self) -> dict[str, Any]:
        """What descriptions have of models alone."""
        return {
            "pipeline_tag": self.pipeline_tag,
            "library_name": self.library_name,
            "config": self.config or None,
            "safetensors": self.safetensors,
        }


def described_by(card: Mapping[str, Any], tags: Mapping[str, str]) -> list[str]:
    """The tags that the head of a README makes."""
    found: list[str] = []
    for key, prefix in tags.items():
        value = card.get(key) or []
        found += [f"{prefix}{one}" for one in (value if isinstance(value, list) else [value])]
    return found


def number(text: str) -> float:
    """``1.5B`` as a number."""
    found = re.fullmatch(r"([\d.]+)([KMBT]?)", text.strip().upper())
    if found is None:
        raise ValueError(f"not a number of parameters: {text}")
    return float(found[1]) * _TIMES[found[2]]


@cache
def _counted(place: Path) -> Counter[str]:
    counted: Counter[str] = Counter()
    with place.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        try:
            head = json.loads(file.read(size)) if 0 < size < 10**8 else {}
        except ValueError:  # it only has the name of such a file
            return counted
    for name, tensor in head.items():
        if name != "__metadata__":
            counted[tensor["dtype"]] += prod(tensor["shape"])
    return counted
