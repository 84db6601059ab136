"""The head of a model card: what the Hub reads, searches by and shows beside the text, as YAML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from core.evaluation.types import MetricWords
from core.models.hub import looks_like_id
from core.publishing.cleaned import file_name, source_name
from core.publishing.facts import Facts

if TYPE_CHECKING:
    from huggingface_hub import EvalResult

TAG = "tunesmith"
_METRIC_IDS: dict[str, tuple[str, dict[str, Any]]] = {
    "accuracy": ("accuracy", {}),
    "token_accuracy": ("accuracy", {}),
    "subset_accuracy": ("accuracy", {}),
    "mcc": ("matthews_correlation", {}),
    "pearson": ("pearsonr", {}),
    "spearman": ("spearmanr", {}),
    "r2": ("r_squared", {}),
    "rmse": ("mse", {"squared": False}),
    "average_precision_micro": ("average_precision", {"average": "micro"}),
    "has_answer_f1": ("f1", {}),
    "has_answer_exact_match": ("exact_match", {}),
    "hamming": ("hamming_loss", {}),
    "rouge1": ("rouge", {"rouge_types": ["rouge1"]}),
    "rouge2": ("rouge", {"rouge_types": ["rouge2"]}),
    "rougeL": ("rouge", {"rouge_types": ["rougeL"]}),
}
"""Our metrics -> the id among https://hf.co/metrics and its arguments. Others are called as they are."""
_AVERAGES = ("macro", "micro", "weighted", "samples")
_CONFIDENCE = 0.95
_NO_DATASET = "custom"
"""The type of a dataset that is not on the Hub."""
_LONGEST_NAME = 200
_ORDER = [
    "language", "license", "license_name", "license_link", "library_name", "pipeline_tag", "base_model",
    "base_model_relation", "datasets", "metrics", "tags",
]  # fmt: skip


def head(facts: Facts) -> str:
    """The YAML between the two lines of dashes, without them."""
    from huggingface_hub import ModelCardData

    results = list(_results(facts))
    base = facts.base
    dataset = facts.dataset if looks_like_id(facts.dataset) else ""
    data = ModelCardData(
        language=_one_or_all(facts.languages),
        license=base.licence or None,
        license_name=_slug(base.licence_name) if base.licence == "other" else None,
        license_link=base.licence_link or None,
        library_name="peft" if facts.is_adapter else "transformers",
        pipeline_tag=facts.task.pipeline_tag or None,
        base_model=base.hub_id or None,
        base_model_relation=_relation(facts) if base.hub_id else None,
        datasets=[dataset] if dataset else None,
        metrics=list(dict.fromkeys(result.metric_type for result in results)) or None,
        tags=[TAG, f"generated-by-{TAG}"],
        co2_eq_emissions=_emissions(facts),
        model_name=_line(facts.title) if results else None,
        eval_results=results or None,
    )
    return data.to_yaml(original_order=_ORDER)


def _relation(facts: Facts) -> str:
    return "adapter" if facts.is_adapter else "finetune"


def _one_or_all(found: Sequence[str]) -> str | list[str] | None:
    return found[0] if len(found) == 1 else list(found) or None


def _results(facts: Facts) -> Iterator[EvalResult]:
    """The figures of the judgement, each with the range that it is sure of. Without a test part there are none: what
    the best model was chosen by is no result.
    """
    from huggingface_hub import EvalResult

    if not facts.task.pipeline_tag or facts.part != "test":
        return
    found, data = facts.judgement, facts.config.data
    for metric in facts.task.metrics:
        if (value := found.get(metric.name)) is None:
            continue
        kind, args = metric_id(metric)
        yield EvalResult(
            task_type=facts.task.pipeline_tag,
            task_name=facts.task.title,
            dataset_type=facts.dataset or _NO_DATASET,
            dataset_name=_line(_judged_on(facts)),
            dataset_config=data.subset,
            dataset_split=_split(facts),
            dataset_revision=data.revision,
            metric_type=kind,
            metric_name=metric.label,
            metric_value=round(float(value), 6),
            metric_args={**args, **_sureness(found, metric)} or None,
        )


def metric_id(metric: MetricWords) -> tuple[str, dict[str, Any]]:
    """The Hub's id of a metric and the arguments that make it ours: ``f1_macro`` is ``f1`` with an average."""
    if metric.name in _METRIC_IDS:
        return _METRIC_IDS[metric.name]
    name, _, average = metric.name.rpartition("_")
    return (name, {"average": average}) if name and average in _AVERAGES else (metric.name, {})


def _sureness(found: Any, metric: MetricWords) -> dict[str, Any]:
    low, high = (found.get("intervals") or {}).get(metric.name) or (None, None)
    if low is None or high is None:
        return {}
    return {"confidence_interval": [round(float(low), 6), round(float(high), 6)], "confidence_level": _CONFIDENCE}


def _judged_on(facts: Facts) -> str:
    """The table with the rows that were kept aside: a file of its own, or the one that was learned from."""
    data = facts.config.data
    is_file = isinstance(data.split.test, str) and data.split.column is None and not facts.dataset
    return file_name(str(data.split.test)) if is_file else source_name(data)


def _split(facts: Facts) -> str:
    """The split of the Hub that the rows are from; else the words for rows that were kept aside."""
    split = facts.config.data.split
    named = split.test if isinstance(split.test, str) and facts.dataset and split.column is None else ""
    return named or "kept aside"


def _emissions(facts: Facts) -> dict[str, Any] | None:
    """In the Hub's form, in grams; None where nothing was measured."""
    measured = (facts.report.get("energy") or {}).get("co2_kg")
    if measured is None:
        return None
    device = (facts.report.get("hardware") or {}).get("device")
    about = {"emissions": round(float(measured) * 1000, 3), "source": "Tunesmith", "training_type": "fine-tuning"}
    return about | ({"hardware_used": device} if device else {})


def _slug(name: str) -> str:
    """As the Hub wants the name of a licence: ``my-license-1.0``."""
    return "-".join("".join(sign if sign.isalnum() or sign in ".-" else " " for sign in name.lower()).split())


def _line(text: str) -> str:
    return " ".join(text.split())[:_LONGEST_NAME]
