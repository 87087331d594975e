"""Ratings by API: what is asked, one ballot per dossier that nothing leads to, and results of one's own agencies."""

from __future__ import annotations

import logging
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from onestop.catalog.models import Agency
from onestop.dossiers import lifecycle
from onestop.dossiers.models import Dossier, State
from onestop.partners.models import IdempotentReply
from onestop.partners.scopes import ApiScope
from onestop.votes.ballot_pages.logs import WithoutBallots
from onestop.votes.ballots import BallotAnswer, cast
from onestop.votes.models import Answer, Ballot, BallotSlip, QuestionSet, Rating
from tests import people

from .caller import caller, faults, read

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

MANNERS, CONTACTS = "Thái độ phục vụ?", "Số lần phải liên hệ?"
OCTOBER = "from=2026-10-01&to=2026-10-31"


def a_set(name: str = "Khảo sát", agency: Agency | None = None) -> QuestionSet:
    question_set, made = QuestionSet.objects.get_or_create(name=name, agency=agency)
    # The second first, so that their order is the ordinals'.
    for ordinal, content in ((2, CONTACTS), (1, MANNERS)) if made else ():
        question_set.questions.create(ordinal=ordinal, content=content)
    return question_set


def a_ballot(**changes: Any) -> dict[str, Any]:
    answers = [an_answer(1, 1), an_answer(2, 3, reason="Phải đi lại ba lần")]
    return {"question_set": a_set().pk, "answers": answers, **changes}


def an_answer(question: int, rating: Any, **more: Any) -> dict[str, Any]:
    return {"question": question, "rating": rating, **more}


def rated(agency: Agency, manners: Rating, on: date = date(2026, 10, 15), **traits: Any) -> None:
    dossier = people.a_new_dossier(agency=agency, **traits)
    lifecycle.receive(dossier, None)
    cast(dossier, a_set(), {1: BallotAnswer(rating=manners, reason="x"), 2: BallotAnswer(rating=1, reason="")}, on=on)


# ---- what is asked


def test_the_set_that_is_asked_about_a_dossier_is_told_in_the_order_of_its_questions() -> None:
    a_set("Của tỉnh khác", people.another_province())
    mine, dossier = a_set("Của phường", people.ward()), people.a_dossier()
    a_set()
    assert read(caller().get(f"dossiers/{dossier.uuid}/questions")) == {
        "question_set": mine.pk,
        "name": "Của phường",
        "questions": [{"question": 1, "content": MANNERS}, {"question": 2, "content": CONTACTS}],
    }


def test_where_nothing_is_asked_there_is_nothing_to_find() -> None:
    assert faults(caller().get(f"dossiers/{people.a_dossier().uuid}/questions"), 404) == {"": "not_found"}


# ---- casting


def test_a_ballot_is_kept_and_the_answer_says_nothing_of_it() -> None:
    dossier = people.a_dossier()
    answer = caller(ApiScope.VOTES_WRITE).post(f"dossiers/{dossier.uuid}/vote", a_ballot())
    assert read(answer, 201) == {}
    assert "Location" not in answer.headers
    ballot = Ballot.objects.get()
    assert (ballot.agency, ballot.procedure, ballot.cast_on) == (
        people.ward(),
        people.a_procedure(),
        timezone.localdate(),
    )
    assert set(ballot.answers.values_list("question__ordinal", "rating", "reason")) == {
        (1, 1, ""),
        (2, 3, "Phải đi lại ba lần"),
    }


def test_what_was_asked_can_be_answered_as_it_was_told() -> None:
    a_set()
    partner, dossier = caller(), people.a_dossier()
    asked = read(partner.get(f"dossiers/{dossier.uuid}/questions"))
    answers = [{"question": each["question"], "rating": 2} for each in asked["questions"]]
    ballot = {"question_set": asked["question_set"], "answers": answers}
    assert read(partner.post(f"dossiers/{dossier.uuid}/vote", ballot), 201) == {}


def test_a_dossier_votes_once() -> None:
    partner, dossier = caller(), people.a_dossier()
    path = f"dossiers/{dossier.uuid}/vote"
    read(partner.post(path, a_ballot()), 201)
    assert faults(partner.post(path, a_ballot()), 409) == {"": "already_rated"}
    assert "Hồ sơ này đã được đánh giá." in partner.post(path, a_ballot()).content.decode()
    assert (Ballot.objects.count(), Answer.objects.count(), BallotSlip.objects.count()) == (1, 2, 1)


def test_nothing_of_a_call_that_casts_a_ballot_is_kept_though_it_has_a_key() -> None:
    """A digest of address and answers beside an hour would lead from the dossier to its ballot."""
    dossier = people.a_dossier()
    answer = caller().post(f"dossiers/{dossier.uuid}/vote", a_ballot(), Idempotency_Key="k1")
    assert answer.status_code == 201
    assert not IdempotentReply.objects.exists()


