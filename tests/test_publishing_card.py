"""The model card in its particulars: what it takes from the run, what it keeps back, and that nothing breaks it."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from markdown_it import MarkdownIt

from core.config import validate
from core.models import manual
from core.publishing.base_model import base_of
from core.publishing.card import card_files, card_of
from core.publishing.licences import LICENCES
from core.publishing.picture import MOST, confusion_picture, drawn
from core.runs import Run
from core.tasks import TASKS
from core.watch_config import WatchConfig
from tests.carded import head_of, judged_run
from tests.judgements import CLASSES, SECRET, report_of

TASK = TASKS["text-classification"]
CHAT = TASKS["supervised-fine-tuning"]
NASTY = ("a|b `c` <script>alert(1)</script>", "$$x$$ **bold** ]( [y](javascript:1)\n---\n# no", "``` <!-- & &amp;")


def rendered(text: str) -> str:
    """The card as a page: with HTML allowed, so that what slips through shows."""
    body = text.partition("\n---\n")[2]
    return str(MarkdownIt("commonmark", {"html": True}).enable("table").render(body))


def with_names(names: tuple[str, ...]) -> Run:
    """A judged run whose classes have these names."""
    report = json.dumps(report_of(TASK))
    for old, new in zip(CLASSES, names, strict=True):
        report = report.replace(json.dumps(old), json.dumps(new))
    found = json.loads(report)
    found["verdict"] = TASK.verdict(found)
    run = judged_run(TASK, found)
    known = manual.read(run.model_path)
    assert known is not None
    target = type(known.target)(names, known.target.counts)
    manual.write(run.model_path, type(known)(known.task, known.max_length, target, known.options))
    return run


class TestNothingBreaksIt:
    def test_names_from_the_table_stay_names(self) -> None:
        run = with_names(NASTY)
        run.rename(NASTY[1])
        text = card_of(run)
        assert text.count("\n---\n") == card_of(judged_run(TASK)).count("\n---\n")
        assert head_of(text).model_name == " ".join(NASTY[1].split())
        page = rendered(text)
        assert "<script" not in page and 'href="javascript' not in page and "<strong>bold" not in page
        assert "<h1>no" not in page and page.count("<h1>") == 1
        plain = rendered(card_of(judged_run(TASK)))
        for mark in ("<table>", "<tr>", "<td", "<th", "<h2>", "<h3>", "<a ", "<img", "<pre>", "<li>"):
            assert page.count(mark) == plain.count(mark), mark
        assert page.count("&lt;script&gt;alert(1)") > 3

    def test_the_name_of_a_file_stays_a_name(self) -> None:
        run = judged_run(TASK, source="/home/ann/` <b>|.csv")
        page = rendered(card_of(run))
        assert "<b>" not in page and "` &lt;b&gt;|.csv" in page
        page = rendered(card_of(judged_run(TASK, source="hf://datasets/a/b) <script>x")))
        assert "<script" not in page and "datasets/a/b%29%20%3Cscript%3Ex" in page


class TestItsBase:
    def test_a_folder_has_no_id_and_no_licence(self, tiny_bert: Path) -> None:
        text = card_of(judged_run(TASK, checkpoint=str(tiny_bert)), "ann/x")
        head = head_of(text)
        assert head.base_model is None and head.license is None
        assert "**None is stated.**" in text and str(tiny_bert.parent) not in text

    def test_the_card_of_a_folder_is_asked(self, tiny_bert: Path, tmp_path: Path) -> None:
        folder = Path(shutil.copytree(tiny_bert, tmp_path / "small-model"))
        citation = "@misc{someone,\n  title = {A Small Model That We Made for Our Own Ends},\n}"
        said = {"license": "other", "license_name": "Our Terms 2", "license_link": "https://example.org/terms"}
        card = f"---\n{yaml.safe_dump(said)}---\n# A model\n\n```bibtex\n{citation}\n```\n"
        (folder / "README.md").write_text(card, encoding="utf-8")
        text = card_of(judged_run(TASK, checkpoint=str(folder)))
        head = head_of(text)
        assert (head.license, head.license_name, head.license_link) == ("other", "our-terms-2", said["license_link"])
        assert "[Our Terms 2](https://example.org/terms)" in text and citation in text
        (folder / "README.md").write_text("---\nlicense: [\n---\n", encoding="utf-8")
        assert "**None is stated.**" in card_of(judged_run(TASK, checkpoint=str(folder)))

    @pytest.mark.parametrize(
        ("checkpoint", "hub_id", "licence"),
        [
            ("starter/minilm", "sentence-transformers/all-MiniLM-L6-v2", "apache-2.0"),
            ("starter/smollm2", "HuggingFaceTB/SmolLM2-135M-Instruct", "apache-2.0"),
            ("FacebookAI/roberta-base", "FacebookAI/roberta-base", "mit"),
            ("somebody/a-model", "somebody/a-model", ""),
            ("/gone/with/the wind", "", ""),
        ],
    )
    def test_what_is_known_of_it(self, checkpoint: str, hub_id: str, licence: str) -> None:
        config = validate({"task": TASK.id, "data": {"source": "a.csv"}, "model": {"checkpoint": checkpoint}})
        found = base_of(config.model)
        assert (found.hub_id, found.licence) == (hub_id, licence)
        assert found.name == (hub_id or "the wind")


class TestItsData:
    def test_a_dataset_of_the_hub_is_named_and_linked(self) -> None:
        split = {"train": "train", "validation": "validation", "test": "test"}
        data: dict[str, Any] = {"subset": "sst2", "revision": "a" * 40, "split": split}
        text = card_of(judged_run(TASK, source="hf://datasets/nyu-mll/glue", **data), "ann/x")
        head = head_of(text)
        assert head.datasets == ["nyu-mll/glue"]
        result = head.eval_results[0]
        assert (result.dataset_type, result.dataset_config, result.dataset_split) == ("nyu-mll/glue", "sst2", "test")
        assert result.dataset_revision == "a" * 40 and result.metric_args["confidence_level"] == 0.95
        assert "https://huggingface.co/datasets/nyu-mll/glue" in text

    def test_changes_are_told_but_not_the_texts_in_them(self) -> None:
        steps: list[dict[str, Any]] = [
            {"kind": "drop_duplicates", "columns": ["text"]},
            {"kind": "set_cell", "row": 3, "column": "text", "value": SECRET},
            {"kind": "drop_values", "column": "text", "values": [SECRET]},
            {"kind": "rename_values", "column": "label", "values": {"god": "good"}},
        ]
        run = judged_run(TASK, steps=steps)
        text = card_of(run)
        assert "1. Takes out copies" in text and "“god” becomes “good”" in text
        assert "2 changes of values by hand in `text`" in text and "Okonkwo" not in text
        config = next(item.content for item in card_files(run) if item.name == "run.yaml")
        assert isinstance(config, bytes) and b"Okonkwo" not in config and b"(2) are left out" in config
        assert [step["kind"] for step in yaml.safe_load(config)["data"]["steps"]] == [
            "drop_duplicates",
            "rename_values",
        ]

    def test_the_config_can_be_trained_with_again(self) -> None:
        split = {"validation": 0.1, "test": "/home/ann/other place/test.csv"}
        run = judged_run(TASK, source="/home/ann/one place/train.csv", split=split)
        watched = run.config.model_copy(update={"watch": WatchConfig(sentences=("a place to watch",))})
        (run.path / "config.yaml").write_text(watched.to_yaml(), encoding="utf-8")
        (item,) = [item for item in card_files(run) if item.name == "run.yaml"]
        assert isinstance(item.content, bytes) and b"place" not in item.content.replace(b"its place", b"")
        found = validate(yaml.safe_load(item.content))
        assert (found.data.source, found.data.split.test) == ("train.csv", "test.csv")
        assert found.training == run.config.training and found.task == run.config.task


class TestWhatItSays:
    def test_weak_classes_and_equals_stand_among_the_limits(self) -> None:
        report = report_of(TASK)
        line = report["metrics"]["test"]["per_class"]["bad"]
        line |= {"f1": 0.2, "recall": 0.15, "precision": 0.3}
        report["baselines"]["most_frequent"]["comparison"] = {"clearly": ""}
        text = card_of(judged_run(TASK, report))
        limits = text[text.index("## Limits") : text.index("## Training data")]
        assert "Weak at: `bad` (found 15 % of 40, and when it says so, it is right 30 % of the time)" in limits
        assert "not clearly better than “Always the most common class”" in limits

    def test_energy_stands_there_where_it_was_measured(self) -> None:
        plain = card_of(judged_run(TASK))
        assert "kWh" not in plain and "co2" not in plain
        text = card_of(judged_run(TASK, report_of(TASK) | {"energy": {"kwh": 0.0421, "co2_kg": 0.0163}}))
        assert "0.0421 kWh" in text and "0.0163 kg" in text
        assert head_of(text).co2_eq_emissions["emissions"] == pytest.approx(16.3)

    def test_marks_of_the_validation_part_are_no_results(self) -> None:
        report = report_of(TASK)
        report["metrics"]["test"] = {}
        report["verdict"] = TASK.verdict(report)
        text = card_of(judged_run(TASK, report))
        assert head_of(text).eval_results is None
        assert "which also chose the best version" in text

    def test_its_language_is_told_by_the_examples(self) -> None:
        text = "Das Paket kam eine Woche zu spät an, und der Karton war an allen Seiten aufgerissen und nass."
        found = card_of(judged_run(TASK, report_of(TASK) | {"examples": [{"text": text}] * 3}))
        assert head_of(found).language == "de"
        assert "are in German, although the model it started from was made for English" in found
        unknown = card_of(judged_run(TASK, report_of(TASK) | {"examples": []}))
        assert head_of(unknown).language is None

    def test_one_who_writes_is_not_to_be_believed(self) -> None:
        assert "likely, not true" in card_of(judged_run(CHAT))
        assert "likely, not true" not in card_of(judged_run(TASK))


class TestItsPicture:
    @pytest.mark.parametrize("classes", [2, 12, 30])
    def test_it_is_a_picture_of_readable_size(self, classes: int) -> None:
        from PIL import Image

        counts = [[5 * (one == other) + 1 for other in range(classes)] for one in range(classes)]
        picture = Image.open(io.BytesIO(drawn([f"$x_{{ class {number}" for number in range(classes)], counts)))
        assert picture.format == "PNG" and 400 < picture.width < 2600 and 400 < picture.height < 2600
        assert picture.convert("RGB").tobytes()[:3] == b"\xff\xff\xff"

    def test_of_many_classes_the_most_confused_are_drawn(self, monkeypatch: pytest.MonkeyPatch) -> None:
        seen: list[Any] = []

        def noted(*given: Any) -> bytes:
            seen.append(given)
            return b""

        monkeypatch.setattr("core.publishing.picture.drawn", noted)
        counts = [[9 * (one == other) for other in range(50)] for one in range(50)]
        counts[49][48] = 7
        matrix = {"labels": [str(number) for number in range(50)], "counts": counts}
        assert confusion_picture({"metrics": {"test": {"rows": 9, "confusion_matrix": matrix}}}) == b""
        ((labels, shown),) = seen
        assert len(labels) == len(shown) == MOST and {"48", "49"} <= set(labels)

    def test_only_what_the_card_shows_goes_with_it(self) -> None:
        assert "confusion_matrix.png" in card_of(judged_run(TASK))
        assert [item.name for item in card_files(judged_run(TASK))] == ["README.md", "confusion_matrix.png", "run.yaml"]
        assert "confusion_matrix.png" not in card_of(judged_run(CHAT))
        assert [item.name for item in card_files(judged_run(CHAT))] == ["README.md", "run.yaml"]


def test_ids_of_licences_are_whole() -> None:
    assert {"cc-by-3.0", "cc-by-nc-sa-3.0", "cdla-sharing-1.0", "fair-noncommercial-research-license"} <= LICENCES
    assert not [one for one in LICENCES if one.endswith("-") or one[0].isdigit()]
