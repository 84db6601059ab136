"""In which language a page speaks to its visitor, and its words in that language.

English stands in the code and is the key to everything else: ``assets/words/de.json`` says what becomes of it in
German. A text may have gaps with names, ``{count} rows``, which are filled after it was translated. What has no
translation stays English. Texts of data, models and people are never looked up: only what the code itself says is.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from gradio.context import LocalContext
from starlette.types import ASGIApp, Receive, Scope, Send

from core import home
from core.said import Figures, Part, Said, filled

WORDS = home.ASSETS / "words"
COOKIE, ASKED = "tunesmith_language", "lang"
"""Where a browser keeps what its reader chose, and how an address asks for a language."""
NOTE = "tunesmith.language"
"""Where a request carries the answer."""
_TEXT = re.compile(r">([^<>]+)<")
_ATTRIBUTE = re.compile(r'(\s(?:aria-label|title|placeholder|data-title|data-ask)=")([^"]*)(")')
_SIZE = re.compile(r"(\d [kMGT]?)B\b")
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.\d+")


@dataclass(frozen=True)
class Language:
    """How a language writes numbers and counts things. ``tag`` is what browsers and readers aloud call it."""

    code: str
    tag: str
    name: str
    """What it calls itself."""
    decimal: str = "."
    thousands: str = ","
    grouped_from: int = 4
    """Numbers of so many digits get their thousands marked."""
    byte: str = "B"
    """What stands for a byte in ``1.1 GB``."""
    between: str = " "
    """What stands between two sentences."""
    form: Callable[[int], str] = lambda number: "one" if number == 1 else "other"
    """Which of its plural forms goes with a number, as Unicode names them."""
    day: str = "%-d/%-m/%Y"
    """A date, as ``strftime`` writes it."""


ENGLISH = Language("en", "en", "English", day="%-d %B %Y")
LANGUAGES = {
    language.code: language
    for language in (
        ENGLISH,
        Language("de", "de", "Deutsch", ",", ".", day="%-d.%-m.%Y"),
        Language("es", "es", "Español", ",", ".", 5),
        Language(
            "fr", "fr", "Français", ",", "\u202f", byte="o", form=lambda number: "one" if number in (0, 1) else "other"
        ),
        Language("zh", "zh-CN", "中文", between="", form=lambda number: "other", day="%Y/%-m/%-d"),
    )
}
"""Every language there is. A new one is a file in ``assets/words`` and an entry here."""

_speaking: ContextVar[Language] = ContextVar("speaking", default=ENGLISH)


def current() -> Language:
    """The language of whoever is being served."""
    # An event of a page is handled in the context of the queue, which is that of whoever came first.
    request = LocalContext.request.get(None)
    scope = getattr(getattr(request, "request", None), "scope", None)
    return scope.get(NOTE, ENGLISH) if scope is not None else _speaking.get()


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Speak a language for a while. Threads that are started inside do not know of it."""
    before = _speaking.set(language)
    try:
        yield
    finally:
        _speaking.reset(before)


@lru_cache
def catalogue(code: str) -> Mapping[str, str | dict[str, str]]:
    """English text -> what it is in this language, by plural form where there are several. Empty for English."""
    path = WORDS / f"{code}.json"
    return json.loads(path.read_text(encoding="utf-8")) if code != ENGLISH.code else {}


def tr(text: str, /, **gaps: object) -> str:
    """A text of ours in the visitor's language. ``gaps`` fill what stands in braces in it; numbers are written as the
    language writes them.
    """
    language = current()
    return _told_part([text, gaps], language)


def tr_html(markup: str, /) -> str:
    """HTML of ours with the words in it said in the visitor's language; they stay words, whatever they become."""
    return in_html(markup, tr)


def tr_many(number: int, one: str, many: str, /, **gaps: object) -> str:
    """The same for a text that changes with a number; ``{count}`` stands for it. ``many`` is the key."""
    language = current()
    gaps = {"count": number, **gaps}
    return _told_part([many, gaps, number, one], language)


def told(text: str, /) -> str:
    """A sentence of the core in the visitor's language: English where it is no such sentence, or an old one."""
    language = current()
    if isinstance(text, Figures):
        return _written(text, language)
    if not isinstance(text, Said) or language is ENGLISH:
        return str(text)
    # What is not told whole stays English whole: two languages in a paragraph help nobody.
    return _told(text.parts, language) if _is_known(text.parts, catalogue(language.code)) else str(text)


def told_all(value: Any, /) -> Any:
    """Plain data with every sentence of the core in it told."""
    if current() is ENGLISH:
        return value
    match value:
        case Said() | Figures():
            return told(value)
        case dict():
            return {name: told_all(inner) for name, inner in value.items()}
        case list() | tuple():
            return [told_all(inner) for inner in value]
    return value


