"""Partners' webhooks: each move of a dossier that a partner may read is sent as a signed event to its address."""

from __future__ import annotations

import ssl

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from onestop.dossiers.models import Transition, TransitionQuerySet
from onestop.partners.models import PartnerActor
from packets.dialects import register
from packets.dialects.base import Dialect, JsonObject, Problem, Record, invalid
from packets.models import Packet, Portal
from packets.models.kinds import MadeOf, PacketKind
from packets.models.portal import PARTNER_DIALECT
from packets.schemas.check import EVENT, PING, check

from .client import WebhookClient
from .messages import EVENTS, Event, Ping, event, moves_to_report, ping


class Webhook(Dialect):
    code = PARTNER_DIALECT
    label = _("thông báo cho đối tác")
    kinds = (PacketKind(EVENT, _("sự kiện"), MadeOf.MOVE), PacketKind(PING, _("kiểm tra kết nối"), MadeOf.RECEIVER))
    events = EVENTS
    is_for_partners = True
    uses_token = False

    def moves(self, portal: Portal) -> Q:
        """The moves of dossiers that the partner's agencies received or work on now: those that it may read."""
        if portal.partner is None:
            return Q(pk__in=())
        agencies = PartnerActor(portal.partner, ()).agencies.values("pk")
        return Q(dossier__agency__in=agencies) | Q(dossier__unit__in=agencies)

    def load_moves(self, moves: TransitionQuerySet) -> TransitionQuerySet:
        return moves_to_report(moves)

    def build(self, kind: str, record: Record, packet: Packet | None) -> Event | Ping:
        if kind == EVENT and isinstance(record, Transition) and packet is not None:
            return event(record, packet.key, packet.portal.partner_id)
        if kind == PING and isinstance(record, Portal) and packet is not None:
            return ping(record.code, packet.key, packet.collected_at)
        raise TypeError(f"no {kind} is made of a {type(record).__name__}")

    def check(self, portal: Portal, kind: str, message: JsonObject) -> Problem | None:
        return invalid(check(kind, message))

    def client(self, tls: ssl.SSLContext | None = None) -> WebhookClient:
        return WebhookClient(tls)


register(Webhook())
