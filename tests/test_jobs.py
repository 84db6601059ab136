"""Runs on rented machines, against a small Hub on loopback that really runs what is sent."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from core import events
from core.errors import HubError, RunError
from core.hub.identity import Identity, asking_as
from core.jobs import record
from core.live import tick
from core.runs import Run, State
from tests import processes
from tests.renting import begin, hub, job_of, light, light_hub, open_studio, over, rented, wait_for
from tests.small_hub import SmallHub

__all__ = ["hub", "light_hub"]


def mark_of(run: Run) -> str:
    job = record.read(run)
    assert job is not None
    return job.mark


def last(run: Run) -> events.Event | None:
    return events.last(run.events_path)


def repo_files(hub: SmallHub, run: Run) -> set[str]:
    job = record.read(run)
    assert job is not None
    return set(hub.repo(job.repo).branches["main"].files) - {".gitattributes"}


def steps_of(run: Run) -> list[int]:
    return [event.step for event in events.read(run.events_path)[0] if isinstance(event, events.Stepped)]


def wait_for_steps(run: Run) -> None:
    wait_for(lambda: events.last(run.events_path, events.Stepped), lambda: tick(run)["job"])


@pytest.mark.slow
def test_a_run_goes_to_a_rented_machine_and_its_model_comes_back(
    hub: SmallHub, home: Path, tmp_path: Path, tiny_bert: Path
) -> None:
    token = hub.user("anna")
    with open_studio() as studio:
        run = begin(studio, rented(tmp_path, tiny_bert), token)
        job = job_of(hub)
        wait_for(lambda: events.last(run.events_path, events.Stepped), lambda: job.lines)
        assert run.state is State.RUNNING and not job.is_over, "its events are here while it goes on"
        assert over(run) is State.FINISHED, job.lines
        assert run.report and run.report["metrics"]["test"]["accuracy"] is not None
        assert studio.predict(run.id, {"text": "the soup was cold"})["label"] in ("good", "bad")
    assert (steps := steps_of(run)) == sorted(set(steps)), "none was written twice"


def test_what_is_sent_is_what_is_needed_and_only_into_a_new_private_repository(
    light_hub: SmallHub, home: Path, tmp_path: Path
) -> None:
    token = light_hub.user("anna")
    light_hub.lose_answer(r"/api/jobs/anna$")  # whether a machine was rented is not known then
    with open_studio() as studio:
        run = begin(studio, light(tmp_path, "finish"), token)
        assert over(run) is State.FINISHED
        with pytest.raises(RunError, match="No rented machine"):
            studio.let_go(run.id)
    assert len(light_hub.jobs.all) == 1, "the one that was rented is found by its mark"
    job = record.read(run)
    assert job is not None and job.is_gone and light_hub.repo(job.repo).private
    sent = {name for name in repo_files(light_hub, run) if not name.startswith("results/")}
    assert sent == {"config.yaml", "data/0/reviews.csv", "program.zip"}
    config = light_hub.repo(job.repo).branches["main"].files["config.yaml"].place.read_text(encoding="utf-8")
    assert str(home) not in config and str(tmp_path) not in config
    first = next(place for place, one in enumerate(light_hub.requests) if "/commit/" in one.path)
    asked = [one.path for one in light_hub.requests[:first] if one.method == "GET"]
    assert f"/api/datasets/{job.repo}" in asked, "whether it is private is asked before anything is sent"
    assert {path.name for path in run.model_path.iterdir()} == {"model.safetensors", "config.json"}, "no pickle"
    (started,) = [event for event in events.read(run.events_path)[0] if isinstance(event, events.Started)]
    assert str(light_hub.jobs.folder) in started.versions["core"], "the program that was sent is the one that ran"


def test_a_machine_that_the_hub_lists_late_is_found_and_one_that_has_not_begun_is_not_lost_by_a_question(
    light_hub: SmallHub, home: Path, tmp_path: Path
) -> None:
    token = light_hub.user("anna")
    light_hub.lose_answer(r"/api/jobs/anna$")
    light_hub.jobs.tells_late, light_hub.jobs.wait = 3, 3.0
    with open_studio() as studio:
        run = begin(studio, light(tmp_path, "wait"), token)
        wait_for(lambda: tick(run).get("job", {}).get("id"), lambda: tick(run).get("job"))
        assert run.state is State.RUNNING and len(light_hub.jobs.all) == 1 and light_hub.jobs.tells_late == 0
        studio.ask_now(run.id, "evaluate")
        wait_for_steps(run)
        job = job_of(light_hub)
        wait_for(lambda: any(name.startswith("orders/evaluate-") for name in repo_files(light_hub, run)))
        wait_for(lambda: not (run.path / "evaluate").exists())
        assert not job.is_over, "it was told once there was somebody to hear it"
        studio.stop(run.id)
        assert over(run) is State.STOPPED and run.has_model


def test_a_stop_is_handed_on_though_the_stream_breaks_off_and_the_token_is_nowhere(
    light_hub: SmallHub, home: Path, tmp_path: Path
) -> None:
    token = light_hub.user("anna")
    light_hub.cut(r"/logs", 3000, times=2)
    with open_studio() as studio:
        run = begin(studio, light(tmp_path, "wait"), token)
        wait_for_steps(run)
        job = job_of(light_hub)
        assert job.process is not None
        there = psutil.Process(job.process.pid)
        for process in (there, *there.children(recursive=True), *processes.living("core.")):
            assert token not in " ".join(process.cmdline())
        for process in processes.living("core.jobs.follower"):
            assert token not in " ".join(process.environ().values())
        learning = [one for one in processes.living("tests.light_aboard") if len(one.cmdline()) == 5]
        assert learning, "what learns is told by its pipe"
        assert not any(token in " ".join(one.environ().values()) for one in learning)
        with pytest.raises(RunError, match="rests costs as much"):
            studio.pause(run.id)
        studio.stop(run.id, "last")
        assert over(run) is State.STOPPED
    end = last(run)
    assert isinstance(end, events.Stopped) and end.has_model and end.kept == "last" and run.has_model
    assert job.stage == "COMPLETED" and steps_of(run) == list(range(1, end.step + 1)), "no event is lost or doubled"
    assert token not in str(job.told()) and job.told()["secrets"] == {"HF_TOKEN": ""}
    assert "[hidden]" in run.log_path.read_text(encoding="utf-8")
    assert not any(token in line for _, line in job.lines)
    for place in (home, light_hub.store.folder / "blobs"):
        for path in (path for path in place.rglob("*") if path.is_file()):
            assert token.encode() not in path.read_bytes(), path


def test_a_hub_that_cannot_be_asked_hides_no_cost_and_keeping_nothing_gives_the_machine_back(
    light_hub: SmallHub, home: Path, tmp_path: Path
) -> None:
    token = light_hub.user("anna")
    with open_studio() as studio:
        run = begin(studio, light(tmp_path, "wait"), token)
        wait_for_steps(run)
        before = tick(run)["job"]
        light_hub.stop()
        told = wait_for(lambda: (found := tick(run)["job"])["trouble"] and found, lambda: tick(run)["job"])
        assert run.state is State.RUNNING and told["open"] and told["asked"] and told["url"]
        wait_for(lambda: tick(run)["job"]["cost"] > before["cost"])
        light_hub.start()
        wait_for(lambda: not tick(run)["job"]["trouble"])
        light_hub.fail(r"/cancel$", 500, times=2)
        studio.stop(run.id, "nothing")
        assert over(run) is State.STOPPED and job_of(light_hub).stage == "CANCELED"
        with pytest.raises(RunError, match="went with it"):
            studio.again(run.id)


def test_another_process_goes_on_where_one_was_killed(light_hub: SmallHub, home: Path, tmp_path: Path) -> None:
    token = light_hub.user("anna")
    with open_studio() as studio:
        run = begin(studio, light(tmp_path, "wait"), token)
        wait_for_steps(run)
    (follower,) = processes.living("core.jobs.follower")
    follower.kill()
    follower.wait()
    with open_studio() as studio:  # the machine was switched off: a new app, and the token was in memory only
        told = tick(run)["job"]
        assert run.state is State.RUNNING and told["open"] and not told["followed"]
        assert not processes.living("core.jobs.follower"), "nobody asks with another's token"
        with asking_as(Identity("nobody")), pytest.raises(HubError, match="Nobody is signed in"):
            studio.follow_as_me(run.id)
        with pytest.raises(RunError, match="still going"):
            studio.delete(run.id)
        known = len(steps_of(run))
        with asking_as(Identity("token", token)):
            studio.follow_as_me(run.id)
        wait_for(lambda: len(steps_of(run)) > known + 3, lambda: tick(run)["job"])
        studio.stop(run.id)
        assert over(run) is State.STOPPED and run.has_model
    assert len(light_hub.jobs.all) == 1, "no second machine was rented"
    assert (steps := steps_of(run)) == list(range(1, len(steps) + 1)), "no event is missing, and none is there twice"


def test_a_machine_that_is_killed_and_a_training_that_fails_there_say_so_here(
    light_hub: SmallHub, home: Path, tmp_path: Path
) -> None:
    token = light_hub.user("anna")
    with open_studio() as studio:
        killed, failed = (begin(studio, light(tmp_path, name), token) for name in ("wait", "fail"))
        wait_for_steps(killed)
        next(one for one in light_hub.jobs.all.values() if one.labels["tunesmith-run"] == mark_of(killed)).end(
            "ERROR", "Node lost"
        )
        assert over(killed) is over(failed) is State.FAILED
    end = last(killed)
    assert isinstance(end, events.Failed) and end.cause == "ERROR: Node lost"
    assert end.title == "The rented machine failed." and "cost about" in end.advice and "/jobs/anna/" in end.advice
    end = last(failed)
    assert isinstance(end, events.Failed) and end.title == "The loss is no number any more."


def test_a_refused_run_has_rented_nothing_and_its_repository_can_be_deleted(
    light_hub: SmallHub, home: Path, tmp_path: Path
) -> None:
    token = light_hub.user("anna")
    light_hub.jobs.pays = set()
    with open_studio() as studio:
        run = begin(studio, light(tmp_path, "finish"), token)
        assert over(run) is State.FAILED
        end, job = last(run), record.read(run)
        assert isinstance(end, events.Failed) and "Pre-paid credit balance is insufficient" in end.advice
        assert job is not None and not record.is_open(run) and not light_hub.jobs.all
        with asking_as(Identity("token", token)):
            studio.delete_job_repository(run.id)
        assert light_hub.store.repo("datasets", job.repo) is None and tick(run)["job"]["repo"] == ""


def test_a_repository_that_is_not_private_gets_nothing(light_hub: SmallHub, home: Path, tmp_path: Path) -> None:
    token = light_hub.user("anna")
    light_hub.store.opens_everything = True
    with open_studio() as studio:
        run = begin(studio, light(tmp_path, "finish"), token)
        assert over(run) is State.FAILED
    end = last(run)
    assert isinstance(end, events.Failed) and "is not private" in end.title
    assert not [path for path in light_hub.paths("POST") if "/commit/" in path or "/jobs/" in path]
