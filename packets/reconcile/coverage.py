"""Coverage: for everything that must be reported, whether it is accepted, on its way, stopped, or forgotten."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q

from packets import dialects
from packets.collecting.collect import unreported_publications, unreported_transitions
from packets.models import Packet, PacketQuerySet, PacketState, Portal
from packets.models.kinds import MadeOf, kinds_made_of

PAGE = 500


class CoverageStatus(models.TextChoices):
    """The state of something that must be reported. For the operator's commands, so in Vietnamese only."""

    ACCEPTED = "accepted", "đã được nhận"
    DUE = "due", "chờ gửi, đã có giờ hẹn"
    BLOCKED = "behind", "chờ gói đứng trước"
    SENDING = "sending", "đang gửi, có thời hạn"
    STOPPED = "stopped", "dừng, có lý do"
    SUPERSEDED = "superseded", "đã có gói mới hơn thay"
    GIVEN_UP = "given_up", "đã bỏ, có người và lý do"
    # These would wait for ever.
    MISSING = "missing", "chưa tạo gói"
    STUCK = "stuck", "kẹt: chờ mà không có giờ hẹn, không có gói nào đứng trước"
    ORPHANED = "loose", "bị thay mà không có gói nào mới hơn"


FORGOTTEN = (CoverageStatus.MISSING, CoverageStatus.STUCK, CoverageStatus.ORPHANED)


@dataclass(frozen=True)
class CoverageGap:
    """A difference between the actual and the required state. `subject`: a dossier's code, or an agency and period."""

    what: models.TextChoices
    kind: str
    subject: str
    at: datetime | None = None
    packet: int | None = None
    key: str = ""


def status_counts(portal: Portal) -> Counter[tuple[str, str]]:
    """The number of each kind and status."""
    counts: Counter[tuple[str, str]] = Counter()
    groups = Packet.objects.filter(portal=portal).order_by().values_list("kind", "state")
    for kind, state, number, dated in groups.annotate(number=Count("pk"), dated=Count("due_at")):
        # Constraints of the table guarantee what else belongs to a state.
        if state == PacketState.READY:
            counts[kind, CoverageStatus.DUE], counts[kind, CoverageStatus.BLOCKED] = dated, number - dated
        else:
            counts[kind, CoverageStatus(state)] = number
    for usual, forgotten_ones, status in (
        (CoverageStatus.BLOCKED, stuck(portal), CoverageStatus.STUCK),
        (CoverageStatus.SUPERSEDED, orphaned(portal), CoverageStatus.ORPHANED),
    ):
        for kind, number in forgotten_ones.order_by().values_list("kind").annotate(number=Count("pk")):
            counts[kind, status] += number
            counts[kind, usual] -= number
    dialect = dialects.of(portal)
    for kind in dialect.kinds_of_moves:
        counts[kind.code, CoverageStatus.MISSING] = unreported_transitions(portal, missing_kind=kind).count()
    for kind in dialect.kinds_of_figures:
        counts[kind.code, CoverageStatus.MISSING] = unreported_publications(portal, kind).count()
    return counts


def stuck(portal: Portal) -> PacketQuerySet:
    """Packets that are first of their stream and have no due time, so that nothing would send them."""
    return Packet.objects.filter(portal=portal, state=PacketState.READY, due_at=None).first_of_stream()


def orphaned(portal: Portal) -> PacketQuerySet:
    """Superseded packets without a newer one in their place.

    Only a packet of the whole dossier contains all that an older one says. The chain of successors may have any
    length, but must end with a packet that is newer than all before it and not superseded itself.
    """
    whole = kinds_made_of(MadeOf.DOSSIER)
    of_dossier = Packet.objects.filter(portal=portal, kind__in=whole, dossier=OuterRef("dossier"))
    successor = of_dossier.filter(pk=OuterRef("superseded_by"))
    newer = of_dossier.filter(Q(pk__gt=OuterRef("pk")) | Q(transition__gt=OuterRef("transition")))
    last_word = newer.exclude(state=PacketState.SUPERSEDED)
    return Packet.objects.filter(
        ~Q(kind__in=whole) | ~Exists(successor) | ~Exists(last_word), portal=portal, state=PacketState.SUPERSEDED
    )


def forgotten(portal: Portal) -> Iterator[CoverageGap]:
    for kind in dialects.of(portal).kinds_of_moves:
        for move in unreported_transitions(portal, missing_kind=kind).select_related("dossier").iterator(PAGE):
            yield CoverageGap(CoverageStatus.MISSING, kind.code, str(move.dossier), move.at)
    for kind in dialects.of(portal).kinds_of_figures:
        for publication in unreported_publications(portal, kind).iterator(PAGE):
            yield CoverageGap(CoverageStatus.MISSING, kind.code, str(publication), publication.published_at)
    for status, packets in ((CoverageStatus.STUCK, stuck(portal)), (CoverageStatus.ORPHANED, orphaned(portal))):
        for packet in with_subject(packets).iterator(PAGE):
            yield gap_of(status, packet)


def with_subject(packets: PacketQuerySet) -> PacketQuerySet:
    """`packets` with exactly the columns and rows that `gap_of` reads."""
    return packets.select_related("dossier", "transition", "publication__agency").defer("body").order_by("pk")


def gap_of(what: models.TextChoices, packet: Packet) -> CoverageGap:
    move, publication = packet.transition, packet.publication
    at = move.at if move else publication.published_at if publication else None
    return CoverageGap(what, packet.kind, packet.subject, at, packet.pk, str(packet.key))
