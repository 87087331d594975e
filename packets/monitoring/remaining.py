"""What is left after a drain: how many packets of a portal wait, what for, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from packets.models import DeliveryState, Packet, Portal
from packets.models.reasons import Reason
from packets.queue import db_clock
from packets.queue.outbox import is_backing_off

from .backlog import Backlog, Group, Stage


@dataclass(frozen=True)
class Leftover:
    """Packets of one portal that wait for the same reason, until `until`; None if a person must act.

    For the operator's commands, so in Vietnamese only.
    """

    portal: Portal
    number: int
    why: str
    until: datetime | None

    def __str__(self) -> str:
        return f"{self.portal.code}: {self.number} gói {self.why}"


def leftovers(portal: Portal) -> list[Leftover]:
    """All unsettled packets of `portal`, each counted once; an empty list if there are none."""
    now = db_clock.now()
    backlog = Backlog.of(portal.pk, Packet.objects.all(), now)
    left = []

    def add(number: int, why: str, until: datetime | None = None) -> None:
        """Adds a line. If `why` ends with a word that announces a time, `until` follows it."""
        if number:
            at = f" {timezone.localtime(until):%H:%M:%S %d/%m/%Y}" if until and why.endswith(("đến", "lúc")) else ""
            left.append(Leftover(portal, number, f"{why}{at}", until))

    for reason, groups in backlog.by_reason(Stage.STOPPED).items():
        add(_total(groups), f"đã dừng, cần người xử lý: {Reason(reason).label}")
    leased_until = max((group.last_due for group in backlog.within(Stage.SENDING) if group.last_due), default=None)
    why = "đang ở một tiến trình khác (còn chạy, hoặc đã bị ngắt), được giữ đến"
    add(backlog.number(Stage.SENDING), why, leased_until)
    add(backlog.number(Stage.BLOCKED), "chờ gói trước của cùng hồ sơ, cùng kỳ")
    delivery = DeliveryState.objects.get(portal=portal)
    if not portal.is_working:
        add(backlog.number(Stage.DUE, Stage.LATER), "chờ vì cổng đang tạm dừng")
    elif is_backing_off(delivery, now):
        because = f" ({delivery.last_failure.strip(' .')})" if delivery.last_failure else ""
        why = f"chờ vì cổng được để yên{because} đến"
        add(backlog.number(Stage.DUE, Stage.LATER), why, delivery.resting_until)
    else:
        add(backlog.number(Stage.DUE), "chờ gửi, đã đến lượt", now)
        for reason, groups in backlog.by_reason(Stage.LATER).items():
            first = min((group.first_due for group in groups if group.first_due), default=None)
            add(_total(groups), f"hẹn gửi lại{f' ({Reason(reason).label})' if reason else ''}, sớm nhất lúc", first)
    return left


def _total(groups: list[Group]) -> int:
    return sum(group.number for group in groups)


def may_go_on_at(left: list[Leftover]) -> datetime | None:
    """The first time at which some of the packets may continue by themselves; None if all need a person."""
    return min((one.until for one in left if one.until is not None), default=None)
