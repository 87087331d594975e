"""What a portal still has to be sent when a sending is over: how many packets wait, for what, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min
from django.utils import timezone

from packets.models import DeliveryState, Packet, PacketState, Portal
from packets.models.reasons import Reason
from packets.queue import db_clock
from packets.queue.outbox import is_backing_off


@dataclass(frozen=True)
class Leftover:
    """Packets of one portal that wait for the same. `until`: when that ends by itself; None: it takes a person.

    For the operator's commands, so in Vietnamese only.
    """

    portal: Portal
    number: int
    why: str
    until: datetime | None

    def __str__(self) -> str:
        return f"{self.portal.code}: {self.number} gói {self.why}"


def leftovers(portal: Portal) -> list[Leftover]:
    """All that `portal` has not settled, each packet once; nothing when nothing is left."""
    now, unsettled = db_clock.now(), Packet.objects.unsettled().filter(portal=portal).order_by()
    ready = unsettled.filter(state=PacketState.READY)
    found = []

    def add(number: int, why: str, until: datetime | None = None) -> None:
        """`why` may end with what leads to a time."""
        if number:
            at = f" {timezone.localtime(until):%H:%M:%S %d/%m/%Y}" if until and why.endswith(("đến", "lúc")) else ""
            found.append(Leftover(portal, number, f"{why}{at}", until))

    for reason, number in unsettled.filter(state=PacketState.STOPPED).values_list("reason").annotate(Count("pk")):
        add(number, f"đã dừng, cần người xử lý: {Reason(reason).label}")
    sending = unsettled.filter(state=PacketState.SENDING).aggregate(number=Count("pk"), until=Max("due_at"))
    add(sending["number"], "đang ở một tiến trình khác (còn chạy, hoặc đã bị ngắt), được giữ đến", sending["until"])
    add(ready.filter(due_at=None).count(), "chờ gói đi trước của cùng hồ sơ, cùng kỳ")
    turn = ready.filter(due_at__isnull=False)
    delivery = DeliveryState.objects.get(portal=portal)
    if not portal.is_working:
        add(turn.count(), "chờ vì cổng đang tạm dừng")
    elif is_backing_off(delivery, now):
        because = f" ({delivery.last_failure.strip(' .')})" if delivery.last_failure else ""
        add(turn.count(), f"chờ vì cổng được để yên{because} đến", delivery.resting_until)
    else:
        add(turn.filter(due_at__lte=now).count(), "chờ gửi, đã đến lượt", now)
        later = turn.filter(due_at__gt=now)
        for reason, number, until in later.values_list("reason").annotate(Count("pk"), Min("due_at")):
            add(number, f"hẹn gửi lại{f' ({Reason(reason).label})' if reason else ''}, sớm nhất lúc", until)
    return found


def may_go_on_at(left: list[Leftover]) -> datetime | None:
    """The first moment at which some of it may go on by itself; None if all of it waits for a person."""
    return min((one.until for one in left if one.until is not None), default=None)
