"""The guide: every page has its help, and the help names nothing that the page does not show."""

from __future__ import annotations

import re
from collections import defaultdict

import pytest
import time_machine
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.test.html import Element, parse_html
from django.urls import get_resolver, reverse

from onestop.catalog.models import WorkingHours
from onestop.dossiers.lifecycle import MOVES
from onestop.staff.guide.topics import topics
from tests import people
from tests.browser.clock import TODAY
from tests.browser.pages import NOBODY, PAGES
from tests.browser.pages import Page as Screen
from tests.browser.things import STAFF, person, ward
from tests.guide_text import FOLDER, attribute, elements, names_in, names_on, text_of, tidy
from tests.test_every_page import grow

pytestmark = pytest.mark.django_db

QUESTIONS = ["Các thao tác", "Giấy tờ in", "Đồng bộ lên Cổng"]
HELP = re.compile(r'href="([^"]*)" data-opens-help')
# Topics about pages that have no link to them: nobody is signed in there, or they are Django's.
ABOUT_OTHERS = {
    "citizens": ("sign-in", "ask", "look-up", "look-up-returned", "ballot"),
    "partners": ("admin-partners_partner-list",),
}
DESK = [screen for screen in PAGES if screen.who != NOBODY and screen.status == 200 and not screen.is_admin]
OTHERS = [screen for screen in PAGES if any(screen.name in names for names in ABOUT_OTHERS.values())]


def browser(who: str, language: str = "vi") -> Client:
    client = Client()
    if who:
        client.force_login(person(who), "django.contrib.auth.backends.ModelBackend")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    return client


def reader() -> Client:
    client = Client()
    client.force_login(people.lan())
    return client


def read(address: str, client: Client | None = None) -> str:
    answer = (client or reader()).get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def with_id(page: Element, ident: str) -> Element:
    return next(element for element in elements(page) if attribute(element, "id") == ident)


def tree(page: str) -> Element:
    parsed = parse_html(page)
    assert isinstance(parsed, Element)
    return parsed


@pytest.fixture
def pages() -> dict[tuple[Screen, str], str]:
    """Each page of the desk, and each that the guide tells of, as those see it who see least and most of it."""
    with time_machine.travel(TODAY):
        call_command("load_demo", dossiers=0, verbosity=0)
        grow(1)
        WorkingHours.objects.create(agency=ward(), weekday=0, opens="07:30", closes="11:30")
        clients = {who: browser(who) for who in ("", *STAFF)}
        screens = dict.fromkeys(DESK + OTHERS)
        visits = dict.fromkeys((screen, who) for screen in screens for who in (screen.who[0], screen.who[-1]))
        addresses = {visit: visit[0].address_for(person(visit[1]) if visit[1] else None) for visit in visits}
        answers = {visit: clients[visit[1]].get(address) for visit, address in addresses.items()}
    # The packets of this office are not all for everybody.
    seen = {visit: answer.content.decode() for visit, answer in answers.items() if answer.status_code == 200}
    assert {screen.name for screen, _who in seen} == {screen.name for screen in screens}
    return seen


def test_every_page_has_its_help_which_names_only_what_it_shows(pages: dict[tuple[Screen, str], str]) -> None:
    shown: defaultdict[str, set[str]] = defaultdict(set)
    without = set()
    for (screen, _who), page in pages.items():
        for slug, screens in ABOUT_OTHERS.items():
            if screen.name in screens:
                shown[slug] |= names_on(page)
        if screen in DESK:
            link = HELP.search(page)
            assert link, screen.name
            _path, slug, _part = link[1].rsplit("/", 2)
            if slug == "help":
                without.add(screen.name)
            # The topic is about all its pages; a part of it about some of them.
            names = names_on(page)
            shown[slug] |= names
            shown[link[1].partition("#")[2]] |= names
    assert without == set()
    wrong = [
        f"{ident}: {name}"
        for topic in topics()
        for text in [tree(read(topic.address))]
        for ident in [topic.slug, *_parts(text, topic.slug)]
        for name in names_in(with_id(text, ident))
        if tidy(name) not in shown[ident]
    ]
    assert "\n".join(wrong) == ""
    assert {topic.slug for topic in topics()} <= shown.keys()


def _parts(text: Element, slug: str) -> list[str]:
    idents = (attribute(element, "id") or "" for element in elements(text))
    return [ident for ident in idents if ident.startswith(f"{slug}-") and ident != f"{slug}-{slug}"]


def test_each_topic_says_what_is_done_what_is_printed_and_what_is_reported() -> None:
    for topic in topics():
        headings = [text_of(each).strip() for each in elements(tree(read(topic.address))) if each.name == "h4"]
        assert [heading for heading in headings if heading in QUESTIONS] == QUESTIONS, topic.slug


def test_each_move_and_each_act_on_a_fee_has_its_part() -> None:
    moves = read(reverse("guide-topic", args=["moves"]))
    assert [move for move, rule in MOVES.items() if rule.sources and f'id="moves-{move}"' not in moves] == []
    fees = read(reverse("guide-topic", args=["fees"]))
    assert [act for act in ("pay", "waive") if f'id="fees-{act}"' not in fees] == []


def test_the_guide_says_of_a_move_what_the_rules_say() -> None:
    refuse = text_of(with_id(tree(read(reverse("guide-topic", args=["moves"]))), "moves-refuse"))
    assert "Từ trạng thái: mới đăng ký" in tidy_blanks(refuse)
    assert "Người thực hiện: cán bộ một cửa, lãnh đạo" in tidy_blanks(refuse)
    assert "Giấy tờ in: phiếu từ chối" in tidy_blanks(refuse)


def tidy_blanks(text: str) -> str:
    return " ".join(text.split())


def test_each_topic_is_told_of_pages_that_exist_and_no_page_by_two() -> None:
    named = [page for topic in topics() for page in topic.pages]
    assert len(named) == len(set(named))
    existing = set()
    for name in named:
        namespace, _colon, view = name.rpartition(":")
        resolver = get_resolver()
        if namespace:
            _prefix, resolver = resolver.namespace_dict[namespace]
        existing |= {name} if view in resolver.reverse_dict else set()
    assert set(named) == existing


def test_the_whole_guide_has_each_topic_once_and_every_way_within_it_leads_somewhere() -> None:
    page = read(reverse("guide"))
    assert re.findall(r'data-topic="([^"]+)"', page) == [topic.slug for topic in topics()]
    idents = re.findall(r'\bid="([^"]+)"', page)
    assert len(idents) == len(set(idents))
    places = re.findall(rf'href="(?:{reverse("guide")})?#([^"]+)"', page)
    assert len(places) > len(topics())
    assert set(places) <= set(idents)


def test_each_text_in_the_folder_is_a_topic_s() -> None:
    assert {path.name for path in FOLDER.glob("*")} == {topic.template.rpartition("/")[2] for topic in topics()}


def test_whoever_reads_english_reads_the_guide_in_vietnamese_and_is_told_so() -> None:
    client = reader()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    page = read(reverse("guide-topic", args=["moves"]), client)
    assert "The guide is in Vietnamese only." in page
    # Of what the rules add, too, which the rest of the page has in English.
    assert "Người thực hiện: cán bộ một cửa, lãnh đạo." in tidy_blanks(text_of(tree(page)))


def test_a_topic_that_does_not_exist_is_not_found() -> None:
    assert reader().get(reverse("guide-topic", args=["none"])).status_code == 404


def test_the_guide_is_for_those_who_are_signed_in() -> None:
    assert Client().get(reverse("guide")).status_code == 302
