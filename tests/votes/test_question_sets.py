"""Which questions are asked about a dossier: by agency, by day; and the set that any office can begin with."""

from __future__ import annotations

from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from onestop.common.errors import InputRefused
from onestop.dossiers.models import Dossier
from onestop.votes import starter_questions
from onestop.votes.ballots import cast
from onestop.votes.models import Indicator, Question, QuestionSet
from tests import people

from .test_ballots import a_question_set, given

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

OCTOBER = date(2026, 10, 1), date(2026, 10, 31)
DAY = date(2026, 10, 15)


def a_set_of(name: str, **traits: Any) -> QuestionSet:
    question_set = a_question_set(name)
    QuestionSet.objects.filter(pk=question_set.pk).update(**traits)
    return QuestionSet.objects.get(pk=question_set.pk)


def asked(dossier: Dossier, day: date = DAY) -> str | None:
    found = QuestionSet.objects.for_dossier(dossier, day)
    return found.name if found else None


# ---- whose


def test_the_closest_agency_s_set_is_asked() -> None:
    dossier = people.a_dossier(agency=people.ward_desk())
    assert asked(dossier) is None
    for agency, name in ((None, "chung"), (people.province(), "tỉnh"), (people.ward(), "phường")):
        a_set_of(name, agency=agency)
        assert asked(dossier) == name
    a_set_of("tỉnh, sau", agency=people.province(), starts_on=DAY)
    assert asked(dossier) == "phường"


def test_a_set_serves_its_agency_and_all_below_it_and_nobody_beside_or_above() -> None:
    a_set_of("phường", agency=people.ward())
    served = {
        agency.code: asked(people.a_dossier(agency=agency, by=people.root()))
        for agency in (people.ward_desk(), people.ward(), people.province(), people.department())
    }
    assert served == {"H22.101.01": "phường", "H22.101": "phường", "H22": None, "H22.001": None}


def test_of_one_agency_s_sets_the_one_that_began_last_is_asked_and_of_those_the_newest() -> None:
    dossier = people.a_dossier()
    a_set_of("sau", starts_on=date(2026, 10, 10))
    a_set_of("trước", starts_on=date(2026, 10, 1))
    a_set_of("không ngày")
    assert asked(dossier) == "sau"
    a_set_of("sau nữa", starts_on=date(2026, 10, 10))
    assert asked(dossier) == "sau nữa"


def test_a_set_that_is_switched_off_or_has_no_question_is_not_asked() -> None:
    dossier = people.a_dossier()
    a_set_of("tắt", is_active=False)
    a_question_set("trống", questions=0)
    assert asked(dossier) is None


# ---- when


@pytest.mark.parametrize(
    ("day", "is_asked"),
    [
        (date(2026, 9, 30), False),
        (date(2026, 10, 1), True),
        (date(2026, 10, 31), True),
        (date(2026, 11, 1), False),
    ],
)
def test_the_first_and_the_last_day_both_count(day: date, is_asked: bool) -> None:
    dossier, october = people.a_dossier(), a_set_of("tháng mười", starts_on=OCTOBER[0], ends_on=OCTOBER[1])
    assert (asked(dossier, day) is not None) is is_asked
    if is_asked:
        assert cast(dossier, october, given(1, 1), on=day)
    else:
        with pytest.raises(InputRefused, match="không dùng cho hồ sơ này"):
            cast(dossier, october, given(1, 1), on=day)


def test_a_set_of_the_province_takes_the_ballot_of_a_ward_s_desk() -> None:
    assert cast(people.a_dossier(agency=people.ward_desk()), a_set_of("tỉnh", agency=people.province()), given(1, 1))


def test_a_set_of_a_unit_below_takes_no_ballot_of_the_agency_above_it() -> None:
    desks = a_set_of("tổ", agency=people.ward_desk())
    with pytest.raises(InputRefused, match="không dùng cho hồ sơ này"):
        cast(people.a_dossier(), desks, given(1, 1))


def test_a_period_that_ends_before_it_begins_is_kept_by_nobody() -> None:
    backwards = QuestionSet(name="ngược", starts_on=OCTOBER[1], ends_on=OCTOBER[0])
    with pytest.raises(ValidationError, match="Ngày cuối không được trước ngày đầu"):
        backwards.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        backwards.save()


