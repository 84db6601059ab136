"""What the Hub says of the head of a card before it takes it: the rules that it publishes, not a copy of its code.

``model-index``: https://github.com/huggingface/hub-docs/blob/main/modelcard.md
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from core.publishing.licences import LICENCES
from tests.small_hub.http import Reply, Request

TASKS = {
    "text-classification", "token-classification", "question-answering", "fill-mask", "text-generation",
    "text2text-generation", "feature-extraction", "sentence-similarity", "summarization", "translation",
}  # fmt: skip
"""Those of texts; the Hub knows more."""
RELATIONS = {"finetune", "adapter", "merge", "quantized"}
_REPO = re.compile(r"[\w.-]+(/[\w.-]+)?")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z]+)*|code|multilingual")
_HEAD = re.compile(r"\A---\r?\n(.*?)\r?\n---(\r?\n|\Z)", re.DOTALL)


def validated(request: Request) -> Reply:
    """200, or 400 with what is wrong, as the clients expect it."""
    asked = request.data()
    errors = list(_errors(asked["content"])) if asked.get("repoType") == "model" else []
    body = {"errors": [{"message": words} for words in errors], "warnings": []}
    return Reply(400 if errors else 200, body)


def _errors(content: str) -> Iterator[str]:
    found = _HEAD.match(content)
    try:
        head = yaml.safe_load(found[1]) if found else {}
    except yaml.YAMLError as exc:
        yield f"Invalid YAML: {exc}"
        return
    if not isinstance(head, dict):
        yield "The metadata should be an object"
        return
    yield from _of_names(head)
    yield from _of_licence(head)
    for number, index in enumerate(_listed(head.get("model-index"))):
        yield from _of_index(index, f"model-index[{number}]")


def _of_names(head: Mapping[str, Any]) -> Iterator[str]:
    if head.get("pipeline_tag") and head["pipeline_tag"] not in TASKS:
        yield f'"pipeline_tag" {head["pipeline_tag"]!r} is not a known task'
    for name in ("base_model", "datasets"):
        for repo in _listed(head.get(name)):
            if not isinstance(repo, str) or not _REPO.fullmatch(repo):
                yield f'"{name}" with value {repo!r} is not valid: it should be the id of a repository'
    for code in _listed(head.get("language")):
        if not isinstance(code, str) or not _LANGUAGE.fullmatch(code):
            yield f'"language" with value {code!r} is not valid: it should be an ISO 639 code'
    for name in ("tags", "metrics"):
        if not all(isinstance(one, str) and one for one in _listed(head.get(name))):
            yield f'"{name}" must be a list of strings'
    if "base_model_relation" in head and head["base_model_relation"] not in RELATIONS:
        yield '"base_model_relation" must be one of [finetune, adapter, merge, quantized]'


def _of_licence(head: Mapping[str, Any]) -> Iterator[str]:
    licence = head.get("license")
    if licence is not None and licence not in LICENCES:
        yield f'"license" must be one of the known ids, not {licence!r}'
    if licence == "other" and not head.get("license_name"):
        yield '"license_name" is required with "license: other"'
    if (name := head.get("license_name")) and not re.fullmatch(r"[a-z0-9.-]+", name):
        yield f'"license_name" {name!r} may have small letters, digits, dots and dashes'


def _of_index(index: Any, place: str) -> Iterator[str]:
    if not isinstance(index, dict) or not isinstance(index.get("name"), str) or not index["name"]:
        yield f'"{place}.name" is required'
        return
    for number, result in enumerate(_listed(index.get("results"))):
        where = f"{place}.results[{number}]"
        for part, names in (("task", ("type",)), ("dataset", ("type", "name"))):
            for name in names:
                if not isinstance((result.get(part) or {}).get(name), str):
                    yield f'"{where}.{part}.{name}" must be a string'
        if not result.get("metrics"):
            yield f'"{where}.metrics" is required'
        for metric in _listed(result.get("metrics")):
            if not isinstance(metric.get("type"), str) or not isinstance(metric.get("value"), int | float | str):
                yield f'"{where}.metrics" need a type and a value'


def _listed(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]
