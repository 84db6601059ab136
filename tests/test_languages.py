"""The pages in several languages: which one a visitor gets, and that only the app's own words are translated."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from threading import Barrier, Thread
from types import SimpleNamespace
from typing import Any

import gradio as gr
import httpx
import pytest
from gradio.context import LocalContext

from core.people.quotas import Use
from core.studio import Studio
from ui import demo_words, languages, shell, translated, word_list, words
from ui.languages import LANGUAGES, speaking, tr, tr_many
from ui.limits_words import used
from ui.pages import PAGES

OTHERS = [code for code in LANGUAGES if code != "en"]
GAP = re.compile(r"\{(\w+)\}")


def scope(cookie: str = "", accepted: str = "", query: str = "", page: str = "", opens: bool = False) -> dict[str, Any]:
    """A request. ``page``: the address whose script, or whose link (it ``opens`` another page), asks."""
    headers = [(b"cookie", cookie.encode()), (b"accept-language", accepted.encode()), (b"referer", page.encode())]
    headers.append((b"accept", b"text/html" if opens else b"*/*"))
    return {"type": "http", "headers": headers, "query_string": query.encode()}


# --- Which language --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({}, "en"),
        ({"accepted": "en-US,en;q=0.9,de;q=0.8"}, "en"),
        ({"accepted": "de-CH, en;q=0.5"}, "de"),
        ({"accepted": "pt-BR, fr;q=0.4, es;q=0.7"}, "es"),
        ({"accepted": "zh-CN"}, "zh"),
        ({"accepted": "de;q=0, fr;q=x, nl"}, "en"),
        ({"accepted": "de", "cookie": "tunesmith_language=fr"}, "fr"),
        ({"accepted": "de", "cookie": "tunesmith_language=../../etc"}, "de"),
        ({"cookie": "tunesmith_language=fr", "query": "id=a&lang=es"}, "es"),
        ({"query": "lang=<b>", "cookie": "a=b; =;;"}, "en"),
        ({"cookie": "tunesmith_language=fr", "page": "http://a/run?id=b&lang=es#c"}, "es"),
        ({"cookie": "tunesmith_language=fr", "page": "http://a/?lang=es", "opens": True}, "fr"),
    ],
)
def test_the_address_goes_before_the_choice_and_that_before_the_browser(asked: dict[str, Any], code: str) -> None:
    assert languages.wanted(scope(**asked)).code == code


def test_what_is_said_and_counted_follows_the_language() -> None:
    with speaking(LANGUAGES["de"]):
        assert tr("Runs") == "Läufe"
        assert (words.count(1234.4), words.mark(0.9123), words.duration(0.42)) == ("1.234", "91,2\u00a0%", "0,4 s")
        assert words.size(1_100_000) == "1,1 MB"
    with speaking(LANGUAGES["es"]):
        assert (words.count(1234), words.count(12345)) == ("1234", "12.345")
    with speaking(LANGUAGES["fr"]):
        few = "And {count} older runs, which show when these are gone."
        assert "plus ancienne, qui" in tr_many(0, "", few)
        assert "1\u202f234 exécutions plus" in tr_many(1234, "", few)
        assert (words.size(1_100_000), words.size(12)) == ("1,1 Mo", "12 o")
    assert words.count(12752) == "12,752"


def test_what_has_no_translation_stays_english() -> None:
    with speaking(LANGUAGES["fr"]):
        assert tr("Never said by anybody: {what}", what="a {gap} of data") == "Never said by anybody: a {gap} of data"
        assert tr_many(1, "{count} odd thing", "{count} odd things") == "1 odd thing"


def test_visitors_at_the_same_time_do_not_mix() -> None:
    together, heard = Barrier(len(LANGUAGES)), {}

    def visit(code: str) -> None:
        with speaking(LANGUAGES[code]):
            together.wait(60)
            said = {tr("Runs") for _ in range(200)}
            heard[code] = said

    threads = [Thread(target=visit, args=(code,)) for code in LANGUAGES]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard == {code: {languages.catalogue(code).get("Runs", "Runs")} for code in LANGUAGES}


def test_an_event_speaks_the_language_of_whoever_caused_it() -> None:
    request = SimpleNamespace(scope={languages.NOTE: LANGUAGES["es"]})
    with speaking(LANGUAGES["de"]):  # the context of the queue is that of whoever came first
        before = LocalContext.request.set(gr.Request(request=request))  # type: ignore[arg-type]
        try:
            assert tr("Runs") == "Ejecuciones"
        finally:
            LocalContext.request.reset(before)


# --- Served ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TUNESMITH_HOME", str(tmp_path_factory.mktemp("spoken")))
        studio = Studio()
        demo = shell.build(studio, PAGES)
        served = shell.launch(demo, studio)
    yield served.rstrip("/")
    demo.close(verbose=False)
    studio.close()


def page_of(address: str, code: str, path: str = "/") -> str:
    return httpx.get(f"{address}{path}", headers={"Accept-Language": code}, timeout=60).text


def test_a_page_is_translated_before_it_is_sent(address: str) -> None:
    for code, runs in (("en", ">Runs<"), ("de", ">Läufe<"), ("zh", ">运行<")):
        page = page_of(address, code)
        config = page[page.index("window.gradio_config") :]
        assert f'<html lang="{LANGUAGES[code].tag}"' in page
        assert json.dumps(runs, ensure_ascii=False)[1:-1].replace("<", "\\u003c").replace(">", "\\u003e") in config
        assert ("Tunesmith wird geöffnet" in page) == (code == "de")
        json.loads(re.search(r"window\.gradio_config = (.*?);</script>", page, re.S)[1])  # type: ignore[index]


def test_a_text_with_gaps_in_a_component_is_said_when_the_page_goes_out() -> None:
    with gr.Blocks() as demo:
        gr.HTML(demo_words.banner() + demo_words.beforehand())
    page = f"<html><head></head>window.gradio_config = {json.dumps(demo.get_config_file(), default=str)};</script>"
    said = translated.translated(page.encode(), "de").decode()
    assert "Dies ist eine Demo: Ein Training dauert höchstens" in said and "Zeilen und" in said
    assert "data-said" not in said and "This is a demo" not in said and "{minutes}" not in said


def test_limits_are_said_in_the_language_of_whoever_has_them() -> None:
    use = Use("person_disk", 4.1e9, 20e9, "4.1", "20 GB", "4.1 of 20 GB of disk space", False)
    with speaking(LANGUAGES["de"]):
        assert used(use) == "4,1 von 20 GB Speicherplatz"
    assert used(use) == use.words


def test_scripts_get_the_words_that_they_say_and_no_others(address: str) -> None:
    told = httpx.get(f"{address}/tunesmith/words/de.json", timeout=60)
    assert told.json()["New run"] == "Neuer Lauf"
    assert told.json().keys() <= word_list.of_scripts()
    again = httpx.get(f"{address}/tunesmith/words/de.json", headers={"If-None-Match": told.headers["etag"]}, timeout=60)
    assert again.status_code == 304
    assert httpx.get(f"{address}/tunesmith/words/%2e%2e%2fde.json", timeout=60).status_code == 404


def test_a_translation_is_never_markup() -> None:
    sly = languages.in_html('<p title="Runs">Runs</p><b>Start</b>', lambda text: f"<i onload=x>{text}&\"'")
    assert "<i" not in sly and sly.count("&lt;i onload=x&gt;Runs&amp;&quot;&#x27;") == 2


# --- The words -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", OTHERS)
def test_every_translation_has_the_gaps_of_its_text_and_no_markup(code: str) -> None:
    for text, said in languages.catalogue(code).items():
        forms = [said] if isinstance(said, str) else list(said.values())
        for form in forms:
            assert form.strip(), text
            assert set(GAP.findall(form)) | ({"count"} if len(forms) > 1 else set()) == set(GAP.findall(text)), text
            assert not re.search(r"[<>&\"]", form), text


def test_the_parts_that_are_done_are_said_in_every_language() -> None:
    done = word_list.done()
    assert {"Runs", "Next: Columns", "Learning rate", "Text classification"} <= done
    lacking = {code: sorted(done - languages.catalogue(code).keys()) for code in OTHERS}
    assert lacking == {code: [] for code in OTHERS}, (
        "`python -m ui.word_list de` lists them; docs/languages.md says how"
    )


@pytest.mark.parametrize("code", OTHERS)
def test_no_language_says_what_nobody_says_any_more(code: str) -> None:
    assert word_list.unused(code) == []
