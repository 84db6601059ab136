"""Code to copy from a page: what stands in it, and that the client and curl really send it."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import pytest

from core import runs
from core.data.tables import open_table
from core.judging.judging import examples
from core.models import manual
from core.models.manual import Manual
from core.runs import Run
from core.studio import Studio
from core.tasks import TASKS
from core.usage.code import Source, filled, literal
from core.usage.inference import SERVICE
from core.usage.snippets import example_code, snippets, usage_of
from tests.plain_python import run_all
from tests.untrained import HOSTILE, config_of, rows_with

REPO = "nora/box-of-models"
HIDDEN = "\u202e\u2066\x00\u200b"
"""Signs that nobody sees, and that turn what is seen around."""


def made(task: str, folder: Path, rows: Sequence[Mapping[str, Any]] = ()) -> Run:
    """A run with the small files of a model, and nothing that takes long."""
    found = TASKS[task]
    config = config_of(found, Path("starter/minilm"), folder, {}, rows or found.sample_rows)
    run = runs.create(config)
    table = found.examples(open_table(config.data.source).table, config.data.columns, config.options)
    run.model_path.mkdir()
    (run.model_path / "config.json").write_text("{}", encoding="utf-8")
    (run.model_path / "tokenizer_config.json").write_text('{"mask_token": "<mask>"}', encoding="utf-8")
    manual.write(run.model_path, Manual(task, 64, table.target, config.options.model_dump(mode="json")))
    report = {"task": task, "examples": examples(found, table.table)}
    (run.path / "report.json").write_text(json.dumps(report), encoding="utf-8")
    return run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rows").mkdir()
    return tmp_path / "rows"


# --- Values in code --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [HOSTILE, HIDDEN, "\ud800", "it's", 'a "b"', {HOSTILE: [1.5, None, True]}, ["x" * 99, "y"], float("inf"), -1e-9],
)
def test_what_a_value_holds_stays_a_value(value: Any) -> None:
    code = filled("found = [$one, $two]", one=value, two="$one")
    space: dict[str, Any] = {}
    exec(compile(code, "code", "exec"), space)
    assert space["found"] == [value, "$one"]
    assert all(sign.isprintable() or sign == "\n" for sign in code)


def test_only_what_is_called_source_goes_in_as_it_stands() -> None:
    assert filled("$one", one=Source("1 + 1")) == "1 + 1" and literal("1 + 1") == '"1 + 1"'
    with pytest.raises(TypeError, match="Path"):
        literal(Path("x"))


# --- What is offered -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", TASKS)
def test_from_the_folder_there_is_one_way(task: str, folder: Path) -> None:
    run = made(task, folder)
    (one,) = Studio().snippets(run.id)
    assert one.language == "python" and literal(str(run.model_path)) in one.code and "HF_TOKEN" not in one.note
    assert literal(str(run.model_path)) in example_code(run, str(run.model_path))
    compile(one.code, task, "exec")


@pytest.mark.parametrize("task", TASKS)
def test_from_the_hub_the_service_is_named_where_it_can_answer(task: str, folder: Path) -> None:
    found = snippets(made(task, folder), REPO, is_private=True)
    assert "HF_TOKEN" in found[0].note and "HF_TOKEN" not in snippets(made(task, folder), REPO, False)[0].note
    # The service has no way to ask a model that makes one text of another.
    assert [one.language for one in found[1:]] == ([] if TASKS[task].family == "seq2seq" else ["python", "bash"])
    assert all("hosts only some models" in one.note and "may read this private model" in one.note for one in found[1:])


def test_pairs_and_several_gaps_cannot_be_asked_there(folder: Path) -> None:
    pairs = made("text-classification", folder, rows_with("text-classification", {}, text_pair="Is it so?"))
    assert len(snippets(pairs, REPO)) == 1
    gaps = made("masked-language-modeling", folder)
    (gaps.path / "report.json").write_text('{"examples": [{"gapped": "___ and ____"}]}', encoding="utf-8")
    (only,) = snippets(gaps, REPO)
    assert "for number, gap in enumerate(found, start=1)" in only.code


def test_without_a_report_the_example_is_the_tasks_own(folder: Path) -> None:
    run = made("text-classification", folder)
    (run.path / "report.json").unlink()
    assert usage_of(run, REPO).example == {"text": TASKS["text-classification"].sample_rows[0]["text"]}


# --- Really sent -----------------------------------------------------------------------------------------------------


class Service(BaseHTTPRequestHandler):
    """Plays the Hub's inference service: it keeps what it is asked, and answers as the service would."""

    asked: ClassVar[list[tuple[str, str, Any]]] = []

    def do_GET(self) -> None:
        self._send({"id": REPO, "pipeline_tag": self.path.rpartition("-as-")[2], "tags": ["conversational"]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        Service.asked.append((self.path, self.headers["Authorization"], body))
        tag = re.search(r"-as-([\w-]+)", self.path)
        assert tag is not None
        self._send(SAID["chat" if self.path.endswith("/chat/completions") else tag.group(1)])

    def _send(self, said: Any) -> None:
        content = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        pass


SAID: dict[str, Any] = {
    "text-classification": [[{"label": "fine", "score": 0.5}]],
    "token-classification": [{"entity_group": "CITY", "score": 0.5, "word": "Oslo", "start": 0, "end": 4}],
    "question-answering": {"answer": "Nora", "score": 0.5, "start": 0, "end": 4},
    "fill-mask": [{"sequence": "a", "score": 0.5, "token": 1, "token_str": "oil"}],
    "text-generation": [{"generated_text": "and on"}],
    "chat": {
        "id": "1",
        "created": 1,
        "model": REPO,
        "system_fingerprint": "",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "and on"}}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    },
}
PRINTED = {
    "label": "0.500000  fine",
    "labels": "0.500000  fine",
    "number": "0.5",
    "spans": "0.500000  CITY  Oslo",
    "answer": "0.500000  Nora",
    "fills": "0.500000  oil",
    "text": "and on",
    "chat": "and on",
}


