"""The demo office as a whole: catalogue, calendar, staff, fourteen months of dossiers, ratings, published months."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from random import Random

from django.db.models import F
from django.utils import timezone

from onestop.catalog.calendar import Calendar, calendar_of
from onestop.catalog.models import Agency, Procedure
from onestop.dossiers import lifecycle, notes
from onestop.dossiers.deadlines.rules import add_working_time
from onestop.dossiers.models import Dossier, NewsItem, State
from onestop.dossiers.store import writing_in_bulk
from onestop.staff.models import Role, User
from onestop.statistics.models import HallScreen
from onestop.statistics.periods import Period
from onestop.statistics.publishing import NothingToReport, publish, reporting_agencies
from onestop.votes import starter_questions
from onestop.votes.ballots import BallotAnswer, cast
from onestop.votes.models import Rating

from .people import DESK, add_persons, homes
from .stories import OPENING, UNFINISHED, Case, Story, blank_dossier, draw_story, play, suits

DAYS_BACK = 425
BATCH = 500
# Older news was read when it came.
READ_AFTER = timedelta(days=2)

# Which procedures a desk of the province takes; the wards take all those of their level.
PROVINCE_DESKS = {
    "H21.16": ("1.003179",),
    "H21.24.01": ("1.012782",),
    "H21.02": ("1.115337",),
}

# Building and land: these requests come with a plan.
FIELDS_WITH_DRAWINGS = ("G17-XD11", "G13-TN02")

COMPLAINTS = ("Phải đi lại nhiều lần.", "Trả kết quả chậm hơn giấy hẹn.", "Hướng dẫn chưa rõ.")


def take_drawings() -> None:
    """Lets these procedures take drawings. Offices set this themselves: a catalogue does not contain it."""
    Procedure.objects.filter(field__code__in=FIELDS_WITH_DRAWINGS).update(takes_drawings=True)


class Desk:
    """One receiving agency: its staff, its procedures and its calendar."""

    def __init__(self, agency: Agency, staff: Mapping[Role, User]) -> None:
        self.agency = agency
        self.staff = staff
        self.calendar: Calendar = calendar_of(agency)
        self.communes = homes(agency)
        offered = Procedure.objects.offered().prefetch_related("papers", "fees")
        codes = PROVINCE_DESKS.get(agency.code)
        chosen = offered.filter(code__in=codes) if codes else offered.filter(level=Agency.Level.COMMUNE)
        self.procedures = list(chosen)


def desks(staff: Mapping[str, Mapping[Role, User]]) -> list[Desk]:
    """The desks that receive dossiers, busiest first."""
    complete = {code: people for code, people in staff.items() if Role.RECEPTION in people and Role.MANAGER in people}
    agencies = Agency.objects.filter(code__in=complete).order_by("-level", "code")
    complete_desks = [Desk(agency, complete[agency.code]) for agency in agencies]
    wards = [desk for desk in complete_desks if desk.agency.level == Agency.Level.COMMUNE]
    return wards + [desk for desk in complete_desks if desk.agency.code in PROVINCE_DESKS]


def draw_case(random: Random, open_desks: list[Desk], today: datetime, story: Story) -> Case:
    """One citizen's request at a drawn desk, at a drawn working minute of the last fourteen months."""
    weights = [4 if desk.agency.level == Agency.Level.COMMUNE else 1 for desk in open_desks]
    desk = random.choices(open_desks, weights)[0]
    procedure = random.choice([procedure for procedure in desk.procedures if suits(story, procedure)])
    dossier = blank_dossier(random, procedure, desk.agency)
    add_persons(dossier, desk.communes)
    came = _working_minute(random, desk.calendar, today, unfinished=story in UNFINISHED)
    return Case(dossier, desk.staff, random, desk.calendar, came, today)


