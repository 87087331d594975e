"""To whom a dossier is handed: the people of one unit at a time, of one's own province."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from onestop.dossiers.models import Dossier, Move
from onestop.staff.models import User
from tests import people

pytestmark = pytest.mark.django_db

OFFICERS = "/dossiers/officers/"


def as_(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page_of(dossier: Dossier) -> str:
    return reverse("dossiers:move", args=[dossier.uuid, Move.HAND_OVER])


def offered(client: Client, unit: object) -> str:
    return client.get(OFFICERS, {"unit": str(unit)}).content.decode()


def test_at_first_the_people_of_the_unit_that_has_it_are_offered() -> None:
    for person in (people.binh(), people.minh()):
        assert person.is_active
    form = as_(people.ha()).get(page_of(people.a_dossier())).context["form"]
    assert people.binh() in form.fields["officer"].queryset
    assert people.minh() not in form.fields["officer"].queryset


def test_choosing_a_unit_brings_its_people() -> None:
    people.minh()
    client = as_(people.ha())
    assert "Trần Minh" in offered(client, people.department().pk)
    assert "Lê Bình" not in offered(client, people.department().pk)
    User.objects.filter(pk=people.minh().pk).update(is_active=False)
    assert "Trần Minh" not in offered(client, people.department().pk)


@pytest.mark.parametrize("unit", ["", "x", "0", "-1", "9" * 30, "²"])
def test_a_unit_that_makes_no_sense_has_nobody(unit: str) -> None:
    people.binh()
    assert offered(as_(people.ha()), unit).count("<option") == 1


def test_the_people_of_another_province_are_not_told() -> None:
    people.a_person("xa", people.lan().role, people.another_province(), full_name="Người Ở Xa")  # type: ignore[arg-type] # a role
    assert "Người Ở Xa" not in offered(as_(people.ha()), people.another_province().pk)
    assert "Người Ở Xa" in offered(as_(people.root()), people.another_province().pk)


def test_a_dossier_goes_to_an_officer_of_another_unit() -> None:
    dossier = people.a_dossier()
    as_(people.ha()).post(page_of(dossier), {"unit": people.department().pk, "officer": people.minh().pk})
    dossier.refresh_from_db()
    assert (dossier.unit, dossier.officer) == (people.department(), people.minh())


def test_an_officer_of_this_unit_with_another_unit_is_refused_in_words() -> None:
    dossier = people.a_dossier()
    answer = as_(people.ha()).post(page_of(dossier), {"unit": people.department().pk, "officer": people.binh().pk})
    assert "Cán bộ này không thuộc đơn vị được chuyển đến" in answer.content.decode()
