"""A run that publishes while it trains: to a Hub that works, stumbles or is away; its token is nowhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from core import events, runs
from core.config import validate
from core.errors import ConfigError
from core.hub.identity import Identity
from core.runs import Run, State
from core.training import checkpoints
from tests.making import PROJECT, config, reviews, write_csv
from tests.small_hub import SmallHub
from ui.forms import problems

MODEL = {"README.md", "config.json", "model.safetensors", "tokenizer.json", "tunesmith.json"}
WORK = """
import json, os, signal, sys, time
from pathlib import Path
from core import events, runs
from core.errors import explain
from core.hub.identity import Identity, become
from core.training import asking, job, pushing
from core.training.reporter import Reporter

for told in json.loads(sys.stdin.readline()):
    become(Identity.of(told["identity"]))
    os.environ["HF_ENDPOINT"] = told["address"]
    run, leave_at = runs.find(told["run"]), told["leave_at"]
    log = events.EventLog(run.events_path)
    stepped, pushed = Reporter.on_step_end, pushing.Pusher.on_save

    def on_step_end(self, args, state, control, **kwargs):
        self.leave_requested = state.global_step == leave_at
        return stepped(self, args, state, control, **kwargs)

    def on_save(self, *rest, **kwargs):
        # These little models are saved every half second: each push has time, unless the run's name asks for haste.
        self._wait(lambda: "hasty" not in run.name)
        return pushed(self, *rest, **kwargs)

    Reporter.on_step_end, pushing.Pusher.on_save = on_step_end, on_save
    try:
        job.train(run, log)
    except asking.Left:
        pass
    except Exception as exc:
        error = explain(exc)
        log.append(events.Failed(title=error.title, advice=error.advice, cause=error.cause, remedy=error.remedy))
    finally:
        Reporter.on_step_end, pushing.Pusher.on_save = stepped, pushed
        log.close()