def _working_minute(random: Random, calendar: Calendar, today: datetime, *, unfinished: bool) -> datetime:
    """When the citizen came; for an unfinished dossier recently, but longer ago than the longest holidays last."""
    while True:
        days = random.uniform(10, 14) if unfinished else random.uniform(0, DAYS_BACK)
        at = (today - timedelta(days=days)).replace(microsecond=0)
        came = add_working_time(at, timedelta(minutes=1), calendar)
        if came <= today:
            return came


def write_dossiers(
    number: int, random: Random, open_desks: list[Desk], today: datetime, on_progress: Callable[[int], object]
) -> None:
    """Writes `number` dossiers with their whole history up to `today`, in the order of their registration."""
    drawn = [*OPENING[:number], *(draw_story(random) for _number in range(number - len(OPENING)))]
    cases = [(draw_case(random, open_desks, today, story), story) for story in drawn]
    cases.sort(key=lambda pair: pair[0].now)
    for first in range(0, len(cases), BATCH):
        batch = cases[first : first + BATCH]
        with writing_in_bulk() as store:
            for case, story in batch:
                case.store = store
                play(case, story)
                on_progress(1)


def write_to_colleagues(staff: Mapping[str, Mapping[Role, User]], today: datetime) -> None:
    """On the day of the demo, at the ward of the README: hand-overs, internal notes, and news that is not read yet."""
    NewsItem.objects.expired(today).delete()
    NewsItem.objects.unread().filter(at__lt=today - READ_AFTER).update(read_at=F("at"))
    lan, minh, ha = (staff[DESK][role] for role in (Role.RECEPTION, Role.OFFICER, Role.MANAGER))
    there = Dossier.objects.filter(unit__code=DESK).select_related("procedure", "agency", "unit", "officer")
    for dossier in there.filter(state=State.ACCEPTED, officer=None).order_by("-pk")[:2]:
        lifecycle.hand_over(dossier, ha, officer=minh, comment="Hồ sơ sắp đến hạn, đề nghị xử lý trước.", at=today)
    for dossier in there.filter(state=State.IN_PROGRESS, officer=minh).order_by("-pk")[:2]:
        notes.write(dossier, lan, text="Công dân gọi điện hỏi tiến độ; đã hẹn báo lại trong ngày.", at=today)
        notes.write(dossier, ha, text="Đề nghị trình ký trong tuần, địa bàn đang có nhiều kiến nghị.", at=today)


def ask_citizens(random: Random, on_progress: Callable[[int], object]) -> None:
    """Casts ballots for about a third of the dossiers with a returned result."""
    question_set, _made = starter_questions.load()
    returned = Dossier.objects.filter(state=State.RETURNED).select_related("agency", "procedure").order_by("pk")
    for dossier in returned.iterator():
        if dossier.returned_at is not None and random.random() < 0.35:
            weights = (3, 4, 3) if dossier.was_late else (60, 36, 4)
            answers: dict[int, BallotAnswer] = {}
            for ordinal in range(1, len(starter_questions.QUESTIONS) + 1):
                rating = random.choices(list(Rating), weights)[0]
                reason = random.choice(COMPLAINTS) if rating == Rating.BAD else ""
                answers[ordinal] = BallotAnswer(rating=rating, reason=reason)
            cast(dossier, question_set, answers, on=timezone.localdate(dossier.returned_at))
            on_progress(1)


def publish_past(today: datetime, on_progress: Callable[[int], object]) -> None:
    """Closes every month that is over, and the year in between."""
    period = Period.month_of(today - timedelta(days=DAYS_BACK))
    while period.end <= today:
        for agency in reporting_agencies():
            for closed in [period, Period(period.year)] if period.month == 12 else [period]:
                with suppress(NothingToReport):
                    publish(agency, closed, today)
        on_progress(1)
        period = period.next


def switch_hall_screen_on() -> None:
    """Of the ward whose people the README introduces: *Quản trị → Màn hình sảnh* has its address."""
    HallScreen.objects.get_or_create(agency=Agency.objects.get(code=DESK))
