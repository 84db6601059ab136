"""An ONNX copy of a trained model, for programs without Python: made, checked to answer alike, or not kept.

torch's own exporter is used. That of ``optimum``, which is better known, wants transformers before 4.58.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from core import children
from core.errors import RunError, StudioError
from core.models import adapted, manual
from core.publishing.package import TAKEN, need_model
from core.runs import Run
from core.said import restored, said
from core.spares import environment
from core.tasks import TASKS
from core.training import checkpoints

PACKAGES = ("onnx", "onnxruntime", "onnxscript")
"""The extra of this name."""
MODEL, NOTE = "model.onnx", "exported.json"
_ADAPTERS = (adapted.NOTE, "adapter_config.json")
"""Of a model that was kept as an adapter alone: in the copy it is merged."""
_WRITE = ("AutoModelForCausalLM", "AutoModelForSeq2SeqLM")
_WEIGHTS = (".safetensors", ".safetensors.index.json")
Progress = Callable[[float, str], None]


def folder_of(run: Run) -> Path:
    return run.path / "onnx"


def can_export(run: Run) -> bool:
    """Whether ``export`` may be tried."""
    return run.has_model and not missing() and not writes(run)


def missing() -> list[str]:
    """The packages that it takes and that are not installed."""
    return [name for name in PACKAGES if find_spec(name) is None]


def writes(run: Run) -> bool:
    """Whether the model answers word by word, each a pass of its own: one file cannot hold that."""
    return TASKS[run.config.task].auto_class in _WRITE


def why_not(run: Run) -> StudioError | None:
    """Why no copy of a model can be made here, and what to do; None where it can be tried."""
    if writes(run):
        return RunError(
            said("A model that writes cannot be kept as one ONNX file: it reads its own words again for each new one."),
            said("Use it with transformers, or publish it: many programs read the safetensors that it is kept in."),
        )
    if missing():
        return StudioError(
            said("ONNX copies need packages that are not installed: {names}.", names=", ".join(missing())),
            said("Type in a terminal: {command}", command=f"{sys.executable} -m pip install {' '.join(PACKAGES)}"),
        )
    return None


def export(run: Run, progress: Progress | None = None) -> Path:
    """The folder with ``model.onnx``, config, tokenizer and a README that says how to use them.

    It is made in a process of its own, unless it is there already. An exception raised by ``progress`` ends that.
    Raises ``StudioError`` when the packages for it are missing, the model writes, or its copy answers differently.
    """
    need_model(run)
    refusal = why_not(run)
    if refusal is not None:
        raise refusal
    done = folder_of(run)
    if is_current(run):
        return done
    draft = run.path / ".onnx.draft"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    try:
        _make(run, draft, progress or (lambda share, words: None))
        _add_files(run, draft)
        checkpoints.commit(draft, done)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return done


def is_current(run: Run) -> bool:
    """Whether there is a copy, of the model that is there now."""
    try:
        note = json.loads((folder_of(run) / NOTE).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return False
    return bool(note["model"] == stamp(run))


def stamp(run: Run) -> int:
    """Tells a model from the one that takes its place."""
    return (run.model_path / "config.json").stat().st_mtime_ns


def _make(run: Run, draft: Path, progress: Progress) -> None:
    # Answers are compared on the processor, where both kinds of model run.
    process = children.start("core.publishing.onnx_child", {**environment(), "CUDA_VISIBLE_DEVICES": ""})
    assert process.stdin is not None and process.stdout is not None
    try:
        process.stdin.write(json.dumps({"run": str(run.path), "into": str(draft), "stamp": stamp(run)}) + "\n")
        process.stdin.flush()
        for line in process.stdout:
            reply = restored(json.loads(line))
            if "error" in reply:
                raise StudioError(**restored(reply["error"]))
            if "done" in reply:
                return
            progress(*reply["progress"])
        raise StudioError(
            said("The ONNX copy could not be made: the process that makes it ended."),
            said("The machine may be short of memory; close other programs and try again. The model is untouched."),
            cause=f"exit code {process.wait()}",
        )
    finally:
        children.end(process)


def _add_files(run: Run, draft: Path) -> None:
    for file in sorted(run.model_path.iterdir()):
        if file.name in _ADAPTERS:
            continue
        if file.suffix in TAKEN and not file.name.endswith(_WEIGHTS) and not file.name.startswith("."):
            shutil.copy2(file, draft / file.name)
    (draft / "README.md").write_text(readme(run), encoding="utf-8")


def readme(run: Run) -> str:
    """How the copy is used, with code that runs."""
    task, told = TASKS[run.config.task], manual.read(run.model_path)
    # Words of the task's own example: those of somebody's table stay with them.
    row = task.sample_rows[0]
    texts = [str(row[role.name]) for role in task.asked if role.name in row] or ["A text."]
    config = json.loads((run.model_path / "config.json").read_text(encoding="utf-8"))
    single = config.get("problem_type") == "single_label_classification"
    label = 'print([LABELS[str(row.argmax())] for row in answer["logits"]])' if single else "print(answer)"
    names = 'LABELS = json.load(open("config.json", encoding="utf-8"))["id2label"]\n' if single else ""
    code = f"""\
{"import json" + chr(10) * 2 if single else ""}from onnxruntime import InferenceSession
from transformers import AutoTokenizer

{names}tokenizer = AutoTokenizer.from_pretrained(".")
session = InferenceSession("{MODEL}")
fed = tokenizer({", ".join(repr([text]) for text in texts)}, padding=True, truncation=True,
                max_length={told.max_length if told else 128}, return_tensors="np")
names = [one.name for one in session.get_outputs()]
answer = dict(zip(names, session.run(None, {{one.name: fed[one.name] for one in session.get_inputs()}})))
{label}
"""
    return (
        "# An ONNX copy\n\nThis is the same model as an ONNX graph, for programs that do not use PyTorch. It takes any "
        "number of texts at once, of any length that the model reads. Answers were compared with those of the model "
        f"itself (`{NOTE}` says how closely they agree).\n\n```bash\npip install onnxruntime transformers\n```\n\n"
        f"```python\n{code}```\n"
    )
