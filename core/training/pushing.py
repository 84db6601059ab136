"""A run's model goes to the Hub while it learns, as ``push_to_hub`` of ``transformers.TrainingArguments`` has it.

The Trainer's own way is not taken: it wants the token among the training arguments, which are pickled into
``training_args.bin`` beside each checkpoint. So ``push_to_hub`` stays off there, and this callback starts a process for
each push, which hears the token over its pipe. Training never waits for one, and never fails with one: a save during a
push is passed over in favour of the next, a failure is a notice.

Imported in workers only.
"""

from __future__ import annotations

import json
import queue
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from transformers import TrainerCallback  # noqa: TID253  (imported in workers only)

from core import children
from core.errors import HubError, StudioError
from core.hub import identity
from core.models import manual
from core.publishing.publications import PUBLICATIONS
from core.publishing.types import Publishing
from core.said import restored, said, together
from core.spares import environment
from core.training import checkpoints
from core.training.shop import Workshop

CHECK_SECONDS = 30.0
"""How long a run waits for a Hub that is there but does not answer, before it begins."""
LEAST_WAIT, BYTES_A_SECOND = 600.0, 1_000_000
"""How long a run waits at its end: seconds, and those that a slow connection takes for the files."""
_CHECKED = {"tries": 2, "first_wait": 0.5, "longest_wait": 5.0, "silence": 10.0}
_SENT = {"tries": 4, "first_wait": 1.0, "longest_wait": 120.0, "silence": 60.0}
_QUIET = {
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    # Large files go the older way, as when a finished model is published.
    "HF_HUB_DISABLE_XET": "1",
    "OMP_NUM_THREADS": "1",
}
_LAST = "last-checkpoint"
_WITH_CHECKPOINTS = ("checkpoint", "all_checkpoints")
_PICKLED = said(
    "With it goes what is needed to go on training elsewhere. Optimizers are kept in a form that can hide code: "
    "whoever opens them has to trust you."
)


@dataclass
class _Push:
    """One process at work. ``reply`` holds its answer once there is one; None where it died without."""

    process: subprocess.Popen[str]
    reply: queue.SimpleQueue[dict[str, Any] | None]
    step: int = 0
    checkpoint: str = ""


