"""The sync app's own tables: where to report, what is to be reported, and every try."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, URLValidator
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from onestop.catalog.models import Agency
from onestop.common.input.columns import LineColumn, LinesColumn
from onestop.dossiers.models import NAMED_AGENCIES, Attachment, Dossier, Transition
from onestop.partners.models import Partner, PartnerActor
from onestop.staff.models import User
from onestop.statistics.models import Publication
from packets.evidence.chain import BEGINNING
from packets.switches.checks import check_aliases, check_codes
from packets.switches.success import are_answers, fit_the_standard, is_path
from packets.switches.variation import DateOffset, EmptyDate

from .encryption import SealedTextField
from .portal_change import PortalChange as PortalChange  # its table is part of this app
from .reasons import Reason


class Dialect(models.TextChoices):
    """In whose words a portal is spoken to; one module each in `dialects`."""

    QD1705 = "qd1705", _("QĐ 1705/QĐ-BTTTT")
    WEBHOOK = "webhook", _("thông báo cho đối tác")


# What an operator sets up; a partner sets up its webhooks itself.
PORTAL_DIALECTS = [(dialect.value, dialect.label) for dialect in Dialect if dialect != Dialect.WEBHOOK]


class TokenAuth(models.TextChoices):
    """How a client shows its secret when it asks for a token (RFC 6749 §2.3.1)."""

    BODY = "body", _("trong nội dung (client_id, client_secret)")
    BASIC = "basic", _("trong tiêu đề Authorization (Basic)")


# Where a portal's packets, its credentials and its token go.
ADDRESSES = ("base_url", "token_url", "ledger_url")

is_web_address = URLValidator(schemes=["http", "https"])


def usual_success_statuses() -> list[int]:
    """No list of the reply's codes was ever published; these are the ones that cannot mean a failure."""
    return [0, 1, 200]


class PortalQuerySet(models.QuerySet["Portal"]):
    def visible_to(self, user: User) -> Self:
        """Those that the user's ministry or province reports to, and webhooks of partners of the user's agencies."""
        if user.is_superuser:
            return self.standing()
        if user.agency is None:
            return self.none()
        partners = Partner.objects.filter(agencies__in=user.agencies.values("pk"))
        own = Q(agencies=None) | Q(agencies=user.agency.level1_id)
        return self.standing().filter(Q(partner=None) & own | Q(partner__in=partners.values("pk")))

    def steered_by(self, user: User) -> Self:
        """Those whose every agency is the user's to oversee: a portal's that are named, a webhook's its partner's.

        A portal that names none carries all, so only a superuser steers it.
        """
        if user.is_superuser:
            return self.standing()
        own = user.agencies.values("pk")
        named = Portal.agencies.through.objects.filter(portal=OuterRef("pk"))
        served = Partner.agencies.through.objects.filter(partner=OuterRef("partner"))
        steered = Exists(named) & ~Exists(named.exclude(agency__in=own))
        followed = Exists(served) & ~Exists(served.exclude(agency__in=own))
        return self.standing().filter(Q(partner=None) & steered | Q(partner__isnull=False) & followed)

    def standing(self) -> Self:
        """Without the webhooks that their partners have given up."""
        return self.filter(ended_at=None)

    def webhooks_of(self, partner: Partner) -> Self:
        return self.standing().filter(partner=partner)

    def working(self) -> Self:
        """Those that are collected for and sent to."""
        running = Q(partner=None) | Q(partner__is_active=True)
        return self.standing().filter(running, is_active=True).select_related("partner")