def written(figures: str) -> str:
    """Figures as the visitor's language writes them: ``1,234.5`` is ``1.234,5`` in German."""
    return _written(figures, current())


def in_html(markup: str, say: Callable[[str], str]) -> str:
    """HTML of ours with each of its texts given to ``say``, whose answers are text, never markup."""
    markup = _TEXT.sub(lambda found: ">" + _within(found[1], say) + "<", markup)
    return _ATTRIBUTE.sub(lambda found: found[1] + html.escape(say(html.unescape(found[2]))) + found[3], markup)


def _within(space: str, say: Callable[[str], str]) -> str:
    """A text between two tags; the blanks around it stay."""
    text = html.unescape(space.strip())
    said = say(text) if text else text
    return space if said == text else space.replace(space.strip(), html.escape(said))


def _filled(text: str, gaps: Mapping[str, Any], language: Language) -> str:
    def fill(value: Any) -> str:
        match value:
            case int() if not isinstance(value, bool):
                return _written(f"{value:,}", language)
            case {"figures": number}:
                return _written(number, language)
            case Said():
                return _told(value.parts, language) or str(value)
            case Figures():
                return _written(value, language)
            case {"said": parts}:
                return _told(parts, language)
        return str(value)

    return filled(text, gaps, fill)


def _is_known(parts: Sequence[Part], words: Mapping[str, Any]) -> bool:
    for part in parts:
        match part:
            case str():
                return False
            case [text, gaps, *_]:
                inner = [value["said"] for value in gaps.values() if isinstance(value, dict) and "said" in value]
                if text not in words or not all(_is_known(one, words) for one in inner):
                    return False
    return True


def _told(parts: Sequence[Part], language: Language) -> str:
    return language.between.join(_told_part(part, language) for part in parts)


def _told_part(part: Part, language: Language) -> str:
    words = catalogue(language.code)
    match part:
        case [text, gaps]:
            found = words.get(text, text)
            return _filled(found if isinstance(found, str) else found["other"], gaps, language)
        case [many, gaps, number, one]:
            forms = words.get(many)
            if forms is None:
                return _filled(one if number == 1 else many, gaps, ENGLISH)
            found = forms if isinstance(forms, str) else forms.get(language.form(number), forms["other"])
            return _filled(found, gaps, language)
    return str(part)


def _written(figures: str, language: Language) -> str:
    if language.decimal == "." and language.thousands == ",":
        return figures

    def write(number: re.Match[str]) -> str:
        whole, _, rest = number[0].partition(".")
        digits = whole.replace(",", "")
        groups = whole.replace(",", language.thousands if len(digits) >= language.grouped_from else "")
        return groups + (language.decimal + rest if rest else "")

    return _NUMBER.sub(write, _SIZE.sub(rf"\1{language.byte}", figures))


class Speaking:
    """Notes on every request which language its visitor reads, and speaks it meanwhile: the one that the address asks
    for, else the one that the visitor chose, else the first that their browser asks for and that there is.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope[NOTE] = wanted(scope)
        with speaking(scope[NOTE]):
            await self.app(scope, receive, send)


def wanted(scope: Scope) -> Language:
    """The language that a request asks for; English where it asks for none that there is."""
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    asked = _asked(scope.get("query_string", b"").decode("latin-1")) or _behind(headers)
    for code in (asked, _chosen(headers.get(b"cookie", "")), *preferred(headers.get(b"accept-language", ""))):
        if code in LANGUAGES:
            return LANGUAGES[code]
    return ENGLISH


def _asked(query: str) -> str:
    return parse_qs(query).get(ASKED, [""])[-1]


def _behind(headers: Mapping[bytes, str]) -> str:
    """What the address of the page asks for whose script asks now; empty where somebody opens another page."""
    if "text/html" in headers.get(b"accept", ""):
        return ""
    return _asked(headers.get(b"referer", "").partition("?")[2].partition("#")[0])


def preferred(header: str) -> list[str]:
    """The languages in an ``Accept-Language`` header, the best first: ``de-CH, en;q=0.8`` is ``[de, en]``."""
    ranked: list[tuple[float, str]] = []
    for part in header.split(",")[:20]:
        name, _, weight = part.partition(";")
        try:
            rank = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        if rank > 0:
            ranked.append((-rank, name.strip().partition("-")[0].lower()))
    return [name for _, name in sorted(ranked, key=lambda one: one[0])]


def _chosen(cookies: str) -> str:
    try:
        found: Any = SimpleCookie(cookies).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found is not None else ""
