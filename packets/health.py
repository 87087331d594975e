"""How a portal fares: a light and a sentence for the person who must see to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Min, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from onestop.dossiers.templatetags.desk import span_in_words

from .models import PacketQuerySet, PacketState, Portal
from .outbox import rests
from .reasons import ADVICE

LONG_WAIT = timedelta(hours=1)
SILENCE = timedelta(hours=24)


@dataclass(frozen=True)
class Queue:
    """What a portal has yet to take, of the packets that somebody sees. `oldest`: since when the first one waits."""

    ready: int
    sending: int
    stopped: int
    retrying: int
    oldest: datetime | None
    reason: str

    @classmethod
    def of(cls, packets: PacketQuerySet) -> Queue:
        waiting = Q(state__in=(PacketState.READY, PacketState.SENDING))
        failed = Q(state=PacketState.READY) & ~Q(reason="")
        figures: dict[str, Any] = packets.unsettled().aggregate(
            ready=Count("pk", Q(state=PacketState.READY)),
            sending=Count("pk", Q(state=PacketState.SENDING)),
            stopped=Count("pk", Q(state=PacketState.STOPPED)),
            retrying=Count("pk", failed),
            oldest=Min("collected_at", filter=waiting),
            latest=Max("due_at", filter=failed),
        )
        latest = figures.pop("latest")
        last_failed = packets.filter(failed, due_at=latest) if latest else packets.none()
        return cls(**figures, reason=last_failed.values_list("reason", flat=True).first() or "")

    @property
    def waiting(self) -> int:
        return self.ready + self.sending

    def waits_long(self, now: datetime) -> bool:
        return self.oldest is not None and self.oldest < now - LONG_WAIT


def is_silent(portal: Portal, queue: Queue, now: datetime) -> bool:
    """Whether something has waited for a day in which nothing was accepted."""
    if queue.oldest is None:
        return False
    return max(queue.oldest, portal.channel.last_success_at or queue.oldest) < now - SILENCE


def light(portal: Portal, queue: Queue, now: datetime) -> str:
    if queue.stopped or is_silent(portal, queue, now):
        return "red"
    troubled = rests(portal.channel, now) or queue.retrying or queue.waits_long(now)
    return "amber" if troubled or not portal.is_active else "green"


def in_words(portal: Portal, queue: Queue, now: datetime) -> str:
    """What is going on with `portal`, and what to do about it: of all that is, what to see to first."""
    if queue.stopped:
        return ngettext(
            "%(count)d gói đã dừng và giữ các gói sau cùng hồ sơ lại. Mở danh sách, đọc lý do, sửa rồi gửi lại.",
            "%(count)d gói đã dừng và giữ các gói sau cùng hồ sơ lại. Mở danh sách, đọc lý do, sửa rồi gửi lại.",
            queue.stopped,
        ) % {"count": queue.stopped}
    if not portal.is_active:
        return _("Cổng đang tạm dừng, %(count)d gói đang chờ. Bấm “Gửi tiếp” khi đã sẵn sàng.") % {
            "count": queue.waiting
        }
    if rests(portal.channel, now) or queue.retrying:
        return _in_trouble(portal, queue, now)
    if queue.oldest is not None and queue.waits_long(now):
        return _(
            "Có gói đã chờ %(time)s mà chưa được gửi. Kiểm tra tiến trình sync_packets --loop có đang chạy không."
        ) % {"time": span_in_words(now - queue.oldest)}
    if queue.waiting:
        return _("%(count)d gói đang chờ tới lượt. Không cần làm gì.") % {"count": queue.waiting}
    if portal.channel.last_success_at is None:
        return _("Chưa có gì để gửi. Gói tin được tạo khi hồ sơ được tiếp nhận hoặc số liệu được công bố.")
    return _("Mọi gói đã được nhận. Không cần làm gì.")


def _in_trouble(portal: Portal, queue: Queue, now: datetime) -> str:
    said = []
    if is_silent(portal, queue, now):
        said.append(_("Hơn 24 giờ nay không gói nào được nhận."))
    if rests(portal.channel, now) and portal.channel.resting_until:
        at = date_format(timezone.localtime(portal.channel.resting_until), "d/m H:i")
        said.append(_("Cổng lỗi nhiều lần nên được để yên đến %(at)s.") % {"at": at})
    if queue.retrying:
        said.append(_("%(count)d gói hẹn gửi lại.") % {"count": queue.retrying})
    said.append(str(ADVICE[queue.reason]) if queue.reason else _("Gói tin được gửi lại tự động."))
    return " ".join(said)
