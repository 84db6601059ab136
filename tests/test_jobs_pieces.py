"""What runs on rented machines are made of: the sum that is agreed to, what is said of an end, what may come back."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from core import events, runs
from core.errors import ConfigError, HubError, RunError
from core.hub.identity import Identity, asking_as
from core.jobs import aboard, agreement, ending, lines, record, renting, results
from core.jobs.follower import Follower
from core.jobs.renting import Renting
from core.runs import Run, State
from core.studio import Studio
from tests.making import run_with, started, stepped
from tests.renting import begin, hub, light, light_hub, open_studio, over
from tests.small_hub import SmallHub

__all__ = ["hub", "light_hub"]


JOB = record.Job("a/b", "m", "a", "t4-small", "T4", 3.6, 3600.0, 4.0, id="1", stage="RUNNING", began=1.0, seconds=10)


def last(run: Run) -> events.Event | None:
    return events.last(run.events_path)


def status_error(status: int) -> Exception:
    found = Exception(f"status {status}")
    found.response = SimpleNamespace(status_code=status)  # type: ignore[attr-defined]
    return found


def raising(failure: Exception) -> Any:
    raise failure


class TestWhatItCosts:
    def test_has_to_be_agreed_to(self, light_hub: SmallHub, home: Path, tmp_path: Path) -> None:
        token, wanted, studio = light_hub.user("anna"), light(tmp_path, "finish", hours=2), Studio()
        offer = studio.offer(wanted)
        assert offer is not None and offer.most == pytest.approx(0.8, abs=0.001)
        assert "0.40 $ an hour" in offer.in_words() and "at most 0.80 $" in offer.in_words()
        with pytest.raises(RunError, match=r"costs up to 0\.80 \$"):
            begin(studio, wanted, token, None)
        for too_little in (0.5, float("nan"), float("inf")):
            with pytest.raises(RunError, match="was agreed to"):
                begin(studio, wanted, token, too_little)
        assert studio.runs() == [] and not light_hub.jobs.all

    def test_is_asked_again_where_a_run_is_made_without_a_person(
        self, light_hub: SmallHub, home: Path, tmp_path: Path
    ) -> None:
        run = runs.create(light(tmp_path, "finish"))
        with open_studio():
            assert over(run) is State.FAILED
        end = last(run)
        assert isinstance(end, events.Failed) and "nobody has agreed" in end.cause and not light_hub.jobs.all

    def test_is_told_while_it_runs_and_at_the_end(self, home: Path) -> None:
        job = JOB
        assert job.cost(time.time()) == pytest.approx(0.01)
        since = replace(job, asked=time.time() - 100)
        assert since.cost(time.time()) == pytest.approx(0.11, abs=0.002), "while nobody is asked it goes on costing"
        assert replace(since, stage="COMPLETED").cost(time.time()) == pytest.approx(0.01)


def test_what_cannot_go_there_is_refused_before_anything_is_sent(
    light_hub: SmallHub, home: Path, tmp_path: Path
) -> None:
    from core.config import validate

    plain = light(tmp_path, "finish").model_dump(mode="json")
    studio = Studio()
    with pytest.raises(ConfigError, match=r"hub\.push_to_hub cannot be used on a rented machine"):
        studio.start(validate({**plain, "hub": {"push_to_hub": True, "hub_model_id": "a/b"}}), 9.0)
    with pytest.raises(ConfigError, match="no machine called 'gold'") as refused:
        studio.start(validate({**plain, "job": {"hardware": "gold"}}), 9.0)
    assert "t4-small" in refused.value.advice
    assert light_hub.paths("POST") == []


@pytest.mark.parametrize(
    ("stage", "message", "words"),
    [
        ("ERROR", "Job timeout", "The time limit of the rented machine was reached"),
        ("ERROR", "Job failed with exit code: 137", "ran out of memory"),
        ("CANCELED", "", "was given back before the run was done"),
        ("COMPLETED", "", "ended without sending a model back"),
    ],
)
def test_a_machine_that_is_gone_says_why(home: Path, stage: str, message: str, words: str) -> None:
    end = ending.of(run_with(started(), stepped(1)), replace(JOB, stage=stage, message=message), "", None)
    assert isinstance(end, events.Failed) and words in end.title and "cost about" in end.advice


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "does not accept the token"),
        (402, "for credit or a paid plan only"),
        (403, "may not rent machines"),
        (429, "rents out no more machines"),
        (400, "does not rent out such a machine"),
    ],
)
def test_a_refusal_is_told_in_words(hub: SmallHub, status: int, words: str) -> None:
    token = hub.user("anna")
    hub.fail(r"/api/jobs/anna$", status, method="POST")
    with asking_as(Identity("token", token)), pytest.raises(Exception) as refused:
        Renting().rent(replace(JOB, namespace="anna"), "main", token)
    assert words in renting.explained(refused.value).title


@pytest.mark.parametrize(
    ("failure", "is_open"),
    [
        (OSError(28, "No space left on device"), True),
        (TypeError("the answer has another form"), True),
        (ConnectionError("cut off"), True),
        (status_error(502), True),
        (status_error(402), False),
        (status_error(429), False),
    ],
)
def test_only_a_refusal_of_the_hub_means_that_nothing_was_rented(
    hub: SmallHub, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: Exception, is_open: bool
) -> None:
    token, run = hub.user("anna"), runs.create(light(tmp_path, "finish"))
    agreement.give(run, 1.0)
    follower = Follower(run)
    monkeypatch.setattr(follower.hub, "rent", lambda *asked: raising(failure))
    with asking_as(Identity("token", token)):
        if is_open:
            assert follower._send() and follower.unsure is failure
        else:
            with pytest.raises(type(failure)):
                follower._send()
    assert record.is_open(run) is is_open


def test_a_machine_that_was_rented_stays_in_sight_though_nothing_can_be_written(
    hub: SmallHub, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, run = hub.user("anna"), runs.create(light(tmp_path, "finish"))
    agreement.give(run, 1.0)
    follower = Follower(run)
    full = OSError(28, "No space left on device")
    monkeypatch.setattr(follower, "_take_in", lambda told: raising(full))
    with asking_as(Identity("token", token)), pytest.raises(OSError, match="No space"):
        follower.go()
    assert record.is_open(run) and run.state is State.RUNNING and len(hub.jobs.all) == 1


def test_a_repository_that_was_not_made_for_the_run_is_never_deleted(hub: SmallHub, home: Path) -> None:
    token, run = hub.user("anna"), run_with(started())
    for name in ("anna/reviews", f"anna/tunesmith-{run.id}-abcdef/..", "anna/tunesmith-other-abcdef"):
        record.write(run, replace(JOB, repo=name, stage="COMPLETED"))
        with asking_as(Identity("token", token)), pytest.raises(RunError, match="was not made for this run"):
            Studio().delete_job_repository(run.id)
    assert hub.paths("DELETE") == []


def test_shortly_before_the_time_limit_the_run_stops_by_itself(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aboard, "HEAD", "tests.light_aboard")
    run = runs.create(light(tmp_path, "wait"))
    aboard.Trip(run, "anna/nothing", "a token").go(stop_at=time.time() + 1, look_every=1000)
    end = last(run)
    assert isinstance(end, events.Stopped) and end.kept == "best" and end.has_model


class TestWhatComesBack:
    @pytest.mark.parametrize("name", ["../config.yaml", "model/../../x", "model/a.bin", "checkpoints/x", "/etc/passwd"])
    def test_is_nothing_that_a_run_does_not_make(self, hub: SmallHub, home: Path, name: str) -> None:
        listed = {name: {"size": 1, "sha256": hashlib.sha256(b"x").hexdigest()}}
        hub.add("anna/thing", {results.MANIFEST: json.dumps({"files": listed}), f"results/{name}": "x"})
        with pytest.raises(HubError, match="did not come back"):
            bring(run_with(started()))

    @pytest.mark.parametrize("content", [b"other", b"\x05\0\0\0\0\0\0\0"])
    def test_is_what_was_sent_and_whole(self, hub: SmallHub, home: Path, content: bytes) -> None:
        said = content if len(content) > 5 else b"whole"
        listed = {"model/model.safetensors": {"size": len(said), "sha256": hashlib.sha256(said).hexdigest()}}
        manifest = json.dumps({"files": listed})
        hub.add("anna/thing", {results.MANIFEST: manifest, "results/model/model.safetensors": content})
        run = run_with(started())
        with pytest.raises(HubError, match="did not come back") as refused:
            bring(run)
        assert ("hash differs" if len(content) == 5 else "no safetensors file") in refused.value.cause
        assert not run.has_model


def bring(run: Run) -> None:
    hub = Renting()
    results.put_in_place(run, results.fetch(run, hub.api, hub.repository("anna/thing"), "main"))


class TestLines:
    def test_a_long_event_goes_in_pieces_and_is_one_again(self) -> None:
        line = json.dumps({"v": 1, "text": "x" * 20_000 + " @tunesmith 0 1/1 "})
        pieces, listener = list(lines.marked(7, line + "\n")), lines.Listener()
        assert len(pieces) == 4 and all(len(piece) < 6100 for piece in pieces)
        assert [listener.hear(piece) for piece in pieces] == [None, None, None, (7, line)]

    def test_a_text_may_hold_what_parts_lines_elsewhere(self) -> None:
        odd = "one\u2028two\u0085three \u4f60\U0001f600"
        happened = [events.encode(events.Noticed(level="info", title=odd, detail="")), events.encode(started())]
        assert len(lines.whole_lines("".join(happened))) == 2 and lines.whole_lines("") == []
        (piece,) = lines.marked(0, happened[0])
        assert piece.isascii()
        heard = lines.Listener().hear(piece)
        assert isinstance(heard, tuple) and events.decode(heard[1]) == events.decode(happened[0])
        run = run_with()
        made = "".join([*happened, events.encode(events.Finished(train_runtime_s=1.0))])
        assert isinstance(ending.of(run, JOB, made, None), events.Finished)
        assert [type(one) for one in events.read(run.events_path)[0]] == [events.Noticed, events.Started]

    def test_an_event_that_was_cut_off_is_a_line_too(self) -> None:
        (piece,) = lines.marked(3, '{"v": 1, "text": "\u2028')
        assert lines.Listener().hear(piece) is not None and piece.isascii()

    @pytest.mark.parametrize("line", ["", "a word", "@tunesmith", "@tunesmith x 1/1 {}", "@tunesmith 1 11 {}"])
    def test_what_is_no_event_is_a_line_of_the_log(self, line: str) -> None:
        assert lines.Listener().hear(line) == line
