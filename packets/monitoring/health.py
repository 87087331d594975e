"""How a portal fares: a light and a sentence for the person who must see to it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from onestop.common.wording import span_in_words
from packets.models import Attempt, DeliveryState, PacketQuerySet, Portal
from packets.models.reasons import ADVICE, SET_UP_WRONG, Reason
from packets.queue.outbox import rests
from packets.queue.retries import RESTS_AFTER

from .backlog import Queue

LONG_WAIT = timedelta(hours=1)
SILENCE = timedelta(hours=24)
# The worst first.
LIGHTS = ("red", "amber", "green")


@dataclass(frozen=True)
class Health:
    """A portal at a moment, with its delivery state and its queue."""

    portal: Portal
    queue: Queue
    now: datetime
    # Something could long have been sent and nothing was: no worker runs, it seems.
    is_left_alone: bool

    @classmethod
    def of(cls, portal: Portal, packets: PacketQuerySet, now: datetime) -> Health:
        return cls.of_all([portal], packets.filter(portal=portal), now)[0]

    @classmethod
    def of_all(cls, portals: Collection[Portal], packets: PacketQuerySet, now: datetime) -> list[Health]:
        """In two queries, however many portals there are."""
        queues, tried = Queue.by_portal(packets, now), _last_tried(portals)
        return [
            cls(portal, queues[portal.pk], now, _is_left_alone(portal, queues[portal.pk], tried[portal.pk], now))
            for portal in portals
        ]

    @property
    def delivery(self) -> DeliveryState:
        return self.portal.delivery

    @property
    def is_resting(self) -> bool:
        return rests(self.delivery, self.now)

    @property
    def is_set_up_wrong(self) -> bool:
        """Whether the portal does not accept our login, or our calls as they are. One success, and it does."""
        return self.queue.reason in SET_UP_WRONG and self.delivery.failures > 0 and self.portal.is_working

    @property
    def is_silent(self) -> bool:
        """Whether something has waited for a day in which nothing was accepted."""
        oldest = self.queue.oldest
        return oldest is not None and max(oldest, self.delivery.last_success_at or oldest) < self.now - SILENCE

    @property
    def waits_long(self) -> bool:
        return self.queue.oldest is not None and self.queue.oldest < self.now - LONG_WAIT

    @property
    def light(self) -> str:
        if self.queue.stopped or self.is_left_alone or self.is_set_up_wrong or self.is_silent:
            return "red"
        troubled = self.is_resting or self.queue.retrying or self.waits_long
        return "amber" if troubled or not self.portal.is_working else "green"

    def in_words(self) -> str:
        """What is going on, and what to do about it: of all that is, what to see to first."""
        if self.is_left_alone:
            return _(
                "Có gói đã đến lượt từ lâu mà không có gì được gửi. "
                "Kiểm tra tiến trình sync_packets --loop có đang chạy không."
            )
        if self.is_set_up_wrong:
            return f"{capfirst(Reason(self.queue.reason).label)}. {ADVICE[self.queue.reason]}"
        if self.queue.stopped:
            return ngettext(
                "%(count)d gói đã dừng và giữ các gói sau cùng hồ sơ lại. Mở danh sách, đọc lý do, sửa rồi gửi lại.",
                "%(count)d gói đã dừng và giữ các gói sau cùng hồ sơ lại. Mở danh sách, đọc lý do, sửa rồi gửi lại.",
                self.queue.stopped,
            ) % {"count": self.queue.stopped}
        if not self.portal.is_active:
            return _("Cổng đang tạm dừng, %(count)d gói đang chờ. Bấm “Gửi tiếp” khi đã sẵn sàng.") % {
                "count": self.queue.waiting
            }
        if not self.portal.is_working:
            return _("Đối tác đang bị ngắt, %(count)d thông báo đang chờ. Được gửi khi đối tác hoạt động lại.") % {
                "count": self.queue.waiting
            }
        if self.is_resting or self.queue.retrying:
            return self._in_trouble()
        return self._in_order()

    def _in_trouble(self) -> str:
        said, until = [], self.delivery.resting_until
        if self.is_silent:
            said.append(_("Hơn 24 giờ nay không gói nào được nhận."))
        if self.is_resting and until:
            at = {"at": date_format(timezone.localtime(until), "d/m H:i")}
            if self.delivery.failures >= RESTS_AFTER:
                said.append(_("Cổng lỗi nhiều lần nên được để yên đến %(at)s.") % at)
            else:
                said.append(_("Cổng hẹn gửi lại sau %(at)s nên được để yên đến lúc đó.") % at)
        if self.queue.retrying:
            said.append(_("%(count)d gói hẹn gửi lại.") % {"count": self.queue.retrying})
        reason = self.queue.reason
        said.append(str(ADVICE[reason]) if reason else _("Gói tin được gửi lại tự động."))
        return " ".join(said)

    def _in_order(self) -> str:
        count = {"count": self.queue.waiting}
        if self.queue.oldest is not None and self.waits_long:
            return _(
                "%(count)d gói đang chờ, lâu nhất %(time)s. Vẫn đang gửi, trong giới hạn giữ với Cổng: "
                "xem số này có giảm dần."
            ) % (count | {"time": span_in_words(self.now - self.queue.oldest)})
        if self.queue.waiting:
            return _("%(count)d gói đang chờ tới lượt. Không cần làm gì.") % count
        if self.delivery.last_success_at is None:
            return _("Chưa có gì để gửi. Gói tin được tạo khi hồ sơ được tiếp nhận hoặc số liệu được công bố.")
        return _("Mọi gói đã được nhận. Không cần làm gì.")


def _last_tried(portals: Collection[Portal]) -> dict[int, datetime | None]:
    """When the last try for each was written down."""
    last = Attempt.objects.filter(portal=OuterRef("pk")).order_by("-recorded_at").values("recorded_at")[:1]
    asked = Portal.objects.filter(pk__in=[portal.pk for portal in portals])
    return dict(asked.values_list("pk", Subquery(last)))


def _is_left_alone(portal: Portal, queue: Queue, tried: datetime | None, now: datetime) -> bool:
    if not portal.is_working or queue.due_since is None or queue.in_flight:
        return False
    since = max(queue.due_since, portal.delivery.resting_until or queue.due_since)
    if since > now - LONG_WAIT:
        return False
    # A worker that keeps to a rate may send nothing for a whole window of it.
    window = timedelta(seconds=portal.rate_seconds) if portal.rate_limit else timedelta()
    return tried is None or tried <= now - max(LONG_WAIT, window)
