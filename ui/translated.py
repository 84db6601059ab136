"""What Gradio builds once for all, said to each visitor in their language.

The words of components are fixed when the app is built; ``gr.I18n`` can change some of them in the browser, by the
browser's language alone, but neither choices nor HTML nor what the reader chose. So they are translated on their way
out, where the page carries them: at that time all of them are the code's own, no data has been seen yet. Gradio's own
words ("Drop file here") follow by what its script asks the browser for.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from ui.languages import ENGLISH, LANGUAGES, catalogue, in_html, speaking, tr, written

_CONFIG = b"window.gradio_config = "
_SPOKEN = ("label", "info", "placeholder", "title", "description", "submit_btn", "stop_btn")
"""Properties of components that are words wherever they occur."""
_WORDY = ("button", "downloadbutton", "uploadbutton", "html", "markdown")
"""Components whose value is words of ours when they are built."""
GAPPED = re.compile(r'<span data-said="([^"]*)">[^<]*</span>')


def gapped(text: str, /, **gaps: str) -> str:
    """A text with gaps for the HTML of a component: in English for now, and in each visitor's language on its way."""
    told = html.escape(json.dumps([text, gaps]))
    return f'<span data-said="{told}">{html.escape(text.format(**gaps))}</span>'


def _filled(found: re.Match[str]) -> str:
    text, gaps = json.loads(html.unescape(found[1]))
    return f"<span>{html.escape(tr(text, **{name: written(value) for name, value in gaps.items()}))}</span>"


def translated(page: bytes, code: str) -> bytes:
    """One of Gradio's pages in a language."""
    language = LANGUAGES[code]
    told = (
        f'<html lang="{language.tag}" data-language="{code}"',
        # Gradio's own words, and what it calls the page's language, go by what the browser says of itself.
        f"<script>Object.defineProperty(navigator, 'language', {{ get: () => '{language.tag}' }});</script>",
    )
    page = re.sub(rb'<html(\s+lang="[^"]*")?', told[0].encode(), page, count=1)
    page = page.replace(b"<head>", b"<head>" + told[1].encode(), 1)
    begin = page.find(_CONFIG)
    if code == ENGLISH.code or begin < 0:
        return page
    begin += len(_CONFIG)
    end = page.index(b";</script>", begin)
    return page[:begin] + _config(page[begin:end], code) + page[end:]


@lru_cache(maxsize=48)
def _config(text: bytes, code: str) -> bytes:
    config = json.loads(text)
    words = catalogue(code)

    def say(text: str) -> str:
        found = words.get(text)
        return found if isinstance(found, str) else text

    with speaking(LANGUAGES[code]):
        for component in config.get("components", ()):
            for place, key in spoken(component):
                is_html = component["type"] == "html"
                place[key] = in_html(GAPPED.sub(_filled, place[key]), say) if is_html else say(place[key])
    told = json.dumps(config, ensure_ascii=False, separators=(",", ":"))
    # Inside of a script: no text may end it.
    for sign in "<>&'":
        told = told.replace(sign, f"\\u{ord(sign):04x}")
    return told.encode()


def spoken(component: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    """Where a component of a page's config has words: pairs of a container and the key in it."""
    props = component.get("props", {})
    for name in (*_SPOKEN, *(("value",) if component["type"] in _WORDY else ())):
        if isinstance(props.get(name), str) and props[name]:
            yield props, name
    for choice in props.get("choices") or ():
        if isinstance(choice, list) and choice and isinstance(choice[0], str):
            yield choice, 0
