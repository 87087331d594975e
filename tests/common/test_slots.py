"""Slots of pages, and the permissions by which pages ask what somebody may do."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils.html import format_html

from onestop.common import slots
from onestop.staff.access import May, may
from tests import people


@pytest.fixture
def no_fillers(monkeypatch: pytest.MonkeyPatch) -> None:
    slots.load_all()
    monkeypatch.setattr(slots, "_FILLERS", type(slots._FILLERS)(list))


def rendered(text: str) -> str:
    request = RequestFactory().get("/here/")
    return Template("{% load slots %}" + text).render(Context({"request": request, "dossier": "H1"}))


@pytest.mark.usefixtures("no_fillers")
def test_a_slot_shows_what_fills_it_in_order_and_hands_on_the_request_and_what_the_template_gives() -> None:
    @slots.fills("foot")
    def first(request: HttpRequest, dossier: str) -> str:
        return format_html("<b>{} {}</b>", request.path, dossier)

    @slots.fills("foot")
    def second(_request: HttpRequest, _dossier: str) -> str:
        return "<escaped>"

    assert rendered('{% slot "foot" dossier %}') == "<b>/here/ H1</b>&lt;escaped&gt;"
    assert slots.filled_slots() == {"foot"}


@pytest.mark.usefixtures("no_fillers")
def test_a_slot_that_nothing_fills_shows_nothing() -> None:
    assert rendered('[{% slot "foot" dossier %}]') == "[]"


@pytest.mark.django_db
def test_a_permission_is_asked_by_name_and_nobody_unknown_has_any() -> None:
    assert may(people.lan(), "receive_dossiers")
    assert not may(people.minh(), "receive_dossiers")
    assert not may(AnonymousUser(), "receive_dossiers")
    request = RequestFactory().get("/")
    request.user = people.thanh()
    template = Template("{% if may.read_log %}log{% endif %}{% if may.receive_dossiers %}counter{% endif %}")
    assert template.render(Context({"may": May(request)})) == "log"


def test_a_permission_that_no_app_declares_is_an_error_and_not_a_no() -> None:
    with pytest.raises(ImproperlyConfigured, match="read_lgo"):
        may(AnonymousUser(), "read_lgo")
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    with pytest.raises(ImproperlyConfigured, match="read_lgo"):
        Template("{% if may.read_lgo %}{% endif %}").render(Context({"may": May(request)}))
