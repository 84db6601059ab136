"""The process that makes an ONNX copy and compares it with the model: one JSON record in; progress, then ``done`` or
``error`` come out, one a line.

``model.onnx`` takes whole batches: ``input_ids``, ``attention_mask`` and where the tokenizer has them
``token_type_ids``, int64 of shape (texts, tokens). It gives what the model's head gives: ``logits``, or
``start_logits`` and ``end_logits``.
"""

from __future__ import annotations

import json
import math
import os
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from core.said import packed, said

TOLERANCE = 1e-4
"""Of each number that the model gives, and that beside its size: so far apart are two ways to add up in float32."""
SIZES = ((1, 3), (2, 16), (5, 29), (3, 10_000))
"""(texts, tokens) of made-up batches; the last are as long as the model reads."""
LONGEST_COMPARED = 512
_LARGE = 1_800_000_000
"""Bytes of weights from which they do not fit into the graph's own file (protobuf takes 2 GB)."""


def main() -> int:
    """Make one copy."""
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what libraries print is no reply
    job = json.loads(sys.stdin.readline())
    threading.Thread(target=_leave_with_the_app, daemon=True).start()

    def say(record: dict[str, Any]) -> None:
        replies.write(json.dumps(record) + "\n")
        replies.flush()

    try:
        make(job, lambda share, words: say(packed({"progress": [share, words]})))
        say({"done": True})
    except Exception as exc:
        from core.errors import explain

        error = explain(exc)
        say({"error": error.as_record()})
    return 0


def make(job: Mapping[str, Any], progress: Callable[[float, str], None]) -> None:
    """Write ``model.onnx`` into the folder ``into`` and compare it. Raises ``StudioError`` where it differs."""
    from core.models.checkpoints import describe_folder
    from core.models.fast_linear import slow_down
    from core.prediction.predictor import Predictor
    from core.publishing.onnx import MODEL, NOTE
    from core.runs import Run
    from core.versions import versions

    run, into = Run(Path(job["run"])), Path(job["into"])
    progress(0.05, said("Loading the model"))
    predictor = Predictor(run)
    slow_down(predictor.model)  # what is written down is plain
    progress(0.2, said("Writing the model as an ONNX graph"))
    inputs = _input_names(predictor)
    _write(predictor.model, inputs, into / MODEL)
    forget_origin(into / MODEL)
    progress(0.7, said("Comparing its answers with those of the model"))
    copy = Copy(predictor.model, into / MODEL)
    reads = describe_folder(run.model_path).max_length or predictor.context.max_length
    largest = compare_numbers(predictor.model, copy, inputs, min(reads, LONGEST_COMPARED))
    compared = _compare_answers(run, predictor, copy)
    note = {"model": job["stamp"], "tolerance": TOLERANCE, "largest_difference": largest, "answers_compared": compared}
    (into / NOTE).write_text(json.dumps({**note, "versions": versions()}, indent=2), encoding="utf-8")


class Copy:
    """The ONNX graph in the place of the model that it was made from: called as that is, it answers in its form."""

    def __init__(self, model: Any, file: Path) -> None:
        import onnxruntime

        self._model = model
        self._session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
        self._inputs = [one.name for one in self._session.get_inputs()]
        self._outputs = [one.name for one in self._session.get_outputs()]
        self.base_model = _Body()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def __call__(self, **batch: Any) -> Any:
        import torch
        from transformers.utils import ModelOutput

        fed = {name: batch[name].numpy() for name in self._inputs}
        given = ModelOutput(zip(self._outputs, map(torch.from_numpy, self._session.run(None, fed)), strict=True))
        for hook in list(self.base_model.hooks):
            given["logits"] = hook(None, (), ModelOutput(last_hidden_state=given["logits"]))["last_hidden_state"]
        return given


class _Body:
    """What stands for the body of a copy. Who hooks into a body picks tokens there, so that the head is asked for those
    alone; as a head looks at each token by itself, they are picked from its answers just as well.
    """

    def __init__(self) -> None:
        self.hooks: list[Callable[..., Any]] = []

    def register_forward_hook(self, hook: Callable[..., Any]) -> _Body:
        self.hooks.append(hook)
        return self

    def remove(self) -> None:
        self.hooks.clear()


def _input_names(predictor: Any) -> list[str]:
    """What a text becomes that both the tokenizer makes and the model takes."""
    import inspect

    taken = inspect.signature(predictor.model.forward).parameters
    return [name for name in predictor.context.tokenizer.model_input_names if name in taken]


