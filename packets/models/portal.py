"""A receiver of packets: its configuration, and the state of sending to it."""

from __future__ import annotations

from datetime import datetime
from typing import Self, Unpack

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, URLValidator
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from onestop.catalog.models import Agency
from onestop.common.input.columns import LineColumn
from onestop.partners.models import Partner
from onestop.staff.models import User
from packets.evidence.chain import BEGINNING
from packets.switches.checks import check_aliases, check_codes
from packets.switches.success import are_answers, fit_the_standard, is_path
from packets.switches.variation import DateOffset, EmptyDate

from .encryption import SealedTextField
from .kinds import dialect_choices, usual_dialect
from .old_secrets import OldSecret, read_secrets
from .portal_change import PortalChange as PortalChange
from .saving import SaveOptions

# The code of the dialect that partners' webhooks use, and of its kinds of packet. Only constraints and indexes of the
# tables need them here.
PARTNER_DIALECT, PARTNER_EVENT, PARTNER_PING = "webhook", "event", "ping"


class TokenAuth(models.TextChoices):
    """How a client shows its secret when it asks for a token (RFC 6749 §2.3.1)."""

    BODY = "body", _("trong nội dung (client_id, client_secret)")
    BASIC = "basic", _("trong tiêu đề Authorization (Basic)")


# The addresses that get a portal's packets, credentials and token.
ADDRESSES = ("base_url", "token_url", "ledger_url")
is_web_address = URLValidator(schemes=["http", "https"])


def usual_success_statuses() -> list[int]:
    """The codes that cannot mean a failure. No list of the reply's codes was ever published."""
    return [0, 1, 200]


class PortalQuerySet(models.QuerySet["Portal"]):
    def visible_to(self, user: User) -> Self:
        """Those that the user's ministry or province reports to, and webhooks of partners of the user's agencies."""
        if user.is_superuser:
            return self.not_ended()
        if user.agency is None:
            return self.none()
        partners = Partner.objects.filter(agencies__in=user.agencies.values("pk"))
        own = Q(agencies=None) | Q(agencies=user.agency.level1_id)
        return self.not_ended().filter(Q(partner=None) & own | Q(partner__in=partners.values("pk")))

    def steered_by(self, user: User) -> Self:
        """Those of which the user oversees every agency: the agencies of a portal, or those of a webhook's partner.

        A portal that names none carries all agencies, so only a superuser may steer it.
        """
        if user.is_superuser:
            return self.not_ended()
        own = user.agencies.values("pk")
        named = Portal.agencies.through.objects.filter(portal=OuterRef("pk"))
        served = Partner.agencies.through.objects.filter(partner=OuterRef("partner"))
        steered = Exists(named) & ~Exists(named.exclude(agency__in=own))
        followed = Exists(served) & ~Exists(served.exclude(agency__in=own))
        return self.not_ended().filter(Q(partner=None) & steered | Q(partner__isnull=False) & followed)

    def not_ended(self) -> Self:
        """All but the webhooks that their partners have given up."""
        return self.filter(ended_at=None)

    def webhooks_of(self, partner: Partner) -> Self:
        return self.not_ended().filter(partner=partner)

    def working(self) -> Self:
        """Those for which packets are collected and sent."""
        running = Q(partner=None) | Q(partner__is_active=True)
        return self.not_ended().filter(running, is_active=True).select_related("partner")


