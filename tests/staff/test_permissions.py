"""What each role finds in Django admin."""

import pytest
from django.test import Client
from django.urls import reverse

from onestop.staff.models import User
from tests import people

pytestmark = pytest.mark.django_db


def apps_shown(person: User) -> set[str]:
    client = Client()
    client.force_login(person)
    answer = client.get(reverse("admin:index"))
    assert answer.status_code == 200
    return {app["app_label"] for app in answer.context["app_list"]}


def test_a_manager_finds_the_office_and_an_operator_the_sync_app() -> None:
    assert {"catalog", "dossiers", "statistics", "votes"} <= apps_shown(people.ha())
    assert {"catalog", "packets", "statistics"} <= apps_shown(people.tu())


def test_accounts_are_the_superuser_s_alone() -> None:
    assert "staff" not in apps_shown(people.ha()) | apps_shown(people.tu())
    assert "staff" in apps_shown(people.root())


def test_who_only_receives_works_or_audits_has_no_admin() -> None:
    for person in (people.lan(), people.minh(), people.thanh()):
        client = Client()
        client.force_login(person)
        assert client.get(reverse("admin:index")).status_code == 302
        assert not person.has_perm("dossiers.change_dossier")


def test_whoever_has_left_may_nothing_any_more() -> None:
    leader = people.ha()
    assert leader.has_perm("dossiers.change_dossier")
    leader.is_active = False
    assert not leader.has_perm("dossiers.change_dossier")


def test_nobody_changes_what_the_lifecycle_or_the_worker_owns() -> None:
    for person in (people.ha(), people.tu()):
        for permission in ("dossiers.change_transition", "dossiers.delete_dossier", "packets.delete_packet"):
            assert not person.has_perm(permission), permission
