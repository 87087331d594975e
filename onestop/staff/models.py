"""Members of staff, their roles and agencies, and the records of what they do."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from onestop.catalog.models import Agency, AgencyQuerySet
from onestop.common.input.columns import LineColumn
from onestop.common.input.text import without_accents


class Role(models.TextChoices):
    RECEPTION = "reception", _("cán bộ một cửa")
    OFFICER = "officer", _("cán bộ thụ lý")
    MANAGER = "manager", _("lãnh đạo")
    OPERATOR = "operator", _("quản trị tích hợp")
    AUDITOR = "auditor", _("thanh tra, kiểm tra")
    ADMINISTRATOR = "admin", _("quản trị đơn vị")


class StaffManager(UserManager["User"]):
    """Reads a user together with their agency, because every page needs both."""

    use_in_migrations = False

    def get_queryset(self) -> models.QuerySet[User]:
        return super().get_queryset().select_related("agency")


class User(AbstractUser):
    """A member of staff. A superuser sees every agency; another user without an agency sees none."""

    # A Vietnamese name is one text. None is Django's own way to remove an inherited field.
    first_name = None  # type: ignore[assignment] # the stubs do not know that way
    last_name = None  # type: ignore[assignment] # the stubs do not know that way
    REQUIRED_FIELDS: ClassVar[list[str]] = ["full_name"]

    full_name = LineColumn(_("họ và tên"), max_length=150)
    position = LineColumn(_("chức vụ"), max_length=150, blank=True)
    role = models.CharField(_("vai trò"), max_length=10, choices=Role, default=Role.RECEPTION)
    agency = models.ForeignKey(
        Agency, models.PROTECT, null=True, blank=True, related_name="staff", verbose_name=_("cơ quan")
    )
    must_change_password = models.BooleanField(
        _("phải đổi mật khẩu"),
        default=False,
        help_text=_("Lần đăng nhập tới phải đổi mật khẩu trước khi làm việc khác."),
    )
    # Django's field in the words of the office; its columns are the same.
    is_superuser = models.BooleanField(
        _("quản trị hệ thống"), default=False, help_text=_("Người dùng này có toàn bộ quyền trong hệ thống.")
    )
    # The names of the columns in the list of dossiers; empty for the usual columns.
    list_columns = models.JSONField(default=list, blank=True, editable=False)
    # Empty until the user chooses one.
    language = models.CharField(_("ngôn ngữ"), max_length=2, choices=settings.LANGUAGES, blank=True, editable=False)
    uses_keys = models.BooleanField(_("sử dụng phím tắt"), default=True)
    # User name, name and position without accents, for a search that works in the same way on every database.
    search = models.TextField(default="", editable=False)

    objects: ClassVar[StaffManager] = StaffManager()

    class Meta:
        verbose_name = _("cán bộ")
        verbose_name_plural = _("cán bộ")
        ordering = ["username"]
        constraints = [
            models.CheckConstraint(
                name="staff_have_an_agency",
                condition=models.Q(is_superuser=True) | models.Q(agency__isnull=False),
                violation_error_message=_("Cán bộ phải thuộc một cơ quan."),
            )
        ]

    def __str__(self) -> str:
        return self.full_name or self.username

    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.full_name

    @property
    def agencies(self) -> AgencyQuerySet:
        """The agencies whose work this user may see."""
        if self.is_superuser:
            return Agency.objects.all()
        if self.agency is None:
            return Agency.objects.none()
        return Agency.objects.within(self.agency)

    @cached_property
    def named_agencies(self) -> list[int] | None:
        """The keys of `agencies`, if they are few. Read once for each user object, so once for each request."""
        return self.agencies.named()

    def oversees(self, agency: Agency) -> bool:
        """Whether `agency` is among `agencies`."""
        path = self.agency.path if self.agency else None
        return self.is_superuser or (path is not None and agency.path.startswith(path))

    def has_role(self, *roles: Role) -> bool:
        """Whether the user has one of `roles`. A superuser has all roles."""
        return self.is_superuser or self.role in roles

    @property
    def role_in_words(self) -> str:
        return str(_("quản trị hệ thống")) if self.is_superuser else self.get_role_display()

    def clean(self) -> None:
        super().clean()
        self.full_name = self.full_name.strip()

    def save(self, *args: Any, **kwargs: Any) -> None:
        # `is_staff` opens Django's admin, where managers and operators configure the office and repair data.
        if not self.is_superuser:
            self.is_staff = self.role in (Role.MANAGER, Role.OPERATOR)
        self.search = without_accents(f"{self.username} {self.full_name} {self.position}")
        super().save(*args, **kwargs)


class StaffSessionQuerySet(models.QuerySet["StaffSession"]):
    def live(self, now: datetime) -> Self:
        """The sessions that still admit their user: neither over nor idle. See `staff.sessions`."""
        idle_since = now - timedelta(minutes=settings.SESSION_IDLE_MINUTES)
        over_since = now - timedelta(hours=settings.SESSION_MAX_HOURS)
        return self.filter(
            models.Q(seen=None) | models.Q(seen__gt=idle_since),
            models.Q(began=None) | models.Q(began__gt=over_since),
            expire_date__gt=now,
        )


class StaffSession(AbstractBaseSession):
    """A session of the site, with what its owner must know to recognise it. `staff.own.session_store` writes it.

    `agent` is what the browser says of itself. `seen` is the time of the last action, to the minute. All are empty for
    a visitor who is not signed in.
    """

    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="sessions")
    began = models.DateTimeField(null=True)
    seen = models.DateTimeField(null=True)
    agent = models.CharField(max_length=300, blank=True)
    address = models.GenericIPAddressField(null=True)

    objects: ClassVar = BaseSessionManager.from_queryset(StaffSessionQuerySet)()

    class Meta:
        verbose_name = _("phiên làm việc")
        verbose_name_plural = _("phiên làm việc")

    def __str__(self) -> str:
        return str(self.user or self._meta.verbose_name)

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        from .own.session_store import SessionStore  # the store imports this model

        return SessionStore


class SavedList(models.Model):
    """A list of dossiers that a user has saved. `query` is the query string of its address."""

    user = models.ForeignKey(User, models.CASCADE, related_name="kept_lists", db_index=False)
    name = LineColumn(_("tên danh sách"), max_length=60)
    query = models.CharField(max_length=2000)

    class Meta:
        verbose_name = _("danh sách đã lưu")
        verbose_name_plural = _("danh sách đã lưu")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="one_kept_list_per_name")]

    def __str__(self) -> str:
        return self.name


class AccessLogQuerySet(models.QuerySet["AccessLog"]):
    def of_staff_of(self, user: User) -> Self:
        """The entries by staff of the agencies that `user` sees."""
        return self if user.is_superuser else self.filter(user__agency__in=user.agencies.values("pk"))


class AccessLog(models.Model):
    """Records that a user looked at applicants' data, but not the data itself.

    `subject` is the dossier's uuid; empty where several dossiers were shown at once. `number` is how many were shown.
    """

    class Act(models.TextChoices):
        OPEN = "open", _("mở hồ sơ")
        FILE = "file", _("mở tệp hoặc giấy đã in")
        SEARCH = "search", _("tìm hồ sơ")
        RECALL = "recall", _("lấy lại thông tin người nộp")
        EXPORT = "export", _("tải danh sách")

    user = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(auto_now_add=True)
    act = models.CharField(max_length=6, choices=Act)
    subject = models.UUIDField(null=True)
    number = models.PositiveIntegerField(default=1)

    objects = AccessLogQuerySet.as_manager()

    class Meta:
        verbose_name = _("lần xem dữ liệu")
        verbose_name_plural = _("lần xem dữ liệu")
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["user", "id"]),
            models.Index(fields=["at"]),
            models.Index(fields=["subject", "id"], condition=models.Q(subject__isnull=False), name="readings_of_one"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_act_display()}"

    @classmethod
    def note(cls, user: User, act: Act, subject: uuid.UUID | None = None, number: int = 1) -> None:
        cls.objects.create(user=user, act=act, subject=subject, number=number)

    @classmethod
    def note_each(cls, user: User, act: Act, subjects: Iterable[uuid.UUID]) -> None:
        """An entry for each of several dossiers, as if they had been looked at one by one."""
        cls.objects.bulk_create(cls(user=user, act=act, subject=subject) for subject in subjects)


class Brake(models.Model):
    """The count of tries of one kind, for one network or account, in all processes together. See `staff.brakes`.

    `key` is a keyed hash. `until` is in seconds since 1970, as `rates` defines it. Once it is past, the row has no
    meaning and is removed.
    """

    key = models.CharField(max_length=64, primary_key=True)
    until = models.FloatField(db_index=True)

    class Meta:
        verbose_name = _("giới hạn đang áp dụng")
        verbose_name_plural = _("giới hạn đang áp dụng")

    def __str__(self) -> str:
        return self.key[:8]


class SignInQuerySet(models.QuerySet["SignIn"]):
    def of_staff_of(self, user: User) -> Self:
        """The tries of staff of the agencies that `user` sees. Tries for unknown names are for superusers only."""
        return self if user.is_superuser else self.filter(user__agency__in=user.agencies.values("pk"))


class SignIn(models.Model):
    """Records for auditors that a user signed in, failed to, or changed the password. Never holds what was typed.

    `user` is the account. Where there is none, `mark` stands for the typed name: a keyed hash, because people type
    passwords into the field of the name. The same name has the same mark.
    """

    class Outcome(models.TextChoices):
        IN = "in", _("đăng nhập")
        WRONG = "wrong", _("sai mật khẩu")
        DISABLED = "disabled", _("tài khoản đã khóa")
        UNKNOWN = "unknown", _("không có tài khoản này")
        SLOWED = "slowed", _("thử quá số lần cho phép, tạm khóa")
        CHANGED = "changed", _("đổi mật khẩu")
        WRONG_OLD = "wrong_old", _("đổi mật khẩu: sai mật khẩu cũ")

    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(auto_now_add=True)
    outcome = models.CharField(max_length=9, choices=Outcome)
    address = models.GenericIPAddressField(null=True)
    network = models.CharField(max_length=49, blank=True)
    mark = models.CharField(max_length=12, blank=True)

    objects = SignInQuerySet.as_manager()

    class Meta:
        verbose_name = _("lần đăng nhập")
        verbose_name_plural = _("lần đăng nhập")
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["user", "id"]),
            models.Index(fields=["at"]),
            models.Index(fields=["outcome", "at"]),
        ]

    def __str__(self) -> str:
        return f"{self.user or self.mark}: {self.get_outcome_display()}"
