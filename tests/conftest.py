"""Every test has a home folder of its own, no network, and leaves no process behind."""

from __future__ import annotations

import gc
import ipaddress
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

# Read by libraries while they are imported, so they are set before anything else is.
os.environ.update(
    HF_HUB_OFFLINE="1",
    HF_DATASETS_OFFLINE="1",
    HF_HUB_DISABLE_TELEMETRY="1",
    GRADIO_ANALYTICS_ENABLED="False",
    TOKENIZERS_PARALLELISM="false",
    OMP_NUM_THREADS="1",
    # Workers take all cores. With others at work, threads that wait for each other would do so at full power.
    OMP_WAIT_POLICY="PASSIVE",
    TUNESMITH_SPARE="0",  # most tests would only warm it up; where it is of use, they take this back
    NO_PROXY="*",
)
for name in ("http_proxy", "https_proxy", "all_proxy", "HF_TOKEN", "HF_ENDPOINT", "TUNESMITH_HOME"):
    os.environ.pop(name, None)
    os.environ.pop(name.upper(), None)
# The processes that tests start compile our modules once, not each time.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

pytest_plugins = ["tests.browser", "tests.tiny_models", "tests.small_hub.fixtures"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long come first. Whole files are shared out in this order, so that what is made once for a file
    is made once, and the quick ones fill up the end.

    A browser shares its cores with trainings here, and may be later than a test foresees. A test that drives one may
    fail once and is then tried again; the summary names it (RERUN).
    """
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=1))
    long = {item.path for item in items if item.get_closest_marker("slow") or item.get_closest_marker("browser")}
    items.sort(key=lambda item: item.path not in long)


# --- Cheap searches for garbage --------------------------------------------------------------------------------------

_modules_when_frozen = 0


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Whole imports make no garbage worth looking for."""
    gc.disable()
    yield
    gc.enable()
    _freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """What libraries keep in memory is not searched for garbage again, as in a worker that has warmed up: each training
    has all objects searched where it begins and ends, which was most of the work of a tiny one.
    """
    if len(sys.modules) > _modules_when_frozen + 20:
        _freeze()


def _freeze() -> None:
    global _modules_when_frozen
    gc.freeze()
    _modules_when_frozen = len(sys.modules)


# --- A home of its own -----------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder that ``TUNESMITH_HOME`` names in this test. Processes started with it end with the test."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("TUNESMITH_HOME", str(folder))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "huggingface"))
    yield folder
    end_processes_of(folder)


@pytest.fixture(scope="session", autouse=True)
def _nothing_outlives_the_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    yield
    end_processes_of(tmp_path_factory.getbasetemp())


def end_processes_of(folder: Path) -> None:
    """End every process whose ``TUNESMITH_HOME`` is ``folder`` or inside it: workers outlive what started them."""
    for process in psutil.process_iter():
        try:
            named = process.environ().get("TUNESMITH_HOME") if process.pid != os.getpid() else None
            if named and Path(named).is_relative_to(folder):
                process.kill()
        except psutil.Error:
            continue


# --- No network ------------------------------------------------------------------------------------------------------


class NetworkUsed(RuntimeError):
    """A test asked for a host other than this machine."""


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[list[str]]:
    """Refuse every connection and look-up that leaves this machine, and keep a list of them."""
    refused: list[str] = []
    connect, connect_ex, look_up = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def check(host: object) -> None:
        if not _is_local(host):
            refused.append(str(host))
            raise NetworkUsed(f"This test asked for {host!r}: tests may only talk to this machine.")

    def guarded_connect(self: socket.socket, address: Any) -> None:
        check(address[0] if isinstance(address, tuple) else None)
        return connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        check(address[0] if isinstance(address, tuple) else None)
        return connect_ex(self, address)

    def guarded_look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
        check(host)
        return look_up(host, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
        patch.setattr(socket, "getaddrinfo", guarded_look_up)
        yield refused


@pytest.fixture(autouse=True)
def _asked_nothing_of_the_network(_no_network: list[str]) -> Iterator[None]:
    """A refusal that a library swallowed fails the test too."""
    _no_network.clear()
    yield
    asked = sorted(set(_no_network))
    _no_network.clear()
    assert not asked, f"something asked for other hosts: {', '.join(asked)}"


def _is_local(host: object) -> bool:
    """None and paths stand for Unix sockets and for "any address of this machine"."""
    if isinstance(host, bytes):
        host = host.decode("ascii", errors="replace")
    if host is None or not isinstance(host, str) or host in ("", "localhost", socket.gethostname()):
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
