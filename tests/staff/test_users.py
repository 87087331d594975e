"""The accounts of an office: who keeps whose, what is refused, and that each change is on record."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.urls import reverse

from onestop.staff.models import Role, User
from onestop.staff.users.rules import require_possible
from tests import people

pytestmark = pytest.mark.django_db


def as_(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def address(name: str, person: User) -> str:
    return reverse(name, args=[person.pk])


def fields_of(person: User, **changes: Any) -> dict[str, Any]:
    fields = {
        "full_name": person.full_name,
        "position": person.position,
        "agency": person.agency_id or "",
        "role": person.role,
        "email": person.email,
    }
    return fields | changes


def now(person: User) -> User:
    return User.objects.get(pk=person.pk)


def changed(by: User, person: User, **changes: Any) -> bool:
    """Whether the page takes the change and makes it."""
    before = now(person)
    answer = as_(by).post(address("user", person), fields_of(before, **changes))
    assert answer.status_code in (200, 302, 403, 404)
    after = now(person)
    is_changed = any(str(getattr(after, name)) != str(getattr(before, name)) for name in ("full_name", "role"))
    is_changed |= after.agency_id != before.agency_id
    assert is_changed == (answer.status_code == 302)
    return is_changed


NEW = {"username": "moi", "full_name": "Lê Thị Mới", "position": "Chuyên viên", "role": "officer", "email": ""}


# ---- who


@pytest.mark.parametrize(
    ("who", "may"),
    [
        (people.lan, False),
        (people.minh, False),
        (people.ha, False),
        (people.tu, False),
        (people.thanh, False),
        (people.nga, True),
        (people.phuc, True),
        (people.root, True),
    ],
)
def test_administrators_keep_accounts_and_nobody_else(who: Callable[[], User], may: bool) -> None:
    client, binh = as_(who()), people.binh()
    for name in ("users", "user-add"):
        assert client.get(reverse(name)).status_code == (200 if may else 403)
    for name in ("user", "user-password", "user-retire", "user-restore"):
        assert client.get(address(name, binh)).status_code == (200 if may else 403), name
    for name in ("user-retire", "user-password", "user-sessions-end"):
        if not may:
            assert client.post(address(name, binh)).status_code == 403
    assert (f'href="{reverse("users")}"' in client.get(reverse("administration"), follow=True).content.decode()) == may


def test_an_administrator_has_no_key_to_django_s_admin() -> None:
    assert as_(people.nga()).get(reverse("admin:index")).status_code == 302


def test_an_administrator_sees_and_changes_the_office_s_own_subtree_alone() -> None:
    nga, within, outside = people.nga(), people.binh(), people.minh()
    desk = people.a_person("to", Role.OFFICER, people.ward_desk)
    shown = as_(nga).get(reverse("users")).content.decode()
    assert within.full_name in shown
    assert outside.full_name not in shown
    assert as_(nga).get(address("user", outside)).status_code == 404
    assert as_(nga).post(address("user-retire", outside)).status_code == 404
    assert changed(nga, within, full_name="Lê Văn Bình")
    assert changed(nga, desk, full_name="Tổ trưởng")
    assert not changed(nga, outside, full_name="Khác")
    assert changed(people.phuc(), outside, full_name="Trần Văn Minh")


def test_nobody_is_moved_out_of_the_subtree() -> None:
    assert not changed(people.nga(), people.binh(), agency=people.department().pk)
    assert changed(people.nga(), people.binh(), agency=people.ward_desk().pk)


def test_superusers_are_for_superusers_alone() -> None:
    root, nga = people.root(), people.phuc()
    User.objects.filter(pk=root.pk).update(agency=people.ward())
    assert as_(nga).get(address("user", root)).status_code == 404
    assert root not in as_(nga).get(reverse("users")).context["accounts"]


@pytest.mark.parametrize("role", Role)
def test_nobody_gives_a_role_above_their_own(role: Role) -> None:
    may_give = role != Role.OPERATOR
    person = people.a_person("x", Role.OFFICER if role != Role.OFFICER else Role.AUDITOR, people.ward)
    assert changed(people.nga(), person, role=role) == may_give
    answer = as_(people.nga()).post(reverse("user-add"), NEW | {"agency": people.ward().pk, "role": role})
    assert User.objects.filter(username="moi").exists() == may_give
    assert answer.status_code == 200
    if not may_give:
        assert 'href="#id_role"' in answer.content.decode()


def test_who_has_a_higher_role_or_further_rights_is_not_touched() -> None:
    operator = people.a_person("dieu-hanh", Role.OPERATOR, people.ward)
    gifted = people.binh()
    gifted.groups.add(Group.objects.create(name="Quyền thêm"))
    client = as_(people.nga())
    for person in (operator, gifted):
        shown = client.get(address("user", person)).content.decode()
        assert "do quản trị hệ thống quản lý" in shown
        assert not changed(people.nga(), person, full_name="Khác")
        before = now(person).password
        for act in ("user-password", "user-retire", "user-sessions-end"):
            assert client.post(address(act, person)).status_code == 403
        assert now(person).password == before
        assert now(person).is_active
        assert changed(people.root(), person, full_name="Khác")


# ---- not oneself, not the last one


def test_nobody_locks_themselves_out() -> None:
    nga = people.nga()
    people.a_person("nga2", Role.ADMINISTRATOR, people.ward)
    shown = as_(nga).post(address("user-retire", nga)).content.decode()
    assert "Không tự đổi mục này" in shown
    assert now(nga).is_active
    assert not changed(nga, nga, role=Role.OFFICER)
    assert not changed(nga, nga, agency=people.ward_desk().pk)
    assert changed(nga, nga, full_name="Hồ Nga")
    assert as_(nga).get(address("user-password", nga))["Location"] == reverse("own-password")


def test_the_last_administrator_of_an_office_stays() -> None:
    nga, root = people.nga(), people.root()
    for change in ({"role": Role.OFFICER}, {"agency": people.ward_desk().pk}):
        assert not changed(root, nga, **change)
    assert "quản trị cuối cùng" in as_(root).post(address("user-retire", nga)).content.decode()
    assert now(nga).is_active
    # Another one in the office, or above it, is enough.
    people.phuc()
    assert as_(root).post(address("user-retire", nga)).status_code == 302
    assert not now(nga).is_active


def test_the_last_system_administrator_stays() -> None:
    root, other = people.root(), people.a_person("root2", Role.MANAGER, None, is_superuser=True, is_staff=True)
    assert as_(root).post(address("user-retire", other)).status_code == 302
    with pytest.raises(ValidationError, match="quản trị hệ thống cuối cùng"):
        require_possible(other, root, User(pk=root.pk, is_active=False, is_superuser=True))


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_two_administrators_do_not_retire_one_another_at_the_same_instant() -> None:
    pair = people.nga(), people.a_person("nga2", Role.ADMINISTRATOR, people.ward)
    clients, begin, answers = [as_(person) for person in pair], Barrier(2), list[int]()

    def retire(client: Client, other: User) -> None:
        begin.wait()
        answers.append(client.post(address("user-retire", other)).status_code)
        connection.close()

    threads = [Thread(target=retire, args=(clients[0], pair[1])), Thread(target=retire, args=(clients[1], pair[0]))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).count() == 1
    assert 302 in answers


# ---- a new account, a new password


def test_a_new_account_gets_a_password_shown_once_that_must_be_changed() -> None:
    answer = as_(people.nga()).post(reverse("user-add"), NEW | {"agency": people.ward().pk})
    password = answer.context["password"]
    assert password in answer.content.decode()
    new = User.objects.get(username="moi")
    assert new.must_change_password
    assert new.check_password(password)
    assert (new.agency, new.role, new.is_staff, new.is_superuser) == (people.ward(), Role.OFFICER, False, False)
    client = Client()
    signed_in = client.post(reverse("sign-in"), {"username": "moi", "password": password})
    assert signed_in["Location"] == "/"
    assert client.get("/")["Location"].startswith(reverse("own-password"))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"username": ""}, "username"),
        ({"username": "có dấu cách"}, "username"),
        ({"username": "LAN"}, "username"),
        ({"full_name": ""}, "full_name"),
        ({"agency": ""}, "agency"),
        ({"role": "chủ tịch"}, "role"),
        ({"email": "x"}, "email"),
    ],
)
def test_a_new_account_that_cannot_be_is_refused_by_field(wrong: dict[str, str], field: str) -> None:
    people.lan()
    number = User.objects.count()
    client = as_(people.nga())
    shown = client.post(reverse("user-add"), NEW | {"agency": people.ward().pk} | wrong).content.decode()
    assert f'href="#id_{field}"' in shown
    assert User.objects.count() == number + 1  # Nga herself


def test_a_forgotten_password_is_replaced_and_every_session_ends() -> None:
    binh, client = people.binh(), Client()
    client.force_login(binh)
    assert client.get("/").status_code == 200
    answer = as_(people.nga()).post(address("user-password", binh))
    assert now(binh).check_password(answer.context["password"])
    assert now(binh).must_change_password
    assert client.get("/").status_code == 302


def test_a_password_is_on_no_page_that_is_only_opened() -> None:
    binh = people.binh()
    before = binh.password
    as_(people.nga()).get(address("user-password", binh))
    assert now(binh).password == before


def test_who_is_locked_is_out_at_once_and_comes_back_when_restored() -> None:
    binh, client = people.binh(), Client()
    client.force_login(binh)
    assert as_(people.nga()).post(address("user-retire", binh)).status_code == 302
    assert client.get("/").status_code == 302
    fields = {"username": "binh", "password": people.PASSWORD}
    assert Client().post(reverse("sign-in"), fields).status_code == 200
    assert as_(people.nga()).post(address("user-restore", binh)).status_code == 302
    assert Client().post(reverse("sign-in"), fields).status_code == 302


def test_sessions_of_another_are_ended() -> None:
    binh, client = people.binh(), Client()
    client.force_login(binh)
    as_(people.nga()).post(address("user-sessions-end", binh))
    assert client.get("/").status_code == 302


# ---- on record, and found


def test_every_change_is_on_record_as_the_admin_s_are() -> None:
    nga, binh = people.nga(), people.binh()
    client = as_(nga)
    client.post(address("user", binh), fields_of(binh, position="Trưởng bộ phận"))
    client.post(address("user-password", binh))
    client.post(address("user-retire", binh))
    client.post(address("user", binh), fields_of(now(binh)))
    noted = LogEntry.objects.filter(object_id=str(binh.pk), user=nga).order_by("pk")
    assert [entry.get_change_message() for entry in noted] == [
        "Đã thay đổi chức vụ.",
        "Đã thay đổi mật khẩu.",
        "Đã thay đổi trạng thái hoạt động.",
    ]
    shown = client.get(address("user", binh)).content.decode()
    assert "Lịch sử thay đổi" in shown
    assert "Đã thay đổi mật khẩu." in shown
    client.post(reverse("user-add"), NEW | {"agency": people.ward().pk})
    new = User.objects.get(username="moi")
    assert LogEntry.objects.get(object_id=str(new.pk)).is_addition()


def found(**query: str) -> set[str]:
    return {user.username for user in as_(people.phuc()).get(reverse("users"), query).context["accounts"]}


def test_users_are_found_without_accents_by_office_role_and_status() -> None:
    people.lan(), people.binh(), people.minh()
    people.a_person("cu", Role.OFFICER, people.ward_desk, full_name="Lê Cũ", is_active=False)
    assert found(q="nguyen thi lan") == {"lan"}
    assert found(q="tu phap") == {"binh"}
    assert found(q="le cu") == {"cu"}
    assert found(agency=str(people.ward().pk)) == {"lan", "binh", "cu"}
    assert found(role="officer", status="active") == {"binh", "minh"}
    assert found(status="locked") == {"cu"}
    assert found(q="%") == set()


def test_a_long_list_has_pages() -> None:
    for number in range(30):
        people.a_person(f"u{number:02}", Role.OFFICER, people.ward)
    assert len(found()) == 25
    assert len(found(page="2")) == 6


# ---- the same rule in Django's admin


def test_django_s_admin_keeps_the_same_rule() -> None:
    """For a manager to whom a superuser gave the right by hand."""
    people.nga()
    keeper = people.ha()
    keeper.user_permissions.set(_rights("view_user", "change_user"))
    client, form = as_(keeper), fields_of(people.binh()) | {"username": "binh"}
    page = reverse("admin:staff_user_change", args=[people.binh().pk])
    assert client.post(page, form | {"full_name": "Lê Văn Bình", "is_active": "on"}).status_code == 302
    assert now(people.binh()).full_name == "Lê Văn Bình"
    client.post(page, form | {"role": Role.ADMINISTRATOR, "is_active": "on"})
    assert now(people.binh()).role == Role.OFFICER
    above = reverse("admin:staff_user_change", args=[people.nga().pk])
    assert client.post(above, fields_of(people.nga(), username="nga", full_name="Khác")).status_code == 403


def test_django_s_admin_does_not_lock_the_last_administrator_either() -> None:
    client, nga = as_(people.root()), people.nga()
    form = fields_of(nga, username="nga")
    answer = client.post(reverse("admin:staff_user_change", args=[nga.pk]), form)
    assert "quản trị cuối cùng" in answer.content.decode()
    client.post(reverse("admin:staff_user_delete", args=[nga.pk]), {"post": "yes"})
    assert now(nga).is_active


def _rights(*names: str) -> list[Any]:
    return list(Permission.objects.filter(codename__in=names, content_type__app_label="staff"))
