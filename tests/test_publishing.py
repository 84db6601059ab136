"""What goes up and what never leaves, before anything is sent; the record of what stands on the Hub; the zip."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import HubError, RunError
from core.hub.identity import NOBODY, Identity, asking_as
from core.judging.readings import overlap
from core.publishing import checked, package, record
from core.publishing.card import MARKER
from core.publishing.publications import PUBLICATIONS, need_name
from core.publishing.types import Item, Published, Publishing
from core.publishing.zipped import zipped
from core.runs import Run
from core.tasks import TASKS, defaults
from tests.carded import run_of
from tests.making import run_with, started
from tests.publishing import LABELS, SIZE, WEIGHTS, trained, weights, with_checkpoint, write

PLAIN = Publishing("anna/reviews")


def content(item: Item) -> bytes:
    return item.content.read_bytes() if isinstance(item.content, Path) else item.content


def named(items: list[Item]) -> dict[str, bytes]:
    found = {item.name: content(item) for item in items}
    assert len(found) == len(items)
    return found


# What goes up


def test_a_publication_is_the_model_its_card_and_how_it_was_made() -> None:
    run = trained(1_000)
    files = named(package.items_of(run, PLAIN))
    model = {path.name for path in run.model_path.iterdir()}
    assert model | {"README.md", "run.yaml", "report.json"} <= set(files)
    assert list(json.loads(files["config.json"])["id2label"].values()) == list(LABELS)
    assert files[WEIGHTS] == (run.model_path / WEIGHTS).read_bytes()
    assert files["README.md"].decode().count(MARKER) == 1, "somebody takes it out once"


def test_the_report_goes_up_without_texts_of_the_table() -> None:
    report = named(package.items_of(trained(1_000), PLAIN))["report.json"]
    assert json.loads(report)["metrics"]["test"]["f1_macro"] > 0
    assert b"secret of a customer" not in report and b"Denver" not in report


def test_words_that_give_an_answer_away_are_not_told_to_everybody() -> None:
    run = trained(1_000)
    found = {"copied": 0, "near": 0, "rows": 9, "repeated": 0, "giveaways": [{"word": "Okonkwo", "label": "good"}]}
    report = dict(run.report or {}, overlap=found)
    write(run.path / "report.json", report | {"verdict": f"Right. {overlap.verdict(report)} So far."})
    assert "Okonkwo" in (run.report or {})["verdict"]
    published = named(package.items_of(run, PLAIN))
    assert not any(b"Okonkwo" in content for content in published.values())
    assert b"A single word gives the answer away: if" in published["report.json"]


def test_places_of_this_machine_become_bare_names_and_labels_stay_what_they_are(tmp_path: Path) -> None:
    place = tmp_path / "table.csv"
    place.touch()
    data = {"a": [str(place)], "b": "/people/person/nationality", "c": 3, "d": str(Path.home() / "gone" / "x.csv")}
    bare = {"a": ["table.csv"], "b": "/people/person/nationality", "c": 3, "d": "x.csv"}
    assert package.without_places(data) == bare


def test_a_model_without_the_names_of_its_labels_is_not_published() -> None:
    run = trained(1_000)
    write(run.model_path / "config.json", {"id2label": {"0": "LABEL_0", "1": "LABEL_1", "2": "LABEL_2"}})
    with pytest.raises(HubError, match="names of its labels"):
        package.items_of(run, PLAIN)


def test_a_model_that_needs_a_program_goes_up_with_it() -> None:
    run = trained()
    config = json.loads((run.model_path / "config.json").read_text())
    write(run.model_path / "config.json", {**config, "auto_map": {"AutoModel": "modeling_own.Own"}})
    with pytest.raises(HubError, match="could not be loaded by anybody else"):
        package.items_of(run, PLAIN)
    (run.model_path / "modeling_own.py").write_text("class Own: pass\n")
    assert named(package.items_of(run, PLAIN))["modeling_own.py"] == b"class Own: pass\n"


def test_checkpoints_go_up_without_anything_that_can_hide_code() -> None:
    run = trained(1_000)
    with_checkpoint(run, 5)
    with_checkpoint(run, 10)
    items = package.items_of(run, replace(PLAIN, include=("checkpoints",)))
    names = {name for name in named(items) if name.startswith("checkpoints/")}
    kept = (WEIGHTS, "config.json", "trainer_state.json")
    assert names == {f"checkpoints/checkpoint-{step}/{name}" for step in (5, 10) for name in kept}
    checked.check(items)


def test_the_last_version_has_newer_weights_and_says_that_nobody_judged_them() -> None:
    run = trained(1_000)
    newest = with_checkpoint(run, 10)
    with_checkpoint(run, 9)
    wanted = replace(PLAIN, version="last")
    files = named(package.items_of(run, wanted))
    assert files[WEIGHTS] == (newest / WEIGHTS).read_bytes()
    assert "tokenizer.json" in files and "tunesmith.json" in files
    assert "judged" in files["README.md"].decode()
    assert package.title_of(run, wanted) == "Add the model of step 10, not judged"


def test_what_can_be_had_depends_on_what_is_left() -> None:
    run = trained(1_000)
    assert {"last", "checkpoints"}.isdisjoint(package.available(run)) and "logs" in package.available(run)
    with_checkpoint(run, 10)
    assert {"last", "checkpoints", "logs"} <= set(package.available(run))
    assert package.available(run_with(started())) == ()


CHECKPOINTS = [replace(PLAIN, version="last"), replace(PLAIN, include=("checkpoints",))]


@pytest.mark.parametrize("wanted", CHECKPOINTS)
def test_checkpoints_of_a_model_that_is_changed_after_training_stay_here(wanted: Publishing) -> None:
    (task,) = (one for one in TASKS.values() if one.polish is not defaults.leave_model)
    run = run_of(task)
    with_checkpoint(run, 10)
    assert {"last", "checkpoints"}.isdisjoint(package.available(run))
    with pytest.raises(HubError, match="answer in other units"):
        package.items_of(run, wanted)


@pytest.mark.parametrize("wanted", CHECKPOINTS)
def test_what_is_gone_is_refused_in_words(wanted: Publishing) -> None:
    with pytest.raises(HubError) as refused:
        package.items_of(trained(1_000), wanted)
    assert "checkpoint" in refused.value.title and refused.value.advice


# The last look


@pytest.mark.parametrize(
    "item, why",
    [
        (Item("notes.txt", b"use hf_abcdefghijklmnop to log in"), "access token"),
        (Item("notes.txt", b"x" * 100 + b"my-own-secret"), "access token"),
        (Item("run.yaml", f"source: {Path.home()}/private/table.csv\n".encode()), "place on this machine"),
        (Item("weights.json", b"\x80\x04\x95\x00"), "hide code"),
        (Item("model.json", b"PK\x03\x04archive/data.pkl"), "hide code"),
        (Item("training_args.bin", b""), "hide code"),
        (Item("model.safetensors", b"\x80\x04\x95\x00" * 9), "not a whole safetensors"),
        (Item("../up.txt", b""), "cannot be the name"),
    ],
)
def test_nothing_private_and_nothing_dangerous_leaves(item: Item, why: str) -> None:
    with pytest.raises(HubError, match=why):
        checked.check([Item("fine.txt", b"fine"), item], ["my-own-secret"])


def test_a_token_is_found_where_two_pieces_of_a_large_file_meet(tmp_path: Path) -> None:
    large = tmp_path / "large.txt"
    large.write_bytes(b" " * ((1 << 20) - 5) + b"hf_abcdefghijklmnop" + b" " * 100)
    with pytest.raises(HubError, match="access token"):
        checked.check([Item("large.txt", large)])


def test_a_header_of_numbers_is_not_taken_for_a_pickle(tmp_path: Path) -> None:
    header = json.dumps({"a": {"dtype": "U8", "shape": [0], "data_offsets": [0, 0]}}).encode().ljust(0x280)
    file = tmp_path / "model.safetensors"
    file.write_bytes(len(header).to_bytes(8, "little") + header)
    assert file.read_bytes()[:2] == b"\x80\x02"
    checked.check([Item(file.name, file)])


# Before it begins


@pytest.mark.parametrize("name", ["", "reviews", "anna/", "anna/re views", "a/b/c", "../x", "anna/..", "anna/x--y"])
def test_names_that_no_repository_can_have_are_refused(name: str) -> None:
    with pytest.raises(HubError, match="name of a repository"):
        need_name(name)
    need_name("anna/reviews-2.0_b")


def test_publishing_needs_a_model_and_somebody_who_is_signed_in() -> None:
    with pytest.raises(RunError, match="no model yet"):
        PUBLICATIONS.begin(run_with(started()), PLAIN)
    run = trained(1_000)
    for asker, words in ((NOBODY, "Nobody is signed in"), (Identity("token", "hf_old", expires=1.0), "has ended")):
        with asking_as(asker), pytest.raises(HubError, match=words) as refused:
            PUBLICATIONS.begin(run, PLAIN)
        assert "Hub account" in refused.value.advice
    assert PUBLICATIONS.of(run.id) is None


# The record


def test_what_stands_on_the_hub_is_kept_newest_first() -> None:
    run = run_with(started())
    assert record.published(run) == []
    first = Published("anna/a", "model", "http://hub/anna/a", "1" * 40, True, False, 1.0)
    second = replace(first, repo="anna/b", when=2.0)
    for made in (first, second, replace(first, when=3.0)):
        record.add(run, made)
    assert record.published(Run(run.path)) == [replace(first, when=3.0), second]


# Taking it home


def test_the_zip_holds_what_is_published_with_example_code_and_versions() -> None:
    run = trained(1_000)
    with zipfile.ZipFile(io.BytesIO(b"".join(zipped(run)))) as archive:
        assert archive.testzip() is None
        files = {name.removeprefix(f"{run.id}/"): archive.read(name) for name in archive.namelist()}
        assert archive.getinfo(f"{run.id}/{WEIGHTS}").compress_type == zipfile.ZIP_STORED
        assert archive.getinfo(f"{run.id}/tokenizer.json").compress_type == zipfile.ZIP_DEFLATED
    published = named(package.items_of(run, Publishing(repo="")))
    assert set(files) == {*published, "example.py", "requirements.txt"}
    assert files[WEIGHTS] == published[WEIGHTS]
    compile(files["example.py"], "example.py", "exec")
    assert str(run.path).encode() not in files["example.py"]
    assert b"secret of a customer" not in files["example.py"], "a zip may be handed on"
    assert "transformers==" in files["requirements.txt"].decode() and "+" not in files["requirements.txt"].decode()


def test_the_model_in_a_zip_is_loaded_as_it_is(tiny_bert: Path, tmp_path: Path) -> None:
    from transformers import AutoModel

    run = trained(1_000)
    for file in tiny_bert.iterdir():
        shutil.copy(file, run.model_path)
    with zipfile.ZipFile(io.BytesIO(b"".join(zipped(run)))) as archive:
        archive.extractall(tmp_path / "unzipped")
    loaded = AutoModel.from_pretrained(tmp_path / "unzipped" / run.id).state_dict()
    first = AutoModel.from_pretrained(tiny_bert).state_dict()
    assert all(bool((first[name] == weight).all()) for name, weight in loaded.items())


def test_a_zip_is_never_held_whole() -> None:
    run = trained(1_000)
    with open(run.model_path / WEIGHTS, "wb") as file:
        file.write(weights(1_000))
        file.truncate(50_000_000)
    sizes = [len(piece) for piece in zipped(run)]
    assert sum(sizes) > 50_000_000 and max(sizes) < 3 * SIZE
