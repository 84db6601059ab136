"""The example of pieces of one's own does what its page says: a real worker learns with all four of them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from core.cli import main
from core.errors import ConfigError
from core.studio import Studio
from core.tasks.base import Context
from examples import urgency
from tests.making import PROJECT
from ui.pages import new_run


@pytest.mark.slow
def test_the_example_trains_with_its_own_pieces(tiny_bert: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = [f"model.checkpoint={tiny_bert}", "training.num_train_epochs=2", "training.learning_rate=1e-3"]
    arguments = [word for setting in settings for word in ("--set", setting)]

    assert main(["train", str(PROJECT / "examples" / "run.yaml"), "--json", *arguments]) == 0

    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one for one in said if one["kind"] == "remark"], "what will be done to the model"
    assert all("missed" in one["metrics"] for one in said if one["kind"] == "evaluated")
    studio = Studio()
    (line,) = studio.runs()
    assert line.task == "Urgency" and line.state == "finished"
    assert "Dear diary, after" in studio.log(line.id)
    further = next(section for section in studio.report_sections(line.id) if section.title == "Further metrics")
    assert further.content["rows"][0][0] == "missed"
    assert main(["show", line.id]) == 0
    assert studio.predict(line.id, {"text": "The cellar is on fire"})["label"] in ("now", "later")
    studio.close()
    with pytest.raises(ConfigError, match="program code"):
        new_run.opening(studio, {"from": line.id}, local=True)


def test_the_collator_hides_alike_for_the_same_seed_and_epoch(tiny_bert: Path) -> None:
    from transformers import AutoTokenizer

    from core.data.types import Target

    tokenizer = AutoTokenizer.from_pretrained(tiny_bert)
    context = Context(tokenizer, Target(), 64, urgency.TASK.options(), seed=7)
    pieces = [dict(tokenizer("the parcel came early and nothing was broken " * 4))]

    def hidden(purpose: Any, epoch: int) -> list[int]:
        collate = urgency.HidingCollator(context, purpose)
        collate.set_epoch(epoch)
        found: list[int] = collate(pieces)["input_ids"][0].tolist()
        return found

    assert hidden("train", 1) == hidden("train", 1) != hidden("train", 2)
    assert tokenizer.mask_token_id in hidden("train", 1)
    assert hidden("evaluate", 1) == pieces[0]["input_ids"]


def test_the_example_is_read_without_anything_heavy() -> None:
    code = "import sys; import examples.urgency; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert not {"torch", "transformers", "datasets", "pandas", "pyarrow"} & set(done.stdout.split())
