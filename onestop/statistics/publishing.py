"""Closing a period: its figures and ratings are counted once more, frozen and published."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, Max, Min, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from onestop.announcing import announce
from onestop.catalog.models import Agency, AgencyQuerySet
from onestop.dossiers.models import Dossier, Move, Transition
from onestop.votes.results import ballots_cast, tallies

from .figures import figures
from .models import Publication
from .periods import Period
from .scope import Scope
from .upkeep import stand_still

MOST_REASONS = 100


def reporting_agencies() -> AgencyQuerySet:
    """The level-1 agencies that have ever received a dossier here; nobody publishes zeros for the others."""
    receivers = Agency.objects.filter(Exists(Dossier.objects.filter(agency=OuterRef("pk"))))
    return Agency.objects.level1().filter(pk__in=receivers.values("level1"))


class PeriodNotOver(ValueError):
    """A period that has not ended has no final figures."""


def drawn_up(agency: Agency, period: Period, now: datetime | None = None) -> Publication:
    """`period` of the level-1 `agency` as it would be published now; not saved.

    Raises ValueError for any other agency, and for a quarter, which no packet reports.
    """
    if agency.parent_id is not None:
        raise ValueError(
            _("Chỉ công bố số liệu của cơ quan cấp 1 (bộ, tỉnh); %(code)s không phải.") % {"code": agency.code}
        )
    if period.is_quarter:
        raise ValueError(_("Chỉ công bố số liệu của tháng và của năm; %(period)s là một quý.") % {"period": period})
    now, days = now or timezone.now(), (agency, period.first_day, period.day_after)
    with transaction.atomic():
        last_transition = Transition.objects.aggregate(last=Max("pk"))["last"] or 0
        stand_still()
        counts = asdict(figures(Scope(agency), period, now))
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
    """What stands published for `period`: its last revision."""
    revisions = Publication.objects.filter(agency=agency, year=period.year, month=period.month)
    return revisions.order_by("revision").last()


def publish(agency: Agency, period: Period, now: datetime | None = None) -> tuple[Publication, bool]:
    """Publishes `period`, and tells whether that was needed: figures that stand published unchanged are kept.

    A changed past makes the next revision, with what was recorded late as its reasons; those before stay. Raises
    PeriodNotOver before the period's end, and ValueError as `drawn_up` does.
    """
    now = now or timezone.now()
    if now < period.end:
        raise PeriodNotOver(_("Kỳ %(period)s chưa kết thúc nên chưa chốt được.") % {"period": period})
    with transaction.atomic():
        # One closing of an agency at a time, so that two do not make the same revision twice.
        Agency.objects.select_for_update().get(pk=agency.pk)
        drawn = drawn_up(agency, period, now)
        last = last_published(agency, period)
        if last is not None and not drawn.differences(last):
            return last, False
        if last is not None:
            drawn.revision = last.revision + 1
            drawn.reasons = list(late_moves(last))
        drawn.save()
        announce()
    return drawn, True


def late_moves(publication: Publication) -> Iterator[dict[str, str]]:
    """Moves of the published period, or of before, that were put on record after it had been published.

    So is what changes that past without being dated in it: moments put right, due dates moved off a day that had gone.
    """
    end = publication.period.end
    moments_put_right = Q(corrects__at__lt=end) | Q(corrected_at__lt=end)
    moved_off = Q(move=Move.POSTPONE, dossier__accepted_at__lt=end)
    moves = Transition.objects.filter(
        Q(at__lt=end) | moments_put_right | moved_off,
        pk__gt=publication.last_transition,
        dossier__agency__in=Agency.objects.within(publication.agency).values("pk"),
    ).select_related("dossier")
    for move in moves.order_by("pk")[:MOST_REASONS]:
        yield {"code": str(move.dossier), "move": move.move, "at": timezone.localtime(move.at).isoformat()}


def unpublished_periods(agency: Agency, now: datetime | None = None) -> list[Period]:
    """Periods of the level-1 `agency` that are over, and that somebody forgot to close.

    These are the last month and the last year, and whatever month has been left out since the first one published.
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
    begun = _first_acceptance(agency)
    missing = {period for period in due if begun is not None and begun < period.end} - published
    return sorted(missing, key=lambda period: (period.end, period.is_month))


def _first_acceptance(agency: Agency) -> datetime | None:
    """At `agency` or below it; each of these is asked for its own, which costs the same however many there are."""
    own = Dossier.objects.filter(agency=OuterRef("pk"), is_test=False, accepted_at__isnull=False)
    first = Subquery(own.order_by("accepted_at").values("accepted_at")[:1])
    begun: datetime | None = Agency.objects.within(agency).aggregate(first=Min(first))["first"]
    return begun


def forgotten(agencies: AgencyQuerySet, now: datetime | None = None) -> list[tuple[Agency, list[Period]]]:
    """Those of `agencies` that report and have periods left to be closed, each with these."""
    reporting = reporting_agencies().filter(pk__in=agencies.values("pk"))
    found = [(agency, unpublished_periods(agency, now)) for agency in reporting]
    return [(agency, periods) for agency, periods in found if periods]
