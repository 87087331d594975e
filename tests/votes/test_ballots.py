"""One ballot per dossier and question set, whole or not at all, and nobody can tell whose it was."""

from __future__ import annotations

from datetime import date, datetime
from threading import Barrier, Thread

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.test import Client
from django.urls import reverse

from onestop.catalog.models import Agency, Procedure
from onestop.common.errors import InputRefused, Refused
from onestop.common.time import VIETNAM
from onestop.dossiers.models import Dossier, State
from onestop.votes.ballots import BallotAnswer, cast
from onestop.votes.models import Answer, Ballot, BallotSlip, Question, QuestionSet, Rating
from tests import people

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def a_question_set(name: str = "Khảo sát", questions: int = 2) -> QuestionSet:
    question_set = QuestionSet.objects.create(name=name)
    for ordinal in range(1, questions + 1):
        question_set.questions.create(ordinal=ordinal, content=f"Câu {ordinal}?")
    return question_set


def given(*ratings: int, reason: str = "") -> dict[int, BallotAnswer]:
    """Answers to the questions 1, 2, …; the reason goes with the bad ones."""
    return {
        ordinal: {"rating": rating, "reason": reason if rating == Rating.BAD else ""}
        for ordinal, rating in enumerate(ratings, 1)
    }


def refused(dossier: Dossier, question_set: QuestionSet, answers: dict[int, BallotAnswer]) -> Refused:
    """Why the ballot is refused; makes sure that nothing of it was kept."""
    before = [kind._default_manager.count() for kind in (BallotSlip, Ballot, Answer)]
    with pytest.raises(Refused) as refusal:
        cast(dossier, question_set, answers)
    assert [kind._default_manager.count() for kind in (BallotSlip, Ballot, Answer)] == before
    return refusal.value


def by_field(error: Refused) -> dict[str, list[str]]:
    assert isinstance(error, InputRefused)
    return {name: [str(reason) for reason in reasons] for name, reasons in error.fields.items()}


# ---- casting


def test_a_ballot_keeps_agency_procedure_day_and_answers() -> None:
    dossier, question_set = people.a_dossier(agency=people.ward_desk()), a_question_set()
    ballot = cast(dossier, question_set, given(Rating.VERY_GOOD, Rating.BAD, reason="Chờ lâu"), on=date(2026, 10, 31))
    saved = Ballot.objects.get()
    assert saved == ballot
    assert (saved.agency, saved.procedure, saved.question_set) == (dossier.agency, dossier.procedure, question_set)
    assert saved.cast_on == date(2026, 10, 31)
    answers = saved.answers.order_by("question__ordinal").values_list("question__ordinal", "rating", "reason")
    assert list(answers) == [(1, Rating.VERY_GOOD, ""), (2, Rating.BAD, "Chờ lâu")]


def test_a_ballot_is_cast_today_by_the_clock_of_vietnam() -> None:
    dossier, question_set = people.a_dossier(), a_question_set()
    with time_machine.travel(datetime(2026, 11, 1, 0, 30, tzinfo=VIETNAM), tick=False):
        assert cast(dossier, question_set, given(1, 1)).cast_on == date(2026, 11, 1)


def test_a_dossier_votes_once_on_a_question_set() -> None:
    dossier, question_set = people.a_dossier(), a_question_set()
    cast(dossier, question_set, given(1, 2))
    assert str(refused(dossier, question_set, given(2, 2))) == "Hồ sơ này đã được đánh giá."


def test_a_dossier_votes_on_another_set_and_another_dossier_on_the_same() -> None:
    first, second = people.a_dossier(), people.a_dossier()
    one, other = a_question_set(), a_question_set("Khảo sát khác")
    cast(first, one, given(1, 1))
    cast(first, other, given(1, 1))
    cast(second, one, given(1, 1))
    assert (Ballot.objects.count(), BallotSlip.objects.count()) == (3, 3)


