"""Every page in its reader's language: Django's own words too, which its Vietnamese does not all know."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import django
import polib
import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client

from onestop.partners.scopes import ApiScope

from .browser.clock import TODAY
from .browser.pages import PAGES
from .browser.things import STAFF, person
from .forbidden_words import forbidden
from .test_every_page import grow
from .test_translations import LANGUAGES, Texts, is_vietnamese, kept_texts

pytestmark = pytest.mark.django_db

# Written into templates of Django's, past any catalogue; `admin.js` says them in words.
NAMED_BY_SCRIPT = frozenset({"Search", "True", "False", "None"})
COMMAND = re.compile(r"<code[^>]*>[^<]*manage\.py[^<]*</code>|<pre[^>]*>[^<]*manage\.py[^<]*</pre>")
FORMATTED = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\}")


@pytest.fixture
def shown() -> dict[str, dict[str, str]]:
    """By language and page, what the first who sees it gets."""
    with time_machine.travel(TODAY):
        call_command("load_demo", dossiers=0, verbosity=0)
        grow(1)
        opened = [(page, page.address_for(person(page.who[0]) if page.who[0] else None)) for page in PAGES]
        found: dict[str, dict[str, str]] = {}
        for language in ("vi", "en"):
            clients = {who: _reader(who, language) for who in ("", *STAFF)}
            answers = ((page.name, clients[page.who[0]].get(address)) for page, address in opened)
            found[language] = {name: answer.content.decode() for name, answer in answers}
    return found


def _reader(who: str, language: str) -> Client:
    client = Client()
    if who:
        client.force_login(person(who), "django.contrib.auth.backends.ModelBackend")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    return client


def test_every_page_is_in_its_reader_s_language_and_in_words_of_an_office(shown: dict[str, dict[str, str]]) -> None:
    faults = [*_in_english(shown["vi"]), *_in_vietnamese(shown["en"]), *_no_words_of_an_office(shown)]
    assert "\n".join(faults) == ""


def _in_english(pages: dict[str, str]) -> Iterator[str]:
    """What a page in Vietnamese, of which some parts say that they are not, says in English."""
    lacking = [re.compile(_pattern(words)) for words in _untranslated()]
    for name, page in pages.items():
        for text in map(_on_one_line, Texts(page, declared=True).texts):
            if text not in NAMED_BY_SCRIPT and any(words.fullmatch(text) for words in lacking):
                yield f"{name}: {text}"


def _in_vietnamese(pages: dict[str, str]) -> Iterator[str]:
    """What a page in English says in Vietnamese: the guide is in Vietnamese and says so."""
    # Groups are Django's, and known by name; a paper's name is cut short in the labels of its boxes.
    kept = [*kept_texts(), *Group.objects.values_list("name", flat=True), *LANGUAGES]
    cut_short = [text[:59] for text in kept if len(text) > 59]
    for name, page in pages.items():
        for text in filter(is_vietnamese, Texts(page, declared=False).texts):
            is_a_beginning = text.endswith("…") and any(whole.startswith(text.rstrip("…")) for whole in kept)
            if not is_a_beginning and all(is_vietnamese(text, except_for=known) for known in (kept, cut_short)):
                yield f"{name}: {text}"


def _no_words_of_an_office(shown: dict[str, dict[str, str]]) -> Iterator[str]:
    """But for a command in `<code>`, beside which the page says for whom it is (`test_office_words`)."""
    for language, pages in shown.items():
        for name, page in pages.items():
            for line in forbidden(_office_texts(COMMAND.sub("", page)), language):
                yield f"{language}, {name}: {line}"


def _office_texts(page: str) -> list[str]:
    """What is read on `page`, but for the scopes of partners, which the partner contract words."""
    return [text for text in Texts(page).texts if not any(f"({scope.value})" in text for scope in ApiScope)]


def _untranslated() -> set[str]:
    """What Django says and nobody has put into Vietnamese, long enough to be told from a name or a number."""
    said, known = set(), set(_translated(settings.BASE_DIR / "locale/vi/LC_MESSAGES/django.po"))
    for part in ("conf", "contrib/admin", "contrib/auth", "contrib/contenttypes"):
        catalogues = Path(django.__file__).parent / part / "locale"
        said |= {entry.msgid for entry in polib.pofile(str(catalogues / "en/LC_MESSAGES/django.po"))}
        known |= set(_translated(catalogues / "vi/LC_MESSAGES/django.po"))
    return {words for words in said - known if len(re.sub(r"[^A-Za-z]", "", FORMATTED.sub("", words))) > 3}


def _translated(catalogue: Path) -> Iterator[str]:
    return (entry.msgid for entry in polib.pofile(str(catalogue)).translated_entries())


def _pattern(words: str) -> str:
    return ".+".join(map(re.escape, FORMATTED.split(_on_one_line(words)))) + ":?"


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