def _write(model: Any, inputs: list[str], file: Path) -> None:
    import torch

    class Answering(torch.nn.Module):
        """The model with inputs by place and plain tensors as its answer."""

        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *tensors: Any) -> Any:
            answer = self.model(**dict(zip(inputs, tensors, strict=True)), return_dict=True)
            return tuple(answer[name] for name in outputs)

    tried = _made_up(model, inputs, 2, 7)
    with torch.inference_mode():
        outputs = [name for name in model(**tried, return_dict=True) if name.endswith("logits")]
    axes = {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}
    size = sum(one.numel() * one.element_size() for one in model.parameters())
    torch.onnx.export(
        Answering().eval(),
        tuple(tried.values()),
        str(file),
        input_names=inputs,
        output_names=outputs,
        dynamo=True,
        dynamic_shapes=(tuple(axes for _ in inputs),),
        external_data=size > _LARGE,
        verbose=False,
    )


def forget_origin(file: Path) -> None:
    """Take out where on this machine each node comes from: the exporter notes lines of programs with their paths."""
    import onnx

    model = onnx.load(str(file), load_external_data=False)
    for part in (model, model.graph, *model.functions):
        part.ClearField("metadata_props")
    for node in (*model.graph.node, *(node for function in model.functions for node in function.node)):
        node.ClearField("metadata_props")
        node.ClearField("doc_string")
    onnx.save(model, str(file))


def _made_up(model: Any, inputs: list[str], texts: int, tokens: int) -> dict[str, Any]:
    """A batch of random tokens, each text shorter than the one before and filled up with padding."""
    import torch

    chance = torch.Generator().manual_seed(texts * 100_003 + tokens)
    vocabulary = model.get_input_embeddings().weight.shape[0]
    ids = torch.randint(0, vocabulary, (texts, tokens), generator=chance)
    lengths = torch.tensor([max(1, tokens - row * max(1, tokens // (texts + 1))) for row in range(texts)])
    mask = (torch.arange(tokens)[None, :] < lengths[:, None]).long()
    padding = model.config.pad_token_id or 0
    ids = torch.where((ids == padding) & (mask == 1), (ids + 1) % vocabulary, ids)
    ids = torch.where(mask == 1, ids, padding)
    made = {"input_ids": ids, "attention_mask": mask, "token_type_ids": torch.zeros_like(ids)}
    return {name: made[name] for name in inputs}


def compare_numbers(model: Any, copy: Any, inputs: list[str], most: int) -> float:
    """The largest difference, over batches of many shapes, up to ``most`` tokens.

    Raises ``StudioError`` where one is beyond tolerance.
    """
    import torch

    largest = 0.0
    for texts, tokens in SIZES:
        batch = _made_up(model, inputs, texts, min(tokens, most))
        with torch.inference_mode():
            right, given = model(**batch, return_dict=True), copy(**batch)
        for name in given:
            one, other = right[name], given[name]
            if one.ndim == 3 or name != "logits":  # of each token: those that fill up say nothing
                seen = batch["attention_mask"].bool()
                one, other = one[seen], other[seen]
            apart = float((one - other).abs().max())
            if not torch.allclose(one, other, rtol=TOLERANCE, atol=TOLERANCE):
                raise _differs(f"{name} differ by {apart:.2g} for {texts} x {batch['input_ids'].shape[1]} tokens")
            largest = max(largest, apart)
    return largest


def _compare_answers(run: Any, predictor: Any, copy: Copy) -> int:
    """How many examples of the report were answered alike. Raises ``StudioError`` where one was not."""
    examples = (run.report or {}).get("examples") or []
    columns = {role: [example[role] for example in examples] for role in (examples[0] if examples else ())}
    if not columns:
        return 0
    right, given = predictor.answers(columns), predictor.with_model(copy).answers(columns)
    for one, other in zip(right, given, strict=True):
        if not alike(one, other):
            raise _differs(f"{json.dumps(one, default=str)[:500]} became {json.dumps(other, default=str)[:500]}")
    return len(right)


def alike(one: Any, other: Any) -> bool:
    """The same words, and numbers that differ by no more than adding up in another order makes them."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, float) or isinstance(other, float):
        return math.isclose(float(one), float(other), rel_tol=10 * TOLERANCE, abs_tol=10 * TOLERANCE)
    return bool(one == other)


def _differs(cause: str) -> Exception:
    from core.errors import StudioError

    return StudioError(
        said("The ONNX copy answers differently from the model, so it was not kept."),
        said("This kind of model cannot be copied that way with the packages installed here. The model is untouched."),
        cause=cause,
    )


def _leave_with_the_app() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
