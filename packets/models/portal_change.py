"""Who changed which setting of a portal, and when: for auditors, and for the mail to the other operators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from onestop.common.append_only import WrittenOnce
from onestop.common.input.columns import LineColumn
from onestop.staff.models import User

if TYPE_CHECKING:
    from . import PortalQuerySet


class PortalChangeQuerySet(models.QuerySet["PortalChange"]):
    def of(self, portals: PortalQuerySet) -> Self:
        return self.filter(portal__in=portals.values("pk"))

    def to_be_mailed(self) -> Self:
        return self.filter(is_to_be_mailed=True)


class PortalChange(WrittenOnce):
    """One act upon a portal. The row is never changed, and stays when the portal is deleted.

    `changes` is a list of {"field", "from", "to"}, in words for people. Of credentials it says only that they changed;
    of an address it leaves out the query, which may hold a secret.
    """

    class Act(models.TextChoices):
        ADDED = "added", _("thêm cổng")
        CHANGED = "changed", _("sửa cấu hình")
        PAUSED = "paused", _("tạm dừng")
        RESUMED = "resumed", _("cho gửi tiếp")
        DELETED = "deleted", _("xóa cổng")

    portal = models.ForeignKey(
        "packets.Portal", models.SET_NULL, null=True, related_name="+", verbose_name=_("cổng nhận")
    )
    code = models.CharField(_("mã"), max_length=50)
    at = models.DateTimeField(_("thời điểm"), default=timezone.now)
    # None if a command on the server or a partner's system did it; `who` says which.
    by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("người thực hiện")
    )
    who = LineColumn(_("người thực hiện"), max_length=200)
    act = models.CharField(_("thao tác"), max_length=7, choices=Act)
    changes = models.JSONField(_("thay đổi"), default=list)
    is_to_be_mailed = models.BooleanField(default=False, editable=False)

    objects = PortalChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("thay đổi cổng nhận")
        verbose_name_plural = _("thay đổi cổng nhận")
        ordering = ["-pk"]
        indexes = [
            models.Index(name="portal_change_to_mail", fields=["id"], condition=Q(is_to_be_mailed=True)),
        ]

    def __str__(self) -> str:
        return f"{self.code}: {self.get_act_display()}"