class Pusher(TrainerCallback):
    """All pushes of one run, one at a time. Its methods belong to the thread that trains."""

    def __init__(self, shop: Workshop) -> None:
        self._shop, self._hub = shop, shop.config.hub
        self._wanted = Publishing(self._hub.hub_model_id, private=self._hub.hub_private_repo)
        self._room = shop.run.path / ".pushing"
        self._going: _Push | None = None
        self._sent: set[str] = set()
        """Names of the checkpoints that are at the Hub whole."""
        self._said = ""
        self.manual: manual.Manual | None = None
        """Goes beside the model, once it is known."""
        self._clear()

    def check(self, is_resumed: bool = False) -> None:
        """Raise ``HubError`` where the model could never be published as asked; a Hub that is out of reach is a notice,
        and so is everything in a run that goes on: what it has learned is worth more.

        The repository is made now where there is none.
        """
        push = self._start({"do": "check", "patience": _CHECKED})
        try:
            reply = push.reply.get(timeout=CHECK_SECONDS)
        except queue.Empty:
            reply = {"error": {"title": "The Hugging Face Hub does not answer.", "advice": ""}, "passing": True}
        finally:
            children.end(push.process)
        if reply is None:
            reply = {"error": {"title": "The process that asks the Hub ended.", "advice": ""}, "passing": True}
        if "error" not in reply:
            return
        if not reply["passing"] and not is_resumed:
            raise HubError(**restored(reply["error"]), remedy={"hub.push_to_hub": False})
        error = restored(reply["error"])
        on = said("The training goes on all the same." if is_resumed else "The training begins all the same.")
        again = said("Publishing is tried again when the model is saved.")
        self._shop.notice(together(error["title"], on), together(error["advice"], again), "warning")

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._settle()
        if self._hub.hub_strategy != "end" and self._going is None:
            self._push_newest()

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._settle()

    def finish(self, is_wanted: Callable[[], bool]) -> None:
        """Publish the model that is kept, with its card, and wait for it: while ``is_wanted``, and not for ever."""
        until = time.monotonic() + self._longest_wait()
        self._shop.phase("saving", said("Publishing the model on the Hub: {repo}", repo=self._wanted.repo))

        def goes_on() -> bool:
            return is_wanted() and time.monotonic() < until

        if self._hub.hub_strategy in _WITH_CHECKPOINTS:
            self._wait(goes_on)
            newest = checkpoints.last(self._shop.run.checkpoints_path)
            if newest is not None and newest.name not in self._sent and goes_on():
                self._push_newest()
                self._wait(goes_on)
        self.close()
        self._publish(goes_on)

    def close(self) -> None:
        """End what is going on, in the middle of a file too. The Hub shows a commit whole or not at all."""
        if self._going is not None:
            children.end(self._going.process)
            self._going = None
        self._clear()

    # One save

    def _push_newest(self) -> None:
        newest = checkpoints.last(self._shop.run.checkpoints_path)
        if newest is None:
            return
        step, kept = checkpoints.step_of(newest), {newest.name: newest}
        if self._hub.hub_strategy == "all_checkpoints":
            kept = {path.name: path for path in checkpoints.all_of(newest.parent) if path.name not in self._sent} | kept
        # Held on to, because training takes the place of old checkpoints for new ones.
        held = {name: checkpoints.hold(path, self._room / name) for name, path in kept.items()}
        if self.manual is not None:
            manual.write(held[newest.name], self.manual)
        goes = held if self._hub.hub_strategy == "all_checkpoints" else {_LAST: held[newest.name]}
        job = {
            "do": "save",
            "save": str(held[newest.name]),
            "step": step,
            "checkpoints": {name: str(path) for name, path in goes.items()} if self._keeps_checkpoints else {},
            "patience": _SENT,
        }
        self._going = self._start(job, f"Training in progress, step {step}")
        self._going.step, self._going.checkpoint = step, newest.name

    @property
    def _keeps_checkpoints(self) -> bool:
        return self._hub.hub_strategy in _WITH_CHECKPOINTS

    def _start(self, job: dict[str, Any], message: str = "") -> _Push:
        wanted = {**asdict(self._wanted), "include": (), "message": message}
        asked = {**job, "run": str(self._shop.run.path), "wanted": wanted, "identity": identity.current().as_record()}
        facts = {**environment(), **_QUIET}
        push = _Push(children.start("core.publishing.saves_child", facts), queue.SimpleQueue())
        threading.Thread(target=_converse, args=(push, json.dumps(asked) + "\n"), daemon=True).start()
        return push

    def _settle(self) -> None:
        """Take the answer of the push that is going on, if it has come."""
        if self._going is None or self._going.reply.empty():
            return
        push, self._going = self._going, None
        reply = push.reply.get()
        children.end(push.process)
        self._clear()
        if reply is None:
            title = said("The process that publishes ended before it was through.")
            reply = {"error": {"title": title, "advice": ""}}
        if "error" in reply:
            self._say_failure(push.step, restored(reply["error"]))
        else:
            self._sent.add(push.checkpoint)
            self._say_success(push.step)

    def _say_failure(self, step: int, error: dict[str, str]) -> None:
        if error["title"] == self._said:
            return  # said once is enough, however many saves it lasts
        self._said = error["title"]
        title = said("The model of step {step} could not be published: {reason}", step=step, reason=error["title"])
        again = said("It is tried again at the next save.")
        self._shop.notice(title, together(error["advice"], again), "warning")

    def _say_success(self, step: int) -> None:
        words = "published"
        if self._said != words:
            detail = _PICKLED if self._keeps_checkpoints else said("Each save that follows takes its place.")
            title = said("The model of step {step} is on the Hub: {repo}.", step=step, repo=self._wanted.repo)
            self._shop.notice(title, detail)
        self._said = words

    def _wait(self, goes_on: Callable[[], bool]) -> None:
        while self._going is not None and goes_on():
            time.sleep(0.1)
            self._settle()

    def _clear(self) -> None:
        shutil.rmtree(self._room, ignore_errors=True)

    # The end

    def _publish(self, goes_on: Callable[[], bool]) -> None:
        run, repo = self._shop.run, self._wanted.repo
        later = said("It is kept here. Publish it from the page of the run when you like.")
        try:
            PUBLICATIONS.begin(run, self._wanted)
        except StudioError as exc:
            title = said("The model was not published: {reason}", reason=exc.title)
            return self._shop.notice(title, together(exc.advice, later), "warning")
        while (now := PUBLICATIONS.of(run.id)) is not None and not now.is_over:
            if not goes_on():
                PUBLICATIONS.cancel(run.id)
                title = said("The model is not on the Hub yet: {repo}.", repo=repo)
                words = said("Publishing took longer than a run waits for it, or was broken off.")
                return self._shop.notice(title, together(words, later), "warning")
            time.sleep(0.1)
        if now is not None and now.result is not None:
            seen = said("Only you and those you invite see it." if now.result.private else "Everybody can see it.")
            return self._shop.notice(said("The model with its card is on the Hub: {page}", page=now.result.url), seen)
        reason, advice = (now.title, now.advice) if now else ("", "")
        title = said("The model was not published: {reason}", reason=reason)
        self._shop.notice(title, together(advice, later), "warning")

    def _longest_wait(self) -> float:
        folders = [self._shop.run.model_path]
        folders += checkpoints.all_of(self._shop.run.checkpoints_path) if self._keeps_checkpoints else []
        return LEAST_WAIT + sum(file.stat().st_size for folder in folders for file in folder.iterdir()) / BYTES_A_SECOND


def _converse(push: _Push, asked: str) -> None:
    """Ask, and wait for the answer, in a thread of its own: neither takes the time of the training."""
    assert push.process.stdin is not None and push.process.stdout is not None
    try:
        push.process.stdin.write(asked)
        push.process.stdin.flush()
        line = push.process.stdout.readline()
        push.reply.put(json.loads(line) if line else None)
    except (OSError, ValueError):  # it was ended
        push.reply.put(None)
