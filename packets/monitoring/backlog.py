"""The backlog: the unsettled packets, what they wait for and since when. Page, mail and metrics share it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Case, Count, Max, Min, Q, Value, When
from django.utils.translation import gettext_lazy as _

from packets.models import PacketQuerySet, PacketState


class Stage(models.TextChoices):
    """Every unsettled packet is in exactly one stage."""

    DUE = "due", _("chờ gửi, đã đến lượt")
    LATER = "later", _("hẹn gửi lại")
    BLOCKED = "behind", _("chờ gói trước")
    SENDING = "sending", _("đang gửi")
    STOPPED = "stopped", _("dừng, cần người xử lý")


class Age(models.TextChoices):
    """How long ago a packet was made."""

    MINUTES = "minutes", _("đến 5 phút")
    HOUR = "hour", _("đến 1 giờ")
    DAY = "day", _("đến 1 ngày")
    OLDER = "older", _("hơn 1 ngày")


# More than, and up to.
SPANS: dict[Age, tuple[timedelta | None, timedelta | None]] = {
    Age.MINUTES: (None, timedelta(minutes=5)),
    Age.HOUR: (timedelta(minutes=5), timedelta(hours=1)),
    Age.DAY: (timedelta(hours=1), timedelta(days=1)),
    Age.OLDER: (timedelta(days=1), None),
}
# A packet that has waited for longer is reported as late, in the mail and on the page.
LONG_WAIT = timedelta(hours=1)


def of_stage(stage: Stage, now: datetime) -> Q:
    """Which unsettled packets are in `stage`."""
    match stage:
        case Stage.DUE:
            return Q(state=PacketState.READY, due_at__lte=now)
        case Stage.LATER:
            return Q(state=PacketState.READY, due_at__gt=now)
        case Stage.BLOCKED:
            return Q(state=PacketState.READY, due_at=None)
    return Q(state=stage)


def of_age(age: Age, now: datetime) -> Q:
    more_than, up_to = SPANS[age]
    older = Q(collected_at__lt=now - more_than) if more_than else Q()
    return older & Q(collected_at__gte=now - up_to) if up_to else older


@dataclass(frozen=True)
class Group:
    """Unsettled packets of one portal that are alike in stage, age and reason."""

    stage: Stage
    age: Age
    reason: str
    number: int
    oldest: datetime
    first_due: datetime | None
    last_due: datetime | None


@dataclass(frozen=True)
class Backlog:
    """The unsettled packets of a portal at `now`, of those that a user sees."""

    now: datetime
    groups: tuple[Group, ...] = ()

    @classmethod
    def by_portal(cls, packets: PacketQuerySet, now: datetime) -> dict[int, Backlog]:
        """The backlog of each portal that has one, by its key; one query for all."""
        stage = Case(*(When(of_stage(stage, now), then=Value(stage)) for stage in Stage))
        age = Case(*(When(of_age(age, now), then=Value(age)) for age in Age))
        unsettled = packets.unsettled().order_by().annotate(stage=stage, age=age)
        rows = unsettled.values_list("portal", "stage", "age", "reason")
        groups: dict[int, list[Group]] = {}
        figures = rows.annotate(Count("pk"), Min("collected_at"), Min("due_at"), Max("due_at"))
        for portal, of_stage_, of_age_, reason, *numbers in figures:
            groups.setdefault(portal, []).append(Group(Stage(of_stage_), Age(of_age_), reason, *numbers))
        return {portal: cls(now, tuple(of_portal)) for portal, of_portal in groups.items()}

    @classmethod
    def of(cls, portal: int, packets: PacketQuerySet, now: datetime) -> Backlog:
        """The backlog of the portal with this key."""
        return cls.by_portal(packets.filter(portal=portal), now).get(portal, cls(now))

    def within(self, *stages: Stage) -> Iterator[Group]:
        return (group for group in self.groups if group.stage in stages)

    def number(self, *stages: Stage) -> int:
        return sum(group.number for group in self.within(*stages))

    def oldest_of(self, *stages: Stage) -> datetime | None:
        """When the oldest packet of these stages was made."""
        return min((group.oldest for group in self.within(*stages)), default=None)

    def by_reason(self, stage: Stage) -> dict[str, list[Group]]:
        """The groups of a stage by reason, the most packets first."""
        reasons: dict[str, list[Group]] = {}
        for group in self.within(stage):
            reasons.setdefault(group.reason, []).append(group)
        return dict(sorted(reasons.items(), key=lambda item: (-sum(group.number for group in item[1]), item[0])))

    @property
    def stopped(self) -> int:
        return self.number(Stage.STOPPED)

    @property
    def waiting(self) -> int:
        return self.number(*UNSTOPPED)

    @property
    def late(self) -> int:
        """How many have waited for longer than LONG_WAIT."""
        late_ages = (Age.DAY, Age.OLDER)
        return sum(group.number for group in self.within(*UNSTOPPED) if group.age in late_ages)

    @property
    def oldest(self) -> datetime | None:
        """Since when the oldest packet waits, without the stopped ones."""
        return self.oldest_of(*UNSTOPPED)

    @property
    def due_since(self) -> datetime | None:
        """Since when a packet could be sent and is not: its time has come, or its lease has run out."""
        dues = (group.first_due for group in self.within(Stage.DUE, Stage.SENDING))
        return min((due for due in dues if due is not None and due <= self.now), default=None)

    @property
    def is_in_flight(self) -> bool:
        """Whether a worker holds a lease that has not run out."""
        return any(group.last_due is not None and group.last_due > self.now for group in self.within(Stage.SENDING))

    @property
    def retrying(self) -> int:
        """How many have failed and will be tried again."""
        return sum(group.number for group in self._failed())

    @property
    def reason(self) -> str:
        """The reason of the failed packet whose next try is the latest; "" if none failed."""
        dated = [(group.last_due, group.reason) for group in self._failed() if group.last_due is not None]
        return max(dated)[1] if dated else ""

    def table(self) -> list[tuple[Stage, list[tuple[Age, int]]]]:
        """A row for each stage with its numbers by age; no rows while nothing waits."""
        if not self.groups:
            return []
        return [
            (stage, [(age, sum(group.number for group in self.within(stage) if group.age == age)) for age in Age])
            for stage in Stage
        ]

    def _failed(self) -> Iterator[Group]:
        return (group for group in self.within(Stage.DUE, Stage.LATER) if group.reason)


UNSTOPPED = tuple(stage for stage in Stage if stage != Stage.STOPPED)
