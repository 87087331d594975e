"""Other systems that call ours: partners, their credentials, and the replies that they may repeat a call for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import Application

from onestop.catalog.models import Agency, AgencyQuerySet
from onestop.common.input.columns import LineColumn
from onestop.staff.models import Role, User

from .scopes import ROLES, ApiScope


def are_scopes(values: object) -> None:
    """Raises ValidationError unless `values` is a list of scopes, each once."""
    known = isinstance(values, list) and all(isinstance(value, str) for value in values)
    if not known or not set(values) <= set(ApiScope.values) or len(set(values)) != len(values):  # type: ignore[call-overload,arg-type] # a list of str by now
        raise ValidationError(
            gettext("Phải là danh sách các quyền: %(scopes)s.") % {"scopes": ", ".join(ApiScope.values)}
        )


class Partner(models.Model):
    """A ministry's, department's or company's system that calls ours on behalf of some agencies."""

    name = LineColumn(_("tên"), max_length=200, unique=True)
    agencies = models.ManyToManyField(
        Agency,
        related_name="+",
        verbose_name=_("cơ quan"),
        help_text=_("Chỉ thấy hồ sơ của những cơ quan này và các đơn vị trực thuộc."),
    )
    scopes = models.JSONField(_("quyền"), default=list, validators=[are_scopes])
    # Decided once: the dossiers, keys and webhooks of a partner are all of one sort.
    is_test = models.BooleanField(
        _("đối tác thử"),
        default=False,
        help_text=_("Chỉ nộp và chỉ thấy hồ sơ thử; không có gì được đồng bộ lên Cổng. Không đổi được sau khi thêm."),
    )
    is_active = models.BooleanField(
        _("đang hoạt động"), default=True, help_text=_("Bỏ chọn là ngắt ngay, kể cả token đã cấp.")
    )
    rate_per_minute = models.PositiveIntegerField(
        _("số lần gọi mỗi phút"), default=600, validators=[MinValueValidator(1)]
    )
    created_at = models.DateTimeField(_("thêm lúc"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("đối tác")
        verbose_name_plural = _("đối tác")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Credential(models.Model):
    """A client id with its secret. Two may be in use at once, so that a secret can be changed without interruption.

    The library's `application` stores the secret as a hash. From `expires_at` on the credential is refused, and so are
    tokens that were issued for it.
    """

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="credentials", verbose_name=_("đối tác"))
    application = models.OneToOneField(Application, models.CASCADE, related_name="credential", editable=False)
    created_at = models.DateTimeField(_("cấp lúc"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("dùng đến"), null=True, blank=True)
    # Exact to the minute: a write for every call would take longer than many a call itself.
    last_used_at = models.DateTimeField(_("dùng gần nhất lúc"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("thông tin đăng nhập")
        verbose_name_plural = _("thông tin đăng nhập")
        ordering = ["partner", "pk"]

    def __str__(self) -> str:
        return str(self.application.client_id)

    def is_usable(self, now: datetime) -> bool:
        return self.partner.is_active and (self.expires_at is None or self.expires_at > now)  # scope: usable


class PartnerActor:
    """A person at a partner, as its system names them, who acts within the scopes of a call.

    The API uses it where the desk uses a User. Without a name, the partner itself acts.
    """

    is_authenticated = True
    is_anonymous = False
    is_active = True
    is_superuser = False
    # For a user this is read once for each request. The API does not need it: its lists name agencies in `newest`.
    named_agencies: list[int] | None = None

    def __init__(self, partner: Partner, scopes: Iterable[str], full_name: str = "", position: str = "") -> None:
        self.partner = partner
        self.scopes = frozenset(scopes)
        self.full_name = full_name or partner.name
        self.position = position

    def __str__(self) -> str:
        return self.full_name

    def named(self, full_name: str, position: str) -> PartnerActor:
        """Another person of the same partner, in the same call."""
        colleague = PartnerActor(self.partner, self.scopes, full_name, position)
        colleague.paths = self.paths
        return colleague

    @cached_property
    def paths(self) -> list[str]:
        """The paths of the partner's agencies."""
        return list(self.partner.agencies.values_list("path", flat=True))

    @property
    def agencies(self) -> AgencyQuerySet:
        """The agencies whose work the partner may see: its own and all below them."""
        below = Q()
        for path in self.paths:
            below |= Q(path__startswith=path)
        return Agency.objects.filter(below) if below else Agency.objects.none()  # scope: agencies

    def works_with(self, *, is_test: bool, partner: int | None) -> bool:
        """Whether a dossier that `partner` handed in is of this partner's sort: see `dossiers.models.works_with`."""
        return is_test if self.partner.is_test else not is_test or partner == self.partner.pk

    def oversees(self, agency: Agency) -> bool:
        return any(agency.path.startswith(path) for path in self.paths)  # scope: oversees

    def has_role(self, *roles: Role) -> bool:
        return any(role in roles for scope in self.scopes for role in ROLES.get(scope, ()))  # scope: roles

    def get_role_display(self) -> str:
        return gettext("hệ thống đối tác")


# The person or partner that makes a move.
Actor = User | PartnerActor


class IdempotentReply(models.Model):
    """The answer to a call with an `Idempotency-Key`. A repetition of the call gets the same answer.

    While `status` is empty the call is being carried out. If `begun_at` is too long ago, its process has died.
    """

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=255)
    # The hash of method, address and body.
    fingerprint = models.CharField(max_length=64)
    begun_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    content_type = models.CharField(max_length=100, blank=True)
    location = models.CharField(max_length=500, blank=True)
    etag = models.CharField(max_length=100, blank=True)
    content = models.BinaryField(default=b"")

    class Meta:
        verbose_name = _("câu trả lời đã gửi đối tác")
        verbose_name_plural = _("câu trả lời đã gửi đối tác")
        constraints = [models.UniqueConstraint(fields=["partner", "key"], name="one_reply_per_key")]
        indexes = [models.Index(fields=["partner", "begun_at"])]

    def __str__(self) -> str:
        return self.key
