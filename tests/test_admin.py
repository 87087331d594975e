"""Django's admin: every page of every model opens, and what belongs to `lifecycle` cannot be touched there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from onestop.catalog.models import Agency, CalendarDay, Field, Procedure, WorkingHours
from onestop.common.time import VIETNAM
from onestop.dossiers import lifecycle
from onestop.dossiers.models import DailySequence, Dossier, Move, State, Transition
from onestop.partners.credentials import issue
from onestop.partners.models import Partner
from onestop.staff.models import User
from onestop.statistics.models import Assessment, Publication
from onestop.statistics.periods import Period
from onestop.statistics.publishing import publish
from onestop.votes.ballots import cast
from onestop.votes.models import Ballot, BallotSlip, QuestionSet
from packets.models import Packet, Portal

from . import people
from .packets.portals import a_portal, collected
from .votes.test_ballots import a_question_set

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def a_packet() -> Packet:
    people.a_dossier()
    collected(a_portal())
    return Packet.objects.latest("pk")


def a_ballot() -> Ballot:
    questions = a_question_set()
    return cast(people.a_dossier(), questions, {1: {"rating": 1, "reason": ""}, 2: {"rating": 3, "reason": "Chậm"}})


def a_publication() -> Publication:
    """Nothing is published of an agency that accepted nothing."""
    people.a_dossier_accepted(datetime(2025, 12, 1, 8, tzinfo=VIETNAM))
    publication, _made = publish(people.province(), Period(2025, 12))
    return publication


def an_assessment() -> Assessment:
    return Assessment.objects.create(
        agency=people.ward(), year=2026, quarter=4, indicator=5, points=2, basis="Biên bản số 4"
    )


def a_partner_with_a_credential() -> Partner:
    return issue(people.a_partner()).credential.partner


# One row of each model that admin shows; a newly registered model belongs here too.
ROWS: dict[type[Model], Callable[[], Model]] = {
    Group: lambda: Group.objects.create(name="Nhóm"),
    Agency: people.ward,
    Field: people.a_field,
    Procedure: people.a_procedure_with_papers_and_fees,
    # Of one agency alone: an office's dates stay as they are.
    WorkingHours: lambda: WorkingHours.objects.create(
        agency=people.another_province(), weekday=0, opens="07:30", closes="11:30"
    ),
    CalendarDay: lambda: CalendarDay.objects.create(date="2026-09-02", kind="off", name="Quốc khánh"),
    User: people.lan,
    Partner: a_partner_with_a_credential,
    Dossier: lambda: people.a_dossier_in(State.AWAITING_SUPPLEMENT, files=[people.a_file()], fees=[people.a_fee()]),
    DailySequence: lambda: (people.a_dossier(), DailySequence.objects.get())[1],
    Transition: lambda: people.a_dossier().transitions.latest("pk"),
    QuestionSet: a_question_set,
    Ballot: a_ballot,
    BallotSlip: lambda: (a_ballot(), BallotSlip.objects.get())[1],
    Publication: a_publication,
    Assessment: an_assessment,
    Portal: a_portal,
    Packet: a_packet,
}


def as_(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def address(model: type[Model], page: str, *arguments: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=arguments)


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model._meta.label)
def test_every_page_of_every_model_opens(model: type[Model]) -> None:
    assert model in ROWS, f"give ROWS a row of {model._meta.label}"
    row, client = ROWS[model](), as_(people.root())
    changelist = client.get(address(model, "changelist"), {"q": "a"}, follow=True)
    assert changelist.status_code == 200
    assert client.get(address(model, "changelist")).status_code == 200
    assert client.get(address(model, "change", row.pk)).status_code == 200
    adds = admin.site._registry[model].has_add_permission(changelist.wsgi_request)
    assert client.get(address(model, "add")).status_code == (200 if adds else 403)


NOTHING_BELOW = {
    f"{name}-{count}": "0"
    for name in (
        "transitions",
        "due_dates",
        "supplements",
        "papers",
        "fees",
        "attachments",
        "opinions",
        "printed_forms",
    )
    for count in ("TOTAL_FORMS", "INITIAL_FORMS")
}


def test_commune_and_submitter_are_put_right_as_at_the_desk() -> None:
    people.two_wards_and_a_commune()
    ended = people.a_commune("26740", "Phường Sài Gòn", "79 Thành phố Hồ Chí Minh")
    dossier = people.a_dossier(commune=ended)
    ended.is_active = False
    ended.save()
    page, client = address(Dossier, "change", dossier.pk), as_(people.root())
    assert 'value="Phường Sài Gòn, Thành phố Hồ Chí Minh"' in client.get(page).content.decode()
    fields = {"return_method": "direct", "applicant_kind": "citizen", "applicant_name": "Đặng Văn Ước"} | NOTHING_BELOW
    # The commune that the dossier has already is no error, although it ended since.
    assert client.post(page, fields | {"commune": str(ended), "phone": "0905123456"}).status_code == 302
    wrong = client.post(page, fields | {"commune": "Phường Đa Kao", "submitter_phone": "0905123456"})
    assert "Nhập họ tên người nộp thay" in wrong.content.decode()
    son = {"submitter_name": "Con", "submitter_capacity": "relative", "birth_date": "1950"}
    assert client.post(page, fields | son | {"commune": "quy nhơn, gia lai"}).status_code == 200
    assert client.post(page, fields | son | {"commune": "Phường Quy Nhơn"}).status_code == 302
    after = Dossier.objects.get()
    assert (str(after.commune), after.submitter_name) == ("Phường Quy Nhơn, Tỉnh Gia Lai", "Con")


def test_an_applicants_data_is_put_right_and_nothing_else_moves() -> None:
    dossier = people.a_dossier()
    fields = {
        "return_method": "direct",
        "applicant_kind": "citizen",
        "applicant_name": "Đặng Văn Ước (đã sửa)",
        "phone": "0909",
        "state": "10",
        "code": "X",
        "due_at_0": "01/01/2030",
        "approved": "true",
    }
    page = address(Dossier, "change", dossier.pk)
    for _time in range(2):
        assert as_(people.root()).post(page, fields | NOTHING_BELOW).status_code == 302
    after = Dossier.objects.get()
    assert (after.applicant_name, after.phone) == ("Đặng Văn Ước (đã sửa)", "0909")
    assert (after.state, after.code, after.due_at) == (dossier.state, dossier.code, dossier.due_at)
    assert "da sua" in after.search
    # Once: the second time nothing was changed.
    move = dossier.transitions.get(move=Move.AMEND)
    assert move.actor == people.root()
    assert set(move.facts["changed"]) == {"applicant_name", "phone"}
    lifecycle.withdraw(after, people.root(), comment="Công dân xin rút")
    assert as_(people.root()).post(page, fields | NOTHING_BELOW | {"phone": "0910"}).status_code == 403
    assert "0909" in as_(people.root()).get(page).content.decode()


@pytest.mark.parametrize("model", [Dossier, Transition])
def test_nothing_of_a_dossier_is_added_or_deleted_in_the_admin(model: type[Model]) -> None:
    row, client = ROWS[model](), as_(people.root())
    assert client.post(address(model, "add"), {}).status_code == 403
    assert client.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    actions = {"action": "delete_selected", "_selected_action": str(row.pk), "post": "yes"}
    client.post(address(model, "changelist"), actions)
    assert model._default_manager.filter(pk=row.pk).exists()


def test_history_is_read_only_in_the_admin() -> None:
    transition = people.a_dossier().transitions.latest("pk")
    answer = as_(people.root()).post(address(Transition, "change", transition.pk), {"comment": "khác"})
    assert answer.status_code == 403


@pytest.mark.parametrize("model", [Agency, Procedure, User, Dossier, Transition])
def test_large_tables_are_not_counted_a_second_time(model: type[Model]) -> None:
    assert admin.site._registry[model].show_full_result_count is False


def test_an_account_is_made_in_the_admin_and_signs_in() -> None:
    fields = {
        "username": "nga",
        "usable_password": "true",
        "password1": "một mật khẩu rất dài 7",
        "password2": "một mật khẩu rất dài 7",
        "full_name": "Hồ Nga",
        "role": "manager",
        "agency": str(people.ward().pk),
    }
    assert as_(people.root()).post(address(User, "add"), fields).status_code == 302
    nga = User.objects.get(username="nga")
    assert (nga.full_name, nga.agency, nga.is_staff) == ("Hồ Nga", people.ward(), True)
    assert Client().login(username="nga", password="một mật khẩu rất dài 7")


def test_an_account_without_an_agency_is_refused_with_a_message() -> None:
    fields = {
        "username": "nga",
        "usable_password": "true",
        "password1": "một mật khẩu rất dài 7",
        "password2": "một mật khẩu rất dài 7",
        "full_name": "Hồ Nga",
        "role": "officer",
    }
    answer = as_(people.root()).post(address(User, "add"), fields)
    assert set(answer.context["adminform"].form.errors) == {"agency"}
    assert not User.objects.filter(username="nga").exists()


def with_permissions(person: User, *names: str) -> User:
    person.user_permissions.set(Permission.objects.filter(codename__in=names))
    return person


def test_a_manager_who_may_change_accounts_makes_no_superusers_and_touches_none() -> None:
    client = as_(with_permissions(people.ha(), "change_user", "view_user"))
    lan, root = people.lan(), people.root()
    shown = client.get(address(User, "change", lan.pk)).content.decode()
    assert 'name="is_superuser"' not in shown
    assert 'name="user_permissions"' not in shown
    assert client.get(address(User, "change", root.pk)).status_code == 302
    fields = {"username": "lan", "full_name": "Lan", "role": "reception", "agency": str(lan.agency_id)}
    client.post(address(User, "change", lan.pk), {**fields, "is_active": "on", "is_superuser": "on"})
    assert client.post(address(User, "change", lan.pk), {**fields, "agency": ""}).status_code == 200
    lan.refresh_from_db()
    assert (lan.full_name, lan.is_superuser) == ("Lan", False)


def test_in_the_admin_too_one_sees_ones_own_dossiers_only() -> None:
    seen, unseen = people.a_dossier(), people.a_dossier(agency=people.another_province(), by=people.root())
    client = as_(with_permissions(people.ha(), "view_dossier", "view_transition"))
    assert client.get(address(Dossier, "change", seen.pk)).status_code == 200
    assert client.get(address(Dossier, "change", unseen.pk)).status_code == 302
    history = client.get(address(Transition, "changelist")).content.decode()
    assert str(seen) in history
    assert str(unseen) not in history
