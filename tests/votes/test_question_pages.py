"""The pages of question sets: who keeps whose, and that answered questions stay as they were asked."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from onestop.staff.models import User
from onestop.votes import starter_questions
from onestop.votes.ballots import cast
from onestop.votes.models import QuestionSet
from tests import people

pytestmark = pytest.mark.django_db


def as_(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def a_set(owner: Callable[[], object] | None = people.ward, name: str = "Khảo sát") -> QuestionSet:
    questions = QuestionSet.objects.create(name=name, agency=owner() if owner else None)  # type: ignore[misc] # an agency
    questions.questions.create(ordinal=1, content="Thái độ phục vụ?", indicator=7)
    return questions


def page(questions: QuestionSet) -> str:
    return reverse("votes:question-set", args=[questions.pk])


def typed(*contents: str, **more: object) -> dict[str, object]:
    lines: dict[str, object] = {f"content_{number}": content for number, content in enumerate(contents, 1)}
    return {"name": "Khảo sát", "agency": people.ward().pk, "is_active": "on"} | lines | more


def asked(questions: QuestionSet) -> list[tuple[int, str, int | None]]:
    return list(questions.questions.order_by("ordinal").values_list("ordinal", "content", "indicator"))


@pytest.mark.parametrize(
    ("who", "opens"), [(people.lan, 403), (people.thanh, 403), (people.ha, 200), (people.nga, 200), (people.root, 200)]
)
def test_leaders_and_administrators_keep_question_sets(who: Callable[[], User], opens: int) -> None:
    for name in ("votes:question-sets", "votes:question-set-add"):
        assert as_(who()).get(reverse(name)).status_code == opens


def test_each_keeps_those_of_the_own_subtree_and_sees_the_common_ones() -> None:
    own, common, foreign = a_set(), a_set(None, "Chung"), a_set(people.department, "Của sở")
    client = as_(people.nga())
    shown = client.get(reverse("votes:question-sets")).content.decode()
    assert "Chung" in shown
    assert "Của sở" not in shown
    assert client.get(page(foreign)).status_code == 404
    assert "do quản trị hệ thống cập nhật" in client.get(page(common)).content.decode()
    assert client.post(page(common), typed("Khác?")).status_code == 403
    assert client.post(page(own), typed("Khác?")).status_code == 302
    assert asked(own) == [(1, "Khác?", None)]
    assert client.post(page(own), typed("Khác?", agency=people.department().pk)).status_code == 200


def test_questions_are_added_taken_out_and_kept_in_order() -> None:
    own = a_set()
    client = as_(people.ha())
    lines = {"indicator_1": "7", "indicator_3": "2"}
    assert client.post(page(own), typed("Thái độ?", "", "Thời gian?", **lines)).status_code == 302
    assert asked(own) == [(1, "Thái độ?", 7), (2, "Thời gian?", 2)]
    message = LogEntry.objects.get(object_id=str(own.pk)).get_change_message()
    assert message == "Đã thay đổi câu hỏi."


def test_a_new_set_can_begin_with_the_questions_of_the_decree() -> None:
    client = as_(people.nga())
    shown = client.get(reverse("votes:question-set-add"), {"starter": "1"}).content.decode()
    assert starter_questions.QUESTIONS[0][0] in shown
    answer = client.post(f"{reverse('votes:question-set-add')}?starter=1", typed("Một?", "Hai?"))
    assert answer.status_code == 302
    new = QuestionSet.objects.get()
    assert (new.agency, len(asked(new))) == (people.ward(), 2)
    assert LogEntry.objects.get(object_id=str(new.pk)).is_addition()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"content_1": ""}, "content_1"),
        ({"agency": ""}, "agency"),
        ({"starts_on": "x"}, "starts_on"),
        ({"starts_on": "02/10/2026", "ends_on": "01/10/2026"}, ""),
        ({"content_1": "x" * 501}, "content_1"),
        ({"indicator_1": "1"}, "indicator_1"),
    ],
)
def test_a_set_that_cannot_be_is_refused_by_field(changes: dict[str, object], field: str) -> None:
    answer = as_(people.nga()).post(reverse("votes:question-set-add"), typed("Một?") | changes)
    shown = answer.content.decode()
    assert 'id="faults"' in shown
    assert not field or f'href="#id_{field}"' in shown
    assert not QuestionSet.objects.exists()


def test_an_answered_set_keeps_its_name_and_questions_and_may_be_ended() -> None:
    own = a_set()
    cast(people.a_dossier(), own, {1: {"rating": 1, "reason": ""}})
    client = as_(people.nga())
    shown = client.get(page(own)).content.decode()
    assert "lập bộ câu hỏi mới" in shown
    assert "content_1" not in shown
    fields = typed("Khác?", name="Tên khác", ends_on="31/12/2026") | {"is_active": ""}
    assert client.post(page(own), fields).status_code == 302
    own.refresh_from_db()
    assert (own.name, own.is_active, f"{own.ends_on}") == ("Khảo sát", False, "2026-12-31")
    assert asked(own) == [(1, "Thái độ phục vụ?", 7)]
