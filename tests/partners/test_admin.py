"""Partners in the admin: what is changed there counts at once, and only a superuser gets there."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils.text import capfirst
from oauth2_provider.models import AccessToken

from onestop.partners.credentials import issue
from onestop.partners.models import Partner
from onestop.partners.scopes import ApiScope
from onestop.staff.models import User
from tests import people

pytestmark = pytest.mark.django_db
LIST = reverse("admin:partners_partner_changelist")


def as_(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page(partner: Partner) -> str:
    return reverse("admin:partners_partner_change", args=[partner.pk])


def saved(partner: Partner, **fields: object) -> None:
    usual = {
        "name": partner.name,
        "agencies": [agency.pk for agency in partner.agencies.all()],
        "scopes": partner.scopes,
        "rate_per_minute": partner.rate_per_minute,
        "is_active": "on",
        "credentials-TOTAL_FORMS": "0",
        "credentials-INITIAL_FORMS": "0",
    }
    filled = {name: value for name, value in (usual | fields).items() if value is not None}
    answer = as_(people.root()).post(page(partner), filled)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    partner.refresh_from_db()


def test_scopes_are_boxes_to_tick_each_with_its_meaning() -> None:
    partner = people.a_partner(ApiScope.VOTES_READ)
    shown = as_(people.root()).get(page(partner)).content.decode()
    for scope in ApiScope:
        assert f"{capfirst(scope.label)} ({scope.value})" in shown
    assert shown.count('name="scopes"') == len(ApiScope)
    saved(partner, scopes=["votes:read", "catalog:read"])
    assert set(partner.scopes) == {"votes:read", "catalog:read"}
    saved(partner, scopes=None)
    assert partner.scopes == []


def test_a_partner_unticked_as_active_is_off_and_its_tokens_do_not_come_back_with_it() -> None:
    partner = people.a_partner()
    people.a_token(partner)
    saved(partner, is_active=None)
    assert not partner.is_active
    saved(partner)
    assert partner.is_active
    assert not AccessToken.objects.exists()


def test_several_are_switched_off_at_once() -> None:
    first, second, third = (people.a_partner(name=name) for name in ("Một", "Hai", "Ba"))
    people.a_token(first)
    chosen = {"action": "switch_off_now", "_selected_action": [first.pk, second.pk]}
    answer = as_(people.root()).post(LIST, chosen, follow=True)
    assert "Đã ngắt 2 đối tác." in answer.content.decode()
    assert list(Partner.objects.filter(is_active=True)) == [third]
    assert not AccessToken.objects.exists()


def test_a_credential_is_shown_without_its_secret() -> None:
    issued = issue(people.a_partner())
    shown = as_(people.root()).get(page(issued.credential.partner)).content.decode()
    assert str(issued.credential) in shown
    assert issued.credential.application.client_secret not in shown


def test_only_a_superuser_gets_there_whatever_was_granted_by_hand() -> None:
    partner, ha = people.a_partner(), people.ha()
    ha.user_permissions.set(Permission.objects.filter(content_type__app_label__in=["partners", "oauth2_provider"]))
    client = as_(ha)
    for address in (LIST, page(partner), reverse("admin:partners_partner_add")):
        assert client.get(address).status_code == 403
    assert "partners" not in client.get(reverse("admin:index")).content.decode()


def test_a_partner_is_not_deleted() -> None:
    partner = people.a_partner()
    address = reverse("admin:partners_partner_delete", args=[partner.pk])
    assert as_(people.root()).post(address, {"post": "yes"}).status_code == 403
    assert Partner.objects.exists()


def test_the_pages_of_the_library_are_not_there() -> None:
    assert not [model for model in admin.site._registry if model._meta.app_label == "oauth2_provider"]
