"""Packets, which are the messages to report, and every attempt to send one."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from onestop.common.append_only import WrittenOnce
from onestop.common.input.columns import LinesColumn
from onestop.dossiers.models import Attachment, Dossier, Transition, works_with
from onestop.partners.models import PartnerActor
from onestop.staff.models import User
from onestop.statistics.models import Publication

from .kinds import MadeOf, kind_choices, kinds_made_of
from .portal import PARTNER_EVENT, PARTNER_PING, Portal
from .portal_change import PortalChange as PortalChange
from .reasons import Reason


class PacketState(models.TextChoices):
    READY = "ready", _("chờ gửi")
    SENDING = "sending", _("đang gửi")
    ACCEPTED = "accepted", _("đã nhận")
    STOPPED = "stopped", _("dừng, cần người xử lý")
    SUPERSEDED = "superseded", _("đã có gói mới hơn thay")
    GIVEN_UP = "given_up", _("đã hủy, có lý do")


# Not settled: packets in these states hold back the later ones of their stream.
OPEN_STATES = (PacketState.READY, PacketState.SENDING, PacketState.STOPPED)
SETTLED_STATES = (PacketState.ACCEPTED, PacketState.SUPERSEDED, PacketState.GIVEN_UP)


class PacketQuerySet(models.QuerySet["Packet"]):
    def visible_to(self, user: User) -> Self:
        """Those about dossiers and figures of the user's agency or one below it."""
        if user.is_superuser:
            return self
        # The dossiers of a few agencies are looked up in one subquery. With a join per packet, counting a ward's five
        # hundred packets took 0.2 s.
        agencies = user.named_agencies
        if agencies is None:
            all_agencies = user.agencies.values("pk")
            return self.filter(Q(dossier__agency__in=all_agencies) | Q(publication__agency__in=all_agencies))
        dossiers = Dossier.objects.filter(agency__in=agencies).order_by().values("pk")
        publications = Publication.objects.filter(agency__in=agencies).order_by().values("pk")
        return self.filter(Q(dossier__in=dossiers) | Q(publication__in=publications))

    def for_partner(self, colleague: PartnerActor) -> Self:
        """Those about dossiers that the partner may read, for any portal and for its own webhooks."""
        agencies = colleague.agencies.values("pk")
        seen = Q(dossier__agency__in=agencies) | Q(dossier__unit__in=agencies)
        seen &= works_with(colleague.partner, "dossier__")  # scope: packets of tests
        return self.filter(seen, Q(portal__partner=None) | Q(portal__partner=colleague.partner))  # scope: packets

    def delivered_by(self, webhook: Portal) -> Self:
        """The events and pings of a partner's webhook."""
        return self.filter(portal=webhook, kind__in=(PARTNER_EVENT, PARTNER_PING))

    def unsettled(self) -> Self:
        return self.filter(settled_at=None)

    def due(self, now: datetime) -> Self:
        """Those that any worker may claim: their time has come, or the lease of the previous worker has run out."""
        return self.filter(due_at__lte=now)

    def first_of_stream(self) -> Self:
        """The unsettled ones that need not wait for an earlier packet of the same stream and portal."""
        # Not `~Exists(earlier)`: PostgreSQL makes a join of that, and without statistics it joins all with all.
        of_stream = Packet.objects.unsettled().filter(portal=OuterRef("portal"), stream=OuterRef("stream"))
        return self.unsettled().filter(position=Subquery(of_stream.order_by("position").values("position")[:1]))

    def needed_at_portal(self) -> Self:
        """Those that the portal must hold once they are accepted.

        Of the packets that carry a whole dossier only the last of each: a newer one, even if it is still to be sent,
        contains all that they say. Of a period's figures only the last revision, and of a corrected packet only its
        correction: the earlier one, sent again later, would replace the right figures at the portal.
        """
        sent = (PacketState.ACCEPTED, *OPEN_STATES)
        whole = kinds_made_of(MadeOf.DOSSIER)
        newer = Packet.objects.filter(
            portal=OuterRef("portal"),
            dossier=OuterRef("dossier"),
            kind=OuterRef("kind"),
            state__in=sent,
            transition__gt=OuterRef("transition"),
        )
        revised = Packet.objects.revisions_of_outer().filter(state__in=sent)
        correction = Packet.objects.filter(corrects=OuterRef("pk"), state__in=sent)
        return self.filter(
            ~Q(kind__in=whole) | ~Exists(newer), Q(publication=None) | ~Exists(revised) & ~Exists(correction)
        )

    def revisions_of_outer(self) -> Self:
        """For a subquery: packets to the same portal of later revisions of the outer packet's period."""
        same = {name: OuterRef(name) for name in ("portal", "kind")} | {"corrects": None}
        period = {f"publication__{name}": OuterRef(f"publication__{name}") for name in ("agency", "year", "month")}
        return self.filter(**same, **period, publication__revision__gt=OuterRef("publication__revision"))

    def held_back_by(self, packet: Packet) -> Self:
        """The unsettled ones that must wait until `packet` is settled."""
        return self.unsettled().filter(portal=packet.portal, stream=packet.stream, position__gt=packet.position)