class Portal(models.Model):
    """A receiver of packets, as it was set up. How sending to it goes is its `Channel`.

    One with a `partner` is that partner's webhook: `base_url` is where events go, whole, and `client_secret` what they
    are signed with.
    """

    code = models.SlugField(_("mã"), max_length=50, unique=True)
    name = LineColumn(_("tên"), max_length=200, blank=True)
    dialect = models.CharField(_("chuẩn gói tin"), max_length=10, choices=Dialect, default=Dialect.QD1705)
    base_url = LineColumn(_("địa chỉ gốc"), max_length=500, validators=[is_web_address])
    token_url = LineColumn(_("địa chỉ lấy token"), max_length=500, validators=[is_web_address])
    ledger_url = LineColumn(
        _("địa chỉ hỏi Cổng đã nhận những gì"),
        max_length=500,
        blank=True,
        validators=[is_web_address],
        help_text=_("Để trống nếu Cổng không cho hỏi."),
    )
    client_id = LineColumn(_("client id"), max_length=200)
    client_secret = SealedTextField(_("client secret"))
    token_auth = models.CharField(
        _("cách xác thực khi lấy token"), max_length=5, choices=TokenAuth, default=TokenAuth.BODY
    )
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
        validators=[check_aliases],
        help_text=_(
            'Như {"tên theo chuẩn": "tên Cổng này muốn"}. Của một gói: "document.Tên"; của một phần: "Phần.Tên".'
        ),
    )
    codes = models.JSONField(
        _("mã số đổi khác"),
        default=dict,
        blank=True,
        validators=[check_codes],
        help_text=_(
            'Như {"tên trường": {"giá trị theo chuẩn": "giá trị Cổng này muốn"}}. '
            'Của một gói: "document.Status" khác "trace.Status".'
        ),
    )
    date_offset = models.CharField(_("cách ghi ngày"), max_length=8, choices=DateOffset, default=DateOffset.BASIC)
    empty_date = models.CharField(
        _("ngày chưa có"),
        max_length=6,
        choices=EmptyDate,
        default=EmptyDate.BLANK,
        help_text=_("Cho trường ngày bắt buộc mà việc chưa xảy ra."),
    )
    success_field = LineColumn(
        _("trường của trả lời báo kết quả"),
        max_length=200,
        blank=True,
        validators=[is_path],
        help_text=_("Để trống: Status theo chuẩn. Với Cổng trả lời theo cách riêng, ví dụ: code hoặc result.code."),
    )
    success_statuses = models.JSONField(
        _("giá trị được coi là thành công"),
        default=usual_success_statuses,
        validators=[are_answers],
        help_text=_('Ví dụ [0, 1, 200]; khi khai trường ở trên, cả chữ và true, false: ["OK", true].'),
    )

    partner = models.ForeignKey(
        Partner, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("đối tác")
    )
    # When its partner gave the webhook up. Its packets stay, and so does the proof of what was sent.
    ended_at = models.DateTimeField(_("bỏ đăng ký lúc"), null=True, blank=True, editable=False)

    # Both bounds hold for all workers together.
    most_in_flight = models.PositiveSmallIntegerField(
        _("số gói gửi cùng lúc nhiều nhất"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Của mọi tiến trình đồng bộ cộng lại. Để trống: không hạn chế."),
    )
    rate_limit = models.PositiveIntegerField(
        _("số gói nhiều nhất"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Trong mỗi khoảng thời gian dưới đây. Để trống: không hạn chế."),
    )
    rate_seconds = models.PositiveIntegerField(
        _("khoảng thời gian (giây)"), default=1, validators=[MinValueValidator(1)]
    )

    objects = PortalQuerySet.as_manager()

    class Meta:
        verbose_name = _("cổng nhận")
        verbose_name_plural = _("cổng nhận")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="webhook_has_partner",
                condition=Q(dialect=Dialect.WEBHOOK, partner__isnull=False)
                | ~Q(dialect=Dialect.WEBHOOK) & Q(partner=None),
            ),
            models.UniqueConstraint(
                name="one_webhook_per_address",
                fields=["partner", "base_url"],
                condition=Q(partner__isnull=False, ended_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.code

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A token was given for the addresses of then: whoever changes one does not bring it along."""
        is_new = self._state.adding
        with transaction.atomic():
            has_moved = not is_new and not Portal.objects.filter(pk=self.pk, **self.addresses).exists()
            super().save(*args, **kwargs)
            if is_new:
                Channel.objects.create(portal=self)
            elif has_moved:
                Channel.objects.filter(portal=self).update(token="", token_until=None, signing_in_until=None)

    @property
    def addresses(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in ADDRESSES}

    def clean(self) -> None:
        if not self.success_field and isinstance(self.success_statuses, list):
            try:
                fit_the_standard(self.success_statuses)
            except ValidationError as error:
                raise ValidationError({"success_statuses": error.messages}) from error

    @property
    def is_webhook(self) -> bool:
        return self.dialect == Dialect.WEBHOOK

    @property
    def is_working(self) -> bool:
        """Whether anything is collected for it and sent to it."""
        return self.is_active and self.ended_at is None and (self.partner is None or self.partner.is_active)


class Channel(models.Model):
    """How sending to a portal goes: written by the workers alone, which share it.

    Apart from `Portal`, so that nobody who edits an address writes an old state back over it. Whoever claims or
    settles packets of the portal holds this row's lock.
    """

    portal = models.OneToOneField(Portal, models.CASCADE, primary_key=True, verbose_name=_("cổng nhận"))

    # The circuit breaker: after some `failures` in a row the portal is left alone until `resting_until`, then tried
    # with one packet; `rests` in a row grow longer.
    failures = models.PositiveIntegerField(_("số lần lỗi liên tiếp"), default=0)
    rests = models.PositiveIntegerField(_("số lần nghỉ liên tiếp"), default=0)
    resting_until = models.DateTimeField(_("tạm nghỉ đến"), null=True, blank=True)
    last_success_at = models.DateTimeField(_("lần gửi thành công gần nhất"), null=True, blank=True)
    last_failure = models.CharField(_("lỗi gần nhất"), max_length=500, blank=True)

    # The token that all workers use, and until when one of them is fetching the next.
    token = SealedTextField(default="", blank=True, editable=False)
    token_until = models.DateTimeField(null=True, blank=True, editable=False)
    signing_in_until = models.DateTimeField(null=True, blank=True, editable=False)

    # The end of the chain of evidence: number and seal of the last accepted attempt.
    number = models.PositiveBigIntegerField(_("số gói đã nhận có bằng chứng"), default=0, editable=False)
    seal = models.CharField(_("dấu cuối chuỗi"), max_length=64, default=BEGINNING, editable=False)

    # Attempts by outcome and how long they took, since the beginning: see `tally`.
    tally = models.JSONField(default=dict, editable=False)
    digested_on = models.DateField(_("ngày gửi bản tin gần nhất"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("đường gửi")
        verbose_name_plural = _("đường gửi")

    def __str__(self) -> str:
        return str(self.portal)


class Kind(models.TextChoices):
    DOCUMENT = "document", _("hồ sơ")
    TRACE = "trace", _("tiến trình")
    VOTE = "vote", _("đánh giá")
    STATISTIC = "statistic", _("thống kê")
    EVENT = "event", _("sự kiện")


class PacketState(models.TextChoices):
    READY = "ready", _("chờ gửi")
    SENDING = "sending", _("đang gửi")
    ACCEPTED = "accepted", _("đã nhận")
    STOPPED = "stopped", _("dừng, cần người xử lý")
    SUPERSEDED = "superseded", _("đã có gói mới hơn thay")
    GIVEN_UP = "given_up", _("đã bỏ, có lý do")


# Not settled yet: these hold back the later packets of their stream.
OPEN_STATES = (PacketState.READY, PacketState.SENDING, PacketState.STOPPED)
SETTLED_STATES = (PacketState.ACCEPTED, PacketState.SUPERSEDED, PacketState.GIVEN_UP)


class PacketQuerySet(models.QuerySet["Packet"]):
    def visible_to(self, user: User) -> Self:
        """Those about dossiers and figures of the user's agency or one below it."""
        if user.is_superuser:
            return self
        agencies = user.agencies.values("pk")
        return self.filter(Q(dossier__agency__in=agencies) | Q(publication__agency__in=agencies))

    def in_sight_of(self, user: User) -> Self:
        """What `visible_to` gives, found faster where little of all that was reported is the user's: one query asks
        beforehand for the agencies, and of a few the dossiers are looked up together, not one with each packet.
        """
        if user.is_superuser:
            return self
        agencies = list(user.agencies.order_by().values_list("pk", flat=True)[: NAMED_AGENCIES + 1])
        if len(agencies) > NAMED_AGENCIES:
            return self.visible_to(user)
        dossiers = Dossier.objects.filter(agency__in=agencies).order_by().values("pk")
        publications = Publication.objects.filter(agency__in=agencies).order_by().values("pk")
        return self.filter(Q(dossier__in=dossiers) | Q(publication__in=publications))

    def told_to(self, colleague: PartnerActor) -> Self:
        """Those about dossiers that the partner sees, to any portal and to its own webhooks."""
        agencies = colleague.agencies.values("pk")
        seen = Q(dossier__agency__in=agencies) | Q(dossier__unit__in=agencies)
        return self.filter(seen, Q(portal__partner=None) | Q(portal__partner=colleague.partner))

    def unsettled(self) -> Self:
        return self.filter(settled_at=None)

    def due(self, now: datetime) -> Self:
        """Anybody's to take: waiting with their time come, or left behind by a worker whose lease has run out."""
        return self.filter(due_at__lte=now)

    def first_of_stream(self) -> Self:
        """Unsettled, without those that must wait for an earlier packet of the same stream and portal."""
        # Not “none earlier exists”: PostgreSQL makes a join of that, and without statistics joins all with all.
        of_stream = Packet.objects.unsettled().filter(portal=OuterRef("portal"), stream=OuterRef("stream"))
        return self.unsettled().filter(position=Subquery(of_stream.order_by("position").values("position")[:1]))

    def needed_at_portal(self) -> Self:
        """Those that the portal must hold once they are accepted: of documents only a dossier's last one.

        Another that is newer and still to be sent will say all that they do. Of a period's figures, too, the last
        revision counts, and of one that was said anew the packet that did: sent again after it, the earlier one would
        be the portal's last word.
        """
        told = (PacketState.ACCEPTED, *OPEN_STATES)
        newer = Packet.objects.filter(
            portal=OuterRef("portal"),
            dossier=OuterRef("dossier"),
            kind=Kind.DOCUMENT,
            state__in=told,
            transition__gt=OuterRef("transition"),
        )
        revised = Packet.objects.revisions_of_outer().filter(state__in=told)
        anew = Packet.objects.filter(corrects=OuterRef("pk"), state__in=told)
        return self.filter(
            ~Q(kind=Kind.DOCUMENT) | ~Exists(newer), Q(publication=None) | ~Exists(revised) & ~Exists(anew)
        )

    def revisions_of_outer(self) -> Self:
        """For a subquery: packets to the same portal of later revisions of the outer packet's period."""
        same = {name: OuterRef(name) for name in ("portal", "kind")} | {"corrects": None}
        period = {f"publication__{name}": OuterRef(f"publication__{name}") for name in ("agency", "year", "month")}
        return self.filter(**same, **period, publication__revision__gt=OuterRef("publication__revision"))

    def waiting_behind(self, packet: Packet) -> Self:
        return self.unsettled().filter(portal=packet.portal, stream=packet.stream, position__gt=packet.position)


class Packet(models.Model):
    """One message to one portal: frozen when collected, kept with what became of it.

    Made of a `transition` (document, trace, event) or of a `publication` (vote, statistic). Packets of one `stream`
    and portal go in the order of `position`. `body` is the JSON text, with a mark in place of each attachment's
    content (see `body.Body`); empty where it was superseded before it was built.
    """

    portal = models.ForeignKey(
        Portal, models.PROTECT, related_name="packets", db_index=False, verbose_name=_("cổng nhận")
    )
    kind = models.CharField(_("loại"), max_length=9, choices=Kind)
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
    key = models.UUIDField(_("khóa chống trùng"), default=uuid.uuid4, unique=True, editable=False)
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
    # An accepted packet of the same publication whose date some receivers read as another period: see `corrections`.
    corrects = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("nói lại gói"),
    )
    collected_at = models.DateTimeField(_("tạo lúc"), default=timezone.now)
    tries = models.PositiveIntegerField(_("số lần gửi"), default=0)
    first_tried_at = models.DateTimeField(_("gửi lần đầu lúc"), null=True, blank=True)
    # The key of the first try that may have reached the portal and whose answer nobody knows: see `repeats`.
    unanswered_key = models.UUIDField(null=True, blank=True, editable=False)
    # When anybody may take it (again): a waiting packet's next try, the end of a lease. None while it waits behind an
    # earlier one of its stream, while it is stopped, and once it is settled.
    due_at = models.DateTimeField(_("gửi tiếp lúc"), null=True, blank=True)
    lease = models.UUIDField(null=True, blank=True)
    settled_at = models.DateTimeField(_("xong lúc"), null=True, blank=True)
    # When it was accepted before, and then turned out to be missing at the portal.
    put_back_at = models.DateTimeField(_("đưa lại vào hàng chờ lúc"), null=True, blank=True)
    given_up_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("người bỏ")
    )
    given_up_because = LinesColumn(_("vì sao bỏ"), max_length=500, blank=True)

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
                | Q(transition=None, dossier=None, publication__isnull=False),
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
        # What is settled only ever grows, so no index that a worker reads holds it. Their conditions are of a form
        # that both databases recognise in a query with bound values.
        indexes = [
            models.Index(name="packet_due", fields=["portal", "due_at", "id"], condition=Q(due_at__isnull=False)),
            models.Index(
                name="packet_open", fields=["portal", "state", "collected_at"], condition=Q(settled_at__isnull=True)
            ),
            models.Index(
                name="packet_stream", fields=["portal", "stream", "position"], condition=Q(settled_at__isnull=True)
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
        """What it reports on: a dossier's code, or an agency and period."""
        return str(self.dossier or self.publication)

    def attachments(self) -> list[Attachment]:
        """The files whose content belongs into `body`, in its order."""
        return list(self.dossier.attachments.all()) if self.dossier and self.kind == Kind.DOCUMENT else []


class Attempt(models.Model):
    """One try at delivering a packet, and how it ended.

    Those that were accepted are links of the portal's chain of evidence (`chain`): numbered from 1 without a gap, each
    `seal` made of this row and of the seal before it.
    """

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", _("được nhận")
        RETRY = "retry", _("sẽ gửi lại")
        STOPPED = "stopped", _("dừng")

    packet = models.ForeignKey(Packet, models.PROTECT, related_name="attempts", verbose_name=_("gói tin"))
    portal = models.ForeignKey(Portal, models.PROTECT, related_name="+", db_index=False, verbose_name=_("cổng nhận"))
    key = models.UUIDField(_("khóa chống trùng"))
    # SHA-256 of the request's body, byte for byte; "" where none was made, since a file was missing.
    digest = models.CharField(_("mã băm nội dung"), max_length=64, blank=True)
    at = models.DateTimeField(_("lúc"))
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

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("attempts are never changed")
        super().save(*args, **kwargs)
