"""Who works here, in which role, and what they see: their agency and those below it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from onestop.catalog.models import Agency, AgencyQuerySet


class Role(models.TextChoices):
    RECEPTION = "reception", _("cán bộ một cửa")
    OFFICER = "officer", _("cán bộ thụ lý")
    MANAGER = "manager", _("lãnh đạo")
    OPERATOR = "operator", _("quản trị tích hợp")
    AUDITOR = "auditor", _("thanh tra, kiểm tra")


class StaffManager(UserManager["User"]):
    """Who signs in is read for every page, and every page asks for their agency: both come at once."""

    use_in_migrations = False

    def get_queryset(self) -> models.QuerySet[User]:
        return super().get_queryset().select_related("agency")


class User(AbstractUser):
    """A member of staff. A superuser sees every agency; anybody else without an agency sees none."""

    # Vietnamese names are not cut in two. None is Django's own way to drop an inherited field.
    first_name = None  # type: ignore[assignment] # the stubs do not know that way
    last_name = None  # type: ignore[assignment] # the stubs do not know that way
    REQUIRED_FIELDS: ClassVar[list[str]] = ["full_name"]

    full_name = models.CharField(_("họ và tên"), max_length=150)
    position = models.CharField(_("chức vụ"), max_length=150, blank=True)
    role = models.CharField(_("vai trò"), max_length=10, choices=Role, default=Role.RECEPTION)
    agency = models.ForeignKey(
        Agency, models.PROTECT, null=True, blank=True, related_name="staff", verbose_name=_("cơ quan")
    )

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

    def oversees(self, agency: Agency) -> bool:
        """Whether `agency` is among `agencies`."""
        own = self.agency.path if self.agency else None
        return self.is_superuser or (own is not None and agency.path.startswith(own))

    def has_role(self, *roles: Role) -> bool:
        """Whether the user works in one of `roles`; a superuser may stand in for anybody."""
        return self.is_superuser or self.role in roles

    def clean(self) -> None:
        super().clean()
        self.full_name = self.full_name.strip()

    def save(self, *args: Any, **kwargs: Any) -> None:
        # Django admin opens to staff: configuration and rescue are the manager's and the operator's.
        if not self.is_superuser:
            self.is_staff = self.role in (Role.MANAGER, Role.OPERATOR)
        super().save(*args, **kwargs)
