"""The health of a portal: a traffic light, and a sentence for the person who must act."""

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
from packets.queue.outbox import is_backing_off
from packets.queue.retries import RESTS_AFTER

from .backlog import LONG_WAIT, Backlog

SILENCE = timedelta(hours=24)
# The worst first.
LIGHTS = ("red", "amber", "green")


@dataclass(frozen=True)
class Health:
    """A portal at one moment, with its delivery state and its backlog."""

    portal: Portal
    backlog: Backlog
    now: datetime
    # Packets have been due for long and none was tried: it seems that no worker runs.
    is_unattended: bool

    @classmethod
    def of(cls, portal: Portal, packets: PacketQuerySet, now: datetime) -> Health:
        return cls.of_all([portal], packets.filter(portal=portal), now)[0]

    @classmethod
    def of_all(cls, portals: Collection[Portal], packets: PacketQuerySet, now: datetime) -> list[Health]:
        """The health of each portal, in two queries for all."""
        last_tries = Attempt.objects.filter(portal=OuterRef("pk")).order_by("-recorded_at").values("recorded_at")
        tried = dict(
            Portal.objects.filter(pk__in=[portal.pk for portal in portals]).values_list("pk", Subquery(last_tries[:1]))
        )
        backlogs, empty = Backlog.by_portal(packets, now), Backlog(now)
        return [
            cls(portal, backlog, now, _is_unattended(portal, backlog, tried[portal.pk], now))
            for portal in portals
            for backlog in [backlogs.get(portal.pk, empty)]
        ]

    @property
    def delivery(self) -> DeliveryState:
        return self.portal.delivery

    @property
    def is_resting(self) -> bool:
        return is_backing_off(self.delivery, self.now)

    @property
    def is_set_up_wrong(self) -> bool:
        """Whether the portal refuses our login or our calls because of its configuration. One success ends this."""
        return self.backlog.reason in SET_UP_WRONG and self.delivery.failures > 0 and self.portal.is_working

    @property
    def is_silent(self) -> bool:
        """Whether something has waited for a day in which nothing was accepted."""
        oldest = self.backlog.oldest
        return oldest is not None and max(oldest, self.delivery.last_success_at or oldest) < self.now - SILENCE

    @property
    def waits_long(self) -> bool:
        return self.backlog.oldest is not None and self.backlog.oldest < self.now - LONG_WAIT

    @property
    def light(self) -> str:
        if self.backlog.stopped or self.is_unattended or self.is_set_up_wrong or self.is_silent:
            return "red"
        troubled = self.is_resting or self.backlog.retrying or self.waits_long
        return "amber" if troubled or not self.portal.is_working else "green"

    def in_words(self) -> str:
        """The most urgent problem, and what to do about it."""
        if self.is_unattended:
            return _(
                "Có gói đã đến lượt từ lâu nhưng chưa được gửi. Đề nghị quản trị hệ thống kiểm tra "
                "dịch vụ đồng bộ trên máy chủ."
            )
        if self.is_set_up_wrong:
            return f"{capfirst(Reason(self.backlog.reason).label)}. {ADVICE[self.backlog.reason]}"
        if self.backlog.stopped:
            return ngettext(
                "%(count)d gói đã dừng, các gói sau của cùng hồ sơ phải chờ. Mở danh sách, xem lý do, "
                "sửa rồi gửi lại.",
                "%(count)d gói đã dừng, các gói sau của cùng hồ sơ phải chờ. Mở danh sách, xem lý do, "
                "sửa rồi gửi lại.",
                self.backlog.stopped,
            ) % {"count": self.backlog.stopped}
        if not self.portal.is_active:
            return _("Cổng đang tạm dừng, %(count)d gói đang chờ. Bấm “Gửi tiếp” khi đã sẵn sàng.") % {
                "count": self.backlog.waiting
            }
        if not self.portal.is_working:
            return _(
                "Kết nối với đối tác đang bị ngắt, %(count)d thông báo đang chờ. Thông báo được gửi "
                "khi đối tác được kết nối lại."
            ) % {"count": self.backlog.waiting}
        if self.is_resting or self.backlog.retrying:
            return self._in_trouble()
        return self._in_order()

    def _in_trouble(self) -> str:
        sentences, until = [], self.delivery.resting_until
        if self.is_silent:
            sentences.append(_("Trong hơn 24 giờ qua không có gói nào được nhận."))
        if self.is_resting and until:
            at = {"at": date_format(timezone.localtime(until), "d/m H:i")}
            if self.delivery.failures >= RESTS_AFTER:
                sentences.append(_("Cổng lỗi nhiều lần nên hệ thống tạm ngừng gửi đến %(at)s.") % at)
            else:
                sentences.append(_("Cổng hẹn gửi lại sau %(at)s nên hệ thống tạm ngừng gửi đến thời điểm đó.") % at)
        if self.backlog.retrying:
            sentences.append(_("%(count)d gói hẹn gửi lại.") % {"count": self.backlog.retrying})
        reason = self.backlog.reason
        sentences.append(str(ADVICE[reason]) if reason else _("Gói dữ liệu được gửi lại tự động."))
        return " ".join(sentences)

    def _in_order(self) -> str:
        count = {"count": self.backlog.waiting}
        if self.backlog.oldest is not None and self.waits_long:
            return _(
                "%(count)d gói đang chờ, lâu nhất %(time)s. Hệ thống vẫn đang gửi theo giới hạn thỏa "
                "thuận với Cổng; theo dõi để bảo đảm số gói chờ giảm dần."
            ) % (count | {"time": span_in_words(self.now - self.backlog.oldest)})
        if self.backlog.waiting:
            return _("%(count)d gói đang chờ tới lượt. Không cần xử lý.") % count
        if self.delivery.last_success_at is None:
            return _("Chưa có gì để gửi. Gói dữ liệu được tạo khi hồ sơ được tiếp nhận hoặc số liệu được công bố.")
        return _("Tất cả gói đã được nhận. Không cần xử lý.")


def _is_unattended(portal: Portal, backlog: Backlog, tried: datetime | None, now: datetime) -> bool:
    due_since = backlog.due_since
    if not portal.is_working or due_since is None or backlog.is_in_flight:
        return False
    since = max(due_since, portal.delivery.resting_until or due_since)
    if since > now - LONG_WAIT:
        return False
    # A worker that keeps the portal's rate may send nothing for a whole window of it.
    window = timedelta(seconds=portal.rate_seconds) if portal.rate_limit else timedelta()
    return tried is None or tried <= now - max(LONG_WAIT, window)
