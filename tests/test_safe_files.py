"""Files that mean harm, and addresses that lead where nobody should go: refused before they do anything."""

from __future__ import annotations

import ast
import csv
import io
import os
import pickle
import shutil
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from core import ceilings, outside, permissions, plain_yaml, queue, run_list, runs
from core.completion import refuse_lacking
from core.config import load, validate
from core.data.hub import places
from core.data.origins import Origin
from core.data.preview import preview
from core.data.sources import keep_upload
from core.data.writers import open_writer
from core.errors import ConfigError, DataError, HubError, RunError, StudioError
from core.models import hub
from core.models.checkpoints import describe
from core.publishing import checked
from core.publishing.types import Item
from core.spares import environment
from core.studio import Studio
from tests.making import PROJECT, config, run_with, started, write_csv
from tests.small_hub import SmallHub, asking
from tests.test_data_hub import BEGIN


class Harmful:
    """A pickle of this makes a folder when it is read."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.place),)


# --- YAML ------------------------------------------------------------------------------------------------------------

BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{after}: &{after} [{', '.join([f'*{before}'] * 10)}]\n"
    for before, after in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    "text",
    [
        BOMB,
        "a: &a [*a]",
        "a: !!python/object/apply:os.mkdir [made]",
        "a: !!python/name:os.system",
        "[" * 20_000,
        "a: 2026-99-99",
        "? [a]\n: b",
    ],
)
def test_yaml_that_means_harm_is_refused(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(yaml.YAMLError):
        plain_yaml.load(text)
    brought = tmp_path / "run.yaml"
    brought.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="not a readable YAML file"):
        load(brought)
    assert not Path("made").exists()
    run = run_with(started())
    (run.path / "config.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"config\.yaml cannot be read"):
        runs.find(run.id).config  # noqa: B018


def test_yaml_of_people_is_read() -> None:
    assert plain_yaml.load("a: &a [1, 2]\nb: *a") == {"a": [1, 2], "b": [1, 2]}


def test_the_card_of_a_model_is_no_bomb(tiny_bert: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_bert, tmp_path / "model")
    (folder / "README.md").write_text(f"---\n{BOMB}license: *i\nlanguage: *i\n---\n", encoding="utf-8")
    assert describe(str(folder)).licence == ""


# --- Formulas --------------------------------------------------------------------------------------------------------

FORMULAS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://e/"&A1)', "＝1"]
PLAIN = ["-5", "+1.5e3", "-3%", "-.5", "1,000", "a=b", " x", "", "it's"]


@pytest.mark.parametrize("format", ["csv", "tsv", "workbook"])
def test_what_a_spreadsheet_would_reckon_stays_a_text(format: str, tmp_path: Path) -> None:
    texts = [*FORMULAS, *PLAIN]
    table = pa.table({"=text": texts, "large": pa.array(texts, pa.large_string()), "number": [-1.5] * len(texts)})
    writer = open_writer(format, tmp_path / "out", table.schema)
    writer.write(table)
    writer.close()
    written = (tmp_path / "out").read_bytes().decode()
    rows = list(csv.reader(io.StringIO(written, newline=""), delimiter="\t" if format == "tsv" else ","))
    assert rows[0] == ["'=text", "large", "number"]
    assert [row[0] for row in rows[1:]] == [row[1] for row in rows[1:]] == [f"'{text}" for text in FORMULAS] + PLAIN
    assert {row[2] for row in rows[1:]} == {"-1.5"}


# --- Bombs, and too much ---------------------------------------------------------------------------------------------


def test_one_long_value_named_by_many_rows_is_no_bomb(tmp_path: Path) -> None:
    """2 kB of a file that stand for 1.2 GB, and could for as much as one likes."""
    place = tmp_path / "bomb.parquet"
    shared = pa.array(["x" * 400_000]).dictionary_encode().take(pa.array([0] * 3000))
    pq.write_table(pa.table({"text": shared}), place, compression="zstd", store_schema=False)
    assert place.stat().st_size < 10_000
    from core.data import parquet_room

    with pq.ParquetFile(place) as file:
        first = next(parquet_room.batches(place, file))
    assert first.num_rows == (1 << 29) // 400_000


def test_parquet_that_swells_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.data.unpacking._LARGE", 1 << 20)
    pq.write_table(
        pa.table({"text": ["y" * 100_000] * 100}), tmp_path / "a.parquet", compression="zstd", use_dictionary=False
    )
    with pytest.raises(DataError, match="swells"):
        preview(str(tmp_path / "a.parquet"))


@pytest.mark.parametrize(
    ("limit", "words"),
    [("rows=9", "more than 9 rows"), ("columns=1", "more than 1 columns"), ("disk=900TB", "has no room")],
)
def test_a_table_beyond_the_limits_is_refused(
    limit: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.data.arrow_files._LOOK_BYTES", 0)
    table = write_csv(tmp_path / "a.csv", ["text", "label"], [[f"a {n}", "b"] for n in range(10)])
    monkeypatch.setenv(ceilings.VARIABLE, limit)
    with pytest.raises(StudioError, match=words) as caught:
        preview(str(table))
    assert f"--limit {limit.partition('=')[0]}=" in caught.value.advice


def test_a_cell_beyond_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pq.write_table(pa.table({"text": ["é" * 5000, "b"]}), tmp_path / "a.parquet")
    monkeypatch.setenv(ceilings.VARIABLE, "cell=4999")
    with pytest.raises(DataError, match="`text` has more than 4,999 letters"):
        preview(str(tmp_path / "a.parquet"))
    monkeypatch.setenv(ceilings.VARIABLE, "cell=5000")
    assert preview(str(tmp_path / "a.parquet")).rows == 2


def test_limits_are_read_from_flags_and_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    import app

    monkeypatch.setenv(ceilings.VARIABLE, "")
    assert ceilings.most("rows") == ceilings.CEILINGS["rows"].most
    ceilings.set_limits(app.parser().parse_args(["--limit", "rows=12", "--limit", "upload=1.5GB"]).limit)
    assert (ceilings.most("rows"), ceilings.most("upload")) == (12, 1_500_000_000)
    assert environment()[ceilings.VARIABLE] == os.environ[ceilings.VARIABLE]
    for wrong in ("row=1", "rows", "rows=-1", "rows=many"):
        with pytest.raises(ConfigError, match="is no limit"):
            ceilings.set_limits([wrong])


def test_a_start_and_an_upload_need_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    studio, file = Studio(), write_csv(tmp_path / "a.csv", ["text"], [["a"]])
    monkeypatch.setenv(ceilings.VARIABLE, "queue=1")
    studio.start(config())
    with pytest.raises(StudioError, match="1 runs wait already"):
        studio.start(config())
    monkeypatch.setenv(ceilings.VARIABLE, "disk=900TB")
    for begin in (queue.need_place, lambda: keep_upload(file)):
        with pytest.raises(StudioError, match=r"free") as caught:
            begin()
        assert "trash" in caught.value.advice


# --- Pickles ---------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_processes_of_the_app_read_numbers_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a library would take for a program is not: an optimizer, a state of chance, arguments of another run."""
    folder = tmp_path / "checkpoint"
    folder.mkdir()
    for name in ("optimizer.pt", "rng_state.pth", "training_args.bin", "scheduler.pt"):
        with zipfile.ZipFile(folder / name, "w") as archive:
            archive.writestr("archive/data.pkl", pickle.dumps(Harmful(tmp_path / "harmed")))
            archive.writestr("archive/version", "3\n")
        (folder / f"old-{name}").write_bytes(pickle.dumps(Harmful(tmp_path / "harmed")))
    monkeypatch.setenv("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "1")
    code = (
        "import sys, torch, pathlib\n"
        f"for path in sorted(pathlib.Path({str(folder)!r}).iterdir()):\n"
        "    try: torch.load(path, weights_only=False)\n"
        "    except Exception as exc: print('refused', path.name)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True)
    assert done.stdout.count("refused") == 8 and not (tmp_path / "harmed").exists()


# --- Links -----------------------------------------------------------------------------------------------------------


def test_an_id_opens_no_folder_beside_the_runs(home: Path) -> None:
    run = run_with(started())
    shutil.copytree(run.path, home / "beside")
    for name in ("../beside", str(home / "beside"), f"../runs/{run.id}", f"{run.id}/."):
        with pytest.raises(RunError, match="There is no run"):
            runs.find(name)


def test_links_in_a_zip_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        link = zipfile.ZipInfo("train.csv")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(DataError, match="holds links instead of files"):
        preview(str(tmp_path / "a.zip"))


def test_links_in_a_copied_run_lead_nowhere(tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text('{"secret": 1}', encoding="utf-8")
    run = run_with(started())
    run.log_path.unlink(missing_ok=True)
    run.log_path.symlink_to(secret)
    assert Studio().log(run.id) == ""
    link = run.path / "config.json"
    link.symlink_to(secret)
    with pytest.raises(HubError, match="is a link to another place"):
        checked.check([Item("config.json", link)])


# --- Addresses -------------------------------------------------------------------------------------------------------


@pytest.fixture
def looked_up(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, list[str]]]:
    """Names and the addresses that they have, instead of those of the web."""
    known: dict[str, list[str]] = {}
    monkeypatch.setattr(
        outside.socket,
        "getaddrinfo",
        lambda host, port, **_: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in known[host]],
    )
    yield known


INSIDE = ["127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "100.64.0.1", "::1", "fc00::1", "::ffff:10.0.0.1"]
NEVER = ["169.254.169.254", "fe80::1", "fd00:ec2::254", "::ffff:169.254.169.254", "0.0.0.0", "224.0.0.1", "240.0.0.1"]


def test_what_is_told_goes_to_the_public_web(looked_up: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up["web.example"] = ["93.184.215.14"]
    assert outside.address_of("web.example", 443) == ("93.184.215.14", 443)
    for address in [*INSIDE, *NEVER]:
        looked_up["evil.example"] = ["93.184.215.14", address]
        with pytest.raises(outside.Inside):
            outside.address_of("evil.example", 80)
    monkeypatch.setenv(permissions.VARIABLE, "inside")
    for address in INSIDE:
        outside.need_outside(address)
    for address in NEVER:
        with pytest.raises(outside.Inside):
            outside.need_outside(address)


def test_the_connection_goes_to_what_was_looked_at(looked_up: dict[str, list[str]]) -> None:
    from core.notifying import post

    looked_up["evil.example"] = ["127.0.0.1"]
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        for scheme in ("http", "https"):
            assert "its network" in post(f"{scheme}://evil.example:{server.getsockname()[1]}/hook", {})
        with pytest.raises(TimeoutError):
            server.accept()


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/x", "http://localhost:8080", "https://[::1]/", "http://169.254.169.254/"]
)
def test_an_address_of_the_house_is_refused_before_the_start(url: str) -> None:
    wanted = validate({**config().model_dump(mode="json"), "notify": {"webhook": url}})
    with pytest.raises(ConfigError, match="is not told") as caught:
        refuse_lacking(wanted)
    assert caught.value.field == "notify.webhook"


@pytest.mark.parametrize(
    "name", ["http://e.example/x", "owner/../x", "../x", "a/b/c", "owner/na?me", "a b/c", "owner/x#y"]
)
def test_an_id_is_a_name_and_nothing_else(name: str) -> None:
    assert not hub.looks_like_id(name)
    with pytest.raises(DataError, match="does not name a dataset"):
        places.repo_of(Origin(f"hf://datasets/{name}"))


def test_what_people_type_is_never_a_pattern() -> None:
    """Words that would take for ever as a regular expression are looked for as they are."""
    for number in range(3):
        run_with(started()).rename(f"{'a' * 40}! {number}")
    assert run_list.page(1, "(a+)+$").found == 0 and run_list.page(1, "a" * 40).found == 3
    for path in (PROJECT / "ui").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).partition(".")[0] == "re" and node.args:
                assert isinstance(node.args[0], ast.Constant | ast.JoinedStr), f"{path.name}:{node.lineno}"


@pytest.mark.slow
def test_a_dataset_is_made_of_its_own_files(small_hub: SmallHub, tmp_path: Path) -> None:
    secret = write_csv(tmp_path / "secret.csv", ["text", "label"], [["very secret", "a"]])
    named = {
        "file": str(secret),
        "web": small_hub.environment(tmp_path, "")["HF_ENDPOINT"] + "/secret.csv",
        "up": "../../../../secret.csv",
        "packed": f"zip://*.csv::{secret}",
    }
    for name, place in named.items():
        card = f"---\nconfigs:\n- config_name: default\n  data_files:\n  - split: train\n    path: '{place}'\n---\n"
        small_hub.add(f"owner/{name}", {"README.md": card.encode(), "train.csv": b"text,label\nx,a\n"})
    code = f"""
answer = {{name: said(lambda: str(door.preview(Origin(f"hf://datasets/owner/{{name}}", split="train")))) for name in
    {list(named)!r}}}
"""
    told = asking.ask(small_hub, tmp_path / "huggingface", BEGIN + code)
    assert {name for name, words in told.items() if "names a file that is not its own" in words} == set(named), told
    assert [one.path for one in small_hub.requests if "secret" in one.path] == []
