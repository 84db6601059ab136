"""Rented machines of the Hub on the command line: what they cost, agreeing to it, how the machine of a run stands."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

from core.errors import RunError
from core.figures import dollars, duration

if TYPE_CHECKING:
    from core.config import RunConfig
    from core.studio import Studio


def add(command: Callable[..., ArgumentParser]) -> None:
    """The commands; ``command(name, function, words)`` makes one."""
    command("hardware", hardware, "The machines that the Hub rents out, with what they cost.")
    sub = command("job", job, "How the rented machine of a run stands, as the Hub last said, and what it has cost.")
    sub.add_argument("run")
    asked = sub.add_mutually_exclusive_group()
    asked.add_argument("--follow", action="store_true", help="follow it as whoever is logged in on this machine")
    asked.add_argument(
        "--let-go", action="store_true", help="take it for over: you have looked on the Hub that the machine is gone"
    )
    asked.add_argument(
        "--delete-repository", action="store_true", help="delete the private repository that went with it, for good"
    )


def add_agreeing(parser: ArgumentParser) -> None:
    """To the command that starts a run."""
    words = "agree to what a rented machine costs at the most, without being asked"
    parser.add_argument("--yes", action="store_true", help=words)


def agreed(studio: Studio, config: RunConfig, options: Namespace) -> float | None:
    """What whoever gave the command agrees to pay; None for a run that costs nothing. Raises ``RunError`` on a no."""
    offer = studio.offer(config)
    if offer is None:
        return None
    said = sys.stderr if options.json else sys.stdout
    print(f"{offer.in_words()} {offer.remark}".rstrip(), file=said)
    goes = "; ".join(words.format(name=name) for words, name in offer.goes_along)
    print(f"To the Hub goes, into a private repository: {goes}.", file=said)
    if options.yes:
        return offer.most
    if not sys.stdin.isatty():
        raise RunError("Nobody has agreed to what this run costs.", f"Add --yes to agree to {dollars(offer.most)}.")
    print(f"Type yes to agree to at most {dollars(offer.most)}: ", end="", file=said, flush=True)
    if sys.stdin.readline().strip().lower() != "yes":
        raise RunError("Nothing was sent, and nothing was rented.", "Give the command again to be asked again.")
    return offer.most


def hardware(studio: Studio, options: Namespace) -> int:
    """The price list."""
    machines = studio.hardware()
    if options.json:
        print(json.dumps([asdict(machine) for machine in machines]))
        return 0
    for machine in machines:
        print(f"{machine.name:18} {machine.in_words()}")
    print("\nTo train on one of them: python -m core.cli train run.yaml --set job.hardware=NAME")
    return 0


def job(studio: Studio, options: Namespace) -> int:
    """How the machine of one run stands, after what was asked of it."""
    from core.following import follow

    if options.let_go:
        studio.let_go(options.run)
    if options.delete_repository:
        studio.delete_job_repository(options.run)
    if options.follow:
        since = studio.live(options.run)["cursor"]
        studio.follow_as_me(options.run)
        studio.open(only=options.run)
        return follow(studio, options.run, since=since, as_json=options.json)
    told = studio.rented(options.run)
    if told is None:
        raise RunError("No machine was rented for this run.", "It computes on this machine, or it waits still.")
    if options.json:
        print(json.dumps(told))
        return 0
    print(f"{told['machine']} ({told['hardware']}), paid by {told['namespace']}: {told['url'] or 'not rented yet'}")
    if told["open"] and (told["trouble"] or not told["followed"]):
        why = told["trouble"] or "Nobody follows it: the token it was started with is gone."
        print(f"How it stands is not known. {why}\nThe machine may still be running and costing.")
    elif told["open"]:
        print(f"The Hub says: {told['stage'] or 'nothing yet'}. {told['doing']}".rstrip())
    else:
        print(f"It is gone ({told['stage'] or 'it was never rented'}).")
    print(f"So far {duration(told['seconds'])}, about {dollars(told['cost'])}; at most {dollars(told['most'])}.")
    if told["repo"]:
        print(f"Private repository: {told['repo']}")
    return 0
