"""What the server refuses: foreign pages and names, files that are nobody's business, too much, and too slow."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import pytest
from starlette.datastructures import Headers

from core import ceilings, home
from core.studio import Studio
from tests.making import run_with, started
from tests.test_notifying import wait_until
from ui import shell
from ui.bodies import Bodies, names_a_file_on_the_web
from ui.headers import policy
from ui.origins import Names, is_foreign
from ui.page import Page
from ui.pages import PAGES

EVIL = "http://evil.example"
READ = ("/", "/config", "/api/v1/runs", "/gradio_api/queue/data?session_hash=x", "/tunesmith/shell.js")
CHANGE = ("queue/join", "upload", "run/predict", "call/any", "cancel", "component_server", "reset", "stream/x")
MOST_PAGES = 12
SLOW = threading.Event()
CLIENT = httpx.Client(timeout=60)
"""One for all: each of its own reads the certificates of the web anew."""


def slow(file: Any) -> str:
    SLOW.wait(60)
    return str(file)


def build_page(studio: Studio) -> None:
    """One event that takes a file and waits."""
    shown = gr.Textbox()
    Page.on(gr.Button().click, slow, gr.File(), shown)
    Page.on(gr.Button().click, echo, gr.File(), gr.File())


def echo(file: Any) -> Any:
    return file


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Any]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TUNESMITH_HOME", str(tmp_path_factory.mktemp("served")))
        patch.setenv(ceilings.VARIABLE, f"pages={MOST_PAGES}")
        patch.setattr("ui.bodies.IDLE_SECONDS", 1.0)
        studio = Studio()
        demo = shell.build(studio, [*PAGES, Page("Slow", "slow", build_page)])
        url = shell.launch(demo, studio)
        yield url.rstrip("/"), demo
        SLOW.set()
        demo.close(verbose=False)
        studio.close()


@pytest.fixture
def address(served: tuple[str, Any]) -> str:
    return served[0]


@pytest.fixture
def kept_pages(served: tuple[str, Any]) -> Any:
    """What the server remembers of open pages."""
    return served[1].app.state_holder.session_data


def ask(address: str, path: str, method: str = "GET", **more: Any) -> httpx.Response:
    return CLIENT.request(method, f"{address}{path}", **more)


def event_of(address: str, handler: str) -> int:
    """The number under which Gradio knows an event of ``build_page``."""
    config = ask(address, "/config").json()
    return next(one["id"] for one in config["dependencies"] if one["api_name"] == handler)


# --- Pages of other sites, and foreign names -------------------------------------------------------------------------


def test_a_page_of_another_site_can_neither_change_nor_read(address: str) -> None:
    for path in CHANGE:
        for header in ({"Origin": EVIL}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
            answer = ask(address, f"/gradio_api/{path}", "POST", json={}, headers=header)
            assert answer.status_code == 403 and "another site" in answer.json()["title"], (path, header)
    assert ask(address, "/api/v1/runs", "DELETE", headers={"Sec-Fetch-Site": "same-site"}).status_code == 403
    for path in READ:
        answer = ask(address, path, headers={"Origin": EVIL})
        assert answer.status_code == 403 and "access-control-allow-origin" not in answer.headers, path
    own = {"Origin": address, "Sec-Fetch-Site": "same-origin"}
    assert ask(address, "/gradio_api/queue/join", "POST", json={}, headers=own).status_code == 422
    assert ask(address, "/", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200, "a link from elsewhere"
    assert ask(address, "/gradio_api/reset", "POST", json={"event_id": "x"}).status_code == 200, "a program"


@pytest.mark.parametrize(
    "name", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "", "169.254.1.1"]
)
def test_a_foreign_name_is_not_answered_on_loopback(address: str, name: str) -> None:
    port = address.rpartition(":")[2]
    for path in READ[:3]:
        assert ask(address, path, headers={"Host": f"{name}:{port}"}).status_code == 400
    answer = ask(address, "/gradio_api/upload", "POST", headers={"Host": name, "Origin": f"http://{name}"})
    assert answer.status_code == 400 and "--allowed-host" in answer.json()["advice"]


def test_names_where_the_app_listens_to_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    names = Names("0.0.0.0", ["Studio.example"])
    known = ["10.1.2.3", "::1", "fe80::1", "localhost", "gpu-box", "studio.example", socket.gethostname().lower()]
    assert [name for name in known if not names.knows(name)] == []
    assert [name for name in ("evil.example", "", "1.2.3.4.evil.example") if names.knows(name)] == []
    assert not Names("127.0.0.1").knows("gpu-box")
    monkeypatch.setenv("SYSTEM", "spaces")
    assert Names("0.0.0.0").knows("owner-name.hf.space")


def test_a_proxy_that_shows_the_app_under_its_own_name_is_known() -> None:
    def foreign(**headers: str) -> bool:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        return is_foreign(Headers(told), changes=True, given=frozenset({"studio.example"}))

    assert not foreign(host="127.0.0.1:7860", origin="https://studio.example:8443")
    assert not foreign(host="127.0.0.1:7860", x_forwarded_host="other.example", origin="https://other.example")
    assert not foreign(host="box:80", origin="http://box") and foreign(host="box:81", origin="http://box")
    assert foreign(host="localhost:7860", origin="http://localhost:3000"), "another program's page on this machine"
    assert foreign(host="a.example", origin="file://") and foreign(host="a.example", origin="http://[bad")


# --- What browsers are told ------------------------------------------------------------------------------------------


def test_every_answer_tells_the_browser_what_to_forbid(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in (*READ[:3], "/api/v1/runs/none", "/no/such/page"):
        told = ask(address, path).headers
        assert told["x-content-type-options"] == "nosniff" and told["x-frame-options"] == "SAMEORIGIN", path
        assert told["referrer-policy"] == "same-origin"
        for part in ("object-src 'none'", "base-uri 'self'", "frame-ancestors 'self'", "form-action 'self'"):
            assert part in told["content-security-policy"].split("; "), path
    assert "https:" not in policy(is_space=False)
    assert "frame-ancestors 'self' https://huggingface.co https://*.hf.space" in policy(is_space=True)


# --- Files -----------------------------------------------------------------------------------------------------------


def uploaded(address: str, name: str, content: bytes) -> str:
    answer = ask(address, "/gradio_api/upload", "POST", files={"files": (name, content)})
    assert answer.status_code == 200, answer.text
    return str(answer.json()[0])


def test_no_file_of_the_machine_is_served(address: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret", encoding="utf-8")
    link = Path(uploaded(address, "link.txt", b"x")).with_name("leading-out.txt")
    link.symlink_to(secret)
    kept = run_with(started()).path / "config.yaml"
    tried = [secret, kept, "/etc/passwd", "app.py", "../../etc/passwd", "..%2F..%2Fetc%2Fpasswd", link, home.home()]
    for path in (*tried, "file:///etc/passwd", "\\\\host\\share"):
        for route in ("file=", "file/", "custom_component/x/client/component/"):
            answer = ask(address, f"/gradio_api/{route}{path}")
            assert answer.status_code in (400, 403, 404) and "root:" not in answer.text, (route, path)
    for path in ("/static/..%2F..%2Fpackage.json", "/tunesmith/..%2F..%2Fheads.json", "/assets/..%2Findex.html"):
        assert ask(address, path).status_code in (400, 403, 404), path


def test_a_file_that_somebody_brought_is_never_shown_as_a_page(address: str) -> None:
    for name in ("page.html", "picture.svg", "program.js"):
        place = uploaded(address, name, b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
        answer = ask(address, f"/gradio_api/file={place}")
        assert answer.headers["content-disposition"].startswith("attachment") and answer.status_code == 200
        below = ask(address, f"/below/gradio_api/file={place}")  # as a proxy leaves its prefix on
        assert {one.headers["content-security-policy"].rpartition(" ")[2] for one in (answer, below)} == {"sandbox"}


@pytest.mark.parametrize("name", ["../../out.csv", "..\\out.csv", "/etc/out.csv", "a\x00b.csv", "x" * 300 + ".csv"])
def test_the_name_of_an_upload_leads_nowhere(address: str, name: str) -> None:
    form = f'--x\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\na,b\r\n--x--\r\n'
    answer = ask(
        address,
        "/gradio_api/upload",
        "POST",
        content=form.encode(),
        headers={"Content-Type": "multipart/form-data; boundary=x"},
    )
    if answer.status_code == 200:
        place = Path(answer.json()[0])
        assert place.resolve().is_relative_to(Path(uploaded(address, "a", b"a")).resolve().parents[1])
        assert "/" not in place.name and len(place.name) <= 255
    else:
        assert answer.status_code in (400, 422, 500)


@pytest.mark.parametrize("path", ["/etc/passwd", "app.py", "http://169.254.169.254/latest", "https://127.0.0.1/x"])
def test_an_event_takes_no_file_that_was_not_uploaded(address: str, path: str) -> None:
    forged = {"path": path, "meta": {"_type": "gradio.FileData"}, "orig_name": "a.csv"}
    body = {"data": [forged], "fn_index": event_of(address, "echo"), "session_hash": f"forged{abs(hash(path))}"}
    joined = ask(address, "/gradio_api/queue/join", "POST", json=body)
    if path.startswith("http"):
        assert joined.status_code == 403 and "uploaded first" in joined.json()["title"]
        assert names_a_file_on_the_web(json.dumps(body).replace("http", "\\u0068ttp").encode())
        return
    told = ask(address, f"/gradio_api/queue/data?session_hash={body['session_hash']}").text
    assert '"success":false' in told and "root:" not in told


@pytest.mark.parametrize("route", ["file=", "file/", "proxy=", "file=%20"])
def test_the_app_fetches_nothing_for_a_visitor(address: str, route: str) -> None:
    answer = ask(address, f"/gradio_api/{route}http://example.com/x")
    assert answer.status_code == 403 and "fetches nothing" in answer.json()["title"]


# --- Too much, and too slow ------------------------------------------------------------------------------------------


def test_too_much_is_refused_with_the_limit_and_what_to_do(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ceilings.VARIABLE, "upload=2MB,request=1MB")
    told = ask(address, "/gradio_api/upload", "POST", files={"files": ("a.csv", b"x" * 3_100_000)})
    assert told.status_code == 413 and "larger than 2 MB" in told.json()["title"]
    assert "--limit upload" in told.json()["advice"]
    for path in ("/gradio_api/queue/join", "/gradio_api/component_server", "/api/v1/runs"):
        long = {"data": ["x" * 1_100_000], "fn_index": 0, "session_hash": "long"}
        assert ask(address, path, "POST", json=long).status_code == 413

    def trickle() -> Iterator[bytes]:
        yield from (b"[" * 100_000 for _ in range(12))

    unsaid = ask(address, "/gradio_api/queue/join", "POST", content=trickle())
    assert unsaid.status_code == 413, "its length was not told beforehand"
    monkeypatch.setenv(ceilings.VARIABLE, "disk=900TB")
    full = ask(address, "/gradio_api/upload", "POST", files={"files": ("a.csv", b"a,b")})
    assert full.status_code == 507 and "free" in full.json()["title"] and "trash" in full.json()["advice"]


def test_deep_json_is_answered(address: str) -> None:
    for body in (b"[" * 100_000, b'{"a":' * 50_000, b'{"data":' + b"[" * 50_000 + b"]" * 50_000 + b"}"):
        answer = ask(
            address, "/gradio_api/queue/join", "POST", content=body, headers={"Content-Type": "application/json"}
        )
        assert 400 <= answer.status_code < 500
    assert ask(address, "/api/v1/runs").status_code == 200


def test_a_client_that_stands_still_is_sent_away(address: str) -> None:
    host, port = address.removeprefix("http://").split(":")
    head = f"POST /gradio_api/queue/join HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1000\r\n\r\n"
    with ExitStack() as open_ones:
        slow_ones = [open_ones.enter_context(socket.create_connection((host, int(port)))) for _ in range(20)]
        for one in slow_ones:
            one.sendall(head.encode() + b"a")
        assert ask(address, "/api/v1/runs").status_code == 200, "others are answered meanwhile"
        for one in slow_ones:
            one.settimeout(60)
            assert b" 408 " in one.recv(4096)


def test_many_requests_are_answered_and_the_queue_has_an_end(address: str) -> None:
    SLOW.clear()
    body = {"data": [None], "fn_index": event_of(address, "slow"), "session_hash": "one"}
    try:
        answers = [ask(address, "/gradio_api/queue/join", "POST", json=body).status_code for _ in range(100)]
        assert set(answers) == {200, 503} and answers.count(200) <= 64 + 10
        assert {ask(address, "/api/v1/runs/none").status_code for _ in range(300)} == {404}
    finally:
        SLOW.set()


def test_pages_that_nobody_looks_at_are_forgotten(address: str, kept_pages: Any) -> None:
    body = {"data": [None], "fn_index": event_of(address, "echo")}
    for number in range(MOST_PAGES + 8):
        ask(address, "/gradio_api/queue/join", "POST", json={**body, "session_hash": f"page{number}"})
        wait_until(lambda number=number: f"page{number}" in kept_pages)  # type: ignore[misc]
    wait_until(lambda: len(kept_pages) <= MOST_PAGES + 1)


def test_bodies_are_waited_for_only_so_long() -> None:
    assert Bodies(app=None).idle_seconds <= 60  # type: ignore[arg-type]
