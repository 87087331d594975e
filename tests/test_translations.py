"""English is whole: every text of the interface is marked, gathered, translated and compiled.

`make messages` gathers and compiles with GNU gettext; what it forgot is found here without it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from html.parser import HTMLParser
from itertools import chain, product
from pathlib import Path
from typing import Any, NamedTuple

import polib
import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.db import models
from django.template.base import Lexer, TokenType
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation.template import templatize

from onestop.dossiers import lifecycle, opinions
from onestop.dossiers.models import Dossier, Paper, State
from onestop.staff.models import Role
from onestop.statistics.figures.drill_down import FIGURES
from onestop.statistics.periods import Period
from onestop.statistics.publishing import publish
from packets.models import Packet, PacketState

from . import people
from .packets.portals import a_portal, collected

ROOT: Path = settings.BASE_DIR
CATALOGUE = ROOT / "locale/en/LC_MESSAGES/django.po"
# The guide is in Vietnamese alone; `Texts` knows it on a page by the language that it declares.
GUIDE = ROOT / "templates/guide"
# A language is offered under its own name.
LANGUAGES = [name for _code, name in settings.LANGUAGES]


class Message(NamedTuple):
    text: str
    plural: str = ""
    context: str = ""


# ---- the catalogue


def entries(catalogue: Iterable[Any]) -> dict[Message, list[str]]:
    """Every message with its translations: one, or one for each plural form."""
    return {
        Message(entry.msgid, entry.msgid_plural, entry.msgctxt or ""): (
            [entry.msgstr_plural[form] for form in sorted(entry.msgstr_plural)]
            if entry.msgid_plural
            else [entry.msgstr]
        )
        for entry in catalogue
    }


def what_must_stay(text: str) -> list[str]:
    """Placeholders and markup, in any order."""
    return sorted(re.findall(r"%\(\w+\)[a-z]|%%|</?\w+[^>]*>", text))


def test_every_message_is_translated_and_none_is_a_guess() -> None:
    catalogue = polib.pofile(CATALOGUE)
    assert not catalogue.metadata_is_fuzzy
    assert [entry.msgid for entry in catalogue if entry.fuzzy or entry.obsolete] == []
    assert [message for message, said in entries(catalogue).items() if not all(said)] == []
    assert {len(said) for message, said in entries(catalogue).items() if message.plural} == {2}


def test_a_translation_keeps_placeholders_and_markup() -> None:
    for message, said in entries(polib.pofile(CATALOGUE)).items():
        for translated in said:
            assert what_must_stay(translated) == what_must_stay(message.plural or message.text), message


def test_the_compiled_catalogue_is_the_written_one() -> None:
    compiled = polib.mofile(CATALOGUE.with_suffix(".mo"))
    assert entries(compiled) == entries(polib.pofile(CATALOGUE)), "run `make messages`"


# ---- the sources

# What each marking function takes, in its order.
MARKS = {
    "_": ("text",),
    "gettext": ("text",),
    "gettext_lazy": ("text",),
    "ngettext": ("text", "plural"),
    "ngettext_lazy": ("text", "plural"),
    "pgettext": ("context", "text"),
    "pgettext_lazy": ("context", "text"),
    "npgettext": ("context", "text", "plural"),
    "npgettext_lazy": ("context", "text", "plural"),
}
# A call among what `templatize` makes of a template, which is otherwise no Python.
CALL = re.compile(r"""(?:_|n?p?gettext)\((?:u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")(?:,\s*)?)+(?:count)?\)""")


def files(ending: str, *folders: str) -> list[Path]:
    return sorted(chain.from_iterable((ROOT / folder).rglob(f"*{ending}") for folder in folders))


SCRIPTS = files(".py", "onestop", "packets")
PAGES = files(".html", "templates", "onestop", "packets")


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def marked(source: str) -> Iterator[tuple[ast.Call, dict[str, ast.expr]]]:
    """Every call of a marking function, with what it is given."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in MARKS:
                yield node, dict(zip(MARKS[name], node.args, strict=False))


def is_text(given: ast.expr) -> bool:
    return isinstance(given, ast.Constant) and isinstance(given.value, str)


def messages_in_python(source: str) -> set[Message]:
    return {
        Message(**{name: ast.literal_eval(given) for name, given in arguments.items()})
        for _call, arguments in marked(source)
        if all(map(is_text, arguments.values()))
    }


def messages_in_template(source: str) -> set[Message]:
    return messages_in_python("\n".join(call[0] for call in CALL.finditer(templatize(source))))


def bare_texts(template: str) -> list[str]:
    """Texts of a template in Vietnamese letters, outside translated blocks and comments."""
    found, inside = [], ""
    for token in Lexer(template).tokenize():
        tag = token.contents.split(maxsplit=1)[0] if token.token_type == TokenType.BLOCK else ""
        if inside:
            inside = "" if tag == f"end{inside}" else inside
        elif tag in ("blocktranslate", "blocktrans", "comment"):
            inside = tag
        elif token.token_type == TokenType.TEXT and is_vietnamese(token.contents, except_for=LANGUAGES):
            found.append(token.contents.strip())
    return found


def is_vietnamese(text: str, *, except_for: Iterable[str] = ()) -> bool:
    """Whether letters that English lacks are left when the exceptions are taken out."""
    for exception in except_for:
        text = text.replace(exception, "")
    return any(letter.isalpha() and not letter.isascii() for letter in text)


def test_the_catalogue_holds_exactly_what_the_sources_say() -> None:
    in_sources = set[Message]()
    for path in SCRIPTS:
        in_sources |= messages_in_python(path.read_text(encoding="utf-8"))
    for path in PAGES:
        in_sources |= messages_in_template(path.read_text(encoding="utf-8"))
    in_catalogue = set(entries(polib.pofile(CATALOGUE)))
    assert sorted(in_sources - in_catalogue) == [], "run `make messages` and translate"
    assert sorted(in_catalogue - in_sources) == [], "run `make messages`"


def test_the_search_for_messages_sees_every_way_to_mark_one() -> None:
    python = 'gettext("a" "b"); ngettext("c", "d", 2); translation.pgettext_lazy("e", "f"); _(f"{g}"); other("h")'
    assert messages_in_python(python) == {Message("ab"), Message("c", "d"), Message("f", context="e")}
    template = (
        """{% translate "a 'b'" %}{% translate "c" context "d" %}{% firstof e _("f") %}{{ g|default:_("h") }}"""
        "{% blocktranslate count n=i %}{{ n }} j{% plural %}{{ n }} k{% endblocktranslate %}"
        "{% blocktranslate with m=m %}l\n{{ m }}{% endblocktranslate %} gettext('n')"
    )
    assert messages_in_template(template) == {
        Message("a 'b'"),
        Message("c", context="d"),
        Message("f"),
        Message("h"),
        Message("%(n)s j", "%(n)s k"),
        Message("l\n%(m)s"),
    }


@pytest.mark.parametrize("path", SCRIPTS, ids=named)
def test_only_written_out_texts_are_marked(path: Path) -> None:
    """What is put together at run time, by an f-string say, is in no catalogue."""
    for call, arguments in marked(path.read_text(encoding="utf-8")):
        assert arguments, f"line {call.lineno}"
        assert all(map(is_text, arguments.values())), f"line {call.lineno}"


@pytest.mark.parametrize("path", SCRIPTS, ids=named)
def test_what_marks_a_text_has_no_name_that_the_gatherer_does_not_know(path: Path) -> None:
    """`_` it knows, and each function by its own name; another alias would leave its texts untranslated, unnoticed."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            aliases = {alias.name: alias.asname for alias in node.names if "gettext" in alias.name}
            assert set(aliases.values()) <= {None, "_"}, aliases


@pytest.mark.parametrize("path", [path for path in PAGES if path.parent != GUIDE], ids=named)
def test_no_template_has_vietnamese_text_that_is_not_marked(path: Path) -> None:
    assert bare_texts(path.read_text(encoding="utf-8")) == []


# ---- the pages

TEXT_FIELDS = (models.CharField, models.TextField)


class Texts(HTMLParser):
    """What a person reads on a page or hears of it, but for the content of a packet, which is the portal's.

    Without `declared`, nor what is in a part of the page that declares a language of its own, as the guide does.
    """

    SPOKEN = frozenset({"title", "placeholder", "aria-label", "alt", "data-label"})

    def __init__(self, page: str, *, declared: bool = True) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.declared = declared
        self.in_packet = False
        # The tags open since, and with, the one that declares a language.
        self.in_language: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.in_packet = self.in_packet or tag == "pre"
        if self.in_language or (tag != "html" and "lang" in dict(attrs)):
            self.in_language += [tag] if not self.in_language or tag == self.in_language[0] else []
        spoken = self.SPOKEN | ({"value"} if ("type", "submit") in attrs else set())
        self.texts += [value for name, value in attrs if name in spoken and value]

    def handle_endtag(self, tag: str) -> None:
        self.in_packet = self.in_packet and tag != "pre"
        if self.in_language and tag == self.in_language[0]:
            self.in_language.pop()

    def handle_data(self, data: str) -> None:
        if not self.in_packet and (self.declared or not self.in_language):
            self.texts.append(data.strip())


def kept_texts() -> list[str]:
    """Every line of text in the office's tables, the longest first."""
    kept: set[str] = set()
    own = [app for app in apps.get_app_configs() if app.name.startswith(("onestop.", "packets"))]
    for model in chain.from_iterable(app.get_models() for app in own):
        names = [field.name for field in model._meta.concrete_fields if isinstance(field, TEXT_FIELDS)]
        for row in model._default_manager.values_list(*names) if names else ():
            kept.update(line for value in row for line in str(value or "").splitlines())
    return sorted(filter(is_vietnamese, kept), key=len, reverse=True)


@pytest.fixture
def english() -> Client:
    """A browser of somebody who may do everything and has chosen English."""
    everything = {"is_superuser": True, "is_staff": True, "full_name": "Ngô Quyền"}
    client = Client()
    client.force_login(people.a_person("quyen", Role.MANAGER, people.ward(), **everything))
    client.post(reverse("set_language"), {"language": "en", "next": "/"})
    return client


def dossiers_of_every_kind() -> list[Dossier]:
    """One in each state, with everything that a page of a dossier can show."""
    procedure = people.a_procedure_with_papers_and_fees()
    dossiers = [
        people.a_dossier_in(state, procedure=procedure, summary="Trích lục", address="Hà Giang") for state in State
    ]
    full = people.a_dossier(papers=[Paper(name="Tờ khai")], fees=[people.a_fee()], files=[people.a_file()])
    lifecycle.ask_supplement(full, people.lan(), comment="Thiếu", papers=[Paper(name="Giấy ủy quyền")])
    lifecycle.receive_supplement(full, people.lan())
    lifecycle.hand_over(full, people.lan(), officer=people.binh())
    tomorrow = timezone.now() + timedelta(days=1)
    opinions.ask(full, people.binh(), agency=people.department(), question="Có trùng không?", due_at=tomorrow)
    return [*dossiers, full]


def addresses_of(dossier: Dossier) -> Iterator[str]:
    yield reverse("dossiers:detail", args=[dossier.uuid])
    yield reverse("dossiers:look-up", args=[dossier.token])
    yield reverse("dossiers:ask-opinion", args=[dossier.uuid])
    yield reverse("packets:dossier", args=[dossier.uuid])
    for fee, act in product(dossier.fees.all(), ("pay", "waive")):
        yield reverse("dossiers:settle-fee", args=[dossier.uuid, fee.pk, act])
    for opinion in dossier.opinions.all():
        yield reverse("dossiers:answer-opinion", args=[opinion.pk])
    for move in lifecycle.possible_moves(dossier, people.root()):
        yield reverse("dossiers:move", args=[dossier.uuid, move.value])


def assert_in_english(client: Client, addresses: Iterable[str]) -> None:
    kept = [*kept_texts(), *LANGUAGES]
    for address in addresses:
        shown = client.get(address).content.decode()
        assert '<html lang="en"' in shown, address
        assert [text for text in Texts(shown).texts if is_vietnamese(text, except_for=kept)] == [], address


@pytest.mark.django_db
def test_the_office_has_no_vietnamese_word_for_who_reads_english(english: Client) -> None:
    assert_in_english(english, ["/", reverse("dossiers:procedure-search"), reverse("packets:overview")])
    dossiers = dossiers_of_every_kind()
    assert_in_english(
        english, [reverse("dossiers:opinions"), "/", "/?q=khong-co", "/?received_from=mai", "/dossiers/khong-co/"]
    )
    assert_in_english(english, [reverse("dossiers:procedure-search"), "/dossiers/receive/2.000488/"])
    assert_in_english(english, chain.from_iterable(map(addresses_of, dossiers)))


@pytest.mark.django_db
def test_the_sign_in_page_too() -> None:
    browser = Client()
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    assert_in_english(browser, [reverse("sign-in")])


@pytest.mark.django_db
def test_the_operators_screens_too(english: Client) -> None:
    portal = a_portal(require_attachment=True)
    dossiers_of_every_kind()
    collected(portal)
    stopped = Packet.objects.filter(state=PacketState.STOPPED)
    assert stopped
    overview, listed = reverse("packets:overview"), reverse("packets:list")
    assert_in_english(english, [overview, listed, reverse("packets:resend-found")])
    assert_in_english(english, (reverse("packets:detail", args=[packet.pk]) for packet in Packet.objects.all()))
    assert_in_english(
        english, [reverse("packets:resend-found") + "?packet=", reverse("packets:give-up", args=[stopped[0].pk])]
    )
    english.post(reverse("packets:resend", args=[stopped[0].pk]))
    english.post(reverse("packets:give-up", args=[stopped[0].pk]), {"because": "no longer needed"})
    assert_in_english(english, [f"{listed}?state=given_up", reverse("packets:detail", args=[stopped[0].pk])])
    english.post(reverse("packets:pause", args=[portal.code]))
    assert_in_english(english, [overview])


@pytest.mark.django_db
def test_the_figures_too(english: Client) -> None:
    dossiers_of_every_kind()
    this_month = Period.month_of(timezone.now())
    publish(people.province(), this_month, this_month.end)
    people.a_dossier(summary="Trích lục")
    publish(people.province(), this_month, this_month.end)
    overview, behind = reverse("statistics:overview"), reverse("statistics:dossiers")
    asked = ("", "?agency=H22", f"?agency=H22&period={this_month.year}", "?period=mai", "?procedure=khong-co")
    assert_in_english(english, [*(overview + each for each in asked), reverse("statistics:published")])
    assert_in_english(english, [f"{behind}?figure={name}&channel=direct" for name in FIGURES])


@pytest.mark.django_db
def test_the_administration_too(english: Client) -> None:
    dossiers_of_every_kind()
    addresses = [reverse("admin:index")]
    for model in admin.site._registry:
        addresses.append(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"))
    assert_in_english(english, addresses)
