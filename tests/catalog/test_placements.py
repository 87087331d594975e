"""Where agencies stand since when: what an upgrade finds, and what changing the tree writes."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from importlib import import_module

import pytest
import time_machine
from django.apps import apps
from django.core.exceptions import ValidationError
from django.utils import timezone

from onestop.catalog.models import Agency, Placement
from onestop.catalog.placements import BEGINNING, days_of_change, units_below
from onestop.common.time import VIETNAM
from onestop.statistics.models import Publication
from tests import people

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def places(agency: Agency) -> list[tuple[date, date | None, str, bool]]:
    rows = Placement.objects.filter(agency=agency).order_by("since").select_related("level1")
    return [(row.since, row.until, row.level1.code, row.is_active) for row in rows]


def put_below(agency: Agency, parent: Agency, since: date | None = None) -> None:
    again = Agency.objects.get(pk=agency.pk)
    again.parent = parent
    again.save(since=since)


def test_an_upgrade_places_what_there_is_and_dates_what_has_ended() -> None:
    for agency in (people.ward_desk(), people.department(), people.another_province()):
        Placement.objects.filter(agency=agency).delete()
    Placement.objects.all().delete()
    Agency.objects.filter(code="H22.101").update(is_active=False)
    import_module("onestop.catalog.migrations.0005_place_what_there_is").place_what_there_is(apps, None)
    today = timezone.localdate()
    assert places(people.department()) == [(BEGINNING, None, "H22", True)]
    assert places(people.another_province()) == [(BEGINNING, None, "H23", True)]
    assert places(people.ward()) == [(BEGINNING, today, "H22", True), (today, None, "H22", False)]
    assert places(people.ward_desk()) == [(BEGINNING, None, "H22", True)]
    assert [agency.code for agency in Agency.objects.taking_in()] == ["H22", "H22.001", "H23"]
    # As saving them all would have it.
    before = list(Agency.objects.order_by("pk").values()), list(Placement.objects.order_by("pk").values())
    for agency in Agency.objects.all():
        agency.save()
    assert (list(Agency.objects.order_by("pk").values()), list(Placement.objects.order_by("pk").values())) == before


@pytest.mark.parametrize(
    ("published", "until"),
    [
        ([(2026, 10)], date(2026, 11, 1)),
        ([(2026, 10), (2026, 9)], date(2026, 11, 1)),
        ([(2025, 12)], date(2026, 1, 1)),
        ([(2025, 0), (2025, 11)], date(2026, 1, 1)),
        ([], None),
    ],
)
def test_an_upgrade_notes_up_to_which_day_figures_stand_published(
    published: list[tuple[int, int]], until: date | None
) -> None:
    figures = dict.fromkeys([*Publication.FIGURES, "ballots"], 0)
    for year, month in published:
        Publication.objects.create(
            agency=people.province(), year=year, month=month, published_at=timezone.now(), **figures
        )
    import_module("onestop.statistics.migrations.0005_published_until").note_what_is_published(apps, None)
    assert Agency.objects.get(code=people.province().code).published_until == until


def test_a_change_holds_from_today_on_and_one_of_the_same_day_takes_its_place() -> None:
    desk, other = people.ward_desk(), people.another_province()
    with time_machine.travel(datetime(2026, 11, 10, 23, 30, tzinfo=VIETNAM), tick=False):
        put_below(people.ward(), other)
        put_below(people.ward(), people.department())
        put_below(people.ward(), other)
    day = date(2026, 11, 10)
    assert places(desk) == [(BEGINNING, day, "H22", True), (day, None, "H23", True)]
    assert days_of_change(other, date(2026, 10, 31), date(2026, 11, 30)) == [day]
    assert days_of_change(people.province(), date(2026, 10, 31), day) == [day]
    assert days_of_change(people.province(), day, date(2026, 12, 31)) == []
    assert {unit.code for unit in units_below(people.province(), day - timedelta(days=1)).values()} == {
        "H22",
        "H22.001",
        "H22.101",
    }
    assert {unit.code for unit in units_below(other, day).values()} == {"H23", "H22.101"}
    assert units_below(None, day)[desk.pk].code == "H23"


def test_a_clock_that_was_set_back_dates_no_change_before_the_last_one_or_into_published_figures() -> None:
    ward, other = people.ward(), people.another_province()
    Agency.objects.filter(pk=other.pk).update(published_until=date(2026, 11, 1))
    with time_machine.travel(datetime(2026, 10, 20, 9, tzinfo=VIETNAM), tick=False):
        put_below(ward, other)
        assert places(ward)[-1][0] == date(2026, 11, 1)
        put_below(ward, people.province())
    assert places(ward) == [(BEGINNING, date(2026, 11, 1), "H22", True), (date(2026, 11, 1), None, "H22", True)]


def test_within_one_province_a_unit_is_hung_elsewhere_as_of_any_day() -> None:
    Agency.objects.filter(pk=people.province().pk).update(published_until=date(2026, 11, 1))
    with time_machine.travel(datetime(2026, 11, 10, 9, tzinfo=VIETNAM), tick=False):
        put_below(people.ward_desk(), people.department(), date(2026, 3, 1))
        assert places(people.ward_desk())[-1] == (date(2026, 3, 1), None, "H22", True)
        with pytest.raises(ValidationError, match="01/11/2026 đã công bố"):
            put_below(people.ward_desk(), people.another_province(), date(2026, 10, 31))
        put_below(people.ward_desk(), people.another_province(), date(2026, 11, 1))


def test_a_circle_is_refused_whoever_saves_it() -> None:
    desk = people.ward_desk()
    with pytest.raises(ValidationError):
        put_below(people.province(), desk)
    assert Agency.objects.get(code="H22").parent is None
