"""What has not been settled: what each packet waits for, since when, and how much of it a portal has before it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Case, Count, Max, Min, Q, Value, When
from django.utils.translation import gettext_lazy as _

from packets.models import PacketQuerySet, PacketState


class Stage(models.TextChoices):
    """Every unsettled packet is in exactly one."""

    DUE = "due", _("chờ gửi, đã đến lượt")
    LATER = "later", _("hẹn gửi lại")
    BEHIND = "behind", _("chờ gói đi trước")
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


def of_stage(stage: Stage, now: datetime) -> Q:
    """Which unsettled packets are in `stage`."""
    match stage:
        case Stage.DUE:
            return Q(state=PacketState.READY, due_at__lte=now)
        case Stage.LATER:
            return Q(state=PacketState.READY, due_at__gt=now)
        case Stage.BEHIND:
            return Q(state=PacketState.READY, due_at=None)
    return Q(state=stage)


def of_age(age: Age, now: datetime) -> Q:
    more_than, up_to = SPANS[age]
    older = Q(collected_at__lt=now - more_than) if more_than else Q()
    return older & Q(collected_at__gte=now - up_to) if up_to else older


@dataclass
class Queue:
    """What a portal has yet to take, of the packets that somebody sees."""

    cells: Counter[tuple[str, str]] = field(default_factory=Counter)
    # Those that failed and are tried again, and why the one that is tried last was put off.
    retrying: int = 0
    reason: str = ""
    # Since when the first one waits that has not stopped, and since when one could be sent that is not being sent.
    oldest: datetime | None = None
    due_since: datetime | None = None
    # Whether a worker has packets on their way.
    in_flight: bool = False

    # When the one that is tried last is tried.
    put_off_to: datetime | None = None

    @classmethod
    def by_portal(cls, packets: PacketQuerySet, now: datetime) -> dict[int, Queue]:
        """One query, whatever waits, of all portals together; an empty one of each that has nothing waiting."""
        stage = Case(*(When(of_stage(stage, now), then=Value(stage)) for stage in Stage))
        age = Case(*(When(of_age(age, now), then=Value(age)) for age in Age))
        unsettled = packets.unsettled().order_by().annotate(stage=stage, age=age)
        rows = unsettled.values_list("portal", "stage", "age", "reason")
        queues: dict[int, Queue] = defaultdict(cls)
        figures = rows.annotate(Count("pk"), Min("collected_at"), Min("due_at"), Max("due_at"))
        for portal, stage_of, age_of, reason, number, oldest, first_due, last_due in figures:
            queue = queues[portal]
            queue.cells[stage_of, age_of] += number
            if stage_of != Stage.STOPPED:
                queue.oldest = min(oldest, queue.oldest or oldest)
            if stage_of in (Stage.DUE, Stage.SENDING) and first_due <= now:
                queue.due_since = min(first_due, queue.due_since or first_due)
            queue.in_flight |= stage_of == Stage.SENDING and last_due > now
            if stage_of in (Stage.DUE, Stage.LATER) and reason:
                queue.retrying += number
                if queue.put_off_to is None or last_due > queue.put_off_to:
                    queue.reason, queue.put_off_to = reason, last_due
        return queues

    def number(self, stage: Stage) -> int:
        return sum(self.cells[stage, age] for age in Age)

    @property
    def stopped(self) -> int:
        return self.number(Stage.STOPPED)

    @property
    def waiting(self) -> int:
        return self.cells.total() - self.stopped

    def table(self) -> list[tuple[Stage, list[tuple[Age, int]]]]:
        """A row for each stage; nothing while nothing waits."""
        return [(stage, [(age, self.cells[stage, age]) for age in Age]) for stage in Stage] if self.cells else []
