"""Starts Tunesmith in the browser.

Run as:
    python app.py
    python app.py --port 8000 --home ~/tunesmith
    python app.py --allow bin --allow remote-code
    python app.py --mode team --people people.txt --host 0.0.0.0
    python app.py --mode demo --show 2026-11-22-brave-otter --host 0.0.0.0
"""

from __future__ import annotations

import argparse
import errno
import gc
import os
import signal
import socket
import threading
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, get_args

from core import space, variables
from core.ceilings import CEILINGS, set_limits, take_those_of_a_demo
from core.errors import ConfigError
from core.machine import DEVICES
from core.people.types import Mode
from core.permissions import Permission, allow

if TYPE_CHECKING:
    from core.studio import Studio
    from ui.people.entry import Entry


def parser() -> argparse.ArgumentParser:
    """The flags. Without any, only this machine can reach the app."""
    flags = argparse.ArgumentParser(
        prog="app.py",
        description="Tunesmith: fine-tune a model in the browser.",
        epilog="Each flag can be given as a variable too: --allowed-host as TUNESMITH_ALLOWED_HOST, several by commas.",
    )
    flags.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    flags.add_argument("--port", type=_port, default=7860, help="port to listen on (default: 7860)")
    flags.add_argument("--home", help="folder of runs and caches (default: $TUNESMITH_HOME, or the user's data folder)")
    flags.add_argument(
        "--allowed-host",
        action="append",
        default=[],
        metavar="NAME",
        help="another name under which a proxy shows the app",
    )
    flags.add_argument(
        "--allow",
        action="append",
        default=[],
        choices=get_args(Permission),
        help="let models be read that can hide code in their weights (bin), or that bring a program which is then run "
        "on this machine (remote-code), only for authors whom you trust; let runs end with a command of their settings "
        "(command), or tell web addresses of this machine's own network (inside), only where you trust all who can "
        "reach the app",
    )
    flags.add_argument(
        "--limit",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help=f"how much is taken at the most, such as rows=80000000 or upload=8GB; there are: {', '.join(CEILINGS)}",
    )
    flags.add_argument(
        "--devices",
        type=_devices,
        metavar="NUMBER",
        help="how many runs go side by side: so many of the GPUs, or parts of the processor where there is none "
        "(default: every GPU that may be used, or one)",
    )
    flags.add_argument(
        "--mcp",
        action="store_true",
        help="let assistants that speak MCP start, follow and ask models too, in a team with somebody's token "
        "(needs: pip install 'tunesmith[mcp]')",
    )
    flags.add_argument(
        "--mode",
        choices=get_args(Mode),
        help="local: one person in front of their own machine (default); team: people sign in, and each has runs and "
        "files of their own (default on a Space); demo: anybody may try the runs that are shown and train something "
        "tiny, which is removed after an hour",
    )
    flags.add_argument(
        "--show",
        action="append",
        default=[],
        metavar="RUN",
        help="with --mode demo: a finished run that visitors may read and try, by its id or its folder; or a folder of "
        "such runs; may be given several times",
    )
    flags.add_argument(
        "--people",
        type=Path,
        metavar="FILE",
        help="with --mode team: who may sign in with a password, one line a person, made by "
        "python -m core.cli people add NAME --people FILE (on a Space, the Hub's login serves as well)",
    )
    variables.take(flags)
    return flags


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until interrupted. Training that goes on is not touched by the end of the app."""
    options = parser().parse_args(argv)
    if options.home:
        os.environ["TUNESMITH_HOME"] = options.home
    if options.devices:
        os.environ[DEVICES] = str(options.devices)
    allow(*options.allow)
    try:
        set_limits(options.limit)
        mode = space.mode(options.mode)
        if mode == "demo":
            take_those_of_a_demo()
    except ConfigError as exc:
        print(exc)
        return 2
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

    from core import home
    from core.errors import StudioError

    space.settle()
    try:
        home.need_writable()
        entry = _entry(mode, options.people)
        _need_fitting(options, mode)
    except StudioError as exc:
        print(exc)
        return 1
    # Imports make no garbage worth looking for, and looking takes a sixth of their time; what they have made is never
    # looked at again, which would hold up whoever is waiting for an answer then.
    gc.disable()
    from core.hub.identity import NOBODY, unless_named
    from core.people.types import NOBODY as PLACE_OF_NOBODY

    if options.mcp and not find_spec("mcp"):
        print("The package that speaks MCP is not installed. Install it with: pip install 'mcp>=1.21,<2'")
        return 1
    from ui import shell
    from ui.pages import PAGES, PAGES_OF_A_DEMO

    is_demo = mode == "demo"
    if entry:
        home.unless_lived_in((home.of_visitor if is_demo else home.of_person)(PLACE_OF_NOBODY))
    unless_named(NOBODY)  # whoever a page forgets to name must not ask with this machine's token
    studio = _studio(is_demo).open()
    demo = shell.build(studio, PAGES_OF_A_DEMO if is_demo else PAGES, mode)
    try:
        address = shell.launch(demo, studio, options.host, options.port, options.allowed_host, options.mcp, entry)
    except OSError as exc:
        studio.close()
        print(why_not(options.host, options.port, exc))
        return 1
    gc.enable()
    gc.freeze()
    print(f"Tunesmith is ready: {address}", flush=True)
    _wait_for_the_end()
    demo.close(verbose=False)
    studio.close()
    return 0


def _entry(mode: Mode, listed: Path | None) -> Entry | None:
    """How people come in, where several use the app. Raises ``ConfigError`` where nobody could."""
    from core.errors import ConfigError
    from core.people.listed import People

    if mode == "local":
        return None
    from ui.people.entry import Entry, needs_people

    people = People(listed.expanduser()) if listed else None
    if people is not None:
        people.entries()
    if needs_people(mode, people):
        raise ConfigError(
            "Nobody could sign in: --mode team needs --people FILE.",
            "Make the file with: python -m core.cli people add NAME --people FILE",
        )
    return Entry(mode, people)


def _need_fitting(options: argparse.Namespace, mode: Mode) -> None:
    """Raise ``ConfigError`` for flags that do not go with the mode; show the runs that visitors of a demo may try."""
    if mode != "demo":
        if options.show:
            raise ConfigError("--show is for visitors of a demo.", "Add --mode demo, or leave it out.")
        return
    if options.people or options.allow or options.mcp:
        flag = "--people" if options.people else "--allow" if options.allow else "--mcp"
        raise ConfigError(f"In a demo there is no {flag}: anybody may come in, and may do little.", "Leave it out.")
    from core.demo import shown

    shown.show(options.show)


def _studio(is_demo: bool) -> Studio:
    """The one door, in a demo with most of it closed."""
    from core.demo.studio import DemoStudio
    from core.studio import Studio

    return DemoStudio() if is_demo else Studio()


def why_not(host: str, port: int, exc: OSError) -> str:
    """Why the app cannot listen, and what to do. The server that tried says only that it could not, so we try it."""
    try:
        with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
            pass
    except OSError as found:
        exc = found
    match exc.errno:
        case errno.EADDRINUSE:
            return f"Port {port} is taken. Close the other program, or start with --port {port + 1}."
        case errno.EACCES:
            return f"Port {port} may not be opened by this user. Choose one above 1023, such as --port 7860."
        case errno.EADDRNOTAVAIL | socket.EAI_NONAME | socket.EAI_AGAIN:
            return f"This machine has no address {host}. Leave --host away, or give one of its own addresses."
    return f"The app could not start: {exc}"


def _port(text: str) -> int:
    if text.isdecimal() and 0 < int(text) < 65536:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text} is no port: choose a number from 1 to 65535")


def _devices(text: str) -> int:
    if text.isdecimal() and int(text) > 0:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text} is no number of devices: choose one from 1 up")


def _wait_for_the_end() -> None:
    ended = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        ended.set()

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)
    while not ended.wait(3600):
        pass


if __name__ == "__main__":
    raise SystemExit(main())
