"""The sync app's own tables: where to report, what is to be reported, and every try."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Self

from django.core.validators import URLValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from onestop.catalog.models import Agency
from onestop.dossiers.models import Attachment, Dossier, Transition
from onestop.staff.models import User
from onestop.statistics.models import Publication

from .reasons import Reason
from .sealing import SealedTextField


class Dialect(models.TextChoices):
    """In whose words a portal is spoken to; one module each in `dialects`."""

    QD1705 = "qd1705", _("QĐ 1705/QĐ-BTTTT")


is_web_address = URLValidator(schemes=["http", "https"])


def usual_success_statuses() -> list[int]:
    """No list of the reply's codes was ever published; these are the ones that cannot mean a failure."""
    return [0, 1, 200]


class PortalQuerySet(models.QuerySet["Portal"]):
    def visible_to(self, user: User) -> Self:
        """Those that the user's ministry or province reports to."""
        if user.is_superuser:
            return self
        if user.agency is None:
            return self.none()
        return self.filter(Q(agencies=None) | Q(agencies=user.agency.level1_id))

    def working(self) -> Self:
        return self.filter(is_active=True)


class Portal(models.Model):
    """A receiver of packets, and how far the worker has got on with it."""

    code = models.SlugField(_("mã"), max_length=50, unique=True)
    name = models.CharField(_("tên"), max_length=200, blank=True)
    dialect = models.CharField(_("chuẩn gói tin"), max_length=10, choices=Dialect, default=Dialect.QD1705)
    base_url = models.CharField(_("địa chỉ gốc"), max_length=500, validators=[is_web_address])
    token_url = models.CharField(_("địa chỉ lấy token"), max_length=500, validators=[is_web_address])
    client_id = models.CharField(_("client id"), max_length=200)
    client_secret = SealedTextField(_("client secret"))
    agencies = models.ManyToManyField(
        Agency,
        blank=True,
        related_name="+",
        limit_choices_to={"parent": None},
        verbose_name=_("cơ quan cấp 1 được báo cáo"),
        help_text=_("Để trống: mọi cơ quan cấp 1."),
    )
    since = models.DateTimeField(_("báo cáo từ"), null=True, blank=True, help_text=_("Để trống: toàn bộ lịch sử."))
    is_active = models.BooleanField(_("đang gửi"), default=True)

    require_attachment = models.BooleanField(
        _("bắt buộc có tệp đính kèm"),
        default=False,
        help_text=_("Hồ sơ không có tệp sẽ dừng lại với lý do đó, thay vì gửi danh sách rỗng."),
    )
    aliases = models.JSONField(
        _("tên trường đổi khác"),
        default=dict,
        blank=True,
        help_text=_('Như {"tên theo chuẩn": "tên Cổng này muốn"}.'),
    )
    codes = models.JSONField(
        _("mã số đổi khác"),
        default=dict,
        blank=True,
        help_text=_('Như {"tên trường": {"giá trị theo chuẩn": "giá trị Cổng này muốn"}}.'),
    )
    success_statuses = models.JSONField(_("mã Status được coi là thành công"), default=usual_success_statuses)

    # A portal that keeps failing is left alone until `resting_until`, then tried with one packet.
    failures = models.PositiveIntegerField(_("số lần lỗi liên tiếp"), default=0)
    resting_until = models.DateTimeField(_("tạm nghỉ đến"), null=True, blank=True)
    last_success_at = models.DateTimeField(_("lần gửi thành công gần nhất"), null=True, blank=True)
    last_failure = models.CharField(_("lỗi gần nhất"), max_length=500, blank=True)

    objects = PortalQuerySet.as_manager()

    class Meta:
        verbose_name = _("cổng nhận")
        verbose_name_plural = _("cổng nhận")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name or self.code


class Kind(models.TextChoices):
    DOCUMENT = "document", _("hồ sơ")
    TRACE = "trace", _("tiến trình")
    VOTE = "vote", _("đánh giá")
    STATISTIC = "statistic", _("thống kê")


class PacketState(models.TextChoices):
    READY = "ready", _("chờ gửi")
    SENDING = "sending", _("đang gửi")
    ACCEPTED = "accepted", _("đã nhận")
    STOPPED = "stopped", _("dừng, cần người xử lý")
    SUPERSEDED = "superseded", _("đã có gói mới hơn thay")


# Not settled yet: these hold back the later packets of their stream.
OPEN_STATES = (PacketState.READY, PacketState.SENDING, PacketState.STOPPED)


class PacketQuerySet(models.QuerySet["Packet"]):
    def visible_to(self, user: User) -> Self:
        """Those about dossiers and figures of the user's agency or one below it."""
        if user.is_superuser:
            return self
        agencies = user.agencies.values("pk")
        return self.filter(Q(dossier__agency__in=agencies) | Q(publication__agency__in=agencies))

    def unsettled(self) -> Self:
        return self.filter(state__in=OPEN_STATES)

    def due(self, now: datetime) -> Self:
        """Waiting, with their time come."""
        return self.filter(state=PacketState.READY, next_attempt_at__lte=now)

    def abandoned(self, now: datetime) -> Self:
        """Left behind by a worker whose lease has run out."""
        return self.filter(state=PacketState.SENDING, leased_until__lt=now)

    def first_of_stream(self) -> Self:
        """Without those that must wait for an earlier packet of the same stream and portal."""
        earlier = Packet.objects.unsettled().filter(
            portal=OuterRef("portal"), stream=OuterRef("stream"), position__lt=OuterRef("position")
        )
        return self.filter(~Exists(earlier))

    def waiting_behind(self, packet: Packet) -> Self:
        return self.unsettled().filter(portal=packet.portal, stream=packet.stream, position__gt=packet.position)