# ---- the ready set


def load(*words: str) -> str:
    said = StringIO()
    call_command("load_questions", *words, stdout=said)
    return said.getvalue()


def test_the_ready_set_asks_the_nine_topics_and_is_made_once() -> None:
    assert "Đã lập" in load()
    assert "đã có, không đổi gì" in load()
    questions = list(QuestionSet.objects.get().questions.all())
    assert [question.ordinal for question in questions] == list(range(1, 10))
    assert all(question.content for question in questions)
    fed = {question.ordinal: question.indicator for question in questions if question.indicator}
    assert fed == {2: 4, 3: 3, 4: 6, 5: 7, 7: 8, 8: 9}


def test_an_agency_may_have_the_ready_set_for_itself() -> None:
    people.ward()
    load()
    assert "H22.101" in load("--agency", "H22.101")
    assert "đã có" in load("--agency", "H22.101")
    assert {found.agency for found in QuestionSet.objects.all()} == {None, people.ward()}
    with pytest.raises(CommandError, match="H99"):
        load("--agency", "H99")


@pytest.mark.parametrize("indicator", [1, 10])
def test_the_first_indicator_is_counted_from_dossiers_and_there_is_no_tenth(indicator: int) -> None:
    question_set = a_question_set()
    with pytest.raises(IntegrityError), transaction.atomic():
        question_set.questions.create(ordinal=9, content="?", indicator=indicator)
    assert question_set.questions.create(ordinal=9, content="?", indicator=Indicator.ONLINE)


# ---- in the admin


def posted(question_set: QuestionSet, **changes: str) -> dict[str, str]:
    """The admin's page of the set, as its form would send it."""
    fields = {
        "name": question_set.name,
        "is_active": "on",
        "starts_on": "",
        "ends_on": "",
        "questions-TOTAL_FORMS": "3",
        "questions-INITIAL_FORMS": "2",
        "questions-2-ordinal": "3",
        "questions-2-content": "Câu thêm?",
        "questions-2-question_set": str(question_set.pk),
    }
    for number, question in enumerate(question_set.questions.all()):
        fields |= {
            f"questions-{number}-id": str(question.pk),
            f"questions-{number}-question_set": str(question_set.pk),
            f"questions-{number}-ordinal": str(question.ordinal + 10),
            f"questions-{number}-content": "Nghĩa khác?",
        }
    return fields | changes


def as_root() -> Client:
    client = Client()
    client.force_login(people.root())
    return client


def test_what_was_answered_keeps_its_wording_and_can_still_be_ended() -> None:
    question_set, client = a_question_set(), as_root()
    cast(people.a_dossier(), question_set, given(1, 1))
    address = reverse("admin:votes_questionset_change", args=[question_set.pk])
    page = client.get(address).content.decode()
    assert "làm thay đổi ý nghĩa của số liệu đã có" in page
    assert 'name="questions-0-content"' not in page
    before = list(Question.objects.values())
    changes = {"name": "Tên khác", "ends_on": "05/12/2026"}
    assert client.post(address, posted(question_set, **changes)).status_code == 302
    assert list(Question.objects.values()) == before
    question_set.refresh_from_db()
    assert (question_set.name, question_set.ends_on) == ("Khảo sát", date(2026, 12, 5))


def test_what_nobody_has_answered_may_still_be_worded_anew() -> None:
    question_set, client = a_question_set(), as_root()
    address = reverse("admin:votes_questionset_change", args=[question_set.pk])
    assert "làm thay đổi ý nghĩa" not in client.get(address).content.decode()
    assert client.post(address, posted(question_set)).status_code == 302
    assert set(question_set.questions.values_list("ordinal", "content")) == {
        (11, "Nghĩa khác?"),
        (12, "Nghĩa khác?"),
        (3, "Câu thêm?"),
    }


def test_the_ready_set_is_made_for_the_demo_and_for_earnest_alike() -> None:
    question_set, made = starter_questions.load()
    again, made_again = starter_questions.load()
    assert (question_set, made, made_again) == (again, True, False)
