"""What the operators' mail says: what is stopped or late, portal by portal, and the end of each chain of evidence.

Plain text in Vietnamese. Codes of dossiers stand in it, and nothing about a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.text import capfirst

from onestop.staff.models import User
from packets.models import DeliveryState, Packet, PacketQuerySet, PacketState, Portal
from packets.models.reasons import ADVICE, Reason

from .health import LONG_WAIT, Health

# So many packets are named for each reason.
LISTED = 20
LIGHTS = {"red": "ĐỎ", "amber": "VÀNG", "green": "XANH"}


@dataclass(frozen=True)
class Situation:
    """How sending to one portal goes, of the packets that a reader sees."""

    delivery: DeliveryState
    packets: PacketQuerySet
    health: Health
    now: datetime

    @classmethod
    def of(cls, delivery: DeliveryState, packets: PacketQuerySet, now: datetime) -> Situation:
        packets = packets.filter(portal=delivery.portal)
        return cls(delivery, packets, Health.of(delivery.portal, packets, now), now)

    @property
    def is_troubled(self) -> bool:
        return self.health.light == "red" or self.health.waits_long

    @property
    def is_news(self) -> bool:
        """Whether a mail is worth sending.

        Something is stopped, or has waited for over an hour; or this is the first digest of a week and something was
        accepted since the week of the digest before began. So no link of the chain of evidence stays for longer than
        about a week without a later seal outside the database.
        """
        return self.is_troubled or self._wants_anchor()

    def _wants_anchor(self) -> bool:
        last, before = self.delivery.last_success_at, self.delivery.digested_on
        if last is None or before is None:
            return last is not None
        began = _monday(before)
        return began < _monday(timezone.localdate(self.now)) and timezone.localdate(last) >= began

    @cached_property
    def late(self) -> int:
        waiting = self.packets.unsettled().exclude(state=PacketState.STOPPED)
        return waiting.filter(collected_at__lt=self.now - LONG_WAIT).count()


def digest(reader: User, deliveries: Iterable[DeliveryState], now: datetime) -> EmailMessage | None:
    """The mail about those of `deliveries` that `reader` sees; None if there is no news in any."""
    seen = set(Portal.objects.visible_to(reader))
    packets = Packet.objects.visible_to(reader)
    situations = [Situation.of(delivery, packets, now) for delivery in deliveries if delivery.portal in seen]
    if not any(situation.is_news for situation in situations):
        return None
    parts = ["\n".join(_about(situation)) for situation in situations]
    parts.append(f"Mọi cổng: {_address('overview')}")
    parts += [KEEP] if any(situation.delivery.number for situation in situations) else []
    return EmailMessage(
        _subject(situations),
        "\n\n".join(parts) + "\n",
        to=[reader.email],
        headers={"Auto-Submitted": "auto-generated"},
    )


KEEP = (
    "Hãy giữ thư này: số và dấu ở dòng “Bằng chứng” nằm ngoài cơ sở dữ liệu, "
    "nên về sau cho biết chuỗi bằng chứng có bị sửa hay không (verify_evidence --anchor SỐ:DẤU)."
)


def _subject(situations: Iterable[Situation]) -> str:
    stopped = sum(situation.health.queue.stopped for situation in situations)
    late = sum(situation.late for situation in situations)
    said = [f"{stopped} gói dừng"] if stopped else []
    said += [f"{late} gói chờ quá một giờ"] if late else []
    return f"Đồng bộ: {', '.join(said) or 'bình thường, mốc bằng chứng hằng tuần'}"


def _about(situation: Situation) -> Iterator[str]:
    delivery, health = situation.delivery, situation.health
    yield f"== {delivery.portal} – {LIGHTS[health.light]}"
    yield health.in_words()
    if health.queue.stopped:
        yield from _stopped(situation)
    if health.queue.oldest and health.waits_long:
        yield from _late(situation, health.queue.oldest)
    yield f"Được nhận gần nhất: {_at(delivery.last_success_at) if delivery.last_success_at else 'chưa lần nào'}"
    if delivery.number:
        yield f"Bằng chứng: gói số {delivery.number}, dấu {delivery.seal}"


def _stopped(situation: Situation) -> Iterator[str]:
    stopped = situation.packets.unsettled().filter(state=PacketState.STOPPED)
    yield f"Gói dừng: {_address('list', portal=situation.delivery.portal.code, state=PacketState.STOPPED)}"
    for reason, number in (
        stopped.order_by().values_list("reason").annotate(number=Count("pk")).order_by("-number", "reason")
    ):
        yield f"* {number} gói: {Reason(reason).label}. {ADVICE[reason]}"
        named = stopped.filter(reason=reason).select_related("dossier", "publication__agency").defer("body")
        for packet in named.order_by("pk")[:LISTED]:
            yield f"  - {packet}"
        if number > LISTED:
            yield f"  và {number - LISTED} gói nữa"


def _late(situation: Situation, oldest: datetime) -> Iterator[str]:
    reason = situation.health.queue.reason
    yield f"Gói chờ: {_address('list', portal=situation.delivery.portal.code, state=PacketState.READY)}"
    yield f"* {situation.late} gói chờ quá một giờ, lâu nhất từ {_at(oldest)}"
    if reason:
        yield f"* {capfirst(Reason(reason).label)}. {ADVICE[reason]}"


def _address(page: str, **query: str) -> str:
    found = f"?{urlencode(query)}" if query else ""
    return f"{settings.PUBLIC_URL}{reverse(f'packets:{page}')}{found}"


def _at(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "H:i d/m/Y")


def _monday(day: date) -> date:
    """The first day of its week."""
    return day - timedelta(days=day.weekday())
