"""Decision 1705/QĐ-BTTTT: the standard of the National Public Service Portal and of the provinces' portals."""

from __future__ import annotations

import ssl

import msgspec
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from onestop.dossiers.models import Dossier, DossierQuerySet, Transition, TransitionQuerySet
from onestop.statistics.models import Publication
from packets.dialects import register
from packets.dialects.base import Dialect, JsonObject, Problem, Record, invalid
from packets.models import Packet, PacketQuerySet, Portal
from packets.models.kinds import MadeOf, PacketKind
from packets.models.reasons import Reason
from packets.queue.payload import mark
from packets.schemas.check import check
from packets.switches.variation import Variation

from . import build
from .client import PortalClient
from .messages import NAMES, Kind

# The end of a rating's old date in a frozen text, in the only format of that time.
OLD_DATE = 'T23:59:59.999+0700"'


class Qd1705(Dialect):
    code = "qd1705"
    label = _("QĐ 1705/QĐ-BTTTT")
    kinds = (
        PacketKind(Kind.DOCUMENT, Kind.DOCUMENT.label, MadeOf.DOSSIER),
        PacketKind(Kind.TRACE, Kind.TRACE.label, MadeOf.MOVE),
        # Votes name their period by a date alone, so a year's would be taken for December's.
        PacketKind(Kind.VOTE, Kind.VOTE.label, MadeOf.PUBLICATION, months_only=True),
        PacketKind(Kind.STATISTIC, Kind.STATISTIC.label, MadeOf.PUBLICATION),
    )
    switches = {
        "token_auth": "",
        "require_attachment": "",
        "date_offset": "",
        "empty_date": "",
        "aliases": _(
            'Như {"tên theo chuẩn": "tên Cổng này muốn"}. Của một gói: "document.Tên"; của một phần: "Phần.Tên".'
        ),
        "codes": _(
            'Như {"tên trường": {"giá trị theo chuẩn": "giá trị Cổng này muốn"}}. '
            'Của một gói: "document.Status" khác "trace.Status".'
        ),
        "success_field": _(
            "Để trống: Status theo chuẩn. Với Cổng trả lời theo cách riêng, ví dụ: code hoặc result.code."
        ),
        "success_statuses": "",
    }
    field_names = NAMES

    @property
    def kinds_of_figures(self) -> tuple[PacketKind, ...]:
        """Statistics before votes."""
        return super().kinds_of_figures[::-1]

    def moves(self, portal: Portal) -> Q:
        """The moves of a dossier from its acceptance on; earlier ones only if it came from the portal with a code."""
        reported = Q(accepted=True) | Q(dossier__from_portal=True)
        agencies = list(portal.agencies.all())
        return reported & Q(dossier__agency__level1__in=agencies) if agencies else reported

    def load_dossiers(self, dossiers: DossierQuerySet) -> DossierQuerySet:
        return build.dossiers_to_report(dossiers)

    def load_moves(self, moves: TransitionQuerySet) -> TransitionQuerySet:
        return build.moves_to_report(moves)

    def build(self, kind: str, record: Record, packet: Packet | None) -> msgspec.Struct:
        match kind, record:
            case Kind.DOCUMENT, Dossier():
                return build.document(record, lambda file: mark(packet.key, file.ordinal) if packet else "")
            case Kind.TRACE, Transition():
                return build.trace(record)
            case Kind.VOTE, Publication():
                return build.votes(record)
            case Kind.STATISTIC, Publication():
                return build.statistic(record)
        raise TypeError(f"no {kind} packet is made of a {type(record).__name__}")

    def check(self, portal: Portal, kind: str, message: JsonObject) -> Problem | None:
        """Checks against the schema, without the marks of files. Some portals take no dossier without a file."""
        attachments = message.get("Attachments")
        if isinstance(attachments, list):
            message = message | {"Attachments": [part | {"Base64": ""} for part in attachments]}
        lacks_files = portal.require_attachment and attachments == []
        return invalid(check(kind, message)) or ((Reason.NO_ATTACHMENT, "") if lacks_files else None)

    def encode(self, portal: Portal | None, kind: str, message: JsonObject) -> str:
        varied = Variation.of(portal).applied(kind, message) if portal else message
        return msgspec.json.encode(varied).decode()

    def misread(self, packets: PacketQuerySet) -> PacketQuerySet:
        """Ratings dated at 23:59:59.999 of the last day of their month, as all were at first.

        Only the date names their period. Databases that store instants to 1/300 s (SQL Server's `datetime`) or to a
        second (MySQL's `DATETIME`) round that instant up into the next month. Ratings are now dated at noon.
        """
        return packets.filter(kind=Kind.VOTE, body__contains=OLD_DATE)

    def client(self, tls: ssl.SSLContext | None = None) -> PortalClient:
        return PortalClient(tls)


register(Qd1705())
