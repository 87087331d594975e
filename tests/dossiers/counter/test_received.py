"""The page after an intake, and the procedures that a counter receives most."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from onestop.dossiers.counter.views import FREQUENT_WITHIN, PROCEDURES_FREQUENT
from onestop.dossiers.models import Dossier, State
from onestop.staff.models import AccessLog, User
from tests import people

pytestmark = pytest.mark.django_db


def as_(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def received(person: User, dossier: Dossier) -> str:
    answer = as_(person).get(reverse("dossiers:received", args=[dossier.uuid]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_tells_code_and_due_date_and_leads_to_the_next_citizen() -> None:
    dossier = people.a_dossier()
    page = received(people.lan(), dossier)
    assert dossier.code is not None
    assert dossier.code in page
    assert dossier.due_at is not None
    assert f"{timezone.localtime(dossier.due_at):%d/%m/%Y %H:%M}" in page
    assert reverse("dossiers:receive", args=[dossier.procedure.code]) in page
    assert re.search(r'<button[^>]* id="print"', page)
    assert AccessLog.objects.filter(subject=dossier.uuid, act=AccessLog.Act.OPEN, user=people.lan()).exists()


def test_a_refusal_is_no_success() -> None:
    page = received(people.lan(), people.a_dossier_in(State.REFUSED))
    assert "Đã từ chối tiếp nhận hồ sơ" in page
    assert "Đã tiếp nhận hồ sơ" not in page
    assert "confirmed is-refused" in page


def test_what_is_still_to_be_paid_is_told() -> None:
    dossier = people.a_dossier(fees=[people.a_fee(8_000), people.a_fee(5_000)])
    assert "13.000 đồng" in received(people.lan(), dossier)


def test_a_procedure_that_ended_meanwhile_is_not_offered_again() -> None:
    dossier = people.a_dossier()
    dossier.procedure.is_active = False
    dossier.procedure.save()
    assert reverse("dossiers:receive", args=[dossier.procedure.code]) not in received(people.lan(), dossier)


def test_what_was_not_accepted_is_not_confirmed() -> None:
    dossier = people.a_registered_dossier()
    answer = as_(people.lan()).get(reverse("dossiers:received", args=[dossier.uuid]))
    assert answer["Location"] == reverse("dossiers:detail", args=[dossier.uuid])


def test_nobody_else_sees_it() -> None:
    dossier = people.a_dossier()
    assert as_(people.minh()).get(reverse("dossiers:received", args=[dossier.uuid])).status_code == 404


# ---- what is received most often


def frequent(person: User, query: str = "") -> list[str]:
    answer = as_(person).get(reverse("dossiers:procedure-search") + query)
    return [procedure.code for procedure in answer.context["frequent"]]


def test_what_the_counter_received_most_of_late_comes_first() -> None:
    procedures = [people.a_procedure(code=f"1.00000{number}") for number in range(3)]
    for procedure, times in zip(procedures, (1, 3, 2), strict=True):
        for _time in range(times):
            people.a_dossier(procedure=procedure)
    long_ago = people.a_dossier(procedure=people.a_procedure(code="1.000009"))
    Dossier.objects.filter(pk=long_ago.pk).update(accepted_at=timezone.now() - FREQUENT_WITHIN - timedelta(minutes=1))
    people.a_dossier(agency=people.ward_desk(), procedure=people.a_procedure(code="1.000008"))
    assert frequent(people.lan()) == ["1.000001", "1.000002", "1.000000"]


def test_no_more_than_there_are_digits_and_none_that_is_not_offered() -> None:
    for number in range(PROCEDURES_FREQUENT + 2):
        people.a_dossier(procedure=people.a_procedure(code=f"1.0000{number:02}"))
    assert len(frequent(people.lan())) == PROCEDURES_FREQUENT
    ended = Dossier.objects.earliest("pk").procedure
    ended.is_active = False
    ended.save()
    assert ended.code not in frequent(people.lan())


def test_whoever_searches_sees_what_is_searched() -> None:
    people.a_dossier()
    assert frequent(people.lan(), "?q=khai") == []
    assert frequent(people.lan(), "?field=hotich") == []
    assert len(frequent(people.lan())) == 1