class Packet(models.Model):
    """One message to one portal: its text is frozen when it is collected, and kept with the outcome.

    Made of a `transition` or of a `publication`, as its `kind` says (`kinds.PacketKind`); a partner's ping of neither.
    Packets of one `stream` and portal go in the order of `position`. `body` is the JSON text, with a mark in place of
    each attachment's content (see `queue.payload.Body`); empty if it was superseded before it was built.
    """

    portal = models.ForeignKey(
        Portal, models.PROTECT, related_name="packets", db_index=False, verbose_name=_("cổng nhận")
    )
    kind = models.CharField(_("loại"), max_length=9, choices=kind_choices)
    transition = models.ForeignKey(
        Transition,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("bước xử lý"),
    )
    publication = models.ForeignKey(
        Publication,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("số liệu công bố"),
    )
    dossier = models.ForeignKey(
        Dossier, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("hồ sơ")
    )
    stream = models.CharField(max_length=60)
    position = models.BigIntegerField()
    # The Idempotency-Key of every try.
    key = models.UUIDField(_("mã chống gửi trùng"), default=uuid.uuid4, unique=True, editable=False)
    body = models.TextField(_("nội dung"), blank=True)

    state = models.CharField(_("trạng thái"), max_length=10, choices=PacketState, default=PacketState.READY)
    reason = models.CharField(_("lý do"), max_length=20, choices=Reason, blank=True)
    detail = models.TextField(_("chi tiết"), blank=True)
    superseded_by = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("được thay bởi"),
    )
    # The accepted packet of the same publication that this one corrects: see `collecting.corrections`.
    corrects = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("gửi lại nội dung của gói"),
    )
    collected_at = models.DateTimeField(_("tạo lúc"), default=timezone.now)
    tries = models.PositiveIntegerField(_("số lần gửi"), default=0)
    first_tried_at = models.DateTimeField(_("gửi lần đầu lúc"), null=True, blank=True)
    # The key of the first try that may have reached the portal and got no known answer: see `delivery.repeats`.
    unanswered_key = models.UUIDField(null=True, blank=True, editable=False)
    # When any worker may claim it: the time of a waiting packet's next try, or the end of a lease. None while it waits
    # for an earlier one of its stream, while it is stopped, and once it is settled.
    due_at = models.DateTimeField(_("gửi tiếp lúc"), null=True, blank=True)
    lease = models.UUIDField(null=True, blank=True)
    settled_at = models.DateTimeField(_("hoàn tất lúc"), null=True, blank=True)
    # When it was put back: it had been accepted, and then proved to be missing at the portal.
    put_back_at = models.DateTimeField(_("đưa lại vào hàng chờ lúc"), null=True, blank=True)
    given_up_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("người hủy")
    )
    given_up_because = LinesColumn(_("lý do hủy"), max_length=500, blank=True)

    objects = PacketQuerySet.as_manager()

    class Meta:
        verbose_name = _("gói dữ liệu")
        verbose_name_plural = _("gói dữ liệu")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["portal", "kind", "transition"],
                condition=Q(transition__isnull=False),
                name="one_packet_per_transition",
            ),
            models.UniqueConstraint(
                fields=["portal", "kind", "publication"],
                condition=Q(publication__isnull=False, corrects=None),
                name="one_packet_per_publication",
            ),
            models.UniqueConstraint(
                fields=["corrects"], condition=Q(corrects__isnull=False), name="one_correction_per_packet"
            ),
            models.CheckConstraint(name="only_figures_are_corrected", condition=Q(corrects=None) | Q(transition=None)),
            models.CheckConstraint(
                name="packet_has_one_source",
                condition=Q(transition__isnull=False, dossier__isnull=False, publication=None)
                | Q(transition=None, dossier=None, publication__isnull=False)
                | Q(transition=None, dossier=None, publication=None, kind=PARTNER_PING),
            ),
            models.CheckConstraint(
                name="packet_stopped_with_reason", condition=~Q(state=PacketState.STOPPED) | ~Q(reason="")
            ),
            models.CheckConstraint(
                name="packet_settled_with_time",
                condition=Q(state__in=SETTLED_STATES, settled_at__isnull=False)
                | Q(state__in=OPEN_STATES, settled_at=None),
            ),
            models.CheckConstraint(
                name="packet_due_while_under_way",
                condition=Q(state=PacketState.READY)
                | Q(state=PacketState.SENDING, due_at__isnull=False, lease__isnull=False)
                | Q(state__in=(PacketState.STOPPED, *SETTLED_STATES), due_at=None),
            ),
            models.CheckConstraint(
                name="packet_given_up_by_somebody",
                condition=~Q(state=PacketState.GIVEN_UP) | Q(given_up_by__isnull=False) & ~Q(given_up_because=""),
            ),
        ]
        # The settled packets only grow in number, so the indexes that workers read leave them out. The conditions have
        # a form that both databases recognise in a query with bound values.
        indexes = [
            models.Index(name="packet_due", fields=["portal", "due_at", "id"], condition=Q(due_at__isnull=False)),
            models.Index(
                name="packet_open", fields=["portal", "state", "collected_at"], condition=Q(settled_at__isnull=True)
            ),
            models.Index(
                name="packet_stream", fields=["portal", "stream", "position"], condition=Q(settled_at__isnull=True)
            ),
            # For a partner's list of deliveries. It costs nothing where a portal gets its packets.
            models.Index(
                name="packet_of_webhook",
                fields=["portal", "id"],
                condition=Q(kind__in=(PARTNER_EVENT, PARTNER_PING)),
            ),
            # For operators, of what is rare among all that was ever reported.
            models.Index(name="packet_with_reason", fields=["reason", "id"], condition=~Q(reason="")),
            models.Index(
                name="packet_not_sent",
                fields=["state", "id"],
                condition=Q(state__in=(PacketState.SUPERSEDED, PacketState.GIVEN_UP)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.subject}"

    @property
    def subject(self) -> str:
        """What it is about: a dossier's code, an agency and period, or of a ping the webhook itself."""
        return str(self.dossier or self.publication or self.portal)

    def attachments(self) -> list[Attachment]:
        """The files whose content goes into `body`, in that order."""
        if self.dossier is None or self.kind not in kinds_made_of(MadeOf.DOSSIER):
            return []
        return list(self.dossier.attachments.all())


class Attempt(WrittenOnce):
    """One attempt to deliver a packet, and how it ended.

    Accepted attempts are links of the portal's chain of evidence (`evidence.chain`): numbered from 1 without a gap,
    each `seal` made of this row and of the seal before it.
    """

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", _("được nhận")
        RETRY = "retry", _("sẽ gửi lại")
        STOPPED = "stopped", _("dừng")

    packet = models.ForeignKey(Packet, models.PROTECT, related_name="attempts", verbose_name=_("gói dữ liệu"))
    portal = models.ForeignKey(Portal, models.PROTECT, related_name="+", db_index=False, verbose_name=_("cổng nhận"))
    key = models.UUIDField(_("mã chống gửi trùng"))
    # SHA-256 of what was sent for the packet, byte for byte: of the whole request body, unless that carried other
    # packets as well. "" if nothing could be sent because a file was missing.
    digest = models.CharField(_("mã băm nội dung"), max_length=64, blank=True)
    at = models.DateTimeField(_("thời điểm"))
    milliseconds = models.PositiveIntegerField(_("mili giây"))
    outcome = models.CharField(_("kết quả"), max_length=8, choices=Outcome)
    reason = models.CharField(_("lý do"), max_length=20, choices=Reason, blank=True)
    http_status = models.PositiveSmallIntegerField(_("mã HTTP"), null=True, blank=True)
    reply = models.CharField(_("trích trả lời"), max_length=500, blank=True)
    recorded_at = models.DateTimeField(_("ghi lúc"))
    number = models.PositiveBigIntegerField(_("số thứ tự bằng chứng"), null=True, blank=True)
    seal = models.CharField(_("dấu"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("lần gửi")
        verbose_name_plural = _("lần gửi")
        ordering = ["-pk"]
        indexes = [models.Index(name="attempt_recorded", fields=["portal", "recorded_at"])]
        constraints = [
            models.UniqueConstraint(
                name="one_attempt_per_number", fields=["portal", "number"], condition=Q(number__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return f"{self.packet} {self.at:%d/%m/%Y %H:%M:%S}"