"""


@dataclass
class World:
    hub: SmallHub
    home: Path
    hf: Path
    token: str
    table: Path
    checkpoint: Path
    seen: set[Path] = field(default_factory=set)
    """Where the token stood that is told of processes to everybody on a machine."""

    def run(self, name: str, keeps: bool = False, **hub: Any) -> Run:
        """A queued run of two epochs, saved after each, that publishes to ``anna/NAME``. ``keeps`` its checkpoints."""
        made = config(self.table, self.checkpoint, num_train_epochs=2, keep_checkpoints=keeps)
        plain = made.model_dump(mode="json")
        plain |= {"name": name, "hub": {"push_to_hub": True, "hub_model_id": f"anna/{name}", **hub}}
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TUNESMITH_HOME", str(self.home))
            return runs.create(validate(plain))

    def job(self, run: Run, leave_at: int = 0, asker: Identity | None = None, address: str = "") -> dict[str, Any]:
        """One training. It leaves without an end after the step ``leave_at``; the Hub is looked for at ``address``."""
        asker = asker or Identity("token", self.token)
        told = {"run": run.id, "leave_at": leave_at, "address": address or self.hub.url}
        return {**told, "identity": asker.as_record()}

    def work(self, *jobs: dict[str, Any]) -> None:
        """Train, in one process, while somebody looks at all processes for the token."""
        mine = {"TUNESMITH_HOME": str(self.home), "OMP_NUM_THREADS": "1"}
        with open(self.home / "said.log", "w") as said:
            process = subprocess.Popen(
                [sys.executable, "-c", WORK],
                cwd=PROJECT,
                env=os.environ | self.hub.environment(self.hf) | mine,
                stdin=subprocess.PIPE,
                stdout=said,
                stderr=said,
            )
        assert process.stdin is not None
        process.stdin.write(json.dumps(jobs).encode() + b"\n")
        process.stdin.close()
        while process.poll() is None:
            self.seen |= {place for place in facts_of_processes() if self.token.encode() in read(place)}
            time.sleep(0.2)
        assert process.returncode == 0, (self.home / "said.log").read_text()

    def files(self, name: str) -> set[str]:
        return set(self.hub.repo(f"anna/{name}", "models").branches["main"].files)

    def titles(self, name: str) -> list[str]:
        """Of its commits, the oldest first."""
        return [commit.title for commit in reversed(self.hub.repo(f"anna/{name}", "models").history())]


def facts_of_processes() -> list[Path]:
    return [*Path("/proc").glob("[0-9]*/environ"), *Path("/proc").glob("[0-9]*/cmdline")]


def read(place: Path) -> bytes:
    try:
        return place.read_bytes()
    except OSError:  # it has ended
        return b""


def notices(run: Run) -> str:
    found = [event for event in events.read(run.events_path)[0] if isinstance(event, events.Noticed)]
    return "\n".join(f"{event.title} {event.detail}" for event in found)


@pytest.fixture(scope="module")
def world(tiny_bert: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("pushing")
    table = write_csv(folder / "reviews.csv", ("text", "label"), reviews(60))
    (folder / "home").mkdir()
    with SmallHub(folder / "hub") as hub:
        yield World(hub, folder / "home", folder / "hf", hub.user("anna"), table, tiny_bert)


@pytest.fixture(scope="module")
def trained(world: World) -> dict[str, Run]:
    """By name, all trained in one process: a run for each way, of which ``everything`` is interrupted after its first
    save and taken up; and one for each thing that can go wrong.
    """
    ways = {"at-the-end": "end", "each-save": "every_save", "newest": "checkpoint", "everything": "all_checkpoints"}
    made = {name: world.run(name, keeps=name == "newest", hub_strategy=way) for name, way in ways.items()}
    made |= {name: world.run(name) for name in ("hasty-slow", "full", "away", "nobody")}
    made["forbidden"] = world.run("forbidden", hub_model_id="somebody/forbidden")
    world.hub.slow("/api/models/anna/hasty-slow/commit/", wait=1.5)
    world.hub.fail("/api/models/anna/full/commit/", 413)
    world.work(
        *(world.job(made[name]) for name in ("at-the-end", "each-save", "newest", "hasty-slow", "full", "forbidden")),
        world.job(made["everything"], leave_at=6),
        world.job(made["everything"], leave_at=8, asker=Identity("nobody")),
        world.job(made["everything"]),
        world.job(made["nobody"], asker=Identity("nobody")),
        world.job(made["away"], address="http://127.0.0.1:9"),
    )
    return made


@pytest.mark.slow
def test_each_way_publishes_what_it_says(world: World, trained: dict[str, Run]) -> None:
    for run in (trained[name] for name in ("at-the-end", "each-save", "newest", "everything")):
        assert run.state is State.FINISHED, notices(run)
        assert world.hub.repo(run.config.hub.hub_model_id, "models").private
        assert world.files(run.name) >= MODEL, notices(run)
        assert "is on the Hub" in notices(run)
        assert not (run.path / ".pushing").exists()
        assert run.checkpoints_path.exists() == run.config.training.keep_checkpoints
    progress = [title for title in world.titles("each-save") if title.startswith("Training in progress")]
    assert progress and not [title for title in world.titles("at-the-end") if "progress" in title]
    assert not [name for name in world.files("each-save") | world.files("at-the-end") if "checkpoint" in name]
    # The last word is the judged model with its card.
    card = world.hub.repo("anna/each-save", "models").branches["main"].files["README.md"].place.read_text()
    assert "still being trained" not in card and "model-index" in card


@pytest.mark.slow
def test_a_checkpoint_that_is_published_can_be_gone_on_from(world: World, trained: dict[str, Run]) -> None:
    needed = {"model.safetensors", "optimizer.pt", "scheduler.pt", "rng_state.pth", "trainer_state.json"}
    newest = {name.removeprefix("last-checkpoint/") for name in world.files("newest") if name.startswith("last-")}
    assert newest >= needed
    folders = {name.partition("/")[0] for name in world.files("everything") if name.startswith("checkpoint-")}
    assert folders >= {"checkpoint-6", "checkpoint-12"}  # before it was interrupted, and after it was taken up
    assert "Nobody is signed in" in notices(trained["everything"])
    for folder in folders:
        assert {name for name in world.files("everything") if name.startswith(f"{folder}/")} >= {
            f"{folder}/{name}" for name in needed
        }
    assert "form that can hide code" in notices(trained["newest"])
    state = world.hub.repo("anna/newest", "models").branches["main"].files["last-checkpoint/trainer_state.json"]
    assert json.loads(state.place.read_text())["best_model_checkpoint"].startswith("checkpoint-")


@pytest.mark.slow
def test_nothing_holds_the_token(world: World, trained: dict[str, Run]) -> None:
    looked, secret = 0, world.token.encode()
    for place in (world.home, world.hf, world.hub.store.folder):
        for file in place.rglob("*"):
            if file.is_file():
                looked += 1
                assert secret not in file.read_bytes(), file
    assert looked > 50 and not world.seen
    assert list(trained["newest"].checkpoints_path.glob("*/training_args.bin"))
    for name in ("newest", "everything", "each-save"):
        assert not [file for file in world.files(name) if file.endswith("training_args.bin")]


@pytest.mark.slow
def test_faults_of_the_hub_cost_nothing_but_a_notice(world: World, trained: dict[str, Run]) -> None:
    forbidden, nobody = trained["forbidden"], trained["nobody"]
    slow, full, away = trained["hasty-slow"], trained["full"], trained["away"]
    assert forbidden.state is State.FAILED and nobody.state is State.FAILED
    failed = events.last(forbidden.events_path, events.Failed)
    assert isinstance(failed, events.Failed) and failed.remedy == {"hub.push_to_hub": False}
    assert "may not publish under the name 'somebody'" in failed.title
    assert not [event for event in events.read(forbidden.events_path)[0] if isinstance(event, events.Planned)]

    for run in (slow, full, away):
        assert run.state is State.FINISHED and run.has_model and run.report is not None
    assert len(world.titles("hasty-slow")) < 4  # one save was passed over, or ended in favour of the finished model
    assert "no more room" in notices(full) and notices(full).count("could not be published") == 1
    assert "cannot be reached" in notices(away) and "begins all the same" in notices(away)
    assert "is kept here" in notices(away)


def test_a_checkpoint_is_held_without_room_and_stays(tmp_path: Path) -> None:
    first, second = tmp_path / "checkpoint-9", tmp_path / "checkpoint-10"
    for folder in (first, second):
        folder.mkdir()
        (folder / "model.safetensors").write_text(folder.name)
    assert checkpoints.all_of(tmp_path) == [first, second] and checkpoints.last(tmp_path) == second
    held = checkpoints.hold(first, tmp_path / "held" / "it")
    assert (held / "model.safetensors").samefile(first / "model.safetensors")
    (first / "model.safetensors").unlink()
    assert (held / "model.safetensors").read_text() == "checkpoint-9"


def test_the_settings_are_checked() -> None:
    plain = config().model_dump(mode="json")
    with pytest.raises(ConfigError, match="name the repository"):
        validate({**plain, "hub": {"push_to_hub": True}})
    assert problems({**plain, "hub": {"push_to_hub": True}}) == {
        "hub.hub_model_id": "Name the repository to publish to, such as your-name/reviews."
    }
    for wrong in ({"hub_model_id": "no-owner"}, {"hub_strategy": "now and then"}, {"hub_token": "hf_" + "x" * 30}):
        with pytest.raises(ConfigError):
            validate({**plain, "hub": {"push_to_hub": True, "hub_model_id": "anna/x", **wrong}})


def test_the_example_in_the_docs_is_valid() -> None:
    page = (PROJECT / "docs" / "hub-settings.md").read_text(encoding="utf-8")
    run = validate(yaml.safe_load(page.partition("```yaml\n")[2].partition("```")[0]))
    assert run.hub.push_to_hub and run.training.keep_checkpoints


def test_kept_checkpoints_stay(tmp_path: Path) -> None:
    from types import SimpleNamespace as Plain

    from core.training.keeping import end
    from core.training.shop import Workshop

    for keeps in (False, True):
        run = runs.create(config(keep_checkpoints=keeps))
        (run.checkpoints_path / "checkpoint-3").mkdir(parents=True)
        log = events.EventLog(run.events_path)
        shop: Any = Workshop(run, log, run.config, None)  # type: ignore[arg-type]
        end(shop, Plain(state=Plain(global_step=3, max_steps=3)), Plain(stop_requested=False), 1.0)
        log.close()
        assert run.checkpoints_path.exists() == keeps