@pytest.fixture
def service() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    Service.asked = []
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_the_client_and_curl_send_the_same(
    service: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With hostile texts; the client is the real one, but for where the service is."""
    monkeypatch.setenv("HF_ENDPOINT", service)
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    monkeypatch.setenv("HF_TOKEN", "a token")
    here = f'import huggingface_hub.constants as c\nc.INFERENCE_PROXY_TEMPLATE = "{service}/{{provider}}"\n'
    programs, curls, tasks = [], [], []
    for name, task in TASKS.items():
        run = made(name, folder)
        report = run.report or {}
        report["examples"] = [{role: f"{text} {HOSTILE} {HIDDEN}" for role, text in report["examples"][0].items()}]
        (run.path / "report.json").write_text(json.dumps(report), encoding="utf-8")
        _, *asked = snippets(run, f"nora/model-as-{task.pipeline_tag}")
        if asked:
            client, curl = asked
            programs.append({"name": name, "code": here + client.code, "asked": []})
            curls.append(curl.code)
            tasks.append(task)
    printed = [one["printed"].strip() for one in run_all(programs, tmp_path)]
    assert printed == [PRINTED[task.output] for task in tasks]
    by_client, Service.asked = Service.asked, []
    for code in curls:
        assert shlex.split(code)[1].startswith(SERVICE) and "a token" not in code
        base = SERVICE.rpartition("/hf-inference")[0]
        subprocess.run(["bash", "-c", code.replace(base, service)], check=True, capture_output=True)
    for (path, bearer, sent), (other_path, other_bearer, said) in zip(by_client, Service.asked, strict=True):
        assert (path, bearer) == (other_path, other_bearer) and bearer == "Bearer a token"
        assert {key: sent[key] for key in said} == said and sent.keys() - said.keys() <= {"stream"}
        assert "$place {x}" in json.dumps(said)
