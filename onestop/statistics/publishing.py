"""Closing a period: its figures and ratings are counted once more, stored and published."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from onestop.catalog.models import Agency, AgencyQuerySet, Placement
from onestop.catalog.placements import level1_on
from onestop.common.notify import announce
from onestop.dossiers.models import Dossier, Move, Transition
from onestop.staff.models import Role, User
from onestop.votes.results import ballots_cast, tallies

from .counting.incremental import stand_still
from .figures.figures import figures
from .models import Publication
from .periods import Period
from .scope import FigureScope

MOST_REASONS = 100
# Earlier periods are closed on the server, by `close_period`.
CLOSABLE_YEARS = 3


def may_close(user: User, agency: Agency) -> bool:
    """Whether `user` may publish figures of the level-1 `agency`: its leaders and administrators, and superusers."""
    return user.has_role(Role.MANAGER, Role.ADMINISTRATOR) and user.oversees(agency)


def reporting_agencies() -> AgencyQuerySet:
    """The agencies that are or were level-1 agencies above one that has ever received a dossier here.

    The others would publish only zeros. `Reach` decides for which periods each agency reports.
    """
    receivers = Placement.objects.filter(Exists(Dossier.objects.filter(agency=OuterRef("agency"))))
    return Agency.objects.filter(pk__in=receivers.order_by().values("level1"))


class PeriodNotOver(ValueError):
    """A period that has not ended has no final figures."""


class NothingToReport(ValueError):
    """A period before the agency was a level-1 agency with dossiers, or after it ended."""


@dataclass(frozen=True)
class _Stay:
    """An agency was within a level-1 agency on the days [since, until). `first`: its own first acceptance."""

    agency: int
    since: date
    until: date | None
    is_active: bool
    first: datetime | None

    def holds_on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or self.until > day)


class Reach:
    """The periods for which a level-1 agency reports: it worked in them, and had accepted a dossier by their end.

    The agencies within it on a period's last day count. Everything is read when the object is made. The first
    acceptance is read for each agency, so that the cost does not depend on the number of dossiers.
    """

    def __init__(self, agency: Agency) -> None:
        own_dossiers = Dossier.objects.filter(agency=OuterRef("agency"), is_test=False, accepted_at__isnull=False)
        first = Subquery(own_dossiers.order_by("accepted_at").values("accepted_at")[:1])
        rows = Placement.objects.filter(level1=agency).order_by().annotate(first=first)
        self.stays = [_Stay(*row) for row in rows.values_list("agency", "since", "until", "is_active", "first")]
        self.own = [stay for stay in self.stays if stay.agency == agency.pk]

    def covers(self, period: Period) -> bool:
        return self.was_level1(period) and self.worked_in(period) and self.had_begun_by(period)

    def was_level1(self, period: Period) -> bool:
        return any(stay.holds_on(period.last_day) for stay in self.own)

    def worked_in(self, period: Period) -> bool:
        """Whether it had not ended before the period began."""
        return any(
            stay.is_active and stay.since < period.day_after and (stay.until is None or stay.until > period.first_day)
            for stay in self.own
        )

    def had_begun_by(self, period: Period) -> bool:
        return any(
            stay.first is not None and stay.first < period.end and stay.holds_on(period.last_day)
            for stay in self.stays
        )


def drawn_up(agency: Agency, period: Period, now: datetime | None = None) -> Publication:
    """`period` of the level-1 `agency` as it would be published now; not saved.

    Raises ValueError for any other agency, by the tree of the period's last day, and for a quarter, which no packet
    reports.
    """
    if not level1_on(agency, period.last_day):
        raise ValueError(
            _("Chỉ công bố số liệu của cơ quan cấp 1 (bộ, tỉnh); %(code)s không phải.") % {"code": agency.code}
        )
    if period.is_quarter:
        raise ValueError(_("Chỉ công bố số liệu của tháng và của năm; %(period)s là một quý.") % {"period": period})
    now, days = now or timezone.now(), (agency, period.first_day, period.day_after)
    with transaction.atomic():
        last_transition = Transition.objects.aggregate(last=Max("pk"))["last"] or 0
        stand_still()
        counts = asdict(figures(FigureScope(agency), period, now))
        return Publication(
            agency=agency,
            year=period.year,
            month=period.month,
            published_at=now,
            ballots=ballots_cast(*days),
            tallies=[asdict(tally) for tally in tallies(*days)],
            last_transition=last_transition,
            **{name: counts[name] for name in Publication.FIGURES},
        )


def last_published(agency: Agency, period: Period) -> Publication | None:
    """The last revision of `period`, which is the one in force."""
    revisions = Publication.objects.filter(agency=agency, year=period.year, month=period.month)
    return revisions.order_by("revision").last()


def reports(agency: Agency, period: Period) -> bool:
    """Whether `agency` publishes figures of `period` when it is over, or has published them."""
    return last_published(agency, period) is not None or Reach(agency).covers(period)


def proposed(agency: Agency, period: Period, now: datetime | None = None) -> tuple[Publication, Publication | None]:
    """What `publish` would save now, and the publication in force, if there is one.

    Raises PeriodNotOver before the period's end, NothingToReport for a first publication that `Reach` does not cover,
    and ValueError as `drawn_up` does.
    """
    now = now or timezone.now()
    if now < period.end:
        raise PeriodNotOver(_("%(period)s chưa kết thúc nên chưa chốt được.") % {"period": capfirst(period.in_words)})
    drawn = drawn_up(agency, period, now)
    last = last_published(agency, period)
    if last is None and not Reach(agency).covers(period):
        message = _("%(code)s không có số liệu kỳ %(period)s để công bố: chưa nhận hồ sơ nào, hoặc đã kết thúc.")
        raise NothingToReport(message % {"code": agency.code, "period": period})
    if last is not None:
        drawn.revision = last.revision + 1
        drawn.reasons = list(late_moves(last))
    return drawn, last


def publish(agency: Agency, period: Period, now: datetime | None = None) -> tuple[Publication, bool]:
    """Publishes `period`, unless its published figures are unchanged. Returns the publication and whether it is new.

    If figures of the past have changed, this makes the next revision, with the moves that were recorded late as its
    reasons; earlier revisions stay. Raises ValueError as `proposed` does. Afterwards the agency's tree up to the end
    of the period can no longer change.
    """
    with transaction.atomic():
        # Locked, so that two processes do not make the same revision of an agency.
        Agency.objects.select_for_update().get(pk=agency.pk)
        drawn, last = proposed(agency, period, now)
        if last is not None and not drawn.differences(last):
            return last, False
        drawn.save()
        not_yet = Q(published_until=None) | Q(published_until__lt=period.day_after)
        Agency.objects.filter(not_yet, pk=agency.pk).update(published_until=period.day_after)
        announce()
    return drawn, True


def late_moves(publication: Publication) -> Iterator[dict[str, str]]:
    """Moves that are dated in the published period, or before it, and were recorded after the publication.

    Also moves with a later date that change that past: corrected moments, undone moves, and due dates moved off a past
    day off.
    """
    end = publication.period.end
    moments_put_right = Q(corrects__at__lt=end) | Q(corrected_at__lt=end)
    undone = Q(undoes__at__lt=end)
    moved_off = Q(move=Move.POSTPONE, dossier__accepted_at__lt=end)
    moves = Transition.objects.filter(
        Q(at__lt=end) | moments_put_right | undone | moved_off,
        pk__gt=publication.last_transition,
        dossier__agency__in=Placement.objects.within(publication.agency, publication.period.last_day).values("agency"),
    ).select_related("dossier")
    for move in moves.order_by("pk")[:MOST_REASONS]:
        yield {"code": str(move.dossier), "move": move.move, "at": timezone.localtime(move.at).isoformat()}


def closable_periods(agency: Agency, now: datetime | None = None) -> list[Period]:
    """The months and years of this year and the two before that are over, reported and unpublished, the latest first.

    Unlike `unpublished_periods`, also those from before the first publication.
    """
    now = now or timezone.now()
    this_year = Period.month_of(now).year
    years = [Period(year) for year in range(this_year, this_year - CLOSABLE_YEARS, -1)]
    offered = [period for year in years for period in (year, *reversed(year.months)) if period.end <= now]
    published = Publication.objects.filter(agency=agency, year__in=[year.year for year in years])
    done = {Period(year, month) for year, month in published.values_list("year", "month")}
    reach = Reach(agency)
    return [period for period in offered if period not in done and reach.covers(period)]


def unpublished_periods(agency: Agency, now: datetime | None = None, reach: Reach | None = None) -> list[Period]:
    """Periods of `agency` that are over and should be published, and are not.

    These are the last month, the last year, and every unpublished month since the first published one. `reach`: the
    agency's `Reach`, if the caller has read it already.
    """
    now = now or timezone.now()
    published = {
        Period(year, month)
        for year, month in Publication.objects.filter(agency=agency).values_list("year", "month").distinct()
    }
    last = Period.month_of(now).previous
    due = [Period(last.year), last] if last.month == 12 else [Period(last.year - 1), last]
    months = [period for period in published if period.is_month]
    month = min(months, key=lambda period: period.first_day, default=last)
    while month.start < last.start:
        due.append(month)
        month = month.next
    reach = reach or Reach(agency)
    missing = {period for period in due if reach.covers(period)} - published
    return sorted(missing, key=lambda period: (period.end, period.is_month))


def forgotten(agencies: AgencyQuerySet, now: datetime | None = None) -> list[tuple[Agency, list[Period]]]:
    """Those of `agencies` that report and have unpublished periods, each with these periods."""
    reporting = reporting_agencies().filter(pk__in=agencies.values("pk"))
    unpublished = [(agency, unpublished_periods(agency, now)) for agency in reporting]
    return [(agency, periods) for agency, periods in unpublished if periods]