class Portal(models.Model):
    """A receiver of packets and its configuration. The state of sending to it is its `DeliveryState`.

    One with a `partner` is that partner's webhook: `base_url` is the complete address of its events, and
    `client_secret` the key that signs them.
    """

    code = models.SlugField(_("mã"), max_length=50, unique=True)
    name = LineColumn(_("tên"), max_length=200, blank=True)
    dialect = models.CharField(_("chuẩn gói dữ liệu"), max_length=10, choices=dialect_choices, default=usual_dialect)
    base_url = LineColumn(_("địa chỉ gốc"), max_length=500, validators=[is_web_address])
    token_url = LineColumn(_("địa chỉ lấy token"), max_length=500, validators=[is_web_address])
    ledger_url = LineColumn(
        _("địa chỉ hỏi Cổng đã nhận những gì"),
        max_length=500,
        blank=True,
        validators=[is_web_address],
        help_text=_("Để trống nếu Cổng không cho hỏi."),
    )
    client_id = LineColumn(_("mã ứng dụng (client id)"), max_length=200)
    client_secret = SealedTextField(_("mã bí mật (client secret)"))
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

    # How this receiver differs from its standard: see `Dialect.switches`.
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
    )
    codes = models.JSONField(
        _("mã số đổi khác"),
        default=dict,
        blank=True,
        validators=[check_codes],
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
    # Earlier values of a webhook's `client_secret`: see `old_secrets`. None, because an empty text would be encrypted.
    old_secrets = SealedTextField(null=True, blank=True, editable=False)
    # When its partner gave the webhook up. Its packets and the evidence of what was sent stay.
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
                condition=Q(dialect=PARTNER_DIALECT, partner__isnull=False)
                | ~Q(dialect=PARTNER_DIALECT) & Q(partner=None),
            ),
            models.UniqueConstraint(
                name="one_webhook_per_address",
                fields=["partner", "base_url"],
                condition=Q(partner__isnull=False, ended_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.code

    def save(self, **options: Unpack[SaveOptions]) -> None:
        """Forgets the token if an address has changed: the old token must not be sent to the new address."""
        is_new = self._state.adding
        with transaction.atomic():
            has_moved = not is_new and not Portal.objects.filter(pk=self.pk, **self.addresses).exists()
            super().save(**options)
            if is_new:
                DeliveryState.objects.create(portal=self)
            elif has_moved:
                DeliveryState.objects.filter(portal=self).update(token="", token_until=None, signing_in_until=None)

    @property
    def addresses(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in ADDRESSES}

    def clean(self) -> None:
        if not self.success_field and isinstance(self.success_statuses, list):
            try:
                fit_the_standard(self.success_statuses)
            except ValidationError as error:
                raise ValidationError({"success_statuses": error.messages}) from error

    def valid_old_secrets(self, now: datetime) -> list[OldSecret]:
        """The earlier secrets that still sign, the earliest first."""
        return [old for old in read_secrets(self.old_secrets) if old.until > now]

    def signing_secrets(self, now: datetime) -> list[str]:
        """The secrets with which an event is signed now, the present one first."""
        return [self.client_secret, *(old.secret for old in self.valid_old_secrets(now))]

    @property
    def is_webhook(self) -> bool:
        return self.partner_id is not None

    @property
    def is_for_tests(self) -> bool:
        """Whether it gets the moves of test dossiers, and no others: the webhooks of a test partner do."""
        return self.partner is not None and self.partner.is_test

    @property
    def is_working(self) -> bool:
        """Whether anything is collected for it and sent to it."""
        return self.is_active and self.ended_at is None and (self.partner is None or self.partner.is_active)


class DeliveryState(models.Model):
    """The state of sending to a portal. Only the workers write it, and they share it.

    It is a row of its own, so that an edit of the portal's configuration cannot write an old state back. A worker that
    claims or settles packets of the portal holds the lock of this row.
    """

    portal = models.OneToOneField(
        Portal, models.CASCADE, primary_key=True, related_name="delivery", verbose_name=_("cổng nhận")
    )

    # The circuit breaker: after some `failures` in a row nothing is sent until `resting_until`, then one packet as a
    # trial. Each of the `rests` in a row is longer than the one before.
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

    # Attempts since the beginning, by outcome and duration: see `delivery.counters.Tally`.
    tally = models.JSONField(default=dict, editable=False)
    digested_on = models.DateField(_("ngày gửi bản tin gần nhất"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("đường gửi")
        verbose_name_plural = _("đường gửi")

    def __str__(self) -> str:
        return str(self.portal)
