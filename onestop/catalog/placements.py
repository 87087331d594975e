"""The history of the tree of agencies: the place of each agency, and whether it worked, with dates.

`Agency.path`, `level1` and `superior_ended` describe today's tree. Figures use the tree of their time, which is stored
here. Only `settle` changes both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from .models import Agency

# The first day of an agency's first placement: dossiers from before the agency was recorded count at its first place.
BEGINNING = date.min


class PlacementQuerySet(models.QuerySet["Placement"]):
    def on(self, day: date) -> Self:
        """The placements in force on `day`, one for each agency."""
        return self.filter(Q(until=None) | Q(until__gt=day), since__lte=day)

    def of_tree(self, agency: Agency) -> Self:
        """The placements of `agency` and of all agencies that were ever below it."""
        return self.filter(path__contains=f"/{agency.pk}/")

    def within(self, agency: Agency, day: date) -> Self:
        """The placements in force on `day` of `agency` and of all agencies below it on that day."""
        return self.on(day).of_tree(agency)


class Placement(models.Model):
    """An agency's place in the tree on the days [since, until); the last one has no end."""

    agency = models.ForeignKey(
        "catalog.Agency", models.CASCADE, related_name="placements", verbose_name=gettext_lazy("cơ quan")
    )
    since = models.DateField(gettext_lazy("từ ngày"))
    until = models.DateField(gettext_lazy("đến trước ngày"), null=True)
    path = models.CharField(max_length=200)
    # A province to which another agency ever belonged cannot be deleted. Its own placements do not prevent it.
    level1 = models.ForeignKey(
        "catalog.Agency", models.RESTRICT, related_name="+", verbose_name=gettext_lazy("cơ quan cấp 1")
    )
    is_active = models.BooleanField(gettext_lazy("đang hoạt động"))

    objects = PlacementQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("vị trí trong cây cơ quan")
        verbose_name_plural = gettext_lazy("vị trí trong cây cơ quan")
        ordering = ["agency", "since"]
        constraints = [
            models.UniqueConstraint(fields=["agency", "since"], name="one_placement_from_a_day_on"),
            models.UniqueConstraint(fields=["agency"], condition=Q(until=None), name="one_placement_without_end"),
            models.CheckConstraint(
                name="placement_in_order", condition=Q(until=None) | Q(until__gt=models.F("since"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency.code} {self.since:%Y-%m-%d}"


def units_below(agency: Agency | None, day: date) -> dict[int, Agency]:
    """For the key of each agency within `agency` on `day`: the unit directly below `agency` to which it belonged.

    The unit of `agency` is `agency` itself. Without an agency, the units are the level-1 agencies.
    """
    if agency is None:
        everywhere = Placement.objects.on(day).select_related("level1")
        return {row.agency_id: row.level1 for row in everywhere}
    rows = list(Placement.objects.within(agency, day).select_related("agency"))
    agencies = {row.agency_id: row.agency for row in rows}
    part_of_path = f"/{agency.pk}/"
    below = {row.agency_id: row.path.partition(part_of_path)[2].partition("/")[0] for row in rows}
    # A unit that has been deleted since had no dossiers. Agencies below it count as units of their own.
    return {pk: agencies.get(int(unit), agencies[pk]) if unit else agency for pk, unit in below.items()}


def level1_on(agency: Agency, day: date) -> bool:
    """Whether `agency` was a ministry or province on `day`."""
    return Placement.objects.on(day).filter(agency=agency, level1=agency).exists()


def days_of_change(agency: Agency, first: date, last: date) -> list[date]:
    """The days in (first, last] on which the tree of `agency` changed, in order."""
    turned = Q(since__gt=first, since__lte=last) | Q(until__gt=first, until__lte=last)
    days = Placement.objects.of_tree(agency).filter(turned).order_by().values_list("since", "until")
    return sorted({day for pair in days for day in pair if day is not None and first < day <= last})


# ---- changing the tree


def settle(agencies: Mapping[int, Agency], since: date | None = None) -> list[Placement]:
    """Updates the place of each of `agencies` from its parent, saves it, and records the changes with their dates.

    `agencies` has, by key, the agencies that got another parent, ended or were revived, with all agencies below them.
    `since` is the first day of the new state; by default today. Returns the placements that begin now, without those
    of new agencies. Must be called in a transaction, which the caller rolls back on an error.

    Raises ValidationError for a circle of superiors, a day in the future, a day before the last change of the same
    agency, and a day in a period whose figures the province or ministry has published.
    """
    from .models import Agency

    today = timezone.localdate()
    if since is not None and since > today:
        raise ValidationError(_("Ngày có hiệu lực còn ở tương lai; vui lòng ghi thay đổi vào ngày đó."), "future")
    Agency.objects.bulk_update(_replant(agencies), ["path", "level1", "superior_ended"])
    last = {row.agency_id: row for row in Placement.objects.filter(agency__in=agencies, until=None)}
    first: list[Placement] = []
    changes: list[tuple[Placement, Agency]] = []
    for pk, agency in agencies.items():
        row = last.get(pk)
        if row is None:
            first.append(_placement(agency, BEGINNING))
        elif (row.path, row.is_active) != (agency.path, agency.is_active):
            changes.append((row, agency))
    Placement.objects.bulk_create(first)
    if not changes:
        return []
    published = _published_until(changes)
    if since is None:
        since = max([today, *published.values()])
    else:
        _refuse_what_is_past(changes, published, since)
    return _date(changes, since)


def _replant(agencies: Mapping[int, Agency]) -> list[Agency]:
    """Sets `path`, `level1` and `superior_ended` of all `agencies`. Returns the agencies that changed."""
    planted: dict[int, bool] = {}

    def plant(agency: Agency, below: tuple[int, ...] = ()) -> Agency:
        """The agency. If it is one of `agencies`, its place is set, after the places of its superiors."""
        if agency.pk in below:
            raise ValidationError({"parent": _("Cơ quan cấp trên không thể là chính nó hoặc đơn vị trực thuộc nó.")})
        if agency.pk in agencies and agency.pk not in planted:
            parent = agencies.get(agency.parent_id or 0) or agency.parent
            planted[agency.pk] = agency.take_place(parent and plant(parent, (*below, agency.pk)))
        return agency

    return [agency for agency in map(plant, agencies.values()) if planted[agency.pk]]


def _placement(agency: Agency, since: date) -> Placement:
    return Placement(
        agency=agency,
        since=since,
        path=agency.path,
        level1_id=agency.level1_id or agency.pk,
        is_active=agency.is_active,
    )


def _published_until(changes: Iterable[tuple[Placement, Agency]]) -> dict[int, date]:
    """The day until which figures are published, for each province or ministry that loses or gains an agency.

    Locks their rows, so that no figures are published before the change is written.
    """
    from .models import Agency

    concerned = {key for row, agency in changes if row.level1_id != agency.level1_id for key in _level1s(row, agency)}
    locked = Agency.objects.select_for_update(no_key=True).filter(pk__in=concerned).order_by("pk")
    return {pk: until for pk, until in locked.values_list("pk", "published_until") if until is not None}


def _level1s(row: Placement, agency: Agency) -> set[int]:
    return {row.level1_id, agency.level1_id or agency.pk}


def _refuse_what_is_past(
    changes: Iterable[tuple[Placement, Agency]], published: Mapping[int, date], since: date
) -> None:
    """Raises ValidationError where a change from `since` on would alter what came later, or published figures."""
    errors, moved = [], set[int]()
    for row, agency in changes:
        if row.since > since:
            errors.append(_later(agency, row.since))
        elif row.level1_id != agency.level1_id:
            until = max((published[pk] for pk in _level1s(row, agency) if pk in published), default=since)
            if until > since:
                message = _("%(agency)s: số liệu đến trước %(day)s đã công bố; thay đổi phải có hiệu lực từ ngày đó.")
                params = {"agency": agency.code, "day": f"{until:%d/%m/%Y}"}
                errors.append(ValidationError(message % params, "published"))
        moved |= _level1s(row, agency) if row.path != agency.path else set()
    # An agency that joined or left a tree after that day would get superiors that it never had.
    later = Placement.objects.filter(Q(since__gt=since) | Q(until__gt=since), level1__in=moved)
    if not errors and (after := later.select_related("agency").order_by("since").first()):
        errors.append(_later(after.agency, max(after.since, after.until or after.since)))
    if errors:
        raise ValidationError(errors)


def _later(agency: Agency, day: date) -> ValidationError:
    message = _(
        "%(agency)s: đã ghi một thay đổi có hiệu lực từ %(day)s, sau ngày này; vui lòng ghi theo thứ tự thời gian."
    )
    return ValidationError(message % {"agency": agency.code, "day": f"{day:%d/%m/%Y}"}, "before_last_change")


def _date(changes: Iterable[tuple[Placement, Agency]], since: date) -> list[Placement]:
    """Ends the present placements and begins the new ones. A placement that began on `since` or later is replaced."""
    ended, begun, replaced = [], [], []
    for row, agency in changes:
        new = _placement(agency, max(since, row.since))
        if row.since >= since:
            new.pk = row.pk
            replaced.append(new)
        else:
            row.until = since
            ended.append(row)
            begun.append(new)
    Placement.objects.bulk_update(ended, ["until"])
    Placement.objects.bulk_update(replaced, ["path", "level1", "is_active"])
    return [*Placement.objects.bulk_create(begun), *replaced]