class Packet(models.Model):
    """One message to one portal: frozen when collected, kept with what became of it.

    Made of a `transition` (document, trace) or of a `publication` (vote, statistic). Packets of one `stream` and
    portal go in the order of `position`. `body` is the JSON text, with a mark in place of each attachment's
    content (see `body.Body`); empty where it was superseded before it was built.
    """

    portal = models.ForeignKey(Portal, models.PROTECT, related_name="packets", verbose_name=_("cổng nhận"))
    kind = models.CharField(_("loại"), max_length=9, choices=Kind)
    transition = models.ForeignKey(
        Transition, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("bước xử lý")
    )
    publication = models.ForeignKey(
        Publication,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("số liệu công bố"),
    )
    dossier = models.ForeignKey(
        Dossier, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("hồ sơ")
    )
    stream = models.CharField(max_length=60)
    position = models.BigIntegerField()
    # The Idempotency-Key of every try.
    key = models.UUIDField(_("khóa chống trùng"), default=uuid.uuid4, unique=True, editable=False)
    body = models.TextField(_("nội dung"), blank=True)

    state = models.CharField(_("trạng thái"), max_length=10, choices=PacketState, default=PacketState.READY)
    reason = models.CharField(_("lý do"), max_length=20, choices=Reason, blank=True)
    detail = models.TextField(_("chi tiết"), blank=True)
    superseded_by = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("được thay bởi")
    )
    collected_at = models.DateTimeField(_("tạo lúc"), default=timezone.now)
    tries = models.PositiveIntegerField(_("số lần gửi"), default=0)
    first_tried_at = models.DateTimeField(_("gửi lần đầu lúc"), null=True, blank=True)
    next_attempt_at = models.DateTimeField(_("gửi tiếp lúc"), default=timezone.now)
    leased_until = models.DateTimeField(null=True, blank=True)
    lease = models.UUIDField(null=True, blank=True)
    accepted_at = models.DateTimeField(_("được nhận lúc"), null=True, blank=True)

    objects = PacketQuerySet.as_manager()

    class Meta:
        verbose_name = _("gói tin")
        verbose_name_plural = _("gói tin")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["portal", "kind", "transition"],
                condition=Q(transition__isnull=False),
                name="one_packet_per_transition",
            ),
            models.UniqueConstraint(
                fields=["portal", "kind", "publication"],
                condition=Q(publication__isnull=False),
                name="one_packet_per_publication",
            ),
            models.CheckConstraint(
                name="packet_has_one_source",
                condition=Q(transition__isnull=False, dossier__isnull=False, publication=None)
                | Q(transition=None, dossier=None, publication__isnull=False),
            ),
            models.CheckConstraint(
                name="packet_stopped_with_reason", condition=~Q(state=PacketState.STOPPED) | ~Q(reason="")
            ),
        ]
        # Whole, not partial: SQLite does not use a partial index where the states are bound as parameters.
        indexes = [
            models.Index(name="packet_waiting", fields=["portal", "state", "next_attempt_at", "id"]),
            models.Index(name="packet_leased", fields=["state", "leased_until"]),
            models.Index(name="packet_stream", fields=["portal", "stream", "position"]),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.subject}"

    @property
    def subject(self) -> str:
        """What it reports on: a dossier's code, or an agency and period."""
        return str(self.dossier or self.publication)

    def attachments(self) -> list[Attachment]:
        """The files whose content belongs into `body`, in its order."""
        return list(self.dossier.attachments.all()) if self.dossier and self.kind == Kind.DOCUMENT else []


class Attempt(models.Model):
    """One try at delivering a packet, and how it ended."""

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", _("được nhận")
        RETRY = "retry", _("sẽ gửi lại")
        STOPPED = "stopped", _("dừng")

    packet = models.ForeignKey(Packet, models.PROTECT, related_name="attempts", verbose_name=_("gói tin"))
    at = models.DateTimeField(_("lúc"))
    milliseconds = models.PositiveIntegerField(_("mili giây"))
    outcome = models.CharField(_("kết quả"), max_length=8, choices=Outcome)
    reason = models.CharField(_("lý do"), max_length=20, choices=Reason, blank=True)
    http_status = models.PositiveSmallIntegerField(_("mã HTTP"), null=True, blank=True)
    reply = models.CharField(_("trích trả lời"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("lần gửi")
        verbose_name_plural = _("lần gửi")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.packet} {self.at:%d/%m/%Y %H:%M:%S}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("attempts are never changed")
        super().save(*args, **kwargs)
