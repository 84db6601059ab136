"""The small Hub of the tests answers the real clients as the real Hub does."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.small_hub import SmallHub, asking, demo, demo_models

Ask = Callable[..., Any]


@pytest.fixture
def ask(small_hub: SmallHub, tmp_path: Path) -> Ask:
    """Run code with the real clients in a process of its own; its ``answer`` comes back."""

    def run(code: str, token: str = "", **env: str) -> Any:
        lines = ["from huggingface_hub import HfApi, errors", "api = HfApi()", textwrap.dedent(code)]
        folder = tmp_path / f"huggingface-{len(small_hub.requests)}"
        return asking.ask(small_hub, folder, "\n".join(lines), token=token, **env)

    return run


def test_what_is_there_is_found_page_by_page(small_hub: SmallHub, ask: Ask) -> None:
    demo.fill(small_hub, long_rows=10)
    for number in range(130):
        small_hub.add(f"many/set-{number}", {"a.txt": "x"})
    found = ask("""
        names = lambda **wanted: [one.id for one in api.list_datasets(**wanted)]
        expanded = next(iter(api.list_datasets(search="glue", expand=["downloads", "likes", "tags", "gated"])))
        answer = {
            "films": names(search="imd"),
            "english": names(language="en", sort="downloads"),
            "reviews": names(filter=["language:en", "reviews"]),
            "many": len(names(author="many")),
            "few": len(names(author="many", limit=7)),
            "private": names(author="anna"),
            "expanded": [expanded.downloads, expanded.likes, "license:other" in expanded.tags, expanded.sha],
        }
    """)
    assert found["films"] == [demo.FILMS] and found["english"] == [demo.GLUE, demo.FILMS, demo.PLAIN]
    assert found["reviews"] == [demo.PLAIN] and found["private"] == [demo.PLAIN]
    assert (found["many"], found["few"]) == (130, 7)
    assert found["expanded"] == [400_000, 421, True, None]


def test_errors_are_told_apart_by_the_clients(small_hub: SmallHub, ask: Ask) -> None:
    demo.fill(small_hub, long_rows=10)
    stranger = small_hub.user("ben")
    anna = next(iter(small_hub.store.users))
    code = """
        def name_of(call):
            try:
                call()
            except Exception as exc:
                return type(exc).__name__
            return "fine"
        get = lambda repo, file="train.csv", revision=None: name_of(
            lambda: api.hf_hub_download(repo, file, repo_type="dataset", revision=revision))
        answer = [get("no/such"), get("anna/diary"), get("acme/consented"), get("anna/reviews", "no.csv"),
                  get("anna/reviews", revision="v9"), name_of(api.whoami)]
    """
    refused = ["RepositoryNotFoundError", "RepositoryNotFoundError", "GatedRepoError"]
    rest = ["RemoteEntryNotFoundError", "RevisionNotFoundError"]
    assert ask(code) == [*refused, *rest, "LocalTokenNotFoundError"]
    assert ask(code, stranger) == [*refused, *rest, "fine"]
    small_hub.repo(demo.GATED).accepted.add("anna")
    assert ask(code, anna) == ["RepositoryNotFoundError", "fine", "fine", *rest, "fine"]


def test_datasets_are_loaded_whole_and_as_a_stream(small_hub: SmallHub, ask: Ask) -> None:
    demo.fill(small_hub, long_rows=30_000)
    before = small_hub.repo(demo.PLAIN).branches["main"].sha
    small_hub.add(demo.PLAIN, {"train.csv": demo.table(12)})
    found = ask(f"""
        from datasets import get_dataset_config_names, load_dataset
        stream = load_dataset("bench/long", split="train", streaming=True)
        answer = {{
            "configs": get_dataset_config_names("nyu-mll/glue"),
            "mrpc": load_dataset("nyu-mll/glue", "mrpc", split="train").features["label"].names,
            "rows": [load_dataset("anna/reviews", split="train", revision=r).num_rows for r in ("main", "{before}")],
            "first": next(iter(stream))["text"][:6],
            "moved": api.dataset_info("glue").id,
        }}
    """)
    assert found["configs"] == ["mrpc", "sst2", "mnli"] and found["mrpc"] == ["not_equivalent", "equivalent"]
    assert found["rows"] == [12, 90] and found["first"] == "Note 0"
    assert found["moved"] == demo.GLUE
    assert any("range" in one.headers for one in small_hub.requests if "bench/long" in one.path)
    assert not any("datasets-server" in one.headers.get("host", "") for one in small_hub.requests)


@pytest.mark.parametrize("lfs_above", [None, 100], ids=["regular", "lfs"])
def test_repositories_are_made_filled_and_deleted(small_hub: SmallHub, ask: Ask, lfs_above: int | None) -> None:
    small_hub.lfs_above = lfs_above
    token = small_hub.user("anna", orgs=("acme",))
    found = ask(
        """
        import pathlib, tempfile
        from huggingface_hub import DatasetCard, snapshot_download
        folder = pathlib.Path(tempfile.mkdtemp())
        (folder / "model.safetensors").write_bytes(b"w" * 5000)
        (folder / "config.json").write_text("{}")
        made = api.create_repo("acme/tuned", private=True, exist_ok=True)
        api.create_repo("acme/tuned", exist_ok=True)
        first = api.upload_folder(repo_id="acme/tuned", folder_path=folder)
        api.delete_file("config.json", "acme/tuned")
        talk = api.create_discussion("acme/tuned", title="Thanks", description="Well done")
        proposed = api.upload_file(path_or_fileobj=b"# Tuned", path_in_repo="README.md", repo_id="acme/tuned",
                                   create_pr=True)
        api.create_branch("acme/tuned", branch="other")
        api.create_tag("acme/tuned", tag="v1", revision=first.oid)
        api.update_repo_settings("acme/tuned", gated="auto")
        info = api.model_info("acme/tuned")
        answer = {
            "url": str(made), "files": api.list_repo_files("acme/tuned"), "private": info.private, "gated": info.gated,
            "tagged": api.list_repo_files("acme/tuned", revision="v1"), "pr": proposed.pr_num,
            "talks": [[one.title, one.is_pull_request] for one in api.get_repo_discussions("acme/tuned")],
            "said": api.get_discussion_details("acme/tuned", talk.num).events[0].content,
            "branches": [one.name for one in api.list_repo_refs("acme/tuned").branches],
            "commits": len(api.list_repo_commits("acme/tuned")),
            "size": api.get_paths_info("acme/tuned", ["model.safetensors", "none"])[0].size,
            "whole": sorted(p.name for p in pathlib.Path(snapshot_download("acme/tuned")).iterdir()),
        }
        api.delete_repo("acme/tuned")
        answer["after"] = api.repo_exists("acme/tuned")
        """,
        token,
        HF_HUB_DISABLE_XET="1",
    )
    assert found["url"] == f"{small_hub.url}/acme/tuned" and found["private"] and found["gated"] == "auto"
    assert found["files"] == [".gitattributes", "model.safetensors"] == found["whole"]
    assert "config.json" in found["tagged"] and found["branches"] == ["main", "other"] and found["commits"] >= 3
    assert found["talks"] == [["Thanks", False], ["Upload README.md with huggingface_hub", True]] and found["pr"] == 2
    assert found["said"] == "Well done" and found["size"] == 5000 and not found["after"]
    assert any("/lfs/" in path for path in small_hub.paths("PUT")) == (lfs_above is not None)


def test_a_dataset_is_published_with_its_own_library(small_hub: SmallHub, ask: Ask) -> None:
    token = small_hub.user("anna")
    small_hub.lfs_above = 0
    found = ask(
        """
        from datasets import Dataset, load_dataset
        Dataset.from_dict({"text": ["a", "b", "c"]}).push_to_hub("anna/three")
        answer = load_dataset("anna/three", split="train")["text"][:]
        """,
        token,
        HF_HUB_DISABLE_XET="1",
    )
    assert found == ["a", "b", "c"] and "/api/datasets/anna/three/commit/main" in small_hub.paths("POST")


def test_it_breaks_in_the_ways_that_were_asked_for(small_hub: SmallHub, ask: Ask) -> None:
    small_hub.add("anna/long", {"big.txt": "x" * 300_000, "a.txt": "a", "b.txt": "b"})
    small_hub.cut("big.txt", after=100_000)
    small_hub.fail("a.txt", 500)
    small_hub.fail("api/datasets/anna/long/tree", 429, times=1, Retry_After="0")
    small_hub.slow("b.txt", wait=0.4)
    found = ask("""
        import time
        def name_of(name):
            started = time.monotonic()
            try:
                return len(open(api.hf_hub_download("anna/long", name, repo_type="dataset")).read()), 0
            except Exception as exc:
                return str(exc)[:3], 0
            finally:
                seconds.append(time.monotonic() - started)
        seconds = []
        answer = [name_of("big.txt")[0], name_of("b.txt")[0]]
        answer += [len(list(api.list_repo_tree("anna/long", repo_type="dataset"))), seconds[1] > 0.4]
    """)
    assert found == [300_000, 1, 4, True]
    assert sum(path.endswith("big.txt") for path in small_hub.paths("GET")) == 2


def test_models_are_found_by_what_the_hub_knows_of_them(small_hub: SmallHub, ask: Ask, tiny_bert: Path) -> None:
    demo.fill_models(small_hub, tiny_bert)
    found = ask(f"""
        names = lambda **wanted: [one.id for one in api.list_models(sort="downloads", **wanted)]
        ready = dict(filter=["transformers", "safetensors"])
        shown = ["safetensors", "config", "downloads", "gated", "private", "tags", "library_name", "pipeline_tag"]
        first = next(iter(api.list_models(**ready, sort="downloads", expand=shown)))
        info = api.model_info("{demo_models.HUGE}", files_metadata=True)
        head = api.get_safetensors_metadata("{demo_models.HUGE}")
        answer = {{
            "ready": names(**ready),
            "small": names(num_parameters="min:0,max:500M", **ready),
            "large": names(num_parameters="min:1B,max:500B"),
            "chinese": names(filter=["zh", "transformers"]),
            "free": names(filter="license:cc-by-nc-4.0"),
            "writers": names(pipeline_tag="text-generation"),
            "gated": names(gated=True),
            "first": [first.id, first.safetensors.total, first.config, first.library_name, first.pipeline_tag],
            "tags": first.tags,
            "own code": api.model_info("{demo_models.OWN_CODE}").tags,
            "head": [sum(head.parameter_count.values()), info.safetensors.total],
            "size": next(one.size for one in info.siblings if one.rfilename == "model.safetensors"),
            "moved": api.model_info("small-reader").id,
        }}
    """)
    ready = [demo_models.OPEN, demo_models.MANY_LANGUAGES, demo_models.HUGE, demo_models.CHINESE, demo_models.SORTER]
    assert found["ready"] == [*ready, demo_models.GATED_MODEL, demo_models.NOT_FOR_MONEY, demo_models.OWN_CODE]
    assert found["large"] == found["writers"] == [demo_models.HUGE]
    assert found["small"] == [one for one in found["ready"] if one != demo_models.HUGE]
    assert found["chinese"] == [demo_models.MANY_LANGUAGES, demo_models.CHINESE]
    assert found["free"] == [demo_models.NOT_FOR_MONEY] and found["gated"] == [demo_models.GATED_MODEL]
    name, total, config, *library = found["first"]
    assert name == demo_models.OPEN and 10_000 < total < 100_000 and library == ["transformers", "feature-extraction"]
    assert config == {"architectures": ["BertModel"], "model_type": "bert"}
    assert {"en", "license:apache-2.0", "safetensors", "bert", "transformers"} <= set(found["tags"])
    assert "custom_code" in found["own code"] and found["moved"] == demo_models.OPEN
    assert found["head"][0] == found["head"][1] > 6e9 and found["size"] > 2 * found["head"][0]
