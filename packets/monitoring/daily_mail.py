"""The text of the operators' daily mail: what is stopped or late at each portal, and the end of its chain of evidence.

Plain text in Vietnamese. It names dossiers by their codes and holds no personal data.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst

from onestop.staff.models import User
from packets.models import DeliveryState, Packet, PacketQuerySet, PacketState, Portal
from packets.models.reasons import ADVICE, Reason

from .backlog import Stage
from .health import Health

# How many packets are listed for each reason.
LISTED = 20
LIGHTS = {"red": "CẦN XỬ LÝ", "amber": "CẦN THEO DÕI", "green": "hoạt động bình thường"}


@dataclass(frozen=True)
class PortalReport:
    """The state of sending to one portal, counting the packets that a reader sees."""

    delivery: DeliveryState
    packets: PacketQuerySet
    health: Health
    now: datetime

    @classmethod
    def of(cls, delivery: DeliveryState, packets: PacketQuerySet, now: datetime) -> PortalReport:
        packets = packets.filter(portal=delivery.portal)
        return cls(delivery, packets, Health.of(delivery.portal, packets, now), now)

    @property
    def needs_action(self) -> bool:
        return self.health.light == "red" or self.health.waits_long

    @property
    def is_news(self) -> bool:
        """Whether a mail is worth sending.

        Something is stopped, or has waited for over an hour; or this is the first mail of a week and something was
        accepted since the week of the previous mail began. So every link of the chain of evidence has a later seal
        outside the database after about a week.
        """
        last, previous = self.delivery.last_success_at, self.delivery.digested_on
        if self.needs_action or last is None or previous is None:
            return self.needs_action or last is not None
        week = _monday(previous)
        return week < _monday(timezone.localdate(self.now)) and timezone.localdate(last) >= week


def compose(reader: User, deliveries: Iterable[DeliveryState], now: datetime) -> EmailMessage | None:
    """The mail about those of `deliveries` that `reader` sees; None if there is no news about any."""
    seen = set(Portal.objects.visible_to(reader))
    packets = Packet.objects.visible_to(reader)
    reports = [PortalReport.of(delivery, packets, now) for delivery in deliveries if delivery.portal in seen]
    if not any(report.is_news for report in reports):
        return None
    stopped = sum(report.health.backlog.stopped for report in reports)
    late = sum(report.health.backlog.late for report in reports)
    news = [f"{stopped} gói dừng"] if stopped else []
    news += [f"{late} gói chờ quá một giờ"] if late else []
    parts = ["\n".join(_about(report)) for report in reports]
    parts.append(f"Tất cả các Cổng: {_address('overview')}")
    parts += [KEEP + CHECK] if any(report.delivery.number for report in reports) else []
    return EmailMessage(
        f"Đồng bộ: {', '.join(news) or 'bình thường, mốc bằng chứng hằng tuần'}",
        "\n\n".join(parts) + "\n",
        to=[reader.email],
        headers={"Auto-Submitted": "auto-generated"},
    )


KEEP = (
    "Vui lòng lưu giữ thư này. Số và dấu ở dòng “Bằng chứng” được lưu ngoài hệ thống, là căn cứ để xác minh về sau "
    "chuỗi bằng chứng có bị sửa đổi hay không.\n"
)
CHECK = "Dành cho quản trị hệ thống, thực hiện trên máy chủ: verify_evidence --anchor SỐ:DẤU"


def _about(report: PortalReport) -> Iterator[str]:
    delivery, health = report.delivery, report.health
    yield f"== {delivery.portal} – {LIGHTS[health.light]}"
    yield health.in_words()
    if health.backlog.stopped:
        yield from _stopped(report)
    if health.backlog.oldest and health.waits_long:
        yield f"Gói chờ: {_address('list', portal=delivery.portal.code, state=PacketState.READY)}"
        yield f"* {health.backlog.late} gói chờ quá một giờ, lâu nhất từ {_at(health.backlog.oldest)}"
        if reason := health.backlog.reason:
            yield f"* {capfirst(Reason(reason).label)}. {ADVICE[reason]}"
    yield f"Được nhận gần nhất: {_at(delivery.last_success_at) if delivery.last_success_at else 'chưa có lần nào'}"
    if delivery.number:
        yield f"Bằng chứng: gói số {delivery.number}, dấu {delivery.seal}"


def _stopped(report: PortalReport) -> Iterator[str]:
    stopped = report.packets.unsettled().filter(state=PacketState.STOPPED)
    yield f"Gói dừng: {_address('list', portal=report.delivery.portal.code, state=PacketState.STOPPED)}"
    for reason, groups in report.health.backlog.by_reason(Stage.STOPPED).items():
        number = sum(group.number for group in groups)
        yield f"* {number} gói: {Reason(reason).label}. {ADVICE[reason]}"
        named = stopped.filter(reason=reason).select_related("dossier", "publication__agency").defer("body")
        for packet in named.order_by("pk")[:LISTED]:
            yield f"  - {packet}"
        if number > LISTED:
            yield f"  và {number - LISTED} gói nữa"


def _address(page: str, **query: str) -> str:
    parameters = f"?{urlencode(query)}" if query else ""
    return f"{settings.PUBLIC_URL}{reverse(f'packets:{page}')}{parameters}"


def _at(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "H:i d/m/Y")


def _monday(day: date) -> date:
    """The first day of its week."""
    return day - timedelta(days=day.weekday())
