"""Closing a period: its figures and ratings are counted once more, frozen and published."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from onestop.catalog.models import Agency, AgencyQuerySet
from onestop.dossiers.models import Dossier
from onestop.votes.results import ballots_cast, tallies

from .figures import Figures, figures
from .models import Publication
from .periods import Period


def reporting_agencies() -> AgencyQuerySet:
    """The level-1 agencies that have ever received a dossier here; nobody publishes zeros for the others."""
    return Agency.objects.level1().filter(Exists(Dossier.objects.filter(agency__level1=OuterRef("pk"))))


class PeriodNotOver(ValueError):
    """A period that has not ended has no final figures."""


def drawn_up(agency: Agency, period: Period, now: datetime | None = None) -> Publication:
    """`period` of the level-1 `agency` as it would be published now; not saved."""
    if agency.parent_id is not None:
        raise ValueError(
            _("Chỉ công bố số liệu của cơ quan cấp 1 (bộ, tỉnh); %(code)s không phải.") % {"code": agency.code}
        )
    now = now or timezone.now()
    days = (agency, period.first_day, period.day_after)
    return Publication(
        agency=agency,
        year=period.year,
        month=period.month,
        published_at=now,
        ballots=ballots_cast(*days),
        tallies=[asdict(tally) for tally in tallies(*days)],
        **asdict(figures(agency, period, now)),
    )


def publish(agency: Agency, period: Period, now: datetime | None = None) -> tuple[Publication, bool]:
    """Publishes `period`, and tells whether that was needed: figures that stand published unchanged are kept.

    A changed past makes the next revision; those before stay. Raises PeriodNotOver before the period's end.
    """
    now = now or timezone.now()
    if now < period.end:
        raise PeriodNotOver(_("Kỳ %(period)s chưa kết thúc nên chưa chốt được.") % {"period": period})
    with transaction.atomic():
        # One closing of an agency at a time, so that two do not make the same revision twice.
        Agency.objects.select_for_update().get(pk=agency.pk)
        drawn = drawn_up(agency, period, now)
        last = (
            Publication.objects.filter(agency=agency, year=period.year, month=period.month).order_by("revision").last()
        )
        if last is not None and _same(last, drawn):
            return last, False
        drawn.revision = last.revision + 1 if last else 1
        drawn.save()
    return drawn, True


def _same(one: Publication, other: Publication) -> bool:
    names = [field.name for field in fields(Figures)] + ["ballots", "tallies"]
    return all(getattr(one, name) == getattr(other, name) for name in names)