def test_no_line_of_the_log_tells_when_a_dossier_was_rated() -> None:
    keeps = WithoutBallots()

    def line(path: str) -> logging.LogRecord:
        record = logging.LogRecord("django.request", logging.WARNING, "", 0, "Conflict: %s", (path,), None)
        record.request = type("Request", (), {"path": path})()
        return record

    assert not keeps.filter(line(f"/api/v1/dossiers/{uuid4()}/vote"))
    assert keeps.filter(line(f"/api/v1/dossiers/{uuid4()}/accept"))
    assert keeps.filter(line("/api/v1/votes"))


def test_only_a_dossier_that_the_partner_sees_can_be_rated() -> None:
    other = people.a_dossier(agency=people.another_province(), by=people.root())
    for path in (f"dossiers/{other.uuid}/vote", f"dossiers/{uuid4()}/vote"):
        assert faults(caller().post(path, a_ballot()), 404) == {"": "not_found"}
    assert faults(caller().get(f"dossiers/{other.uuid}/questions"), 404) == {"": "not_found"}
    assert not Ballot.objects.exists()


def test_casting_and_reading_need_scopes_of_their_own() -> None:
    path = f"dossiers/{people.a_dossier().uuid}"
    assert faults(caller(ApiScope.VOTES_READ).post(f"{path}/vote", a_ballot()), 403) == {"": "scope"}
    assert faults(caller(ApiScope.VOTES_READ).get(f"{path}/questions"), 403) == {"": "scope"}
    assert faults(caller(ApiScope.VOTES_WRITE).get(f"votes?{OCTOBER}"), 403) == {"": "scope"}
    assert caller().get(f"{path}/vote").status_code == 405


@pytest.mark.parametrize("dossier", [State.REGISTERED, State.REFUSED])
def test_a_dossier_that_was_never_accepted_is_in_no_state_to_be_rated(dossier: State) -> None:
    path = f"dossiers/{people.a_dossier_in(dossier).uuid}/vote"
    assert faults(caller().post(path, a_ballot()), 409) == {"": "not_accepted"}


@pytest.mark.parametrize(
    ("answers", "wrong"),
    [
        ([], {"answers": "missing"}),
        ([an_answer(1, 1)], {"answers": "missing"}),
        ([an_answer(2, 1), an_answer(1, 3)], {"answers.1": "reason"}),
        ([an_answer(2, 1), an_answer(1, 3, reason=" ")], {"answers.1": "reason"}),
        ([an_answer(1, 1), an_answer(2, 1), an_answer(9, 1)], {"answers.2": "unknown"}),
        ([an_answer(1, 1), an_answer(9, 1)], {"answers": "missing", "answers.1": "unknown"}),
        ([an_answer(1, 1), an_answer(1, 2)], {"answers": "repeated"}),
        ([an_answer(1, 1), an_answer(2, 4)], {"answers.1.rating": "max_value"}),
        ([an_answer(1, 1), an_answer(2, 0)], {"answers.1.rating": "min_value"}),
        ([an_answer(1, 1), an_answer(2, "1")], {"answers.1.rating": "invalid"}),
        ([an_answer(1, 1), an_answer(2, True)], {"answers.1.rating": "invalid"}),
        ([an_answer(1, 1), {"question": 2}], {"answers.1.rating": "required"}),
        ([an_answer(1, 1, reason="tốt"), an_answer(2, 1)], {"answers.0.reason": "needless"}),
        ([an_answer(1, 1, voter="Ước"), an_answer(2, 1)], {"answers.0.voter": "unknown"}),
        (
            [an_answer(1, 3, reason="x\u202ey"), an_answer(2, 1)],
            {"answers.0.reason": "hidden_character"},
        ),
        (
            [an_answer(1, 3, reason="x" * 1001), an_answer(2, 1)],
            {"answers.0.reason": "max_length"},
        ),
        ({"1": 1}, {"answers": "not_a_list"}),
        ("1", {"answers": "not_a_list"}),
    ],
)
def test_a_ballot_with_a_fault_is_refused_at_its_place_and_nothing_is_kept(
    answers: Any, wrong: dict[str, str]
) -> None:
    dossier = people.a_dossier()
    assert faults(caller().post(f"dossiers/{dossier.uuid}/vote", a_ballot(answers=answers))) == wrong
    assert not BallotSlip.objects.exists()


@pytest.mark.parametrize(
    ("key", "code"), [(0, "min_value"), (-1, "min_value"), (2**50, "invalid"), (2**62, "max_value")]
)
def test_a_set_that_does_not_serve_the_dossier_is_refused(key: int, code: str) -> None:
    dossier = people.a_dossier()
    of_others = a_set("Của tỉnh khác", people.another_province())
    for pk, wrong in ((key, code), (of_others.pk, "invalid")):
        ballot = a_ballot(question_set=pk)
        assert faults(caller().post(f"dossiers/{dossier.uuid}/vote", ballot)) == {"question_set": wrong}
    assert faults(caller().post(f"dossiers/{dossier.uuid}/vote", a_ballot(hour=8))) == {"hour": "unknown"}