def test_the_database_itself_allows_one_slip_only() -> None:
    dossier, question_set = people.a_dossier(), a_question_set()
    BallotSlip.objects.create(dossier=dossier, question_set=question_set)
    with pytest.raises(IntegrityError), transaction.atomic():
        BallotSlip.objects.create(dossier=dossier, question_set=question_set)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one write at a time; needs PostgreSQL")
def test_of_two_who_vote_at_once_one_is_counted_and_one_is_told() -> None:
    dossier, question_set, barrier = people.a_dossier(), a_question_set(), Barrier(2)
    outcomes: list[str] = []

    def vote() -> None:
        barrier.wait()
        try:
            cast(dossier, question_set, given(1, 1))
            outcomes.append("kept")
        except Refused as error:
            outcomes.append(str(error))
        finally:
            connection.close()

    threads = [Thread(target=vote) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["Hồ sơ này đã được đánh giá.", "kept"]
    assert (Ballot.objects.count(), Answer.objects.count()) == (1, 2)


# ---- what is refused


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_a_bad_rating_wants_a_reason(reason: str) -> None:
    error = refused(people.a_dossier(), a_question_set(), given(Rating.GOOD, Rating.BAD, reason=reason))
    assert by_field(error) == {"q2": ["Vui lòng cho biết lý do không hài lòng."]}


def test_every_question_is_answered_and_no_other() -> None:
    error = refused(people.a_dossier(), a_question_set(), {2: {"rating": 1, "reason": ""}, 3: given(1)[1]})
    assert by_field(error) == {"q1": ["Chưa trả lời câu hỏi này."], "q3": ["Không có câu hỏi này."]}


@pytest.mark.parametrize("rating", [0, 4, -1])
def test_only_the_three_ratings_are_taken(rating: int) -> None:
    error = refused(people.a_dossier(), a_question_set(), given(1, rating))
    assert by_field(error) == {"q2": ["Mức đánh giá không hợp lệ."]}


def test_a_refused_ballot_may_be_cast_again_when_it_is_complete() -> None:
    dossier, question_set = people.a_dossier(), a_question_set()
    refused(dossier, question_set, given(1))
    assert cast(dossier, question_set, given(1, 1))


def test_what_was_never_accepted_is_not_rated() -> None:
    error = refused(people.a_dossier_in(State.REFUSED), a_question_set(), given(1, 1))
    assert str(error) == "Chỉ đánh giá được hồ sơ đã tiếp nhận."


@pytest.mark.django_db(transaction=True)
def test_a_set_that_is_not_the_dossier_s_takes_no_ballot_and_uses_up_no_slip() -> None:
    dossier = people.a_dossier()
    gone, foreign, empty = a_question_set("cũ"), a_question_set("của tỉnh khác"), a_question_set("trống", questions=0)
    QuestionSet.objects.filter(pk=gone.pk).update(is_active=False)
    QuestionSet.objects.filter(pk=foreign.pk).update(agency=people.another_province())
    for wrong in QuestionSet.objects.all():
        answers = {} if wrong == empty else given(1, 2)
        with pytest.raises(InputRefused, match="không dùng cho hồ sơ này"):
            cast(dossier, wrong, answers)
    assert not BallotSlip.objects.exists()


def test_a_reason_longer_than_its_column_is_refused_by_question() -> None:
    answers = given(1, 3, reason="x" * 1001)
    with pytest.raises(InputRefused) as refused:
        cast(people.a_dossier(), a_question_set(), answers)
    assert list(refused.value.fields) == ["q2"]


def test_keys_do_not_count_up_in_step_and_so_pair_nobody_with_an_answer() -> None:
    for model in (BallotSlip, Ballot, Answer):
        assert isinstance(model._meta.pk, models.UUIDField), model


def test_a_ballot_that_cannot_be_stored_leaves_nothing_behind() -> None:
    """The slip above all: else the dossier could never vote again."""
    dossier, question_set = people.a_dossier(), a_question_set()
    with pytest.raises(ValidationError, match="YYYY-MM-DD"):
        cast(dossier, question_set, given(1, 2), on="hôm qua")  # type: ignore[arg-type] # what no table takes
    assert not any(kind._default_manager.exists() for kind in (BallotSlip, Ballot, Answer))


# ---- whose it was


def test_nothing_leads_from_a_ballot_to_a_dossier_or_a_person() -> None:
    ballot = {field.name: field.related_model for field in Ballot._meta.get_fields()}
    assert ballot == {
        "id": None,
        "question_set": QuestionSet,
        "agency": Agency,
        "procedure": Procedure,
        "cast_on": None,
        "answers": Answer,
    }
    answer = {field.name: field.related_model for field in Answer._meta.get_fields()}
    assert answer == {"id": None, "ballot": Ballot, "question": Question, "rating": None, "reason": None}


def test_a_slip_knows_neither_its_ballot_nor_the_hour() -> None:
    slip = {field.name: field.related_model for field in BallotSlip._meta.get_fields()}
    assert slip == {"id": None, "dossier": Dossier, "question_set": QuestionSet}


def test_a_ballot_has_a_day_and_no_hour_and_a_key_drawn_by_lot() -> None:
    kinds = {type(field) for field in Ballot._meta.get_fields()}
    assert models.DateField in kinds
    assert models.DateTimeField not in kinds
    dossier = people.a_dossier()
    keys = [cast(dossier, a_question_set(f"{n}", 1), given(1)).pk for n in range(2)]
    assert [key.version for key in keys] == [4, 4]


# ---- in the admin


def as_root() -> Client:
    client = Client()
    client.force_login(people.root())
    return client


def test_questions_are_written_in_the_admin() -> None:
    fields = {
        "name": "Khảo sát 2027",
        "is_active": "on",
        "questions-TOTAL_FORMS": "1",
        "questions-INITIAL_FORMS": "0",
        "questions-0-ordinal": "1",
        "questions-0-content": "Thái độ phục vụ?",
    }
    assert as_root().post(reverse("admin:votes_questionset_add"), fields).status_code == 302
    assert QuestionSet.objects.get().questions.get().content == "Thái độ phục vụ?"


@pytest.mark.parametrize("model", [Ballot, BallotSlip])
def test_ballots_and_slips_are_only_looked_at_in_the_admin(model: type[models.Model]) -> None:
    cast(people.a_dossier(), a_question_set(), given(1, Rating.BAD, reason="Chờ lâu"))
    row, client, name = model._default_manager.get(), as_root(), f"admin:votes_{model._meta.model_name}"
    assert client.get(reverse(f"{name}_changelist")).status_code == 200
    shown = client.get(reverse(f"{name}_change", args=[row.pk]))
    assert shown.status_code == 200
    assert ("Chờ lâu" in shown.content.decode()) is (model is Ballot)
    assert client.post(reverse(f"{name}_change", args=[row.pk]), {}).status_code == 403
    assert client.get(reverse(f"{name}_add")).status_code == 403
    assert client.post(reverse(f"{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    assert model._default_manager.get() == row


def test_in_the_admin_too_one_sees_the_ratings_of_ones_own_agency_only() -> None:
    question_set = a_question_set()
    other = people.a_dossier(agency=people.another_province(), by=people.root())
    for dossier in (people.a_dossier(), other):
        cast(dossier, question_set, given(1, 1))
    ha = people.ha()
    ha.user_permissions.set(Permission.objects.filter(codename__in=["view_ballot", "view_ballotslip"]))
    client = Client()
    client.force_login(ha)
    ballots = client.get(reverse("admin:votes_ballot_changelist")).context["cl"].queryset
    slips = client.get(reverse("admin:votes_ballotslip_changelist")).context["cl"].queryset
    assert [ballot.agency for ballot in ballots] == [people.ward()]
    assert [slip.dossier.agency for slip in slips] == [people.ward()]
