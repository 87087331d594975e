"""Publishing freezes a period's figures; a changed past makes a further revision and leaves the earlier ones."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.db.utils import IntegrityError
from django.test import Client
from django.urls import reverse

from onestop.catalog.models import Agency
from onestop.common.time import VIETNAM
from onestop.dossiers import lifecycle
from onestop.dossiers.models import Dossier
from onestop.statistics.figures.figures import figures
from onestop.statistics.models import Publication
from onestop.statistics.periods import Period
from onestop.statistics.publishing import PeriodNotOver, drawn_up, publish, reporting_agencies, unpublished_periods
from onestop.statistics.scope import FigureScope
from onestop.votes.ballots import cast
from onestop.votes.models import QuestionSet, Rating
from tests import people

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

OCTOBER = Period(2026, 10)
NOVEMBER_5 = datetime(2026, 11, 5, 9, tzinfo=VIETNAM)


def received_in_october(**traits: object) -> Dossier:
    dossier = people.a_new_dossier(**traits)
    lifecycle.receive(dossier, None, at=datetime(2026, 10, 1, 8, tzinfo=VIETNAM))
    return dossier


def rate(dossier: Dossier, rating: Rating, on: date) -> None:
    questions, _made = QuestionSet.objects.get_or_create(name="Khảo sát")
    questions.questions.get_or_create(ordinal=1, content="Thái độ phục vụ?")
    cast(dossier, questions, {1: {"rating": rating, "reason": "chậm"}}, on=on)


def test_figures_and_ratings_of_the_same_days_are_published_together() -> None:
    rate(received_in_october(), Rating.GOOD, date(2026, 10, 31))
    rate(received_in_october(), Rating.BAD, date(2026, 11, 1))
    publication, made = publish(people.province(), OCTOBER, NOVEMBER_5)
    saved = Publication.objects.get()
    assert (saved, made) == (publication, True)
    assert (saved.year, saved.month, saved.revision, saved.published_at) == (2026, 10, 1, NOVEMBER_5)
    counts = asdict(figures(FigureScope(people.province()), OCTOBER))
    assert {name: getattr(saved, name) for name in saved.FIGURES} == {name: counts[name] for name in saved.FIGURES}
    assert (saved.new_reception, saved.pending_late, saved.ballots) == (2, 2, 1)
    assert saved.tallies == [{"question": "Thái độ phục vụ?", "very_good": 0, "good": 1, "bad": 0}]


def test_publishing_again_changes_nothing() -> None:
    received_in_october()
    first, _made = publish(people.province(), OCTOBER, NOVEMBER_5)
    again, made = publish(people.province(), OCTOBER, NOVEMBER_5 + timedelta(days=30))
    assert (again, made) == (first, False)
    assert Publication.objects.get().published_at == NOVEMBER_5


def test_a_changed_past_makes_a_revision_and_the_old_one_stays() -> None:
    dossier = received_in_october()
    publish(people.province(), OCTOBER, NOVEMBER_5)
    # Decided in October, and only now put on record.
    lifecycle.approve(dossier, None, at=datetime(2026, 10, 2, tzinfo=VIETNAM))
    publication, made = publish(people.province(), OCTOBER, NOVEMBER_5)
    assert (publication.revision, made) == (2, True)
    old, new = Publication.objects.order_by("revision")
    assert (old.revision, old.pending_late, old.solved_in_time) == (1, 1, 0)
    assert (new.revision, new.pending_late, new.solved_in_time) == (2, 0, 1)


def test_a_revision_says_what_was_recorded_late_and_what_it_says_otherwise() -> None:
    punctual, decided = received_in_october(), received_in_october()
    first, _made = publish(people.province(), OCTOBER, NOVEMBER_5)
    assert first.reasons == []
    lifecycle.approve(decided, None, at=datetime(2026, 10, 2, tzinfo=VIETNAM))
    # Recorded later too, but of November: no reason to correct October.
    lifecycle.approve(punctual, None, at=datetime(2026, 11, 2, tzinfo=VIETNAM))
    second, _made = publish(people.province(), OCTOBER, NOVEMBER_5)
    assert second.reasons == [{"code": decided.code, "move": "approve", "at": "2026-10-02T00:00:00+07:00"}]
    assert second.differences(first) == [
        ("giải quyết đúng hạn", 0, 1),
        ("đang giải quyết, quá hạn", 2, 1),
    ]


def test_a_ballot_put_on_record_later_makes_a_revision_too() -> None:
    dossier = received_in_october()
    publish(people.province(), OCTOBER, NOVEMBER_5)
    rate(dossier, Rating.GOOD, date(2026, 10, 20))
    publication, made = publish(people.province(), OCTOBER, NOVEMBER_5)
    assert (publication.revision, publication.ballots, made) == (2, 1, True)


def test_revisions_are_compared_with_the_last_one_not_with_any() -> None:
    """History went there and back: what stands published last is what must be right."""
    dossier = received_in_october()
    publish(people.province(), OCTOBER, NOVEMBER_5)
    lifecycle.withdraw(dossier, None, comment="x", at=datetime(2026, 10, 20, tzinfo=VIETNAM))
    publish(people.province(), OCTOBER, NOVEMBER_5)
    lifecycle.reopen(dossier, people.root(), comment="x", at=datetime(2026, 10, 21, tzinfo=VIETNAM))
    publication, _made = publish(people.province(), OCTOBER, NOVEMBER_5)
    assert [row.pending_late for row in Publication.objects.order_by("revision")] == [1, 0, 1]
    assert publication.revision == 3


def test_a_month_and_its_year_are_published_apart() -> None:
    received_in_october()
    publish(people.province(), OCTOBER, NOVEMBER_5)
    year, _made = publish(people.province(), Period(2026), datetime(2027, 1, 1, tzinfo=VIETNAM))
    assert (year.month, year.revision) == (0, 1)
    assert str(year.period) == "2026"


def test_each_province_publishes_its_own() -> None:
    received_in_october()
    received_in_october(agency=people.another_province())
    for agency in (people.province(), people.another_province()):
        publication, _made = publish(agency, OCTOBER, NOVEMBER_5)
        assert (publication.revision, publication.new_reception) == (1, 1)


def test_a_period_that_has_not_ended_cannot_be_published() -> None:
    received_in_october()
    with pytest.raises(PeriodNotOver, match=r"^Tháng 10/2026 chưa kết thúc nên chưa chốt được\.$"):
        publish(people.province(), OCTOBER, OCTOBER.end - timedelta(microseconds=1))
    assert not Publication.objects.exists()
    assert publish(people.province(), OCTOBER, OCTOBER.end)[1]


def test_a_period_that_has_not_ended_can_be_drawn_up_as_of_now_without_being_saved() -> None:
    received_in_october()
    drawn = drawn_up(people.province(), OCTOBER, datetime(2026, 10, 2, tzinfo=VIETNAM))
    assert (drawn.new_reception, drawn.pending, drawn.pending_late) == (1, 1, 0)
    assert not Publication.objects.exists()


def test_a_quarter_is_not_published() -> None:
    received_in_october()
    with pytest.raises(ValueError, match="2026-Q3 là một quý"):
        publish(people.province(), Period(2026, quarter=3), NOVEMBER_5)


def test_a_month_that_nobody_closed_is_noticed_until_somebody_does() -> None:
    received_in_october()
    assert unpublished_periods(people.province(), NOVEMBER_5) == [OCTOBER]
    publish(people.province(), OCTOBER, NOVEMBER_5)
    assert unpublished_periods(people.province(), NOVEMBER_5) == []
    assert unpublished_periods(people.province(), Period(2026, 11).end - timedelta(seconds=1)) == []
    assert unpublished_periods(people.province(), Period(2026, 11).end) == [Period(2026, 11)]


def test_every_month_left_out_since_the_first_published_one_is_noticed_and_the_year() -> None:
    received_in_october()
    publish(people.province(), OCTOBER, NOVEMBER_5)
    february = datetime(2027, 2, 3, tzinfo=VIETNAM)
    assert unpublished_periods(people.province(), february) == [
        Period(2026, 11),
        Period(2026),
        Period(2026, 12),
        Period(2027, 1),
    ]


def test_nothing_is_missed_of_the_time_before_the_first_dossier_was_accepted() -> None:
    people.a_registered_dossier()
    received_in_october()
    assert unpublished_periods(people.province(), OCTOBER.start) == []


def test_only_level_1_agencies_publish() -> None:
    with pytest.raises(ValueError, match=r"H22\.101 không phải"):
        publish(people.ward(), OCTOBER, NOVEMBER_5)
    assert not Publication.objects.exists()


def test_only_those_who_have_received_something_report() -> None:
    people.another_province()
    received_in_october(agency=people.ward_desk())
    assert list(reporting_agencies()) == [people.province()]


def test_the_database_keeps_no_figures_that_do_not_add_up() -> None:
    drawn = drawn_up(people.province(), OCTOBER, NOVEMBER_5)
    drawn.solved_late += 1
    with pytest.raises(IntegrityError, match="publication_adds_up"):
        drawn.save()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one write at a time; needs PostgreSQL")
def test_two_who_publish_at_once_make_one_revision() -> None:
    received_in_october()
    province, barrier, outcomes = people.province(), Barrier(2), list[bool]()

    def one(agency: Agency) -> None:
        barrier.wait()
        try:
            outcomes.append(publish(agency, OCTOBER, NOVEMBER_5)[1])
        finally:
            connection.close()

    threads = [Thread(target=one, args=(province,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [False, True]
    assert Publication.objects.get().revision == 1


def test_what_is_published_is_only_looked_at_in_the_admin() -> None:
    received_in_october()
    publication, _made = publish(people.province(), OCTOBER, NOVEMBER_5)
    client = Client()
    client.force_login(people.root())
    address = reverse("admin:statistics_publication_change", args=[publication.pk])
    assert "2026" in client.get(address).content.decode()
    assert client.post(address, {"pending_late": 0}).status_code == 403
    assert client.get(reverse("admin:statistics_publication_add")).status_code == 403
    delete = reverse("admin:statistics_publication_delete", args=[publication.pk])
    assert client.post(delete, {"post": "yes"}).status_code == 403
    assert Publication.objects.get().pending_late == 1