# ---- results


def test_results_count_ballots_and_ratings_of_the_days_asked_for() -> None:
    for manners in (Rating.VERY_GOOD, Rating.VERY_GOOD, Rating.BAD):
        rated(people.ward(), manners)
    rated(people.ward(), Rating.GOOD, on=date(2026, 10, 31))
    rated(people.ward(), Rating.GOOD, on=date(2026, 11, 1))
    assert read(caller(ApiScope.VOTES_READ).get(f"votes?agency=H22.101&{OCTOBER}")) == {
        "ballots": 4,
        "overall": {"very_good": 6, "good": 1, "bad": 1, "percents": {"very_good": 75.0, "good": 12.5, "bad": 12.5}},
        "questions": [
            {
                "very_good": 2,
                "good": 1,
                "bad": 1,
                "percents": {"very_good": 50.0, "good": 25.0, "bad": 25.0},
                "question": MANNERS,
            },
            {
                "very_good": 4,
                "good": 0,
                "bad": 0,
                "percents": {"very_good": 100.0, "good": 0.0, "bad": 0.0},
                "question": CONTACTS,
            },
        ],
    }


def ballots(asked: str = "", **partner: Any) -> int:
    return int(read(caller(**partner).get(f"votes?{OCTOBER}{asked}"))["ballots"])


def test_without_an_agency_all_of_the_partners_are_counted_and_none_twice() -> None:
    rated(people.ward(), Rating.GOOD)
    rated(people.ward_desk(), Rating.GOOD)
    rated(people.department(), Rating.GOOD)
    rated(people.another_province(), Rating.GOOD)
    both = [people.ward(), people.ward_desk(), people.department()]
    assert ballots(name="Ba cơ quan", agencies=both) == 3
    assert ballots("&agency=H22.101", name="Ba cơ quan", agencies=both) == 2
    assert ballots("&agency=H22.101.01", name="Ba cơ quan", agencies=both) == 1
    assert ballots() == 2


def test_of_an_agency_that_the_partner_does_not_oversee_nothing_is_told_not_even_that_it_exists() -> None:
    rated(people.another_province(), Rating.GOOD)
    people.department()
    unknown, others = (caller().get(f"votes?{OCTOBER}&agency={code}") for code in ("H99", "H23"))
    assert faults(unknown, 404) == {"": "not_found"}
    assert (others.status_code, others.content) == (unknown.status_code, unknown.content)
    assert caller().get(f"votes?{OCTOBER}&agency=H22").status_code == 404


def test_results_are_narrowed_to_a_procedure_and_a_set() -> None:
    rated(people.ward(), Rating.GOOD)
    rated(people.ward(), Rating.GOOD, procedure=people.a_procedure(code="2.000488", name="Cấp Phiếu lý lịch tư pháp"))
    other = a_set("Khác")
    assert ballots("&procedure=2.000488") == 1
    assert ballots(f"&question_set={a_set().pk}") == 2
    assert ballots(f"&question_set={other.pk}") == 0


@pytest.mark.parametrize(
    ("asked", "wrong"),
    [
        ("", {"from": "required", "to": "required"}),
        ("from=2026-10-02&to=2026-10-01", {"to": "invalid"}),
        ("from=1/10/2026&to=20261031", {"from": "invalid", "to": "invalid"}),
        ("from=2026-02-30&to=2026-W40-1", {"from": "invalid", "to": "invalid"}),
        ("from=0001-01-01&to=9999-12-31", {"from": "out_of_range", "to": "out_of_range"}),
        (f"{OCTOBER}&procedure=9", {"procedure": "does_not_exist"}),
        (f"{OCTOBER}&question_set=9", {"question_set": "does_not_exist"}),
        (f"{OCTOBER}&question_set={10**30}", {"question_set": "does_not_exist"}),
        (f"{OCTOBER}&question_set=x", {"question_set": "incorrect_type"}),
        (f"{OCTOBER}&agency=", {"agency": "invalid"}),
        (f"{OCTOBER}&dossier=1", {"dossier": "invalid"}),
    ],
)
def test_a_question_about_results_that_makes_no_sense_is_refused_by_name(asked: str, wrong: dict[str, str]) -> None:
    assert faults(caller().get(f"votes?{asked}")) == wrong


def test_nothing_has_been_rated_yet() -> None:
    none = {"very_good": 0, "good": 0, "bad": 0, "percents": {"very_good": 0.0, "good": 0.0, "bad": 0.0}}
    assert read(caller().get(f"votes?{OCTOBER}")) == {"ballots": 0, "overall": none, "questions": []}
    assert not Dossier.objects.exists()
